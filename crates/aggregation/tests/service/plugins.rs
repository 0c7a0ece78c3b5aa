//! Plugins come in, are shown, and go out of use.

use ed25519_dalek::{Signer, SigningKey};
use folkmoot_client::{Folkmoot, Signed, download, upload_plugin};
use folkmoot_core::{Fault, Reason, Sha256Hash};
use folkmoot_plugin_fixtures::{Turnout, hostile, turnout};
use folkmoot_proto::plugin::register_plugin_request::Part;
use folkmoot_proto::plugin::*;
use prost::Message;
use tonic::{Code, Status};

use crate::common::*;

/// What the server answers to these messages.
async fn send(folkmoot: &mut Folkmoot, parts: Vec<Option<Part>>) -> Result<Plugin, Status> {
    let messages = parts.into_iter().map(|part| RegisterPluginRequest { part });
    let messages: Vec<RegisterPluginRequest> = messages.collect();
    folkmoot.plugins.register_plugin(tokio_stream::iter(messages)).await.map(|answer| answer.into_inner())
}

fn header(component: &[u8]) -> RegisterPluginHeader {
    RegisterPluginHeader {
        sha256: Sha256Hash::of(component).to_string(),
        size_bytes: component.len() as i64,
        ..RegisterPluginHeader::default()
    }
}

fn pieces(header: RegisterPluginHeader, component: &[u8], size: usize) -> Vec<Option<Part>> {
    let data = component.chunks(size).map(|data| Some(Part::Data(data.to_vec())));
    std::iter::once(Some(Part::Header(header))).chain(data).collect()
}

async fn upload(folkmoot: &mut Folkmoot, component: Vec<u8>) -> Result<Plugin, Fault> {
    upload_plugin(&mut folkmoot.plugins, component, None, "").await
}

async fn disable(folkmoot: &mut Folkmoot, name: &str, request_id: &str) -> Result<Plugin, Status> {
    let ask = DisablePluginRequest { name: name.into(), reason: "it is wrong".into(), request_id: request_id.into() };
    folkmoot.plugins.disable_plugin(ask).await.map(|answer| answer.into_inner())
}

async fn list(folkmoot: &mut Folkmoot) -> Vec<Plugin> {
    folkmoot.plugins.list_plugins(ListPluginsRequest::default()).await.unwrap().into_inner().plugins
}

#[tokio::test]
async fn a_plugin_is_named_by_its_hash_and_read_back_as_it_came() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let component = turnout();
    let plugin = send(&mut folkmoot, pieces(header(&component), &component, 100)).await.unwrap();
    let hash = Sha256Hash::of(&component).to_string();
    assert_eq!(plugin.name, format!("plugins/{hash}"));
    assert_eq!((plugin.size_bytes, plugin.world_version.as_str()), (component.len() as i64, "0.1.0"));
    assert_eq!((plugin.state(), plugin.signature.len(), plugin.public_key.len()), (PluginState::Enabled, 0, 0));
    assert!(plugin.create_time.is_some() && plugin.disable_time.is_none());
    let method = plugin.method.clone().unwrap();
    assert_eq!((method.id.as_str(), method.version.as_str(), &method.component), ("turnout", "1.0.0", &hash));
    assert_eq!((method.name.as_str(), method.kinds), (plugin.name.as_str(), vec!["vote".to_owned()]));
    assert!(method.parameters_schema.contains("least"));

    let ask = GetPluginRequest { name: plugin.name.clone() };
    assert_eq!(folkmoot.plugins.get_plugin(ask).await.unwrap().into_inner(), plugin);
    assert_eq!(world.components(), [format!("{hash}.wasm")]);
    let ask = ReadPluginRequest { name: plugin.name.clone() };
    let stream = folkmoot.plugins.read_plugin(ask).await.unwrap().into_inner();
    let written = download(stream, &world.folder.path().join("out")).await.unwrap();
    assert!(written[0].ends_with(format!("{hash}.wasm")));
    assert_eq!(std::fs::read(&written[0]).unwrap(), component);
}

