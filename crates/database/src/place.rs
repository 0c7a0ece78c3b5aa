use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;
use sqlx::postgres::PgConnectOptions;

/// Where databases are: `sqlite://FOLDER` or `postgres://USER@HOST/DATABASE`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub enum Place {
    /// A folder of SQLite files.
    Folder(PathBuf),
    /// A database of a PostgreSQL server.
    Server(Box<PgConnectOptions>),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        if let Some(folder) = url.strip_prefix("sqlite://") {
            return match folder {
                "" => Err("sqlite:// needs a folder, such as sqlite://folkmoot-data".to_owned()),
                folder => Ok(Self::Folder(folder.into())),
            };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options =
                PgConnectOptions::from_str(url).map_err(|error| format!("not a PostgreSQL address: {error}"))?;
            return Ok(Self::Server(Box::new(options)));
        }
        Err("a database is sqlite://FOLDER or postgres://USER@HOST/DATABASE".to_owned())
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(url: String) -> Result<Self, String> {
        url.parse()
    }
}

impl fmt::Display for Place {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "sqlite://{}", folder.display()),
            Self::Server(options) => {
                let database = options.get_database().unwrap_or(options.get_username());
                write!(
                    f,
                    "postgres://{}@{}:{}/{database}",
                    options.get_username(),
                    options.get_host(),
                    options.get_port()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |url: &str, want: &str| {
            let got = url.parse::<Place>().map_or_else(|error| error, |place| place.to_string());
            assert!(got.starts_with(want), "{url}: {got}");
        };
        check("sqlite://data", "sqlite://data");
        check("sqlite:///var/lib/folkmoot", "sqlite:///var/lib/folkmoot");
        check("postgres://ann:secret@db:5433/moot", "postgres://ann@db:5433/moot");
        check("sqlite://", "sqlite:// needs a folder");
        check("mysql://db", "a database is sqlite://FOLDER or");
        check("postgres://db:port/x", "not a PostgreSQL address: ");
    }
}
