//! The canonical content of each part, cell by cell.

use folkmoot_core::canonical::{self, Hasher};
use folkmoot_core::{Item, Sha256Hash};

use crate::manifest::Part;
use crate::participants::Participants;
use crate::row::Sorted;

/// A hasher of rows that counts them.
pub(crate) struct PartHasher {
    hasher: Hasher,
    rows: u64,
}

impl PartHasher {
    pub(crate) fn responses() -> Self {
        Self { hasher: Hasher::new("folkmoot-snapshot/1/responses"), rows: 0 }
    }

    pub(crate) fn words() -> Self {
        Self { hasher: Hasher::new("folkmoot-snapshot/1/words"), rows: 0 }
    }

    /// Adds the cells of `row` that `responses.parquet` holds.
    pub(crate) fn add_response(&mut self, row: &Sorted) {
        self.add_key(row);
        self.hasher.add(&row.answer);
        self.add_optional(row.weight.map(f64::to_le_bytes).as_ref().map(|b| &b[..]));
        self.add_optional(row.duration_ms.map(u32::to_le_bytes).as_ref().map(|b| &b[..]));
    }

    /// Adds the cells of `row` that `words.parquet` holds.
    pub(crate) fn add_words(&mut self, row: &Sorted) {
        self.add_key(row);
        self.add_optional(row.rationale.as_deref().map(str::as_bytes));
        self.add_optional(row.text.as_deref().map(str::as_bytes));
    }

    fn add_key(&mut self, row: &Sorted) {
        self.rows += 1;
        let (item, participant, view) = row.key;
        self.hasher.add(&item.to_le_bytes());
        self.hasher.add(&participant.to_le_bytes());
        self.hasher.add(&[view]);
    }

    fn add_optional(&mut self, cell: Option<&[u8]>) {
        add_optional(&mut self.hasher, cell);
    }

    pub(crate) fn finish(self) -> Part {
        Part { sha256: self.hasher.finish(), rows: self.rows }
    }
}

/// A cell that may be empty: a presence byte, then the cell.
fn add_optional(hasher: &mut Hasher, cell: Option<&[u8]>) {
    hasher.add(&[u8::from(cell.is_some())]);
    if let Some(bytes) = cell {
        hasher.add(bytes);
    }
}

pub(crate) fn items(items: &[Item]) -> Part {
    let mut hasher = Hasher::new("folkmoot-snapshot/1/items");
    items.iter().for_each(|item| hasher.add(canonical::json(item).as_bytes()));
    Part { sha256: hasher.finish(), rows: items.len() as u64 }
}

pub(crate) fn participants(participants: &Participants) -> Part {
    Part { sha256: participants_hash(participants), rows: participants.ids.len() as u64 }
}

fn participants_hash(participants: &Participants) -> Sha256Hash {
    let mut hasher = Hasher::new("folkmoot-snapshot/1/participants");
    hasher.add(&(participants.attributes.len() as u64).to_le_bytes());
    participants.attributes.iter().for_each(|attribute| hasher.add(attribute.name.as_bytes()));
    for (place, id) in participants.ids.iter().enumerate() {
        hasher.add(id.as_bytes());
        for attribute in &participants.attributes {
            add_optional(&mut hasher, attribute.level(place).map(str::as_bytes));
        }
        let weight = participants.own_weights.as_ref().and_then(|weights| weights[place]);
        add_optional(&mut hasher, weight.map(f64::to_le_bytes).as_ref().map(|b| &b[..]));
    }
    hasher.finish()
}
