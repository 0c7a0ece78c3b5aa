//! What counts as which change.

use folkmoot_spec_text::ChangeKind::{Added, AuthorityChanged, Changed, Moved, Removed, Retitled};
use folkmoot_spec_text::{ChangeKind, LineKind, diff, parse};

fn check(from: &str, to: &str, want: &[(&str, &[ChangeKind])]) {
    let diff = diff(&parse(from.as_bytes()).unwrap(), &parse(to.as_bytes()).unwrap());
    let got: Vec<_> = diff.clauses.iter().map(|clause| (clause.anchor.as_str(), clause.kinds.as_slice())).collect();
    assert_eq!(got, want, "from:\n{from}\nto:\n{to}");
}

#[test]
fn changes_are_told_apart() {
    let base = "# A {#a authority=user}\nText “one” --- two.\n# B {#b}\nMore.\n";
    check(base, base, &[]);
    check(base, "# A {#a authority=user}\n\nText \"one\" — two.\n\n# B {#b}\nMore.", &[]);
    check(
        base,
        "# A {#a authority=root}\nText one.\n# Bee {#b}\nMore.\n",
        &[("a", &[Changed, AuthorityChanged]), ("b", &[Retitled])],
    );
    check(base, "# A {#a}\nText “one” --- two.\n# B {#b}\nMore.\n", &[("a", &[AuthorityChanged])]);
    check(base, "# N {#n}\n# B {#b}\nMore.\n", &[("a", &[Removed]), ("n", &[Added])]);
    check(base, "# A {#a authority=user}\nText 'one' - two.\n", &[("a", &[Changed]), ("b", &[Removed])]);
}

#[test]
fn one_move_is_one_move() {
    let sections = |order: &str| -> String {
        order
            .split(' ')
            .map(|name| {
                let level = if name.len() == 1 { "#" } else { "##" };
                format!("{level} {name} {{#{name}}}\ntext of {name}\n")
            })
            .collect()
    };
    let moved: &[ChangeKind] = &[Moved];
    let check = |to: &str, want: &[(&str, &[ChangeKind])]| check(&sections("a a1 a2 a3 b b1 c"), &sections(to), want);
    check("a a1 a2 a3 b b1 c", &[]);
    check("b b1 a a1 a2 a3 c", &[("b", moved)]);
    check("c a a1 a2 a3 b b1", &[("c", moved)]);
    check("a a3 a1 a2 b b1 c", &[("a3", moved)]);
    check("a a1 a3 b b1 a2 c", &[("a2", moved)]);
    check("a a1 a2 b b1 c", &[("a3", &[Removed])]);
}

#[test]
fn changed_lines_carry_their_numbers() {
    let from = parse(b"# A {#a}\n1\n2\n3\n4\n5\n6\nold\n").unwrap();
    let to = parse(b"Intro.\n\n# A {#a}\n1\n2\n3\n4\n5\n6\nnew\n").unwrap();
    let change = &diff(&from, &to).clauses[0];
    let lines: Vec<_> = change.lines.iter().map(|l| (l.kind, l.before, l.after, l.text.as_str())).collect();
    assert_eq!(
        lines,
        [
            (LineKind::Same, Some(5), Some(7), "4"),
            (LineKind::Same, Some(6), Some(8), "5"),
            (LineKind::Same, Some(7), Some(9), "6"),
            (LineKind::Removed, Some(8), None, "old"),
            (LineKind::Added, None, Some(10), "new"),
        ]
    );
}

#[test]
fn the_json_is_the_contract() {
    let from = parse(b"# A {#a}\nold\n").unwrap();
    let to = parse(b"# A {#a authority=user}\nold\n").unwrap();
    let json = serde_json::to_value(diff(&from, &to)).unwrap();
    let hash = |document: &folkmoot_spec_text::Document| document.clauses[0].text_hash.clone();
    let side = |authority: Option<&str>, hash: String| serde_json::json!({"title": "A", "authority": authority, "parent": null, "level": 1, "line": 1, "text_hash": hash});
    let want = serde_json::json!({
        "summary": {"added": 0, "removed": 0, "changed": 0, "authority_changed": 1, "moved": 0, "retitled": 0},
        "clauses": [{
            "anchor": "a",
            "kinds": ["authority_changed"],
            "before": side(None, hash(&from)),
            "after": side(Some("user"), hash(&to)),
            "lines": [],
        }],
    });
    assert_eq!(json, want);
    assert_ne!(hash(&from), hash(&to));
}
