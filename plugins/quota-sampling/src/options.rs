//! The options of an item, and which rows of the data count for each.
//!
//! As in the built-in `shares`: a vote is agree, disagree or pass; a chosen or approved candidate is
//! taken; a ranked one is taken by those who put it first, a tie for first counts for each. A candidate
//! that was not shown to somebody does not count for them.
//!
//! A row adds to a few *marks* of its item; an option is taken by the sum of some marks out of the sum
//! of others. So a row costs as many additions as it has marks, however many options read them.

use folkmoot_plugin_sdk::ItemInfo;

/// Tier of a candidate that was not shown.
pub(crate) const NOT_SHOWN: u8 = 0xFF;

/// How an item's answers are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Marks: agree, disagree, pass.
    Vote,
    /// Marks: a candidate each.
    Choose,
    /// Marks: everybody, then a candidate each.
    Approve,
    /// Marks: shown, a candidate each; then first, a candidate each.
    Rank,
}

/// One option of an item.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) name: String,
    /// Marks of those who take it.
    pub(crate) takes: Vec<usize>,
    /// Marks of those who could.
    pub(crate) asked: Vec<usize>,
}

/// An item of the round.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// Candidates.
    pub(crate) width: usize,
    pub(crate) choices: Vec<Choice>,
    pub(crate) marks: usize,
    /// Marks of all items before this one.
    pub(crate) first_mark: usize,
}

impl Item {
    /// The items with their marks numbered through.
    pub(crate) fn all(items: &[ItemInfo]) -> Vec<Self> {
        let mut first_mark = 0;
        let mut all = Vec::new();
        for info in items {
            let item = Self::read(info, first_mark);
            first_mark += item.marks;
            all.push(item);
        }
        all
    }

    fn read(info: &ItemInfo, first_mark: usize) -> Self {
        let width = info.candidates.len();
        let choice = |name: &str, takes: &[usize], asked: Vec<usize>| Choice {
            name: name.to_owned(),
            takes: takes.to_vec(),
            asked,
        };
        let candidates = info.candidates.iter().enumerate();
        let (kind, marks, choices): (_, _, Vec<Choice>) = match info.kind.as_str() {
            "vote" => {
                let names = ["agree", "disagree", "pass"];
                let mut choices: Vec<_> = (0..3).map(|mark| choice(names[mark], &[mark], vec![0, 1, 2])).collect();
                choices.push(choice("agree_of_voted", &[0], vec![0, 1]));
                (Kind::Vote, 3, choices)
            }
            "choose" => {
                let all = || (0..width).collect();
                (Kind::Choose, width, candidates.map(|(c, name)| choice(name, &[c], all())).collect())
            }
            "approve" => {
                (Kind::Approve, 1 + width, candidates.map(|(c, name)| choice(name, &[1 + c], vec![0])).collect())
            }
            _ => (Kind::Rank, 2 * width, candidates.map(|(c, name)| choice(name, &[width + c], vec![c])).collect()),
        };
        Self { id: info.id.clone(), kind, width, choices, marks, first_mark }
    }

    /// Whether the share of an option is a share of first places.
    pub(crate) fn ranks(&self) -> bool {
        self.kind == Kind::Rank
    }
}
