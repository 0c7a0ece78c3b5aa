//! Strata, the clusters drawn in them, and the variance of what clusters add up to.

use std::collections::BTreeMap;

use crate::estimate::Estimate;

/// What a stratum with a single cluster adds to a variance, which its own data cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lonely {
    /// Nothing is answered.
    Fail,
    /// Nothing: the cluster was certain to be drawn.
    Certainty,
    /// The square of its distance from zero, the mean of linearised contributions over all strata.
    Adjust,
    /// As much as the other strata on average.
    Average,
}

/// How many clusters there were to draw from, by the code of the stratum.
#[derive(Clone, Copy, Debug)]
pub enum Population<'a> {
    /// So many that drawing some leaves as many.
    Large,
    /// This many in each stratum.
    Clusters(&'a [f64]),
    /// So many that those drawn are this share of them, from 0 to 1.
    Fraction(&'a [f64]),
}

/// What is wrong with a design.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DesignError {
    /// Columns of different length.
    #[error("the column of {what} has {got} rows, not {want}")]
    Length {
        /// Which column.
        what: &'static str,
        /// Its rows.
        got: usize,
        /// The design's rows.
        want: usize,
    },
    /// A stratum without a usable population.
    #[error("stratum {stratum} has {drawn} clusters of a population of {population}")]
    BadPopulation {
        /// Code of the stratum.
        stratum: u32,
        /// Clusters drawn.
        drawn: u64,
        /// What was said of its population.
        population: String,
    },
    /// A stratum with one cluster, where nothing was said on how to go on.
    #[error("stratum {stratum} has a single cluster")]
    LonelyCluster {
        /// Code of the stratum.
        stratum: u32,
    },
    /// No stratum has two clusters.
    #[error("no stratum has two clusters")]
    NoFreedom,
    /// A scheme of replicates that needs two clusters in each stratum.
    #[error("stratum {stratum} has {drawn} clusters, not two")]
    NotPaired {
        /// Code of the stratum.
        stratum: u32,
        /// Clusters drawn.
        drawn: u64,
    },
    /// A share that is none.
    #[error("{what} must be {wanted}, not {got}")]
    BadNumber {
        /// Which number.
        what: &'static str,
        /// What it may be.
        wanted: &'static str,
        /// What it is.
        got: String,
    },
}

/// A stratum: how many clusters were drawn in it, and which share of all that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stratum {
    pub(crate) code: u32,
    pub(crate) clusters: u64,
    pub(crate) fraction: f64,
}

impl Stratum {
    /// # Errors
    /// [`DesignError::BadPopulation`] for fewer clusters than were drawn, or for what is no number of them.
    pub(crate) fn new(code: u32, clusters: u64, population: Population<'_>) -> Result<Self, DesignError> {
        let refuse = |said: Option<f64>| DesignError::BadPopulation {
            stratum: code,
            drawn: clusters,
            population: said.map_or_else(|| "unknown size".to_owned(), |said| said.to_string()),
        };
        let of = |list: &[f64]| list.get(code as usize).copied();
        let said = match population {
            Population::Large => Some(0.0),
            Population::Clusters(counts) => of(counts).map(|count| clusters as f64 / count),
            Population::Fraction(fractions) => of(fractions),
        };
        match said {
            Some(fraction) if (0.0..=1.0).contains(&fraction) => Ok(Self { code, clusters, fraction }),
            _ => Err(refuse(match population {
                Population::Large => None,
                Population::Clusters(list) | Population::Fraction(list) => of(list),
            })),
        }
    }

    /// Whether all there were are in the sample, so that nothing is unsure.
    fn is_census(&self) -> bool {
        self.fraction > 1.0 - 1e-7
    }
}

/// What the clusters of a stratum add up to: the sum of products, about their means and as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Products {
    pub(crate) centred: f64,
    pub(crate) plain: f64,
}

