//! The methods there are, by id and version.

use crate::contract::{Descriptor, Method};

/// Methods by id and version.
pub struct Registry {
    methods: Vec<Box<dyn Method>>,
}

impl Registry {
    /// Every method this crate has.
    pub fn builtin() -> Self {
        Self { methods: crate::builtin() }
    }

    /// The method named `id` (its newest version) or `id@version`.
    pub fn get(&self, name: &str) -> Option<&dyn Method> {
        let (id, version) = name.split_once('@').map_or((name, None), |(id, version)| (id, Some(version)));
        // Methods are listed oldest version first.
        self.methods.iter().rev().map(AsRef::as_ref).find(|method| {
            let found = method.describe();
            found.id == id && version.is_none_or(|version| found.version == version)
        })
    }

    /// What the methods say of themselves, in the order people read them.
    pub fn list(&self) -> Vec<Descriptor> {
        self.methods.iter().map(|method| method.describe()).collect()
    }
}
