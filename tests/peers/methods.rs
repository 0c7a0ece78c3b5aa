//! Our side of the comparisons with peers that need methods alone.

mod ours;

use std::path::Path;

use folkmoot_methods::contract::{Batch, Config, ItemInfo, Outcome, Values};
use folkmoot_methods::replicated::{Draws, Place, Replicated, Tails, fill};
use folkmoot_methods::report::Cell;
use folkmoot_methods::{Registry, Report, WEIGHT_ONE, schema};
use ours::{Numbers, measure, write};
use serde_json::Value;

const BATCH: usize = 65_536;
const RANKINGS: usize = 1_000_000;

fn main() {
    ours::main(&[
        ("pairwise-4", |folder| pairwise(folder, 4)),
        ("pairwise-20", |folder| pairwise(folder, 20)),
        ("plackett-luce", plackett_luce),
        ("opinion-groups-10k", |folder| opinion_groups(folder, 10_000, 500)),
        ("opinion-groups-30k", |folder| opinion_groups(folder, 30_000, 1000)),
        ("bootstrap", bootstrap),
        ("proportions", proportions),
    ]);
}

/// Answers to one item.
struct Answers {
    participant: Vec<u32>,
    weight: Vec<i64>,
    bytes: Vec<u8>,
}

/// The report of a method over the answers to each item.
fn report(method: &str, item: &ItemInfo, answers: &[Answers], participants: usize) -> Report {
    let registry = Registry::builtin();
    let method = registry.get(method).expect("the method is built in");
    let items = (0..answers.len()).map(|place| ItemInfo { id: place.to_string(), ..item.clone() });
    let config = Config {
        parameters: schema::check(&method.describe().parameters, &Value::Null).expect("defaults are valid"),
        items: items.collect(),
        dimensions: Vec::new(),
        participants: participants as u32,
        seed: 1,
    };
    let width = item.candidates.len();
    let wide = width.max(1);
    let mut accumulator = method.open(&config, 0, None).expect("the configuration is valid");
    for (item, answers) in (0..).zip(answers) {
        for start in (0..answers.weight.len()).step_by(BATCH) {
            let end = (start + BATCH).min(answers.weight.len());
            let bytes = &answers.bytes[start * wide..end * wide];
            let batch = Batch {
                item,
                width,
                participant: &answers.participant[start..end],
                weight: &answers.weight[start..end],
                strata: &[],
                values: if width == 0 { Values::Votes(bytes) } else { Values::Ranks(bytes) },
            };
            accumulator.update(&batch).expect("the batch is sound");
        }
    }
    match accumulator.finish().expect("the data has an answer") {
        Outcome::Done(report) => report,
        Outcome::Again(_) => unreachable!("these methods have one pass"),
    }
}

fn item(kind: &str, candidates: usize) -> ItemInfo {
    let candidates = (0..candidates).map(|candidate| candidate.to_string()).collect();
    ItemInfo { id: String::new(), kind: kind.to_owned(), candidates, position: None }
}

/// Twenty statements, voted on by a million people of any weight: shares with errors and logit intervals.
fn proportions(folder: &Path) {
    const ROWS: usize = 1_000_000;
    const STATEMENTS: usize = 20;
    let mut numbers = Numbers(6);
    let weight: Vec<i64> = (0..ROWS).map(|_| WEIGHT_ONE / 2 + numbers.below(WEIGHT_ONE as u64) as i64).collect();
    let mut votes = |statement: usize| -> Answers {
        let agreed = 0.04 * (statement as f64 + 1.0);
        let vote = |_| if numbers.share() < agreed { b'A' } else { b'D' };
        let bytes = (0..ROWS).map(vote).collect();
        Answers { participant: (0..ROWS as u32).collect(), weight: weight.clone(), bytes }
    };
    let answers: Vec<Answers> = (0..STATEMENTS).map(&mut votes).collect();
    let agreed = answers.iter().flat_map(|answers| answers.bytes.iter().map(|vote| [u8::from(*vote == b'A')]));
    write(folder, "answers.u8", agreed);
    write(folder, "weights.f64", weight.iter().map(|weight| (*weight as f64 / WEIGHT_ONE as f64).to_le_bytes()));
    measure(
        || report("proportions", &item("vote", 0), &answers, ROWS),
        |report| {
            let table = report.table("proportions").expect("there is the table");
            let is_agree = |row: &&Vec<Cell>| table.cell(row, "option").and_then(Cell::as_str) == Some("agree");
            let rows: Vec<&Vec<Cell>> = table.rows.iter().filter(is_agree).collect();
            let number = |row: &Vec<Cell>, id: &str| table.cell(row, id).and_then(Cell::as_f64).expect("a number");
            let error = |row| {
                let share = number(row, "share");
                (share * (1.0 - share) / number(row, "n_eff")).sqrt()
            };
            let (first, last) = (rows[0], rows[STATEMENTS - 1]);
            vec![
                ("est0", number(first, "share")),
                ("se0", error(first)),
                ("lci0", number(first, "share_low")),
                ("uci0", number(first, "share_high")),
                ("est19", number(last, "share")),
                ("se19", error(last)),
                ("lci19", number(last, "share_low")),
                ("uci19", number(last, "share_high")),
            ]
        },
    );
}

