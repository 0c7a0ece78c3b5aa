//! How participants were drawn, and the replicates that tell how sure an estimate is.

use folkmoot_engine::{Design, Lonely, RunSpec, Scheme};

/// Replicates and the design they follow.
#[derive(clap::Args)]
#[group(skip)]
pub(crate) struct Drawn {
    /// Replicates behind the intervals: so many of a bootstrap, none where 0; or jk1, jkn, brr, fay or
    /// fay=SHARE, which follow the design, need no number and give standard errors.
    #[arg(long, value_name = "N|SCHEME", default_value = "0", value_parser = asked)]
    replicates: Asked,
    /// Attribute within whose levels people were drawn; replicates follow it.
    #[arg(long, value_name = "ATTRIBUTE")]
    strata: Option<String>,
    /// Attribute whose levels were drawn as a whole, within their stratum; participants where absent.
    #[arg(long, value_name = "ATTRIBUTE")]
    clusters: Option<String>,
    /// Attribute whose value is how many clusters the participant's stratum has in the population, as in R's
    /// survey; so many that it does not matter where absent.
    #[arg(long, value_name = "ATTRIBUTE")]
    fpc: Option<String>,
    /// What becomes of a stratum with a single cluster.
    #[arg(long, value_enum, default_value_t = SingleCluster::Fail)]
    lonely: SingleCluster,
}

/// What becomes of a stratum with a single cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SingleCluster {
    /// The run is refused.
    Fail,
    /// The cluster was certain to be drawn and adds no error.
    Certainty,
}

/// What `--replicates` asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Number(u32),
    Scheme(Scheme, Option<f64>),
}

const MOST: u32 = 10_000;

fn asked(text: &str) -> Result<Asked, String> {
    let (word, kept) = match text.split_once('=') {
        Some((word, kept)) => (word, Some(kept.parse::<f64>().map_err(|_| format!("{kept:?} is no number"))?)),
        None => (text, None),
    };
    let by_name = [Scheme::Jk1, Scheme::Jkn, Scheme::Brr, Scheme::Fay].into_iter().find(|scheme| scheme.name() == word);
    if let Some(scheme) = by_name {
        return Ok(Asked::Scheme(scheme, kept));
    }
    match text.parse() {
        Ok(number) if number <= MOST => Ok(Asked::Number(number)),
        _ => Err(format!("is neither a number up to {MOST} nor jk1, jkn, brr, fay or fay=SHARE")),
    }
}

impl Drawn {
    /// `spec` with what is asked for; what does not go together the engine refuses.
    pub(crate) fn put(&self, spec: RunSpec) -> RunSpec {
        let (replicates, scheme, kept) = match self.replicates {
            Asked::Number(number) => (number, Scheme::Bootstrap, None),
            Asked::Scheme(scheme, kept) => (0, scheme, kept),
        };
        let lonely = match self.lonely {
            SingleCluster::Fail => Lonely::Fail,
            SingleCluster::Certainty => Lonely::Certainty,
        };
        let (strata, clusters, fpc) = (self.strata.clone(), self.clusters.clone(), self.fpc.clone());
        let design = Design { scheme, strata, clusters, fpc, lonely, kept };
        RunSpec { replicates, design: (design != Design::default()).then_some(design), ..spec }
    }
}
