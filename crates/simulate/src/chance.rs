//! Seeded randomness and the few distributions the simulator draws from.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of random numbers that is the same on every machine.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of a participant: streams of one ChaCha key are independent of each other.
    pub(crate) fn of_participant(seed: u64, index: u32) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from(index));
        Self(rng)
    }

    /// The stream of an item, from a key of its own.
    pub(crate) fn of_item(seed: u64, item: &str) -> Self {
        let key = folkmoot_core::canonical::Hasher::new("folkmoot/simulate/item/v1")
            .field(&seed.to_le_bytes())
            .field(item.as_bytes())
            .finish();
        Self(ChaCha8Rng::from_seed(*key.as_bytes()))
    }

    /// A number from 0 to below 1, in steps of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// A number above 0 and at most 1.
    fn positive(&mut self) -> f64 {
        1.0 - self.uniform()
    }

    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number below `bound`, which must not be 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() * bound as f64) as usize).min(bound - 1)
    }

    /// A place, in proportion to the weights.
    pub(crate) fn pick(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.uniform() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
            last = place;
        }
        last
    }

    /// Standard normal, by Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.positive())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Standard Gumbel: added to log worths, the order of the sums is Plackett-Luce (Yellott 1977).
    pub(crate) fn gumbel(&mut self) -> f64 {
        // The offset keeps the inner logarithm from being exactly 0.
        -libm::log(-libm::log((self.uniform() + 0.5 / (1u64 << 53) as f64).min(1.0 - f64::EPSILON)))
    }
}

/// The logistic function.
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}
