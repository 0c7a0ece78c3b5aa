//! What happened on the way, in words.

use folkmoot_fold::report::Note;

use super::tables::type_id;
use crate::decompose::TOLERANCE;
use crate::lottery::TICKETS;
use crate::pool::Method;
use crate::published::digest;
use crate::select::Selection;

impl Method {
    /// What the method answers and assumes, when to avoid it, and its source.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Leximin => {
                "leximin makes the smallest probability as large as the quotas let it be, then the next smallest, and \
                 so on; the probabilities are unique. It assumes that the pool is all who would serve. Avoid it where \
                 people can gain by stating attributes that are rare in the pool. Flanigan, Gölz, Gupta, Hennig and \
                 Procaccia, Fair algorithms for selecting citizens' assemblies, Nature 596, 2021"
            }
            Self::Maximin => {
                "maximin makes the smallest probability as large as the quotas let it be, and leaves the others open: \
                 many lotteries do that, and this is one of them. Avoid it where the others' probabilities matter, and \
                 take leximin. Flanigan, Gölz, Gupta and Procaccia, NeurIPS 2020"
            }
            Self::Nash => {
                "nash makes the product of the probabilities, so their geometric mean, as large as the quotas let it \
                 be; the probabilities are unique. It gives up more of the smallest probabilities than leximin where \
                 that gives many others much. Avoid it where the least likely person is the yardstick. Flanigan, Gölz, \
                 Gupta, Hennig and Procaccia, Nature 596, 2021"
            }
        }
    }
}

impl Selection<'_> {
    pub(super) fn notes(&self, seed: &str) -> Vec<Note> {
        let mut notes = vec![Note::info("method", self.method.describe()), self.effort_note(), self.merge_note()];
        notes.extend(self.apportionment_notes());
        notes.extend(self.outside_notes());
        notes.extend(self.never_note());
        notes.push(Note::info(
            "lottery",
            format!(
                "the lottery has {TICKETS} tickets and the SHA-256 {}; publish it before the seed is known",
                self.digest()
            ),
        ));
        notes.push(self.repeat_note(seed));
        notes
    }

    fn effort_note(&self) -> Note {
        let effort = &self.effort;
        let rounds = match self.method {
            Method::Leximin => format!("{} stages fixed all probabilities; ", effort.rounds),
            Method::Maximin => String::new(),
            Method::Nash => format!(
                "after {} rounds the mean logarithm of the probabilities is within {:.1e} of its bound; ",
                effort.rounds,
                effort.gap.unwrap_or_default()
            ),
        };
        let text = format!(
            "{rounds}the lottery gives the best probabilities to within {TOLERANCE:.0e}, beside the rounding to tickets; it \
             took {} pricing programs, which found {} panels, and {} cuts",
            effort.priced, effort.panels, effort.cuts
        );
        Note::info("effort", text)
    }

    fn merge_note(&self) -> Note {
        let apart: usize = self.instance.households.iter().map(Vec::len).sum();
        let mut text = format!(
            "{} people are {} types: those alike in every attribute with a quota have one probability, and which of them \
             is seated is drawn",
            self.pool.len(),
            self.instance.types.len()
        );
        if apart > 0 {
            text.push_str(&format!(
                "; {apart} people in {} households are not merged, because a panel has at most one of each household",
                self.instance.households.len()
            ));
        }
        Note::info("merged", text)
    }

    /// Where only the order of levels decided about seats.
    fn apportionment_notes(&self) -> impl Iterator<Item = Note> {
        self.instance.tied.iter().map(|(attribute, levels)| {
            let text = format!(
                "seats of {attribute}: {} have equal remainders and equal shares; the earlier names got the seats",
                levels.join(", ")
            );
            Note::warning("apportionment_tie", text)
        })
    }

    /// People with a level that no quota names.
    fn outside_notes(&self) -> impl Iterator<Item = Note> {
        self.instance.attributes.iter().enumerate().filter_map(|(attribute, name)| {
            let cells = self.instance.cells.iter().filter(|cell| cell.attribute == attribute);
            let named: Vec<usize> = cells.flat_map(|cell| cell.types.iter().copied()).collect();
            let outside = (0..self.instance.types.len()).filter(|place| !named.contains(place));
            let people: u32 = outside.map(|place| self.instance.people(place)).sum();
            let text = format!("{people} people have no level of {name} that a quota names");
            (people > 0).then(|| Note::warning("outside_quotas", text))
        })
    }

    fn never_note(&self) -> Option<Note> {
        let types: Vec<String> = self.never.iter().map(|&place| type_id(place)).collect();
        let text = format!(
            "no panel that meets the quotas has anybody of {}: {} people have the probability 0, and no method can help \
             them",
            types.join(", "),
            self.nevers()
        );
        (!types.is_empty()).then(|| Note::warning("never", text))
    }

    fn repeat_note(&self, seed: &str) -> Note {
        let text = format!(
            "anybody repeats this with: folkmoot panel --method {} --pool POOL --quotas QUOTAS --seats {} --seed {}, and the \
             draw alone, from the lottery as --format json prints it, with: folkmoot panel --lottery LOTTERY --seed {}; by \
             hand, the ticket is the first 16 hexadecimal digits of: printf 'folkmoot panel 1\\n%s\\nticket\\n0' SEED | sha256sum, \
             modulo {TICKETS} (with the counter 1 and so on in place of 0 while the number is among the last 2^64 mod \
             {TICKETS}); its row of the table lottery gives the seats of each type, and where a type has more people, those \
             are seated first whose printf 'folkmoot panel 1\\n%s\\nseat\\n%s' SEED PARTICIPANT | sha256sum comes first",
            self.method.name(),
            self.instance.seats,
            quoted(seed),
            quoted(seed)
        );
        Note::info("repeat", text)
    }

    fn digest(&self) -> String {
        let mut people: Vec<(&str, usize)> = Vec::with_capacity(self.pool.len());
        for (place, members) in self.instance.types.iter().enumerate() {
            people.extend(members.people.iter().map(|&person| (self.pool[person].id.as_str(), place)));
        }
        digest(people, &self.lottery)
    }
}

/// A word of a shell.
fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
