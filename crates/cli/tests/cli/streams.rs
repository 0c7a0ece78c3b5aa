//! Readers that leave.

use std::io::{self, Write};

use clap::Parser;
use folkmoot_cli::Out;

use crate::common::{Cli, machine};

struct Gone(io::ErrorKind);

impl Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_has_enough_is_no_failure_and_a_full_disk_is() {
    let check = |kind: io::ErrorKind, code: u8, talks: bool| {
        let cli = Cli::try_parse_from(["folkmoot", "methods", "list"]).expect("a verb");
        let mut stderr = Vec::new();
        let mut gone = Gone(kind);
        let mut out = Out::plain(&mut gone, &mut stderr);
        let ended = folkmoot_cli::run_on(&cli.global, &cli.command, &machine(), &mut out);
        assert_eq!((ended, !stderr.is_empty()), (code, talks), "{kind:?}");
    };
    check(io::ErrorKind::BrokenPipe, 0, false);
    check(io::ErrorKind::StorageFull, 1, true);
}
