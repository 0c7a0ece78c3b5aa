//! Our side of a comparison with a peer: inputs from a fixed generator, written for the peer to read,
//! then the best time of three. `cargo xtask bench-peers` runs both sides and reads what they print.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const ROUNDS: usize = 3;

/// A case's name, and what runs it with the folder of its inputs.
pub(crate) type Case = (&'static str, fn(&Path));

/// Runs the case that the command line names.
pub(crate) fn main(cases: &[Case]) {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [name, folder] = arguments.as_slice() else {
        println!("run by `cargo xtask bench-peers`");
        return;
    };
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let case = cases.iter().find(|(known, _)| known == name).expect("the case is known");
    (case.1)(&folder);
}

/// Numbers that look random (Steele, Lea and Flood 2014: SplitMix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.below(1 << 53) as f64 / (1_u64 << 53) as f64
    }
}

/// Writes an array, little endian.
pub(crate) fn write<const N: usize>(folder: &Path, name: &str, values: impl Iterator<Item = [u8; N]>) {
    let bytes: Vec<u8> = values.flatten().collect();
    fs::write(folder.join(name), bytes).expect("the input can be written");
}

/// Runs the work, keeps its fastest time, and prints that, the most memory and what both sides should
/// agree on.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn measure<T>(mut work: impl FnMut() -> T, checks: impl Fn(&T) -> Vec<(&'static str, f64)>) {
    let mut fastest = f64::INFINITY;
    let mut result = None;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let found = work();
        fastest = fastest.min(start.elapsed().as_secs_f64());
        result = Some(found);
    }
    println!("seconds {fastest}");
    if let Some(mebibytes) = most_memory() {
        println!("memory {mebibytes}");
    }
    for (name, value) in result.iter().flat_map(checks) {
        println!("check:{name} {value}");
    }
}

/// Mebibytes that the process held at most, where the system says so.
fn most_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes / 1024.0)
}