/// Strict orders of all candidates, each of weight 1 to 4.
fn pairwise(folder: &Path, width: usize) {
    let mut numbers = Numbers(4);
    let mut bytes = Vec::with_capacity(width * RANKINGS);
    for _ in 0..RANKINGS {
        let start = bytes.len();
        bytes.extend(0..width as u8);
        // Every other ranking is left partly in the order of the candidates.
        let first = if numbers.below(2) == 0 { 1 } else { width / 2 };
        (first..width).for_each(|at| bytes.swap(start + at, start + numbers.below(at as u64 + 1) as usize));
    }
    let weight: Vec<i64> = (0..RANKINGS).map(|_| numbers.below(4) as i64 + 1).collect();
    write(folder, "tiers.u8", bytes.iter().map(|tier| [*tier]));
    write(folder, "weights.i64", weight.iter().map(|weight| weight.to_le_bytes()));
    let weight = weight.iter().map(|weight| weight * WEIGHT_ONE).collect();
    let answers = [Answers { participant: (0..RANKINGS as u32).collect(), weight, bytes }];
    let item = item("rank", width);
    let check = |report: &Report| {
        let support = |row: usize| report.table("pairs").and_then(|table| table.rows[row][3].as_f64()).expect("a pair");
        vec![("0>1", support(0)), ("last>last-1", support(width * (width - 1) - 1))]
    };
    measure(|| report("pairwise", &item, &answers, RANKINGS), check);
}

/// Orders of ten candidates by their worths and chance: the smallest of exponential waiting times is first.
fn plackett_luce(folder: &Path) {
    let (width, rankings) = (10, 100_000);
    let mut numbers = Numbers(3);
    let mut bytes = Vec::with_capacity(width * rankings);
    let mut orders = Vec::with_capacity(width * rankings);
    for _ in 0..rankings {
        let waiting: Vec<f64> = (1..=width).map(|rate| -(1.0 - numbers.share()).ln() / rate as f64).collect();
        let mut order: Vec<u8> = (0..width as u8).collect();
        order.sort_by(|&a, &b| waiting[usize::from(a)].total_cmp(&waiting[usize::from(b)]));
        let tier = |candidate: u8| order.iter().position(|&placed| placed == candidate).unwrap_or_default() as u8;
        bytes.extend((0..width as u8).map(tier));
        orders.extend(order);
    }
    write(folder, "orders.u8", orders.iter().map(|candidate| [*candidate]));
    let participant = (0..rankings as u32).collect();
    let answers = [Answers { participant, weight: vec![WEIGHT_ONE; rankings], bytes }];
    let item = item("rank", width);
    let check = |report: &Report| {
        let table = report.table("candidates").expect("it has candidates");
        let worth = |row: usize| table.cell(&table.rows[row], "log_worth").and_then(Cell::as_f64).expect("a number");
        vec![("first", worth(0)), ("last", worth(width - 1))]
    };
    measure(|| report("plackett-luce", &item, &answers, rankings), check);
}

/// Bootstrap intervals of the agreement table: 1,000 items of four candidates, 16 answers each of 1,000
/// people, 2,000 replicates in which whole people are drawn by Poisson weights.
fn bootstrap(folder: &Path) {
    let (people, items, each, replicates) = (1000, 1000, 16, 2000);
    let mut numbers = Numbers(23);
    let mut answers = Vec::new();
    let mut figures = Vec::new();
    for _ in 0..items {
        let mut participant: Vec<u32> = (0..people).collect();
        (0..each).for_each(|at| participant.swap(at, at + numbers.below((people as usize - at) as u64) as usize));
        participant.truncate(each);
        participant.sort_unstable();
        let mut bytes = Vec::new();
        for _ in 0..each {
            let mut tiers = [0, 1, 2, 3];
            (1..4).for_each(|at| tiers.swap(at, numbers.below(at as u64 + 1) as usize));
            figures.extend(agreement(tiers));
            bytes.extend(tiers);
        }
        answers.push(Answers { participant, weight: vec![WEIGHT_ONE; each], bytes });
    }
    let of_all = |value: fn(&Answers, usize, u32) -> u32| -> Vec<u32> {
        let of = |(item, answers): (u32, &Answers)| {
            (0..each).map(move |row| (row, item)).map(|(row, item)| value(answers, row, item)).collect::<Vec<_>>()
        };
        (0_u32..).zip(&answers).flat_map(of).collect()
    };
    write(
        folder,
        "participants.u32",
        of_all(|answers, row, _| answers.participant[row]).into_iter().map(u32::to_le_bytes),
    );
    write(folder, "items.u32", of_all(|_, _, item| item).into_iter().map(u32::to_le_bytes));
    write(folder, "figures.f64", figures.iter().map(|figure: &f64| figure.to_le_bytes()));
    let check = |widths: &Vec<f64>| vec![("width", widths.iter().sum::<f64>() / widths.len() as f64)];
    measure(|| interval_widths(&answers, people, replicates), check);
}

