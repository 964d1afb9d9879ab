//! Functions and their versions.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pieces::{self, active_function, eventually, settled, tags};
use base64::Engine as _;
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, NotYet, Terminal};
use palisade::domain::signer::function::{Configuration, EDGE_REGION, State};
use palisade::domain::signer::role;
use sha2::{Digest as _, Sha256};

conformance!(
    a_creation_publishes_the_first_version,
    the_hash_of_a_package_is_known_before_the_upload,
    a_role_made_a_moment_ago_cannot_be_assumed_yet,
    a_role_that_does_not_trust_lambda_cannot_be_assumed,
    a_second_function_of_the_name_is_refused,
    a_package_that_is_no_archive_is_refused,
    a_runtime_that_has_ended_is_refused,
    a_timeout_out_of_bounds_is_refused,
    more_functions_than_the_quota_are_refused,
    a_pending_function_can_be_neither_published_nor_updated,
    a_function_in_update_can_be_neither_published_nor_updated,
    an_update_with_an_old_revision_is_a_conflict,
    publishing_the_same_again_answers_the_same_version,
    publishing_a_changed_function_makes_a_version,
    publishing_other_code_than_meant_is_refused,
    new_code_is_published_at_once,
    a_list_tells_hash_and_revision_but_no_state,
    a_function_that_does_not_exist_is_not_found,
    the_unpublished_version_cannot_be_deleted_alone,
    tags_belong_to_the_function,
    tags_of_a_version_are_refused,
);

fn edge() -> String {
    EDGE_REGION.to_owned()
}

fn petstore() -> String {
    "petstore".to_owned()
}

async fn a_creation_publishes_the_first_version(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    assert_eq!(
        made.arn,
        "arn:aws:lambda:us-east-1:123456789012:function:petstore:1"
    );
    assert_eq!((made.name.as_str(), made.version.as_str()), ("petstore", "1"));
    let found = cloud.get_function(edge(), petstore()).await.unwrap();
    assert_eq!(
        found.latest.arn,
        "arn:aws:lambda:us-east-1:123456789012:function:petstore"
    );
    assert_eq!(found.latest.version, "$LATEST");
    assert_eq!(found.latest.settings, made.settings);
    assert_eq!(found.tags, tags("petstore"));
    assert!(found.versions.is_empty());
    let versions = cloud.list_versions(petstore(), None).await.unwrap().items;
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].arn, made.arn);
}

async fn the_hash_of_a_package_is_known_before_the_upload(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let given = pieces::function("petstore", &role.arn);
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&given.zip));
    assert_eq!(
        cloud.create_function(edge(), given).await.unwrap().code_sha256,
        hash
    );
}

async fn a_role_made_a_moment_ago_cannot_be_assumed_yet(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.role_propagation = HOUR)).await;
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let refusal = cloud
        .create_function(edge(), pieces::function("petstore", &role.arn))
        .await;
    let message = refused(refusal, "InvalidParameterValueException", NotYet);
    assert_eq!(
        message,
        "The role defined for the function cannot be assumed by Lambda."
    );
    world.configure(settings(|_| ())).await;
    pieces::patiently(async || {
        cloud
            .create_function(edge(), pieces::function("petstore", &role.arn))
            .await
    })
    .await
    .unwrap();
}

async fn a_role_that_does_not_trust_lambda_cannot_be_assumed(cloud: &dyn Cloud, _: &dyn World) {
    let trust = pieces::trust(&["ec2.amazonaws.com"]);
    let given = role::Creation {
        trust,
        ..pieces::role("petstore")
    };
    let role = cloud.create_role(given).await.unwrap();
    let refusal = cloud
        .create_function(edge(), pieces::function("petstore", &role.arn))
        .await;
    refused(refusal, "InvalidParameterValueException", NotYet);
}

async fn a_second_function_of_the_name_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let refusal = cloud
        .create_function(edge(), pieces::function("petstore", &made.settings.role))
        .await;
    let message = refused(refusal, "ResourceConflictException", Exists);
    assert_eq!(message, "Function already exist: petstore");
}

async fn a_package_that_is_no_archive_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let mut given = pieces::function("petstore", &role.arn);
    given.zip = b"no archive".to_vec();
    refused(
        cloud.create_function(edge(), given).await,
        "InvalidParameterValueException",
        Terminal,
    );
}

