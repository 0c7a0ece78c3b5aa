//! `opinion-groups`: who votes alike. Exploratory, and says so.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::check_items;
use crate::contract::{Accumulator, Config, Descriptor, Law, Method, MethodError, Segments};
use crate::opinion::clusters::{Clusters, LEAST_PEOPLE, cluster};
use crate::opinion::hull::hull;
use crate::opinion::item_votes::ItemVotes;
use crate::opinion::projection::{Projection, project};
use crate::opinion::voters::Voters;
use crate::opinion::votes::Votes;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Table, Unit};

#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Parameters {
    min_votes: usize,
    max_points: usize,
}

pub(crate) struct OpinionGroups;

impl Method for OpinionGroups {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "opinion-groups".into(),
            version: "1.1.0".into(),
            title: "Opinion groups".into(),
            answers: "Which groups of people vote alike, and how do they stand to each other on a map?".into(),
            assumes: "Two directions tell the main differences, and groups are round on the map. The picture is a \
                      way to look, not a fact about people."
                .into(),
            avoid_when: "A claim is to be proved: groups made from votes cannot confirm anything about those votes."
                .into(),
            source: "As Polis does: Small et al. 2021; silhouette: Rousseeuw 1987".into(),
            kinds: vec!["vote".into()],
            parameters: json!({
                "type": "object",
                "properties": {
                    "min_votes": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 7,
                                  "description": "statements a participant must have voted on to be grouped"},
                    "max_points": {"type": "integer", "minimum": 0, "maximum": 100_000, "default": 5000,
                                   "description": "participants that the map shows at most"},
                },
                "additionalProperties": false,
            }),
            max_passes: 1,
            segments: Segments::Method,
            bootstrap: false,
            participants: true,
            laws: vec![Law::Anonymity],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &["vote"])?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let parameters: Parameters = config.parameters()?;
        let finish = move |items: &[ItemVotes]| {
            let grouping = group(items, parameters.min_votes)?;
            Ok(report(&grouping, parameters))
        };
        let items = vec![ItemVotes::default(); config.items.len()];
        Ok(Box::new(Votes { tag: "opinion-groups@1.1.0", items, finish: Box::new(finish) }))
    }
}

/// Voters with enough votes, where they stand and in which group.
pub(crate) struct Grouping {
    pub(crate) voters: Voters,
    projection: Projection,
    pub(crate) clusters: Clusters,
}

/// The label of a group, `A` the largest.
pub(crate) fn label(group: usize) -> String {
    // Groups are five at most.
    char::from(b'A' + group as u8).to_string()
}

/// Groups everybody who voted on at least `min_votes` statements (on all of them where there are fewer).
///
/// # Errors
/// [`MethodError::Undefined`] where no two groups of enough people can be told apart.
pub(crate) fn group(items: &[ItemVotes], min_votes: usize) -> Result<Grouping, MethodError> {
    let least = min_votes.min(items.len());
    let voters = Voters::new(items, least);
    let projection = project(&voters);
    let weights: Vec<f64> = voters.list.iter().map(|voter| voter.weight).collect();
    let clusters = cluster(&projection.points, &weights).ok_or_else(|| {
        MethodError::Undefined(format!(
            "{} participants voted on {least} statements or more, and no two groups of at least {LEAST_PEOPLE} people \
             can be told apart among them",
            voters.list.len()
        ))
    })?;
    Ok(Grouping { voters, projection, clusters })
}

