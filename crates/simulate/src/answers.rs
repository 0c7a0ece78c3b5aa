//! From opinions to answers, with the noise that real rows show.

use std::collections::BTreeMap;
use std::ops::Range;

use folkmoot_core::answer::{MAX_RUBRIC, NO_SCORE};
use folkmoot_core::{Answer, Item, ItemKind, View, Vote};
use folkmoot_fold::stats::normal_cdf;

use crate::chance::{Chance, logistic};
use crate::opinion::Opinion;
use crate::people::Person;
use crate::plan::Plan;
use crate::questions::{self, Question};
use crate::tasks::Deck;
use crate::words;

/// What the id of every simulated participant starts with.
const ID_PREFIX: &str = "sim-";

/// Whether a participant of that id was made here.
pub fn is_simulated(participant: &str) -> bool {
    participant.starts_with(ID_PREFIX)
}

/// Share of rankings that are all tied in the real round.
const ALL_TIED: f64 = 452.0 / 18_678.0;
/// Neighbours closer than this, in log worth, are tied. With latent opinions about 88 % of rankings
/// then have one first, as in the real round (16,530 of 18,678).
const TIE_GAP: f64 = 0.15;
/// Share of checkable rankings whose first was flagged by the same person in the real round.
const FIRST_IS_FLAGGED: f64 = 0.044;
/// Tasks in which a person is asked for a personal ranking and for what is unacceptable. The release
/// says so of the personal ranking; that the flags go with it is an assumption.
const PERSONAL_TASKS: usize = 5;
/// Assumptions: people who rank alike for themselves and the world; people who flag nothing; people
/// who flag a second response; votes that pass where opinion is planted; criteria left without weight.
const SAME_FOR_WORLD: f64 = 0.5;
const FLAG_NONE: f64 = 0.5;
const FLAG_SECOND: f64 = 0.3;
const PASS: f64 = 0.1;
const NO_WEIGHT: f64 = 0.05;

/// A simulated person with everything they answered.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedParticipant {
    /// Place in the plan, from 0.
    pub index: u32,
    /// Pseudonym, such as `sim-000123`: "sim" says that nobody is behind it.
    pub id: String,
    /// One level for each of [`crate::people::ATTRIBUTES`].
    pub attributes: BTreeMap<String, String>,
    /// In the order given: a task, then the questions about it, then the next task.
    pub answers: Vec<SimulatedAnswer>,
}

/// A simulated answer.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedAnswer {
    /// Place of the item in the plan.
    pub item: usize,
    /// `world` for every ranking, `personal` for all else and for a second ranking in a person's
    /// first five tasks.
    pub view: View,
    /// Fits the item. What was flagged as unacceptable stands with the `world` ranking.
    pub answer: Answer,
    /// Starts with `[simulated]`; only for rankings, and only where the plan wants words.
    pub rationale: Option<String>,
    /// Time taken, in milliseconds.
    pub duration_ms: u32,
}

impl Plan {
    /// The participants of `range`, as far as the plan has them. Any split into ranges gives the same
    /// participants; each call first prepares the items' opinions, so ranges of some thousands are best.
    ///
    /// # Panics
    /// On a plan that [`Plan::check`] refuses.
    pub fn participants(&self, range: Range<u32>) -> impl Iterator<Item = SimulatedParticipant> + '_ {
        let round = Round::new(self);
        (range.start..range.end.min(self.participants)).map(move |index| round.participant(index))
    }
}

/// A plan, prepared.
struct Round<'a> {
    plan: &'a Plan,
    deck: Deck,
    behind: Vec<Behind>,
}

/// What is behind the answers to an item.
enum Behind {
    Question(&'static Question),
    Opinion(Opinion),
}

impl<'a> Round<'a> {
    fn new(plan: &'a Plan) -> Self {
        let behind = |item: &Item| match questions::recognise(item) {
            Some(question) if !plan.effects.contains_key(&item.id) => Behind::Question(question),
            _ => Behind::Opinion(Opinion::of(plan, item)),
        };
        Self { plan, deck: Deck::new(plan), behind: plan.items.iter().map(behind).collect() }
    }

    fn participant(&self, index: u32) -> SimulatedParticipant {
        let mut chance = Chance::of_participant(self.plan.seed, index);
        let person = Person::draw(&mut chance);
        let mut answers = Vec::new();
        for (number, task) in self.deck.deal(&mut chance).into_iter().enumerate() {
            self.answer(task, number < PERSONAL_TASKS, &person, &mut chance, &mut answers);
            for question in self.deck.questions_about(task) {
                self.answer(question, false, &person, &mut chance, &mut answers);
            }
        }
        SimulatedParticipant { index, id: format!("{ID_PREFIX}{index:06}"), attributes: person.attributes(), answers }
    }

