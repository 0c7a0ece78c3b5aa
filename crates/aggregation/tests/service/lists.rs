//! Lists, their pages and the methods.

use folkmoot_core::Sha256Hash;
use folkmoot_proto::aggregation::*;
use folkmoot_rpc::request;
use tonic::Code;

use crate::common::*;

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let mut names = Vec::new();
    for seed in 0..5 {
        names.insert(0, world.run(AnalysisSpec { seed, ..spec.clone() }).await.unwrap());
    }
    let mut client = world.client.clone();
    let (mut analyses, mut results, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let ask = ListAnalysesRequest { page_size: 2, page_token: token, snapshot: spec.snapshot.clone() };
        let page = client.list_analyses(request(TENANT, ask)).await.unwrap().into_inner();
        analyses.extend(page.analyses);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(analyses, names);
    loop {
        let ask = ListResultsRequest { parent: "analyses/-".into(), page_size: 2, page_token: token };
        let page = client.list_results(request(TENANT, ask)).await.unwrap().into_inner();
        results.extend(page.results.into_iter().map(|result| result.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(results, names.iter().map(|analysis| analysis.result.clone()).collect::<Vec<_>>());
    let other = ListAnalysesRequest { snapshot: snapshot_name(Sha256Hash::of(b"x")), ..Default::default() };
    assert_eq!(client.list_analyses(request(TENANT, other)).await.unwrap().into_inner().analyses, vec![]);
}

#[tokio::test]
async fn page_sizes_are_clamped_and_foreign_tokens_refused() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    world.run(spec.clone()).await.unwrap();
    world.run(spec).await.unwrap();
    let mut client = world.client.clone();
    let huge = ListAnalysesRequest { page_size: 1_000_000_000, ..Default::default() };
    assert_eq!(client.list_analyses(request(TENANT, huge)).await.unwrap().into_inner().analyses.len(), 2);
    let one = ListAnalysesRequest { page_size: 1, ..Default::default() };
    let made = client.list_analyses(request(TENANT, one)).await.unwrap().into_inner().next_page_token;
    assert_ne!(made, "");
    let mut check = async |tenant: &str, page_size: i32, page_token: &str, reason: &str, field: &str| {
        let want = (Code::InvalidArgument, reason.to_owned(), vec![field.to_owned()]);
        let parent = "analyses/-".to_owned();
        let ask = ListResultsRequest { page_size, page_token: page_token.to_owned(), parent };
        assert_eq!(refusal(&client.list_results(request(tenant, ask)).await.unwrap_err()), want);
        let ask = ListMethodsRequest { page_size, page_token: page_token.to_owned() };
        assert_eq!(refusal(&client.list_methods(request(tenant, ask)).await.unwrap_err()), want);
    };
    check(TENANT, 0, &made, "BAD_PAGE_TOKEN", "page_token").await;
    check("lab", 0, &made, "BAD_PAGE_TOKEN", "page_token").await;
    check(TENANT, 0, "zz", "BAD_PAGE_TOKEN", "page_token").await;
    check(TENANT, -1, "", "BAD_FIELD", "page_size").await;
}

#[tokio::test]
async fn methods_are_listed_by_id_and_described() {
    let world = start().await;
    let mut client = world.client.clone();
    let all = client.list_methods(request(TENANT, ListMethodsRequest::default())).await.unwrap().into_inner();
    assert!(all.methods.iter().any(|method| method.id == "borda"));
    assert!(all.methods.is_sorted_by_key(|method| method.id.clone()));
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let ask = ListMethodsRequest { page_size: 3, page_token: token };
        let page = client.list_methods(request(TENANT, ask)).await.unwrap().into_inner();
        paged.extend(page.methods);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all.methods);
    for method in all.methods {
        for name in [format!("methods/{}", method.id), method.name.clone()] {
            let found = client.describe_method(request(TENANT, DescribeMethodRequest { name })).await.unwrap();
            assert_eq!(found.into_inner(), method);
        }
        let schema: serde_json::Value = serde_json::from_str(&method.parameters_schema).unwrap();
        assert!(schema.is_object(), "{}", method.id);
    }
    let mut check = async |name: &str, code: Code, reason: &str| {
        let ask = DescribeMethodRequest { name: name.to_owned() };
        let got = refusal(&client.describe_method(request(TENANT, ask)).await.unwrap_err());
        assert_eq!((got.0, got.1.as_str()), (code, reason), "{name:?}");
    };
    check("methods/guess", Code::NotFound, "UNKNOWN_METHOD").await;
    check("methods/borda/versions/99.0.0", Code::NotFound, "UNKNOWN_METHOD").await;
    check("borda", Code::InvalidArgument, "BAD_NAME").await;
    check("", Code::InvalidArgument, "FIELD_REQUIRED").await;
}
