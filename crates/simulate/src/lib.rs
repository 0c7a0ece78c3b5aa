//! A faithful, seeded, clearly labelled imitation of a public-input round.
//!
//! Every participant made here is simulated and says so: ids start with `sim-`, and every rationale
//! and free text starts with `[simulated]`. Nothing made here is evidence of what anybody thinks. It is
//! for organisers who want a dry run before they spend money on people ([`dry_run`], [`power`]), for tests and
//! benchmarks that need a round of any size, and for demonstrations that plant a known disagreement
//! ([`Effect`]) and then look whether the analysis finds it.
//!
//! A reader meets the parts in this order: [`Plan`] says what is to be made; `people` draws who the
//! participants are; `tasks` deals items to them; `opinion` holds what each item's candidates are
//! worth to whom; `answers` turns worth into an answer of the item's kind with the noise that real
//! rows show; `words` writes rationales. To add a marginal of real rounds, put its number with its
//! source into the part that draws it and a line into the table of `tests/marginals.rs`.
//!
//! The shape imitated is the public `collective-alignment-1` release: about 1,000 people from 19
//! countries, 5 to 20 tasks each, rankings of four candidates for the world and, in the first five
//! tasks, for oneself. Where that release publishes no number the constant's comment says so.
//!
//! ```
//! use folkmoot_simulate::{Effect, Plan, questions_about};
//!
//! let json = r#"{"id": "q1", "kind": "rank", "candidates": [{"id": "A"}, {"id": "B"}]}"#;
//! let item: folkmoot_core::Item = serde_json::from_str(json)?;
//! let questions = questions_about(&item);
//! let mut plan = Plan::new(vec![item], 1_012, 42);
//! plan.items.extend(questions);
//! plan.effects.insert("q1".into(), Effect::Follows { order: "B>A".into(), strength: 1.0 });
//! plan.check()?;
//! let first = plan.participants(0..1).next().unwrap();
//! assert_eq!(first.id, "sim-000000");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! This crate is pure: it never knows a file, a clock, a network or a store. Participant `i` depends
//! on the plan and `i` alone, so that any range can be made anywhere, in any order and in parallel,
//! and memory does not grow with the number of participants. All functions of real numbers come from
//! `libm`, so the same seed gives the same round on every machine.

mod answers;
mod chance;
pub mod dry_run;
mod opinion;
pub mod people;
mod plan;
pub mod power;
mod questions;
mod tasks;
mod words;

pub use answers::{SimulatedAnswer, SimulatedParticipant, is_simulated};
pub use plan::{Effect, MAX_PARTICIPANTS, Plan};
pub use questions::questions_about;
