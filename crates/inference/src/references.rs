//! Values of R's package survey 4.1.1 on its `api` and `scd` data, from the columns in `fixtures`. The
//! call that gave a value stands above it; `clus1` is
//! `svydesign(id=~dnum, weights=~pw, fpc=~fpc, data=apiclus1)`, `strat` is
//! `svydesign(id=~1, strata=~stype, weights=~pw, fpc=~fpc, data=apistrat)`, `srs` is
//! `svydesign(id=~1, weights=~pw, fpc=~fpc, data=apisrs)`, and `clus2` is
//! `svydesign(id=~dnum, weights=~pw, data=apiclus2)`.

use crate::calibration::Margins;
use crate::interval::{Kind, Share};
use crate::{Design, Estimate, Lonely, Population, Replicates, Scheme, effect};

/// A sample: the columns of its fixture.
struct Sample {
    stratum: Vec<u32>,
    cluster: Vec<u32>,
    weight: Vec<f64>,
    wide: Vec<u32>,
    api99: Vec<f64>,
    api00: Vec<f64>,
    students: Vec<f64>,
}

impl Sample {
    fn read(text: &str) -> Self {
        let rows: Vec<Vec<f64>> =
            text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect();
        let numbers = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
        let codes = |at: usize| rows.iter().map(|row| row[at] as u32).collect::<Vec<u32>>();
        Self {
            stratum: codes(0),
            cluster: codes(1),
            weight: numbers(2),
            wide: codes(3),
            api99: numbers(4),
            api00: numbers(5),
            students: numbers(6),
        }
    }

    fn rows(&self) -> usize {
        self.weight.len()
    }

    /// 1 where the row is as asked, else 0.
    fn flags(&self, yes: impl Fn(usize) -> bool) -> Vec<f64> {
        (0..self.rows()).map(|row| f64::from(u8::from(yes(row)))).collect()
    }

    /// The mean of a column over the rows of a domain.
    fn mean(&self, design: &Design, column: &[f64], domain: &[f64]) -> Estimate {
        let within: Vec<f64> = column.iter().zip(domain).map(|(x, d)| x * d).collect();
        let total = |column: &[f64]| design.total(&self.weight, column).unwrap();
        total(&within).ratio(&total(domain)).unwrap()
    }
}

fn samples() -> [(&'static str, Sample, Design); 4] {
    let large = Population::Large;
    let srs = Sample::read(include_str!("../fixtures/apisrs.csv"));
    let strat = Sample::read(include_str!("../fixtures/apistrat.csv"));
    let clus1 = Sample::read(include_str!("../fixtures/apiclus1.csv"));
    let clus2 = Sample::read(include_str!("../fixtures/apiclus2.csv"));
    let design = |sample: &Sample, strata: bool, clusters: bool, population: Population<'_>| {
        let strata = strata.then_some(sample.stratum.as_slice());
        let clusters = clusters.then_some(sample.cluster.as_slice());
        Design::new(sample.rows(), strata, clusters, population, Lonely::Fail).unwrap()
    };
    let designs = [
        design(&srs, false, false, Population::Clusters(&[6194.0])),
        design(&strat, true, false, Population::Clusters(&[4421.0, 755.0, 1018.0])),
        design(&clus1, false, true, Population::Clusters(&[757.0])),
        design(&clus2, false, true, large),
    ];
    let [a, b, c, d] = designs;
    [("srs", srs, a), ("strat", strat, b), ("clus1", clus1, c), ("clus2", clus2, d)]
}

/// Whether numbers agree to `within` of their size.
fn close(what: &str, got: &[f64], want: &[f64], within: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= within * want.abs().max(1e-3), "{what}: {got}, not {want}");
    }
}

