//! Functions of other Regions than the edge's, and who may invoke them.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pieces::{self, tags, text};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, NotYet, Terminal};
use palisade::domain::signer::function::{Configuration, Creation, EDGE_REGION, LATEST, State};
use serde_json::{Value, json};

conformance!(
    a_function_that_is_not_published_has_no_version,
    functions_of_two_regions_may_have_one_name,
    a_function_of_another_region_changes_without_a_version,
    a_function_in_update_takes_no_other_update,
    an_old_revision_is_a_conflict_in_every_region,
    tags_are_set_in_the_region_of_the_function,
    functions_of_other_regions_are_not_listed,
    a_function_has_no_policy_at_first,
    a_permission_is_for_api_gateway_and_one_source,
    a_second_permission_of_the_name_is_refused,
    a_source_of_any_account_is_refused,
    a_removed_permission_is_gone,
    a_deleted_function_takes_its_policy_along,
    permissions_of_a_function_that_does_not_exist_are_not_found,
);

const REGION: &str = "eu-north-1";
const ARN: &str = "arn:aws:lambda:eu-north-1:123456789012:function:petstore";
const SOURCE: &str = "arn:aws:execute-api:eu-north-1:123456789012:petstore00/authorizers/abc123";

/// Region and name of the function.
fn at() -> (String, String) {
    (text(REGION), text("petstore"))
}

async fn create(cloud: &dyn Cloud) -> Configuration {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let given = Creation {
        publish: false,
        ..pieces::function("petstore", &role.arn)
    };
    cloud.create_function(text(REGION), given).await.unwrap()
}

async fn read(cloud: &dyn Cloud) -> Configuration {
    cloud.get_function(at().0, at().1).await.unwrap().latest
}

async fn policy(cloud: &dyn Cloud) -> Value {
    cloud.get_function_policy(at().0, at().1).await.unwrap()
}

async fn allow(cloud: &dyn Cloud, statement: &str) {
    cloud
        .add_permission(at().0, at().1, text(statement), text(SOURCE))
        .await
        .unwrap();
}

async fn a_function_that_is_not_published_has_no_version(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    assert_eq!((made.arn.as_str(), made.version.as_str()), (ARN, LATEST));
    let found = cloud.get_function(at().0, at().1).await.unwrap();
    assert_eq!(
        (found.latest.arn.as_str(), found.latest.state),
        (ARN, State::Active)
    );
    assert_eq!(
        (found.latest.settings, found.tags),
        (made.settings, tags("petstore"))
    );
}

async fn functions_of_two_regions_may_have_one_name(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let given = pieces::function("petstore", &made.settings.role);
    let again = cloud.create_function(text(REGION), given.clone()).await;
    refused(again, "ResourceConflictException", Exists);
    let other = cloud.create_function(text(EDGE_REGION), given).await.unwrap();
    assert_eq!(other.version, "1");
    cloud.delete_function(at().0, at().1, None).await.unwrap();
    cloud
        .get_function(text(EDGE_REGION), text("petstore"))
        .await
        .unwrap();
    refused(
        cloud.get_function(at().0, at().1).await,
        "ResourceNotFoundException",
        NotFound,
    );
}

async fn a_function_of_another_region_changes_without_a_version(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let package = pieces::package("export const handler = async () => 2;");
    let changed = cloud
        .update_function_code(at().0, at().1, package, read(cloud).await.revision, false)
        .await
        .unwrap();
    assert_eq!((changed.arn.as_str(), changed.version.as_str()), (ARN, LATEST));
    assert_ne!(changed.code_sha256, made.code_sha256);
    let mut wanted = made.settings;
    wanted.timeout = 3;
    let changed = cloud
        .update_function_configuration(at().0, at().1, wanted.clone(), read(cloud).await.revision)
        .await
        .unwrap();
    assert_eq!((changed.version.as_str(), &changed.settings), (LATEST, &wanted));
    assert_eq!(read(cloud).await.settings, wanted);
}

async fn a_function_in_update_takes_no_other_update(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud).await;
    world.configure(settings(|s| s.function_pending = HOUR)).await;
    let package = || pieces::package("export const handler = async () => 2;");
    let changed = cloud
        .update_function_code(at().0, at().1, package(), read(cloud).await.revision, false)
        .await
        .unwrap();
    assert!(changed.updating && read(cloud).await.updating);
    assert_ne!(read(cloud).await.code_sha256, made.code_sha256);
    let again = cloud
        .update_function_code(at().0, at().1, package(), changed.revision, false)
        .await;
    refused(again, "ResourceConflictException", NotYet);
}