#[tokio::test]
async fn the_same_bytes_again_are_the_same_plugin_as_it_is() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let once = upload_plugin(&mut folkmoot.plugins, turnout(), None, "once").await.unwrap();
    assert_eq!(upload(&mut folkmoot, turnout()).await.unwrap(), once);
    let disabled = disable(&mut folkmoot, &once.name, "off").await.unwrap();
    assert_eq!((disabled.state(), disabled.disable_reason.as_str()), (PluginState::Disabled, "it is wrong"));
    assert!(disabled.disable_time.is_some());
    assert_eq!(upload(&mut folkmoot, turnout()).await.unwrap(), disabled, "it stays disabled");
    assert_eq!(disable(&mut folkmoot, &once.name, "").await.unwrap(), disabled, "and as it was disabled first");

    // Retries get the same bytes, whatever happened since, also from another process.
    let restarted = start_in(world.folder.clone(), world.peers.clone()).await;
    for mut folkmoot in [folkmoot, restarted.tenant(TENANT)] {
        let retried = upload_plugin(&mut folkmoot.plugins, turnout(), None, "once").await.unwrap();
        assert_eq!(retried.encode_to_vec(), once.encode_to_vec());
        assert_eq!(disable(&mut folkmoot, &once.name, "off").await.unwrap().encode_to_vec(), disabled.encode_to_vec());
        let other = Turnout { id: "other".into(), ..Turnout::default() }.component();
        let refused = upload_plugin(&mut folkmoot.plugins, other, None, "once").await.unwrap_err();
        assert_eq!(refused.reason, Reason::IdempotencyConflict);
        let refused = disable(&mut folkmoot, &once.name, "once").await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".into(), vec![]));
    }
}

#[tokio::test]
async fn an_upload_that_is_not_what_it_says_is_refused_and_nothing_of_it_stays() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let component = turnout();
    let mut check = async |parts: Vec<Option<Part>>, code: Code, reason: &str, fields: &[&str]| {
        let shown = format!("{:?}", parts.first());
        let (got_code, got_reason, got_fields) = refusal(&send(&mut folkmoot, parts).await.unwrap_err());
        assert_eq!((got_code, got_reason.as_str()), (code, reason), "{shown}");
        assert_eq!(got_fields, fields, "{shown}");
    };
    let bad = Code::InvalidArgument;
    let good = header(&component);
    let data = || Some(Part::Data(component.clone()));
    check(vec![], bad, "FIELD_REQUIRED", &["header"]).await;
    check(vec![None], bad, "FIELD_REQUIRED", &["header"]).await;
    check(vec![data()], bad, "FIELD_REQUIRED", &["header"]).await;
    let twice = || Some(Part::Header(good.clone()));
    check(vec![twice(), twice()], bad, "BAD_FIELD", &["header"]).await;
    check(vec![twice(), None], bad, "FIELD_REQUIRED", &["data"]).await;
    check(vec![twice(), Some(Part::Data(vec![]))], bad, "FIELD_REQUIRED", &["data"]).await;
    check(vec![twice(), Some(Part::Data(vec![0; (1 << 20) + 1]))], bad, "BAD_FIELD", &["data"]).await;
    let huge = vec![twice(), Some(Part::Data(vec![0; 2 << 20]))];
    check(huge, Code::ResourceExhausted, "MESSAGE_TOO_LARGE", &[]).await;

    let of = |header| pieces(header, &component, 1000);
    let all = ["header.sha256", "header.size_bytes", "header.signature", "header.request_id"];
    let everything =
        RegisterPluginHeader { signature: vec![1], request_id: "a b".into(), ..RegisterPluginHeader::default() };
    check(of(everything), bad, "FIELD_REQUIRED", &all).await;
    check(of(RegisterPluginHeader { sha256: "12".into(), ..good.clone() }), bad, "BAD_FIELD", &all[..1]).await;
    let wrong = RegisterPluginHeader { sha256: Sha256Hash::of(b"x").to_string(), ..good.clone() };
    check(of(wrong), bad, "DATA_CORRUPT", &all[..1]).await;
    for size_bytes in [good.size_bytes - 1, good.size_bytes + 1] {
        check(of(RegisterPluginHeader { size_bytes, ..good.clone() }), bad, "BAD_FIELD", &all[1..2]).await;
    }
    let large = RegisterPluginHeader { size_bytes: (1 << 20) + 1, ..good.clone() };
    check(of(large), Code::ResourceExhausted, "MESSAGE_TOO_LARGE", &[]).await;

    // It is refused before it came, while it is still being sent.
    for _ in 0..5 {
        let refused = upload(&mut folkmoot, vec![0; 16 << 20]).await.unwrap_err();
        assert_eq!(refused.reason, Reason::MessageTooLarge);
        assert!(refused.message.contains("component_bytes = 1048576"), "{refused:?}");
    }

    assert_eq!(world.components(), Vec::<String>::new());
    assert_eq!(list(&mut folkmoot).await, vec![]);
}

