//! Installs what a bare machine lacks. What the system lacks comes from Debian's packages, the rest
//! goes under `target/tools` and touches nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, command, root, works};

const BUF: &str = "@bufbuild/buf@1.75.0";

/// Folder of the tools that are the project's own.
pub(crate) fn tools() -> PathBuf {
    root().join("target/tools")
}

pub(crate) fn everything() -> Result<()> {
    component("fmt", "rustfmt")?;
    component("clippy", "clippy")?;
    compilers()?;
    postgres()?;
    cargo_tool("nextest", "cargo-nextest")?;
    buf()?;
    python()?;
    Ok(())
}

fn component(subcommand: &str, name: &str) -> Result<()> {
    if works("cargo", &[subcommand, "--version"]) {
        return Ok(());
    }
    command("rustup", &["component", "add", name])
}

/// Makes `cargo <subcommand>` work.
pub(crate) fn cargo_tool(subcommand: &str, package: &str) -> Result<()> {
    if works("cargo", &[subcommand, "--version"]) {
        return Ok(());
    }
    cargo(&["install", "--locked", package])
}

/// Makes `buf` work, from the npm registry.
pub(crate) fn buf() -> Result<()> {
    let stamp = tools().join("buf.version");
    if fs::read_to_string(&stamp).is_ok_and(|version| version == BUF) {
        return Ok(());
    }
    debian("npm", &["nodejs", "npm"])?;
    fs::create_dir_all(tools())?;
    let prefix = tools();
    let prefix = prefix.to_str().context("the path of the workspace is no UTF-8")?;
    command("npm", &["install", "--silent", "--no-audit", "--no-fund", "--prefix", prefix, BUF])?;
    fs::write(stamp, BUF)?;
    Ok(())
}

/// Makes a Python with the client's libraries, and says where it is.
pub(crate) fn python() -> Result<PathBuf> {
    environment("python", "tests/python/requirements.txt", |python, _| {
        let requirements = root().join("tests/python/requirements.txt");
        let requirements = requirements.to_str().context("the path of the workspace is no UTF-8")?;
        command(python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
    })
}

/// Makes a Python with the packages that speed is compared with, and says where it is. A package that
/// cannot be installed is left out, and said to be.
pub(crate) fn peers() -> Result<PathBuf> {
    environment("peers", "tests/peers/requirements.txt", |python, wanted| {
        for package in wanted.lines() {
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package];
            if let Err(error) = command(python, &install) {
                println!("{package} is left out: {error:#}");
            }
        }
        Ok(())
    })
}

/// Makes a Python of its own in the folder `name`, which `install` fills with what the file of
/// requirements lists; made anew only where that file has changed.
fn environment(name: &str, requirements: &str, install: impl Fn(&Path, &str) -> Result<()>) -> Result<PathBuf> {
    let folder = tools().join(name);
    let python = folder.join("bin/python");
    let requirements = root().join(requirements);
    let wanted = fs::read_to_string(&requirements).with_context(|| requirements.display().to_string())?;
    let stamp = folder.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if !works("python3", &["-c", "import ensurepip, venv"]) {
        apt(&["python3", "python3-venv"])?;
    }
    let folder_text = folder.to_str().context("the path of the workspace is no UTF-8")?;
    command("python3", &["-m", "venv", "--clear", folder_text])?;
    install(&python, &wanted)?;
    fs::write(stamp, wanted)?;
    Ok(python)
}

/// What builds the solver: cmake, a C++ compiler, and the libclang that reads its headers.
pub(crate) fn compilers() -> Result<()> {
    debian("cmake", &["cmake"])?;
    debian("c++", &["g++"])?;
    let is_clang = |name: std::ffi::OsString| {
        let name = name.to_string_lossy().into_owned();
        name.starts_with("libclang.so") || name.starts_with("libclang-") && !name.starts_with("libclang-cpp")
    };
    let holds =
        |folder: &PathBuf| fs::read_dir(folder).is_ok_and(|files| files.flatten().any(|f| is_clang(f.file_name())));
    let is_there = std::env::var_os("LIBCLANG_PATH").is_some() || libraries().iter().any(holds);
    if cfg!(not(target_os = "linux")) || is_there { Ok(()) } else { apt(&["libclang-dev"]) }
}

/// The server that tests start: Debian keeps it off the search path.
fn postgres() -> Result<()> {
    let is_there = |version: fs::DirEntry| version.path().join("bin/initdb").exists();
    let debians = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().any(is_there);
    if debians || works("initdb", &["--version"]) { Ok(()) } else { apt(&["postgresql"]) }
}

/// Folders in which Linux systems keep libraries.
fn libraries() -> Vec<PathBuf> {
    let of_llvm = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|folder| folder.path());
    let of_llvm =
        of_llvm.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("llvm")));
    let common = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from);
    let of_debian = PathBuf::from(format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH));
    common.into_iter().chain([of_debian]).chain(of_llvm.map(|folder| folder.join("lib"))).collect()
}

fn debian(program: &str, packages: &[&str]) -> Result<()> {
    if works(program, &["--version"]) { Ok(()) } else { apt(packages) }
}

fn apt(packages: &[&str]) -> Result<()> {
    if !works("apt-get", &["--version"]) {
        bail!("please install {} and try again", packages.join(", "));
    }
    command("apt-get", &["update", "--quiet"])?;
    command("apt-get", &[&["install", "--yes", "--quiet", "--no-install-recommends"], packages].concat())
}
