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
    add_notes(report, projection, voters.len(), parameters)
}

fn add_notes(mut report: Report, projection: &Projection, people: usize, parameters: Parameters) -> Report {
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
    if people > parameters.max_points {
        let words = format!("the map shows {} of {people} participants", parameters.max_points);
        report.notes.push(Note::info("map_cut", words));
    }
    report
}
