//! Real conversations: figures on the stored groups against red-dwarf 0.4.0, which follows Polis, and
//! opinion groups against the stored clustering.

use std::path::PathBuf;

use folkmoot_fold::rows::{Row, run};
use serde_json::json;

use crate::contract::{Config, NO_STRATUM, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::{Cell, Report, Table};
use crate::testing::{config, votes_item};

/// A conversation's matrix of votes: for each participant the stored group and the cells.
struct Matrix {
    groups: Vec<Option<u16>>,
    cells: Vec<Vec<Option<i8>>>,
}

fn read(conversation: &str) -> Option<Matrix> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/polis"));
    let Ok(text) = std::fs::read_to_string(folder.join(conversation).join("participants-votes.csv")) else {
        println!("skipped: real data not found");
        return None;
    };
    let mut matrix = Matrix { groups: Vec::new(), cells: Vec::new() };
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        matrix.groups.push(fields[1].parse().ok());
        matrix.cells.push(fields[6..].iter().map(|cell| cell.parse().ok()).collect());
    }
    Some(matrix)
}

impl Matrix {
    fn items(&self) -> usize {
        self.cells[0].len()
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for item in 0..self.items() {
            for (participant, cells) in self.cells.iter().enumerate() {
                let Some(vote) = cells[item] else { continue };
                let byte = match vote {
                    1 => b'A',
                    -1 => b'D',
                    _ => b'P',
                };
                let stratum = self.groups[participant].unwrap_or(NO_STRATUM);
                let (item, participant) = (item as u32, participant as u32);
                rows.push(Row { item, participant, strata: vec![stratum], weight: WEIGHT_ONE, answer: vec![byte] });
            }
        }
        rows
    }

    fn run(&self, id: &str, strata: usize) -> Report {
        let registry = Registry::builtin();
        let method = registry.get(id).unwrap();
        let items: Vec<_> = (0..self.items()).map(|item| votes_item(&item.to_string())).collect();
        let config: Config = config(method, &json!({}), &items, strata);
        run(method, &config, &self.rows()).unwrap()
    }
}

fn close(got: f64, want: f64, within: f64, what: &str) {
    assert!((got - want).abs() <= within, "{what}: {got} is not {want}");
}

/// The numbers of a column, of the rows that are wanted.
fn numbers(table: &Table, column: &str, wanted: impl Fn(&[Cell]) -> bool) -> Vec<f64> {
    let rows = table.rows.iter().filter(|row| wanted(row));
    rows.map(|row| table.cell(row, column).unwrap().as_f64().unwrap()).collect()
}

#[test]
fn stored_groups_have_the_sizes_that_the_data_says() {
    for (conversation, sizes) in [("vtaiwan.uberx", [330, 889, 702]), ("brexit-consensus", [106, 91, 7])] {
        let Some(matrix) = read(conversation) else { return };
        let size = |group: Option<u16>| matrix.groups.iter().filter(|&&g| g == group).count();
        assert_eq!([size(Some(0)), size(Some(1)), size(None)], sizes, "{conversation}");
    }
}

/// `reddwarf.utils.stats.calculate_comment_statistics(X, group_id)` of red-dwarf 0.4.0, where X holds the
/// participants with a stored group: over all statements with votes the sums of `C_v_c` for agree and
/// disagree, and of `R_v_g_c` for agree in each group.
const CONVERSATIONS: [(&str, [f64; 2], [f64; 2]); 4] = [
    ("vtaiwan.uberx", [58.90990573898773, 17.500438245227357], [213.150626170797, 239.86261956422643]),
    ("brexit-consensus", [17.35788289292667, 8.170973533651718], [62.91325331281565, 94.69839041205307]),
    ("15-per-hour-seattle", [11.265542705293694, 5.93458204071288], [72.00383027188563, 63.14703619768122]),
    ("scoop-hivemind.taxes", [40.030557187535464, 21.6071012590822], [221.7728119832156, 204.7319589186307]),
];

#[test]
fn consensus_and_representativeness_on_stored_groups_are_those_of_polis() {
    for (conversation, consensus, ratios) in CONVERSATIONS {
        let Some(matrix) = read(conversation) else { return };
        let report = matrix.run("group-consensus", 2);
        let table = report.table("consensus").unwrap();
        for (column, want) in ["consensus", "against"].into_iter().zip(consensus) {
            let sum = numbers(table, column, |_| true).iter().sum();
            close(sum, want, 1e-9, &format!("{conversation} {column}"));
        }
        for (group, want) in ["s0", "s1"].into_iter().zip(ratios) {
            let of_group = |row: &[Cell]| row[1].as_str() == Some(group);
            let sum = numbers(report.table("groups").unwrap(), "ratio", of_group).iter().sum();
            close(sum, want, 1e-9, &format!("{conversation} ratio in {group}"));
        }
    }
}

/// As above, in each group: sums of `P_v_g_c_test` for agree and disagree over the statements the group voted
/// on, of `R_v_g_c` for disagree over all, and of `R_v_g_c_test` for agree and disagree over the statements
/// both groups voted on.
const TESTS: [(&str, [[f64; 5]; 2]); 4] = [
    (
        "vtaiwan.uberx",
        [
            [269.3779169210418, -550.6429594916265, 542.2872692957735, -107.07230686041774, 137.32285600994942],
            [556.3352192111291, -923.2115854814436, 352.76990264928776, 107.07230686041774, -137.32285600994942],
        ],
    ),
    (
        "brexit-consensus",
        [
            [12.084176235144017, -91.9786774966651, 77.59447294976721, -16.180128205537482, 6.3458499029169255],
            [33.930815023507705, -100.1953825751252, 117.40744721804604, 16.180128205537482, -6.3458499029169255],
        ],
    ),
    (
        "15-per-hour-seattle",
        [
            [-6.51336299755896, -73.97095755864517, 95.83438841982955, -22.00744146797241, -19.011632985591497],
            [13.478011682922421, -30.117711748484297, 95.97078307955796, 22.00744146797241, 19.011632985591497],
        ],
    ),
    (
        "scoop-hivemind.taxes",
        [
            [-9.23398192092781, -40.309891761754024, 561.1450175317559, -27.715404674860473, 152.07317291646493],
            [95.08349737329966, -333.0476011693674, 126.96622655672141, 27.715404674860473, -152.07317291646493],
        ],
    ),
];

