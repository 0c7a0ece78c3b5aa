//! `bradley-terry`: worths from pairwise comparisons, with ties.

use super::choices::Lowering;
use super::method::{Model, parameters};
use crate::contract::{Descriptor, Law, Segments};

pub(super) fn model() -> Model {
    let descriptor = Descriptor {
        id: "bradley-terry".into(),
        version: "1.0.0".into(),
        title: "Worths from pairwise comparisons (Bradley-Terry, Davidson ties)".into(),
        answers: "How much is each candidate worth, such that worths foretell who is preferred to whom, and how sure \
                  is that?"
            .into(),
        assumes: "The odds of one candidate against another are the ratio of their worths, whoever else was shown; a \
                  tie is the likelier the nearer two worths are. A ranking counts as all comparisons of two \
                  candidates in it; two that were both left out are not compared, nor is one that was not shown. \
                  Participants answer independently of each other; the comparisons of one need not be independent."
            .into(),
        avoid_when: "Majorities run in a circle or camps of people want opposite things, which no single worth can \
                     say: take pairwise or schulze. For whole rankings take plackett-luce, which does not count one \
                     ranking several times."
            .into(),
        source: "Bradley and Terry 1952; ties: Davidson 1970; existence: Ford 1957, Hunter 2004; errors: sandwich \
                 clustered by participant (Liang and Zeger 1986)"
            .into(),
        kinds: vec!["rank".into(), "pair".into()],
        parameters: parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: true,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Model { descriptor, lowering: Lowering::Pairs }
}
