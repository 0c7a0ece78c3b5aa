//! Weights of R 4.2.2, survey 4.1-1, on its data `api` (schools of California; `apistrat` and `apiclus1`
//! are samples of `apipop`), with `options(digits = 17)`.

use super::{Sample, cells, close, margins};
use crate::{Distance, Failure, Method, Targets, Weighting};

/// `table(apiclus1$stype, apiclus1$sch.wide)`; everybody has the same base weight.
const CLUSTERS: [(&str, usize, f64); 6] = [
    ("E No", 12, 33.846996307373),
    ("E Yes", 132, 33.846996307373),
    ("H No", 3, 33.846996307373),
    ("H Yes", 11, 33.846996307373),
    ("M No", 8, 33.846996307373),
    ("M Yes", 17, 33.846996307373),
];

/// `table(apistrat$stype, apistrat$sch.wide, apistrat$comp.imp)` with `pw`; no M/No/Yes.
const STRATA: [(&str, usize, f64); 11] = [
    ("E No No", 7, E),
    ("E No Yes", 2, E),
    ("E Yes No", 18, E),
    ("E Yes Yes", 73, E),
    ("H No No", 23, H),
    ("H No Yes", 1, H),
    ("H Yes No", 10, H),
    ("H Yes Yes", 16, H),
    ("M No No", 15, M),
    ("M Yes No", 11, M),
    ("M Yes Yes", 24, M),
];
const E: f64 = 44.209999084472656;
const H: f64 = 15.100000381469727;
const M: f64 = 20.360000610351562;

/// Schools in `apipop`.
const SCHOOLS: f64 = 6194.0;

fn clusters() -> Sample {
    Sample::counted("stype sch.wide", &CLUSTERS)
}

fn strata() -> Sample {
    Sample::counted("stype sch.wide comp.imp", &STRATA)
}

/// `table(apipop$stype)`, `table(apipop$sch.wide)` and `table(apipop$comp.imp)`.
fn population(attributes: &[&str]) -> Targets {
    let count = |n: f64| n / SCHOOLS;
    let mut targets = margins(&["stype E=1 H=1 M=1", "sch.wide No=1 Yes=1", "comp.imp No=1 Yes=1"]);
    let counts = [
        ("stype", vec![4421.0, 755.0, 1018.0]),
        ("sch.wide", vec![1072.0, 5122.0]),
        ("comp.imp", vec![1712.0, 4482.0]),
    ];
    for (attribute, counts) in counts {
        let shares = targets.margins.get_mut(attribute).unwrap();
        shares.values_mut().zip(counts).for_each(|(share, n)| *share = count(n));
    }
    targets.margins.retain(|attribute, _| attributes.contains(&attribute.as_str()));
    targets.population = Some(SCHOOLS);
    targets
}

/// `table(apipop$stype, apipop$comp.imp)`.
fn joint() -> crate::Cells {
    let counts = [("E No", 885), ("H No", 438), ("M No", 389), ("E Yes", 3536), ("H Yes", 317), ("M Yes", 629)];
    cells("stype comp.imp", &counts.map(|(levels, n)| (levels, f64::from(n) / SCHOOLS)))
}

fn check(sample: &Sample, counts: &[usize], targets: &Targets, weighting: &Weighting, want: &[f64], within: f64) {
    let fit = sample.fit(targets, &Weighting { tolerance: 1e-13, ..weighting.clone() }).unwrap();
    let mut row = 0;
    for (&n, &want) in counts.iter().zip(want) {
        fit.weights[row..row + n].iter().for_each(|&got| close(got, want, within));
        row += n;
    }
    close(fit.weights.iter().sum::<f64>(), SCHOOLS, 1e-12);
}

fn check_clusters(weighting: &Weighting, want: [f64; 6], within: f64) {
    let counts = CLUSTERS.map(|(_, n, _)| n);
    check(&clusters(), &counts, &population(&["stype", "sch.wide"]), weighting, &want, within);
}

fn check_strata(targets: &Targets, weighting: &Weighting, want: [f64; 11], within: f64) {
    check(&strata(), &STRATA.map(|(_, n, _)| n), targets, weighting, &want, within);
}

const ALL: [&str; 3] = ["stype", "sch.wide", "comp.imp"];

#[test]
fn raking_is_that_of_rake() {
    // rake(apiclus1, list(~stype, ~sch.wide), ..., control = list(epsilon = 1e-13, maxit = 1000))
    let want = [
        39.839236247129776,
        29.870675492684686,
        67.1255292411947,
        50.32940111603923,
        49.06907216385732,
        36.79102486406996,
    ];
    check_clusters(&Weighting::new(Method::Rake), want, 1e-9);
    // rake(apistrat, list(~stype, ~sch.wide, ~comp.imp), ...)
    let want = [
        40.10084048435902,
        65.25288172022802,
        29.31409430460023,
        47.70047473543027,
        14.812773215839574,
        24.103637902022182,
        10.828277555208418,
        17.619987661341117,
        19.732728753519062,
        14.4248116643184,
        23.472339182902275,
    ];
    check_strata(&population(&ALL), &Weighting::new(Method::Rake), want, 1e-9);
    // The same weights are those of the raking distance.
    check_strata(&population(&ALL), &Weighting::calibrate(Distance::Raking, None), want, 1e-9);
}

