//! What an organiser can know before asking anybody: how many people each segment will have.

use folkmoot_core::{Fault, Reason};

use crate::plan::Plan;
use crate::{people, tasks};

/// Expected size of one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The attribute, such as `age`.
    pub attribute: String,
    /// The level, such as `25-34`.
    pub level: String,
    /// The item that everybody gets; `None` for any one of the others, which are dealt at random.
    pub item: Option<String>,
    /// People of this level expected in the whole round.
    pub expected_people: f64,
    /// People of this level expected to answer the item.
    pub expected_answers_per_item: f64,
}

/// Expected cell sizes for one attribute: for every level, a cell for each item that everybody gets
/// (the anchor and the required ones) and then one for any other item, if there are others.
///
/// # Errors
/// `BAD_FIELD` at `attribute` for one the simulator does not draw; what [`Plan::check`] says of the plan.
pub fn expected_cells(plan: &Plan, attribute: &str) -> Result<Vec<Cell>, Fault> {
    plan.check()?;
    let known = people::attribute(attribute)
        .ok_or_else(|| Fault::field("attribute", Reason::BadField, format!("no attribute is called {attribute:?}")))?;
    let deck = tasks::Deck::new(plan);
    let fixed = deck.everybody.iter().map(|&place| (Some(plan.items[place].id.clone()), 1.0));
    let dealt = (!deck.others.is_empty()).then(|| (None, deck.expected_share_of_others()));
    let items: Vec<(Option<String>, f64)> = fixed.chain(dealt).collect();
    let mut cells = Vec::new();
    for (place, (level, _)) in known.levels.iter().enumerate() {
        let expected_people = f64::from(plan.participants) * known.share(place);
        for (item, share) in &items {
            cells.push(Cell {
                attribute: attribute.to_owned(),
                level: (*level).to_owned(),
                item: item.clone(),
                expected_people,
                expected_answers_per_item: expected_people * share,
            });
        }
    }
    Ok(cells)
}
