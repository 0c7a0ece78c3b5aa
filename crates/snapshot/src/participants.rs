//! Who took part, as columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use folkmoot_core::Reason;
use folkmoot_core::answer::{MAX_WEIGHT, is_weight};
use folkmoot_core::id::check_id;

use crate::error::SnapshotError;
use crate::files;

/// Code of a participant without a level.
pub const NO_LEVEL: u16 = u16::MAX;

/// Whether an attribute cannot have this name, because a column beside the attributes has it.
pub fn is_taken(attribute: &str) -> bool {
    matches!(attribute, "participant" | "weight")
}

/// A person in a round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Participant {
    /// The pseudonym.
    pub id: String,
    /// Attributes by name; an empty value is the same as none.
    pub attributes: BTreeMap<String, String>,
    /// How many people of the population the participant stands for.
    pub weight: Option<f64>,
}

/// Everybody in the round, ascending by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Participants {
    /// Pseudonyms, ascending.
    pub ids: Vec<String>,
    /// Weights where any participant has one; 1 for those without.
    pub weights: Option<Vec<f64>>,
    /// Attributes, ascending by name.
    pub attributes: Vec<Attribute>,
    /// Weights as they were given.
    pub(crate) own_weights: Option<Vec<Option<f64>>>,
}

/// One attribute of all participants.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name, such as `region`.
    pub name: String,
    /// Its values, ascending; none where there are more than codes can tell apart, so that it makes no
    /// segments.
    pub levels: Vec<String>,
    /// A place in `levels` for each participant, or [`NO_LEVEL`].
    pub codes: Vec<u16>,
    /// A value for each participant where there are no levels for all of them.
    uncoded: Vec<Option<String>>,
}

impl Attribute {
    /// The value of the participant at `place`, if there is one.
    pub fn level(&self, place: usize) -> Option<&str> {
        if let Some(value) = self.uncoded.get(place) {
            return value.as_deref();
        }
        let code = *self.codes.get(place)?;
        self.levels.get(usize::from(code)).map(String::as_str)
    }

    fn new(name: String, values: &[Option<&str>]) -> Self {
        let levels: Vec<String> =
            values.iter().flatten().collect::<BTreeSet<_>>().into_iter().map(|v| v.to_string()).collect();
        if levels.len() >= usize::from(NO_LEVEL) {
            let uncoded = values.iter().map(|value| value.map(str::to_owned)).collect();
            return Self { name, levels: Vec::new(), codes: vec![NO_LEVEL; values.len()], uncoded };
        }
        let code = |value: &Option<&str>| {
            let place = value.and_then(|v| levels.binary_search_by(|level| level.as_str().cmp(v)).ok());
            place.map_or(NO_LEVEL, |place| place as u16)
        };
        let codes = values.iter().map(code).collect();
        Self { name, levels, codes, uncoded: Vec::new() }
    }
}

impl Participants {
    /// The attribute `name`, if the round has it.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Place of the participant `id`.
    pub fn place(&self, id: &str) -> Option<u32> {
        self.ids.binary_search_by(|known| known.as_str().cmp(id)).ok().map(|place| place as u32)
    }

