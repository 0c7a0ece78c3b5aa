"""What the world asks for, made of what an author's `method` has: `describe`, `check` and `Accumulator`.

An exception that is none of the world's errors becomes `internal`, with its place, and what is printed
goes to whoever tests the method.
"""

import sys

import method as author
from componentize_py_types import Err
from wit_world.imports import diagnostics, types

for name in ("describe", "check", "Accumulator"):
    if not hasattr(author, name):
        raise ImportError(f"method.py has no {name}")


class Lines:
    def __init__(self, severity):
        self.severity = severity
        self.rest = ""

    def write(self, words):
        *lines, self.rest = (self.rest + words).split("\n")
        for line in lines:
            diagnostics.log(self.severity, line)
        return len(words)

    def flush(self):
        pass


sys.stdout = Lines(types.Severity.INFO)
sys.stderr = Lines(types.Severity.WARNING)


def places(error):
    # `traceback` would look for the sources, and there are no files.
    at = error.__traceback__
    while at:
        code = at.tb_frame.f_code
        yield f"  {code.co_filename}:{at.tb_lineno} in {code.co_name}"
        at = at.tb_next


def told(call, *given):
    try:
        return call(*given)
    except Err:
        raise
    except Exception as error:
        words = "\n".join([f"{type(error).__name__}: {error}", *places(error)])
        raise Err(types.Error_Internal(words)) from None


class FolkmootEntry:
    def describe(self):
        return author.describe()

    def check(self, config):
        return told(author.check, config)


class Accumulator:
    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def open(cls, config, pass_, model):
        return cls(told(author.Accumulator.open, config, pass_, model))

    def update(self, batch):
        return told(self.inner.update, batch)

    def save(self):
        return self.inner.save()

    def merge(self, partial):
        return told(self.inner.merge, partial)

    def finish(self):
        # componentize-py keeps what the host drops, so what is over is let go here.
        inner, self.inner = self.inner, None
        return told(inner.finish)