async fn a_runtime_that_has_ended_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let mut settings = made.settings.clone();
    "nodejs20.x".clone_into(&mut settings.runtime);
    let mut given = pieces::function("another", &settings.role);
    given.settings.runtime.clone_from(&settings.runtime);
    let message = refused(
        cloud.create_function(edge(), given).await,
        "InvalidParameterValueException",
        Terminal,
    );
    assert!(message.contains("nodejs20.x is no longer supported"), "{message}");
    let revision = latest(cloud).await.revision;
    let refusal = cloud
        .update_function_configuration(edge(), petstore(), settings, revision)
        .await;
    refused(refusal, "InvalidParameterValueException", Terminal);
}

async fn a_timeout_out_of_bounds_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let mut given = pieces::function("petstore", &role.arn);
    given.settings.timeout = 901;
    refused(
        cloud.create_function(edge(), given).await,
        "ValidationException",
        Terminal,
    );
}

async fn more_functions_than_the_quota_are_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.limits.functions = 1)).await;
    let made = create(cloud).await;
    let refusal = cloud
        .create_function(edge(), pieces::function("another", &made.settings.role))
        .await;
    refused(refusal, "CodeStorageExceededException", Terminal);
}

async fn a_pending_function_can_be_neither_published_nor_updated(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.function_pending = HOUR)).await;
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let made = cloud
        .create_function(edge(), pieces::function("petstore", &role.arn))
        .await
        .unwrap();
    assert_eq!(made.state, State::Pending);
    assert_eq!(latest(cloud).await.state, State::Pending);
    expect_all_changes_refused(cloud, &made).await;
}

async fn a_function_in_update_can_be_neither_published_nor_updated(cloud: &dyn Cloud, world: &dyn World) {
    let made = create(cloud).await;
    world.configure(settings(|s| s.function_pending = HOUR)).await;
    let revision = latest(cloud).await.revision;
    let package = pieces::package("export const handler = async () => 2;");
    let updated = cloud
        .update_function_code(edge(), petstore(), package, revision, true)
        .await
        .unwrap();
    assert_eq!((updated.version.as_str(), updated.state), ("2", State::Pending));
    let current = latest(cloud).await;
    assert!(current.updating && current.state == State::Active);
    expect_all_changes_refused(cloud, &made).await;
}

async fn expect_all_changes_refused(cloud: &dyn Cloud, made: &Configuration) {
    let name = petstore();
    let current = latest(cloud).await;
    let refusal = cloud.publish_version(name.clone(), current.code_sha256).await;
    refused(refusal, "ResourceConflictException", NotYet);
    let package = pieces::package("export const handler = async () => 3;");
    let refusal = cloud
        .update_function_code(edge(), name.clone(), package, current.revision.clone(), true)
        .await;
    refused(refusal, "ResourceConflictException", NotYet);
    let refusal = cloud
        .update_function_configuration(edge(), name, made.settings.clone(), current.revision)
        .await;
    refused(refusal, "ResourceConflictException", NotYet);
}

async fn an_update_with_an_old_revision_is_a_conflict(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let name = petstore();
    let old = latest(cloud).await.revision;
    let mut settings = made.settings.clone();
    settings.memory = 256;
    cloud
        .update_function_configuration(edge(), name.clone(), settings.clone(), old.clone())
        .await
        .unwrap();
    eventually("the update is done", async || settled(cloud, "petstore").await).await;
    assert_ne!(latest(cloud).await.revision, old);
    let refusal = cloud
        .update_function_configuration(edge(), name.clone(), settings, old.clone())
        .await;
    refused(refusal, "PreconditionFailedException", Conflict);
    let package = pieces::package("export const handler = async () => 2;");
    let refusal = cloud.update_function_code(edge(), name, package, old, true).await;
    refused(refusal, "PreconditionFailedException", Conflict);
}

async fn publishing_the_same_again_answers_the_same_version(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let again = cloud.publish_version(petstore(), made.code_sha256).await.unwrap();
    assert_eq!((again.version, again.arn), (made.version, made.arn));
}

async fn publishing_a_changed_function_makes_a_version(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let mut settings = made.settings.clone();
    settings.memory = 256;
    let revision = latest(cloud).await.revision;
    cloud
        .update_function_configuration(edge(), petstore(), settings.clone(), revision)
        .await
        .unwrap();
    eventually("the update is done", async || settled(cloud, "petstore").await).await;
    let second = cloud.publish_version(petstore(), made.code_sha256).await.unwrap();
    assert_eq!((second.version.as_str(), &second.settings), ("2", &settings));
}

