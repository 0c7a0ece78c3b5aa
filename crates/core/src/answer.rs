//! What a participant said to an item: one text grammar, one byte encoding.
//!
//! The bytes, per kind, are what databases and snapshots hold and what hashes cover:
//!
//! | kind | bytes |
//! |---|---|
//! | `rank`, `pair` | a tier for each candidate in the item's order, 0 the best, [`NOT_RANKED`], [`NOT_SHOWN`]; for `rank` then, if the participant was asked what is unacceptable, a 0 or 1 for each candidate |
//! | `vote` | `A` agree, `D` disagree, `P` pass |
//! | `approve` | 0 or 1 for each candidate |
//! | `choose` | the place of the candidate |
//! | `scale` | an IEEE 754 double, little endian, never NaN, infinite or -0 |
//! | `rubric` | a signed byte from -10 to 10 for each criterion, [`NO_SCORE`] where none was given |
//! | `text` | UTF-8 in NFC |

use serde::{Deserialize, Serialize};

use crate::fault::{Reason, Violation};
use crate::item::{Item, ItemKind};
use crate::{ranking, text};

/// Tier of a candidate that was shown and left out of the ranking.
pub const NOT_RANKED: u8 = 0xFE;
/// Tier of a candidate that was not shown.
pub const NOT_SHOWN: u8 = 0xFF;
/// Score of a criterion that got none.
pub const NO_SCORE: i8 = i8::MIN;
/// Largest weight a rubric takes, either way.
pub const MAX_RUBRIC: i8 = 10;
/// Largest weight of a participant or of one answer.
pub const MAX_WEIGHT: f64 = 1_000_000.0;

/// Whether `weight` can be a participant's or an answer's: from 0 to [`MAX_WEIGHT`].
pub fn is_weight(weight: f64) -> bool {
    (0.0..=MAX_WEIGHT).contains(&weight)
}

/// Whose eyes an answer takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// The participant's own.
    #[default]
    Personal,
    /// What the participant thinks best for the world.
    World,
}

impl View {
    /// The view's name in files and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::World => "world",
        }
    }

    /// The view of that name; empty means personal.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "" | "personal" => Some(Self::Personal),
            "world" => Some(Self::World),
            _ => None,
        }
    }
}

/// An answer to a `vote` item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vote {
    /// Agrees with the statement.
    Agree,
    /// Disagrees with it.
    Disagree,
    /// Saw it and passed.
    Pass,
}

impl Vote {
    /// The vote's one byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::Agree => b'A',
            Self::Disagree => b'D',
            Self::Pass => b'P',
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Agree => "agree",
            Self::Disagree => "disagree",
            Self::Pass => "pass",
        }
    }
}

/// An answer that fits its item.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// An order, and what is not acceptable at any place of it.
    Rank {
        /// A tier for each candidate, 0 the best.
        tiers: Vec<u8>,
        /// Whether each candidate is unacceptable; `None` where not asked.
        unacceptable: Option<Vec<bool>>,
    },
    /// Agree, disagree or pass.
    Vote(Vote),
    /// A tier for each of the two.
    Pair([u8; 2]),
    /// Whether each candidate is approved.
    Approve(Vec<bool>),
    /// Place of the chosen candidate.
    Choose(u8),
    /// A finite number.
    Scale(f64),
    /// A weight for each criterion, or [`NO_SCORE`].
    Rubric(Vec<i8>),
    /// Words, in NFC.
    Text(String),
}

