//! Edits change the named clause and nothing else.

use folkmoot_spec_text::{Edit, EditReason, apply};

const SOURCE: &str = "\
Intro.

# A {#a authority=user .red}

Text of A.

## A1 {#a1}
Text of A1.

# B ##
# C {#c}
";

fn replace(anchor: &str, body: &str) -> Edit {
    Edit::ReplaceBody { anchor: anchor.into(), body: body.into() }
}
fn authority(anchor: &str, authority: Option<&str>) -> Edit {
    Edit::SetAuthority { anchor: anchor.into(), authority: authority.map(Into::into) }
}
fn title(anchor: &str, title: &str) -> Edit {
    Edit::SetTitle { anchor: anchor.into(), title: title.into() }
}
fn insert(anchor: &str, markdown: &str) -> Edit {
    Edit::InsertAfter { anchor: anchor.into(), markdown: markdown.into() }
}
fn remove(anchor: &str) -> Edit {
    Edit::Remove { anchor: anchor.into() }
}

#[test]
fn an_edit_replaces_one_piece_of_the_source() {
    let check = |edit: Edit, old: &str, new: &str| {
        assert_eq!(SOURCE.matches(old).count(), 1, "{old:?}");
        let got = apply(SOURCE, std::slice::from_ref(&edit));
        assert_eq!(got, Ok(SOURCE.replace(old, new)), "{edit:?}");
    };
    check(replace("a", "New text.\n\n    code"), "Text of A.", "New text.\n\n    code");
    check(replace("a", "\n\nText of A.\n\n\n"), "Text of A.", "Text of A.");
    check(replace("a1", "\r\nNew\r\ntext."), "Text of A1.", "New\ntext.");
    check(replace("a1", "---\n<!--\n# No heading\n---\n-->"), "Text of A1.", "---\n<!--\n# No heading\n---\n-->");
    check(replace("a1", ""), "{#a1}\nText of A1.\n\n", "{#a1}\n\n");
    check(replace("b", "New."), "# B ##\n", "# B ##\n\nNew.\n\n");
    check(replace("c", "New."), "# C {#c}\n", "# C {#c}\n\nNew.\n");
    check(authority("a", Some("root")), "authority=user", "authority=root");
    check(authority("a", None), " authority=user", "");
    check(authority("a1", Some("user")), "{#a1}", "{#a1 authority=user}");
    check(authority("b", Some("user")), "# B ##", "# B {#b authority=user} ##");
    check(title("a1", "New {title}!"), "## A1", "## New {title}!");
    check(title("b", "Bee"), "# B ##", "# Bee {#b} ##");
    check(insert("a", "# N {#n}\nText."), "# B ##", "# N {#n}\nText.\n\n# B ##");
    check(insert("a", "## N {#n}\nText."), "## A1", "## N {#n}\nText.\n\n## A1");
    check(insert("a1", "# N {#n}"), "# B ##", "# N {#n}\n\n# B ##");
    check(insert("c", "# N {#n}\nText.\n"), "# C {#c}\n", "# C {#c}\n\n# N {#n}\nText.\n");
    check(remove("a1"), "## A1 {#a1}\nText of A1.\n\n", "");
    check(remove("c"), "# C {#c}\n", "");
}

#[test]
fn edits_follow_each_other() {
    let edits = [insert("c", "# N {#n}"), authority("n", Some("user")), replace("n", "Text."), remove("c")];
    assert_eq!(apply(SOURCE, &edits), Ok(SOURCE.replace("# C {#c}\n", "# N {#n authority=user}\n\nText.\n")));
    assert_eq!(apply(SOURCE, &[]), Ok(SOURCE.to_owned()));
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    let source = "\u{feff}# A {#a}\r\nOld.\r\n# B {#b}";
    let edits = [replace("a", "One\nTwo"), replace("b", "Three")];
    assert_eq!(apply(source, &edits).unwrap(), "\u{feff}# A {#a}\r\nOne\r\nTwo\r\n# B {#b}\r\n\r\nThree\r\n");
}

#[test]
fn edits_that_would_break_the_document_are_refused() {
    let check = |edit: Edit, want: EditReason| {
        let error = apply(SOURCE, &[authority("a", None), edit]).expect_err("the edit is refused");
        assert_eq!((error.number, error.reason), (2, want));
    };
    check(remove("x"), EditReason::UnknownAnchor);
    check(remove("a"), EditReason::HoldsClauses("a1".into()));
    check(replace("a", "Text.\n\n# New {#new}"), EditReason::HeadingInBody { line: 3 });
    check(replace("a", "~~~\nnever closed"), EditReason::DisturbsTheRest);
    check(replace("a", "<!-- never closed"), EditReason::DisturbsTheRest);
    check(authority("a", Some("the user")), EditReason::BadAuthority("the user".into()));
    check(authority("a", Some("")), EditReason::BadAuthority(String::new()));
    check(title("a", "two\nlines"), EditReason::BadTitle("two\nlines".into()));
    check(title("a", ""), EditReason::BadTitle(String::new()));
    check(title("a1", "Closed #"), EditReason::BadTitle("Closed #".into()));
    check(insert("a", "Text."), EditReason::NoHeading);
    check(insert("a", "# B\nText."), EditReason::DisturbsTheRest);
    check(insert("a", "# N {#n}\n~~~"), EditReason::DisturbsTheRest);
    let error = apply(SOURCE, &[insert("a", "# N {#c}")]).unwrap_err().to_string();
    assert_eq!(error, r#"edit 1 (clause "a"): lines 10 and 13: the anchor "c" is used twice"#);
}
