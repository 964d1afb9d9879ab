//! Lists whose markers are not as they should be.

use crate::recordings::replay::Answer;
use crate::support::pieces::text;
use palisade::aws::cloud::{Cloud, CloudError};
use serde_json::json;

/// The markers that lists of both services answer to `asked`, where `found` is what the answer has.
async fn markers(found: &str, asked: Option<&str>) -> [Result<Option<String>, CloudError>; 4] {
    let answer = Answer::json(&json!({"item": [], "position": found, "nextToken": found}));
    let sdk = answer.sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let asked = || asked.map(ToOwned::to_owned);
    let (region, api) = (|| text("eu-north-1"), || text("a1b2c3d4e5"));
    let keys = cloud.list_api_keys(region(), text("palisade"), asked()).await;
    let plans = cloud.list_usage_plans(region(), asked()).await;
    let authorizers = cloud.list_rest_authorizers(region(), api(), asked()).await;
    let methods = cloud.list_methods(region(), api(), asked()).await;
    [
        keys.map(|page| page.next),
        plans.map(|page| page.next),
        authorizers.map(|page| page.next),
        methods.map(|page| page.next),
    ]
}

#[tokio::test]
async fn an_empty_marker_ends_a_list() {
    for next in markers("", Some("a")).await {
        assert_eq!(next, Ok(None));
    }
}

#[tokio::test]
async fn a_marker_that_repeats_is_an_error_of_its_own() {
    for next in markers("a", Some("a")).await {
        let error = next.unwrap_err();
        assert_eq!(error.code, "AnswerNotUnderstood", "{error}");
        assert!(error.to_string().contains("at position"), "{error}");
    }
    for next in markers("b", Some("a")).await {
        assert_eq!(next, Ok(Some("b".to_owned())));
    }
}
