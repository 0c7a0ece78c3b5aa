//! What a plugin may use.

use serde::{Deserialize, Serialize};

/// What a plugin may use. Every error that a limit causes names it and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a component.
    pub component_bytes: u64,
    /// Seconds that compiling it may take.
    pub compile_seconds: u64,
    /// Bytes of address space that compiling it may take.
    pub compile_bytes: u64,
    /// Bytes of all its memories together.
    pub memory_bytes: u64,
    /// Its memories; each may lie in a core instance of its own.
    pub memories: u32,
    /// Its core instances.
    pub instances: u32,
    /// Its tables.
    pub tables: u32,
    /// Elements of each table.
    pub table_elements: u64,
    /// Bytes of its call stack.
    pub stack_bytes: u64,
    /// Fuel of a call; one is about one instruction.
    pub fuel_per_call: u64,
    /// Further fuel of a call for each row it deals with.
    pub fuel_per_row: u64,
    /// Seconds that a call may take.
    pub call_seconds: u64,
    /// Bytes of a saved state or a model.
    pub state_bytes: u64,
    /// Bytes of a report as JSON.
    pub report_bytes: u64,
    /// Rows of all tables of a report together.
    pub report_rows: u64,
    /// Bytes of everything together that a run holds: the memories of all instances that are there at once,
    /// and the models and reports answered so far.
    pub run_bytes: u64,
    /// Bytes that all its log messages take, 64 each at least.
    pub log_bytes: u64,
}

/// Largest call stack: the threads that plugins run on have two mebibytes.
const MAX_STACK: u64 = 3 << 19;
const MIN_STACK: u64 = 1 << 16;

impl Default for Limits {
    fn default() -> Self {
        Self {
            component_bytes: 32 << 20,
            compile_seconds: 120,
            compile_bytes: 6 << 30,
            memory_bytes: 256 << 20,
            memories: 4,
            instances: 100,
            tables: 100,
            table_elements: 100_000,
            stack_bytes: 1 << 20,
            fuel_per_call: 10_000_000_000,
            fuel_per_row: 1_000_000,
            call_seconds: 30,
            state_bytes: 16 << 20,
            report_bytes: 8 << 20,
            report_rows: 20_000,
            run_bytes: 2 << 30,
            log_bytes: 1 << 20,
        }
    }
}

impl Limits {
    /// Names of the limits, as they stand in configuration files and errors.
    pub fn names() -> Vec<String> {
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(Self::default()) else { return Vec::new() };
        fields.into_iter().map(|(name, _)| name).collect()
    }

    /// Sets the limit `name`.
    ///
    /// # Errors
    /// An unknown name, or a value that does not fit, in words.
    pub fn set(&mut self, name: &str, value: u64) -> Result<(), String> {
        if !Self::names().iter().any(|known| known == name) {
            return Err(format!("there is no limit {name:?}; there are {}", Self::names().join(", ")));
        }
        let mut fields = serde_json::to_value(*self).map_err(|error| error.to_string())?;
        fields[name] = value.into();
        let changed: Self = serde_json::from_value(fields).map_err(|_| format!("{value} is too large for {name}"))?;
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// Whether plugins can be run within these limits at all.
    ///
    /// # Errors
    /// The limit that cannot be, in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        match (MIN_STACK..=MAX_STACK).contains(&self.stack_bytes) {
            true => Ok(()),
            false => Err(format!("stack_bytes is {}, not from {MIN_STACK} to {MAX_STACK}", self.stack_bytes)),
        }
    }
}

/// How to raise a limit, for the end of an error.
pub(crate) fn raise(name: &str, value: u64) -> String {
    format!(
        "limit {name} = {value}; a larger one is set under [plugins.limits] of the server's configuration, or on \
         files with --limit {name}=N"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_set_by_their_names() {
        let mut limits = Limits::default();
        for name in Limits::names() {
            limits.set(&name, 1 << 20).unwrap();
        }
        assert_eq!(serde_json::to_value(limits).unwrap()["memory_bytes"], 1 << 20);
        for stack in [0, 1 << 30] {
            assert!(limits.set("stack_bytes", stack).unwrap_err().contains("not from 65536 to 1572864"));
        }
        assert!(limits.set("memory", 7).unwrap_err().contains("memory_bytes"));
        assert!(limits.set("memories", u64::MAX).unwrap_err().contains("too large"));
    }
}
