//! A compiler with the WebAssembly target out of Debian's packages, unpacked into the cache and not
//! installed. Its standard library is built once, from the package of its sources and without the network,
//! in a way that leaves the same bytes wherever the cache lies.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Say;
use crate::cache;
use crate::error::BuildError;
use crate::process::{exists, run};
use crate::rust::TARGET;
use crate::rust::toolchain::no_target;

const COMPILER: &str = "rustc-web";
const SOURCES: &str = "rust-web-src";
const LIBRARY: &str = "libstd-rust-web-dev";

/// The oldest compiler that knows what the SDK is written in.
const OLDEST: (u32, u32) = (1, 95);

/// The folder of the unpacked toolchain.
pub(crate) fn toolchain(say: Say<'_>) -> Result<PathBuf, BuildError> {
    if !["apt-cache", "apt-get", "dpkg"].into_iter().all(exists) {
        return Err(no_target("this is no Debian, whose packages could stand in"));
    }
    let version = candidate()?;
    let plain: String = version.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    cache::tool(&format!("wasm-toolchain-{plain}"), say, |folder, say| {
        unpack(folder, &version, say)?;
        build_library(folder, say)?;
        prune(folder)
    })
}

/// Makes `command` and all that it starts use the unpacked compiler.
pub(crate) fn enter(root: &Path, command: &mut Command) {
    let mut libraries: Vec<PathBuf> =
        [root.join("usr/lib"), root.join("lib")].iter().flat_map(|lib| triplets(lib)).collect();
    libraries.extend(env::var_os("LD_LIBRARY_PATH").iter().flat_map(env::split_paths));
    let libraries = env::join_paths(libraries).unwrap_or_else(|_| OsString::new());
    command.env("RUSTC", root.join("usr/bin/rustc")).env("LD_LIBRARY_PATH", libraries);
}

/// Folders such as `x86_64-linux-gnu`.
fn triplets(lib: &Path) -> Vec<PathBuf> {
    let entries = lib.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().contains("-linux-gnu") && path.is_dir()).collect()
}

/// The version that apt would install.
fn candidate() -> Result<String, BuildError> {
    let policy = ask("apt-cache", &["policy", COMPILER]);
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: ")).unwrap_or("(none)");
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if release < OLDEST {
        let why = format!(
            "or, as root, `apt-get update`: apt knows {COMPILER} {version}, and {}.{} is needed",
            OLDEST.0, OLDEST.1
        );
        return Err(no_target(&why));
    }
    Ok(version.to_owned())
}

fn unpack(folder: &Path, version: &str, say: Say<'_>) -> Result<(), BuildError> {
    let packages = folder.join("packages");
    fs::create_dir(&packages).map_err(BuildError::io(&packages))?;
    let mut wanted: Vec<String> = [COMPILER, SOURCES, LIBRARY].map(|name| format!("{name}={version}")).to_vec();
    wanted.extend(libraries());
    run("apt-get download", Command::new("apt-get").arg("download").args(&wanted).current_dir(&packages), say)?;
    for entry in packages.read_dir().map_err(BuildError::io(&packages))? {
        let package = entry.map_err(BuildError::io(&packages))?.path();
        run("dpkg", Command::new("dpkg").arg("-x").arg(&package).arg(folder), say)?;
    }
    Ok(())
}

/// Packages that the compiler links with and this machine does not have.
fn libraries() -> Vec<String> {
    let skip =
        ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map(|kind| format!("--no-{kind}"));
    let mut arguments = vec!["depends", "--recurse"];
    arguments.extend(skip.iter().map(String::as_str));
    arguments.push(LIBRARY);
    let depends = ask("apt-cache", &arguments);
    let names = depends.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()) && *line != LIBRARY);
    names.filter(|name| !is_installed(name)).map(str::to_owned).collect()
}

fn is_installed(package: &str) -> bool {
    ask("dpkg-query", &["--show", "--showformat", "${db:Status-Status}", package]).starts_with("installed")
}

fn build_library(folder: &Path, say: Say<'_>) -> Result<(), BuildError> {
    let sources = folder.join("usr/lib/rustlib/src/rust/library");
    let sources = sources.canonicalize().map_err(BuildError::io(&sources))?;
    let target = folder.join("library");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--offline", "-Zavoid-dev-deps", "--package", "std", "--target", TARGET]);
    cargo.arg("--manifest-path").arg(sources.join("Cargo.toml")).arg("--target-dir").arg(&target);
    cargo.args(["--config", "source.crates-io.replace-with='vendored'"]);
    cargo.args(["--config", &format!("source.vendored.directory='{}'", sources.join("vendor").display())]);
    // As the compiler's own build does it: the library may use what is not stable yet, and a plugin
    // optimises across its border.
    let flags = [
        "-Zforce-unstable-if-unmarked".to_owned(),
        "-Cembed-bitcode=yes".to_owned(),
        format!("--remap-path-prefix={}=/library", sources.display()),
    ];
    cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    cargo.env("RUSTC_WRAPPER", "").current_dir(&sources);
    enter(folder, &mut cargo);
    run("building the standard library", &mut cargo, say)?;
    let built = target.join(TARGET).join("release/deps");
    let home = folder.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&home).map_err(BuildError::io(&home))?;
    for entry in built.read_dir().map_err(BuildError::io(&built))? {
        let file = entry.map_err(BuildError::io(&built))?.path();
        if let (Some("rlib"), Some(name)) = (file.extension().and_then(|end| end.to_str()), file.file_name()) {
            fs::copy(&file, home.join(name)).map_err(BuildError::io(&file))?;
        }
    }
    Ok(())
}

/// Removes what only unpacking and building needed, half of the whole.
fn prune(folder: &Path) -> Result<(), BuildError> {
    for name in ["packages", "library", "usr/src", "usr/share", "usr/lib/rustlib/src"] {
        let folder = folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(BuildError::io(&folder))?;
        }
    }
    Ok(())
}

fn ask(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").stdin(Stdio::null()).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}
