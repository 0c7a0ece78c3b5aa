//! Which items a participant is given, and in what order.

use crate::chance::Chance;
use crate::plan::Plan;

/// How real people's numbers of tasks spread around the range they are offered: the release says 5 to
/// 20 prompts each, 2 to 39 in fact, 18.2 on average. The split that meets these is an assumption.
const LEAVE_EARLY: f64 = 0.01;
const DO_MORE: f64 = 0.025;
const STOP_BETWEEN: f64 = 0.225;

/// The items as they are dealt.
pub(crate) struct Deck {
    /// Items that everybody gets, the anchor first.
    pub(crate) everybody: Vec<usize>,
    /// Items that are dealt at random.
    pub(crate) others: Vec<usize>,
    /// For every item, the questions about it (and about those), in the plan's order.
    questions: Vec<Vec<usize>>,
    least: usize,
    most: usize,
}

impl Deck {
    pub(crate) fn new(plan: &Plan) -> Self {
        let anchor = plan.anchor_place();
        let mut everybody: Vec<usize> = anchor.into_iter().collect();
        let mut others = Vec::new();
        let mut questions = vec![Vec::new(); plan.items.len()];
        let place_of: std::collections::HashMap<&str, usize> =
            plan.items.iter().enumerate().map(|(place, item)| (item.id.as_str(), place)).collect();
        for (place, item) in plan.items.iter().enumerate() {
            match item.about.as_deref().and_then(|about| place_of.get(about)) {
                Some(&about) => questions[about].push(place),
                None if Some(place) == anchor => {}
                None if item.required => everybody.push(place),
                None => others.push(place),
            }
        }
        let (least, most) = (usize::from(*plan.tasks.start()), usize::from(*plan.tasks.end()));
        Self { everybody, others, questions, least, most }
    }

    /// A participant's tasks: what everybody gets, then others in random order.
    pub(crate) fn deal(&self, chance: &mut Chance) -> Vec<usize> {
        let extra = self.wanted(chance).saturating_sub(self.everybody.len()).min(self.others.len());
        let mut tasks = self.everybody.clone();
        if 2 * extra > self.others.len() {
            // Most of the items: the first places of a shuffle (Fisher and Yates).
            let mut pool = self.others.clone();
            for place in 0..extra {
                let chosen = place + chance.below(pool.len() - place);
                pool.swap(place, chosen);
            }
            tasks.extend_from_slice(&pool[..extra]);
            return tasks;
        }
        // Few of many: draw again what was drawn before.
        while tasks.len() < self.everybody.len() + extra {
            let candidate = self.others[chance.below(self.others.len())];
            if !tasks.contains(&candidate) {
                tasks.push(candidate);
            }
        }
        tasks
    }

    /// The questions about an item, questions about these included.
    pub(crate) fn questions_about(&self, item: usize) -> impl Iterator<Item = usize> + '_ {
        let mut waiting: Vec<usize> = self.questions[item].iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(self.questions[next].iter().rev());
            Some(next)
        })
    }

    /// How many tasks a participant does, before the number of items limits it.
    fn wanted(&self, chance: &mut Chance) -> usize {
        let (least, most) = (self.least, self.most);
        if least == most {
            return most;
        }
        let place = chance.uniform();
        let within = |chance: &mut Chance, from: usize, to: usize| from + chance.below(to - from);
        match place {
            p if p < LEAVE_EARLY => within(chance, least.min(2), least.max(3)),
            p if p < LEAVE_EARLY + DO_MORE => within(chance, most + 1, 2 * most),
            p if p < LEAVE_EARLY + DO_MORE + STOP_BETWEEN => within(chance, least, most),
            _ => most,
        }
    }

    /// Expected share of people who get one of the items that are dealt at random.
    pub(crate) fn expected_share_of_others(&self) -> f64 {
        let extra = |wanted: usize| wanted.saturating_sub(self.everybody.len()).min(self.others.len()) as f64;
        let mean = |from: usize, to: usize| (from..to).map(extra).sum::<f64>() / (to - from) as f64;
        let (least, most) = (self.least, self.most);
        let expected = if least == most {
            extra(most)
        } else {
            LEAVE_EARLY * mean(least.min(2), least.max(3))
                + DO_MORE * mean(most + 1, 2 * most)
                + STOP_BETWEEN * mean(least, most)
                + (1.0 - LEAVE_EARLY - DO_MORE - STOP_BETWEEN) * extra(most)
        };
        expected / self.others.len() as f64
    }
}
