//! Majorities: who beats whom, who beats everybody, and where majorities run in a cycle.

use std::collections::VecDeque;

use crate::preference::matrix::Matrix;
use crate::report::{Note, Report};

/// Whether more people put `a` above `b` than `b` above `a`.
pub(super) fn beats(matrix: &Matrix<'_>, a: usize, b: usize) -> bool {
    matrix.margin(a, b) > 0
}

/// Who beats every other candidate.
pub(super) fn condorcet_winner(matrix: &Matrix<'_>) -> Option<usize> {
    let width = matrix.width();
    (0..width).find(|&a| (0..width).all(|b| a == b || beats(matrix, a, b)))
}

/// Whom nobody beats: the weak Condorcet winners.
pub(super) fn unbeaten(matrix: &Matrix<'_>) -> Vec<usize> {
    let width = matrix.width();
    (0..width).filter(|&a| !(0..width).any(|b| beats(matrix, b, a))).collect()
}

/// The smallest set whose members each beat everybody outside: those who reach all others over
/// matches that were not lost (Smith 1973).
pub(super) fn smith_set(matrix: &Matrix<'_>) -> Vec<usize> {
    let width = matrix.width();
    let mut reach: Vec<bool> = (0..width * width).map(|at| matrix.margin(at / width, at % width) >= 0).collect();
    for via in 0..width {
        for a in 0..width {
            for b in 0..width {
                reach[a * width + b] |= reach[a * width + via] && reach[via * width + b];
            }
        }
    }
    (0..width).filter(|&a| (0..width).all(|b| reach[a * width + b])).collect()
}

/// A shortest cycle of majorities, each beating the next and the last the first.
pub(super) fn cycle(matrix: &Matrix<'_>) -> Option<Vec<usize>> {
    (0..matrix.width()).filter_map(|start| cycle_through(matrix, start)).min_by_key(Vec::len)
}

/// A shortest cycle that starts with `start`, breadth first.
fn cycle_through(matrix: &Matrix<'_>, start: usize) -> Option<Vec<usize>> {
    let width = matrix.width();
    let mut before: Vec<Option<usize>> = vec![None; width];
    let mut queue = VecDeque::from([start]);
    while let Some(a) = queue.pop_front() {
        if beats(matrix, a, start) {
            let back = std::iter::successors(Some(a), |&c| if c == start { None } else { before[c] });
            let mut cycle: Vec<usize> = back.collect();
            cycle.reverse();
            return Some(cycle);
        }
        for b in (0..width).filter(|&b| beats(matrix, a, b)) {
            if b != start && before[b].is_none() {
                before[b] = Some(a);
                queue.push_back(b);
            }
        }
    }
    None
}

/// Notes a cycle of each item whose majorities run in one.
pub(super) fn note_cycles(report: &mut Report, matrices: &[Matrix<'_>]) {
    for matrix in matrices {
        let Some(cycle) = cycle(matrix) else { continue };
        let ids: Vec<&str> = cycle.iter().chain(&cycle[..1]).map(|&c| matrix.item.candidates[c].as_str()).collect();
        let words = format!("{}: majorities run in a cycle: {}", matrix.item.id, ids.join(" over "));
        report.notes.push(Note::info("majority_cycle", words));
    }
}
