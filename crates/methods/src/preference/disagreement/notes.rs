//! What happened on the way, in words.

use crate::preference::disagreement::class::{Families, Verdict};
use crate::preference::disagreement::design::Design;
use crate::preference::disagreement::estimate::MANY_CLUSTERS;
use crate::preference::disagreement::wild::MOST_DRAWS;
use crate::report::{Note, Report};

pub(super) fn add(design: &Design, verdicts: &[Verdict], families: &Families, report: &mut Report) {
    report.notes.push(rule(design));
    report.notes.push(family_sizes(verdicts, families));
    report.notes.extend(too_few(design, verdicts, families));
    report.notes.push(segments(design));
    report.notes.extend(rest_too_small(design, verdicts));
    report.notes.extend(communities(design, verdicts));
}

fn rule(design: &Design) -> Note {
    let rule = &design.rule;
    Note::info(
        "rule",
        format!(
            "a finding needs a net preference above {} with adjusted p at most {}, the same with any one segment left \
             out, and the same direction by Borda; polarised means that segments with enough people point in \
             opposite directions; agrees means that every preference against the position is shown to be below {}; \
             insufficient means that nothing was shown, not that there is nothing",
            rule.margin, rule.q, rule.margin
        ),
    )
}

fn family_sizes(verdicts: &[Verdict], families: &Families) -> Note {
    Note::info(
        "multiplicity",
        format!(
            "of {} items compared {} were tested for a preference against the position, {} for agreement, {} for \
             opposite segments and {} for segments that differ; each of these is a family of its own, in which a \
             share of false findings up to q is expected",
            verdicts.len(),
            families.against,
            families.agrees,
            families.polarised,
            families.heterogeneity
        ),
    )
}

fn too_few(design: &Design, verdicts: &[Verdict], families: &Families) -> Option<Note> {
    let untested = verdicts.len() - families.against;
    let words = || {
        let least = design.rule.min_effective;
        format!("{untested} items have fewer than {least} effective answers to each pair and were not tested")
    };
    (untested > 0).then(|| Note::info("too_few_answers", words()))
}

fn segments(design: &Design) -> Note {
    if design.segments.is_empty() {
        let words = "no segments were chosen, so that consensus and polarisation cannot be told";
        return Note::warning("no_segments", words);
    }
    Note::info(
        "segments",
        format!(
            "segments under {} effective answers are not spoken of; the others are shown raw and drawn towards their \
             common mean (random effects by DerSimonian and Laird, empirical Bayes); opinion groups made from the \
             same answers are no segments and confirm nothing",
            design.rule.min_effective
        ),
    )
}

fn rest_too_small(design: &Design, verdicts: &[Verdict]) -> Option<Note> {
    let alone = verdicts.iter().filter(|verdict| verdict.shown.rest_too_small).count();
    let words = || {
        format!(
            "{alone} items have a segment without which fewer than {} effective answers remain; no finding of theirs \
             stays with that segment left out",
            design.rule.min_effective
        )
    };
    (alone > 0).then(|| Note::info("rest_too_small", words()))
}

fn communities(design: &Design, verdicts: &[Verdict]) -> Option<Note> {
    design.communities?;
    let few = verdicts.iter().filter(|verdict| verdict.shown.estimate.is_bootstrapped()).count();
    if few == 0 {
        let words = "communities are the clusters; people of no known community count as one more";
        return Some(Note::info("communities", words));
    }
    let words = format!(
        "{few} items were answered in fewer than {MANY_CLUSTERS} communities; their p-values are those of a wild \
         cluster bootstrap under the hypothesis, drawn at most {MOST_DRAWS} times so that none is below {:.0e}, and \
         their intervals are Student's; people of no known community count as one more community",
        1.0 / (MOST_DRAWS + 1) as f64
    );
    Some(Note::warning("few_clusters", words))
}
