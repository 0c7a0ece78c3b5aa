//! The command line as its binary has it, run in the test's own process.

use clap::Parser;
use folkmoot_cli::{Command, Global, Machine, Out};
use folkmoot_plugin_host::Compiler;

/// Public-input rounds on a written policy: from a spec, over people's answers, to a decided change.
// As in the binary, without the server's own verbs.
#[derive(Parser)]
#[command(name = "folkmoot", term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What a run leaves behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The data as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs `folkmoot` with the words of `line`; `{f}` stands for the folder of fixtures.
pub(crate) fn folkmoot(line: &str) -> Ran {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let words = line.split_whitespace().map(|word| word.replace("{f}", fixtures));
    run(["folkmoot".to_owned()].into_iter().chain(words))
}

/// Runs the words as they stand.
pub(crate) fn run(words: impl IntoIterator<Item = String>) -> Ran {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(u8::MAX);
            let (mut stdout, mut stderr) = (String::new(), error.to_string());
            if !error.use_stderr() {
                std::mem::swap(&mut stdout, &mut stderr);
            }
            return Ran { code, stdout, stderr };
        }
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let code = folkmoot_cli::run_on(&cli.global, &cli.command, &machine(), &mut Out::plain(&mut stdout, &mut stderr));
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
    Ran { code, stdout: text(stdout), stderr: text(stderr).replace(fixtures, "") }
}

/// A machine that compiles in the test's own process and keeps nothing.
pub(crate) fn machine() -> Machine {
    Machine { compiler: Compiler::Here, cache: None }
}
