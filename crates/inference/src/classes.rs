//! The same variances from exact sums: rows that share all that an estimate asks of them are one class,
//! and what a fold keeps is a few integers a class.

use std::collections::BTreeMap;

use crate::design::{DesignError, Lonely, Population, Products, Stratum, check_length, combine};

/// Rows of one stratum and cluster whose linearised contribution, for one unit of weight, is the same.
/// A class without rows keeps its cluster in the design.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Class {
    /// Code of the stratum.
    pub stratum: u32,
    /// Code of the cluster; of no account where every row is a cluster.
    pub cluster: u32,
    /// Rows.
    pub rows: u64,
    /// Their weight.
    pub weight: i128,
    /// Their squared weights.
    pub squares: i128,
}

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Every row by itself.
    Rows,
    /// The clusters of the classes.
    Clusters,
}

/// Classes under a design.
#[derive(Clone, Debug)]
pub struct Classes {
    drawn: Drawn,
    lonely: Lonely,
    strata: Vec<Stratum>,
    /// The classes of each stratum, those of a cluster side by side.
    members: Vec<Vec<(u32, Class)>>,
    count: usize,
}

impl Classes {
    /// # Errors
    /// [`DesignError::BadPopulation`].
    pub fn new(
        classes: &[Class],
        drawn: Drawn,
        population: Population<'_>,
        lonely: Lonely,
    ) -> Result<Self, DesignError> {
        let mut by_stratum: BTreeMap<u32, Vec<(u32, Class)>> = BTreeMap::new();
        for (place, class) in (0_u32..).zip(classes) {
            by_stratum.entry(class.stratum).or_default().push((place, *class));
        }
        by_stratum.values_mut().for_each(|members| members.sort_by_key(|(_, class)| class.cluster));
        if drawn == Drawn::Rows {
            by_stratum.retain(|_, members| members.iter().any(|(_, class)| class.rows > 0));
        }
        let clusters = |members: &[(u32, Class)]| match drawn {
            Drawn::Rows => members.iter().map(|(_, class)| class.rows).sum(),
            Drawn::Clusters => members.chunk_by(|a, b| a.1.cluster == b.1.cluster).count() as u64,
        };
        let strata = by_stratum.iter().map(|(&code, members)| Stratum::new(code, clusters(members), population));
        let strata = strata.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { drawn, lonely, strata, members: by_stratum.into_values().collect(), count: classes.len() })
    }

    /// Clusters in all strata.
    pub fn clusters(&self) -> u64 {
        self.strata.iter().map(|stratum| stratum.clusters).sum()
    }

    /// Degrees of freedom: clusters less strata.
    pub fn freedom(&self) -> f64 {
        self.clusters() as f64 - self.strata.len() as f64
    }

    /// Covariance of two estimates, given what one unit of weight adds to the error of each, by class in
    /// the order they were given.
    ///
    /// # Errors
    /// [`DesignError::LonelyCluster`], [`DesignError::NoFreedom`] and [`DesignError::Length`].
    pub fn covariance(&self, a: &[f64], b: &[f64]) -> Result<f64, DesignError> {
        check_length("parts", a.len(), self.count)?;
        check_length("parts", b.len(), self.count)?;
        combine(&self.strata, self.lonely, |place| {
            let members = &self.members[place];
            let sum = |of: &[f64], members: &[(u32, Class)]| -> f64 {
                members.iter().map(|(class, sums)| sums.weight as f64 * of[*class as usize]).sum()
            };
            let clusters = self.strata[place].clusters as f64;
            let plain: f64 = match self.drawn {
                Drawn::Rows => members
                    .iter()
                    .map(|(class, sums)| sums.squares as f64 * a[*class as usize] * b[*class as usize])
                    .sum(),
                Drawn::Clusters => members
                    .chunk_by(|a, b| a.1.cluster == b.1.cluster)
                    .map(|cluster| sum(a, cluster) * sum(b, cluster))
                    .sum(),
            };
            Products { centred: plain - sum(a, members) * sum(b, members) / clusters, plain }
        })
    }

    /// The variance of an estimate.
    ///
    /// # Errors
    /// As [`Classes::covariance`].
    pub fn variance(&self, parts: &[f64]) -> Result<f64, DesignError> {
        // Rounding may leave a little less than nothing of a sum of squares.
        Ok(self.covariance(parts, parts)?.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Design;

    /// Stratum, cluster, weight, and whether it has the property.
    type Row = (u32, u32, i64, bool);

    /// Rows of small codes and weights, some of them alike; the same estimate from rows and from classes.
    #[test]
    fn classes_give_the_variance_of_their_rows() {
        let check = |drawn: Drawn, lonely: Lonely, population: Population<'_>| {
            let rows: Vec<Row> = (0..60_u32)
                .map(|n| (n % 3, n * 7 % 11 / 3, i64::from(n % 4) + 1, n % 5 < 2))
                .chain([(3, 0, 2, true)])
                .collect();
            let column = |of: &dyn Fn(&Row) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
            let strata: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let clusters: Vec<u32> = rows.iter().map(|row| row.1).collect();
            let given = (drawn == Drawn::Clusters).then_some(clusters.as_slice());
            let design = Design::new(rows.len(), Some(&strata), given, population, lonely).unwrap();
            let (weight, taken) = (column(&|row| row.2 as f64), column(&|row| f64::from(u8::from(row.3))));
            let ones = vec![1.0; rows.len()];
            let mean = design.total(&weight, &taken).unwrap().ratio(&design.total(&weight, &ones).unwrap()).unwrap();

            let mut sums: BTreeMap<(u32, u32, bool), Class> = BTreeMap::new();
            for &(stratum, cluster, weight, taken) in &rows {
                let class = sums.entry((stratum, cluster, taken)).or_default();
                (class.stratum, class.cluster) = (stratum, cluster);
                class.rows += 1;
                class.weight += i128::from(weight);
                class.squares += i128::from(weight * weight);
            }
            let all: f64 = weight.iter().sum();
            let parts: Vec<f64> = sums.keys().map(|key| (f64::from(u8::from(key.2)) - mean.value) / all).collect();
            let list: Vec<Class> = sums.into_values().collect();
            let classes = Classes::new(&list, drawn, population, lonely).unwrap();
            let (got, want) = (classes.variance(&parts).unwrap(), design.variance(&mean).unwrap());
            assert!((got - want).abs() < 1e-13 * want, "{drawn:?} {lonely:?}: {got}, not {want}");
            assert_eq!(classes.freedom(), design.freedom());
        };
        for drawn in [Drawn::Rows, Drawn::Clusters] {
            for lonely in [Lonely::Certainty, Lonely::Adjust, Lonely::Average] {
                check(drawn, lonely, Population::Large);
                check(drawn, lonely, Population::Fraction(&[0.5, 0.1, 0.0, 0.25]));
            }
        }
    }
}