#[test]
fn means_totals_ratios_and_domains() {
    for (name, sample, design) in samples() {
        let error = |estimate: &Estimate| libm::sqrt(design.variance(estimate).unwrap());
        let everybody = vec![1.0; sample.rows()];
        let (new, old) =
            (sample.mean(&design, &sample.api00, &everybody), sample.mean(&design, &sample.api99, &everybody));
        let matrix = design.covariance(&[&new, &old]).unwrap();
        let effects = [(&new, &sample.api00, matrix[0][0]), (&old, &sample.api99, matrix[1][1])]
            .map(|(_, column, variance)| effect::of_mean(variance, &sample.weight, column).unwrap());
        let total = design.total(&sample.weight, &sample.students).unwrap();
        let ratio = design.total(&sample.weight, &sample.api00).unwrap().ratio(&total).unwrap();
        let got = [
            new.value,
            old.value,
            matrix[0][0],
            matrix[0][1],
            matrix[1][1],
            effects[0],
            effects[1],
            total.value,
            error(&total),
            ratio.value,
            error(&ratio),
            design.freedom(),
        ];
        // m <- svymean(~api00+api99, d, deff="replace"); coef(m); vcov(m); deff(m); svytotal(~api.stu, d);
        // svyratio(~api00, ~api.stu, d); degf(d)
        let want: &[f64] = match name {
            "srs" => &[
                656.58500000000004,
                624.68499999999995,
                85.557357803994179,
                85.72148688579324,
                90.255777982055875,
                0.96771068776235103,
                0.96771068776235036,
                2988666.9399999999,
                137475.06486305612,
                1.3607697249797932,
                0.068203807530959323,
                199.0,
            ],
            "strat" => &[
                662.28736315932076,
                629.39484478396116,
                88.528167030304544,
                91.800675345925626,
                99.280245770611103,
                1.1655661714535261,
                1.2020683078121881,
                3086008.6291465759,
                99477.390200716443,
                1.3292924267527402,
                0.050639859669552763,
                197.0,
            ],
            "clus1" => &[
                644.16939890710387,
                606.97814207650276,
                554.23709688391989,
                565.785631731595,
                586.85260690383575,
                9.0697483624530619,
                8.4328441626040664,
                2893207.3973579407,
                799579.28960446606,
                1.3790872611986569,
                0.15423987088230698,
                14.0,
            ],
            _ => &[
                670.8118081180811,
                645.03394833948335,
                943.20091940372902,
                926.89751656500891,
                918.55178143574437,
                6.3476375041481958,
                6.0698615672474379,
                2196969.1850000001,
                681860.36177395412,
                1.5659644994064856,
                0.23927886300004989,
                39.0,
            ],
        };
        close(name, &got, want, 1e-9);

        let domain = |wide: u32| sample.flags(|row| sample.wide[row] == wide);
        let (no, yes) =
            (sample.mean(&design, &sample.api00, &domain(0)), sample.mean(&design, &sample.api00, &domain(1)));
        let matrix = design.covariance(&[&no, &yes]).unwrap();
        // svyby(~api00, ~sch.wide, d, svymean, covmat=TRUE)
        let want: &[f64] = match name {
            "srs" => &[574.0, 675.3312883435583, 395.72874188639486, 0.0, 97.083117053361136],
            "strat" => {
                &[593.74685821458854, 676.53044365677738, 346.67339860212405, -0.30518239760535776, 110.67858892159315]
            }
            "clus1" => {
                &[608.04347826086962, 649.36249999999995, 840.28608697058905, 502.62476709677082, 548.80420066746808]
            }
            _ => &[567.01780415430267, 705.17190569744594, 149.28920015837619, 220.83482132920957, 974.88171912556106],
        };
        close(name, &[no.value, yes.value, matrix[0][0], matrix[0][1], matrix[1][1]], want, 1e-9);
        // The variance of a difference is that of its parts.
        let difference = design.variance(&yes.minus(&no)).unwrap();
        close(name, &[difference], &[matrix[0][0] + matrix[1][1] - 2.0 * matrix[0][1]], 1e-9);
    }
}

