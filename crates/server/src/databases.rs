//! `folkmoot migrate` and `folkmoot copy`: the databases themselves.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use folkmoot_database::{Database, Place, Schema};

/// What every service keeps.
const SCHEMAS: [&Schema; 3] =
    [&folkmoot_survey::store::SCHEMA, &folkmoot_aggregation::store::SCHEMA, &folkmoot_spec::store::SCHEMA];

/// Which databases to bring up to date.
#[derive(clap::Args)]
pub(crate) struct Migrate {
    /// sqlite://FOLDER or postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL", default_value = "sqlite://folkmoot-data")]
    database: Place,
}

/// From where to where.
#[derive(clap::Args)]
pub(crate) struct Copy {
    /// The databases to move, sqlite://FOLDER. A server may still run on them: it can write nothing any more
    /// from the moment the copying starts.
    #[arg(long, value_name = "URL")]
    from: Place,
    /// An empty place, sqlite://FOLDER or postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    to: Place,
    /// The data folder, to check the sealed snapshots in it against the copied databases; the folder of
    /// `--from` by default.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(crate) fn migrate(arguments: &Migrate) -> anyhow::Result<()> {
    runtime()?.block_on(async {
        make(&arguments.database)?;
        for schema in SCHEMAS {
            open(&arguments.database, schema).await?.close().await;
            println!("{} is up to date", schema.name);
        }
        Ok(())
    })
}

pub(crate) fn copy(arguments: &Copy) -> anyhow::Result<()> {
    let Place::Folder(source) = &arguments.from else {
        bail!("--from {}: only sqlite:// can be copied from", arguments.from);
    };
    if let Some(missing) = SCHEMAS.iter().find(|schema| !source.join(format!("{}.db", schema.name)).exists()) {
        bail!("--from {}: there is no {}.db", arguments.from, missing.name);
    }
    make(&arguments.to)?;
    runtime()?.block_on(async {
        let mut moved = Vec::new();
        for schema in SCHEMAS {
            let (from, to) = (open(&arguments.from, schema).await?, open(&arguments.to, schema).await?);
            let one = folkmoot_database::copy(&from, &to, schema).await;
            let one =
                one.with_context(|| format!("{} did not arrive; {} is as it was", schema.name, arguments.from))?;
            for table in &one.tables {
                println!("{}.{}\t{} rows\t{}", schema.name, table.table, table.rows, table.hash);
            }
            moved.push(one);
        }
        let snapshots = arguments.data.as_ref().unwrap_or(source).join("snapshots");
        check_snapshots(&arguments.to, &snapshots).await?;
        for one in moved {
            one.finish().await?;
        }
        println!("everything arrived; serve it with --database {}", arguments.to);
        Ok(())
    })
}

/// Reads every sealed snapshot that the copied survey database names, and compares its hash.
async fn check_snapshots(place: &Place, folder: &Path) -> anyhow::Result<()> {
    let survey = open(place, &folkmoot_survey::store::SCHEMA).await?;
    let sql = "SELECT r.tenant || '/' || s.sha256 FROM snapshots s JOIN rounds r ON r.key = s.round \
               GROUP BY r.tenant, s.sha256 ORDER BY 1";
    for name in survey.all::<String>(sql, &[]).await? {
        let snapshot = folkmoot_snapshot::Snapshot::open(folder.join(&name)).with_context(|| name.clone())?;
        if !name.ends_with(&snapshot.hash().to_string()) || !snapshot.verify()?.is_sound() {
            bail!("the snapshot {name} is damaged: its content has not that hash");
        }
        println!("snapshot {name}\tverified");
    }
    survey.close().await;
    Ok(())
}

async fn open(place: &Place, schema: &Schema) -> anyhow::Result<Database> {
    Database::open(place, schema).await.with_context(|| format!("cannot open {} at {place}", schema.name))
}

/// Makes the folder of a place that is one.
fn make(place: &Place) -> anyhow::Result<()> {
    let Place::Folder(folder) = place else { return Ok(()) };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Runtime::new()?)
}
