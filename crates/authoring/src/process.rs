//! Runs tools: their words go to whoever waits, and into the error where they fail.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::Say;
use crate::error::BuildError;

/// Lines of a failed tool that an error repeats.
const LAST_LINES: usize = 120;

/// Runs `command`, hands on its standard error line by line, and returns its standard output.
///
/// # Errors
/// [`BuildError::Missing`] where there is no such program, [`BuildError::Failed`] where it fails.
pub(crate) fn run(step: &str, command: &mut Command, say: Say<'_>) -> Result<String, BuildError> {
    let failed = |status: String, output: String| BuildError::Failed { step: step.to_owned(), status, output };
    let mut child = spawn(command)?;
    let stdout = child.stdout.take();
    let mut last = VecDeque::new();
    let output = thread::scope(|scope| {
        let reader = scope.spawn(|| read_all(stdout));
        for line in child.stderr.take().map(BufReader::new).into_iter().flat_map(lossy_lines) {
            say(&line);
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line);
        }
        reader.join().unwrap_or_default()
    });
    let status = child.wait().map_err(|error| failed(error.to_string(), String::new()))?;
    if status.success() {
        return Ok(output);
    }
    // Some tools complain on standard output.
    if last.is_empty() {
        last.extend(output.lines().map(str::to_owned));
    }
    Err(failed(status.to_string(), Vec::from(last).join("\n")))
}

/// Whether `program` can be started at all.
pub(crate) fn exists(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

fn spawn(command: &mut Command) -> Result<Child, BuildError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        BuildError::missing(program, error.to_string())
    })
}

fn read_all(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    // A tool that ends badly is told by its status.
    stream.map(|mut stream| stream.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn lossy_lines(stream: impl BufRead) -> impl Iterator<Item = String> {
    let text = |line: Vec<u8>| String::from_utf8_lossy(&line).trim_end().to_owned();
    stream.split(b'\n').map_while(Result::ok).map(text)
}