async fn an_old_revision_is_a_conflict_in_every_region(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let old = text("00000000-0000-4000-8000-000000000000");
    let changed = cloud
        .update_function_configuration(at().0, at().1, made.settings, old.clone())
        .await;
    refused(changed, "PreconditionFailedException", Conflict);
    let package = pieces::package("export const handler = async () => 2;");
    let changed = cloud
        .update_function_code(at().0, at().1, package, old, false)
        .await;
    refused(changed, "PreconditionFailedException", Conflict);
}

async fn tags_are_set_in_the_region_of_the_function(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    let team = [(text("team"), text("shop"))];
    cloud.tag_function(text(ARN), team.into()).await.unwrap();
    let found = cloud.get_function(at().0, at().1).await.unwrap();
    assert_eq!(found.tags["team"], "shop");
    cloud.untag_function(text(ARN), vec![text("team")]).await.unwrap();
    let found = cloud.get_function(at().0, at().1).await.unwrap();
    assert_eq!(found.tags, tags("petstore"));
}

async fn functions_of_other_regions_are_not_listed(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    assert_eq!(cloud.list_functions(None).await.unwrap().items, []);
    let tagged = cloud.list_tagged(text(pieces::CLUSTER), None).await.unwrap();
    assert_eq!(tagged.items, []);
}

async fn a_function_has_no_policy_at_first(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    let found = cloud.get_function_policy(at().0, at().1).await;
    refused(found, "ResourceNotFoundException", NotFound);
    let removed = cloud.remove_permission(at().0, at().1, text("palisade")).await;
    refused(removed, "ResourceNotFoundException", NotFound);
}

async fn a_permission_is_for_api_gateway_and_one_source(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    allow(cloud, "palisade").await;
    let expected = json!([{
        "Sid": "palisade", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": ARN, "Condition": {"ArnLike": {"AWS:SourceArn": SOURCE}}
    }]);
    assert_eq!(policy(cloud).await["Statement"], expected);
}

async fn a_second_permission_of_the_name_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    allow(cloud, "palisade").await;
    let again = cloud
        .add_permission(at().0, at().1, text("palisade"), text(SOURCE))
        .await;
    refused(again, "ResourceConflictException", Exists);
    allow(cloud, "another").await;
    assert_eq!(policy(cloud).await["Statement"].as_array().unwrap().len(), 2);
}

async fn a_source_of_any_account_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    let source = text("arn:aws:execute-api:eu-north-1:*:petstore00/authorizers/abc123");
    let added = cloud
        .add_permission(at().0, at().1, text("palisade"), source)
        .await;
    refused(added, "ValidationException", Terminal);
}

async fn a_removed_permission_is_gone(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    allow(cloud, "palisade").await;
    let removed = cloud.remove_permission(at().0, at().1, text("nosuch")).await;
    refused(removed, "ResourceNotFoundException", NotFound);
    cloud
        .remove_permission(at().0, at().1, text("palisade"))
        .await
        .unwrap();
    let found = cloud.get_function_policy(at().0, at().1).await;
    refused(found, "ResourceNotFoundException", NotFound);
}

async fn a_deleted_function_takes_its_policy_along(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    allow(cloud, "palisade").await;
    cloud.delete_function(at().0, at().1, None).await.unwrap();
    let given = pieces::function("petstore", &made.settings.role);
    cloud.create_function(text(REGION), given).await.unwrap();
    let found = cloud.get_function_policy(at().0, at().1).await;
    refused(found, "ResourceNotFoundException", NotFound);
}

async fn permissions_of_a_function_that_does_not_exist_are_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let errors = [
        cloud.get_function_policy(at().0, at().1).await.map(drop),
        cloud
            .add_permission(at().0, at().1, text("palisade"), text(SOURCE))
            .await,
        cloud.remove_permission(at().0, at().1, text("palisade")).await,
        cloud.delete_function(at().0, at().1, None).await,
    ];
    for error in errors {
        refused(error, "ResourceNotFoundException", NotFound);
    }
}