impl Answer {
    /// Reads the text grammar of `item`'s kind. `unacceptable` is the separate column of a ranking:
    /// `None` or `NA` not asked, empty none flagged, else ids joined by `;`.
    ///
    /// # Errors
    /// The violation's field is empty: the caller knows where the text stood.
    pub fn parse(item: &Item, text: &str, unacceptable: Option<&str>) -> Result<Self, Violation> {
        let trimmed = text.trim();
        let answer = match item.kind {
            ItemKind::Rank => Self::Rank {
                tiers: ranking::parse(item, trimmed)?,
                unacceptable: match unacceptable.map(str::trim) {
                    None | Some("NA") => None,
                    Some(list) => Some(flags(item, list)?),
                },
            },
            ItemKind::Vote => Self::Vote(parse_vote(trimmed)?),
            ItemKind::Pair => {
                let Ok(tiers) = ranking::parse(item, trimmed)?.try_into() else {
                    return Err(Violation::new("", Reason::BadItem, "a pair item has exactly 2 candidates"));
                };
                Self::Pair(tiers)
            }
            ItemKind::Approve => Self::Approve(flags(item, trimmed)?),
            ItemKind::Choose => Self::Choose(place(item, trimmed)?),
            ItemKind::Scale => Self::Scale(trimmed.parse().map_err(|_| bad_number(trimmed))?),
            ItemKind::Rubric => Self::Rubric(parse_rubric(item, trimmed)?),
            ItemKind::Text => Self::Text(text.to_owned()),
        };
        answer.checked(item)
    }

    /// The answer in its canonical form (-0 is 0, text is NFC), if it fits `item`.
    ///
    /// # Errors
    /// `ANSWER_KIND` for another kind, else what is wrong with it; the field is empty.
    pub fn checked(self, item: &Item) -> Result<Self, Violation> {
        let wrong = |reason, message: String| Err(Violation::new("", reason, message));
        if self.kind() != item.kind {
            let message = format!("a {} item cannot take a {} answer", item.kind.name(), self.kind().name());
            return wrong(Reason::AnswerKind, message);
        }
        let count = item.candidates.len();
        let width_is_wrong = match &self {
            Self::Rank { tiers, unacceptable } => {
                tiers.len() != count || unacceptable.as_ref().is_some_and(|u| u.len() != count)
            }
            Self::Approve(flags) => flags.len() != count,
            Self::Rubric(scores) => scores.len() != count,
            _ => false,
        };
        if width_is_wrong {
            return wrong(Reason::CandidateNotOffered, format!("the answer must cover the item's {count} candidates"));
        }
        match self {
            Self::Rank { ref tiers, .. } => ranking::check_tiers(tiers).map(|()| self),
            Self::Pair(tiers) => match tiers {
                [0, 0] | [0, 1] | [1, 0] => Ok(self),
                _ => wrong(Reason::BadRanking, "a pair is answered A>B, B>A or A=B".into()),
            },
            Self::Choose(place) if usize::from(place) >= count => {
                wrong(Reason::CandidateNotOffered, format!("the item has {count} candidates"))
            }
            Self::Scale(number) => check_scale(item, number).map(Self::Scale),
            Self::Rubric(ref scores) => match scores.iter().find(|&&s| s != NO_SCORE && s.abs() > MAX_RUBRIC) {
                Some(score) => wrong(Reason::BadNumber, format!("the weight {score} is not from -10 to 10")),
                None => Ok(self),
            },
            Self::Text(words) => text::normalise("", &words, text::MAX_TEXT_CHARS).map(Self::Text),
            other => Ok(other),
        }
    }

    /// The kind of item this answers.
    pub fn kind(&self) -> ItemKind {
        match self {
            Self::Rank { .. } => ItemKind::Rank,
            Self::Vote(_) => ItemKind::Vote,
            Self::Pair(_) => ItemKind::Pair,
            Self::Approve(_) => ItemKind::Approve,
            Self::Choose(_) => ItemKind::Choose,
            Self::Scale(_) => ItemKind::Scale,
            Self::Rubric(_) => ItemKind::Rubric,
            Self::Text(_) => ItemKind::Text,
        }
    }

