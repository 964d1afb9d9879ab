//! Answers that nobody can understand: who gave them, to what, and where in them it is, for the person who is asked. Where the
//! SDK reads, which knows no places, what was expected stands for the place.

use super::reading::REGION;
use super::replay::Answer;
use crate::support::pieces::text;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::Terminal;
use serde_json::json;

#[track_caller]
fn named<T>(result: Result<T, CloudError>, words: &[&str]) {
    let error = result.err().expect("nobody understands it");
    let said = error.to_string();
    assert_eq!(error.kind, Terminal, "{said}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_understood_is_named_by_service_operation_and_place() {
    let sdk = Answer::json(&json!({"WebACLs": [{"Name": "acl"}, {"Name": 7}]}))
        .sdk()
        .await;
    let listed = (&sdk as &dyn Cloud).list_web_acls(None).await;
    named(listed, &["wafv2", "ListWebACLs", "expected ValueString"]);

    let sdk = Answer::json(&json!({"WebACL": {"Id": 7, "Name": "acl"}, "LockToken": "t"}))
        .sdk()
        .await;
    let read = (&sdk as &dyn Cloud).get_web_acl(text("id"), text("acl")).await;
    named(read, &["wafv2", "GetWebACL", "Id"]);

    let items = "<Quantity>many</Quantity>";
    let list = format!(
        "<DistributionList><Marker/><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated>{items}</DistributionList>"
    );
    let sdk = Answer::xml(list).sdk().await;
    let listed = (&sdk as &dyn Cloud).list_distributions(None).await;
    named(listed, &["cloudfront", "ListDistributions", "integer"]);

    let sdk = Answer::xml(text("<Distribution><Id>E1</Id></Distribution>"))
        .etag("E1")
        .sdk()
        .await;
    let read = (&sdk as &dyn Cloud).get_distribution(text("E1")).await;
    named(read, &["cloudfront", "GetDistribution", "ARN"]);

    let sdk = Answer::json(&json!({"FunctionName": "f", "Timeout": "long"}))
        .sdk()
        .await;
    let read = (&sdk as &dyn Cloud)
        .get_function_configuration(text("f"), None)
        .await;
    named(read, &["lambda", "GetFunctionConfiguration", "found `long`"]);

    let sdk = Answer::json(&json!({"item": [{"id": "r1", "path": 7}]}))
        .sdk()
        .await;
    let listed = (&sdk as &dyn Cloud)
        .list_methods(text(REGION), text("a1"), None)
        .await;
    named(listed, &["apigateway", "GetResources", "item[0].path"]);
}
