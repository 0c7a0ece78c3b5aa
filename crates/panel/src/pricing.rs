//! The best panel for given worths of people: the pricing problem, a whole-number program.

use crate::error::PanelError;
use crate::instance::{Instance, Panel};
use crate::solver::{Program, Standing};

/// Finds panels.
pub(crate) struct Pricing {
    program: Standing,
    /// Programs solved so far.
    pub(crate) solved: u32,
}

impl Pricing {
    /// # Errors
    /// A solver that gives up.
    pub(crate) fn new(instance: &Instance) -> Result<Self, PanelError> {
        let mut program = Program::default();
        for place in 0..instance.types.len() {
            program.whole_column(0.0, 0.0..=instance.size(place));
        }
        instance.frame(&mut program);
        instance.quotas(&mut program);
        Ok(Self { program: program.standing()?, solved: 0 })
    }

    /// The panel whose seats are worth most together, a seat of each type `worth` that much; none where
    /// no panel meets the quotas.
    ///
    /// # Errors
    /// A solver that gives up.
    pub(crate) fn best(&mut self, worth: &[f64]) -> Result<Option<Panel>, PanelError> {
        // The solver's gap is absolute; the largest worth is 1 to it.
        let largest = worth.iter().fold(0.0_f64, |largest, worth| largest.max(worth.abs()));
        let scale = if largest > 0.0 { 1.0 / largest } else { 1.0 };
        let gains: Vec<f64> = worth.iter().map(|worth| worth * scale).collect();
        self.program.set_gains(&gains)?;
        self.solved += 1;
        let Some(solution) = self.program.maximise()? else { return Ok(None) };
        Ok(Some(solution.columns[..worth.len()].iter().map(|seats| seats.round() as u32).collect()))
    }
}

/// What a panel's seats are worth together.
pub(crate) fn price(worth: &[f64], panel: &Panel) -> f64 {
    worth.iter().zip(panel).map(|(worth, &seats)| worth * f64::from(seats)).sum()
}
