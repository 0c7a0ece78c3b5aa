//! Published and independently computed values, each named with its source.

use folkmoot_fold::rows::{Row, run};
use serde_json::{Value, json};

use crate::contract::{ItemInfo, MethodError, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::{Cell, Report};
use crate::testing::{config, item};

/// Not shown.
const N: u8 = 0xFF;
/// Left out.
const L: u8 = 0xFE;

/// A row of `answer` to the item by the participant, `weight` times that of one.
fn row(item: u32, participant: u32, weight: f64, answer: &[u8]) -> Row {
    let weight = (weight * WEIGHT_ONE as f64) as i64;
    Row { item, participant, strata: Vec::new(), weight, answer: answer.to_vec() }
}

fn try_fit(id: &str, parameters: Value, items: &[ItemInfo], rows: &[Row]) -> Result<Report, MethodError> {
    let registry = Registry::builtin();
    let method = registry.get(id).expect("the method is built in");
    let report = run(method, &config(method, &parameters, items, 0), rows)?;
    assert_eq!(report.defects(), Vec::<String>::new());
    Ok(report)
}

fn fit(id: &str, parameters: Value, items: &[ItemInfo], rows: &[Row]) -> Report {
    try_fit(id, parameters, items, rows).unwrap_or_else(|error| panic!("{id}: {error}"))
}

/// A column of numbers; what is unknown is NaN here.
fn column(report: &Report, table: &str, id: &str) -> Vec<f64> {
    let table = report.table(table).expect("the table is there");
    table.rows.iter().map(|row| table.cell(row, id).and_then(Cell::as_f64).unwrap_or(f64::NAN)).collect()
}

fn close(got: &[f64], want: &[f64], within: f64) {
    let near = got.iter().zip(want).all(|(got, want)| (got - want).abs() <= within);
    assert!(near && got.len() == want.len(), "{got:?} is not {want:?}");
}

/// `win[i][j]` comparisons of two that `i` won, and as many ties as `tie` says of each two.
fn comparisons(win: &[Vec<u32>], tie: impl Fn(usize, usize) -> u32) -> Vec<Row> {
    let mut rows = Vec::new();
    for (i, j) in (0..win.len()).flat_map(|i| (0..win.len()).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        let mut answer = vec![N; win.len()];
        (answer[i], answer[j]) = (0, 1);
        (0..win[i][j]).for_each(|_| rows.push(row(0, rows.len() as u32, 1.0, &answer)));
        answer[j] = 0;
        let ties = if i < j { tie(i, j) } else { 0 };
        (0..ties).for_each(|_| rows.push(row(0, rows.len() as u32, 1.0, &answer)));
    }
    rows
}

/// Games of the American League East of 1987 (Agresti 1990, table 10.10), winners by row: Milwaukee,
/// Detroit, Toronto, New York, Boston, Cleveland, Baltimore.
const BASEBALL: [[u32; 7]; 7] = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
];

#[test]
fn baseball_of_1987() {
    let win = BASEBALL.map(Vec::from);
    let items = [item("i", "rank", "a b c d e f g", None)];
    let report = fit("bradley-terry", json!({}), &items, &comparisons(&win, |_, _| 0));
    // R BradleyTerry2 1.1-2: coef(BTm(cbind(home.wins, away.wins), home.team, away.team, ~team, id = "team",
    // data = baseball)), against Baltimore; the abilities printed by Agresti are these to two digits.
    let abilities = [
        1.581_355_876_654_779,
        1.436_408_431_805_805,
        1.294_485_123_905_333,
        1.247_617_845_134_944,
        1.107_697_705_372_345,
        0.683_852_769_153_276,
        0.0,
    ];
    let log_worth = column(&report, "candidates", "log_worth");
    let against_last: Vec<f64> = log_worth.iter().map(|x| x - log_worth[6]).collect();
    close(&against_last, &abilities, 1e-9);
    // choix 0.4.1: ilsr_pairwise(7, games, tol=1e-12).
    let choix = [
        0.531_153_340_652_127_7,
        0.386_205_895_803_247,
        0.244_282_587_902_523_9,
        0.197_415_309_132_129_3,
        0.057_495_169_369_360_8,
        -0.366_349_766_850_042_7,
        -1.050_202_536_009_346,
    ];
    close(&log_worth, &choix, 1e-9);
    // Python statsmodels 0.15.0: Logit of the games with cov_type "HC0", a game a cluster, times G / (G - 1)
    // with G = 273, the covariance turned to mean 0.
    let errors = [
        0.208_030_427_307_491_2,
        0.208_037_416_530_018,
        0.195_433_050_326_085,
        0.206_147_242_881_538_2,
        0.194_115_540_625_454_1,
        0.214_410_183_128_727_8,
        0.228_865_469_756_511_2,
    ];
    close(&column(&report, "candidates", "log_worth_se"), &errors, 1e-9);
    let worth = column(&report, "candidates", "worth");
    close(&[worth.iter().sum(), log_worth.iter().sum()], &[1.0, 0.0], 1e-14);
    // Of Milwaukee and Detroit, the first row of the pairs.
    let chance = column(&report, "pairs", "probability")[0];
    close(&[chance], &[worth[0] / (worth[0] + worth[1])], 1e-14);
}

