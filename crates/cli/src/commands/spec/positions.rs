//! `folkmoot spec positions`: what a revision itself says on the items of a round.

use std::path::PathBuf;

use folkmoot_client::Folkmoot;
use folkmoot_core::Item;
use folkmoot_methods::report::Unit;
use folkmoot_proto::spec::{
    BatchCreatePositionsRequest, CreatePositionRequest, ListPositionsRequest, Position, PositionSource,
};

use crate::commands::spec::OfSpec;
use crate::failure::{Failure, from_status};
use crate::names;
use crate::out::{Session, table};
use crate::wire::{all_pages, connected, id, json_list, request_id, short};

/// Most positions of one request.
const BATCH: usize = 10_000;

/// What a revision itself says on the items of a round.
#[derive(clap::Subcommand)]
pub enum Positions {
    /// State positions from an items file: the `position` of each item that has one.
    #[command(after_help = "Example: folkmoot spec positions import items.json --round r1 --derived-by \"A. Expert\"")]
    Import {
        /// The items file.
        file: PathBuf,
        /// The round whose items they are.
        #[arg(long, value_name = "ID")]
        round: String,
        #[command(flatten)]
        of: OfSpec,
        /// The revision that says so.
        #[arg(long, value_name = "ID", default_value = "head")]
        revision: String,
        #[command(flatten)]
        origin: Origin,
    },
    /// List a revision's positions.
    List {
        #[command(flatten)]
        of: OfSpec,
        /// The revision.
        #[arg(long, value_name = "ID", default_value = "head")]
        revision: String,
        /// Only those on items of this round.
        #[arg(long, value_name = "ID")]
        round: Option<String>,
    },
}

/// Where positions come from.
#[derive(clap::Args)]
pub struct Origin {
    /// Who derived the positions: a person, a model's name; they then count as an expert's. The file's
    /// name where absent.
    #[arg(long, value_name = "WHO")]
    derived_by: Option<String>,
    /// The positions were derived by a model.
    #[arg(long, requires = "derived_by")]
    by_model: bool,
}

impl Origin {
    fn source(&self) -> PositionSource {
        match (&self.derived_by, self.by_model) {
            (Some(_), true) => PositionSource::Model,
            (Some(_), false) => PositionSource::Expert,
            (None, _) => PositionSource::Import,
        }
    }
}

pub(crate) fn run(verb: &Positions, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    connected(session.global, async |mut folkmoot| match verb {
        Positions::Import { file, round, of, revision, origin } => {
            let items = folkmoot_formats::items::read(file)?;
            let revision = names::revision(&mut folkmoot, of.given(), revision).await?.name;
            let label = file.display().to_string();
            let stated =
                of_items(&mut folkmoot, &items, &names::round(round), &revision, origin, &label, session).await?;
            if stated.is_empty() {
                return Err(Failure::input(&label, "no item has a position"));
            }
            show(&stated, session)
        }
        Positions::List { of, revision, round } => {
            let parent = names::revision(&mut folkmoot, of.given(), revision).await?.name;
            let round = round.as_deref().map(names::round).unwrap_or_default();
            let request = ListPositionsRequest { parent, round, ..Default::default() };
            show(&all_pages!(folkmoot.spec, list_positions, request, positions), session)
        }
    })
}

/// States the positions that `items` of `round` have, on `revision`.
pub(crate) async fn of_items(
    folkmoot: &mut Folkmoot,
    items: &[Item],
    round: &str,
    revision: &str,
    origin: &Origin,
    file: &str,
    session: &mut Session<'_, '_>,
) -> Result<Vec<Position>, Failure> {
    let state = |item: &Item| {
        let position = Position {
            item: format!("{round}/items/{}", item.id),
            answer: item.position.clone()?,
            clauses: item.clauses.clone(),
            source: origin.source().into(),
            derived_by: origin.derived_by.clone().unwrap_or_else(|| file.to_owned()),
            ..Default::default()
        };
        Some(CreatePositionRequest { position: Some(position), ..Default::default() })
    };
    let requests: Vec<CreatePositionRequest> = items.iter().filter_map(state).collect();
    let mut stated = Vec::new();
    for requests in requests.chunks(BATCH) {
        let mut request = BatchCreatePositionsRequest {
            parent: revision.to_owned(),
            requests: requests.to_vec(),
            request_id: String::new(),
        };
        request.request_id = request_id("BatchCreatePositions", &request);
        let answer = folkmoot.spec.batch_create_positions(request).await.map_err(from_status)?;
        stated.extend(answer.into_inner().positions);
    }
    if !stated.is_empty() {
        session.say(format!("{} positions stated on {revision}", stated.len()));
    }
    Ok(stated)
}

fn show(positions: &[Position], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Item", Unit::None),
        ("Answer", Unit::None),
        ("Clauses", Unit::None),
        ("Source", Unit::None),
        ("Derived by", Unit::None),
        ("Position", Unit::None),
    ];
    let row = |p: &Position| {
        let item = p.item.split_once("/items/").map_or(p.item.as_str(), |(_, item)| item);
        vec![
            item.into(),
            p.answer.as_str().into(),
            p.clauses.join(", ").into(),
            short(p.source().as_str_name(), "POSITION_SOURCE").into(),
            p.derived_by.as_str().into(),
            id(&p.name).into(),
        ]
    };
    session.show(&table("Positions", &columns, positions.iter().map(row).collect()), &json_list(positions)?)
}
