//! The contracts against the code that speaks them.

use std::collections::BTreeSet;

use folkmoot_core::Reason;
use folkmoot_proto::error::ErrorReason;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorSet};

#[test]
fn every_reason_of_the_code_is_in_the_contract_and_the_other_way_round() {
    let code: BTreeSet<String> = Reason::ALL.iter().map(|reason| format!("ERROR_REASON_{reason}")).collect();
    let contract: BTreeSet<String> =
        (1..).map_while(|number| ErrorReason::try_from(number).ok()).map(|r| r.as_str_name().to_owned()).collect();
    assert_eq!(code, contract);
}

#[test]
fn every_message_field_and_method_is_commented() {
    let descriptors = FileDescriptorSet::decode(folkmoot_proto::DESCRIPTORS).expect("the descriptor set");
    let mut silent = Vec::new();
    for file in descriptors.file.iter().filter(|file| file.name().starts_with("folkmoot/")) {
        let info = file.source_code_info.as_ref().expect("comments are kept");
        let commented: BTreeSet<&[i32]> = info
            .location
            .iter()
            .filter(|place| !place.leading_comments().trim().is_empty())
            .map(|place| place.path.as_slice())
            .collect();
        let mut want = |path: &[i32], what: String| {
            if !commented.contains(path) {
                silent.push(format!("{}: {what}", file.name()));
            }
        };
        for (m, message) in file.message_type.iter().enumerate() {
            check_message(message, &[4, place(m)], &mut want);
        }
        for (e, value_type) in file.enum_type.iter().enumerate() {
            want(&[5, place(e)], value_type.name().to_owned());
            for (v, value) in value_type.value.iter().enumerate() {
                want(&[5, place(e), 2, place(v)], value.name().to_owned());
            }
        }
        for (s, service) in file.service.iter().enumerate() {
            want(&[6, place(s)], service.name().to_owned());
            for (m, method) in service.method.iter().enumerate() {
                want(&[6, place(s), 2, place(m)], method.name().to_owned());
            }
        }
    }
    assert!(silent.is_empty(), "without a comment: {silent:#?}");
}

fn check_message(message: &DescriptorProto, path: &[i32], want: &mut impl FnMut(&[i32], String)) {
    // Entries of maps are made by the compiler.
    if message.options.as_ref().is_some_and(|options| options.map_entry()) {
        return;
    }
    want(path, message.name().to_owned());
    for (f, field) in message.field.iter().enumerate() {
        want(&[path, &[2, place(f)]].concat(), format!("{}.{}", message.name(), field.name()));
    }
    for (n, nested) in message.nested_type.iter().enumerate() {
        check_message(nested, &[path, &[3, place(n)]].concat(), want);
    }
}

fn place(index: usize) -> i32 {
    i32::try_from(index).expect("a small number")
}
