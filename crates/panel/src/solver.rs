//! Linear and whole-number programs: the only module that knows the solver, HiGHS.
//!
//! One thread, a fixed seed and tight tolerances, so that a program has one answer on a machine.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use highs::{Col, HighsModelStatus, Model, RowProblem, Sense};

use crate::PanelError;

/// How far a bound may be missed, and how far an optimum of a linear program may be off.
pub(crate) const FEASIBLE: f64 = 1e-9;

/// A program to be maximised.
#[derive(Default)]
pub(crate) struct Program {
    problem: RowProblem,
    columns: Vec<Col>,
}

/// Values at an optimum.
pub(crate) struct Solution {
    /// The value that was maximised.
    pub(crate) value: f64,
    /// By column.
    pub(crate) columns: Vec<f64>,
    /// By row: what the optimum gains where the row's bound gives way by one.
    pub(crate) duals: Vec<f64>,
}

impl Program {
    /// A column and what each unit of it gains; its place.
    pub(crate) fn column(&mut self, gain: f64, bounds: RangeInclusive<f64>) -> usize {
        self.columns.push(self.problem.add_column(gain, bounds));
        self.columns.len() - 1
    }

    /// A column of whole numbers.
    pub(crate) fn whole_column(&mut self, gain: f64, bounds: RangeInclusive<f64>) -> usize {
        self.columns.push(self.problem.add_integer_column(gain, bounds));
        self.columns.len() - 1
    }

    /// Bounds on a sum of columns, each times a factor.
    pub(crate) fn row(&mut self, bounds: RangeInclusive<f64>, terms: &[(usize, f64)]) {
        let terms: Vec<(Col, f64)> = terms.iter().map(|&(column, factor)| (self.columns[column], factor)).collect();
        self.problem.add_row(bounds, &terms);
    }

    /// The optimum, or nothing where the bounds contradict each other.
    ///
    /// # Errors
    /// A solver that gives up.
    pub(crate) fn maximise(self) -> Result<Option<Solution>, PanelError> {
        self.standing()?.maximise()
    }

    /// The program, to be solved again and again.
    ///
    /// # Errors
    /// A program that the solver does not take.
    pub(crate) fn standing(self) -> Result<Standing, PanelError> {
        let mut model = self.problem.try_optimise(Sense::Maximise).map_err(|status| gave_up(&status))?;
        model.make_quiet();
        model.set_threads(NonZeroU32::MIN);
        model.set_option("parallel", "off");
        model.set_option("random_seed", 0);
        model.set_option("primal_feasibility_tolerance", FEASIBLE);
        model.set_option("dual_feasibility_tolerance", FEASIBLE);
        model.set_option("mip_rel_gap", 0.0);
        model.set_option("mip_abs_gap", FEASIBLE);
        Ok(Standing { model: Some(model), columns: self.columns })
    }
}

/// A program that keeps what the solver learnt between changes.
pub(crate) struct Standing {
    model: Option<Model>,
    columns: Vec<Col>,
}

impl Standing {
    /// A further row.
    ///
    /// # Errors
    /// A row that the solver does not take.
    pub(crate) fn row(&mut self, bounds: RangeInclusive<f64>, terms: &[(usize, f64)]) -> Result<(), PanelError> {
        let terms: Vec<(Col, f64)> = terms.iter().map(|&(column, factor)| (self.columns[column], factor)).collect();
        self.model()?.try_add_row(bounds, terms).map_err(|status| gave_up(&status))?;
        Ok(())
    }

    /// Other gains of the first columns.
    ///
    /// # Errors
    /// A solver that gave up before.
    pub(crate) fn set_gains(&mut self, gains: &[f64]) -> Result<(), PanelError> {
        let columns = self.columns.clone();
        let model = self.model()?;
        columns.into_iter().zip(gains).for_each(|(column, &gain)| model.change_column_cost(column, gain));
        Ok(())
    }

    /// As [`Program::maximise`].
    ///
    /// # Errors
    /// As there.
    pub(crate) fn maximise(&mut self) -> Result<Option<Solution>, PanelError> {
        let model = self.model.take().ok_or_else(|| gave_up(&"nothing is left to solve"))?;
        let solved = model.try_solve().map_err(|status| gave_up(&status))?;
        let status = solved.status();
        let solution = solved.get_solution();
        let value = solved.objective_value();
        self.model = Some(solved.into());
        match status {
            HighsModelStatus::Optimal => {
                Ok(Some(Solution { value, columns: solution.columns().to_vec(), duals: solution.dual_rows().to_vec() }))
            }
            HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => Ok(None),
            other => Err(gave_up(&other)),
        }
    }

    fn model(&mut self) -> Result<&mut Model, PanelError> {
        self.model.as_mut().ok_or_else(|| gave_up(&"nothing is left to solve"))
    }
}

fn gave_up(why: &dyn std::fmt::Debug) -> PanelError {
    PanelError::Solver(format!("{why:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duals_say_what_a_bound_is_worth() {
        let mut program = Program::default();
        let x = program.column(3.0, 0.0..=f64::INFINITY);
        let y = program.column(2.0, 0.0..=f64::INFINITY);
        program.row(f64::NEG_INFINITY..=4.0, &[(x, 1.0), (y, 1.0)]);
        program.row(f64::NEG_INFINITY..=1.0, &[(x, 1.0)]);
        let solution = program.maximise().unwrap().unwrap();
        assert_eq!((solution.value, solution.columns, solution.duals), (9.0, vec![1.0, 3.0], vec![2.0, 1.0]));
    }

    #[test]
    fn a_contradiction_has_no_optimum() {
        let mut program = Program::default();
        let x = program.whole_column(1.0, 0.0..=3.0);
        program.row(1.0..=1.0, &[(x, 2.0)]);
        assert!(program.maximise().unwrap().is_none());
    }
}
