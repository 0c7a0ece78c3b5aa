//! Plugins that mean no good, each with one thing wrong. All but those that no host should take are
//! sound enough to be registered.

use crate::{Turnout, component};

const LOOP: &str = "(loop $for_ever (br $for_ever))";

/// Never comes back from `update`.
pub fn endless_update() -> Vec<u8> {
    Turnout { update: LOOP.to_owned(), ..named("endless-update") }.component()
}

/// Never comes back from `finish`.
pub fn endless_finish() -> Vec<u8> {
    Turnout { finish: LOOP.to_owned(), ..named("endless-finish") }.component()
}

/// Never comes back from `describe`.
pub fn endless_describe() -> Vec<u8> {
    Turnout { describe: LOOP.to_owned(), ..named("endless-describe") }.component()
}

/// Never comes to stand.
pub fn endless_start() -> Vec<u8> {
    let extra = format!("(func $start {LOOP}) (start $start)");
    Turnout { extra, ..named("endless-start") }.component()
}

/// Takes memory until it gets no more.
pub fn memory_bomb() -> Vec<u8> {
    let update = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 256)) (i32.const -1)))) (unreachable)";
    Turnout { update: update.to_owned(), ..named("memory-bomb") }.component()
}

/// Makes a table larger until it gets no more.
pub fn table_bomb() -> Vec<u8> {
    let update = "(loop $more (br_if $more (i32.ne
      (table.grow $bomb (ref.null func) (i32.const 10000)) (i32.const -1)))) (unreachable)";
    Turnout { extra: "(table $bomb 1 funcref)".to_owned(), update: update.to_owned(), ..named("table-bomb") }
        .component()
}

/// Calls itself for ever.
pub fn deep_recursion() -> Vec<u8> {
    Turnout {
        extra: "(func $deeper (param i64) (result i64) (i64.add (call $deeper (local.get 0)) (i64.const 1)))"
            .to_owned(),
        update: "(drop (call $deeper (i64.const 0)))".to_owned(),
        ..named("deep-recursion")
    }
    .component()
}

/// Says why, and breaks off.
pub fn trap() -> Vec<u8> {
    // The words are the method's own title.
    let update = "(call $log (i32.const 1) (i32.const 8192) (i32.const 4)) (unreachable)";
    Turnout { update: update.to_owned(), ..named("trap") }.component()
}

/// Saves a state of twenty million bytes.
pub fn large_state() -> Vec<u8> {
    let save = "(drop (memory.grow (i32.const 400)))
      (i32.store (i32.const 1536) (i32.const 0)) (i32.store (i32.const 1540) (i32.const 20000000))
      (return (i32.const 1536))";
    Turnout { save: save.to_owned(), ..named("large-state") }.component()
}

/// Answers a report of a gigabyte: a thousand notes that share a megabyte of words.
pub fn large_report() -> Vec<u8> {
    // A note: severity, then code and text; here all 20 bytes of each note lie from 131072 on.
    let finish = "(local $note i32) (local $left i32)
      (drop (memory.grow (i32.const 40)))
      (local.set $note (i32.const 131072)) (local.set $left (i32.const 1000))
      (loop $more
        (i32.store (local.get $note) (i32.const 0))
        (i32.store offset=4 (local.get $note) (i32.const 262144)) (i32.store offset=8 (local.get $note) (i32.const 0))
        (i32.store offset=12 (local.get $note) (i32.const 262144))
        (i32.store offset=16 (local.get $note) (i32.const 1048576))
        (local.set $note (i32.add (local.get $note) (i32.const 20)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $more (local.get $left)))
      (memory.fill (i32.const 1536) (i32.const 0) (i32.const 40))
      (i32.store (i32.const 1540) (i32.const 1))
      (i32.store (i32.const 1568) (i32.const 131072)) (i32.store (i32.const 1572) (i32.const 1000))
      (return (i32.const 1536))";
    Turnout { finish: finish.to_owned(), ..named("large-report") }.component()
}

/// Answers a number that is none.
pub fn not_a_number() -> Vec<u8> {
    report_of_one("(f64.store (i32.const 2080) (f64.const nan))", "not-a-number")
}

/// Answers words that are no UTF-8.
pub fn bad_words() -> Vec<u8> {
    report_of_one(
        "(i32.store8 (i32.const 64) (i32.const 0xff)) (i32.store (i32.const 2048) (i32.const 64))
         (i32.store (i32.const 2052) (i32.const 1))",
        "bad-words",
    )
}

/// Answers a unit that there is not.
pub fn bad_unit() -> Vec<u8> {
    report_of_one("(i32.store8 (i32.const 2064) (i32.const 200))", "bad-unit")
}

/// Fills the log.
pub fn log_spam() -> Vec<u8> {
    let update = "(loop $more (call $log (i32.const 0) (i32.const 8192) (i32.const 4)) (br $more))";
    Turnout { update: update.to_owned(), ..named("log-spam") }.component()
}

/// Has five memories.
pub fn many_memories() -> Vec<u8> {
    Turnout { extra: "(memory 1) (memory 1) (memory 1) (memory 1)".to_owned(), ..named("many-memories") }.component()
}

/// Wants to know the time.
pub fn asks_the_time() -> Vec<u8> {
    component(
        r#"(component (import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64))))))"#,
    )
}

/// Imports a function from nowhere.
pub fn imports_a_function() -> Vec<u8> {
    component(r#"(component (import "help" (func (result u64))))"#)
}

/// Exports no method.
pub fn no_method() -> Vec<u8> {
    component("(component)")
}

/// Exports a method of a version to come.
pub fn future_version() -> Vec<u8> {
    component(r#"(component (instance $none) (export "folkmoot:method/method@9.0.0" (instance $none)))"#)
}

/// Exports a method with nothing in it.
pub fn empty_method() -> Vec<u8> {
    component(r#"(component (instance $none) (export "folkmoot:method/method@0.1.0" (instance $none)))"#)
}

/// A core module.
pub fn core_module() -> Vec<u8> {
    component("(module)")
}

/// A component with a memory of 64 bits.
pub fn memory64() -> Vec<u8> {
    component("(component (core module (memory i64 1)))")
}

fn named(id: &str) -> Turnout {
    Turnout { id: id.to_owned(), ..Turnout::default() }
}

/// A report of one scalar at 2048, with something done to it.
fn report_of_one(change: &str, id: &str) -> Vec<u8> {
    let finish = format!(
        "(memory.fill (i32.const 2048) (i32.const 0) (i32.const 40))
         (i32.store8 (i32.const 2072) (i32.const 3))
         {change}
         (memory.fill (i32.const 1536) (i32.const 0) (i32.const 40))
         (i32.store (i32.const 1540) (i32.const 1))
         (i32.store (i32.const 1544) (i32.const 2048)) (i32.store (i32.const 1548) (i32.const 1))
         (return (i32.const 1536))"
    );
    Turnout { finish, ..named(id) }.component()
}
