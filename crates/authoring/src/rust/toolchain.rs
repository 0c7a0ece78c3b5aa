//! The compiler that a Rust plugin is built with: the person's own where it knows the target.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Say;
use crate::error::BuildError;
use crate::process::{exists, run};
use crate::rust::{TARGET, debian};

/// A compiler that knows the target.
pub(crate) enum Toolchain {
    /// What `rustc` in the plugin's folder is.
    Own {
        /// Its folder.
        sysroot: PathBuf,
    },
    /// Debian's, unpacked in the cache; linked by the person's own linker.
    Unpacked {
        /// Where it is unpacked.
        root: PathBuf,
        /// A linker for WebAssembly.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// Makes `cargo` build with this compiler.
    pub(crate) fn enter(&self, cargo: &mut Command) {
        let Self::Unpacked { root, linker } = self else { return };
        debian::enter(root, cargo);
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }

    /// Folders of this machine, each with the name it goes by in a component.
    pub(crate) fn folders(&self) -> Vec<(PathBuf, String)> {
        match self {
            Self::Own { sysroot: root } | Self::Unpacked { root, .. } => vec![(root.clone(), "/toolchain".to_owned())],
        }
    }
}

/// The compiler for the plugin in `folder`. Nothing is added to the person's own toolchain.
pub(crate) fn find(folder: &Path, say: Say<'_>) -> Result<Toolchain, BuildError> {
    let mut rustc = Command::new("rustc");
    let sysroot = match run("rustc", rustc.args(["--print", "sysroot"]).current_dir(folder), say) {
        Ok(sysroot) => PathBuf::from(sysroot.trim()),
        Err(BuildError::Missing { tool, .. }) => {
            let advice = "install Rust from https://rustup.rs and have rustc and cargo on the PATH";
            return Err(BuildError::missing(tool, advice));
        }
        Err(error) => return Err(error),
    };
    let library = ask(folder, &["--print", "target-libdir", "--target", TARGET]).map(PathBuf::from);
    if library.is_some_and(|library| has_core(&library)) {
        return Ok(Toolchain::Own { sysroot });
    }
    let linker = linker(folder, &sysroot)?;
    let root = debian::toolchain(say)?;
    Ok(Toolchain::Unpacked { root, linker })
}

/// Why a toolchain cannot be used as it is, and the one command that changes that.
pub(crate) fn no_target(why: &str) -> BuildError {
    let advice = format!("run `rustup target add {TARGET}` ({why})");
    BuildError::missing(format!("the target {TARGET} of this Rust toolchain"), advice)
}

fn has_core(library: &Path) -> bool {
    let Ok(entries) = library.read_dir() else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libcore-"))
}

/// The linker that comes with Rust, or else one on the PATH.
fn linker(folder: &Path, sysroot: &Path) -> Result<PathBuf, BuildError> {
    let host = ask(folder, &["-vV"]).unwrap_or_default();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let own = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    if own.is_file() {
        return Ok(own);
    }
    if exists("wasm-ld") {
        return Ok(PathBuf::from("wasm-ld"));
    }
    Err(no_target("there is no rust-lld in the toolchain and no wasm-ld on the PATH"))
}

fn ask(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("rustc").args(arguments).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
