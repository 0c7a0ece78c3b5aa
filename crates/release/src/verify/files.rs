//! Bytes: the list of sums, and files that can be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use folkmoot_core::Fault;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Outcome, Verification};
use crate::bundle::{self, Content, SUMS, hash_file};
use crate::folder::io_fault;

/// Every file listed with its hash, and no file beside.
pub(super) fn sums(dir: &Path, present: &[String], to: &mut Verification) -> Result<(), Fault> {
    let mut complaints = Vec::new();
    let listed = match bundle::read_text(dir, SUMS) {
        Ok(text) => text,
        Err(fault) => {
            to.settle("sums", "", vec![fault.message]);
            return Ok(());
        }
    };
    let mut stated: BTreeMap<&str, &str> = BTreeMap::new();
    for (place, line) in listed.lines().enumerate() {
        match line.split_once("  ") {
            Some((hash, name)) if stated.insert(name, hash).is_none() => {}
            _ => complaints.push(format!("{SUMS}: line {} is no line of sums", place + 1)),
        }
    }
    let mut canonical = String::new();
    for name in present.iter().filter(|name| *name != SUMS) {
        let (_, hash) = hash_file(&dir.join(name))?;
        canonical.push_str(&format!("{hash}  {name}\n"));
        match stated.remove(name.as_str()) {
            None => complaints.push(format!("{name}: not listed in {SUMS}")),
            Some(listed) if listed != hash.to_string() => {
                complaints.push(format!("{name}: changed, its hash is {hash}"));
            }
            Some(_) => {}
        }
    }
    complaints.extend(stated.keys().map(|name| format!("{name}: listed in {SUMS}, but missing")));
    if complaints.is_empty() && canonical != listed {
        complaints
            .push(format!("{SUMS}: not in its canonical form, from byte {}", first_difference(&canonical, &listed)));
    }
    to.settle("sums", format!("{} files are what {SUMS} lists", present.len().saturating_sub(1)), complaints);
    Ok(())
}

fn first_difference(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()))
}

/// Derived files that every version words in its own way.
const WORDED: [&str; 3] = ["README.md", "report.html", "verify.py"];

/// Makes every derived file again and compares. `present` are the files of the release.
pub(super) fn derived(content: &Content, present: &[String], to: &mut Verification) -> Result<(), Fault> {
    let scratch = tempfile::tempdir().map_err(|e| io_fault(Path::new("the temporary folder"), &e))?;
    let mut made = BTreeSet::new();
    for (name, make) in bundle::derived(content) {
        if let Err(fault) = bundle::make_at(scratch.path(), name, |path| make(content, path)) {
            to.settle(name, "", vec![format!("{name}: cannot be made again: {}", fault.message)]);
            return Ok(());
        }
        let mut complaints = Vec::new();
        let files: Vec<String> =
            bundle::files(scratch.path())?.into_iter().filter(|file| !made.contains(file)).collect();
        for file in &files {
            let (ours, theirs) = (scratch.path().join(file), content.dir.join(file));
            let outcome = match file.ends_with(".parquet") {
                true => same_rows(&ours, &theirs),
                false => same_bytes(&ours, &theirs)?,
            };
            complaints.extend(outcome.err().map(|why| format!("{file}: {why}")));
        }
        if !complaints.is_empty() && WORDED.contains(&name) && !content.manifest.is_of_this_version() {
            let words =
                format!("{name}: Folkmoot {} wrote it, and this version words it otherwise", content.manifest.engine);
            to.add(name, Outcome::NotChecked, words);
        } else {
            to.settle(name, "made again from the primary files: the same", complaints);
        }
        made.extend(files);
    }
    let foreign = present.iter().filter(|name| !made.contains(*name) && !is_primary(content, name));
    let foreign: Vec<String> = foreign.map(|name| format!("{name}: no file of a release")).collect();
    to.settle("files", "every file is one of a release", foreign);
    Ok(())
}

fn is_primary(content: &Content, name: &str) -> bool {
    let snapshot = content.snapshot.files();
    let in_snapshot = snapshot.iter().filter_map(|file| file.file_name()?.to_str());
    let results = content.results.iter().map(|figure| bundle::result_file(&figure.entry.hash));
    let plugins = content.manifest.plugins.iter().map(|entry| bundle::plugin_file(&entry.sha256));
    let spec = content.spec.as_ref().map_or(&[][..], |spec| match spec.new {
        Some(_) => {
            &["base.md", "new.md", "positions.json", "findings.json", "proposals.json", "decisions.json", "trace.json"]
        }
        None => &["base.md", "positions.json", "findings.json", "proposals.json", "decisions.json", "trace.json"],
    });
    name == bundle::MANIFEST
        || name == SUMS
        || in_snapshot.map(|file| format!("snapshot/{file}")).any(|file| file == *name)
        || results.chain(plugins).any(|file| file == *name)
        || spec.iter().any(|file| name.strip_prefix("spec/") == Some(*file))
}

/// `Err` says where the files differ first.
fn same_bytes(ours: &Path, theirs: &Path) -> Result<Result<(), String>, Fault> {
    let open = |path: &Path| File::open(path).map(BufReader::new);
    let mut ours = open(ours).map_err(|e| io_fault(ours, &e))?;
    let mut theirs = match open(theirs) {
        Ok(file) => file,
        Err(error) => return Ok(Err(format!("cannot be read: {error}"))),
    };
    let (mut a, mut b) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let (mut offset, mut line) = (0, 1);
    loop {
        let wanted = fill(&mut ours, &mut a).map_err(|e| io_fault(Path::new("the temporary folder"), &e))?;
        let found = match fill(&mut theirs, &mut b) {
            Ok(found) => found,
            Err(error) => return Ok(Err(format!("cannot be read: {error}"))),
        };
        let same = a[..wanted].iter().zip(&b[..found]).take_while(|(a, b)| a == b).count();
        line += a[..same].iter().filter(|byte| **byte == b'\n').count();
        if same < wanted.max(found) {
            let at = offset + same;
            return Ok(Err(format!("differs from what the primary files give at byte {at}, line {line}")));
        }
        if wanted == 0 {
            return Ok(Ok(()));
        }
        offset += wanted;
    }
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Compares Parquet files by their rows: their bytes depend on who wrote them. `Err` says where they
/// differ first.
fn same_rows(ours: &Path, theirs: &Path) -> Result<(), String> {
    let (ours, theirs) = (rows(ours)?, rows(theirs)?);
    if ours.schema().fields() != theirs.schema().fields() {
        return Err("the columns differ from what the snapshot gives".to_owned());
    }
    if ours.num_rows() != theirs.num_rows() {
        return Err(format!("{} rows, where the snapshot gives {}", theirs.num_rows(), ours.num_rows()));
    }
    for (field, (a, b)) in ours.schema().fields().iter().zip(ours.columns().iter().zip(theirs.columns())) {
        if a != b {
            let row = (0..a.len()).find(|&row| a.slice(row, 1) != b.slice(row, 1)).unwrap_or(0);
            return Err(format!("row {}, column {}: differs from the snapshot", row + 1, field.name()));
        }
    }
    Ok(())
}

fn rows(path: &Path) -> Result<RecordBatch, String> {
    let text = |error: &dyn std::fmt::Display| format!("cannot be read: {error}");
    let file = File::open(path).map_err(|e| text(&e))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| text(&e))?;
    let schema = builder.schema().clone();
    let reader = builder.with_batch_size(8192).build().map_err(|e| text(&e))?;
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|e| text(&e))?;
    concat_batches(&schema, &batches).map_err(|e| text(&e))
}
