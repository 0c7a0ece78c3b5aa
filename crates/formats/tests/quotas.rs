//! The quotas file: what it says, and what is refused where.

use folkmoot_formats::quotas::{Bounds, Quota, Quotas, read};

fn read_text(text: &str) -> Result<Quotas, String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("q.json");
    std::fs::write(&file, text).unwrap();
    read(&file).map_err(|error| error.to_string().replace(&format!("{}/", dir.path().display()), ""))
}

#[test]
fn levels_have_bounds_and_shares_are_whole_parts() {
    let text = r#"{"seats": 40, "household": "address", "quotas": [
        {"attribute": "gender", "levels": {"male": {"min": 19}, "female": {"min": 19, "max": 21}, "other": {}}},
        {"attribute": "region", "shares": {"north": 0.4, "south": 0.6}},
        {"attribute": "age", "shares": {"young": 1200, "old": 800}}]}"#;
    let quotas = read_text(text).unwrap();
    assert_eq!((quotas.seats, quotas.household.as_deref()), (Some(40), Some("address")));
    let level = |level: &str, min, max| (level.to_owned(), Bounds { min, max });
    let gender = [level("male", 19, None), level("female", 19, Some(21)), level("other", 0, None)];
    let share = |level: &str, part| (level.to_owned(), part);
    let region = [share("north", 400_000_000), share("south", 600_000_000)];
    let age = [share("young", 1200), share("old", 800)];
    let want = [
        ("gender".to_owned(), Quota::Levels(gender.into())),
        ("region".to_owned(), Quota::Shares(region.into())),
        ("age".to_owned(), Quota::Shares(age.into())),
    ];
    assert_eq!(quotas.quotas, want);
    assert_eq!(read_text("{}").unwrap(), Quotas::default());
}

#[test]
fn what_is_no_quota_is_refused_where_it_stands() {
    let check = |text: &str, want: &[&str]| {
        let error = read_text(text).unwrap_err();
        for want in want {
            assert!(error.contains(want), "{want:?} is not in {error:?} of {text}");
        }
    };
    let one = |entry: &str, want: &[&str]| check(&format!(r#"{{"quotas": [{{"attribute": "a", {entry}}}]}}"#), want);
    check("[]", &["q.json:1: "]);
    check("{\n\"seats\": -3}", &["q.json:2: ", "invalid value"]);
    check("{\n\n\"panel\": 3}", &["q.json:3: ", "unknown field `panel`"]);
    check(r#"{"seats": 0, "household": ""}"#, &["$.seats: a panel has at least one seat", "$.household: the name"]);
    check(r#"{"quotas": [{"levels": {"x": {}}}]}"#, &["$.quotas[0].attribute: the name of an attribute is needed"]);
    let a = r#"{"attribute": "a", "levels": {"x": {}}}"#;
    check(&format!(r#"{{"quotas": [{a}, {a}]}}"#), &["$.quotas[1].attribute: the attribute \"a\" is given twice"]);
    check(r#"{"quotas": [{"attribute": "a"}]}"#, &["$.quotas[0]: give either levels, with min and max, or shares"]);
    one(r#""levels": {"x": {}}, "shares": {"x": 1}"#, &["$.quotas[0]: give either levels"]);
    one(r#""levels": {}"#, &["$.quotas[0].levels: give at least one level"]);
    one(r#""levels": {"x": 3}"#, &["q.json:1: ", "invalid type"]);
    one(r#""levels": {"x": {"least": 3}}"#, &["unknown field `least`"]);
    one(r#""levels": {"x": {"min": 3, "max": 2}}"#, &["$.quotas[0].levels.x: min 3 is above max 2"]);
    one(r#""levels": {"x": {"min": 1.5}}"#, &["q.json:1: ", "invalid type: floating point"]);
    one(r#""levels": {"x": {}, "x": {}}"#, &["$.quotas[0].levels.x: the level is given twice"]);
    one(r#""levels": {"": {}}"#, &["a level without a name"]);
    one(r#""shares": {"x": 0.4, "y": 0.5}"#, &["$.quotas[0].shares: the shares add up to 0.9, not to 1"]);
    one(r#""shares": {"x": -0.4, "y": 1.4}"#, &["$.quotas[0].shares.x: -0.4 is negative"]);
    one(r#""shares": {"x": 0}"#, &["$.quotas[0].shares: the shares add up to 0"]);
    one(r#""shares": {"x": 1e300}"#, &["$.quotas[0].shares.x: ", "is too large"]);
}