#[test]
fn intervals_of_shares() {
    for (name, sample, design) in samples() {
        let everybody = vec![1.0; sample.rows()];
        let mut got = Vec::new();
        for kind in [Kind::Logit, Kind::KornGraubard, Kind::Mean] {
            for taken in [sample.flags(|row| sample.wide[row] == 1), sample.flags(|row| sample.api00[row] > 850.0)] {
                let mean = sample.mean(&design, &taken, &everybody);
                let rows = sample.rows() as f64;
                let variance = design.variance(&mean).unwrap();
                let share = Share { share: mean.value, variance, rows, effective: rows, freedom: design.freedom() };
                let interval = share.interval(kind, 0.95).unwrap();
                got.extend([interval.low, interval.high]);
            }
        }
        // svyciprop(~I(sch.wide=="Yes"), d, method="xlogit"), and of ~I(api00>850); then method="beta" and
        // method="mean". The last is cut at 0, which R's is not.
        let want: &[f64] = match name {
            "srs" => &[
                0.7555968945776077,
                0.86259061044025354,
                0.045896133935265981,
                0.12023363245899368,
                0.75507174562351875,
                0.86560434140682962,
                0.04296950992894813,
                0.11992296354091536,
                0.76160405963103173,
                0.86839594036896839,
                0.038780281648061396,
                0.1112197183519386,
            ],
            "strat" => &[
                0.77453965474676822,
                0.87081485494359867,
                0.043927636445911633,
                0.13006051889047759,
                0.77417132859731252,
                0.87343159262073522,
                0.040298237402003188,
                0.12960762591804509,
                0.77993818097288081,
                0.87595784185876602,
                0.034841052996655984,
                0.11823288861922951,
            ],
            "clus1" => &[
                0.82379889238300175,
                0.91190007702439313,
                0.00064174840060352305,
                0.044901593346770005,
                0.82370221084750106,
                0.91470449212686533,
                7.8776057552705175e-05,
                0.033660684831426479,
                0.83065020412346802,
                0.91798367565795269,
                0.0,
                0.017130793311026564,
            ],
            _ => &[
                0.59466255317084082,
                0.86149351116737183,
                0.043978202926674759,
                0.25480203678819752,
                0.58987426104824248,
                0.87380858232616043,
                0.033658501336249008,
                0.25270141695157911,
                0.6163394671692779,
                0.88624355866098026,
                0.012125397395299817,
                0.21075283138698803,
            ],
        };
        close(name, &got, want, 1e-9);
    }
}

#[test]
fn a_single_cluster_in_a_stratum() {
    // l <- apistrat[c(which(stype!="H"), which(stype=="H")[1]), ]; d <- svydesign(id=~1, strata=~stype,
    // weights=~pw, data=l); options(survey.lonely.psu=...); SE(svymean(~api00, d)); SE(svytotal(~api.stu, d))
    let mut sample = Sample::read(include_str!("../fixtures/apistrat.csv"));
    let first = sample.stratum.iter().position(|&stratum| stratum == 1).unwrap();
    let keep: Vec<usize> = (0..sample.rows()).filter(|&row| sample.stratum[row] != 1 || row == first).collect();
    let numbers = |column: &[f64]| keep.iter().map(|&row| column[row]).collect::<Vec<f64>>();
    let (api00, students, weight) = (numbers(&sample.api00), numbers(&sample.students), numbers(&sample.weight));
    sample.stratum = keep.iter().map(|&row| sample.stratum[row]).collect();
    (sample.api00, sample.students, sample.weight) = (api00, students, weight);
    let everybody = vec![1.0; sample.rows()];
    let check = |lonely: Lonely, want: &[f64]| {
        let design = Design::new(sample.rows(), Some(&sample.stratum), None, Population::Large, lonely).unwrap();
        let mean = sample.mean(&design, &sample.api00, &everybody);
        let total = design.total(&sample.weight, &sample.students).unwrap();
        let got = [mean, total].map(|estimate| libm::sqrt(design.variance(&estimate).unwrap()));
        close(&format!("{lonely:?}"), &got, want, 1e-9);
    };
    check(Lonely::Certainty, &[10.61630157030776, 80066.65067672079]);
    check(Lonely::Adjust, &[10.630702098102969, 84799.957635700237]);
    check(Lonely::Average, &[13.002260901380902, 98061.219785815701]);
}

