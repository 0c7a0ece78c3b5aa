//! A faithful, seeded, clearly labelled imitation of a public-input round.
