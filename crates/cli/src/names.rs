//! Resource names from what people type: `r1` for `rounds/r1`, `head` for the newest revision of the
//! only spec.

use folkmoot_client::Folkmoot;
use folkmoot_proto::spec::{GetRevisionRequest, ListSpecsRequest, Revision};

use crate::failure::{Failure, from_status};
use crate::wire::{all_pages, id};

/// `rounds/{round}`.
pub(crate) fn round(text: &str) -> String {
    within("rounds", text)
}

/// `releases/{release}`.
pub(crate) fn release(text: &str) -> String {
    within("releases", text)
}

/// `{collection}/{text}`, unless `text` says so itself.
fn within(collection: &str, text: &str) -> String {
    match text.starts_with(&format!("{collection}/")) {
        true => text.to_owned(),
        false => format!("{collection}/{text}"),
    }
}

/// A result by its name or by its hash alone.
pub(crate) fn result(text: &str) -> String {
    match text.contains('/') {
        true => text.to_owned(),
        false => format!("analyses/-/results/{text}"),
    }
}

/// `specs/{spec}`: the given one, or the only one there is.
pub(crate) async fn spec(folkmoot: &mut Folkmoot, given: Option<&str>) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(within("specs", given));
    }
    let specs = all_pages!(folkmoot.spec, list_specs, ListSpecsRequest::default(), specs);
    match specs.as_slice() {
        [only] => Ok(only.name.clone()),
        [] => Err(Failure::input("--spec", "there is no spec yet; make one with: folkmoot spec create ID")),
        many => {
            let known: Vec<&str> = many.iter().map(|spec| id(&spec.name)).collect();
            Err(Failure::input("--spec", format!("there is more than one spec; name one of {}", known.join(", "))))
        }
    }
}

/// `specs/{spec}/{collection}/{text}`: `text` is the whole name or its last part.
pub(crate) async fn of_spec(
    folkmoot: &mut Folkmoot,
    given: Option<&str>,
    collection: &str,
    text: &str,
) -> Result<String, Failure> {
    if text.starts_with("specs/") {
        return Ok(text.to_owned());
    }
    Ok(format!("{}/{collection}/{text}", spec(folkmoot, given).await?))
}

/// The revision called `text`: its whole name, `spec/revision`, or its id within the spec; with its source.
pub(crate) async fn revision(folkmoot: &mut Folkmoot, given: Option<&str>, text: &str) -> Result<Revision, Failure> {
    let name = match text.split_once('/') {
        Some((spec, revision)) if spec != "specs" => format!("specs/{spec}/revisions/{revision}"),
        _ => of_spec(folkmoot, given, "revisions", text).await?,
    };
    let request = GetRevisionRequest { name };
    Ok(folkmoot.spec.get_revision(request).await.map_err(from_status)?.into_inner())
}

/// `specs/{spec}` of the name of something that belongs to it.
pub(crate) fn spec_of(name: &str) -> String {
    name.split('/').take(2).collect::<Vec<_>>().join("/")
}

/// `rounds/{round}` of the name of something that belongs to it.
pub(crate) fn round_of(name: &str) -> String {
    spec_of(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_filled_in_and_long_ones_kept() {
        assert_eq!(round("r1"), "rounds/r1");
        assert_eq!(round("rounds/r1"), "rounds/r1");
        assert_eq!(result("ab"), "analyses/-/results/ab");
        assert_eq!(result("analyses/a/results/ab"), "analyses/a/results/ab");
        assert_eq!(spec_of("specs/s/revisions/r"), "specs/s");
    }
}