/// Accord, top choice, tau-b and rho of strict orders of four with the order of the candidates.
fn agreement(tiers: [u8; 4]) -> [f64; 4] {
    let pairs = (0..4).flat_map(|a| (a + 1..4).map(move |b| (a, b)));
    let accord = pairs.filter(|&(a, b)| tiers[a] < tiers[b]).count() as f64 / 6.0;
    let distance: i32 = (0..4).map(|place| (i32::from(tiers[place]) - place as i32).pow(2)).sum();
    [accord, f64::from(u8::from(tiers[0] == 0)), 2.0 * accord - 1.0, 1.0 - 6.0 * f64::from(distance) / 60.0]
}

/// Widths of the intervals of each item's accord; the ends of all estimates are found, on every processor.
fn interval_widths(answers: &[Answers], people: u32, replicates: u32) -> Vec<f64> {
    let registry = Registry::builtin();
    let method = registry.get("agreement").expect("the method is built in");
    let of_position = ItemInfo { position: Some(vec![0, 1, 2, 3]), ..item("rank", 4) };
    let config = Config {
        parameters: schema::check(&method.describe().parameters, &Value::Null).expect("defaults are valid"),
        items: (0..answers.len()).map(|place| ItemInfo { id: place.to_string(), ..of_position.clone() }).collect(),
        dimensions: Vec::new(),
        participants: people,
        seed: 1,
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut draws = Draws::none(people, replicates as usize);
    std::thread::scope(|scope| {
        for (first, lines) in draws.parts(threads) {
            let seed = config.seed;
            scope.spawn(move || fill(seed, 1..1 + replicates, first, lines));
        }
    });
    let ends = |place: Place, values: &[f64], widths: &mut Vec<f64>| {
        let mut tails = Tails::new(replicates as usize);
        tails.push(values);
        let ends = tails.ends().map(|(low, high)| high - low);
        widths.extend(ends.filter(|_| place.table == "items" && place.column == "accord"));
    };
    let shard = &|first: usize, answers: &[Answers]| {
        let mut fold = method.replicated(&config, draws.lanes()).expect("it is valid").expect("it takes replicates");
        let mut widths = Vec::new();
        for (item, answers) in (first as u32..).zip(answers) {
            let batch = Batch {
                item,
                width: 4,
                participant: &answers.participant,
                weight: &answers.weight,
                strata: &[],
                values: Values::Ranks(&answers.bytes),
            };
            fold.update(&batch).expect("the batch is sound");
            fold.close(item, &draws, &mut |place, values| ends(place, values, &mut widths));
        }
        (fold, widths)
    };
    let each = answers.len().div_ceil(threads);
    let shards: Vec<_> = std::thread::scope(|scope| {
        let shards = answers.chunks(each).enumerate();
        let shards: Vec<_> = shards.map(|(at, answers)| scope.spawn(move || shard(at * each, answers))).collect();
        shards.into_iter().map(|shard| shard.join().expect("no shard fails")).collect()
    });
    let merge = |(mut sum, mut all): (Box<dyn Replicated>, Vec<f64>), (fold, widths)| {
        sum.merge(fold).expect("they are of one method");
        all.extend(widths);
        (sum, all)
    };
    let (fold, mut widths) = shards.into_iter().reduce(merge).expect("there are items");
    fold.finish(&mut |place, values| ends(place, values, &mut widths));
    widths
}

/// People of four leanings, each of whom voted on a hundred statements.
fn opinion_groups(folder: &Path, people: usize, statements: usize) {
    let mut numbers = Numbers(17);
    let leanings: Vec<f64> = (0..4 * statements).map(|_| numbers.share()).collect();
    let empty = || Answers { participant: Vec::new(), weight: Vec::new(), bytes: Vec::new() };
    let mut answers: Vec<Answers> = (0..statements).map(|_| empty()).collect();
    for participant in 0..people as u32 {
        let leaning = &leanings[numbers.below(4) as usize * statements..][..statements];
        for (answers, agreeing) in answers.iter_mut().zip(leaning) {
            if numbers.below(statements as u64) >= 100 {
                continue;
            }
            answers.participant.push(participant);
            answers.weight.push(WEIGHT_ONE);
            answers.bytes.push(match (numbers.share(), numbers.share() < *agreeing) {
                (passing, _) if passing < 0.1 => b'P',
                (_, true) => b'A',
                (_, false) => b'D',
            });
        }
    }
    write(folder, "participants.u32", answers.iter().flat_map(|of| &of.participant).map(|p| p.to_le_bytes()));
    write(folder, "counts.u32", answers.iter().map(|of| (of.weight.len() as u32).to_le_bytes()));
    write(folder, "votes.u8", answers.iter().flat_map(|of| &of.bytes).map(|vote| [*vote]));
    let item = item("vote", 0);
    let check = |report: &Report| {
        let scalar = |id| report.scalars.iter().find(|scalar| scalar.id == id).and_then(|scalar| scalar.value.as_f64());
        ["first", "second"].into_iter().filter_map(|id| Some((id, scalar(id)?))).collect()
    };
    measure(|| report("opinion-groups", &item, &answers, people), check);
}
