//! A file's rows, participant by participant: each whole or not at all.

use std::collections::{HashMap, HashSet};

use crate::error::{FormatError, Refusal};
use crate::import::{ResponseRow, Rows};

/// Who is in a file, from a first reading of it.
#[derive(Default)]
pub struct Census {
    /// Rows read.
    pub rows: u64,
    /// Rows that cannot be kept.
    pub refused_rows: u64,
    /// Participants with such a row: they are left out whole.
    pub refused: HashSet<String>,
    counts: HashMap<String, u64>,
    /// The first refused row that may be anybody's.
    anybodys: Option<Refusal>,
}

impl Census {
    /// Reads every row, and gives each refused one to `refuse`.
    pub fn take(rows: Rows, mut refuse: impl FnMut(&Refusal)) -> Self {
        let mut census = Self::default();
        for row in rows {
            census.rows += 1;
            match row {
                Ok(row) => *census.counts.entry(row.participant).or_default() += 1,
                Err(refusal) => {
                    census.refused_rows += 1;
                    refuse(&refusal);
                    match refusal.participant {
                        Some(participant) => drop(census.refused.insert(participant)),
                        None => drop(census.anybodys.get_or_insert(refusal)),
                    }
                }
            }
        }
        census
    }

    /// Whether it is known of every refused row whose it is. Else nobody is known to be whole.
    ///
    /// # Errors
    /// The first row of which it is not known.
    pub fn check(&self) -> Result<(), FormatError> {
        self.anybodys.clone().map_or(Ok(()), |refusal| Err(FormatError::anybodys(refusal)))
    }

    /// How many participants are whole.
    pub fn participants(&self) -> u64 {
        self.counts.keys().filter(|participant| !self.refused.contains(*participant)).count() as u64
    }

    /// The rows of a second reading, each participant's together. Memory holds the participants whose
    /// rows have begun and not ended: few where a file tells one after the other.
    pub fn by_participant(&self, rows: Rows) -> ByParticipant<'_> {
        ByParticipant { census: self, rows, begun: HashMap::new() }
    }
}

/// See [`Census::by_participant`].
pub struct ByParticipant<'a> {
    census: &'a Census,
    rows: Rows,
    begun: HashMap<String, Vec<ResponseRow>>,
}

impl Iterator for ByParticipant<'_> {
    type Item = Vec<ResponseRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Ok(row) = self.rows.next()? else { continue };
            if self.census.refused.contains(&row.participant) {
                continue;
            }
            let Some(&wanted) = self.census.counts.get(&row.participant) else { continue };
            let participant = row.participant.clone();
            let rows = self.begun.entry(participant.clone()).or_default();
            rows.push(row);
            if rows.len() as u64 == wanted {
                return self.begun.remove(&participant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use folkmoot_core::{Answer, Reason, View, Vote};

    fn row(participant: &str, item: &str) -> Result<ResponseRow, Refusal> {
        Ok(ResponseRow {
            line: 1,
            participant: participant.into(),
            item: item.into(),
            view: View::Personal,
            answer: Answer::Vote(Vote::Agree),
            rationale: None,
            weight: None,
            duration_ms: None,
            submitted_at: None,
        })
    }

    fn refused(participant: &str) -> Result<ResponseRow, Refusal> {
        let (file, field, message) = ("f".into(), "answer".into(), "bad".into());
        Err(Refusal { file, line: 2, field, reason: Reason::BadRow, message, participant: Some(participant.into()) })
    }

    #[test]
    fn a_refused_row_of_nobody_known_may_be_anybodys() {
        let census = |rows: Vec<_>| Census::take(Box::new(rows.into_iter()), |_| {});
        assert!(census(vec![row("p", "1"), refused("q")]).check().is_ok());
        let cut = refused("").map_err(|refusal| Refusal { participant: None, ..refusal });
        let error = census(vec![row("p", "1"), cut]).check().unwrap_err().to_string();
        assert_eq!(error, "f:2: answer: bad; whose row it is cannot be read, so nobody can be kept");
    }

    #[test]
    fn a_participant_comes_whole_or_not_at_all() {
        let rows = || -> Rows {
            let rows = vec![row("p", "1"), row("q", "1"), refused("q"), row("r", "1"), row("p", "2"), row("q", "2")];
            Box::new(rows.into_iter())
        };
        let mut told = 0;
        let census = Census::take(rows(), |_| told += 1);
        assert_eq!((census.rows, census.refused_rows, told, census.participants()), (6, 1, 1, 2));
        let people: Vec<Vec<String>> = census
            .by_participant(rows())
            .map(|rows| rows.iter().map(|row| format!("{}{}", row.participant, row.item)).collect())
            .collect();
        assert_eq!(people, [vec!["r1"], vec!["p1", "p2"]]);
    }
}
