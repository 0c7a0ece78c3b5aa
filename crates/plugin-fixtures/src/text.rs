//! The core module of [`Turnout`], by the canonical ABI.

use crate::Turnout;

/// Where strings lie, below the heap.
const STRINGS: u32 = 8192;
/// Where memory is handed out from.
const HEAP: u32 = 65_536;

/// Strings one after the other.
struct Strings {
    data: String,
    end: u32,
}

impl Strings {
    /// Adds a string: its place and length.
    fn add(&mut self, text: &str) -> (u32, u32) {
        let escaped: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        self.data.push_str(&format!("  (data (i32.const {}) \"{escaped}\")\n", self.end));
        let place = (self.end, text.len() as u32);
        self.end += place.1;
        place
    }
}

/// Stores a pointer and a length at `at`.
fn store_list(at: u32, (pointer, length): (u32, u32)) -> String {
    let next = at + 4;
    format!("(i32.store (i32.const {at}) (i32.const {pointer})) (i32.store (i32.const {next}) (i32.const {length}))\n")
}

/// Places of fixed things, below the strings: accumulators of two integers each, what calls answer.
///
/// | address | what |
/// |---|---|
/// | 16 | next accumulator |
/// | 20 | next free byte of the heap |
/// | 1024 | what `describe` answers |
/// | 1280 | kinds |
/// | 1536 | what the other calls answer |
/// | 2048 | the scalars of the report |
/// | 4096 | accumulators, 16 bytes each, 256 of them |
pub(super) fn module(parts: &Turnout) -> String {
    let mut strings = Strings { data: String::new(), end: STRINGS };
    let words = [
        parts.id.as_str(),
        parts.version.as_str(),
        "Turnout",
        "How many voted, and with what weight?",
        "Nothing.",
        "Anything but turnout is asked for.",
        "Counting",
    ];
    let mut describe = String::new();
    for (place, text) in (0..).zip(words) {
        describe.push_str(&store_list(1024 + 8 * place, strings.add(text)));
    }
    let kind = strings.add("vote");
    describe.push_str(&store_list(1280, kind));
    describe.push_str(&store_list(1024 + 56, (1280, 1)));
    describe.push_str(&store_list(1024 + 64, strings.add(&parts.parameters)));
    // One pass; segments by the host, no bootstrap, no participants; all laws but neutrality at 1288.
    describe.push_str("(i32.store (i32.const 1096) (i32.const 1)) (i32.store (i32.const 1100) (i32.const 0))\n");
    describe.push_str("(i32.store (i32.const 1288) (i32.const 0x030200))\n");
    describe.push_str(&store_list(1104, (1288, 3)));
    let nobody = strings.add("nobody of weight voted");
    let foreign = strings.add("the state has not 16 bytes");
    let (rows, rows_label) = (strings.add("rows"), strings.add("Votes"));
    let (weight, weight_label) = (strings.add("weight"), strings.add("Weight"));
    let scalars = [
        store_list(2048, rows),
        store_list(2056, rows_label),
        store_list(2088, weight),
        store_list(2096, weight_label),
    ]
    .concat();
    let Turnout { extra, describe: first_describe, update, save, finish, .. } = parts;
    format!(
        r#"(module
  (import "[export]folkmoot:method/method@0.1.0" "[resource-new]accumulator" (func $new (param i32) (result i32)))
  (import "folkmoot:method/diagnostics@0.1.0" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 2)
  {extra}
  (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
    (local $start i32)
    (if (i32.eqz (i32.load (i32.const 20))) (then (i32.store (i32.const 20) (i32.const {HEAP}))))
    (local.set $start (i32.and (i32.add (i32.load (i32.const 20)) (i32.const 7)) (i32.const -8)))
    (i32.store (i32.const 20) (i32.add (local.get $start) (local.get $new)))
    (block $fits
      (loop $grow
        (br_if $fits (i32.le_u (i32.load (i32.const 20)) (i32.mul (memory.size) (i32.const 65536))))
        (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (unreachable)))
        (br $grow)))
    (local.get $start))
  (func $free (i32.store (i32.const 20) (i32.const {HEAP})))
  (func $ok (result i32) (i32.store (i32.const 1536) (i32.const 0)) (i32.const 1536))
  (func $error (param $kind i32) (param $pointer i32) (param $length i32) (result i32)
    (i32.store (i32.const 1536) (i32.const 1))
    (i32.store (i32.const 1540) (local.get $kind))
    (i32.store (i32.const 1544) (local.get $pointer))
    (i32.store (i32.const 1548) (local.get $length))
    (i32.const 1536))
  (func (export "folkmoot:method/method@0.1.0#describe") (result i32)
    {first_describe}
    {describe}
    (i32.const 1024))
  (func (export "folkmoot:method/method@0.1.0#check")
    (param i32 i32 i32 i32 i32 i32 i32 i64) (result i32)
    (call $free)
    (call $ok))
  (func (export "folkmoot:method/method@0.1.0#[static]accumulator.open")
    (param i32 i32 i32 i32 i32 i32 i32 i64 i32 i32 i32 i32) (result i32)
    (local $at i32)
    (call $free)
    (local.set $at (i32.add (i32.const 4096) (i32.mul (i32.and (i32.load (i32.const 16)) (i32.const 255)) (i32.const 16))))
    (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1)))
    (i64.store (local.get $at) (i64.const 0))
    (i64.store offset=8 (local.get $at) (i64.const 0))
    (i32.store (i32.const 1536) (i32.const 0))
    (i32.store (i32.const 1540) (call $new (local.get $at)))
    (i32.const 1536))
  (func (export "folkmoot:method/method@0.1.0#[method]accumulator.update")
    (param $at i32) (param $item i32) (param $width i32) (param $rows i32)
    (param $participant i32) (param $participants i32) (param $weight i32) (param $weights i32)
    (param $strata i32) (param $stratas i32) (param $kind i32) (param $values i32) (param $length i32) (result i32)
    {update}
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $weights)))
        (if (i64.gt_s (i64.load (local.get $weight)) (i64.const 0)) (then
          (i64.store (local.get $at) (i64.add (i64.load (local.get $at)) (i64.const 1)))
          (i64.store offset=8 (local.get $at)
            (i64.add (i64.load offset=8 (local.get $at)) (i64.load (local.get $weight))))))
        (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
        (local.set $weights (i32.sub (local.get $weights) (i32.const 1)))
        (br $next)))
    (call $free)
    (call $ok))
  (func (export "folkmoot:method/method@0.1.0#[method]accumulator.save") (param $at i32) (result i32)
    {save}
    (i32.store (i32.const 1536) (local.get $at))
    (i32.store (i32.const 1540) (i32.const 16))
    (i32.const 1536))
  (func (export "folkmoot:method/method@0.1.0#[method]accumulator.merge")
    (param $at i32) (param $partial i32) (param $length i32) (result i32)
    (if (i32.ne (local.get $length) (i32.const 16)) (then (return (call $error
      (i32.const 2) (i32.const {}) (i32.const {})))))
    (i64.store (local.get $at) (i64.add (i64.load (local.get $at)) (i64.load (local.get $partial))))
    (i64.store offset=8 (local.get $at)
      (i64.add (i64.load offset=8 (local.get $at)) (i64.load offset=8 (local.get $partial))))
    (call $free)
    (call $ok))
  (func (export "folkmoot:method/method@0.1.0#[method]accumulator.finish") (param $at i32) (result i32)
    {finish}
    (if (i64.eqz (i64.load offset=8 (local.get $at))) (then (return (call $error
      (i32.const 1) (i32.const {}) (i32.const {})))))
    {scalars}
    (i32.store8 (i32.const 2064) (i32.const 1))
    (i32.store8 (i32.const 2072) (i32.const 2))
    (i64.store (i32.const 2080) (i64.load (local.get $at)))
    (i32.store8 (i32.const 2104) (i32.const 2))
    (i32.store8 (i32.const 2112) (i32.const 3))
    (f64.store (i32.const 2120) (f64.div (f64.convert_i64_s (i64.load offset=8 (local.get $at))) (f64.const 1048576)))
    (i32.store (i32.const 1536) (i32.const 0))
    (i32.store (i32.const 1540) (i32.const 1))
    (i32.store (i32.const 1544) (i32.const 2048))
    (i32.store (i32.const 1548) (i32.const 2))
    (memory.fill (i32.const 1552) (i32.const 0) (i32.const 24))
    (i32.const 1536))
  (func (export "folkmoot:method/method@0.1.0#[dtor]accumulator") (param i32))
{}
)"#,
        foreign.0, foreign.1, nobody.0, nobody.1, strings.data
    )
}