/// Means of `api00`, the total of students and domain means under calibrated weights, with their errors.
fn calibrated(margins: &Margins<'_>, weight: &[f64], domain: impl Fn(&Sample, usize) -> bool) -> Vec<f64> {
    let [_, _, (_, sample, design), _] = samples();
    let total = |column: &[f64]| design.calibrated_total(weight, column, &margins.residuals(column).unwrap()).unwrap();
    let mean = |domain: &[f64]| {
        let within: Vec<f64> = sample.api00.iter().zip(domain).map(|(x, d)| x * d).collect();
        total(&within).ratio(&total(domain)).unwrap()
    };
    let estimates = [
        mean(&vec![1.0; sample.rows()]),
        total(&sample.students),
        mean(&sample.flags(|row| !domain(&sample, row))),
        mean(&sample.flags(|row| domain(&sample, row))),
    ];
    let with_error = |estimate: &Estimate| [estimate.value, libm::sqrt(design.variance(estimate).unwrap())];
    estimates.iter().flat_map(with_error).collect()
}

#[test]
fn errors_under_weights_that_meet_margins() {
    let [_, _, (_, sample, _), _] = samples();
    // ps <- postStratify(clus1, ~stype, xtabs(~stype, apipop)); svymean(~api00, ps); svytotal(~api.stu, ps);
    // svyby(~api00, ~sch.wide, ps, svymean)
    let weight: Vec<f64> = sample
        .stratum
        .iter()
        .map(|&s| [30.701388888888886, 53.928571428571423, 40.720000000000006][s as usize])
        .collect();
    let margins = Margins::new(vec![&sample.stratum], &sample.weight).unwrap();
    let got = calibrated(&margins, &weight, |sample, row| sample.wide[row] == 1);
    let want = [
        642.31078821158212,
        23.92048644509039,
        3121359.6337698414,
        346349.05236592825,
        612.06261493838826,
        27.373195519123293,
        647.16112840438916,
        24.397066901528049,
    ];
    close("post-stratified", &got, &want, 1e-9);

    // ck <- calibrate(clus1, ~stype+sch.wide, c(6194, 755, 1018, 5122), calfun="raking", epsilon=1e-12), the
    // same of ck, with svyby(~api00, ~I(api99>650), ck, svymean). rake() gives the same to 4e-13.
    let weight: Vec<f64> = (0..sample.rows())
        .map(|row| match (sample.stratum[row], sample.wide[row]) {
            (2, 1) => 36.791024864067957,
            (2, _) => 49.069072163855594,
            (1, 1) => 50.329401116037928,
            (1, _) => 67.125529241194258,
            (_, 1) => 29.870675492685056,
            (_, _) => 39.839236247131048,
        })
        .collect();
    let margins = Margins::new(vec![&sample.stratum, &sample.wide], &sample.weight).unwrap();
    let got = calibrated(&margins, &weight, |sample, row| sample.api99[row] > 650.0);
    let want = [
        641.23032092682001,
        23.703616887921733,
        3093738.1725547686,
        341652.80608466984,
        574.23312343112036,
        16.326731522069959,
        742.67674653474876,
        8.0959438094313256,
    ];
    close("raked", &got, &want, 1e-9);
}

/// Errors of the mean of `api00` and of `api00` over students from replicates.
fn replicated(sample: &Sample, design: &Design, scheme: Scheme) -> [f64; 2] {
    let replicates = Replicates::new(design, scheme).unwrap();
    let figures = |factors: &[f64]| {
        let sum = |column: &dyn Fn(usize) -> f64| -> f64 {
            let factor = |row: usize| factors[design.cluster_of_rows()[row] as usize];
            (0..sample.rows()).map(|row| factor(row) * sample.weight[row] * column(row)).sum()
        };
        let scores = sum(&|row| sample.api00[row]);
        [scores / sum(&|_| 1.0), scores / sum(&|row| sample.students[row])]
    };
    let whole = figures(&vec![1.0; design.clusters()]);
    let values: Vec<[f64; 2]> = (0..replicates.count()).map(|number| figures(&replicates.factors(number))).collect();
    [0, 1].map(|at| {
        let values: Vec<f64> = values.iter().map(|value| value[at]).collect();
        libm::sqrt(replicates.variance(whole[at], &values).unwrap())
    })
}

