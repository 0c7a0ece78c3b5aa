//! What the store does with plugins.

use folkmoot_core::{Sha256Hash, Timestamp};
use folkmoot_methods::Registry;

use super::ALL;
use crate::model::{Disabled, Plugin, Signature};
use crate::store::plugins::{Registered, Reply};
use crate::store::{Slice, Store};

pub(super) fn plugin(id: &str, version: &str, bytes: &[u8]) -> Plugin {
    let mut descriptor = Registry::builtin().list().remove(0);
    (descriptor.id, descriptor.version) = (id.to_owned(), version.to_owned());
    Plugin {
        component: Sha256Hash::of(bytes),
        descriptor,
        bytes: bytes.len() as u64,
        world: "0.1.0".to_owned(),
        signature: None,
        created: Timestamp::from_millis(1000),
        disabled: None,
    }
}

fn reply(request_id: &str, bytes: &[u8]) -> Reply {
    Reply {
        request_id: request_id.to_owned(),
        fingerprint: Sha256Hash::of(request_id.as_bytes()),
        bytes: bytes.to_vec(),
    }
}

pub(super) async fn suite(store: &Store) {
    plugins_are_kept_once_and_for_their_tenant(store).await;
    an_id_and_version_belong_to_one_component(store).await;
    a_plugin_is_disabled_once(store).await;
    long_descriptions_come_in_shorter_pages(store).await;
}

async fn plugins_are_kept_once_and_for_their_tenant(store: &Store) {
    let signature = Signature { signature: [1; 64], public_key: [2; 32] };
    let first = Plugin { signature: Some(signature), ..plugin("mean", "1.0.0", b"first") };
    let again = Plugin { signature: None, created: Timestamp::from_millis(9), ..first.clone() };
    let answer = reply("once", b"answer");
    assert!(!store.has_component(first.component).await.unwrap());
    assert_eq!(store.register_plugin("p1", &first, Some(&answer)).await.unwrap(), Registered::Done);
    assert_eq!(store.register_plugin("p1", &again, None).await.unwrap(), Registered::Done);
    assert_eq!(store.plugin("p1", first.component).await.unwrap(), Some(first.clone()), "the first one stays");
    assert!(store.has_component(first.component).await.unwrap());
    assert_eq!(store.reply("p1", "once").await.unwrap(), Some(answer));

    assert_eq!(store.plugin("p2", first.component).await.unwrap(), None);
    assert_eq!(store.plugins_of_id("p2", "mean").await.unwrap(), []);
    assert_eq!(store.plugins("p2", ALL).await.unwrap().entries, []);
    assert_eq!(store.enabled_plugins("p2").await.unwrap(), []);
    assert_eq!(store.reply("p2", "once").await.unwrap(), None);

    let second = plugin("mean", "2.0.0", b"second");
    let other = plugin("median", "1.0.0", b"other");
    for plugin in [&second, &other] {
        store.register_plugin("p1", plugin, None).await.unwrap();
    }
    assert_eq!(store.plugins_of_id("p1", "mean").await.unwrap(), [first.clone(), second.clone()]);
    let page = store.plugins("p1", Slice { limit: 2, before: None }).await.unwrap();
    assert_eq!(page.entries, [other.clone(), second.clone()]);
    let rest = store.plugins("p1", Slice { limit: 2, before: page.next }).await.unwrap();
    assert_eq!((rest.entries, rest.next), (vec![first.clone()], None));
    assert_eq!(store.enabled_plugins("p1").await.unwrap(), [first, second, other]);
}

async fn an_id_and_version_belong_to_one_component(store: &Store) {
    let first = plugin("mean", "1.0.0", b"first");
    let other = plugin("mean", "1.0.0", b"other bytes");
    let answer = reply("refused", b"");
    store.register_plugin("p3", &first, None).await.unwrap();
    let refused = store.register_plugin("p3", &other, Some(&answer)).await.unwrap();
    assert_eq!(refused, Registered::Conflict(first.component));
    assert_eq!(store.plugin("p3", other.component).await.unwrap(), None);
    assert_eq!(store.reply("p3", "refused").await.unwrap(), None, "a refusal is not remembered");
    assert!(!store.has_component(other.component).await.unwrap());
    assert_eq!(store.register_plugin("p4", &other, None).await.unwrap(), Registered::Done);
}

async fn a_plugin_is_disabled_once(store: &Store) {
    let plugin = plugin("mean", "1.0.0", b"first");
    let disabled = |at, reason: &str| Disabled { at: Timestamp::from_millis(at), reason: reason.to_owned() };
    for tenant in ["p5", "p6"] {
        store.register_plugin(tenant, &plugin, None).await.unwrap();
    }
    let (first, second) = (disabled(1, "wrong"), disabled(2, "still wrong"));
    store.disable_plugin("p5", plugin.component, &first, Some(&reply("off", b"off"))).await.unwrap();
    store.disable_plugin("p5", plugin.component, &second, None).await.unwrap();
    let want = Plugin { disabled: Some(first), ..plugin.clone() };
    assert_eq!(store.plugin("p5", plugin.component).await.unwrap(), Some(want.clone()));
    assert_eq!(store.plugins("p5", ALL).await.unwrap().entries, vec![want.clone()]);
    assert_eq!(store.plugins_of_id("p5", "mean").await.unwrap(), [want]);
    assert_eq!(store.enabled_plugins("p5").await.unwrap(), []);
    assert_eq!(store.reply("p5", "off").await.unwrap(), Some(reply("off", b"off")));
    assert_eq!(store.enabled_plugins("p6").await.unwrap(), [plugin]);
}

async fn long_descriptions_come_in_shorter_pages(store: &Store) {
    for place in 0..3 {
        let mut plugin = plugin("long", &format!("{place}.0.0"), &[place]);
        plugin.descriptor.answers = "?".repeat(1_500_000);
        store.register_plugin("p7", &plugin, None).await.unwrap();
    }
    let page = store.plugins("p7", ALL).await.unwrap();
    assert_eq!(page.entries.len(), 1, "two would not fit a message");
    assert!(page.next.is_some());
}