    /// The canonical text: what [`Answer::parse`] reads.
    pub fn text(&self, item: &Item) -> String {
        match self {
            Self::Rank { tiers, .. } => ranking::format(item, tiers),
            Self::Vote(vote) => vote.name().to_owned(),
            Self::Pair(tiers) => ranking::format(item, tiers),
            Self::Approve(flags) => flagged(item, flags),
            Self::Choose(place) => item.candidates[usize::from(*place)].id.clone(),
            Self::Scale(number) => number.to_string(),
            Self::Rubric(scores) => {
                let pairs = item.candidates.iter().zip(scores).filter(|(_, score)| **score != NO_SCORE);
                pairs.map(|(c, score)| format!("{}:{score}", c.id)).collect::<Vec<_>>().join(";")
            }
            Self::Text(words) => words.clone(),
        }
    }

    /// The text of the `unacceptable` column: `NA` where it was not asked, `None` for other kinds.
    pub fn unacceptable_text(&self, item: &Item) -> Option<String> {
        match self {
            Self::Rank { unacceptable: Some(flags), .. } => Some(flagged(item, flags)),
            Self::Rank { unacceptable: None, .. } => Some("NA".to_owned()),
            _ => None,
        }
    }

    /// The canonical bytes, as the table above says.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Rank { tiers, unacceptable } => {
                let flags = unacceptable.iter().flatten().map(|&flag| u8::from(flag));
                tiers.iter().copied().chain(flags).collect()
            }
            Self::Vote(vote) => vec![vote.byte()],
            Self::Pair(tiers) => tiers.to_vec(),
            Self::Approve(flags) => flags.iter().map(|&flag| u8::from(flag)).collect(),
            Self::Choose(place) => vec![*place],
            Self::Scale(number) => number.to_le_bytes().to_vec(),
            Self::Rubric(scores) => scores.iter().map(|score| score.to_le_bytes()[0]).collect(),
            Self::Text(words) => words.clone().into_bytes(),
        }
    }

    /// Reads canonical bytes back.
    ///
    /// # Errors
    /// Bytes that [`Answer::encode`] could not have written for `item`; the field is empty.
    pub fn decode(item: &Item, bytes: &[u8]) -> Result<Self, Violation> {
        let corrupt = || {
            Violation::new(
                "",
                Reason::DataCorrupt,
                format!("the bytes are no {} answer to {}", item.kind.name(), item.id),
            )
        };
        let as_flags = |bytes: &[u8]| -> Result<Vec<bool>, Violation> {
            bytes
                .iter()
                .map(|byte| match byte {
                    0 => Ok(false),
                    1 => Ok(true),
                    _ => Err(corrupt()),
                })
                .collect()
        };
        let count = item.candidates.len();
        let answer = match (item.kind, bytes) {
            (ItemKind::Rank, _) if bytes.len() == count => Self::Rank { tiers: bytes.to_vec(), unacceptable: None },
            (ItemKind::Rank, _) if bytes.len() == 2 * count => {
                Self::Rank { tiers: bytes[..count].to_vec(), unacceptable: Some(as_flags(&bytes[count..])?) }
            }
            (ItemKind::Vote, b"A") => Self::Vote(Vote::Agree),
            (ItemKind::Vote, b"D") => Self::Vote(Vote::Disagree),
            (ItemKind::Vote, b"P") => Self::Vote(Vote::Pass),
            (ItemKind::Pair, &[a, b]) => Self::Pair([a, b]),
            (ItemKind::Approve, _) => Self::Approve(as_flags(bytes)?),
            (ItemKind::Choose, &[place]) => Self::Choose(place),
            (ItemKind::Scale, _) => Self::Scale(f64::from_le_bytes(bytes.try_into().map_err(|_| corrupt())?)),
            (ItemKind::Rubric, _) => Self::Rubric(bytes.iter().map(|&byte| i8::from_le_bytes([byte])).collect()),
            (ItemKind::Text, _) => Self::Text(String::from_utf8(bytes.to_vec()).map_err(|_| corrupt())?),
            _ => return Err(corrupt()),
        };
        answer.checked(item).map_err(|_| corrupt())
    }
}

