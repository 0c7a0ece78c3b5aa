//! scratch: deleted before commit
use clap::{Parser, Subcommand};
use folkmoot_plugin_host::Compiler;
#[derive(Parser)]
#[command(name = "folkmoot")]
struct Cli {
    #[command(flatten)]
    global: folkmoot_cli::Global,
    #[command(subcommand)]
    command: Command,
}
#[derive(Subcommand)]
enum Command {
    #[command(hide = true)]
    CompilePlugin,
    #[command(flatten)]
    Client(folkmoot_cli::Command),
}
fn main() -> std::process::ExitCode {
    let cli = Cli::parse();
    let command = match cli.command {
        Command::CompilePlugin => {
            folkmoot_plugin_host::compile_from_stdin().unwrap();
            return std::process::ExitCode::SUCCESS;
        }
        Command::Client(command) => command,
    };
    let compiler = Compiler::Process(std::env::current_exe().unwrap(), vec!["compile-plugin".into()]);
    folkmoot_cli::run(cli.global, command, &folkmoot_cli::Machine::of_user(compiler))
}
