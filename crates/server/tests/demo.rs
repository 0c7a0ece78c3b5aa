//! The demo, as a newcomer runs it.

use std::process::Command;

const FOLKMOOT: &str = env!("CARGO_BIN_EXE_folkmoot");

#[test]
fn the_demo_walks_the_whole_path_and_leaves_a_release_that_verifies() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().join("demo");
    let demo = Command::new(FOLKMOOT)
        .args(["demo", "--once", "--participants", "400", "--listen", "127.0.0.1:0", "--folder"])
        .arg(&target)
        .output()
        .expect("the demo starts");
    let words = String::from_utf8_lossy(&demo.stdout);
    assert!(demo.status.success(), "{words}\n{}", String::from_utf8_lossy(&demo.stderr));
    for step in ["A spec", "A round", "SIMULATED", "Snapshot", "Findings", "Release", "Verification", "Trace"] {
        assert!(words.contains(step), "the demo does not speak of {step:?}:\n{words}");
    }

    let verify = |what: &str| {
        let output = Command::new(FOLKMOOT).arg("verify").arg(target.join("release")).output().expect("verify starts");
        (output.status.code(), format!("{what}: {}", String::from_utf8_lossy(&output.stdout)))
    };
    let (code, words) = verify("as published");
    assert_eq!(code, Some(0), "{words}");
    let figures = target.join("release/figures.json");
    let tampered = std::fs::read_to_string(&figures).expect("the figures").replacen("0.", "1.", 1);
    std::fs::write(&figures, tampered).expect("the figures are writable");
    let (code, words) = verify("with a changed figure");
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("figures.json"), "{words}");
}