/// The variance or covariance from what each stratum adds, with a factor n/(n-1) and without the share
/// of clusters that were drawn.
///
/// # Errors
/// [`DesignError::LonelyCluster`] and [`DesignError::NoFreedom`].
pub(crate) fn combine(
    strata: &[Stratum],
    lonely: Lonely,
    mut products: impl FnMut(usize) -> Products,
) -> Result<f64, DesignError> {
    let mut sum = 0.0;
    let mut averaged = 0_usize;
    for (place, stratum) in strata.iter().enumerate().filter(|(_, stratum)| !stratum.is_census()) {
        let left = 1.0 - stratum.fraction;
        if stratum.clusters > 1 {
            let clusters = stratum.clusters as f64;
            sum += left * clusters / (clusters - 1.0) * products(place).centred;
            continue;
        }
        match lonely {
            Lonely::Fail => return Err(DesignError::LonelyCluster { stratum: stratum.code }),
            Lonely::Certainty => {}
            Lonely::Adjust => sum += left * products(place).plain,
            Lonely::Average => averaged += 1,
        }
    }
    match strata.len() - averaged {
        0 => Err(DesignError::NoFreedom),
        known => Ok(sum * strata.len() as f64 / known as f64),
    }
}

/// How the rows of a sample were drawn.
#[derive(Clone, Debug)]
pub struct Design {
    strata: Vec<Stratum>,
    /// First cluster of each stratum, and the number of clusters.
    starts: Vec<usize>,
    /// Place of each row's cluster, counted over all strata in the order of codes.
    clusters: Vec<u32>,
    lonely: Lonely,
}

impl Design {
    /// The design of `rows` rows. Without `strata` there is one; without `clusters` every row is one.
    /// Clusters of the same code in two strata are two.
    ///
    /// # Errors
    /// [`DesignError::Length`] and [`DesignError::BadPopulation`].
    pub fn new(
        rows: usize,
        strata: Option<&[u32]>,
        clusters: Option<&[u32]>,
        population: Population<'_>,
        lonely: Lonely,
    ) -> Result<Self, DesignError> {
        for (what, column) in [("strata", strata), ("clusters", clusters)] {
            check_length(what, column.map_or(rows, <[u32]>::len), rows)?;
        }
        let stratum = |row: usize| strata.map_or(0, |strata| strata[row]);
        // The cast is exact: a column has fewer rows than u32 has values.
        let cluster = |row: usize| clusters.map_or(row as u32, |clusters| clusters[row]);
        let mut places: BTreeMap<(u32, u32), u32> = (0..rows).map(|row| ((stratum(row), cluster(row)), 0)).collect();
        let mut found: Vec<(u32, u64)> = Vec::new();
        for (place, (&(code, _), at)) in (0_u32..).zip(&mut places) {
            *at = place;
            match found.last_mut() {
                Some((last, count)) if *last == code => *count += 1,
                _ => found.push((code, 1)),
            }
        }
        let strata = found.iter().map(|&(code, count)| Stratum::new(code, count, population));
        let strata = strata.collect::<Result<Vec<_>, _>>()?;
        let mut starts = vec![0];
        strata.iter().for_each(|stratum| starts.push(starts[starts.len() - 1] + stratum.clusters as usize));
        let clusters = (0..rows).map(|row| places[&(stratum(row), cluster(row))]).collect();
        Ok(Self { strata, starts, clusters, lonely })
    }

    /// How many clusters there are in all strata.
    pub fn clusters(&self) -> usize {
        self.starts[self.strata.len()]
    }

    /// Degrees of freedom of its variances: clusters less strata.
    pub fn freedom(&self) -> f64 {
        (self.clusters() - self.strata.len()) as f64
    }

    /// Place of each row's cluster, below [`Design::clusters`].
    pub fn cluster_of_rows(&self) -> &[u32] {
        &self.clusters
    }

    /// How many clusters were drawn in each stratum.
    pub fn sizes(&self) -> impl Iterator<Item = u64> {
        self.strata.iter().map(|stratum| stratum.clusters)
    }

    pub(crate) fn strata(&self) -> impl Iterator<Item = (Stratum, std::ops::Range<usize>)> {
        self.strata.iter().zip(self.starts.windows(2)).map(|(stratum, ends)| (*stratum, ends[0]..ends[1]))
    }

    pub(crate) fn lonely(&self) -> Lonely {
        self.lonely
    }

    /// Sum of a column over the rows of each cluster.
    ///
    /// # Errors
    /// [`DesignError::Length`].
    pub fn sums(&self, column: &[f64]) -> Result<Vec<f64>, DesignError> {
        check_length("values", column.len(), self.clusters.len())?;
        let mut sums = vec![0.0; self.clusters()];
        for (&cluster, value) in self.clusters.iter().zip(column) {
            sums[cluster as usize] += value;
        }
        Ok(sums)
    }

