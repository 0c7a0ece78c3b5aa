//! What the method says of itself, and the schema of its parameters.

use folkmoot_plugin_sdk::{Descriptor, Law, Segments, json};

/// Kinds of item whose options have a share.
pub(crate) const KINDS: [&str; 5] = ["vote", "choose", "approve", "pair", "rank"];

/// The descriptor.
///
/// Two laws hold whatever the parameters. Anonymity does not: a draw goes by participants' numbers.
/// Duplication does not: minimum, quotas and suppression count people, not weight.
pub(crate) fn descriptor() -> Descriptor {
    Descriptor {
        id: "quota-sampling".into(),
        version: "1.0.0".into(),
        title: "Quota-weighted regional sampling".into(),
        answers: "What would the shares be if every region were heard in proportion to its population, and what does \
                  correcting for it cost in precision?"
            .into(),
        assumes:
            "Within a region (and a level of the second attribute) those who answered are like those who did not. \
                  Targets are shares of the population. Everybody whose region is unknown can be left out."
                .into(),
        avoid_when: "Those who answered differ from those who did not for reasons that the attributes do not tell: no \
                     weight mends that. For shares as they are, take shares."
            .into(),
        source:
            "Quotas: largest remainder (Hamilton). Weights: poststratification (Holt and Smith 1979), raking (Deming \
                 and Stephan 1940), limits inside the calibration (Deville and Särndal 1992). Precision: Kish 1965; \
                 linearised standard errors (Deville and Särndal 1992); Wilson 1927 with the effective n (Korn and \
                 Graubard 1998)"
                .into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: json!({
            "type": "object",
            "properties": {
                "mode": {
                    "type": "string", "enum": ["select", "weight", "both"], "default": "weight",
                    "description": "draw a sample to quotas, weight everybody to the targets, or draw and then weight",
                },
                "size": {
                    "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u64, "default": 0,
                    "description": "people to draw; 0 for as many as the quotas allow",
                },
                "minimum": {
                    "type": "integer", "minimum": 1, "maximum": 4_294_967_295_u64, "default": 1,
                    "description": "least people of a region; quotas below it are raised to it",
                },
                "empty_region": {
                    "type": "string", "enum": ["fail", "collapse"], "default": "fail",
                    "description": "what becomes of a region with fewer people than the minimum",
                },
                "collapse_into": {
                    "type": "string", "default": "",
                    "description": "which region takes the people and the target of one with too few: \
                                    \"north>south; east>south\"",
                },
                "trim": {
                    "type": "number", "minimum": 0, "maximum": 1_000_000, "default": 0,
                    "description": "largest weight as a multiple of the mean weight; 0 for no limit",
                },
                "rake_tolerance": {
                    "type": "number", "minimum": 1e-12, "maximum": 0.01, "default": 1e-8,
                    "description": "how far a weighted share may be from its target after raking on two attributes",
                },
                "rake_iterations": {
                    "type": "integer", "minimum": 1, "maximum": 100_000, "default": 1000,
                    "description": "most rounds of raking on two attributes",
                },
                "level": {
                    "type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95,
                    "description": "confidence of the intervals",
                },
            },
            "additionalProperties": false,
        }),
        max_passes: 2,
        segments: Segments::Method,
        bootstrap: false,
        participants: true,
        laws: vec![Law::Neutrality, Law::WeightScale],
    }
}
