//! A PostgreSQL server of its own for tests, thrown away afterwards.
//!
//! A test asks for a [`database`]: it is on the server that the variable [`SHARED`] names, which whoever
//! runs many tests starts once ([`Cluster`]), or else on a server of the test's own.
//!
//! # Invariants
//! - Nothing outside its temporary folder is touched, and no server but its own is used.
//! - It knows no table and no crate of the workspace.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

/// The variable with the address of a server for many tests, such as `postgres://postgres@127.0.0.1:5432`.
pub const SHARED: &str = "FOLKMOOT_TEST_POSTGRES";

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it stops and its data goes when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    port: u16,
    owner: Option<(u32, u32)>,
    server: Child,
}

impl Cluster {
    /// Makes and starts one. It does not sync: what it must survive here is the end of processes, not
    /// of the machine.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("folkmoot-postgres").tempdir().expect("a temporary folder");
        // PostgreSQL refuses to run as root.
        let owner = is_root(folder.path()).then(|| user("postgres").expect("a user postgres to run the server as"));
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group)).expect("the folder can be given away");
        }
        let data = folder.path().join("data");
        let data_text = data.to_str().expect("a path in UTF-8");
        let made = tool("initdb", owner)
            .args(["--pgdata", data_text, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"])
            .args(["--locale=C.UTF-8"])
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let server = serve(folder.path(), port, owner);
        let cluster = Self { folder, port, owner, server };
        cluster.wait();
        cluster
    }

    /// Its address, without a database.
    pub fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Kills the server as a crash does, and starts it again.
    ///
    /// # Panics
    /// Where it does not start again.
    pub fn crash(&mut self) {
        self.end("immediate");
        self.server = serve(self.folder.path(), self.port, self.owner);
        self.wait();
    }

    fn wait(&self) {
        let port = self.port.to_string();
        let ready = || {
            let asked = tool("pg_isready", None).args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
            asked.is_ok_and(|status| status.success())
        };
        let step = Duration::from_millis(50);
        for _ in 0..PATIENCE.as_millis() / step.as_millis() {
            if ready() {
                return;
            }
            sleep(step);
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("the PostgreSQL server does not start:\n{log}");
    }

    fn end(&mut self, mode: &str) {
        let data = self.folder.path().join("data");
        let stop = tool("pg_ctl", self.owner).arg("stop").arg("-s").arg("-D").arg(data).args(["-m", mode]).status();
        if !stop.is_ok_and(|status| status.success()) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end("immediate");
    }
}

/// An empty database; it is there as long as this is.
#[derive(Debug)]
pub struct Database {
    address: String,
    own: Option<Cluster>,
}

impl Database {
    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The server, where it is the database's own.
    pub fn server(&mut self) -> Option<&mut Cluster> {
        self.own.as_mut()
    }
}

/// An empty database on the [`SHARED`] server, or on one of its own.
///
/// # Panics
/// Where there is neither.
pub fn database() -> Database {
    match std::env::var(SHARED) {
        Ok(server) => Database { address: create(&server), own: None },
        Err(_) => own_database(),
    }
}

/// An empty database on a server of its own.
///
/// # Panics
/// Where it does not start.
pub fn own_database() -> Database {
    let own = Cluster::start();
    Database { address: create(&own.address()), own: Some(own) }
}

fn create(server: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // Other processes make databases on a shared server: one of an equal number may have ended.
    let chance = RandomState::new().hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
    let name = format!("test_{}_{chance:016x}", std::process::id());
    let made = tool("psql", None)
        .args(["-q", "-d", &format!("{server}/postgres"), "-c", &format!("CREATE DATABASE {name}")])
        .output()
        .expect("psql runs");
    assert!(made.status.success(), "psql: {}", String::from_utf8_lossy(&made.stderr));
    format!("{server}/{name}")
}

fn serve(folder: &Path, port: u16, owner: Option<(u32, u32)>) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("a log");
    let mut server = tool("postgres", owner);
    server.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string()]);
    for setting in ["fsync=off", "listen_addresses=127.0.0.1", "max_connections=300", "log_min_messages=warning"] {
        server.args(["-c", setting]);
    }
    server.stdin(Stdio::null()).stdout(log.try_clone().expect("the log")).stderr(log);
    server.spawn().expect("postgres runs")
}

/// A program of PostgreSQL, as its user where one is given.
fn tool(name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(folder_of(name).join(name));
    // Whoever starts this may stand where the other user may not look.
    command.current_dir("/");
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

/// Where Debian keeps the newest version's programs, or nowhere: then the search path is asked.
fn folder_of(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin")).filter(|folder| folder.join(name).exists());
    folders.max().unwrap_or_default()
}

/// Whether what this process makes belongs to root.
fn is_root(made: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(made).is_ok_and(|about| about.uid() == 0)
}

/// User and group of an account.
fn user(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("the listener's address").port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_survives_a_crash_of_its_server() {
        let mut database = own_database();
        let ask = |address: &str, sql: &str| {
            let asked = tool("psql", None).args(["-q", "-t", "-A", "-d", address, "-c", sql]).output().unwrap();
            assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
            String::from_utf8(asked.stdout).unwrap().trim().to_owned()
        };
        let address = database.address().to_owned();
        ask(&address, "CREATE TABLE kept (what TEXT); INSERT INTO kept VALUES ('this')");
        database.server().unwrap().crash();
        assert_eq!(ask(&address, "SELECT what FROM kept"), "this");
    }
}
