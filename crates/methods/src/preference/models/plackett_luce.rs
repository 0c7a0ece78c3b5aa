//! `plackett-luce`: worths from rankings, whole or in part, with ties.

use super::choices::Lowering;
use super::method::{Model, parameters};
use crate::contract::{Descriptor, Law, Segments};

pub(super) fn model() -> Model {
    let descriptor = Descriptor {
        id: "plackett-luce".into(),
        version: "1.0.0".into(),
        title: "Worths from rankings (Plackett-Luce, Davidson-Luce ties)".into(),
        answers: "How much is each candidate worth, such that worths foretell who is put first, then who of the rest, \
                  and how sure is that?"
            .into(),
        assumes: "A ranking is a row of choices: the best of all shown, then the best of those left, each with \
                  chances proportional to worth. Candidates left out stand below those ranked, in no known order; \
                  candidates not shown are in no choice. Candidates of a tie are chosen together."
            .into(),
        avoid_when: "Camps of people want opposite things, or similar candidates take each other's first places, \
                     which worths cannot say: take pairwise or schulze."
            .into(),
        source: "Luce 1959; Plackett 1975; ties: Turner, van Etten, Firth and Kosmidis 2020; existence: Hunter 2004; \
                 errors: sandwich clustered by participant (Liang and Zeger 1986)"
            .into(),
        kinds: vec!["rank".into()],
        parameters: parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: true,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Model { descriptor, lowering: Lowering::Stages }
}
