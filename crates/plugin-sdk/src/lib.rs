//! Writes a Folkmoot method as a WebAssembly component: one struct, one trait.
//!
//! An author implements [`Fold`] for a struct that holds a partial aggregate, and exports it:
//!
//! ```
//! use folkmoot_plugin_sdk::{Batch, Config, Descriptor, Fold, Law, MethodError, Outcome, Report, Segments, state};
//! use folkmoot_plugin_sdk::json;
//!
//! /// Weight of all answers.
//! struct Turnout {
//!     sums: [i128; 1],
//! }
//!
//! const TAG: &str = "turnout@1.0.0";
//!
//! impl Fold for Turnout {
//!     fn describe() -> Descriptor {
//!         Descriptor {
//!             id: "turnout".into(),
//!             version: "1.0.0".into(),
//!             title: "Turnout".into(),
//!             answers: "How much weight answered?".into(),
//!             assumes: "Nothing.".into(),
//!             avoid_when: "Anything else is wanted.".into(),
//!             source: "Arithmetic".into(),
//!             kinds: vec!["vote".into()],
//!             parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
//!             max_passes: 1,
//!             segments: Segments::Host,
//!             bootstrap: false,
//!             participants: false,
//!             laws: vec![Law::Anonymity],
//!         }
//!     }
//!
//!     fn open(_: &Config, _: u32, _: Option<&[u8]>) -> Result<Self, MethodError> {
//!         Ok(Self { sums: [0] })
//!     }
//!
//!     fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
//!         self.sums[0] += batch.weight.iter().map(|&weight| i128::from(weight)).sum::<i128>();
//!         Ok(())
//!     }
//!
//!     fn save(&self) -> Vec<u8> {
//!         state::save(TAG, &self.sums)
//!     }
//!
//!     fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
//!         state::merge(TAG, &mut self.sums, partial)
//!     }
//!
//!     fn finish(self) -> Result<Outcome, MethodError> {
//!         match self.sums[0] {
//!             0 => Err(MethodError::Undefined("nobody answered".into())),
//!             _ => Ok(Outcome::Done(Report::default())),
//!         }
//!     }
//! }
//!
//! folkmoot_plugin_sdk::export!(Turnout);
//! # let verdicts = folkmoot_plugin_sdk::laws::try_all(&folkmoot_plugin_sdk::Native::<Turnout>::new(), &json!({}), 3);
//! # assert!(verdicts.iter().all(|v| !matches!(v.outcome, folkmoot_plugin_sdk::laws::Outcome::Broken(_))), "{verdicts:?}");
//! ```
//!
//! The same code runs natively: [`Native`] makes a [`Method`] of it, [`laws`] and [`rows`] try it in a
//! `#[test]`. `folkmoot plugin build` makes the component.
//!
//! To be fast, keep the loop over rows short and free of calls: the host meters every turn of it. Let
//! it handle four or eight rows a turn (`as_chunks`), and add up distinct answers rather than rows.
//!
//! # Invariants
//! It never knows a host, and authors never see WIT or `unsafe`.

use std::marker::PhantomData;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod guest;

pub use folkmoot_fold::contract::{
    Accumulator, Batch, Category, Config, Descriptor, Dimension, ItemInfo, Law, Method, MethodError, NO_STRATUM,
    Outcome, Problem, Segments, Values, WEIGHT_ONE,
};
pub use folkmoot_fold::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Severity, Table, Unit};
pub use folkmoot_fold::{laws, rows, schema, state, stats};
pub use serde_json::json;

/// A method whose accumulator is this type.
pub trait Fold: Sized + Send + 'static {
    /// What the method is; the same every time.
    fn describe() -> Descriptor;

    /// An empty accumulator for pass `pass` (0 first), with the model the last pass asked to go on with.
    ///
    /// # Errors
    /// What is wrong with the configuration: [`MethodError::BadParameters`] with every problem, or
    /// [`MethodError::Undefined`].
    fn open(config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Self, MethodError>;

    /// Folds a batch in.
    ///
    /// # Errors
    /// [`MethodError::Internal`] for columns the method did not ask for.
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError>;

    /// Canonical bytes of the state: equal aggregates, equal bytes. See [`state`].
    fn save(&self) -> Vec<u8>;

    /// Folds in what another accumulator of the same pass saved.
    ///
    /// # Errors
    /// [`MethodError::BadState`] for bytes this method did not write.
    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError>;

    /// Ends the pass.
    ///
    /// # Errors
    /// [`MethodError::Undefined`] where the data has no answer; never a report with NaN.
    fn finish(self) -> Result<Outcome, MethodError>;
}

/// The method of a [`Fold`], for tests, laws and hosts that run it natively.
pub struct Native<F>(PhantomData<fn() -> F>);

impl<F> Native<F> {
    /// The method.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<F> Default for Native<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Fold> Method for Native<F> {
    fn describe(&self) -> Descriptor {
        F::describe()
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        F::open(config, 0, None).map(|_| ())
    }

    fn open(&self, config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        Ok(Box::new(Folding(F::open(config, pass, model)?)))
    }
}

struct Folding<F>(F);

impl<F: Fold> Accumulator for Folding<F> {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        self.0.update(batch)
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        Ok(self.0.save())
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        self.0.merge(partial)
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        self.0.finish()
    }
}

/// Says something to whoever runs the plugin; it changes no result.
pub fn log(severity: Severity, message: &str) {
    #[cfg(target_family = "wasm")]
    guest::log(severity, message);
    #[cfg(not(target_family = "wasm"))]
    eprintln!("{severity:?}: {message}");
}

/// Makes a component of a [`Fold`], or with `export!(method = EXPRESSION)` of any `Box<dyn Method>`.
/// A crate has one. Without effect where the crate is not built for WebAssembly.
#[macro_export]
macro_rules! export {
    (method = $method:expr) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Given;
            impl $crate::guest::Source for Given {
                fn method() -> Box<dyn $crate::Method> {
                    $method
                }
            }
            type Exported = $crate::guest::Component<Given>;
    $crate::guest::export_component!(Exported with_types_in $crate::guest::bindings);
        };
    };
    ($fold:ty) => {
        $crate::export!(method = Box::new($crate::Native::<$fold>::new()));
    };
}