#[test]
fn ties_in_pairs_are_davidsons() {
    // Springall 1973, section 7 (`springall` of R BradleyTerry2 1.1-2): wins of the second, of the first and
    // ties, over the pairs 1-2, 1-3, to 8-9.
    let second = [
        2, 0, 5, 2, 0, 12, 13, 10, 6, 17, 9, 8, 24, 16, 15, 22, 14, 11, 24, 22, 17, 3, 2, 12, 10, 8, 5, 20, 15, 13, 27,
        19, 18, 2, 2, 6,
    ];
    let first = [
        16, 21, 10, 15, 22, 3, 9, 12, 11, 2, 6, 12, 2, 3, 2, 2, 4, 4, 1, 0, 2, 14, 18, 6, 6, 9, 11, 0, 2, 5, 1, 1, 2,
        13, 21, 8,
    ];
    let ties =
        [7, 1, 10, 7, 2, 9, 5, 3, 5, 7, 8, 6, 0, 5, 7, 4, 5, 7, 3, 3, 6, 9, 4, 5, 6, 11, 9, 2, 5, 9, 0, 5, 2, 8, 5, 8];
    let pair = |i: usize, j: usize| i * (17 - i) / 2 + j - i - 1;
    let won = |i: usize, j: usize| match i.cmp(&j) {
        std::cmp::Ordering::Less => first[pair(i, j)],
        std::cmp::Ordering::Greater => second[pair(j, i)],
        std::cmp::Ordering::Equal => 0,
    };
    let win: Vec<Vec<u32>> = (0..9).map(|i| (0..9).map(|j| won(i, j)).collect()).collect();
    let items = [item("i", "rank", "a b c d e f g h i", None)];
    let report = fit("bradley-terry", json!({}), &items, &comparisons(&win, |i, j| ties[pair(i, j)]));
    // R 4.2.2: the model as a log-linear one, glm(count ~ pair + worths + tie, family = poisson), a tie half
    // a win of either; coefficients turned to mean 0.
    let want = [
        1.113_366_719_622_474,
        -1.159_862_825_963_539,
        -2.177_383_219_793_569,
        0.715_756_255_145_239,
        -0.781_422_713_990_301,
        -1.729_480_573_662_016,
        2.394_833_396_570_043,
        1.118_264_585_882_966,
        0.505_928_376_188_702,
    ];
    close(&column(&report, "candidates", "log_worth"), &want, 1e-9);
    let tie = column(&report, "ties", "prevalence")[0];
    close(&[libm::log(tie)], &[-0.144_391_690_858_558], 1e-9);
    // Davidson 1970: P(tie) = v sqrt(ab) / (a + b + v sqrt(ab)).
    let worth = column(&report, "candidates", "worth");
    let level = tie * libm::sqrt(worth[0] * worth[1]);
    close(&column(&report, "pairs", "tie")[..1], &[level / (worth[0] + worth[1] + level)], 1e-14);
}

#[test]
fn rankings_in_part_are_as_choix_has_them() {
    // choix 0.4.1 of (0,1,2,3), (1,0,3,2), (3,2,1,0), (2,0,1,3), (0,2), (1,3,0), (3,0,1), (2,1,0).
    let answers: [&[u8]; 8] = [
        &[0, 1, 2, 3],
        &[1, 0, 3, 2],
        &[3, 2, 1, 0],
        &[1, 2, 0, 3],
        &[0, N, 1, N],
        &[2, 0, N, 1],
        &[1, 2, N, 0],
        &[2, 1, 0, N],
    ];
    let rows: Vec<Row> = (0..).zip(answers).map(|(participant, answer)| row(0, participant, 1.0, answer)).collect();
    let report = fit("plackett-luce", json!({}), &[item("i", "rank", "a b c d", None)], &rows);
    let log_worth = column(&report, "candidates", "log_worth");
    let ilsr = [-0.081_464_335_092_790_33, 0.226_380_192_100_446_8, 0.032_891_948_167_877_42, -0.177_807_805_175_533_9];
    let mm = [-0.081_464_335_092_935_32, 0.226_380_192_100_140_2, 0.032_891_948_168_186_16, -0.177_807_805_175_391];
    let opt = [-0.081_464_315_759_493, 0.226_380_088_809_537, 0.032_891_933_963_06, -0.177_807_707_013_103];
    close(&log_worth, &ilsr, 1e-9);
    close(&log_worth, &mm, 1e-9);
    close(&log_worth, &opt, 1e-6);
    // numpy 2.4.6: pinv of the information around the sum of squared scores, times 8 / 7.
    let errors = [0.519_258_413_717_299_2, 0.403_356_459_361_168_2, 0.575_791_041_000_685_5, 0.516_187_014_110_433_6];
    close(&column(&report, "candidates", "log_worth_se"), &errors, 1e-9);
}