#[test]
fn tests_of_representativeness_on_stored_groups_are_those_of_polis() {
    const COLUMNS: [&str; 5] = ["agree_z", "disagree_z", "disagree_ratio", "z", "disagree_ratio_z"];
    for (conversation, groups) in TESTS {
        let Some(matrix) = read(conversation) else { return };
        let report = matrix.run("group-consensus", 2);
        let table = report.table("groups").unwrap();
        for (group, wanted) in ["s0", "s1"].into_iter().zip(groups) {
            for (column, want) in COLUMNS.into_iter().zip(wanted) {
                let of_group = |row: &[Cell]| {
                    row[1].as_str() == Some(group) && table.cell(row, column).unwrap().as_f64().is_some()
                };
                let sum = numbers(table, column, of_group).iter().sum();
                close(sum, want, 1e-9, &format!("{conversation} {column} in {group}"));
            }
        }
    }
}

#[test]
fn single_statements_on_stored_groups() {
    // As above, of one statement: `C_v_c` for agree and disagree, then for agree in group 0 `R_v_g_c` and
    // `R_v_g_c_test`.
    let check = |conversation: &str, item: &str, want: [f64; 4]| {
        let Some(matrix) = read(conversation) else { return };
        let report = matrix.run("group-consensus", 2);
        let of_item = |row: &[Cell]| row[0].as_str() == Some(item);
        let number = |table: &str, column: &str| numbers(report.table(table).unwrap(), column, of_item)[0];
        let found = [
            number("consensus", "consensus"),
            number("consensus", "against"),
            number("groups", "ratio"),
            number("groups", "z"),
        ];
        found.into_iter().zip(want).for_each(|(got, want)| close(got, want, 1e-9, conversation));
    };
    check("vtaiwan.uberx", "3", [0.420862006519377, 0.03863334540625377, 0.598761580185283, -9.721140481033054]);
    check("vtaiwan.uberx", "20", [0.12409937588857563, 0.08142364876262079, 5.019770114942529, 16.94217876995166]);
    check("brexit-consensus", "20", [0.2442002442002442, 0.02271062271062271, 0.3876923076923077, -5.5784363053550425]);
}

#[test]
fn the_map_is_the_one_that_polis_draws() {
    // run_pipeline(votes) of red-dwarf 0.4.0 over those who voted on seven statements or more:
    // explained_variance_ratio_, and for the first conversation (in the other one some statements have no
    // votes, and those are not counted there) the sum of |x| and of |y| and the first participant.
    let check = |conversation: &str, explained: [f64; 2], sums: Option<[f64; 2]>, first: Option<[f64; 2]>| {
        let Some(matrix) = read(conversation) else { return };
        let report = matrix.run("opinion-groups", 0);
        for (id, want) in ["first", "second"].into_iter().zip(explained) {
            let scalar = report.scalars.iter().find(|scalar| scalar.id == id).unwrap();
            close(scalar.value.as_f64().unwrap(), want, 1e-9, &format!("{conversation} {id}"));
        }
        for (place, column) in ["x", "y"].into_iter().enumerate() {
            let found: Vec<_> =
                numbers(report.table("map").unwrap(), column, |_| true).iter().map(|x| x.abs()).collect();
            sums.into_iter().for_each(|want| close(found.iter().sum(), want[place], 1e-6, column));
            first.into_iter().for_each(|want| close(found[0], want[place], 1e-9, column));
        }
    };
    check(
        "brexit-consensus",
        [0.19639292940679523, 0.08687126960228927],
        Some([359.3653825746296, 246.85075054271067]),
        Some([1.0948745370504591, 0.36856759571546915]),
    );
    check("vtaiwan.uberx", [0.21796480971746854, 0.06149756053447229], None, None);
}

#[test]
fn opinion_groups_resemble_the_stored_ones() {
    for (conversation, least) in [("vtaiwan.uberx", 0.8), ("brexit-consensus", 0.8)] {
        let Some(matrix) = read(conversation) else { return };
        let report = matrix.run("opinion-groups", 0);
        let table = report.table("map").unwrap();
        let grouped = table.rows.iter().filter_map(|row| {
            let participant = row[0].as_f64()? as usize;
            Some((matrix.groups[participant]?, table.cell(row, "group")?.as_str()?.to_owned()))
        });
        let grouped: Vec<_> = grouped.collect();
        let rand = rand_index(&grouped);
        println!("{conversation}: {:?}, Rand index {rand:.3}", report.table("silhouettes").unwrap().rows);
        assert!(rand >= least, "{conversation}: {rand}");
    }
}

/// Share of pairs that both groupings put together or both apart (Rand 1971).
fn rand_index<A: PartialEq, B: PartialEq>(labels: &[(A, B)]) -> f64 {
    let mut same = 0_u64;
    let mut pairs = 0_u64;
    for (at, (a, b)) in labels.iter().enumerate() {
        for (x, y) in &labels[..at] {
            same += u64::from((a == x) == (b == y));
            pairs += 1;
        }
    }
    same as f64 / pairs.max(1) as f64
}