#[tokio::test]
async fn a_signature_is_checked_and_shown() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let key = SigningKey::from_bytes(&[3; 32]);
    let component = turnout();
    let message = [b"folkmoot/plugin/v1\0".as_slice(), Sha256Hash::of(&component).as_bytes()].concat();
    let signed = Signed {
        signature: key.sign(&message).to_bytes().to_vec(),
        public_key: key.verifying_key().to_bytes().to_vec(),
    };
    let other = SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes().to_vec();
    let forged = Signed { public_key: other, ..signed.clone() };
    let refused = upload_plugin(&mut folkmoot.plugins, component.clone(), Some(forged), "").await.unwrap_err();
    assert_eq!((refused.reason, refused.violations[0].field.as_str()), (Reason::BadSignature, "header.signature"));
    assert_eq!(list(&mut folkmoot).await, vec![]);

    let plugin = upload_plugin(&mut folkmoot.plugins, component, Some(signed.clone()), "").await.unwrap();
    assert_eq!((plugin.signature, plugin.public_key), (signed.signature, signed.public_key));
    let unsigned = upload(&mut folkmoot, turnout()).await.unwrap();
    assert_eq!(unsigned.signature.len(), 64, "the signature is the first one's");
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_at_registration() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let mut check = async |component: Vec<u8>, reason: Reason, words: &str| {
        let refused = upload(&mut folkmoot, component).await.unwrap_err();
        assert_eq!(refused.reason, reason, "{refused:?}");
        assert!(refused.message.contains(words), "{words:?} is not in {:?}", refused.message);
    };
    check(b"<html>".to_vec(), Reason::BadPlugin, "not WebAssembly").await;
    check(hostile::core_module(), Reason::BadPlugin, "plugin build").await;
    check(hostile::memory64(), Reason::BadPlugin, "does not compile").await;
    check(turnout()[..900].to_vec(), Reason::BadPlugin, "does not compile").await;
    check(hostile::asks_the_time(), Reason::BadPlugin, "wasi:clocks/monotonic-clock").await;
    check(hostile::imports_a_function(), Reason::BadPlugin, "imports \"help\"").await;
    check(hostile::no_method(), Reason::BadPlugin, "does not export folkmoot:method/method").await;
    check(hostile::future_version(), Reason::BadPlugin, "a version this host does not know").await;
    check(hostile::empty_method(), Reason::BadPlugin, "method").await;
    check(hostile::many_memories(), Reason::PluginBudget, "memories = 4").await;
    check(hostile::endless_start(), Reason::PluginBudget, "fuel").await;
    check(hostile::endless_describe(), Reason::PluginBudget, "describe used up its fuel").await;
    let bad = Turnout { id: "Bad Id".into(), version: "1".into(), ..Turnout::default() };
    check(bad.component(), Reason::BadPlugin, "2 violations").await;
    let words = format!(r#"{{"type":"object","description":"{}"}}"#, "x".repeat(66_000));
    let wordy = Turnout { parameters: words, ..Turnout::default() };
    check(wordy.component(), Reason::BadPlugin, "at most 65536 are kept").await;

    assert_eq!(world.components(), Vec::<String>::new());
    assert_eq!(list(&mut folkmoot).await, vec![]);
    assert!(upload(&mut folkmoot, turnout()).await.is_ok(), "a sound one is still welcome");
}

#[tokio::test]
async fn an_id_and_version_mean_the_same_bytes_for_ever() {
    let world = start().await;
    let (mut city, mut lab) = (world.tenant(TENANT), world.tenant("lab"));
    let first = upload(&mut city, turnout()).await.unwrap();
    let other = || Turnout { update: "(nop)".into(), ..Turnout::default() }.component();
    disable(&mut city, &first.name, "").await.unwrap();
    let refused = send(&mut city, pieces(header(&other()), &other(), 1000)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::AlreadyExists, "PLUGIN_CONFLICT".into(), vec![]));
    assert!(refused.message().contains(&first.name), "{refused:?}");
    let details = tonic_types::StatusExt::get_error_details(&refused);
    let component = &details.error_info().unwrap().metadata["component"];
    assert_eq!(format!("plugins/{component}"), first.name);
    assert_eq!(world.components().len(), 1, "nothing of the refused one stays");

    // Another tenant has its own names, and the same bytes lie there once.
    let theirs = upload(&mut lab, other()).await.unwrap();
    assert_eq!(world.components().len(), 2);
    assert_eq!(upload(&mut lab, turnout()).await.unwrap_err().reason, Reason::PluginConflict);
    assert_eq!(upload(&mut city, other()).await.unwrap_err().reason, Reason::PluginConflict);
    assert_eq!(world.components().len(), 2, "what another tenant has stays");
    assert_eq!(list(&mut lab).await, vec![theirs]);
}

