//! The tables of a selection.

use folkmoot_fold::report::{Cell, Column, Table, Unit};

use super::histogram;
use crate::select::{Drawn, Selection};

impl Selection<'_> {
    /// Who was drawn.
    pub(super) fn panel_table(&self, drawn: &Drawn) -> Table {
        let mut columns = vec![Column::new("participant", "Participant", Unit::None)];
        columns.extend(self.attribute_columns());
        columns.push(Column::new("probability", "Probability", Unit::Share));
        let probabilities = self.probabilities();
        let row = |&person: &usize| {
            let value = |attribute| self.pool[person].attributes.get(attribute).cloned();
            let mut row = vec![Cell::from(self.pool[person].id.as_str())];
            row.extend(self.instance.attributes.iter().map(|attribute| Cell::from(value(attribute))));
            row.push(probabilities[person].into());
            row
        };
        table("panel", "The panel drawn", columns, drawn.people.iter().map(row).collect())
    }

    /// Each quota: what it asks for, the pool, and the panel drawn.
    pub(super) fn quota_table(&self, drawn: &Drawn) -> Table {
        let columns = vec![
            Column::new("quota", "Quota", Unit::None),
            Column::new("attribute", "Attribute", Unit::None),
            Column::new("level", "Level", Unit::None),
            Column::new("min", "At least", Unit::Count),
            Column::new("max", "At most", Unit::Count),
            Column::new("pool", "In the pool", Unit::Count),
            Column::new("seats", "On the panel", Unit::Count),
            Column::new("mean", "On average over the lottery", Unit::Score),
        ];
        let panel = &self.lottery[drawn.entry].seats;
        let rows = self.instance.cells.iter().map(|cell| {
            let attribute = &self.instance.attributes[cell.attribute];
            let pool: u32 = cell.types.iter().map(|&place| self.instance.people(place)).sum();
            let expected: f64 = cell.types.iter().map(|&place| self.expected(place)).sum();
            vec![
                format!("{attribute}={}", cell.level).into(),
                attribute.as_str().into(),
                cell.level.as_str().into(),
                i64::from(cell.bounds.min).into(),
                i64::from(cell.bounds.max).into(),
                i64::from(pool).into(),
                i64::from(self.instance.seats_of(panel, cell)).into(),
                expected.into(),
            ]
        });
        table("quotas", "Quotas", columns, rows.collect())
    }

    /// People by their probability.
    pub(super) fn histogram_table(&self) -> Table {
        let columns = vec![
            Column::new("probability", "Probability", Unit::None),
            Column::new("from", "From", Unit::Share),
            Column::new("to", "To", Unit::Share),
            Column::new("people", "People", Unit::Count),
        ];
        let probabilities = self.probabilities();
        let largest = probabilities.iter().fold(0.0_f64, |largest, p| largest.max(*p));
        let row = |(bin, people): (usize, usize)| {
            let (from, to) = (largest * bin as f64 / 10.0, largest * (bin + 1) as f64 / 10.0);
            let words = format!("{:.1} % to {:.1} %", from * 100.0, to * 100.0);
            vec![words.into(), from.into(), to.into(), (people as i64).into()]
        };
        let rows = histogram(&probabilities).into_iter().map(row).collect();
        table("histogram", "Probabilities of the pool", columns, rows)
    }

    /// The types of people, and what the lottery gives them.
    pub(super) fn type_table(&self) -> Table {
        let mut columns = vec![Column::new("type", "Type", Unit::None)];
        columns.extend(self.attribute_columns());
        columns.extend([
            Column::new("people", "People", Unit::Count),
            Column::new("mean", "Seats on average", Unit::Score),
            Column::new("probability", "Probability of each", Unit::Share),
        ]);
        let row = |place: usize| {
            let members = &self.instance.types[place];
            let mut row = vec![Cell::from(type_id(place))];
            row.extend(members.levels.iter().map(|level| Cell::from(level.clone())));
            row.push(i64::from(self.instance.people(place)).into());
            row.extend([Cell::from(self.expected(place)), Cell::from(self.probability(place))]);
            row
        };
        let rows = (0..self.instance.types.len()).map(row).collect();
        table("types", "Types of people", columns, rows)
    }

    /// Everybody, with their type and probability, ascending by id.
    pub(super) fn people_table(&self) -> Table {
        let columns = vec![
            Column::new("participant", "Participant", Unit::None),
            Column::new("type", "Type", Unit::None),
            Column::new("probability", "Probability", Unit::Share),
        ];
        let mut people: Vec<(&str, usize)> = Vec::with_capacity(self.pool.len());
        for (place, members) in self.instance.types.iter().enumerate() {
            people.extend(members.people.iter().map(|&person| (self.pool[person].id.as_str(), place)));
        }
        people.sort_unstable();
        let row = |(id, place)| vec![Cell::from(id), type_id(place).into(), self.probability(place).into()];
        table("people", "Everybody's probability", columns, people.into_iter().map(row).collect())
    }

    /// The panels that can be drawn.
    pub(super) fn lottery_table(&self) -> Table {
        let columns = vec![
            Column::new("panel", "Panel", Unit::Count),
            Column::new("first", "First ticket", Unit::Count),
            Column::new("last", "Last ticket", Unit::Count),
            Column::new("tickets", "Tickets", Unit::Count),
            Column::new("seats", "Seats by type", Unit::None),
        ];
        let mut next = 0;
        let row = |(place, entry): (usize, &crate::Entry)| {
            let first = next;
            next += entry.tickets as i64;
            let seats = entry.seats.iter().enumerate().filter(|&(_, &seats)| seats > 0);
            let seats: Vec<String> = seats.map(|(place, seats)| format!("{}:{seats}", type_id(place))).collect();
            vec![
                (place as i64 + 1).into(),
                first.into(),
                (next - 1).into(),
                (entry.tickets as i64).into(),
                seats.join(" ").into(),
            ]
        };
        table("lottery", "The lottery", columns, self.lottery.iter().enumerate().map(row).collect())
    }

    /// Expected seats of a type.
    fn expected(&self, place: usize) -> f64 {
        self.probability(place) * self.instance.size(place)
    }

    /// A column for each attribute with a quota; the prefix keeps them apart from the tables' own.
    fn attribute_columns(&self) -> impl Iterator<Item = Column> {
        self.instance.attributes.iter().map(|name| Column::new(&format!("attribute_{name}"), name, Unit::None))
    }
}

/// The type's id, as tables name it.
pub(crate) fn type_id(place: usize) -> String {
    format!("t{}", place + 1)
}

fn table(id: &str, title: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
    Table { id: id.to_owned(), title: title.to_owned(), columns, rows }
}
