//! Pages of lists. A token is opaque, and good for the list and the tenant it was made for only.

use folkmoot_core::canonical::Hasher;
use folkmoot_core::{Fault, Reason};

const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 1000;
const MARK_BYTES: usize = 8;

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Most entries to return.
    pub limit: usize,
    /// Return what comes behind this cursor; from the start where `None`.
    pub after: Option<String>,
}

/// Reads a request's page fields. `list` names the list with all its filters.
///
/// # Errors
/// `BAD_PAGE_TOKEN` for a token of another list or tenant, or none at all; `BAD_FIELD` for a negative size.
pub fn page(size: i32, token: &str, tenant: &str, list: &str) -> Result<Page, Fault> {
    let size = usize::try_from(size)
        .map_err(|_| Fault::field("page_size", Reason::BadField, "a page size cannot be negative"))?;
    let limit = if size == 0 { DEFAULT_SIZE } else { size.min(MAX_SIZE) };
    if token.is_empty() {
        return Ok(Page { limit, after: None });
    }
    let cursor = hex::decode(token).ok().and_then(|bytes| {
        let (mark, cursor) = bytes.split_at_checked(MARK_BYTES)?;
        let ours = mark == self::mark(tenant, list);
        // A mark can be made by anybody, and no database takes a NUL in an id.
        String::from_utf8(cursor.to_vec()).ok().filter(|cursor| ours && !cursor.contains('\0'))
    });
    match cursor {
        Some(cursor) => Ok(Page { limit, after: Some(cursor) }),
        None => Err(Fault::field("page_token", Reason::BadPageToken, "the token is not one of this list's")),
    }
}

/// The token that continues `list` behind `cursor`.
pub fn token(tenant: &str, list: &str, cursor: &str) -> String {
    hex::encode([mark(tenant, list).as_slice(), cursor.as_bytes()].concat())
}

fn mark(tenant: &str, list: &str) -> [u8; MARK_BYTES] {
    let hash = Hasher::new("folkmoot/page/v1").field(tenant.as_bytes()).field(list.as_bytes()).finish();
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&hash.as_bytes()[..MARK_BYTES]);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_list_and_tenant_only() {
        let made = token("city", "rounds", "r-7");
        let check = |size, token: &str, tenant: &str, list: &str, want: Result<Page, Reason>| {
            assert_eq!(page(size, token, tenant, list).map_err(|f| f.reason), want);
        };
        check(0, "", "city", "rounds", Ok(Page { limit: 50, after: None }));
        check(1_000_000_000, &made, "city", "rounds", Ok(Page { limit: 1000, after: Some("r-7".into()) }));
        check(1, &made, "lab", "rounds", Err(Reason::BadPageToken));
        check(1, &made, "city", "specs", Err(Reason::BadPageToken));
        check(1, "zz", "city", "rounds", Err(Reason::BadPageToken));
        check(1, &token("city", "rounds", "r\0"), "city", "rounds", Err(Reason::BadPageToken));
        check(1, "é", "city", "rounds", Err(Reason::BadPageToken));
        check(-1, "", "city", "rounds", Err(Reason::BadField));
    }
}
