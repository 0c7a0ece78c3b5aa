//! Documents made to be slow or large are read in linear time or refused.

use folkmoot_spec_text::{DocumentError, MAX_CLAUSES, MAX_DOCUMENT_BYTES, MAX_REDLINE_BYTES, diff, parse, redline};

const MEGABYTE: usize = 1024 * 1024;

#[test]
fn too_much_is_refused() {
    let bytes = MAX_DOCUMENT_BYTES + 1;
    assert_eq!(parse(&vec![b'#'; bytes]), Err(DocumentError::TooLarge { bytes, limit: MAX_DOCUMENT_BYTES }));
    let line = MAX_CLAUSES + 1;
    assert_eq!(parse("#\n".repeat(line).as_bytes()), Err(DocumentError::TooManyClauses { line, limit: MAX_CLAUSES }));
}

/// A quadratic reader would need hours for these, so that the test ends is what it shows.
#[test]
fn megabytes_of_anything_are_read() {
    let check = |megabytes: usize, piece: &str| {
        let source = format!("# A {{#a}}\n**Example**: long\n{}", piece.repeat(megabytes * MEGABYTE / piece.len()));
        let document = parse(source.as_bytes()).expect("the document can be read");
        assert_eq!(document.clauses.len(), 1, "{piece:?}");
        assert!(document.warnings.len() <= 1001);
    };
    check(10, "Some words of a long rule.\n");
    check(1, "[?](#nowhere");
    check(1, "[?](#x)[^y]");
    check(1, "` `` ");
    check(1, "{#");
    check(1, "~~~\n");
    check(1, "<!--\n");
    check(1, "!!! meta\n");
    check(1, "**Example**:\n");
    check(1, "[^a]:\n");
    check(1, "e\u{301}\u{323}");
}

#[test]
fn many_equal_titles_get_their_own_names() {
    let document = parse("## Same\n".repeat(MAX_CLAUSES).as_bytes()).expect("the document can be read");
    assert_eq!(document.clauses[MAX_CLAUSES - 1].anchor, format!("same-{MAX_CLAUSES}"));
    assert_eq!(document.warnings.last().map(|warning| warning.code.as_str()), Some("more_warnings"));
}

#[test]
fn long_bodies_without_a_common_line_are_compared() {
    let document = |seed: u64, bytes: usize| {
        let mut state = seed;
        let mut source = String::from("# A {#a}\n");
        while source.len() < bytes {
            // The multiplier of Knuth's MMIX generator.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            source.push_str(&format!("word{}\n", state >> 51));
        }
        parse(source.as_bytes()).expect("the document can be read")
    };
    let check = |bytes: usize, has_lines: bool| {
        let (from, to) = (document(1, bytes), document(2, bytes));
        let diff = diff(&from, &to);
        assert_eq!((diff.summary.changed, diff.clauses.len()), (1, 1));
        assert_eq!(!diff.clauses[0].lines.is_empty(), has_lines);
        let spans = redline(&from.clauses[0].body, &to.clauses[0].body);
        assert_eq!(spans.len() > 2, has_lines);
    };
    check(MAX_REDLINE_BYTES / 16, true);
    check(MAX_REDLINE_BYTES, false);
}