#[tokio::test]
async fn another_tenants_plugins_do_not_exist() {
    let world = start().await;
    let (mut city, mut lab) = (world.tenant(TENANT), world.tenant("lab"));
    let plugin = upload(&mut city, turnout()).await.unwrap();
    let check = |refused: Status| {
        assert_eq!(refusal(&refused), (Code::NotFound, "RESOURCE_NOT_FOUND".into(), vec![]));
    };
    let name = plugin.name.clone();
    check(lab.plugins.get_plugin(GetPluginRequest { name: name.clone() }).await.unwrap_err());
    check(lab.plugins.read_plugin(ReadPluginRequest { name: name.clone() }).await.unwrap_err());
    check(disable(&mut lab, &name, "").await.unwrap_err());
    assert_eq!(list(&mut lab).await, vec![]);

    upload(&mut lab, turnout()).await.unwrap();
    disable(&mut lab, &name, "").await.unwrap();
    assert_eq!(list(&mut city).await, vec![plugin], "what the other does with the same bytes is its own");
    assert_eq!(world.components().len(), 1);
}

#[tokio::test]
async fn names_reasons_and_pages_are_checked() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let mut all = Vec::new();
    for version in ["1.0.0", "1.1.0", "2.0.0"] {
        let component = Turnout { version: version.into(), ..Turnout::default() }.component();
        all.insert(0, upload(&mut folkmoot, component).await.unwrap());
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let ask = ListPluginsRequest { page_size: 2, page_token };
        let page = folkmoot.plugins.list_plugins(ask).await.unwrap().into_inner();
        seen.extend(page.plugins);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, all);
    let ask = ListPluginsRequest { page_size: 1, page_token: "zz".into() };
    let refused = folkmoot.plugins.list_plugins(ask).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "BAD_PAGE_TOKEN".into(), vec!["page_token".into()]));

    let name = all[0].name.clone();
    let mut check = async |name: &str, words: &str, reason: &str, field: &str| {
        let ask = DisablePluginRequest { name: name.into(), reason: words.into(), ..Default::default() };
        let refused = folkmoot.plugins.disable_plugin(ask).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::InvalidArgument, reason.into(), vec![field.into()]), "{name:?} {words:?}");
    };
    check("", "why", "FIELD_REQUIRED", "name").await;
    check("plugins/-", "why", "BAD_NAME", "name").await;
    check("plugins/turnout", "why", "BAD_NAME", "name").await;
    check("methods/turnout", "why", "BAD_NAME", "name").await;
    check(&name, " ", "FIELD_REQUIRED", "reason").await;
    check(&name, "a\0", "BAD_TEXT", "reason").await;
    check(&name, &"x".repeat(1001), "TEXT_TOO_LONG", "reason").await;
}

#[tokio::test]
async fn bytes_that_changed_are_found_out_and_healed_by_the_next_upload() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let plugin = upload(&mut folkmoot, turnout()).await.unwrap();
    let file = world.folder.path().join("components").join(&world.components()[0]);
    for damage in [Some(b"other".to_vec()), None] {
        match damage {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let ask = ReadPluginRequest { name: plugin.name.clone() };
        let refused = folkmoot.plugins.read_plugin(ask.clone()).await.unwrap_err();
        assert_eq!(refusal(&refused), (Code::DataLoss, "DATA_CORRUPT".into(), vec![]));
        assert_eq!(upload(&mut folkmoot, turnout()).await.unwrap(), plugin);
        assert!(folkmoot.plugins.read_plugin(ask).await.is_ok());
    }
}

#[tokio::test]
async fn what_a_dead_process_left_half_registered_is_gone() {
    let world = start().await;
    let mut folkmoot = world.tenant(TENANT);
    let plugin = upload(&mut folkmoot, turnout()).await.unwrap();
    let folder = world.folder.path().join("components");
    std::fs::write(folder.join(".incoming-dead"), b"half").unwrap();
    std::fs::write(folder.join(format!("{}.wasm", Sha256Hash::of(b"x"))), b"x").unwrap();

    let restarted = start_in(world.folder.clone(), world.peers.clone()).await;
    assert_eq!(list(&mut restarted.tenant(TENANT)).await, vec![plugin]);
    assert_eq!(restarted.components().len(), 1);
}

#[tokio::test]
async fn many_uploads_of_the_same_component_at_once_are_one_plugin() {
    let world = start().await;
    let mut uploads = tokio::task::JoinSet::new();
    for number in 0..8 {
        let mut folkmoot = world.tenant(TENANT);
        let id = format!("upload-{number}");
        uploads.spawn(async move { upload_plugin(&mut folkmoot.plugins, turnout(), None, &id).await.unwrap() });
    }
    let answers = uploads.join_all().await;
    assert!(answers.iter().all(|plugin| *plugin == answers[0]), "{answers:?}");
    assert_eq!(world.components().len(), 1);
}
