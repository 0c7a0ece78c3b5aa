//! Every bad parameter is told, all at once.

use serde_json::{Value, json};

use crate::{Distance, Method, Weighting};

#[test]
fn parameters_are_read_with_their_defaults() {
    let check = |given: Value, want: Weighting| assert_eq!(Weighting::read(&given), Ok(want), "{given}");
    check(json!({"method": "rake"}), Weighting::new(Method::Rake));
    check(json!({"method": "rake", "trim": 5}), Weighting { trim: Some(5.0), ..Weighting::new(Method::Rake) });
    let logit = json!({"method": "calibrate", "distance": "logit", "lower": 0.2, "upper": 4});
    check(logit, Weighting::calibrate(Distance::Logit, Some((0.2, 4.0))));
    let raking = Weighting::calibrate(Distance::Raking, None);
    check(serde_json::to_value(&raking).unwrap(), raking);
}

#[test]
fn bad_parameters_are_told_all_at_once() {
    let check = |given: Value, want: &[(&str, &str)]| {
        let found = Weighting::read(&given).expect_err("they are bad");
        let paths: Vec<&str> = found.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, want.iter().map(|(path, _)| *path).collect::<Vec<_>>(), "{given}: {found:?}");
        for (problem, (_, words)) in found.iter().zip(want) {
            assert!(problem.message.contains(words), "{words:?} is not in {:?}", problem.message);
        }
    };
    check(json!({}), &[("/method", "is required")]);
    check(json!({"method": "guess"}), &[("/method", "must be one of \"rake\"")]);
    check(
        json!({"method": "rake", "trim": 0.5, "tolerance": 0, "max_iterations": 0, "limit": 1}),
        &[
            ("/limit", "unknown parameter"),
            ("/max_iterations", "must be at least 1"),
            ("/tolerance", "must be at least 1e-14"),
            ("/trim", "must be at least 1"),
        ],
    );
    check(json!({"method": "rake", "distance": "linear"}), &[("/distance", "is of no use but for calibrate")]);
    check(json!({"method": "calibrate", "trim": 3}), &[("/distance", "is required"), ("/trim", "is of no use")]);
    check(
        json!({"method": "calibrate", "distance": "logit"}),
        &[("/lower", "is required for a distance of logit"), ("/upper", "is required")],
    );
    check(
        json!({"method": "calibrate", "distance": "logit", "lower": 1, "upper": 1}),
        &[("/lower", "must not be 1"), ("/upper", "must not be 1")],
    );
    check(
        json!({"method": "calibrate", "distance": "linear", "lower": 0.5, "upper": 2}),
        &[("/lower", "is of no use"), ("/upper", "is of no use")],
    );
}

#[test]
fn parameters_made_by_hand_are_held_to_the_same() {
    use crate::{Failure, People, Plan, Targets};
    let bad = Weighting { tolerance: f64::NAN, trim: Some(0.0), ..Weighting::new(Method::Rake) };
    let Err(Failure::Parameters(found)) = Plan::new(&People::default(), &Targets::default(), &bad) else {
        panic!("they are bad");
    };
    assert_eq!(found.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), ["/tolerance", "/trim"]);
}
