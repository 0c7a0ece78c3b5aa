//! The page.

use crate::{model::Page, text};

/// The page as one self-contained HTML file.
pub fn html(page: &Page) -> String {
    format!("<!doctype html><title>{}</title>", text::escape(&page.round_title))
}
