use std::sync::Arc;

use folkmoot_core::id::{Entropy, new_id};
use folkmoot_core::{Clock, Timestamp};

use crate::Operations;

/// What the composition root hands to every service.
#[derive(Clone)]
pub struct Context {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and salts.
    pub entropy: Arc<dyn Entropy>,
    /// The process' long-running operations.
    pub operations: Operations,
}

impl Context {
    /// A new UUIDv7.
    pub fn new_id(&self) -> String {
        new_id(self.clock.as_ref(), self.entropy.as_ref())
    }

    /// The current moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// The moment in its wire form.
pub fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let millis = time.as_millis();
    prost_types::Timestamp {
        seconds: millis.div_euclid(1000),
        nanos: i32::try_from(millis.rem_euclid(1000)).unwrap_or(0) * 1_000_000,
    }
}
