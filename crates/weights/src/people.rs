//! Who is weighted.

/// The code of a participant whose level is not known.
pub const UNKNOWN: u16 = u16::MAX;

/// An attribute of the participants as a column.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its name, such as `region`.
    pub name: &'a str,
    /// Its levels, such as `north`.
    pub levels: &'a [String],
    /// A place in the levels for each participant, or [`UNKNOWN`].
    pub codes: &'a [u16],
}

/// The participants, a row each.
#[derive(Clone, Debug, Default)]
pub struct People<'a> {
    /// Base weights, such as those of the design; all 1 without.
    pub base: Option<&'a [f64]>,
    /// What targets may be given for; others are of no account.
    pub attributes: Vec<Attribute<'a>>,
}

impl<'a> People<'a> {
    /// How many there are.
    pub fn count(&self) -> usize {
        let columns = self.attributes.iter().map(|attribute| attribute.codes.len());
        columns.chain(self.base.map(<[f64]>::len)).next().unwrap_or(0)
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}
