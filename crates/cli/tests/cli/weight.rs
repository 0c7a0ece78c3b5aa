//! `folkmoot weight`, and analyses that are weighted.

use crate::common::folkmoot;

const FILES: &str = "--participants {f}/participants.csv --targets {f}/targets.json";

#[test]
fn participants_get_weights_that_make_a_participants_file() {
    let ran = folkmoot(&format!("weight --method rake {FILES} --format csv"));
    assert_eq!(ran.code, 0, "{ran:?}");
    // Two of the north stand for 40 %, two of the south for 60 %.
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!((lines[0], lines.len()), ("participant,region,weight", 5));
    for (line, (start, weight)) in
        lines[1..].iter().zip([("p1,north,", 0.8), ("p2,south,", 1.2), ("p3,north,", 0.8), ("p4,south,", 1.2)])
    {
        let found: f64 = line.strip_prefix(start).expect("the participant").parse().expect("a number");
        assert!((found - weight).abs() < 1e-9, "{line}");
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    std::fs::write(file.path(), &ran.stdout).expect("it is written");
    let by_file = format!(
        "analyze --method shares --responses {{f}}/responses.csv --participants {} --format json",
        file.path().display()
    );
    let by_targets = format!("analyze --method shares --responses {{f}}/responses.csv {FILES} --format json");
    let shares = |line: &str| folkmoot(line).json()["report"]["tables"][0].clone();
    assert_eq!(shares(&by_file), shares(&by_targets));
}

#[test]
fn what_the_weights_achieve_is_told_in_every_format() {
    for method in ["rake", "poststratify", "calibrate --params {\"distance\":\"raking\"}"] {
        let ran = folkmoot(&format!("weight --method {method} {FILES} --format json"));
        assert_eq!(ran.code, 0, "{ran:?}");
        let json = ran.json();
        assert_eq!(json["weights"].as_array().map(Vec::len), Some(4));
        let weight = json["weights"][1]["weight"].as_f64().expect("a number");
        assert!((weight - 1.2).abs() < 1e-7, "{method}: {weight}");
    }
    insta::assert_snapshot!("table", folkmoot(&format!("weight --method rake {FILES}")).stdout);
}

#[test]
fn targets_that_cannot_be_met_are_a_failure_of_the_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("it is written");
        file.display().to_string()
    };
    let people = file("people.csv", "participant,a,b\np1,x,u\np2,x,u\np3,y,v\n");
    let targets = file(
        "targets.json",
        r#"{"margins": [{"attribute": "a", "shares": {"x": 0.5, "y": 0.5}},
                        {"attribute": "b", "shares": {"u": 0.6, "v": 0.4}}]}"#,
    );
    let ran = folkmoot(&format!("weight --method rake --participants {people} --targets {targets}"));
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("WEIGHTING_FAILED") && ran.stderr.contains("a=x"), "{}", ran.stderr);
}

#[test]
fn figures_are_given_with_and_without_flagged_participants() {
    let line = "analyze --method borda --responses {f}/responses.csv --quality --format json";
    let json = folkmoot(line).json();
    let ids: Vec<_> = json["report"]["tables"].as_array().expect("tables").iter().map(|table| &table["id"]).collect();
    assert!(ids.iter().any(|id| *id == "quality") && ids.iter().any(|id| *id == "orders_without_flagged"), "{ids:?}");
}