    fn answer(
        &self,
        place: usize,
        with_personal: bool,
        person: &Person,
        chance: &mut Chance,
        answers: &mut Vec<SimulatedAnswer>,
    ) {
        let item = &self.plan.items[place];
        let mut give = |view, answer, rationale, chance: &mut Chance| {
            let duration_ms = duration(item.kind, person, chance);
            answers.push(SimulatedAnswer { item: place, view, answer, rationale, duration_ms });
        };
        let opinion = match &self.behind[place] {
            Behind::Question(question) => {
                give(View::Personal, Answer::Choose(choose_level(question, person, chance)), None, chance);
                return;
            }
            Behind::Opinion(opinion) => opinion,
        };
        if item.kind != ItemKind::Rank {
            give(View::Personal, single_answer(item, opinion, person, chance), None, chance);
            return;
        }
        let worths = opinion.worths(person, chance);
        let world = ranking(&worths, person, chance);
        let personal = with_personal.then(|| match chance.happens(SAME_FOR_WORLD) {
            true => world.clone(),
            false => ranking(&worths, person, chance),
        });
        let unacceptable = personal.as_ref().map(|personal| flags(&world, personal, person, chance));
        let words = |tiers: &[u8], chance: &mut Chance| self.plan.words.then(|| words::rationale(item, tiers, chance));
        if let Some(tiers) = personal {
            let rationale = words(&tiers, chance);
            give(View::Personal, Answer::Rank { tiers, unacceptable: None }, rationale, chance);
        }
        let rationale = words(&world, chance);
        give(View::World, Answer::Rank { tiers: world, unacceptable }, rationale, chance);
    }
}

/// The answer to an item of any kind but `rank`.
fn single_answer(item: &Item, opinion: &Opinion, person: &Person, chance: &mut Chance) -> Answer {
    let line = person.straight_line.as_deref();
    let heard = |chance: &mut Chance| match line {
        Some(line) => line[..item.candidates.len()].to_vec(),
        None => opinion.worths(person, chance).iter().map(|worth| worth + chance.gumbel()).collect(),
    };
    match item.kind {
        ItemKind::Pair => {
            let tiers = ranking(&opinion.worths(person, chance), person, chance);
            Answer::Pair([tiers[0], tiers[1]])
        }
        ItemKind::Choose => {
            let heard = heard(chance);
            let best = (0..heard.len()).max_by(|&a, &b| heard[a].total_cmp(&heard[b])).unwrap_or(0);
            Answer::Choose(best as u8)
        }
        ItemKind::Approve => match line {
            Some(line) => Answer::Approve(line[..item.candidates.len()].iter().map(|&worth| worth > 0.5).collect()),
            None => {
                let worths = opinion.worths(person, chance);
                let middle = (least(&worths) + most(&worths)) / 2.0;
                Answer::Approve(worths.iter().map(|worth| chance.happens(logistic(worth - middle))).collect())
            }
        },
        ItemKind::Rubric => {
            let worths = opinion.worths(person, chance);
            Answer::Rubric(worths.iter().map(|&worth| weigh(worth, line, chance)).collect())
        }
        ItemKind::Vote => Answer::Vote(vote(opinion, person, chance)),
        ItemKind::Scale => Answer::Scale(number(item, opinion, person, chance)),
        // Rankings have views and flags and are made elsewhere; only free text is left.
        ItemKind::Rank | ItemKind::Text => Answer::Text(words::free_text(chance)),
    }
}

/// Places by worth with Gumbel noise (Plackett-Luce), near neighbours tied, some all tied.
fn ranking(worths: &[f64], person: &Person, chance: &mut Chance) -> Vec<u8> {
    if person.straight_line.is_none() && chance.happens(ALL_TIED) {
        return vec![0; worths.len()];
    }
    let (heard, gap): (Vec<f64>, f64) = match &person.straight_line {
        Some(line) => (line[..worths.len()].to_vec(), 0.0),
        None => (worths.iter().map(|worth| worth + chance.gumbel()).collect(), TIE_GAP),
    };
    let mut order: Vec<usize> = (0..heard.len()).collect();
    order.sort_by(|&a, &b| heard[b].total_cmp(&heard[a]));
    let gaps: Vec<f64> = order.windows(2).map(|pair| heard[pair[0]] - heard[pair[1]]).collect();
    // All tied has its own share: the widest gap always parts.
    let widest = (0..gaps.len()).max_by(|&a, &b| gaps[a].total_cmp(&gaps[b]));
    let mut tiers = vec![0; heard.len()];
    let mut tier = 0;
    for (place, pair) in order.windows(2).enumerate() {
        if gaps[place] >= gap || Some(place) == widest {
            tier += 1;
        }
        tiers[pair[1]] = tier;
    }
    tiers
}

/// What a person flags as unacceptable: the worst by their own ranking, and now and then, as real
/// people do, what they put first.
fn flags(world: &[u8], personal: &[u8], person: &Person, chance: &mut Chance) -> Vec<bool> {
    let mut flags = vec![false; world.len()];
    let mut rest: Vec<usize> = (0..world.len()).filter(|&place| world[place] > 0 && personal[place] > 0).collect();
    if person.straight_line.is_some() || rest.is_empty() || chance.happens(FLAG_NONE) {
        return flags;
    }
    if chance.happens(FIRST_IS_FLAGGED) {
        for tiers in [world, personal] {
            let first = tiers.iter().position(|&tier| tier == 0);
            first.into_iter().for_each(|place| flags[place] = true);
        }
        return flags;
    }
    rest.sort_by_key(|&place| std::cmp::Reverse((personal[place], world[place])));
    let count = 1 + usize::from(chance.happens(FLAG_SECOND));
    rest.iter().take(count).for_each(|&place| flags[place] = true);
    flags
}

/// The level whose share of the normal distribution a person's earnestness and mood fall into.
fn choose_level(question: &Question, person: &Person, chance: &mut Chance) -> u8 {
    let own: f64 = if question.name == "importance" { 0.3 } else { 0.0 };
    let position = normal_cdf(own.sqrt() * person.earnestness + (1.0 - own).sqrt() * chance.normal());
    let mut below = 0.0;
    let level = question.options.iter().position(|(_, _, share)| {
        below += share;
        position < below
    });
    level.unwrap_or(question.options.len() - 1) as u8
}

fn vote(opinion: &Opinion, person: &Person, chance: &mut Chance) -> Vote {
    let lean = match &person.straight_line {
        Some(line) if line[0] < 0.5 => return Vote::Disagree,
        Some(_) => return Vote::Agree,
        None => opinion.lean(person),
    };
    let pass = match opinion.side(person) {
        Some(side) => side.pass.map_or(PASS, logistic),
        // Who hardly leans passes more.
        None => 0.25 * libm::exp(-lean.abs()),
    };
    match () {
        () if chance.happens(pass) => Vote::Pass,
        () if chance.happens(logistic(lean)) => Vote::Agree,
        () => Vote::Disagree,
    }
}

/// A number of the item's scale (0 to 10 where it has none): whole where both ends are.
fn number(item: &Item, opinion: &Opinion, person: &Person, chance: &mut Chance) -> f64 {
    let (min, max) = item.scale.map_or((0.0, 10.0), |range| (range.min, range.max));
    // Halves first, so that the width of the widest scale stays finite.
    let at = |place: f64| min * (1.0 - place) + max * place;
    let raw = match (&person.straight_line, opinion.side(person)) {
        (Some(line), _) => at(line[0]),
        (None, None) => at(logistic(opinion.lean(person) + chance.normal())),
        (None, Some(side)) => match side.target {
            None => at(chance.uniform()),
            Some((target, strength)) => {
                let spread = (max / 2.0 - min / 2.0) / (1.0 + strength);
                target + spread * chance.normal()
            }
        },
    };
    let is_whole = |x: f64| x == libm::trunc(x);
    let rounded = if is_whole(min) && is_whole(max) { libm::round(raw) } else { raw };
    rounded.clamp(min, max)
}

/// A weight for a criterion: people mean well by most, and differ.
fn weigh(worth: f64, line: Option<&[f64]>, chance: &mut Chance) -> i8 {
    let most = f64::from(MAX_RUBRIC);
    match line {
        Some(line) => libm::round(most * line[0]) as i8,
        None if chance.happens(NO_WEIGHT) => NO_SCORE,
        None => libm::round(3.0 + 4.0 * worth + 3.0 * chance.normal()).clamp(-most, most) as i8,
    }
}

/// Time taken: log-normal around a median by kind (assumptions), short for who does not think.
fn duration(kind: ItemKind, person: &Person, chance: &mut Chance) -> u32 {
    let median_seconds = match kind {
        ItemKind::Rank => 75.0,
        ItemKind::Text => 60.0,
        ItemKind::Rubric => 45.0,
        ItemKind::Approve | ItemKind::Pair => 20.0,
        ItemKind::Vote | ItemKind::Choose | ItemKind::Scale => 7.0,
    };
    let haste = if person.straight_line.is_some() { 0.15 } else { 1.0 };
    let seconds: f64 = haste * median_seconds * libm::exp(0.6 * chance.normal());
    (1000.0 * seconds.clamp(0.4, 3_600.0)) as u32
}

fn least(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::INFINITY, f64::min)
}

fn most(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}
