//! `folkmoot round create`.

use std::path::PathBuf;

use folkmoot_client::{Folkmoot, wire};
use folkmoot_core::Item;
use folkmoot_proto::survey::{BatchCreateItemsRequest, CreateItemRequest, CreateRoundRequest, Round};

use crate::commands::round::{get, show};
use crate::commands::spec::{OfSpec, Origin, of_items};
use crate::failure::{Failure, from_status};
use crate::out::Session;
use crate::{input, names};

/// Most items of one request.
const BATCH: usize = 1_000;

/// A new round.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot round create r1 --items items.json --title \"Parking and help\" \\
    --derived-by \"A. Expert\"")]
pub struct Create {
    /// Id of the new round; made by the server where absent.
    id: Option<String>,
    /// The items file: JSON, see the documentation of files.
    #[arg(long, value_name = "FILE")]
    items: PathBuf,
    /// What people call the round.
    #[arg(long)]
    title: String,
    /// Who asks whom about what, in words for participants.
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// The revision the round is about.
    #[arg(long, value_name = "REVISION", default_value = "head")]
    spec_revision: String,
    #[command(flatten)]
    of: OfSpec,
    /// The answers will be simulated; printed with every figure.
    #[arg(long)]
    simulated: bool,
    /// A participant's later answer replaces the earlier one; else it is refused.
    #[arg(long)]
    supersede: bool,
    /// Something that results must be read with, such as sponsor=City; may be given again.
    #[arg(long, value_name = "NAME=VALUE", value_parser = input::pair)]
    disclosure: Vec<(String, String)>,
    #[command(flatten)]
    origin: Origin,
}

pub(crate) async fn run(
    create: &Create,
    folkmoot: &mut Folkmoot,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    // Everything that can be refused here is, before the server knows of a round.
    let items = folkmoot_formats::items::read(&create.items)?;
    let revision = names::revision(folkmoot, create.of.given(), &create.spec_revision).await?.name;
    let round = Round {
        title: create.title.clone(),
        description: create.description.clone(),
        spec_revision: revision.clone(),
        simulated: create.simulated,
        supersede_allowed: create.supersede,
        disclosure: create.disclosure.iter().cloned().collect(),
        ..Default::default()
    };
    let request = CreateRoundRequest {
        round_id: create.id.clone().unwrap_or_default(),
        round: Some(round),
        request_id: String::new(),
    };
    let round = folkmoot.survey.create_round(request).await.map_err(from_status)?.into_inner();
    add_items(&items, &round.name, folkmoot).await?;
    let file = create.items.display().to_string();
    of_items(folkmoot, &items, &round.name, &revision, &create.origin, &file, session).await?;
    show(&get(folkmoot, &round.name).await?, session)
}

async fn add_items(items: &[Item], round: &str, folkmoot: &mut Folkmoot) -> Result<(), Failure> {
    let create = |item: &Item| CreateItemRequest {
        item_id: item.id.clone(),
        item: Some(wire::item(item)),
        ..Default::default()
    };
    for items in items.chunks(BATCH) {
        let request = BatchCreateItemsRequest {
            parent: round.to_owned(),
            requests: items.iter().map(create).collect(),
            request_id: String::new(),
        };
        folkmoot.survey.batch_create_items(request).await.map_err(from_status)?;
    }
    Ok(())
}