#[test]
fn errors_from_replicates() {
    let [_, (_, strat, strat_design), (_, clus1, clus1_design), (_, clus2, clus2_design)] = samples();
    // r <- as.svrepdesign(d, type="JK1", mse=TRUE); SE(svymean(~api00, r)); SE(svyratio(~api00, ~api.stu, r))
    let got = replicated(&clus1, &clus1_design, Scheme::Jk1);
    close("JK1 clus1", &got, &[26.334857668459183, 0.18518541129965846], 1e-9);
    let got = replicated(&clus2, &clus2_design, Scheme::Jk1);
    close("JK1 clus2", &got, &[34.938759179981624, 0.29779693191893097], 1e-9);
    // With type="JKn".
    let got = replicated(&strat, &strat_design, Scheme::Jkn);
    close("JKn strat", &got, &[9.4089408027846098, 0.050747491513190815], 1e-9);
}

#[test]
fn errors_from_halves() {
    // d <- svydesign(data=scd, prob=~1, id=~ambulance, strata=~ESA, nest=TRUE); with Sylvester's matrix of
    // order 4: r <- as.svrepdesign(d, type="BRR", hadamard.matrix=H, mse=TRUE); SE(svyratio(~alive,
    // ~arrests, r)); SE(svytotal(~alive, r)); the same with type="Fay", fay.rho=0.3.
    let arrests = [120.0, 78.0, 185.0, 228.0, 670.0, 530.0];
    let alive = [25.0, 24.0, 30.0, 49.0, 80.0, 70.0];
    let strata = [0, 0, 1, 1, 2, 2];
    let design = Design::new(6, Some(&strata), None, Population::Large, Lonely::Fail).unwrap();
    let total = |column: &[f64; 6], factors: &[f64]| column.iter().zip(factors).map(|(x, f)| x * f).sum::<f64>();
    let check = |scheme: Scheme, want: &[f64]| {
        let replicates = Replicates::new(&design, scheme).unwrap();
        let all = (0..replicates.count()).map(|number| replicates.factors(number)).collect::<Vec<_>>();
        let error = |figure: &dyn Fn(&[f64]) -> f64| {
            let values: Vec<f64> = all.iter().map(|factors| figure(factors)).collect();
            libm::sqrt(replicates.variance(figure(&[1.0; 6]), &values).unwrap())
        };
        let got = [error(&|f| total(&alive, f) / total(&arrests, f)), error(&|f| total(&alive, f))];
        close(&format!("{scheme:?}"), &got, want, 1e-9);
    };
    check(Scheme::Brr, &[0.010307906841101527, 21.494185260204677]);
    check(Scheme::Fay(0.3), &[0.01014398406810094, 21.494185260204691]);
}

#[test]
fn rescaled_bootstrap_is_near_linearisation_and_needs_no_order() {
    // 4,000 replicates: their standard error is within some percent of the linearised one, most above it
    // where few clusters differ in size.
    for (name, sample, design) in samples() {
        let everybody = vec![1.0; sample.rows()];
        let want = libm::sqrt(design.variance(&sample.mean(&design, &sample.api00, &everybody)).unwrap());
        let got = replicated(&sample, &design, Scheme::RaoWu { replicates: 4_000, seed: 11 })[0];
        assert!((got / want - 1.0).abs() < 0.08, "{name}: {got}, not about {want}");
    }
    let [_, (_, _, design), ..] = samples();
    let scheme = Scheme::RaoWu { replicates: 50, seed: 3 };
    let replicates = Replicates::new(&design, scheme).unwrap();
    let backwards: Vec<_> = (0..50).rev().map(|number| replicates.factors(number)).collect();
    let forwards: Vec<_> = (0..50).map(|number| replicates.factors(number)).collect();
    assert!(forwards.iter().eq(backwards.iter().rev()));
    // Rescaling keeps the number of clusters in each stratum.
    for (_, range) in design.strata() {
        let sum: f64 = forwards[7][range.clone()].iter().sum();
        assert!((sum - range.len() as f64).abs() < 1e-9);
    }
}
