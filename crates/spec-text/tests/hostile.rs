//! Documents made to be slow or large are read in linear time or refused.

use folkmoot_spec_text::{DocumentError, MAX_CLAUSES, MAX_DOCUMENT_BYTES, parse};

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

#[test]
fn too_much_is_refused() {
    let bytes = MAX_DOCUMENT_BYTES + 1;
    assert_eq!(parse(&vec![b'#'; bytes]), Err(DocumentError::TooLarge { bytes, limit: MAX_DOCUMENT_BYTES }));
    let line = MAX_CLAUSES + 1;
    assert_eq!(parse("#\n".repeat(line).as_bytes()), Err(DocumentError::TooManyClauses { line, limit: MAX_CLAUSES }));
}

/// A quadratic reader would need days for these, so that the test ends is what it shows.
#[test]
fn ten_megabytes_are_read() {
    let check = |piece: &str, clauses: usize| {
        let source = format!("# A {{#a}}\n{}", piece.repeat(TEN_MEGABYTES / piece.len()));
        let document = parse(source.as_bytes()).expect("the document can be read");
        assert_eq!(document.clauses.len(), clauses, "{piece:?}");
        assert!(document.warnings.len() <= 1001);
    };
    check("Some words of a long rule.\n", 1);
    check("[?](#nowhere", 1);
    check("[?](#x)[^y]", 1);
    check("` `` ", 1);
    check("{#", 1);
    check("~~~\n", 1);
    check("<!--\n", 1);
    check("!!! meta\n", 1);
    check("**Example**:\n", 1);
    check("[^a]:\n", 1);
    check("e\u{301}\u{323}", 1);
}

#[test]
fn many_equal_titles_get_their_own_names() {
    let document = parse("## Same\n".repeat(MAX_CLAUSES).as_bytes()).expect("the document can be read");
    assert_eq!(document.clauses[MAX_CLAUSES - 1].anchor, format!("same-{MAX_CLAUSES}"));
    assert_eq!(document.warnings.last().map(|warning| warning.code.as_str()), Some("more_warnings"));
}