fn place(item: &Item, id: &str) -> Result<u8, Violation> {
    item.candidate(id)
        .and_then(|index| u8::try_from(index).ok())
        .ok_or_else(|| Violation::new("", Reason::CandidateNotOffered, format!("the item offers no candidate {id:?}")))
}

fn flags(item: &Item, list: &str) -> Result<Vec<bool>, Violation> {
    let mut flags = vec![false; item.candidates.len()];
    for id in list.split(';').map(str::trim).filter(|id| !id.is_empty()) {
        let index = usize::from(place(item, id)?);
        if std::mem::replace(&mut flags[index], true) {
            return Err(Violation::new("", Reason::BadRanking, format!("the candidate {id:?} stands twice")));
        }
    }
    Ok(flags)
}

fn flagged(item: &Item, flags: &[bool]) -> String {
    let ids = item.candidates.iter().zip(flags).filter(|(_, flag)| **flag).map(|(c, _)| c.id.as_str());
    ids.collect::<Vec<_>>().join(";")
}

fn parse_vote(text: &str) -> Result<Vote, Violation> {
    match text {
        "agree" => Ok(Vote::Agree),
        "disagree" => Ok(Vote::Disagree),
        "pass" => Ok(Vote::Pass),
        other => Err(Violation::new("", Reason::AnswerKind, format!("{other:?} is not agree, disagree or pass"))),
    }
}

fn parse_rubric(item: &Item, text: &str) -> Result<Vec<i8>, Violation> {
    let mut scores = vec![NO_SCORE; item.candidates.len()];
    for pair in text.split(';').map(str::trim).filter(|pair| !pair.is_empty()) {
        let bad = || Violation::new("", Reason::BadNumber, format!("{pair:?} is not criterion:weight"));
        let (id, weight) = pair.rsplit_once(':').ok_or_else(bad)?;
        let index = usize::from(place(item, id.trim())?);
        let weight: i8 = weight.trim().parse().map_err(|_| bad())?;
        if weight.unsigned_abs() > MAX_RUBRIC.unsigned_abs() {
            return Err(Violation::new("", Reason::BadNumber, format!("the weight {weight} is not from -10 to 10")));
        }
        if std::mem::replace(&mut scores[index], weight) != NO_SCORE {
            return Err(Violation::new("", Reason::DuplicateAnswer, format!("the criterion {id:?} stands twice")));
        }
    }
    Ok(scores)
}

fn bad_number(text: &str) -> Violation {
    Violation::new("", Reason::BadNumber, format!("{text:?} is not a number"))
}

