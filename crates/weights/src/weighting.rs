//! How to weight: parameters, their schema, and what makes no sense together.

use folkmoot_fold::contract::Problem;
use folkmoot_fold::schema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kind of fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Iterative proportional fitting of any margins (Deming and Stephan 1940).
    Rake,
    /// One set of levels or of cells, met in one step (Holt and Smith 1979).
    Poststratify,
    /// The weights closest to the base weights by a distance (Deville and Särndal 1992).
    Calibrate,
}

/// How far a weight is from its base weight; g is their ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// (g - 1)²/2: the generalised regression estimator. Weights may turn out negative, which is refused.
    Linear,
    /// g log g - g + 1: the same weights as raking.
    Raking,
    /// Smooth and strictly between the bounds.
    Logit,
    /// Linear, cut to the bounds.
    TruncatedLinear,
}

impl Distance {
    /// Whether it goes with bounds.
    pub(crate) fn is_bounded(self) -> bool {
        matches!(self, Self::Logit | Self::TruncatedLinear)
    }
}

/// What becomes of participants whose level is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// There are no weights.
    #[default]
    Refuse,
    /// They keep their share of the base weights; the targets are shares of the others.
    Keep,
}

/// All parameters of a weighting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighting {
    /// The kind of fit.
    pub method: Method,
    /// For `calibrate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<Distance>,
    /// Least ratio of a weight to its base weight, both with mean 1; for bounded distances, below 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Largest ratio, above 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// Largest weight in multiples of the mean weight. Trimmed weights are raked again, and trimmed last:
    /// the margins then miss their targets by an error that the fit states. Not for `calibrate`, which
    /// has bounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trim: Option<f64>,
    /// How far the share of any level may be from its target.
    #[serde(default = "tolerance")]
    pub tolerance: f64,
    /// Most rounds of raking, and most steps of Newton's method.
    #[serde(default = "max_iterations")]
    pub max_iterations: u32,
    /// What becomes of participants whose level is not known.
    #[serde(default)]
    pub unknown: Unknown,
}

fn tolerance() -> f64 {
    1e-8
}

fn max_iterations() -> u32 {
    1000
}

impl Weighting {
    /// That method with all else at its default.
    pub fn new(method: Method) -> Self {
        Self {
            method,
            distance: None,
            lower: None,
            upper: None,
            trim: None,
            tolerance: tolerance(),
            max_iterations: max_iterations(),
            unknown: Unknown::Refuse,
        }
    }

    /// Calibration by a distance, with bounds where it goes with them.
    pub fn calibrate(distance: Distance, bounds: Option<(f64, f64)>) -> Self {
        let (lower, upper) = bounds.unzip();
        Self { distance: Some(distance), lower, upper, ..Self::new(Method::Calibrate) }
    }

    /// JSON Schema 2020-12 of the parameters.
    pub fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "method": {"type": "string", "enum": ["rake", "poststratify", "calibrate"]},
                "distance": {
                    "type": "string",
                    "enum": ["linear", "raking", "logit", "truncated-linear"],
                    "description": "For calibrate.",
                },
                "lower": {
                    "type": "number", "minimum": 0, "maximum": 1,
                    "description": "Least ratio of a weight to its base weight; for logit and truncated-linear.",
                },
                "upper": {
                    "type": "number", "minimum": 1,
                    "description": "Largest ratio of a weight to its base weight; for logit and truncated-linear.",
                },
                "trim": {
                    "type": "number", "minimum": 1,
                    "description": "Largest weight in multiples of the mean; for rake and poststratify.",
                },
                "tolerance": {
                    "type": "number", "minimum": 1e-14, "maximum": 0.01, "default": tolerance(),
                    "description": "How far the share of any level may be from its target.",
                },
                "max_iterations": {
                    "type": "integer", "minimum": 1, "maximum": 1_000_000, "default": max_iterations(),
                    "description": "Most rounds of raking, and most steps of Newton's method.",
                },
                "unknown": {
                    "type": "string", "enum": ["refuse", "keep"], "default": "refuse",
                    "description": "Participants whose level is not known: no weights, or they keep their share.",
                },
            },
            "required": ["method"],
            "additionalProperties": false,
        })
    }

    /// Parameters from JSON.
    ///
    /// # Errors
    /// Every problem, each with the JSON pointer of its value.
    pub fn read(given: &Value) -> Result<Self, Vec<Problem>> {
        let complete = schema::check(&Self::schema(), given)?;
        let one = |e: serde_json::Error| vec![Problem { path: String::new(), message: e.to_string() }];
        let weighting = Self::deserialize(&complete).map_err(one)?;
        let found = weighting.contradictions();
        if found.is_empty() { Ok(weighting) } else { Err(found) }
    }

    /// Every problem of parameters that were not read but made.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        match serde_json::to_value(self) {
            Err(e) => vec![Problem { path: String::new(), message: e.to_string() }],
            Ok(given) => Self::read(&given).err().unwrap_or_default(),
        }
    }

    /// What makes no sense together, though each is valid alone.
    fn contradictions(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut refuse = |path: &str, message: &str| {
            found.push(Problem { path: format!("/{path}"), message: message.to_owned() });
        };
        match (self.method, self.distance) {
            (Method::Calibrate, None) => refuse("distance", "is required for calibrate"),
            (Method::Rake | Method::Poststratify, Some(_)) => refuse("distance", "is of no use but for calibrate"),
            _ => {}
        }
        if self.method == Method::Calibrate && self.trim.is_some() {
            refuse("trim", "is of no use for calibrate: bound the weights by a distance of logit or truncated-linear");
        }
        let is_bounded = self.distance.is_some_and(Distance::is_bounded);
        for (path, bound) in [("lower", self.lower), ("upper", self.upper)] {
            match bound {
                None if is_bounded => refuse(path, "is required for a distance of logit or truncated-linear"),
                Some(_) if !is_bounded => refuse(path, "is of no use but for a distance of logit or truncated-linear"),
                Some(1.0) => refuse(path, "must not be 1: weights could not move"),
                _ => {}
            }
        }
        found
    }
}
