//! What a sealed snapshot promises.

use std::path::Path;

use folkmoot_core::{Answer, Item, Reason, View};
use folkmoot_snapshot::{Limits, Meta, PartState, Participant, Row, Snapshot, SnapshotError, Writer};
use proptest::prelude::*;

fn items() -> Vec<Item> {
    serde_json::from_value(serde_json::json!([
        {"id": "q", "kind": "rank", "prompt": "which", "candidates": [{"id": "A"}, {"id": "B"}, {"id": "C"}]},
        {"id": "v", "kind": "vote", "prompt": "is it so"},
        {"id": "t", "kind": "text", "prompt": "why"},
    ]))
    .unwrap()
}

fn people() -> Vec<Participant> {
    let person = |n: u32| Participant {
        id: format!("p{n}"),
        attributes: [("region".to_owned(), ["north", "south"][n as usize % 2].to_owned())].into(),
        weight: (n != 3).then_some(f64::from(n) + 0.5),
    };
    (0..20).rev().map(person).collect()
}

#[derive(Clone, Debug)]
struct Given {
    item: &'static str,
    participant: String,
    view: View,
    answer: Vec<u8>,
    rationale: Option<String>,
    weight: Option<f64>,
}

fn rows() -> Vec<Given> {
    let mut rows = Vec::new();
    for n in 0..20u8 {
        for view in [View::Personal, View::World] {
            rows.push(Given {
                item: "q",
                participant: format!("p{n}"),
                view,
                answer: vec![0, 1, n % 2],
                rationale: (n % 3 == 0).then(|| format!("because {n}")),
                weight: (n % 4 == 0).then_some(2.0),
            });
        }
        let given = |item, answer: &[u8]| Given {
            item,
            participant: format!("p{n}"),
            view: View::Personal,
            answer: answer.to_vec(),
            rationale: None,
            weight: None,
        };
        rows.push(given("v", b"A"));
        rows.push(given("t", format!("words of {n}").as_bytes()));
    }
    rows
}

fn seal(dir: &Path, rows: &[Given], limit: usize) -> Result<Snapshot, SnapshotError> {
    let meta = Meta { round: serde_json::json!({"title": "test"}), simulated: true };
    let limits = Limits { rows: limit, bytes: 1 << 20 };
    let mut writer = Writer::with_limits(dir, items(), people(), meta, limits)?;
    for row in rows {
        writer.push(Row {
            item: row.item,
            participant: &row.participant,
            view: row.view,
            answer: &row.answer,
            rationale: row.rationale.as_deref(),
            weight: row.weight,
            duration_ms: Some(7),
        })?;
    }
    writer.seal()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_goes_in_comes_out_in_canonical_order() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = seal(dir.path(), &rows(), 7).unwrap();
    assert_eq!(names(dir.path()), [sealed.hash().to_string()], "nothing but the snapshot is left");
    let snapshot = Snapshot::open(&sealed.dir).unwrap();
    assert_eq!(snapshot.items, items());
    assert_eq!(snapshot.participants, sealed.participants);
    assert_eq!(snapshot.participants.ids[..3], ["p0", "p1", "p10"]);
    let region = snapshot.participants.attribute("region").unwrap();
    assert_eq!((region.levels.as_slice(), region.codes[1]), (&["north".to_owned(), "south".to_owned()][..], 1));
    let weights = snapshot.participants.weights.as_ref().unwrap();
    assert_eq!(weights[snapshot.participants.place("p3").unwrap() as usize], 1.0);

    let mut seen = Vec::new();
    snapshot
        .for_each_row(|row| {
            seen.push((row.item.id.clone(), row.participant.to_owned(), row.view));
            if let Answer::Text(words) = &row.answer {
                assert_eq!(*words, format!("words of {}", &row.participant[1..]));
            }
            if row.item.id == "q" {
                let number: u32 = row.participant[1..].parse().unwrap();
                assert_eq!(row.rationale, number.is_multiple_of(3).then(|| format!("because {number}")));
                assert_eq!(row.weight, number.is_multiple_of(4).then_some(2.0));
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(seen.len(), 80);
    assert!(snapshot.verify().unwrap().is_sound());
}

#[test]
fn a_scan_gives_the_wanted_items_as_columns() {
    let dir = tempfile::tempdir().unwrap();
    let snapshot = seal(dir.path(), &rows(), 1000).unwrap();
    let mut seen = Vec::new();
    snapshot
        .scan(&[0, 2], &mut |batch| {
            let answers: usize = (0..batch.rows()).map(|row| batch.answer(row).len()).sum();
            assert_eq!(answers, batch.all_answers().len());
            seen.push((batch.item, batch.rows(), answers, batch.weight.map(|w| w.iter().sum::<f64>())));
            assert!(batch.participant.is_sorted());
            Ok(())
        })
        .unwrap();
    // 10 of the 40 rankings weigh 2, the others 1; texts hold no bytes here.
    assert_eq!(seen, [(0, 40, 120, Some(50.0)), (2, 20, 0, None)]);
}

#[test]
fn rows_that_cannot_be_are_refused_by_name() {
    let check = |change: fn(&mut Given), reason: Reason, want: &str| {
        let dir = tempfile::tempdir().unwrap();
        let mut given = rows();
        change(&mut given[0]);
        let error = seal(dir.path(), &given, 5).unwrap_err();
        assert_eq!(error.to_string(), want);
        assert!(matches!(error, SnapshotError::Refused { reason: r, .. } if r == reason), "{error:?}");
        assert!(names(dir.path()).is_empty(), "nothing is left behind");
    };
    check(
        |row| row.participant = "p99".into(),
        Reason::ResourceNotFound,
        "item q, participant p99, view personal: the participant is not listed",
    );
    check(
        |row| row.view = View::World,
        Reason::DuplicateAnswer,
        "item q, participant p0, view world: the answer is given twice",
    );
    check(
        |row| row.answer = vec![0, 2, 0],
        Reason::AnswerKind,
        "item q, participant p0, view personal: the bytes are no answer to the item",
    );
    check(
        |row| row.weight = Some(f64::NAN),
        Reason::BadNumber,
        "item q, participant p0, view personal: the weight NaN is not a number from 0 to 1000000",
    );
}

#[test]
fn withheld_words_are_told_and_the_rest_still_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = seal(dir.path(), &rows(), 1000).unwrap();
    std::fs::remove_file(sealed.dir.join("words.parquet")).unwrap();
    let snapshot = Snapshot::open(&sealed.dir).unwrap();
    let verification = snapshot.verify().unwrap();
    assert!(verification.is_sound());
    assert_eq!(verification.parts[3].state, PartState::Withheld);
    assert_eq!(snapshot.files().len(), 4);
    let mut rationales = 0;
    let count = |row: folkmoot_snapshot::RowOut<'_>| {
        rationales += usize::from(row.rationale.is_some());
        Ok(())
    };
    snapshot.for_each_row(count).unwrap();
    assert_eq!(rationales, 0);
}

#[test]
fn a_changed_part_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut other = rows();
    let a = seal(dir.path(), &other, 1000).unwrap();
    other[0].answer = vec![1, 0, 1];
    let b = seal(dir.path(), &other, 1000).unwrap();
    assert_ne!(a.hash(), b.hash());
    std::fs::copy(b.dir.join("responses.parquet"), a.dir.join("responses.parquet")).unwrap();
    let verification = Snapshot::open(&a.dir).unwrap().verify().unwrap();
    let faults: Vec<_> = verification.faults().map(|check| check.part).collect();
    assert_eq!(faults, ["responses"]);
    assert!(!verification.is_sound());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_hash_depends_on_content_alone(shuffled in Just(rows()).prop_shuffle(), limit in 1usize..100) {
        let dir = tempfile::tempdir().unwrap();
        let plain = seal(dir.path(), &rows(), 1000).unwrap();
        let other = seal(dir.path(), &shuffled, limit).unwrap();
        prop_assert_eq!(plain.hash(), other.hash());
    }

    #[test]
    fn a_damaged_file_is_an_error_and_never_a_panic(
        name in prop::sample::select(vec!["responses.parquet", "words.parquet", "participants.parquet"]),
        at in any::<prop::sample::Index>(),
        mask in 1u8..,
        cut in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let sealed = seal(dir.path(), &rows(), 1000).unwrap();
        let file = sealed.dir.join(name);
        let mut bytes = std::fs::read(&file).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] ^= mask }
        std::fs::write(&file, bytes).unwrap();
        // A flipped bit in padding or statistics may leave the content as it was: then it verifies.
        let Ok(snapshot) = Snapshot::open(&sealed.dir) else { return Ok(()) };
        let sound = snapshot.verify().unwrap().is_sound();
        let rows = snapshot.for_each_row(|_| Ok(()));
        prop_assert!(!(cut && sound));
        prop_assert!(!sound || rows.is_ok());
    }
}