async fn publishing_other_code_than_meant_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    let other = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(b"other"));
    let refusal = cloud.publish_version(petstore(), other).await;
    // Somebody changed the code meanwhile: it is read again.
    let message = refused(refusal, "InvalidParameterValueException", Conflict);
    assert!(
        message.contains("is different from current CodeSHA256"),
        "{message}"
    );
}

async fn new_code_is_published_at_once(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let package = pieces::package("export const handler = async () => 2;");
    let revision = latest(cloud).await.revision;
    let second = cloud
        .update_function_code(edge(), petstore(), package, revision, true)
        .await
        .unwrap();
    assert_eq!(second.version, "2");
    assert_ne!(second.code_sha256, made.code_sha256);
    let versions = cloud.list_versions(petstore(), None).await.unwrap().items;
    assert_eq!(
        versions
            .iter()
            .map(|version| version.version.as_str())
            .collect::<Vec<_>>(),
        ["1", "2"]
    );
}

async fn a_list_tells_hash_and_revision_but_no_state(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let page = cloud.list_functions(None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (1, None));
    let (listed, current) = (&page.items[0], latest(cloud).await);
    assert_eq!(listed.state, State::Unknown);
    assert_eq!(
        (listed.name.as_str(), listed.version.as_str()),
        ("petstore", "$LATEST")
    );
    assert_eq!((&listed.arn, &listed.revision), (&current.arn, &current.revision));
    assert_eq!(
        (&listed.code_sha256, &listed.settings),
        (&made.code_sha256, &made.settings)
    );
}

async fn a_function_that_does_not_exist_is_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let (name, code) = ("missing".to_owned(), "ResourceNotFoundException");
    refused(cloud.get_function(edge(), name.clone()).await, code, NotFound);
    refused(
        cloud.get_function_configuration(name.clone(), None).await,
        code,
        NotFound,
    );
    refused(cloud.list_versions(name.clone(), None).await, code, NotFound);
    refused(
        cloud.publish_version(name.clone(), String::new()).await,
        code,
        NotFound,
    );
    refused(
        cloud.delete_function(edge(), name.clone(), None).await,
        code,
        NotFound,
    );
    let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
    refused(
        cloud.tag_function(arn.clone(), tags("missing")).await,
        code,
        NotFound,
    );
    refused(
        cloud.untag_function(arn, vec!["team".to_owned()]).await,
        code,
        NotFound,
    );
    create(cloud).await;
    let version = Some("7".to_owned());
    refused(
        cloud
            .get_function_configuration(petstore(), version.clone())
            .await,
        code,
        NotFound,
    );
    refused(
        cloud.delete_function(edge(), petstore(), version).await,
        code,
        NotFound,
    );
}

async fn the_unpublished_version_cannot_be_deleted_alone(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    let refusal = cloud
        .delete_function(edge(), petstore(), Some("$LATEST".to_owned()))
        .await;
    refused(refusal, "InvalidParameterValueException", Terminal);
}

async fn tags_belong_to_the_function(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud).await;
    let before = cloud.get_function(edge(), petstore()).await.unwrap();
    let arn = before.latest.arn.clone();
    cloud
        .tag_function(arn.clone(), [("team".to_owned(), "shop".to_owned())].into())
        .await
        .unwrap();
    cloud
        .untag_function(arn, vec!["palisade.dev/name".to_owned()])
        .await
        .unwrap();
    let after = cloud.get_function(edge(), petstore()).await.unwrap();
    assert_eq!(after.tags.get("team").map(String::as_str), Some("shop"));
    assert!(!after.tags.contains_key("palisade.dev/name"));
    assert_eq!(after.latest.revision, before.latest.revision);
}

async fn tags_of_a_version_are_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud).await;
    let refusal = cloud.tag_function(made.arn, tags("petstore")).await;
    refused(refusal, "InvalidParameterValueException", Terminal);
}

async fn create(cloud: &dyn Cloud) -> Configuration {
    let role = cloud.create_role(pieces::role("petstore")).await.unwrap();
    active_function(cloud, "petstore", &role.arn).await
}

async fn latest(cloud: &dyn Cloud) -> Configuration {
    cloud.get_function_configuration(petstore(), None).await.unwrap()
}
