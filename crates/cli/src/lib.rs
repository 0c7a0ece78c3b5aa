//! The command line: verbs over gRPC, and the offline ones over files.

use std::process::ExitCode;

/// What every verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Global {
    /// Address of the server.
    #[arg(long, global = true, value_name = "URL", env = "FOLKMOOT_SERVER", default_value = "http://127.0.0.1:7878")]
    pub server: String,
    /// Whose rounds and specs.
    #[arg(long, global = true, value_name = "ID", env = "FOLKMOOT_TENANT", default_value = "default")]
    pub tenant: String,
    /// How data is printed.
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Show no progress.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// The verbs, except those of the server.
#[derive(clap::Subcommand)]
pub enum Command {
    /// The methods that analyses can use.
    #[command(subcommand)]
    Methods(Methods),
}

/// What can be asked about methods.
#[derive(clap::Subcommand)]
pub enum Methods {
    /// List the methods.
    List,
}

/// Runs one verb; data goes to stdout, talk to stderr.
pub fn run(_global: Global, command: Command) -> ExitCode {
    match command {
        Command::Methods(Methods::List) => {
            for method in folkmoot_methods::registry::Registry::builtin().list() {
                println!("{}\t{}", method.id, method.title);
            }
            ExitCode::SUCCESS
        }
    }
}