#[test]
fn an_attribute_of_too_many_values_is_kept_and_makes_no_segments() {
    let dir = tempfile::tempdir().unwrap();
    let person = |n: u32| Participant {
        id: format!("p{n}"),
        attributes: [("own".to_owned(), format!("v{n}"))].into(),
        weight: None,
    };
    let writer = Writer::create(dir.path(), items(), (0..70_000).map(person), Meta::default()).unwrap();
    let sealed = writer.seal().unwrap();
    let read = Snapshot::open(&sealed.dir).unwrap();
    assert_eq!(read.participants, sealed.participants);
    let own = read.participants.attribute("own").unwrap();
    assert!(own.levels.is_empty());
    assert_eq!(own.level(read.participants.place("p69999").unwrap() as usize), Some("v69999"));
}

#[test]
fn participants_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let check = |attribute: &str, weight: f64, want: Option<Reason>| {
        let attributes = [(attribute.to_owned(), "x".to_owned())].into();
        let person = Participant { id: "p".into(), attributes, weight: Some(weight) };
        let made = Writer::create(dir.path(), items(), [person], Meta::default());
        let got = match made {
            Err(SnapshotError::Refused { reason, .. }) => Some(reason),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        };
        assert_eq!(got, want, "{attribute} {weight}");
    };
    check("region", 1_000_000.0, None);
    check("region", 1_000_001.0, Some(Reason::BadNumber));
    check("region", f64::NAN, Some(Reason::BadNumber));
    check("weight", 1.0, Some(Reason::BadName));
    check("participant", 1.0, Some(Reason::BadName));
}

#[test]
fn what_a_crash_left_is_removed_and_snapshots_stay() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = seal(dir.path(), &rows(), 7).unwrap();
    for name in [".sealing-x", ".sealed-y"] {
        std::fs::create_dir(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join(name).join("run"), b"words").unwrap();
    }
    folkmoot_snapshot::remove_unfinished(dir.path()).unwrap();
    assert_eq!(names(dir.path()), [sealed.hash().to_string()]);
    folkmoot_snapshot::remove_unfinished(&dir.path().join("none")).unwrap();
}
