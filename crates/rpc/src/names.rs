//! Resource names.

use folkmoot_core::id::check_id;
use folkmoot_core::{Fault, Reason};

/// The ids in `name`, which must look like `pattern`: `*` stands for one id, a `**` at the end for an
/// id that may contain `/`. An id `-` passes: it stands for any, where the method says so.
///
/// # Errors
/// `BAD_NAME` at `field`, or `FIELD_REQUIRED` for an empty name.
///
/// # Panics
/// When `pattern` does not have `N` stars: a defect of the caller.
pub fn parse<'a, const N: usize>(field: &str, pattern: &str, name: &'a str) -> Result<[&'a str; N], Fault> {
    if name.is_empty() {
        return Err(Fault::field(field, Reason::FieldRequired, format!("a name like {pattern} is needed")));
    }
    let refuse = || Fault::field(field, Reason::BadName, format!("{name:?} is not a name like {pattern}"));
    let mut ids = Vec::with_capacity(N);
    let mut rest = Some(name);
    for wanted in pattern.split('/') {
        let text = rest.ok_or_else(refuse)?;
        if wanted == "**" {
            check_id(field, text, true)?;
            ids.push(text);
            rest = None;
            continue;
        }
        let (part, behind) = text.split_once('/').map_or((text, None), |(part, behind)| (part, Some(behind)));
        match wanted {
            "*" => {
                if part != "-" {
                    check_id(field, part, false)?;
                }
                ids.push(part);
            }
            fixed if fixed == part => {}
            _ => return Err(refuse()),
        }
        rest = behind;
    }
    if rest.is_some() {
        return Err(refuse());
    }
    Ok(ids.try_into().unwrap_or_else(|ids: Vec<_>| panic!("{pattern} has {} stars", ids.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_or_refused() {
        let check = |name: &str, want: Option<[&str; 2]>| {
            assert_eq!(parse::<2>("name", "rounds/*/items/**", name).ok(), want, "{name:?}");
        };
        check("rounds/r/items/i", Some(["r", "i"]));
        check("rounds/-/items/i", Some(["-", "i"]));
        check("rounds/-r/items/i", None);
        check("rounds/r/items/i/importance", Some(["r", "i/importance"]));
        check("rounds/r/items/", None);
        check("rounds/r/items", None);
        check("rounds//items/i", None);
        check("round/r/items/i", None);
        check("rounds/r r/items/i", None);
        check("", None);
        assert_eq!(parse::<1>("name", "rounds/*", "rounds/a/b").ok(), None);
    }
}