/// Rankings with ties, with candidates left out and not shown, each with a weight.
const MIXED: [([u8; 4], f64); 12] = [
    ([0, 1, 2, 3], 1.0),
    ([1, 0, 2, N], 0.5),
    ([0, 0, 1, L], 2.0),
    ([3, 2, 1, 0], 1.0),
    ([N, 1, 0, 0], 1.5),
    ([2, 0, L, L], 1.0),
    ([0, N, 1, 2], 0.25),
    ([1, 2, 0, N], 1.0),
    ([0, 0, 0, 1], 1.0),
    ([L, 0, 1, L], 3.0),
    ([1, 3, 0, 2], 1.0),
    ([2, 1, 0, 0], 0.75),
];

/// Estimates and errors from scipy 1.17.1 (BFGS on the likelihood with all choices of every set listed,
/// then Newton with numpy's pinv), log-worths first, then the logarithms of the tie parameters.
#[test]
fn weights_ties_and_clusters() {
    let check = |id: &str, scope: &str, estimates: &[f64], errors: &[f64]| {
        let rows: Vec<Row> = match scope {
            "item" => (0..).zip(MIXED).map(|(who, (answer, weight))| row(0, who, weight, &answer)).collect(),
            // Two items, answered by the same six.
            _ => (0..).zip(MIXED).map(|(at, (answer, weight))| row(at / 6, at % 6, weight, &answer)).collect(),
        };
        let items = [item("i", "rank", "a b c d", None), item("j", "rank", "a b c d", None)];
        let items = if scope == "item" { &items[..1] } else { &items };
        let report = fit(id, json!({ "scope": scope }), items, &rows);
        let logs = column(&report, "ties", "prevalence").into_iter().map(libm::log);
        let got: Vec<f64> = column(&report, "candidates", "log_worth").into_iter().chain(logs).collect();
        close(&got, estimates, 1e-9);
        let of_ties = column(&report, "ties", "log_prevalence_se");
        let got: Vec<f64> = column(&report, "candidates", "log_worth_se").into_iter().chain(of_ties).collect();
        close(&got, errors, 1e-9);
    };
    let pairs = [
        0.056_130_665_052_323_01,
        0.459_898_384_343_774_8,
        0.370_914_511_418_427_6,
        -0.886_943_560_814_525_5,
        -1.386_517_749_573_283,
    ];
    let stages = [
        0.006_505_852_886_561_083,
        0.490_775_112_959_250_8,
        0.496_814_249_241_905_3,
        -0.994_095_215_087_717_1,
        -1.617_920_626_805_781,
        -2.237_407_362_915_185,
    ];
    let errors = [
        0.483_111_646_077_687_2,
        0.524_815_313_287_857_5,
        0.255_499_517_606_839_2,
        0.589_163_644_615_601,
        0.545_478_513_941_082_2,
    ];
    check("bradley-terry", "item", &pairs, &errors);
    let errors = [
        0.632_378_213_440_294_9,
        0.530_630_574_956_561_1,
        0.207_617_886_461_060_1,
        0.574_111_824_190_727_3,
        0.705_262_099_926_712_2,
    ];
    check("bradley-terry", "round", &pairs, &errors);
    let errors = [
        0.512_373_240_223_559_8,
        0.645_351_732_646_921_3,
        0.240_872_850_488_393_6,
        0.679_880_968_974_810_5,
        0.724_404_352_253_710_9,
        1.134_778_193_474_346,
    ];
    check("plackett-luce", "item", &stages, &errors);
    let errors = [
        0.675_441_590_102_156_1,
        0.655_821_527_141_234_8,
        0.214_443_858_092_792_2,
        0.685_534_756_650_782_5,
        0.728_278_877_111_081_1,
        1.232_494_600_469_29,
    ];
    check("plackett-luce", "round", &stages, &errors);
}

