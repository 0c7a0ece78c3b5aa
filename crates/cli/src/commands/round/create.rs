//! `folkmoot round create`.

use std::path::PathBuf;

use folkmoot_client::{Folkmoot, wire};
use folkmoot_core::{Code, Item};
use folkmoot_proto::survey::{BatchCreateItemsRequest, CreateItemRequest, CreateRoundRequest, Round};

use crate::commands::round::{get, show};
use crate::commands::spec::{OfSpec, Origin, of_items};
use crate::failure::{Failure, from_status};
use crate::out::Session;
use crate::wire::request_id;
use crate::{input, names};

/// Most items of one request.
const BATCH: usize = 1_000;

/// A new round.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot round create r1 --items items.json --title \"Parking and help\" \\
    --derived-by \"A. Expert\"

Where it stopped midway, the same command goes on: a round that has an ID is made once.")]
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
    let round = add_round(request, folkmoot).await?;
    for request in item_batches(&items, &round) {
        folkmoot.survey.batch_create_items(request).await.map_err(from_status)?;
    }
    let file = create.items.display().to_string();
    of_items(folkmoot, &items, &round.name, &revision, &create.origin, &file, session).await?;
    show(&get(folkmoot, &round.name).await?, session)
}

/// Makes the round, or finds the one that the same request made before.
async fn add_round(request: CreateRoundRequest, folkmoot: &mut Folkmoot) -> Result<Round, Failure> {
    // Two rounds without an id are two rounds, however alike.
    if request.round_id.is_empty() {
        return Ok(folkmoot.survey.create_round(request).await.map_err(from_status)?.into_inner());
    }
    let retried = CreateRoundRequest { request_id: request_id("CreateRound", &request), ..request.clone() };
    let made = folkmoot.survey.create_round(retried).await.map_err(from_status)?.into_inner();
    match get(folkmoot, &made.name).await {
        Ok(_) => Ok(made),
        // What the request made before is deleted since.
        Err(Failure::Fault(fault)) if fault.code == Code::NotFound => {
            Ok(folkmoot.survey.create_round(request).await.map_err(from_status)?.into_inner())
        }
        Err(failure) => Err(failure),
    }
}

/// The requests that add `items` to `round`: each is known again, but not for a later round of that name.
fn item_batches(items: &[Item], round: &Round) -> Vec<BatchCreateItemsRequest> {
    let create = |item: &Item| CreateItemRequest {
        item_id: item.id.clone(),
        item: Some(wire::item(item)),
        ..Default::default()
    };
    let made = round.create_time.unwrap_or_default();
    let call = format!("BatchCreateItems {}.{:09}", made.seconds, made.nanos);
    let batch = |items: &[Item]| {
        let requests = items.iter().map(create).collect();
        let mut batch = BatchCreateItemsRequest { parent: round.name.clone(), requests, ..Default::default() };
        batch.request_id = request_id(&call, &batch);
        batch
    };
    items.chunks(BATCH).map(batch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_added_once_to_each_round() {
        let item = |n| serde_json::json!({"id": format!("i{n}"), "kind": "text", "prompt": "why"});
        let items: Vec<Item> = (0..=BATCH).map(|n| serde_json::from_value(item(n)).unwrap()).collect();
        let ids = |items: &[Item], seconds: i64| -> Vec<String> {
            let create_time = Some(prost_types::Timestamp { seconds, nanos: 0 });
            let round = Round { name: "rounds/r".into(), create_time, ..Default::default() };
            item_batches(items, &round).into_iter().map(|batch| batch.request_id).collect()
        };
        let first = ids(&items, 1);
        assert_eq!(first.len(), 2);
        assert_ne!(first[0], first[1]);
        assert_eq!(first, ids(&items, 1));
        assert_eq!(first[0], ids(&items[..BATCH], 1)[0], "the first batch does not hang on the second");
        assert_ne!(first, ids(&items, 2), "a later round of the same name");
    }
}