    /// The participant at `place`, as it was given.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn get(&self, place: usize) -> Participant {
        let named = |attribute: &Attribute| Some((attribute.name.clone(), attribute.level(place)?.to_owned()));
        Participant {
            id: self.ids[place].clone(),
            attributes: self.attributes.iter().filter_map(named).collect(),
            weight: self.own_weights.as_ref().and_then(|weights| weights[place]),
        }
    }

    /// Columns of `people`, which may come in any order.
    ///
    /// # Errors
    /// Ids, attribute names or weights that cannot be, and a participant listed twice.
    pub fn collect(people: impl IntoIterator<Item = Participant>) -> Result<Self, SnapshotError> {
        let mut people: Vec<Participant> = people.into_iter().collect();
        people.sort_by(|a, b| a.id.cmp(&b.id));
        let mut names = BTreeSet::new();
        for person in &people {
            let place = || format!("participant {}", person.id);
            check_id("participant", &person.id, false)
                .map_err(|fault| SnapshotError::refused(place(), fault.reason, &fault.violations[0].message))?;
            if let Some(weight) = person.weight.filter(|&weight| !is_weight(weight)) {
                let message = format!("the weight {weight} is not a number from 0 to {MAX_WEIGHT}");
                return Err(SnapshotError::refused(place(), Reason::BadNumber, message));
            }
            names.extend(person.attributes.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.clone()));
        }
        if let Some(pair) = people.windows(2).find(|pair| pair[0].id == pair[1].id) {
            let place = format!("participant {}", pair[0].id);
            return Err(SnapshotError::refused(place, Reason::ResourceExists, "the participant is listed twice"));
        }
        let mut attributes = Vec::new();
        for name in names {
            if name.is_empty() || is_taken(&name) {
                let place = format!("attribute {name:?}");
                return Err(SnapshotError::refused(place, Reason::BadName, "the name is taken"));
            }
            let value = |person: &Participant| person.attributes.get(&name).filter(|v| !v.is_empty()).cloned();
            let values: Vec<Option<String>> = people.iter().map(value).collect();
            let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
            attributes.push(Attribute::new(name, &values));
        }
        let weights: Vec<Option<f64>> = people.iter().map(|person| person.weight.map(|w| w + 0.0)).collect();
        let ids = people.into_iter().map(|person| person.id).collect();
        Ok(Self::assemble(ids, attributes, weights))
    }

    fn assemble(ids: Vec<String>, attributes: Vec<Attribute>, weights: Vec<Option<f64>>) -> Self {
        let own_weights = weights.iter().any(Option::is_some).then_some(weights);
        let weights = own_weights.as_ref().map(|own| own.iter().map(|w| w.unwrap_or(1.0)).collect());
        Self { ids, weights, attributes, own_weights }
    }

    pub(crate) fn write(&self, file: &Path) -> Result<(), SnapshotError> {
        let mut fields = vec![Field::new("participant", DataType::Utf8, false)];
        let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from_iter_values(&self.ids))];
        for attribute in &self.attributes {
            fields.push(Field::new(&attribute.name, DataType::Utf8, true));
            let values = (0..self.ids.len()).map(|place| attribute.level(place));
            columns.push(Arc::new(StringArray::from_iter(values)));
        }
        if let Some(weights) = &self.own_weights {
            fields.push(Field::new("weight", DataType::Float64, true));
            columns.push(Arc::new(Float64Array::from(weights.clone())));
        }
        let schema = Arc::new(Schema::new(fields));
        let batch =
            RecordBatch::try_new(schema.clone(), columns).map_err(|e| SnapshotError::corrupt(file, "columns", e))?;
        let mut writer = files::ParquetFile::create(file, schema)?;
        writer.write(&batch)?;
        writer.finish()
    }

    pub(crate) fn read(file: &Path) -> Result<Self, SnapshotError> {
        let corrupt = |place: &str, message: &str| SnapshotError::corrupt(file, place, message);
        let batches = files::read_all(file)?;
        let schema = batches.schema;
        let mut ids = Vec::new();
        let mut weights = Vec::new();
        let mut values: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
        if schema.fields().first().is_none_or(|field| field.name() != "participant") {
            return Err(corrupt("columns", "the first column is not participant"));
        }
        for batch in &batches.batches {
            for (field, column) in schema.fields().iter().zip(batch.columns()) {
                let strings = column.as_any().downcast_ref::<StringArray>();
                let numbers = column.as_any().downcast_ref::<Float64Array>();
                match (field.name().as_str(), strings, numbers) {
                    ("participant", Some(column), _) => ids.extend(column.iter().map(|id| id.unwrap_or("").to_owned())),
                    ("weight", _, Some(column)) => weights.extend(column.iter()),
                    (name, Some(column), _) if name != "weight" => {
                        let cells = column.iter().map(|cell| cell.map(str::to_owned));
                        values.entry(name.to_owned()).or_default().extend(cells);
                    }
                    (name, ..) => return Err(corrupt(name, &format!("the column is {}", column.data_type()))),
                }
            }
        }
        if let Some(place) = ids.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(corrupt(&format!("row {}", place + 2), "the participants are not ascending"));
        }
        if weights.iter().flatten().any(|w: &f64| !w.is_finite() || *w < 0.0) {
            return Err(corrupt("weight", "a weight is not a finite number from 0"));
        }
        weights.resize(ids.len(), None);
        let mut attributes = Vec::new();
        for (name, cells) in values {
            if cells.len() != ids.len() {
                return Err(corrupt(&name, "the column stands twice"));
            }
            let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
            attributes.push(Attribute::new(name, &cells));
        }
        Ok(Self::assemble(ids, attributes, weights))
    }
}
