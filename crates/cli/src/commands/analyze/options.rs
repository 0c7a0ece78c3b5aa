//! What analyses take, whichever verb starts them.

use std::path::PathBuf;

use folkmoot_core::View;
use folkmoot_engine::{Quality, RunSpec, Weighting};

use super::drawn::Drawn;
use crate::failure::Failure;
use crate::input;
use crate::plugins::PluginLimits;

/// Files on this machine, and how they are folded.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Files {
    /// Responses: tidy CSV, JSON lines or Parquet, a PrefLib file, or the folder of a Polis export, of
    /// a collective-alignment release or of tidy files.
    #[arg(long, value_name = "PATH")]
    pub(crate) responses: Option<PathBuf>,
    /// Participants with their attributes, beside tidy responses.
    #[arg(long, value_name = "FILE")]
    pub(crate) participants: Option<PathBuf>,
    /// Items, beside tidy responses; inferred where absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) items: Option<PathBuf>,
    /// Leave out participants with a row that cannot be kept, rather than refuse the file.
    #[arg(long)]
    pub(crate) keep_good: bool,
    /// Shards that are folded at once; changes no bit of the result. As many as pay where absent.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) limits: PluginLimits,
}

/// How a method is run, here or on the server.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct How {
    /// Parameters of the method as a JSON object, or @FILE: see `folkmoot methods describe`.
    #[arg(long, value_name = "JSON")]
    pub(crate) params: Option<String>,
    /// Attribute whose values make the segments; methods that read strata themselves take several.
    #[arg(long, value_name = "ATTRIBUTE")]
    pub(crate) by: Vec<String>,
    /// Shares of the population that participants are weighted to: {"margins": [{"attribute": "region",
    /// "shares": {"north": 0.4, "south": 0.6}}]}; counts will do as well. Raked, without --weighting; plugins
    /// that read strata themselves are given the shares instead.
    #[arg(long, value_name = "FILE")]
    pub(crate) targets: Option<PathBuf>,
    /// How to weight to the targets, as a JSON object or @FILE, such as {"method": "poststratify"}: see
    /// `folkmoot weight --help`.
    #[arg(long, value_name = "JSON", requires = "targets")]
    pub(crate) weighting: Option<String>,
    /// Flag participants whose answers look careless, and give the figures with and without them. The rules
    /// as a JSON object or @FILE; {"leave_out": true} gives those without them alone.
    #[arg(long, value_name = "JSON", num_args = 0..=1, default_missing_value = "{}")]
    pub(crate) quality: Option<String>,
    #[command(flatten)]
    pub(crate) drawn: Drawn,
    /// The only randomness.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Whose eyes the answers take.
    #[arg(long, value_enum, default_value_t = WhoseEyes::Personal)]
    pub(crate) view: WhoseEyes,
    /// Suppress what rests on fewer answers than this, and what would give that away; nothing where 0. Where absent,
    /// 0 with --responses, since the data is yours, and 10 on the server, which releases no result with less.
    #[arg(long, value_name = "N")]
    pub(crate) suppress_below: Option<u32>,
    /// Only this item; may be given again.
    #[arg(long, value_name = "ID")]
    pub(crate) item: Vec<String>,
    /// Which table of the report `--format csv` prints; the first where absent.
    #[arg(long, value_name = "ID")]
    pub(crate) table: Option<String>,
}

/// Whose eyes an answer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WhoseEyes {
    /// The participant's own.
    Personal,
    /// What the participant thinks best for the world.
    World,
}

impl From<WhoseEyes> for View {
    fn from(eyes: WhoseEyes) -> Self {
        match eyes {
            WhoseEyes::Personal => Self::Personal,
            WhoseEyes::World => Self::World,
        }
    }
}

impl How {
    /// The run of `method` that is asked for.
    ///
    /// # Errors
    /// Parameters or targets that cannot be read, with their place.
    pub(crate) fn spec(&self, method: &str) -> Result<RunSpec, Failure> {
        let mut by = self.by.iter().cloned();
        let targets = match &self.targets {
            Some(file) => folkmoot_formats::targets::read(file)?,
            None => Default::default(),
        };
        Ok(self.drawn.put(RunSpec {
            method: method.to_owned(),
            params: input::json_object("--params", self.params.as_deref())?,
            seed: self.seed,
            by: by.next(),
            also_by: by.collect(),
            targets: targets.margins,
            cells: targets.cells,
            weighting: input::rules("--weighting", self.weighting.as_deref(), Weighting::read)?,
            quality: input::rules("--quality", self.quality.as_deref(), Quality::read)?,
            view: self.view.into(),
            items: self.item.clone(),
            suppress_below: self.suppress_below.unwrap_or_default(),
            ..Default::default()
        }))
    }
}