#[test]
fn raking_to_cells_is_that_of_rake() {
    // rake(apistrat, list(~stype + comp.imp, ~sch.wide), ...)
    let targets = Targets { cells: vec![joint()], ..population(&["sch.wide"]) };
    let want = [
        45.37125286720428,
        67.07420101727138,
        31.522290551647714,
        46.600706821441086,
        14.625528848764416,
        26.163283898440934,
        10.16128364785591,
        18.177294756346477,
        17.180158698333653,
        11.93614722955437,
        26.208333333330884,
    ];
    check_strata(&targets, &Weighting::new(Method::Rake), want, 1e-9);
}

#[test]
fn poststratification_is_that_of_post_stratify() {
    // postStratify(apistrat, ~stype + comp.imp, table(apipop$stype, apipop$comp.imp))
    let targets = Targets { cells: vec![joint()], ..population(&[]) };
    let [e, h, m] =
        [(35.4, 47.14666666666666), (13.272727272727273, 18.647058823529413), (14.961538461538463, 26.208333333333332)];
    let want = [e.0, e.1, e.0, e.1, h.0, h.1, h.0, h.1, m.0, m.0, m.1];
    check_strata(&targets, &Weighting::new(Method::Poststratify), want, 1e-12);
}

#[test]
fn calibration_is_that_of_calibrate() {
    // calibrate(apiclus1, ~stype + sch.wide, ...) with the calfun, bounds and epsilon = 1e-13. Bounds are
    // of base weights that add up to the population: pw * 6194 / sum(pw), which changes nothing without.
    let check = |distance, bounds, want: [f64; 6]| check_clusters(&Weighting::calibrate(distance, bounds), want, 1e-9);
    check(
        Distance::Linear,
        None,
        [
            41.23673916164226,
            29.743629773184036,
            62.95887166236003,
            51.46576227390181,
            48.53531438415159,
            37.04220499569337,
        ],
    );
    check(
        Distance::Raking,
        None,
        [
            39.83923624713105,
            29.870675492685056,
            67.12552924119426,
            50.32940111603793,
            49.069072163855594,
            36.79102486406796,
        ],
    );
    check(
        Distance::Logit,
        Some((0.3, 3.0)),
        [
            40.4602996444243,
            29.81421518384023,
            64.48465679361894,
            51.049639056285756,
            49.12780423575647,
            36.76338624199695,
        ],
    );
    check(
        Distance::TruncatedLinear,
        Some((0.5, 1.8)),
        [
            41.57702347555167,
            29.712694835555908,
            60.92459016393442,
            52.020566318926974,
            48.78774347519711,
            36.923414835201356,
        ],
    );
}

#[test]
fn calibration_keeps_base_weights_as_calibrate_does() {
    // calibrate(apistrat, ~stype + sch.wide + comp.imp, ...), pw likewise.
    let check = |distance, bounds, want| {
        check_strata(&population(&ALL), &Weighting::calibrate(distance, bounds), want, 1e-9);
    };
    check(
        Distance::Linear,
        None,
        [
            40.73365865036381,
            60.09431252634799,
            28.597231114812214,
            47.9578849907964,
            15.007207234138347,
            21.619871494869844,
            10.861989767240166,
            17.474654027971663,
            19.99267510098036,
            14.40349443714038,
            23.31964311153127,
        ],
    );
    check(
        Distance::Logit,
        Some((0.6, 1.5)),
        [
            40.15012798521371,
            61.88591573567699,
            29.29785242479544,
            47.79199902720318,
            15.045844520041634,
            21.610158226636194,
            10.441965902401853,
            17.682234924274237,
            19.967512696303743,
            13.963726093423102,
            23.536930105324576,
        ],
    );
    check(
        Distance::TruncatedLinear,
        Some((0.65, 1.4)),
        [
            40.614149331136396,
            60.39005071891832,
            28.73649959958458,
            47.926902197968296,
            15.029901310253663,
            21.14000067727197,
            10.773091735092285,
            17.52758448974819,
            20.006208162073484,
            14.266562906514865,
            23.373945233218095,
        ],
    );
}

#[test]
fn bounds_under_which_calibrate_does_not_converge_are_told_to_be_too_tight() {
    // calibrate(apistrat, ..., calfun = "linear", bounds = ...) fails after 501 iterations with each of these,
    // without telling whether there are such weights; there are none.
    for bounds in [(0.7, 1.35), (0.7, 1.5), (0.9, 1.2)] {
        let weighting = Weighting::calibrate(Distance::TruncatedLinear, Some(bounds));
        let failure = strata().fit(&population(&ALL), &weighting).unwrap_err();
        assert!(matches!(failure, Failure::Infeasible(_)), "{failure}");
    }
}