fn report(grouping: &Grouping, parameters: Parameters) -> Report {
    let Grouping { voters: everybody, projection, clusters } = grouping;
    let voters = &everybody.list;
    let people = |group: usize| (0..voters.len()).filter(move |&at| clusters.group[at] == group);
    let total: f64 = voters.iter().map(|voter| voter.weight).sum();
    let sizes = (0..clusters.count).map(|group| {
        let weight: f64 = people(group).map(|at| voters[at].weight).sum();
        let centre = |axis: usize| people(group).map(|at| voters[at].weight * projection.points[at][axis]).sum::<f64>();
        vec![
            label(group).into(),
            (people(group).count() as i64).into(),
            (weight / total).into(),
            (centre(0) / weight).into(),
            (centre(1) / weight).into(),
        ]
    });
    let hulls = (0..clusters.count).flat_map(|group| {
        let points: Vec<_> = people(group).map(|at| projection.points[at]).collect();
        let corner =
            move |(order, [x, y]): (i64, [f64; 2])| vec![label(group).into(), order.into(), x.into(), y.into()];
        (1..).zip(hull(&points)).map(corner)
    });
    let mut order: Vec<usize> = (0..voters.len()).collect();
    order.sort_by_key(|&at| voters[at].participant);
    let map = order.iter().take(parameters.max_points).map(|&at| {
        let [x, y] = projection.points[at];
        vec![
            i64::from(voters[at].participant).into(),
            x.into(),
            y.into(),
            label(clusters.group[at]).into(),
            (voters[at].votes() as i64).into(),
        ]
    });
    let mut report = Report::default();
    report.tables.push(Table {
        id: "groups".into(),
        title: "Opinion groups".into(),
        columns: vec![
            Column::new("group", "Group", Unit::None),
            Column::new("n", "People", Unit::Count),
            Column::new("share", "Share of those grouped", Unit::Share),
            Column::new("x", "Middle, first direction", Unit::Score),
            Column::new("y", "Middle, second direction", Unit::Score),
        ],
        rows: sizes.collect(),
    });
    report.tables.push(Table {
        id: "map".into(),
        title: "Participants on the map".into(),
        columns: vec![
            Column::new("participant", "Participant, by place in the snapshot", Unit::Count),
            Column::new("x", "First direction", Unit::Score),
            Column::new("y", "Second direction", Unit::Score),
            Column::new("group", "Group", Unit::None),
            Column::new("votes", "Votes", Unit::Count),
        ],
        rows: map.collect(),
    });
    report.tables.push(Table {
        id: "hulls".into(),
        title: "Corners of the groups on the map".into(),
        columns: vec![
            Column::new("group", "Group", Unit::None),
            Column::new("order", "Corner, against the clock", Unit::Count),
            Column::new("x", "First direction", Unit::Score),
            Column::new("y", "Second direction", Unit::Score),
        ],
        rows: hulls.collect(),
    });
    report.tables.push(Table {
        id: "silhouettes".into(),
        title: "How well each number of groups fits".into(),
        columns: vec![
            Column::new("count", "Groups", Unit::Count),
            Column::new("silhouette", "Silhouette", Unit::Correlation),
        ],
        rows: clusters.silhouettes.iter().map(|&(k, s)| vec![Cell::Int(k as i64), s.into()]).collect(),
    });
    report.charts.push(Chart {
        id: "map".into(),
        title: "Who votes alike".into(),
        kind: ChartKind::Scatter,
        table: "map".into(),
        x: "x".into(),
        y: "y".into(),
        group: Some("group".into()),
        value: None,
    });
    let scalar = |id: &str, label: &str, unit, value: Cell| Scalar { id: id.into(), label: label.into(), unit, value };
    let best = clusters.silhouettes.iter().find(|(k, _)| *k == clusters.count).map(|(_, s)| *s);
    report.scalars.push(scalar("groups", "Groups", Unit::Count, (clusters.count as i64).into()));
    report.scalars.push(scalar("silhouette", "Silhouette", Unit::Correlation, best.into()));
    report.scalars.push(scalar("grouped", "People grouped", Unit::Count, (voters.len() as i64).into()));
    report.scalars.push(scalar(
        "ungrouped",
        "People with too few votes",
        Unit::Count,
        (everybody.others as i64).into(),
    ));
    report.scalars.push(scalar("first", "Variance along x", Unit::Share, projection.explained[0].into()));
    report.scalars.push(scalar("second", "Variance along y", Unit::Share, projection.explained[1].into()));
    report.scalars.push(scalar("passes", "Passes of the iteration", Unit::Count, (projection.passes as i64).into()));
    add_notes(report, grouping, parameters)
}

fn add_notes(mut report: Report, grouping: &Grouping, parameters: Parameters) -> Report {
    let Grouping { voters, projection, clusters } = grouping;
    let people = voters.list.len();
    report.notes.push(Note::warning(
        "exploratory",
        "groups are a way to look at the votes: they depend on which statements were put, and confirm nothing about \
         the votes they are made from",
    ));
    if !projection.converged {
        let words = format!(
            "the components had not settled after {} passes over the votes; the map is approximate",
            projection.passes
        );
        report.notes.push(Note::warning("not_converged", words));
    }
    if !clusters.settled {
        let words = "people still changed groups when the search for them was broken off; the groups are approximate";
        report.notes.push(Note::warning("groups_not_settled", words));
    }
    if people > parameters.max_points {
        let words = format!("the map shows {} of {people} participants", parameters.max_points);
        report.notes.push(Note::info("map_cut", words));
    }
    report
}

