//! A number with what each cluster adds to its error, and the arithmetic that keeps both.

/// An estimate, linearised.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// What each cluster of the design adds to its error, in the design's order.
    pub parts: Vec<f64>,
}

impl Estimate {
    /// `self / other`: a mean, a share, a ratio. `None` where `other` is 0.
    pub fn ratio(&self, other: &Self) -> Option<Self> {
        if other.value == 0.0 {
            return None;
        }
        let value = self.value / other.value;
        let part = |(a, b): (&f64, &f64)| (a - value * b) / other.value;
        Some(Self { value, parts: self.parts.iter().zip(&other.parts).map(part).collect() })
    }

    /// `self - other`.
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            value: self.value - other.value,
            parts: self.parts.iter().zip(&other.parts).map(|(a, b)| a - b).collect(),
        }
    }
}
