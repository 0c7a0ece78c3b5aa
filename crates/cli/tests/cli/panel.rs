//! `folkmoot panel`: a lottery, and who is drawn.

use crate::common::folkmoot;

#[test]
fn a_panel_is_drawn_and_the_same_again() {
    let line = "panel --method leximin --pool {f}/participants.csv --quotas {f}/quotas.json --seed 7 --format json";
    let ran = folkmoot(line);
    assert_eq!(ran.code, 0, "{ran:?}");
    let tables = &ran.json()["report"]["tables"];
    assert_eq!(tables[0]["rows"].as_array().map(Vec::len), Some(2), "{ran:?}");
    assert_eq!(folkmoot(line).stdout, ran.stdout);
    let people = folkmoot("panel --pool {f}/participants.csv --quotas {f}/quotas.json --format csv --table people");
    assert_eq!(people.stdout, "participant,type,probability\np1,t1,0.5\np2,t2,0.5\np3,t1,0.5\np4,t2,0.5\n");
}

#[test]
fn a_published_lottery_draws_the_same_panel_without_the_pool() {
    let folder = tempfile::tempdir().expect("a folder");
    let lottery = folder.path().join("lottery.json").display().to_string();
    let pool = "panel --pool {f}/participants.csv --quotas {f}/quotas.json --format json";
    let trial = folkmoot(pool);
    assert!(trial.stdout.contains("no seed was given: this is a trial, from the seed"), "{trial:?}");
    std::fs::write(&lottery, &trial.stdout).expect("the lottery is written");
    for seed in ["7", "8", "dice-3-1-4"] {
        let panel = |line: &str| {
            let report = folkmoot(line).json()["report"].clone();
            let rows = report["tables"][0]["rows"].as_array().cloned().unwrap_or_default();
            let ticket =
                report["scalars"].as_array().and_then(|all| all.iter().find(|one| one["id"] == "ticket").cloned());
            let people: Vec<_> = rows.iter().map(|row| row[0].clone()).collect();
            (people, ticket.map(|ticket| ticket["value"].clone()))
        };
        let again = panel(&format!("panel --lottery {lottery} --seed {seed} --format json"));
        assert_eq!(again, panel(&format!("{pool} --seed {seed}")), "{seed}");
        assert!(again.0.len() == 2 && again.1.is_some(), "{again:?}");
    }
    std::fs::write(&lottery, trial.stdout.replacen("t1:1", "t1:9", 1)).expect("the lottery is written");
    let bad = folkmoot(&format!("panel --lottery {lottery} --seed 7"));
    assert!(bad.code == 2 && bad.stderr.contains("lottery: panel 1 has no tickets, or seats for nobody"), "{bad:?}");
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let check = |line: &str, code: u8, words: &str| {
        let ran = folkmoot(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{line}: {ran:?}");
        assert!(ran.stderr.contains(words), "{line}: {words:?} is not in\n{}", ran.stderr);
    };
    let pool = "panel --pool {f}/participants.csv";
    check(
        &format!("{pool} --quotas {{f}}/strict_quotas.json"),
        1,
        "strict_quotas.json: no panel of this pool meets all quotas; the smallest relaxation is 2 seats: region=west: \
         min 2 to 0 (QUOTA_INFEASIBLE)",
    );
    check(&format!("{pool} --quotas {{f}}/quotas.json --seats 5"), 2, "quotas.json: $.seats: 5 seats are more than");
    check(&format!("{pool} --quotas {{f}}/items.json"), 2, "items.json:");
    check(&format!("{pool} --quotas {{f}}/quotas.json --format csv --table x"), 2, "it has panel, quotas, histogram");
    check(&format!("{pool} --quotas {{f}}/quotas.json --method borda"), 2, "leximin, maximin, nash");
}
