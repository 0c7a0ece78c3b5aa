//! Who the simulated participants are: attributes with the marginals of the real round.

use std::collections::BTreeMap;

use crate::chance::Chance;

/// A level of an attribute with its count among the real round's people.
pub type Level = (&'static str, u32);

/// An attribute and the counts its levels are drawn in proportion to.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// Key in a participant's attributes.
    pub name: &'static str,
    /// Levels in their natural order.
    pub levels: &'static [Level],
}

/// Place of the age bands among [`ATTRIBUTES`].
pub(crate) const AGE: usize = 0;
/// Place of the countries among [`ATTRIBUTES`].
pub(crate) const COUNTRY: usize = 3;

/// Every attribute. Age, gender and the five largest countries have the counts of
/// `collective-alignment-1` (1,012 people). The release has 19 countries; the other 14 here and their
/// split of the remaining 174 people, and the levels of education, use and concern, are assumptions.
pub const ATTRIBUTES: &[Attribute] = &[
    Attribute {
        name: "age",
        levels: &[("18-24", 158), ("25-34", 429), ("35-44", 233), ("45-54", 113), ("55-64", 57), ("65+", 22)],
    },
    Attribute { name: "gender", levels: &[("male", 528), ("female", 463), ("non-binary", 17), ("no answer", 4)] },
    Attribute {
        name: "education_level",
        levels: &[
            ("secondary or less", 212),
            ("vocational or some college", 243),
            ("bachelor's degree", 385),
            ("master's degree or higher", 172),
        ],
    },
    Attribute {
        name: "country_of_residence",
        levels: &[
            ("United States", 362),
            ("Mexico", 142),
            ("South Africa", 136),
            ("Netherlands", 117),
            ("Chile", 81),
            ("United Kingdom", 28),
            ("Canada", 20),
            ("Germany", 17),
            ("France", 16),
            ("Spain", 15),
            ("Italy", 14),
            ("Poland", 13),
            ("Portugal", 12),
            ("Australia", 10),
            ("India", 9),
            ("Kenya", 7),
            ("Brazil", 5),
            ("Japan", 4),
            ("Nigeria", 4),
        ],
    },
    Attribute {
        name: "generative_ai_usage",
        levels: &[("never", 40), ("monthly or less", 172), ("weekly", 380), ("daily", 420)],
    },
    Attribute {
        name: "ai_concern_level",
        levels: &[
            ("more excited than concerned", 344),
            ("equally excited and concerned", 495),
            ("more concerned than excited", 173),
        ],
    },
];

/// The attribute of that name.
pub fn attribute(name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

impl Attribute {
    /// Expected share of people at `level`, by its place.
    pub fn share(&self, level: usize) -> f64 {
        f64::from(self.levels[level].1) / f64::from(self.total())
    }

    fn total(&self) -> u32 {
        self.levels.iter().map(|(_, count)| count).sum()
    }

    /// How many levels, from the first on, make the first of two groups: the cut nearest to half of
    /// the people, with a level on either side.
    pub(crate) fn cut(&self) -> usize {
        let from_half = |cut: usize| {
            let first: u32 = self.levels[..cut].iter().map(|(_, count)| count).sum();
            (2 * first).abs_diff(self.total())
        };
        (1..self.levels.len()).min_by_key(|&cut| from_half(cut)).unwrap_or(0)
    }
}

/// The two groups that a polarised effect sets against each other: the attribute's levels in order,
/// cut where the first group is nearest to half of the people. `None` for an unknown attribute.
pub fn groups(name: &str) -> Option<[Vec<&'static str>; 2]> {
    let attribute = attribute(name)?;
    let names = |levels: &[Level]| levels.iter().map(|(name, _)| *name).collect();
    let (first, second) = attribute.levels.split_at(attribute.cut());
    Some([names(first), names(second)])
}

/// A participant before any answer.
pub(crate) struct Person {
    /// The level of each of [`ATTRIBUTES`].
    pub(crate) levels: [usize; ATTRIBUTES.len()],
    /// Place in a plane of two latent ideological dimensions, for votes and scales.
    pub(crate) ideology: [f64; 2],
    /// How important this person tends to find things, standard normal.
    pub(crate) earnestness: f64,
    /// For a person who answers every ranking with one string: the worth of each place.
    pub(crate) straight_line: Option<Vec<f64>>,
}

/// Straight-liners of the real round: six people of 1,012 give one ranking string throughout.
const STRAIGHT_LINERS: f64 = 6.0 / 1012.0;

/// Opinion groups: a centre in the ideological plane, and the share of the youngest and of the oldest
/// band in it (the bands between interpolate). An assumption: the release has no such groups.
const CAMPS: [([f64; 2], f64, f64); 3] =
    [([1.5, 0.2], 0.50, 0.25), ([-1.2, 0.9], 0.30, 0.45), ([-0.2, -1.5], 0.20, 0.30)];

/// Spread of people around the centre of their opinion group.
const CAMP_SPREAD: f64 = 0.45;

impl Person {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let mut levels = [0; ATTRIBUTES.len()];
        for (level, attribute) in levels.iter_mut().zip(ATTRIBUTES) {
            *level = chance.pick(attribute.levels.iter().map(|(_, count)| f64::from(*count)));
        }
        let seniority = levels[AGE] as f64 / (ATTRIBUTES[AGE].levels.len() - 1) as f64;
        let camp = chance.pick(CAMPS.iter().map(|(_, young, old)| young + (old - young) * seniority));
        let centre = CAMPS[camp].0;
        let ideology = [centre[0] + CAMP_SPREAD * chance.normal(), centre[1] + CAMP_SPREAD * chance.normal()];
        let earnestness = chance.normal();
        let is_straight = chance.happens(STRAIGHT_LINERS);
        let straight_line =
            is_straight.then(|| (0..folkmoot_core::item::MAX_CANDIDATES).map(|_| chance.uniform()).collect());
        Self { levels, ideology, earnestness, straight_line }
    }

    pub(crate) fn attributes(&self) -> BTreeMap<String, String> {
        let pairs = ATTRIBUTES.iter().zip(self.levels);
        pairs.map(|(attribute, level)| (attribute.name.to_owned(), attribute.levels[level].0.to_owned())).collect()
    }
}
