//! Specs.

use folkmoot_core::id::check_id;
use folkmoot_core::{Fault, Reason};
use folkmoot_proto::spec as wire;
use folkmoot_rpc::{etag, names as rpc_names};

use super::{List, Plan, SpecService, Write, exists};
use crate::check::{Check, MAX_TITLE_CHARS};
use crate::model::Spec;
use crate::store::Effect;
use crate::{convert, names};

impl SpecService {
    pub(crate) async fn create_spec(
        &self,
        tenant: &str,
        message: wire::CreateSpecRequest,
    ) -> Result<wire::Spec, Fault> {
        let mut check = Check::of_request(&message.request_id);
        check.take(check_id("spec_id", &message.spec_id, false));
        let given = message.spec.clone().unwrap_or_default();
        let title = check.needed_text("spec.title", &given.title, MAX_TITLE_CHARS, Reason::FieldRequired);
        check.done()?;

        let (id, title) = (&message.spec_id, &title);
        let plan = || async move {
            if self.store().spec(tenant, id).await?.is_some() {
                return Err(exists(names::spec(id)));
            }
            let created = self.context().now();
            let spec = Spec { id: id.clone(), title: title.clone(), head: None, version: 1, created };
            let answer = convert::spec(&spec);
            let changed = vec![answer.name.clone()];
            Ok(Plan { spec: id.clone(), version: None, effects: vec![Effect::SetSpec(spec)], changed, answer })
        };
        self.write(Write::new(tenant, "CreateSpec", &message.request_id, &message), plan).await
    }

    pub(crate) async fn get_spec(&self, tenant: &str, message: wire::GetSpecRequest) -> Result<wire::Spec, Fault> {
        let [id] = rpc_names::parse("name", "specs/*", &message.name)?;
        Ok(convert::spec(&self.spec(tenant, id).await?))
    }

    pub(crate) async fn list_specs(
        &self,
        tenant: &str,
        message: wire::ListSpecsRequest,
    ) -> Result<wire::ListSpecsResponse, Fault> {
        let list = List::read(tenant, "specs".to_owned(), message.page_size, &message.page_token)?;
        let found = self.store().specs(tenant, &list.page).await?;
        let (specs, next_page_token) = list.cut(found, |spec| &spec.id, convert::spec);
        Ok(wire::ListSpecsResponse { specs, next_page_token })
    }

    pub(crate) async fn update_spec(
        &self,
        tenant: &str,
        message: wire::UpdateSpecRequest,
    ) -> Result<wire::Spec, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let given = message.spec.clone().unwrap_or_default();
        let id = check.name("spec.name", "specs/*", &given.name).map(|[id]| id);
        let title = check.needed_text("spec.title", &given.title, MAX_TITLE_CHARS, Reason::FieldRequired);
        for path in message.update_mask.iter().flat_map(|mask| &mask.paths).filter(|path| *path != "title") {
            check.add("update_mask", Reason::BadField, format!("{path:?} cannot be changed, only title"));
        }
        check.done()?;

        let (id, title, given_etag) = (id.unwrap_or_default(), &title, &given.etag);
        let plan = || async move {
            let spec = self.spec(tenant, id).await?;
            etag::check(given_etag, &spec.etag(), "the spec")?;
            let version = Some(spec.version);
            let spec = Spec { title: title.clone(), ..spec };
            let answer = convert::spec(&spec);
            let changed = vec![answer.name.clone()];
            Ok(Plan { spec: spec.id.clone(), version, effects: vec![Effect::SetSpec(spec)], changed, answer })
        };
        self.write(Write::new(tenant, "UpdateSpec", &message.request_id, &message), plan).await
    }
}