#[cfg(test)]
mod tests {
    use folkmoot_fold::rows::{Row, run};

    use super::*;
    use crate::contract::WEIGHT_ONE;
    use crate::testing::{config, votes_item};

    /// Camps of so many people, each of this weight, who vote on ten statements; each camp is of one mind,
    /// but people leave some out and pass on some. Every tenth person does it alike.
    fn camps(camps: &[(u32, i64)]) -> Result<Report, MethodError> {
        let sides = [b"AAAAADDDDD", b"DDDDDAAAAA", b"ADADADADAD"];
        let mut people = Vec::new();
        for (camp, &(count, weight)) in camps.iter().enumerate() {
            (0..count).for_each(|person| people.push((sides[camp], person as usize, weight)));
        }
        let mut rows = Vec::new();
        for item in 0..10_usize {
            for (participant, &(votes, person, weight)) in (0..).zip(&people) {
                let whim = (person % 10 + 3).pow(3) * (item + 2).pow(2) % 11;
                let vote = if whim == 5 { b'P' } else { votes[item] };
                if whim != 3 {
                    let (item, weight) = (item as u32, weight * WEIGHT_ONE);
                    rows.push(Row { item, participant, strata: Vec::new(), weight, answer: vec![vote] });
                }
            }
        }
        let items: Vec<_> = (0..10).map(|item| votes_item(&item.to_string())).collect();
        run(&OpinionGroups, &config(&OpinionGroups, &json!({}), &items, 0), &rows)
    }

    fn sizes(report: &Report) -> Vec<i64> {
        let rows = &report.table("groups").unwrap().rows;
        rows.iter().map(|row| if let Cell::Int(n) = row[1] { n } else { unreachable!("a count") }).collect()
    }

    #[test]
    fn camps_are_found_and_none_of_fewer_than_five_whatever_they_weigh() {
        let check = |people: &[(u32, i64)], want: Option<&[i64]>| {
            let found = camps(people);
            assert_eq!(found.as_ref().ok().map(sizes).as_deref(), want, "{people:?}: {found:?}");
        };
        check(&[(30, 1), (20, 1)], Some(&[30, 20]));
        check(&[(30, 1), (20, 1), (40, 1)], Some(&[40, 30, 20]));
        check(&[(30, 1), (5, 9)], Some(&[30, 5]));
        check(&[(4, 9), (4, 9)], None);
        check(&[(9, 9)], None);
    }

    #[test]
    fn it_says_that_it_is_exploratory_and_draws_a_hull_around_each_group() {
        let report = camps(&[(30, 1), (20, 1)]).unwrap();
        assert!(report.notes.iter().any(|note| note.code == "exploratory"));
        let map = report.table("map").unwrap();
        let hulls = report.table("hulls").unwrap();
        for group in ["A", "B"] {
            let corners: Vec<_> = hulls.rows.iter().filter(|row| row[0].as_str() == Some(group)).collect();
            assert!((3..=10).contains(&corners.len()));
            let on_map =
                |corner: &[Cell]| map.rows.iter().any(|row| row[1..4] == [&corner[2..4], &corner[..1]].concat());
            assert!(corners.iter().all(|corner| on_map(corner)));
        }
    }

    #[test]
    fn a_person_of_weight_two_moves_the_map_as_two_people_do() {
        let scalar = |report: &Report, id: &str| {
            report.scalars.iter().find(|scalar| scalar.id == id).and_then(|scalar| scalar.value.as_f64()).unwrap()
        };
        let (heavy, many) = (camps(&[(10, 2), (20, 1)]).unwrap(), camps(&[(20, 1), (20, 1)]).unwrap());
        for id in ["first", "second"] {
            assert!((scalar(&heavy, id) - scalar(&many, id)).abs() < 1e-12, "{id}");
        }
        let share = |report: &Report| report.table("groups").unwrap().rows[0][2].as_f64().unwrap();
        assert!((share(&heavy) - 0.5).abs() < 1e-12 && (share(&many) - 0.5).abs() < 1e-12);
    }
}
