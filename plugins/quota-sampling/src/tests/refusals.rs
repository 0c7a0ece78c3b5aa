//! What is refused, in which words.

use super::*;
use folkmoot_plugin_sdk::Method;

fn problems(parameters: Value, dimensions: &[Dimension]) -> Vec<String> {
    match Native::<QuotaSampling>::new().check(&config(parameters, dimensions)) {
        Err(MethodError::BadParameters(problems)) => problems
            .into_iter()
            .map(|problem| format!("{} {}", problem.path, problem.message).trim().to_owned())
            .collect(),
        other => panic!("not refused: {other:?}"),
    }
}

fn regions() -> Dimension {
    dimension("region", &[("north", 0.5), ("south", 0.3), ("west", 0.2), ("nowhere", 0.0)])
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused_with_every_reason() {
    let check = |parameters: Value, dimensions: &[Dimension], want: &[&str]| {
        assert_eq!(problems(parameters, dimensions), want);
    };
    check(json!({}), &[], &["no region is told apart: name the attribute with --by, such as --by region"]);
    let mut bare = regions();
    bare.categories.iter_mut().for_each(|category| category.target = None);
    check(json!({}), &[bare.clone()], &["region has no targets: give its shares of the population with --targets"]);
    bare.categories[0].target = Some(1.0);
    check(json!({}), &[bare], &["region has targets for 1 of its 4 levels only"]);
    let more = [dimension("age", &[("y", 1.0)]), dimension("sex", &[("f", 1.0)])];
    let three = [regions(), more[0].clone(), more[1].clone()];
    check(json!({}), &three, &["two attributes at most are weighted to, sex is one too many"]);
    check(
        json!({"mode": "select", "trim": 3}),
        &three[..2],
        &[
            "/trim is of no use in the mode \"select\", which keeps the base weights",
            "/mode draws by the first attribute alone: leave age out, or take \"both\"",
        ],
    );
    check(
        json!({"size": 10, "trim": 0.5, "collapse_into": "north>south"}),
        &[regions()],
        &[
            "/size is of no use in the mode \"weight\", which draws nobody",
            "/trim must be 0 for no limit, or at least 1: weights cannot all be below their mean",
            "/collapse_into is of no use unless empty_region is \"collapse\"",
        ],
    );
    check(
        json!({"empty_region": "collapse"}),
        &[regions()],
        &["/collapse_into is required when empty_region is \"collapse\", such as \"north>south\""],
    );
    let rules = |rules: &str, want: &[&str]| {
        check(json!({"empty_region": "collapse", "collapse_into": rules}), &[regions()], want);
    };
    rules("north", &["/collapse_into \"north\" is not of the form from>into"]);
    rules(
        "north>east",
        &["/collapse_into \"north>east\" names no level of region; known are north, south, west, nowhere"],
    );
    rules("north>south;north>west", &["/collapse_into \"north\" is given to two others"]);
    rules("north>nowhere", &["/collapse_into \"nowhere\" has a target of 0 and takes nobody"]);
    rules("north>south;south>west;west>north", &["/collapse_into leads in a circle from \"north\" back to it"]);
    rules("north>north", &["/collapse_into leads in a circle from \"north\" back to it"]);
}

#[test]
fn regions_with_too_few_people_are_named_with_what_they_lack() {
    let people = |counts: [u16; 3]| -> Vec<Person> {
        (0..3_u16).zip(counts).flat_map(|(region, count)| (0..count).map(move |_| (region, 0, 1.0, b'A'))).collect()
    };
    let check = |parameters: Value, counts: [u16; 3], want: &str| {
        assert_eq!(undefined(run(&config(parameters, &[regions()]), &people(counts))), want);
    };
    let help = "hear more people there, or let another region take the target: empty_region=collapse and \
                collapse_into=from>into";
    check(json!({}), [5, 0, 5], &format!("nobody of region \"south\" is there; {help}"));
    check(
        json!({"minimum": 4}),
        [5, 3, 0],
        &format!(
            "region \"south\" has 3 of at least 4 participants, 1 short; region \"west\" has 0 of at least 4 \
             participants, 4 short; {help}"
        ),
    );
    check(
        json!({"empty_region": "collapse", "collapse_into": "north>south"}),
        [5, 0, 5],
        "nobody of region \"south\" is there, and collapse_into names no region that takes it",
    );
    check(
        json!({"mode": "select", "size": 40}),
        [30, 5, 5],
        "region \"south\" has 5 participants for a quota of 12, 7 short; region \"west\" has 5 participants for a \
         quota of 8, 3 short; hear more people there, or draw fewer (size)",
    );
    check(json!({}), [0, 0, 0], "there are no answers of weight to any item this method folds");
}

#[test]
fn people_who_all_stand_outside_are_told() {
    let people = [(NO_STRATUM, 0, 1.0, b'A'), (3, 0, 1.0, b'A')];
    let why = undefined(run(&config(json!({}), &[regions()]), &people));
    assert_eq!(why, "of 2 participants nobody has a region that is known and has a target");
}

#[test]
fn a_second_attribute_that_cannot_be_met_is_named() {
    let two = dimension("region", &[("a", 0.5), ("b", 0.5)]);
    let age = dimension("age", &[("young", 0.6), ("old", 0.3), ("oldest", 0.1)]);
    let people = [(0, 0, 1.0, b'A'), (1, 0, 1.0, b'A')];
    assert_eq!(
        undefined(run(&config(json!({}), &[two.clone(), age]), &people)),
        "nobody of age \"old\" (30.0 %) or \"oldest\" (10.0 %) is there, so no weights meet that target; join the level \
         with another in the data and in the targets"
    );
    // The only old people live in a, and a is to weigh less than they are.
    let age = dimension("age", &[("young", 0.3), ("old", 0.7)]);
    let people = [(0, 0, 1.0, b'A'), (0, 1, 1.0, b'A'), (1, 0, 1.0, b'A')];
    let why = undefined(run(&config(json!({"rake_iterations": 200}), &[two, age]), &people));
    assert_eq!(
        why,
        "raking did not converge in 200 rounds: region \"b\" is left at 30.0 % where it should be 50.0 %, 20.0 % short \
         (1.0e-6 % is allowed); nobody there is of age \"old\""
    );
}

#[test]
fn no_items_and_too_many_sums_are_told() {
    let mut none = config(json!({}), &[regions()]);
    none.items.clear();
    let why = Native::<QuotaSampling>::new().check(&none).unwrap_err();
    assert_eq!(why, MethodError::Undefined("there is no item of kind vote, choose, approve, pair, rank".to_owned()));
    let mut many = config(json!({}), &[dimension("region", &[("a", 1.0)])]);
    many.items = (0..84_000).map(|i| item(&i.to_string(), "vote", &[])).collect();
    let row = Row { item: 0, participant: 0, strata: vec![0], weight: WEIGHT_ONE, answer: b"A".to_vec() };
    assert_eq!(
        undefined(run_rows(&many, &[row])),
        "the items' answers in 1 strata make 252000 sums, at most 250000 are kept: take fewer items at once"
    );
}
