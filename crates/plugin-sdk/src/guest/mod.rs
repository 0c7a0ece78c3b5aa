//! The border to the host: generated bindings, and a component made of a method.

#[allow(missing_docs, unreachable_pub)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "plugin",
        pub_export_macro: true,
        export_macro_name: "export_component",
    });
}
mod convert;

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Once;

pub use bindings::export_component;

use self::bindings::exports::folkmoot::method::method as wire;
use self::bindings::folkmoot::method::diagnostics;
use crate::{Accumulator, Method, MethodError, Severity};

/// Where a component's method comes from.
pub trait Source: 'static {
    /// The method.
    fn method() -> Box<dyn Method>;
}

/// The component of a method.
pub struct Component<S>(PhantomData<S>);

/// An accumulator the host holds; gone once it is finished.
pub struct Held<S>(RefCell<Option<Box<dyn Accumulator>>>, PhantomData<S>);

impl<S: Source> wire::Guest for Component<S> {
    type Accumulator = Held<S>;

    fn describe() -> wire::Descriptor {
        tell_panics();
        convert::descriptor(S::method().describe())
    }

    fn check(config: wire::Config) -> Result<(), wire::Error> {
        tell_panics();
        S::method().check(&convert::config(config)?).map_err(convert::error)
    }
}

impl<S: Source> Held<S> {
    fn with<T>(&self, work: impl FnOnce(&mut dyn Accumulator) -> Result<T, MethodError>) -> Result<T, wire::Error> {
        match self.0.borrow_mut().as_mut() {
            Some(accumulator) => work(accumulator.as_mut()).map_err(convert::error),
            None => Err(finished()),
        }
    }
}

impl<S: Source> wire::GuestAccumulator for Held<S> {
    fn open(config: wire::Config, pass: u32, model: Option<Vec<u8>>) -> Result<wire::Accumulator, wire::Error> {
        tell_panics();
        let config = convert::config(config)?;
        let opened = S::method().open(&config, pass, model.as_deref()).map_err(convert::error)?;
        Ok(wire::Accumulator::new(Self(RefCell::new(Some(opened)), PhantomData)))
    }

    fn update(&self, batch: wire::Batch) -> Result<(), wire::Error> {
        self.with(|accumulator| accumulator.update(&convert::batch(&batch)))
    }

    fn save(&self) -> Vec<u8> {
        match self.with(|accumulator| accumulator.save()) {
            Ok(state) => state,
            // The world has no error for it: the run ends here, with these words.
            Err(error) => panic!("the state cannot be saved: {error:?}"),
        }
    }

    fn merge(&self, partial: Vec<u8>) -> Result<(), wire::Error> {
        self.with(|accumulator| accumulator.merge(&partial))
    }

    fn finish(&self) -> Result<wire::Outcome, wire::Error> {
        let accumulator = self.0.borrow_mut().take().ok_or_else(finished)?;
        accumulator.finish().map(convert::outcome).map_err(convert::error)
    }
}

fn finished() -> wire::Error {
    wire::Error::Internal("the accumulator is finished already".to_owned())
}

/// Hands a message to the host.
pub fn log(severity: Severity, message: &str) {
    diagnostics::log(convert::severity(severity), message);
}

/// Has the words of a panic told before the trap that follows it.
fn tell_panics() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            log(Severity::Warning, &panic.to_string());
        }));
    });
}
