"""The peer's side of a comparison: reads the inputs that ours wrote and prints its best time of three.

`cargo xtask bench-peers` runs each as `python <case>.py <peer> <folder>`.
"""

import resource
import sys
import time
import warnings
from pathlib import Path

import numpy

ROUNDS = 3
# A peer this slow runs once.
SLOW = 8.0


def load(name, kind):
    """An array of the inputs, such as kind "<i8" of bytes in eights."""
    return numpy.fromfile(Path(sys.argv[2]) / name, dtype=kind)


def measure(work, checks):
    """Times the work; `checks` makes the numbers that both sides agree on from its result."""
    fastest = None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = work()
        taken = time.perf_counter() - start
        fastest = taken if fastest is None else min(fastest, taken)
        if taken > SLOW:
            break
    print("seconds", fastest)
    print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    for name, value in checks(result).items():
        print(f"check:{name}", float(value))


def main(**peers):
    """Runs the peer that the command line names."""
    warnings.simplefilter("ignore")
    peers[sys.argv[1]]()
