//! Compiling, which neither fuel nor a deadline of the host can stop: so it is done by a process that can
//! be ended.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use wasmtime::Engine;

use crate::error::PluginError;
use crate::host::engine;
use crate::limits::{Limits, raise};

/// Who compiles.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// A process of this program with these arguments, which ends up in [`compile_from_stdin`].
    Process(PathBuf, Vec<OsString>),
    /// This process: compiling cannot be stopped, so only for components that are trusted.
    Here,
}

/// The first byte of what a compiling process answers.
const COMPILED: u8 = b'C';
const REFUSED: u8 = b'E';

/// The compiled code of a component, for this process's engine.
pub(crate) fn compile(
    compiler: &Compiler,
    engine: &Engine,
    limits: &Limits,
    component: &[u8],
) -> Result<Vec<u8>, PluginError> {
    match compiler {
        Compiler::Here => precompile(engine, component).map_err(PluginError::Invalid),
        Compiler::Process(program, arguments) => {
            let child = Command::new(program)
                .args(arguments)
                .env(LIMITS, serde_json::to_string(limits).map_err(|error| machine(&error.to_string()))?)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn();
            let child = child.map_err(|error| machine(&format!("{} cannot be started: {error}", program.display())))?;
            answer_of(child, limits, component)
        }
    }
}

/// The limits, for the compiling process: one of them is part of compiled code, others it sets itself.
const LIMITS: &str = "FOLKMOOT_COMPILE_LIMITS";
/// Compiled code has at most so many bytes for each of the component.
const CODE_BYTES: u64 = 64;
/// Compiling uses several processors, so that its time on them may be longer than its time.
const PROCESSORS: u64 = 16;

fn answer_of(mut child: Child, limits: &Limits, component: &[u8]) -> Result<Vec<u8>, PluginError> {
    let (Some(mut input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(machine("the compiling process has no pipes"));
    };
    let (sender, receiver) = mpsc::channel();
    let outcome = std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut answer = Vec::new();
            let most = (1 << 20) + CODE_BYTES * component.len() as u64;
            let read = (&mut output).take(most).read_to_end(&mut answer).map(|_| answer);
            // The receiver may have given up.
            let _ = sender.send(read);
        });
        // A process that ends early leaves the rest unread; its answer says why.
        let _ = input.write_all(component);
        drop(input);
        let outcome = receiver.recv_timeout(Duration::from_secs(limits.compile_seconds));
        if outcome.is_err() {
            // What is dead already cannot be ended.
            let _ = child.kill();
        }
        outcome
    });
    let _ = child.wait();
    let answer = match outcome {
        Ok(read) => read.map_err(|error| machine(&format!("the compiling process is not heard: {error}")))?,
        Err(RecvTimeoutError::Timeout) => return Err(PluginError::CompileTime(limits.compile_seconds)),
        Err(RecvTimeoutError::Disconnected) => return Err(machine("the compiling process is not heard")),
    };
    match answer.split_first() {
        Some((&COMPILED, code)) => Ok(code.to_vec()),
        Some((&REFUSED, words)) => Err(PluginError::Invalid(String::from_utf8_lossy(words).into_owned())),
        _ => {
            let raise = raise("compile_bytes", limits.compile_bytes);
            Err(PluginError::Invalid(format!("the compiling process broke off; it may have lacked memory ({raise})")))
        }
    }
}

/// The whole of a compiling process: reads a component from stdin and writes its compiled code, or why
/// there is none, to stdout.
///
/// # Errors
/// Pipes that break.
pub fn compile_from_stdin() -> io::Result<()> {
    let mut component = Vec::new();
    io::stdin().lock().read_to_end(&mut component)?;
    let told = std::env::var(LIMITS).ok().and_then(|limits| serde_json::from_str(&limits).ok());
    let limits: Limits = told.unwrap_or_default();
    confine(&limits)?;
    let compiled = engine(&limits).and_then(|engine| precompile(&engine, &component));
    let (mark, answer) = match compiled {
        Ok(code) => (COMPILED, code),
        Err(words) => (REFUSED, words.into_bytes()),
    };
    let mut output = io::stdout().lock();
    output.write_all(&[mark])?;
    output.write_all(&answer)?;
    output.flush()
}

/// Limits this process, so that nothing it compiles takes the machine's memory, and that it ends even if
/// nobody is left to end it.
#[cfg(unix)]
fn confine(limits: &Limits) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, limit(limits.compile_bytes))?;
    setrlimit(Resource::Cpu, limit(limits.compile_seconds.saturating_mul(PROCESSORS)))?;
    Ok(())
}

#[cfg(not(unix))]
fn confine(_: &Limits) -> io::Result<()> {
    Ok(())
}

fn precompile(engine: &Engine, component: &[u8]) -> Result<Vec<u8>, String> {
    engine.precompile_component(component).map_err(|error| chain(&error))
}

/// An error and what caused it, in one line.
pub(crate) fn chain(error: &wasmtime::Error) -> String {
    let words: Vec<String> = error.chain().map(|cause| cause.to_string().replace('\n', " ")).collect();
    words.join(": ")
}

fn machine(words: &str) -> PluginError {
    PluginError::Machine(words.to_owned())
}
