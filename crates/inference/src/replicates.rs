//! Replicate weights: factors for the clusters, under which an estimate is computed again and again.

use crate::design::{Design, DesignError, Lonely, check_length};

/// How replicates are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scheme {
    /// Each cluster left out once, strata ignored (Quenouille 1956).
    Jk1,
    /// Each cluster left out once, its stratum's others raised (Rust and Rao 1996).
    Jkn,
    /// One of the two clusters of each stratum, balanced by a Hadamard matrix (McCarthy 1966).
    Brr,
    /// The same, with this share of a weight kept where BRR keeps nothing; from 0 up to 1 (Fay 1989).
    Fay(f64),
    /// All but one of a stratum's clusters drawn with replacement, rescaled (Rao and Wu 1988).
    RaoWu {
        /// How many replicates.
        replicates: u32,
        /// What the draws depend on, beside the number of the replicate.
        seed: u64,
    },
}

/// The replicates of a design. Weights that were calibrated are calibrated again in each.
#[derive(Clone, Debug)]
pub struct Replicates<'a> {
    design: &'a Design,
    scheme: Scheme,
    count: usize,
}

impl<'a> Replicates<'a> {
    /// # Errors
    /// [`DesignError`], where the scheme does not fit the design.
    pub fn new(design: &'a Design, scheme: Scheme) -> Result<Self, DesignError> {
        if design.freedom() < 1.0 {
            return Err(DesignError::NoFreedom);
        }
        for (stratum, _) in design.strata() {
            let paired = stratum.clusters == 2;
            match scheme {
                Scheme::Brr | Scheme::Fay(_) if !paired => {
                    return Err(DesignError::NotPaired { stratum: stratum.code, drawn: stratum.clusters });
                }
                // Only as a certainty has a lonely cluster a place in replicates.
                Scheme::Jkn | Scheme::RaoWu { .. } if stratum.clusters == 1 && design.lonely() != Lonely::Certainty => {
                    return Err(DesignError::LonelyCluster { stratum: stratum.code });
                }
                _ => {}
            }
        }
        let bad = |what, wanted, got| Err(DesignError::BadNumber { what, wanted, got });
        let count = match scheme {
            Scheme::Jk1 | Scheme::Jkn => design.clusters(),
            Scheme::Fay(kept) if !(0.0..1.0).contains(&kept) => {
                return bad("the share kept", "from 0 up to 1", kept.to_string());
            }
            // A column of the matrix is the same in all replicates; strata have the others.
            Scheme::Brr | Scheme::Fay(_) => (design.strata().count() + 1).next_power_of_two(),
            Scheme::RaoWu { replicates: 0, .. } => {
                return bad("the number of replicates", "at least 1", "0".to_owned());
            }
            Scheme::RaoWu { replicates, .. } => replicates as usize,
        };
        Ok(Self { design, scheme, count })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The factor of each cluster's weights in a replicate. Depends on nothing but the design, the scheme
    /// and the number: replicates may be made in any order, on any thread.
    pub fn factors(&self, replicate: usize) -> Vec<f64> {
        let mut factors = vec![1.0; self.design.clusters()];
        for (place, (stratum, range)) in self.design.strata().enumerate() {
            let clusters = stratum.clusters as f64;
            match self.scheme {
                Scheme::Jk1 => {
                    let all = self.count as f64;
                    range.for_each(|cluster| factors[cluster] = leave_out(cluster == replicate, all));
                }
                Scheme::Jkn if range.contains(&replicate) && stratum.clusters > 1 => {
                    range.for_each(|cluster| factors[cluster] = leave_out(cluster == replicate, clusters));
                }
                Scheme::Jkn => {}
                Scheme::Brr => halve(&mut factors[range], 0.0, sign(replicate, place + 1)),
                Scheme::Fay(kept) => halve(&mut factors[range], kept, sign(replicate, place + 1)),
                Scheme::RaoWu { seed, .. } if stratum.clusters > 1 => {
                    let mut numbers = Numbers::new(seed, replicate as u64, u64::from(stratum.code));
                    rescale(&mut factors[range], stratum.fraction, &mut numbers);
                }
                Scheme::RaoWu { .. } => {}
            }
        }
        factors
    }

    /// The variance of an estimate from its values in the replicates, about its value in the sample.
    ///
    /// # Errors
    /// [`DesignError::Length`].
    pub fn variance(&self, estimate: f64, values: &[f64]) -> Result<f64, DesignError> {
        check_length("replicates", values.len(), self.count)?;
        let square = |value: &f64| (value - estimate) * (value - estimate);
        let all = self.count as f64;
        let sum = values.iter().map(square).sum::<f64>();
        Ok(match self.scheme {
            Scheme::Jk1 => {
                // Strata are ignored: the share drawn is that of the first.
                let fraction = self.design.strata().next().map_or(0.0, |(stratum, _)| stratum.fraction);
                (1.0 - fraction) * (all - 1.0) / all * sum
            }
            Scheme::Jkn => self
                .design
                .strata()
                .map(|(stratum, range)| {
                    let clusters = stratum.clusters as f64;
                    let squares = values[range].iter().map(square).sum::<f64>();
                    (1.0 - stratum.fraction) * (clusters - 1.0) / clusters * squares
                })
                .sum(),
            Scheme::Brr | Scheme::RaoWu { .. } => sum / all,
            Scheme::Fay(kept) => sum / (all * (1.0 - kept) * (1.0 - kept)),
        })
    }
}

fn leave_out(out: bool, clusters: f64) -> f64 {
    if out { 0.0 } else { clusters / (clusters - 1.0) }
}

fn halve(pair: &mut [f64], kept: f64, first_out: bool) {
    let (out, stay) = (kept, 2.0 - kept);
    pair.copy_from_slice(&if first_out { [out, stay] } else { [stay, out] });
}

/// Whether an element of Sylvester's matrix is +1.
fn sign(row: usize, column: usize) -> bool {
    (row & column).count_ones().is_multiple_of(2)
}

/// Rao and Wu's factors: as the with-replacement bootstrap of n - 1, drawn together where the sample is
/// a share of the stratum.
fn rescale(factors: &mut [f64], fraction: f64, numbers: &mut Numbers) {
    let clusters = factors.len();
    let mut drawn = vec![0_u32; clusters];
    (1..clusters).for_each(|_| drawn[numbers.below(clusters)] += 1);
    let raise = clusters as f64 / (clusters as f64 - 1.0);
    let spread = libm::sqrt(1.0 - fraction);
    for (factor, drawn) in factors.iter_mut().zip(drawn) {
        *factor = 1.0 - spread + spread * raise * f64::from(drawn);
    }
}

/// Numbers that look random, from a counter (Steele, Lea and Flood 2014: SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64, replicate: u64, stratum: u64) -> Self {
        let start = [replicate, stratum].iter().fold(seed, |state, part| Self(state).next() ^ part);
        Self(Self(start).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        folkmoot_fold::mix(self.0)
    }

    fn below(&mut self, end: usize) -> usize {
        // The high half of the product is below `end`.
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }
}
