//! A spec's text, from a file or from the server.

use std::path::Path;

use folkmoot_core::Fault;
use folkmoot_spec_text::Document;

use crate::commands::spec::OfSpec;
use crate::failure::Failure;
use crate::out::Session;
use crate::wire::connected;
use crate::{input, names};

/// A text and where it came from.
pub(crate) struct Source {
    pub(crate) label: String,
    pub(crate) bytes: Vec<u8>,
}

impl Source {
    /// The text called `what`: a file where there is one, else a revision.
    pub(crate) fn read(what: &str, of: &OfSpec, session: &Session<'_, '_>) -> Result<Self, Failure> {
        let path = Path::new(what);
        let named_like_a_file = path.extension().is_some_and(|e| e == "md" || e == "markdown" || e == "txt");
        if path.is_file() || named_like_a_file {
            return Ok(Self { label: what.to_owned(), bytes: input::bytes(path)? });
        }
        let revision =
            connected(session.global, async |mut folkmoot| names::revision(&mut folkmoot, of.given(), what).await)?;
        Ok(Self { label: revision.name, bytes: revision.source.into_bytes() })
    }

    /// Its clauses.
    pub(crate) fn document(&self) -> Result<Document, Fault> {
        folkmoot_spec_text::parse(&self.bytes).map_err(|error| {
            // The line goes to the place of the fault, so that editors can jump to it.
            let field = match error.line() {
                Some(line) => format!("{}:{line}", self.label),
                None => self.label.clone(),
            };
            Fault::field(field, folkmoot_core::Reason::BadDocument, error.to_string())
        })
    }
}