    /// The weighted total of a column; 1 for all counts people, 0 outside a domain counts the domain's,
    /// whose clusters without anybody in it stay in the design.
    ///
    /// # Errors
    /// [`DesignError::Length`].
    pub fn total(&self, weight: &[f64], column: &[f64]) -> Result<Estimate, DesignError> {
        self.calibrated_total(weight, column, column)
    }

    /// The weighted total of a column under weights that were calibrated: its error is that of the
    /// `residuals` that the calibration leaves, of [`crate::calibration::Margins`].
    ///
    /// # Errors
    /// [`DesignError::Length`].
    pub fn calibrated_total(&self, weight: &[f64], column: &[f64], residuals: &[f64]) -> Result<Estimate, DesignError> {
        check_length("weights", weight.len(), self.clusters.len())?;
        let weighted = |column: &[f64]| weight.iter().zip(column).map(|(w, x)| w * x).collect::<Vec<_>>();
        let parts = self.sums(&weighted(residuals))?;
        Ok(Estimate { value: self.sums(&weighted(column))?.iter().sum(), parts })
    }

    /// Variances and covariances of estimates of this design, row by row (Taylor linearisation: Woodruff
    /// 1971; Binder 1983).
    ///
    /// # Errors
    /// [`DesignError::LonelyCluster`], [`DesignError::NoFreedom`] and [`DesignError::Length`].
    pub fn covariance(&self, estimates: &[&Estimate]) -> Result<Vec<Vec<f64>>, DesignError> {
        for estimate in estimates {
            check_length("parts", estimate.parts.len(), self.clusters())?;
        }
        let row = |a: &&Estimate| estimates.iter().map(|b| self.covariance_of(a, b)).collect();
        estimates.iter().map(row).collect()
    }

    /// The variance of one estimate.
    ///
    /// # Errors
    /// As [`Design::covariance`].
    pub fn variance(&self, estimate: &Estimate) -> Result<f64, DesignError> {
        Ok(self.covariance(&[estimate])?[0][0])
    }

    fn covariance_of(&self, a: &Estimate, b: &Estimate) -> Result<f64, DesignError> {
        combine(&self.strata, self.lonely, |place| {
            let range = self.starts[place]..self.starts[place + 1];
            let (a, b) = (&a.parts[range.clone()], &b.parts[range]);
            let mean = |parts: &[f64]| parts.iter().sum::<f64>() / parts.len() as f64;
            let (mean_a, mean_b) = (mean(a), mean(b));
            let pairs = || a.iter().zip(b);
            Products {
                centred: pairs().map(|(a, b)| (a - mean_a) * (b - mean_b)).sum(),
                plain: pairs().map(|(a, b)| a * b).sum(),
            }
        })
    }
}

pub(crate) fn check_length(what: &'static str, got: usize, want: usize) -> Result<(), DesignError> {
    if got == want { Ok(()) } else { Err(DesignError::Length { what, got, want }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_design_is_refused_where_it_is_wrong() {
        let check = |strata: &[u32], population: Population<'_>, want: &str| {
            let got = Design::new(4, Some(strata), None, population, Lonely::Fail)
                .and_then(|design| design.variance(&design.total(&[1.0; 4], &[1.0, 2.0, 3.0, 5.0])?));
            assert_eq!(got.unwrap_err().to_string(), want);
        };
        check(&[0, 0], Population::Large, "the column of strata has 2 rows, not 4");
        check(&[0, 0, 0, 7], Population::Large, "stratum 7 has a single cluster");
        let small = Population::Clusters(&[9.0, 1.0]);
        check(&[0, 0, 1, 1], small, "stratum 1 has 2 clusters of a population of 1");
        check(&[0, 0, 1, 1], Population::Fraction(&[0.5]), "stratum 1 has 2 clusters of a population of unknown size");
    }

    #[test]
    fn codes_of_clusters_say_which_rows_belong_together_and_nothing_else() {
        let weight = [1.0, 2.0, 3.0, 4.0, 5.0];
        let variance = |clusters: &[u32; 5]| {
            let design = Design::new(5, None, Some(clusters), Population::Large, Lonely::Fail).unwrap();
            (design.clusters(), design.variance(&design.total(&weight, &[1.0; 5]).unwrap()).unwrap())
        };
        // Clusters of 3, 3 and 9: mean 5, 3/2 * (4 + 4 + 16).
        assert_eq!(variance(&[7, 7, 2, 9, 9]), (3, 36.0));
        assert_eq!(variance(&[1, 1, 5, 0, 0]), (3, 36.0));
    }
}
