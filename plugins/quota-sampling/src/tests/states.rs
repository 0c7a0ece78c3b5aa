//! States and models as bytes: small, exact, and refused when they are not the method's own.

use folkmoot_plugin_sdk::{Batch, Fold, Outcome, Values};

use super::*;

fn setting(attributes: usize) -> Config {
    let dimensions = [dimension("region", &[("a", 0.5), ("b", 0.5)]), dimension("age", &[("y", 0.5), ("o", 0.5)])];
    config(json!({"mode": "both", "size": 20}), &dimensions[..attributes])
}

fn people(count: u16) -> Vec<Person> {
    (0..count).map(|i| (i % 2, i / 2 % 2, 1.0, b"AD"[usize::from(i % 3 == 0)])).collect()
}

/// The saved first pass, the model, and the saved second pass.
fn bytes(config: &Config, people: &[Person]) -> [Vec<u8>; 3] {
    let rows = votes(config, people);
    let mut first = QuotaSampling::open(config, 0, None).unwrap();
    let feed = |fold: &mut QuotaSampling| {
        let batch = columns(&rows, config.dimensions.len());
        fold.update(&batch.batch()).unwrap();
    };
    feed(&mut first);
    let saved = first.save();
    let Ok(Outcome::Again(model)) = first.finish() else { panic!("no second pass") };
    let mut second = QuotaSampling::open(config, 1, Some(&model)).unwrap();
    feed(&mut second);
    [saved, model, second.save()]
}

struct Columns {
    participant: Vec<u32>,
    weight: Vec<i64>,
    strata: Vec<u16>,
    votes: Vec<u8>,
}

impl Columns {
    fn batch(&self) -> Batch<'_> {
        let values = Values::Votes(&self.votes);
        Batch { item: 0, width: 0, participant: &self.participant, weight: &self.weight, strata: &self.strata, values }
    }
}

fn columns(rows: &[Row], attributes: usize) -> Columns {
    Columns {
        participant: rows.iter().map(|row| row.participant).collect(),
        weight: rows.iter().map(|row| row.weight).collect(),
        strata: (0..attributes).flat_map(|a| rows.iter().map(move |row| row.strata[a])).collect(),
        votes: rows.iter().map(|row| row.answer[0]).collect(),
    }
}

#[test]
fn a_participant_takes_four_bytes() {
    let [saved, model, _] = bytes(&setting(1), &people(1000));
    assert!(saved.len() < 4 * 1000 + 40, "{} bytes", saved.len());
    // A bit for each of the million participants that the snapshot has.
    assert!(model.len() < 125_000 + 600, "{} bytes", model.len());
}

#[test]
fn damaged_bytes_are_bad_states_and_never_a_panic() {
    for attributes in [1, 2] {
        let config = Config { participants: 40, ..setting(attributes) };
        let [first, model, second] = bytes(&config, &people(40));
        let open = |model: Option<&[u8]>| QuotaSampling::open(&config, u32::from(model.is_some()), model);
        let refused = |outcome: Result<(), MethodError>| match outcome {
            Ok(()) | Err(MethodError::BadState(_)) => outcome.is_err(),
            other => panic!("not a bad state: {other:?}"),
        };
        for cut in 0..first.len() {
            assert!(refused(open(None).unwrap().merge(&first[..cut])), "first pass, {cut} bytes");
        }
        for cut in 0..second.len() {
            assert!(refused(open(Some(&model)).unwrap().merge(&second[..cut])), "second pass, {cut} bytes");
        }
        for cut in 0..model.len() {
            assert!(refused(open(Some(&model[..cut])).map(|_| ())), "model, {cut} bytes");
        }
        let mut numbers = Numbers(attributes as u64);
        for _ in 0..3000 {
            let mut damage = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                let at = numbers.next(bytes.len() as u64) as usize;
                bytes[at] = numbers.next(256) as u8;
                bytes
            };
            refused(open(None).unwrap().merge(&damage(&first)));
            refused(open(Some(&model)).unwrap().merge(&damage(&second)));
            if let Ok(fold) = open(Some(&damage(&model))) {
                let _ = fold.finish();
            }
        }
        let long = [first.as_slice(), &[0]].concat();
        assert!(refused(open(None).unwrap().merge(&long)));
        assert!(refused(open(None).unwrap().merge(&second)));
        assert!(refused(open(Some(&model)).unwrap().merge(&first)));
    }
}

#[test]
fn batches_that_do_not_fit_are_a_defect_of_the_host() {
    let config = setting(1);
    let good = columns(&votes(&config, &people(3)), 1);
    let check = |batch: Batch<'_>| {
        let [_, model, _] = bytes(&config, &people(40));
        for model in [None, Some(model.as_slice())] {
            let mut fold = QuotaSampling::open(&config, u32::from(model.is_some()), model).unwrap();
            assert!(matches!(fold.update(&batch), Err(MethodError::Internal(_))), "{batch:?}");
        }
    };
    check(Batch { participant: &[], ..good.batch() });
    check(Batch { strata: &[0, 0], ..good.batch() });
    check(Batch { weight: &[1, -1, 1], ..good.batch() });
    check(Batch { weight: &[1, 1 << 41, 1], ..good.batch() });
    let [_, model, _] = bytes(&config, &people(40));
    let mut second = QuotaSampling::open(&config, 1, Some(&model)).unwrap();
    for values in [Values::Votes(b"AXA"), Values::Choices(&[0, 0, 0]), Values::Votes(b"A")] {
        assert!(
            matches!(second.update(&Batch { values, ..good.batch() }), Err(MethodError::Internal(_))),
            "{values:?}"
        );
    }
    assert!(matches!(second.update(&Batch { item: 5, ..good.batch() }), Err(MethodError::Internal(_))));
    let mut first = QuotaSampling::open(&config, 0, None).unwrap();
    assert!(matches!(first.update(&Batch { strata: &[0, 9, 0], ..good.batch() }), Err(MethodError::Internal(_))));
    assert!(matches!(
        first.update(&Batch { participant: &[0, 1, 2_000_000], ..good.batch() }),
        Err(MethodError::Internal(_))
    ));
}

#[test]
fn answers_that_weigh_differently_are_told() {
    let mut config = config(json!({}), &[dimension("region", &[("a", 1.0)])]);
    config.items.push(item("w", "vote", &[]));
    let row = |item, participant, weight| Row { item, participant, strata: vec![0], weight, answer: b"A".to_vec() };
    let rows = [row(0, 0, WEIGHT_ONE), row(0, 1, WEIGHT_ONE), row(1, 0, 2 * WEIGHT_ONE), row(1, 1, WEIGHT_ONE)];
    let report = run_rows(&config, &rows).unwrap();
    assert!(note(&report, "differing_weights").unwrap().starts_with("the answers of 1 participant weigh differently"));
    close(&numbers(&report, "weights", "max")[..1], &[2.0], 0.0, "the largest weight counts");
}
