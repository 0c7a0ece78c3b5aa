//! What is to be simulated, and everything that makes it impossible.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use folkmoot_core::{Answer, Fault, Item, ItemKind, Reason, Violation};
use serde::{Deserialize, Serialize};

use crate::people;

/// Most participants one plan may make.
pub const MAX_PARTICIPANTS: u32 = 1_000_000;

/// Largest strength of an effect, in log odds: beyond it nobody deviates.
const MAX_STRENGTH: f64 = 20.0;

/// A simulated round: who, how many, on which items, from which seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The round's items. Those that are `about` another are asked of whoever answers the other.
    pub items: Vec<Item>,
    /// How many participants, 1 to [`MAX_PARTICIPANTS`].
    pub participants: u32,
    /// Everything random follows from it.
    pub seed: u64,
    /// How many items (not counting questions about them) a participant is given. About three in four
    /// get the most; a few leave before the least and a few do up to twice the most, as in real rounds.
    pub tasks: RangeInclusive<u16>,
    /// The item that is everybody's first task; the first `rank` item where absent.
    pub anchor: Option<String>,
    /// Opinions planted in items, by item id. Every other item gets latent opinions from the seed.
    pub effects: BTreeMap<String, Effect>,
    /// Whether rankings come with a rationale.
    pub words: bool,
}

/// An opinion planted in an item, so that an analysis has something known to find.
///
/// `order` is written in the grammar of the item's answers (`B>A=C`, `agree`, `4`, `A;C`); items with
/// candidates also take a ranking. `strength` is in log odds: someone asked to choose between two
/// candidates on neighbouring tiers chooses the better with probability `1 / (1 + exp(-strength))`
/// (Plackett-Luce), and someone who does not pass votes as the order says with that probability. A
/// candidate is approved with the log odds of its height above the middle of the tiers; numbers on a
/// scale gather around the order's, the closer the stronger. An item with an effect has no other latent
/// opinion; real rows' noise (ties, passes, straight-liners) stays. `text` items take none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Effect {
    /// The public prefers `order`.
    Follows {
        /// Best first.
        order: String,
        /// Log odds between neighbouring tiers, 0 to 20.
        strength: f64,
    },
    /// The two groups of an attribute ([`people::groups`]) prefer different orders.
    Polarised {
        /// The attribute, such as `age`.
        attribute: String,
        /// What the first group prefers.
        order_a: String,
        /// What the second group prefers.
        order_b: String,
        /// Log odds between neighbouring tiers, 0 to 20.
        strength: f64,
    },
    /// Nobody prefers anything: every order is equally likely.
    Indifferent,
}

impl Plan {
    /// A plan with 5 to 20 tasks a person, the usual anchor, no effects, and rationales.
    pub fn new(items: Vec<Item>, participants: u32, seed: u64) -> Self {
        Self { items, participants, seed, tasks: 5..=20, anchor: None, effects: BTreeMap::new(), words: true }
    }

    /// Checks that the plan can be carried out.
    ///
    /// # Errors
    /// Every violation with its place, such as `items[3].candidates` or `effects.q7.order`.
    pub fn check(&self) -> Result<(), Fault> {
        let mut found = Vec::new();
        let mut bad = |field: &str, why: String| found.push(Violation::new(field, Reason::BadField, why));
        if !(1..=MAX_PARTICIPANTS).contains(&self.participants) {
            bad("participants", format!("must be from 1 to {MAX_PARTICIPANTS}, not {}", self.participants));
        }
        if *self.tasks.start() == 0 || self.tasks.is_empty() {
            let (least, most) = (self.tasks.start(), self.tasks.end());
            bad("tasks", format!("must be a range from at least 1 up, not {least} to {most}"));
        }
        self.check_items(&mut found);
        self.check_anchor(&mut found);
        for (id, effect) in &self.effects {
            let at = format!("effects.{id}");
            match self.items.iter().find(|item| item.id == *id) {
                Some(item) => found.extend(effect.violations(item).into_iter().map(|v| v.within(&at))),
                None => found.push(unknown_item(&at, id)),
            }
        }
        if found.is_empty() { Ok(()) } else { Err(Fault::invalid(found)) }
    }

    fn check_items(&self, found: &mut Vec<Violation>) {
        let mut places = HashMap::new();
        for (index, item) in self.items.iter().enumerate() {
            let at = format!("items[{index}]");
            found.extend(item.violations().into_iter().map(|v| v.within(&at)));
            if let Some(first) = places.insert(item.id.as_str(), index) {
                let why = format!("the id {:?} is that of items[{first}]", item.id);
                found.push(Violation::new(format!("{at}.id"), Reason::BadItem, why));
            }
        }
        for (index, item) in self.items.iter().enumerate() {
            if let Some(about) = item.about.as_deref().filter(|about| !places.contains_key(about)) {
                found.push(unknown_item(&format!("items[{index}].about"), about));
            }
        }
        if self.items.iter().all(|item| item.about.is_some()) {
            found.push(Violation::new("items", Reason::FieldRequired, "an item that is no question about another"));
        }
    }

    fn check_anchor(&self, found: &mut Vec<Violation>) {
        let Some(anchor) = &self.anchor else { return };
        match self.items.iter().find(|item| item.id == *anchor) {
            None => found.push(unknown_item("anchor", anchor)),
            Some(item) if item.about.is_some() => {
                let why = format!("{anchor:?} is a question about another item");
                found.push(Violation::new("anchor", Reason::BadField, why));
            }
            Some(_) => {}
        }
    }

    /// Place of the item that everybody gets first.
    pub(crate) fn anchor_place(&self) -> Option<usize> {
        self.items.iter().position(|item| match &self.anchor {
            Some(anchor) => item.id == *anchor,
            None => item.kind == ItemKind::Rank && item.about.is_none(),
        })
    }
}

impl Effect {
    fn violations(&self, item: &Item) -> Vec<Violation> {
        let mut found = Vec::new();
        let (orders, strength) = match self {
            Self::Indifferent => (Vec::new(), 0.0),
            Self::Follows { order, strength } => (vec![("order", order)], *strength),
            Self::Polarised { attribute, order_a, order_b, strength } => {
                if people::groups(attribute).is_none() {
                    let known: Vec<_> = people::ATTRIBUTES.iter().map(|a| a.name).collect();
                    let why = format!("no attribute is called {attribute:?}; there are {}", known.join(", "));
                    found.push(Violation::new("attribute", Reason::BadField, why));
                }
                (vec![("order_a", order_a), ("order_b", order_b)], *strength)
            }
        };
        if item.kind == ItemKind::Text {
            found.push(Violation::new("", Reason::BadField, "a text item takes no effect"));
            return found;
        }
        for (field, order) in orders {
            found.extend(read_order(item, order).err().map(|v| v.within(field)));
        }
        if !(0.0..=MAX_STRENGTH).contains(&strength) {
            let why = format!("must be from 0 to {MAX_STRENGTH}, not {strength}");
            found.push(Violation::new("strength", Reason::BadNumber, why));
        }
        found
    }
}

/// Reads an effect's order: an answer to `item`, or a ranking of its candidates.
pub(crate) fn read_order(item: &Item, order: &str) -> Result<Answer, Violation> {
    let direct = Answer::parse(item, order, None);
    if direct.is_ok() || item.candidates.len() < 2 {
        return direct;
    }
    let ranked = Item { kind: ItemKind::Rank, ..item.clone() };
    Answer::parse(&ranked, order, None)
}

fn unknown_item(field: &str, id: &str) -> Violation {
    Violation::new(field, Reason::UnknownItem, format!("the plan has no item {id:?}"))
}
