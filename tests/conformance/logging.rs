//! Logging configurations of web ACLs.

use crate::conformance::web_acls::create;
use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{NotFound, NotYet, Terminal};
use serde_json::{Value, json};

conformance!(
    a_logging_configuration_is_written_read_listed_and_deleted,
    a_logging_destination_that_waf_does_not_write_to_is_refused,
    logging_of_a_missing_web_acl_is_refused,
    a_logging_destination_that_is_not_there_is_refused,
    logging_of_a_web_acl_made_a_moment_ago_is_not_yet_possible,
    logging_goes_with_the_web_acl,
);

const DESTINATION: &str = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-petstore";

fn logging(arn: &str, destination: &str) -> Value {
    json!({"ResourceArn": arn, "LogDestinationConfigs": [destination]})
}

async fn a_logging_configuration_is_written_read_listed_and_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let mut given = logging(&made.arn, DESTINATION);
    given["RedactedFields"] = json!([{"SingleHeader": {"Name": "authorization"}}]);
    let stored = cloud.put_logging_configuration(given.clone()).await.unwrap();
    for key in ["ResourceArn", "LogDestinationConfigs", "RedactedFields"] {
        assert_eq!(stored[key], given[key], "{key}");
    }
    assert_eq!(stored["ManagedByFirewallManager"], json!(false));
    assert_eq!(
        cloud.get_logging_configuration(made.arn.clone()).await.unwrap(),
        stored
    );
    let page = cloud.list_logging_configurations(None).await.unwrap();
    assert_eq!((page.items, page.next), (vec![stored], None));
    assert_eq!(
        cloud.list_web_acls(None).await.unwrap().items,
        std::slice::from_ref(&made),
        "no new lock token"
    );
    cloud
        .delete_logging_configuration(made.arn.clone())
        .await
        .unwrap();
    let code = "WAFNonexistentItemException";
    refused(
        cloud.get_logging_configuration(made.arn.clone()).await,
        code,
        NotFound,
    );
    refused(cloud.delete_logging_configuration(made.arn).await, code, NotFound);
}

async fn a_logging_destination_that_waf_does_not_write_to_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    for wrong in [
        "arn:aws:logs:us-east-1:123456789012:log-group:petstore",
        "arn:aws:logs:eu-north-1:123456789012:log-group:aws-waf-logs-petstore",
        "arn:aws:s3:::petstore",
        "somewhere",
    ] {
        let refusal = cloud.put_logging_configuration(logging(&made.arn, wrong)).await;
        let message = refused(refusal, "WAFInvalidParameterException", Terminal);
        assert!(message.contains("LOG_DESTINATION"), "{message}");
    }
}

async fn logging_of_a_missing_web_acl_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    cloud.delete_web_acl(made.clone()).await.unwrap();
    let refusal = cloud
        .put_logging_configuration(logging(&made.arn, DESTINATION))
        .await;
    // The same code says that the destination is not there.
    refused(refusal, "WAFNonexistentItemException", Terminal);
}

async fn a_logging_destination_that_is_not_there_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    world
        .configure(settings(|s| s.log_destinations_missing = true))
        .await;
    let made = create(cloud, "petstore", &[]).await;
    let refusal = cloud
        .put_logging_configuration(logging(&made.arn, DESTINATION))
        .await;
    refused(refusal, "WAFNonexistentItemException", Terminal);
}

async fn logging_of_a_web_acl_made_a_moment_ago_is_not_yet_possible(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.waf_propagation = HOUR)).await;
    let made = create(cloud, "petstore", &[]).await;
    let refusal = cloud
        .put_logging_configuration(logging(&made.arn, DESTINATION))
        .await;
    refused(refusal, "WAFUnavailableEntityException", NotYet);
}

async fn logging_goes_with_the_web_acl(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    cloud
        .put_logging_configuration(logging(&made.arn, DESTINATION))
        .await
        .unwrap();
    cloud.delete_web_acl(made).await.unwrap();
    assert!(
        cloud
            .list_logging_configurations(None)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}