#[test]
fn ties_of_two_and_of_four_without_any_of_three() {
    // Rankings of the tests of R PlackettLuce (test-ties.R); values as in `weights_ties_and_clusters`.
    let answers: [&[u8]; 7] =
        [&[1, 2, N, N], &[4, 1, 2, 3], &[2, 1, 1, N], &[1, 2, 3, N], &[2, 1, 3, N], &[1, N, 3, 2], &[1, 1, 1, 1]];
    let rows: Vec<Row> = (0..).zip(answers).map(|(who, answer)| row(0, who, 1.0, answer)).collect();
    let report = fit("plackett-luce", json!({}), &[item("i", "rank", "a b c d", None)], &rows);
    let want = [0.268_989_732_428_040_1, 0.768_695_529_817_250_2, -0.942_145_528_895_405_5, -0.095_539_733_349_884_91];
    close(&column(&report, "candidates", "log_worth"), &want, 1e-9);
    let errors = [0.769_045_129_098_084_3, 0.558_135_318_117_560_8, 0.752_164_126_227_922_4, 0.210_014_279_212_482_9];
    close(&column(&report, "candidates", "log_worth_se"), &errors, 1e-9);
    let logs: Vec<f64> = column(&report, "ties", "prevalence").into_iter().map(libm::log).collect();
    close(&logs, &[-1.966_571_151_510_026_4, 1.733_328_391_724_408_4], 1e-9);
}

#[test]
fn intervals_are_students_around_the_estimate() {
    // 12 participants: t of 11 degrees of freedom at 0.95 is 2.200985160.
    let rows: Vec<Row> = (0..).zip(MIXED).map(|(who, (answer, weight))| row(0, who, weight, &answer)).collect();
    let report = fit("plackett-luce", json!({}), &[item("i", "rank", "a b c d", None)], &rows);
    let [value, error, low, high] =
        ["log_worth", "log_worth_se", "log_worth_low", "log_worth_high"].map(|id| column(&report, "candidates", id)[0]);
    close(&[low, high], &[value - 2.200_985_160 * error, value + 2.200_985_160 * error], 1e-8);
}

#[test]
fn without_finite_worths_the_groups_are_named() {
    let check = |id: &str, kind: &str, answers: &[&[u8]], want: &str| {
        let names = if answers[0].len() == 2 { "a b" } else { "a b c d" };
        let rows: Vec<Row> = (0..).zip(answers).map(|(who, answer)| row(0, who, 1.0, answer)).collect();
        let error = try_fit(id, json!({}), &[item("i", kind, names, None)], &rows).expect_err("there are no worths");
        let MethodError::Undefined(why) = error else { panic!("{error}") };
        assert!(why.contains(want), "{why}");
    };
    for id in ["bradley-terry", "plackett-luce"] {
        check(id, "rank", &[&[0, 1, N, N], &[1, 0, N, N], &[N, N, 0, 1], &[N, N, 1, 0]], "{a, b}, {c, d}");
        check(id, "rank", &[&[0, 1, 2, 3], &[1, 0, 2, 3], &[0, 1, 3, 2]], "{a, b}, {c, d}");
        check(id, "rank", &[&[0, 0, 0, 0]], "every answer ties");
        check(id, "rank", &[&[L, L, L, N]], "compares two");
        // One always wins or ties: worth and prevalence of ties grow together.
        check(id, "rank", &[&[0, 1, N, N], &[0, 0, N, N]], "grow without end");
    }
    check("bradley-terry", "pair", &[&[0, 1]], "{a}, {b}");
}

#[test]
fn an_item_without_worths_leaves_the_others_theirs() {
    let rows = [row(0, 0, 1.0, &[0, 1]), row(1, 0, 1.0, &[0, 1]), row(1, 1, 1.0, &[1, 0])];
    let items = [item("i", "pair", "a b", None), item("j", "pair", "a b", None)];
    let report = fit("bradley-terry", json!({}), &items, &rows);
    close(&column(&report, "candidates", "worth"), &[0.5, 0.5], 1e-12);
    assert!(report.notes.iter().any(|note| note.code == "no_estimate" && note.text.contains("i: ")));
    let orders = report.table("orders").expect("there are orders");
    assert_eq!(orders.cell(&orders.rows[0], "order"), Some(&Cell::from("a=b")));
}