fn check_scale(item: &Item, number: f64) -> Result<f64, Violation> {
    if !number.is_finite() {
        return Err(bad_number(&number.to_string()));
    }
    if let Some(range) = item.scale
        && !(range.min..=range.max).contains(&number)
    {
        return Err(Violation::new(
            "",
            Reason::BadNumber,
            format!("{number} is not from {} to {}", range.min, range.max),
        ));
    }
    // Adding zero turns -0 into 0 and leaves every other number as it is.
    Ok(number + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str) -> Item {
        let candidates = match kind {
            "pair" => serde_json::json!([{"id": "A"}, {"id": "B"}]),
            "rank" | "approve" | "choose" | "rubric" => {
                serde_json::json!([{"id": "A"}, {"id": "B"}, {"id": "C"}, {"id": "D"}])
            }
            _ => serde_json::json!([]),
        };
        serde_json::from_value(serde_json::json!({"id": "i", "kind": kind, "candidates": candidates})).unwrap()
    }

    #[test]
    fn answers_are_read_into_their_canonical_text_and_bytes() {
        let check = |kind: &str, text: &str, canonical: &str| {
            let item = item(kind);
            let answer = Answer::parse(&item, text, None).unwrap_or_else(|v| panic!("{text:?}: {}", v.message));
            assert_eq!(answer.text(&item), canonical, "{text:?}");
            assert_eq!(Answer::parse(&item, canonical, None).unwrap(), answer);
            assert_eq!(Answer::decode(&item, &answer.encode()).unwrap(), answer);
        };
        check("rank", "B>A=C=D", "B>A=C=D");
        check("rank", " D = C > A ", "C=D>A");
        check("rank", "A>B -C", "A>B -C");
        check("rank", "A=B=C=D", "A=B=C=D");
        check("vote", "agree", "agree");
        check("vote", "pass", "pass");
        check("pair", "B>A", "B>A");
        check("pair", "B=A", "A=B");
        check("approve", "C;A", "A;C");
        check("approve", "", "");
        check("choose", "D", "D");
        check("scale", "-0", "0");
        check("scale", "3.5", "3.5");
        check("rubric", "C:-10; A:3", "A:3;C:-10");
        check("text", "e\u{301}t\u{e9}", "\u{e9}t\u{e9}");
    }

    #[test]
    fn answers_that_do_not_fit_are_refused_with_a_reason() {
        let check = |kind: &str, text: &str, reason: Reason| {
            let got = Answer::parse(&item(kind), text, None).map_err(|v| v.reason);
            assert_eq!(got, Err(reason), "{kind} {text:?}");
        };
        check("rank", "A>A", Reason::BadRanking);
        check("rank", "A>>B", Reason::BadRanking);
        check("rank", "", Reason::BadRanking);
        check("rank", "-A -B -C -D", Reason::BadRanking);
        check("rank", "A>E", Reason::BadRanking);
        check("vote", "yes", Reason::AnswerKind);
        check("pair", "A", Reason::BadRanking);
        check("choose", "A;B", Reason::CandidateNotOffered);
        check("scale", "NaN", Reason::BadNumber);
        check("scale", "1e999", Reason::BadNumber);
        check("scale", "many", Reason::BadNumber);
        check("rubric", "A:11", Reason::BadNumber);
        check("rubric", "A:1;A:2", Reason::DuplicateAnswer);
        check("text", "a\0b", Reason::BadText);
        check("text", &"x".repeat(10_001), Reason::TextTooLong);
    }

    #[test]
    fn a_pair_item_without_two_candidates_takes_no_answer() {
        for candidates in [serde_json::json!([{"id": "A"}]), serde_json::json!([{"id": "A"}, {"id": "B"}, {"id": "C"}])]
        {
            let item = serde_json::json!({"id": "i", "kind": "pair", "candidates": candidates});
            let got = Answer::parse(&serde_json::from_value(item).unwrap(), "A", None).map_err(|v| v.reason);
            assert_eq!(got, Err(Reason::BadItem));
        }
    }

    #[test]
    fn unacceptable_tells_not_asked_from_none_flagged() {
        let item = item("rank");
        let check = |column: Option<&str>, want: &str| {
            let answer = Answer::parse(&item, "A>B", column).unwrap();
            assert_eq!(answer.unacceptable_text(&item).unwrap(), want);
            assert_eq!(Answer::decode(&item, &answer.encode()).unwrap(), answer);
        };
        check(None, "NA");
        check(Some("NA"), "NA");
        check(Some(""), "");
        check(Some("D;C"), "C;D");
    }

    #[test]
    fn bytes_nobody_wrote_are_refused() {
        let check = |kind: &str, bytes: &[u8]| {
            assert_eq!(
                Answer::decode(&item(kind), bytes).map_err(|v| v.reason),
                Err(Reason::DataCorrupt),
                "{kind} {bytes:?}"
            );
        };
        check("rank", &[0, 1]);
        check("rank", &[5, 5, 5, 5]);
        check("vote", b"a");
        check("choose", &[4]);
        check("scale", &f64::NAN.to_le_bytes());
        check("text", &[0xFF]);
    }
}