#[test]
fn who_was_never_shown_has_no_worth() {
    let rows = [row(0, 0, 1.0, &[0, 1, N]), row(0, 1, 1.0, &[1, 0, N]), row(0, 2, 1.0, &[0, 1, N])];
    let report = fit("plackett-luce", json!({}), &[item("i", "rank", "a b c", None)], &rows);
    let worth = column(&report, "candidates", "worth");
    close(&worth[..2], &[2.0 / 3.0, 1.0 / 3.0], 1e-12);
    assert!(worth[2].is_nan() && report.notes.iter().any(|note| note.code == "not_compared"));
}

#[test]
fn the_estimate_is_where_hunters_steps_stand_still() {
    // Hunter 2004, (30): each worth is the number of its choices over the sum, over the sets it stood in, of
    // one over the set's worth.
    let answers = [[0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [1, 2, 0, 3], [2, 3, 0, 1]];
    let rows: Vec<Row> = (0..).zip(answers).map(|(who, answer)| row(0, who, 1.0, &answer)).collect();
    let report = fit("plackett-luce", json!({}), &[item("i", "rank", "a b c d", None)], &rows);
    let worth = column(&report, "candidates", "worth");
    for candidate in 0..4 {
        let (mut chosen, mut expected) = (0.0, 0.0);
        for (answer, stage) in answers.iter().flat_map(|answer| (0..3_u8).map(move |stage| (answer, stage))) {
            let set: f64 = (0..4).filter(|&at| answer[at] >= stage).map(|at| worth[at]).sum();
            chosen += f64::from(answer[candidate] == stage);
            expected += if answer[candidate] >= stage { 1.0 / set } else { 0.0 };
        }
        close(&[worth[candidate]], &[chosen / expected], 1e-12);
    }
}

#[test]
fn many_candidates_are_fitted_without_counting_their_sets() {
    // 24 candidates in turned orders: everyone is each place once, so that all are worth the same.
    let names: Vec<String> = (0..24).map(|at| format!("c{at:02}")).collect();
    let order = |turn: usize| -> Vec<u8> { (0..24).map(|at| ((at + turn) % 24) as u8).collect() };
    let rows: Vec<Row> = (0..24).map(|turn| row(0, turn as u32, 1.0, &order(turn))).collect();
    let report = fit("plackett-luce", json!({}), &[item("i", "rank", &names.join(" "), None)], &rows);
    close(&column(&report, "candidates", "worth"), &[1.0 / 24.0; 24], 1e-12);
}

#[test]
fn odds_of_a_million_are_still_fitted() {
    // In a chain each beats the next a million to one, both ways weighted: log-worths are ln(10^6) apart.
    for id in ["bradley-terry", "plackett-luce"] {
        let pair = |high: usize, winner: u8| {
            let mut answer = [N; 5];
            (answer[high], answer[high + 1]) = (winner, 1 - winner);
            answer
        };
        let rows = (0..4).flat_map(|high| [row(0, 0, 1e6, &pair(high, 0)), row(0, 1, 1.0, &pair(high, 1))]);
        let rows: Vec<Row> = rows.collect();
        let report = fit(id, json!({}), &[item("i", "rank", "a b c d e", None)], &rows);
        let step = libm::log(1e6);
        close(&column(&report, "candidates", "log_worth"), &[2.0, 1.0, 0.0, -1.0, -2.0].map(|at| at * step), 1e-8);
    }
}

#[test]
fn over_the_round_numbers_and_order_change_no_bit() {
    let items = [item("i", "rank", "a b c d", None), item("j", "rank", "a b c d", None)];
    let turned = [item("i", "rank", "d c b a", None), item("j", "rank", "a b c d", None)];
    let numbers = [3, 0, 5, 1, 4, 2];
    let report = |id: &str, items: &[ItemInfo], number: &dyn Fn(usize) -> u32| {
        let answer_to = |(at, (answer, weight)): (usize, ([u8; 4], f64))| {
            let item = (at / 6) as u32;
            let mut answer = answer;
            if items[at / 6].candidates[0] == "d" {
                answer.reverse();
            }
            row(item, number(at % 6), weight, &answer)
        };
        let mut rows: Vec<Row> = MIXED.into_iter().enumerate().map(answer_to).collect();
        rows.sort_by_key(|row| (row.item, row.participant));
        fit(id, json!({"scope": "round"}), items, &rows)
    };
    for id in ["bradley-terry", "plackett-luce"] {
        let want = report(id, &items, &|at| at as u32);
        assert_eq!(report(id, &items, &|at| numbers[at]), want, "{id}: participants renumbered");
        assert_eq!(report(id, &turned, &|at| at as u32), want, "{id}: candidates in another order");
    }
}
