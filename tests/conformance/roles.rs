//! Roles.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces::{self, policy, role, tags};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Denied, Exists, NotFound, NotYet, Terminal};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::signer::role::Creation;
use palisade::domain::tenancy::account::Assumption;
use serde_json::json;
use std::collections::BTreeMap;

conformance!(
    a_role_is_made_under_our_path,
    a_list_tells_trust_policies_and_tags,
    a_read_role_has_no_policies,
    policies_are_written_read_and_deleted,
    a_second_role_of_the_name_is_refused,
    a_role_that_does_not_exist_is_not_found,
    a_policy_that_does_not_exist_is_not_found,
    a_role_with_policies_is_not_deleted,
    a_document_that_is_no_policy_is_refused,
    an_action_without_its_service_is_refused,
    a_boundary_that_does_not_exist_is_refused,
    a_boundary_is_set_and_taken_away,
    more_roles_than_the_quota_are_refused,
    tags_are_added_replaced_and_removed,
    a_trust_policy_is_replaced,
    a_role_that_does_not_trust_us_is_not_assumed,
    a_role_is_assumed_with_what_its_trust_asks_for,
    session_tags_that_differ_in_case_alone_are_refused,
);

fn assumption(role_arn: &str) -> Assumption {
    Assumption {
        role_arn: role_arn.to_owned(),
        external_id: None,
        session_tags: BTreeMap::new(),
        session_name: "palisade-conformance".to_owned(),
    }
}

async fn a_role_that_does_not_trust_us_is_not_assumed(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|_| {})).await;
    let made = cloud.create_role(role("petstore")).await.unwrap();
    for arn in [made.arn, "arn:aws:iam::444455556666:role/nobody".to_owned()] {
        let message = refused(cloud.assume_role(assumption(&arn)).await, "AccessDenied", Denied);
        let expected = format!("is not authorized to perform: sts:AssumeRole on resource: {arn}");
        assert!(message.contains(&expected), "{message}");
    }
}

async fn a_role_is_assumed_with_what_its_trust_asks_for(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|_| {})).await;
    let trust = |action: &str| {
        let condition = json!({"StringEquals": {"sts:ExternalId": "tenant-7"}});
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": action, "Condition": condition}]})
    };
    let spoke = Creation {
        trust: trust("sts:AssumeRole"),
        ..role("spoke")
    };
    let plain = assumption(&cloud.create_role(spoke).await.unwrap().arn);
    refused(cloud.assume_role(plain.clone()).await, "AccessDenied", Denied);
    let right = Assumption {
        external_id: Some(Secret::new("tenant-7")),
        ..plain
    };
    let session = cloud.assume_role(right.clone()).await.unwrap();
    assert!(session.access_key_id.starts_with("ASIA"), "{session:?}");
    let tagged = Assumption {
        session_tags: [("cluster".to_owned(), "c1".to_owned())].into(),
        ..right
    };
    let message = refused(cloud.assume_role(tagged).await, "AccessDenied", Denied);
    assert!(message.contains("sts:TagSession"), "{message}");
}

async fn a_role_is_made_under_our_path(cloud: &dyn Cloud, _: &dyn World) {
    let made = cloud.create_role(role("petstore")).await.unwrap();
    assert_eq!(made.arn, "arn:aws:iam::123456789012:role/palisade/petstore");
    assert_eq!(
        (made.name.as_str(), made.path.as_str()),
        ("petstore", "/palisade/")
    );
    assert_eq!(made.trust, role("petstore").trust);
    assert_eq!(made.boundary, None);
}

async fn a_list_tells_trust_policies_and_tags(cloud: &dyn Cloud, _: &dyn World) {
    let made = cloud.create_role(role("petstore")).await.unwrap();
    cloud
        .put_role_policy("petstore".to_owned(), "invoke".to_owned(), policy())
        .await
        .unwrap();
    let page = cloud.list_roles(None).await.unwrap();
    let listed = page
        .items
        .into_iter()
        .find(|listed| listed.name == "petstore")
        .unwrap();
    assert_eq!(
        (&listed.arn, &listed.path, &listed.trust),
        (&made.arn, &made.path, &made.trust)
    );
    assert_eq!(listed.policies, [("invoke".to_owned(), policy())].into());
    assert_eq!(listed.tags, tags("petstore"));
}

async fn a_read_role_has_no_policies(cloud: &dyn Cloud, _: &dyn World) {
    cloud.create_role(role("petstore")).await.unwrap();
    cloud
        .put_role_policy("petstore".to_owned(), "invoke".to_owned(), policy())
        .await
        .unwrap();
    let read = cloud.get_role("petstore".to_owned()).await.unwrap();
    assert!(read.policies.is_empty());
    assert_eq!(
        (read.trust, read.tags),
        (role("petstore").trust, tags("petstore"))
    );
}

async fn policies_are_written_read_and_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let (name, first) = ("petstore".to_owned(), "invoke".to_owned());
    cloud.create_role(role("petstore")).await.unwrap();
    cloud
        .put_role_policy(name.clone(), first.clone(), policy())
        .await
        .unwrap();
    cloud
        .put_role_policy(name.clone(), "other".to_owned(), policy())
        .await
        .unwrap();
    let mut changed = policy();
    changed["Statement"][0]["Condition"] =
        json!({"StringEquals": {"aws:PrincipalTag/team": "Räksmörgås & co"}});
    cloud
        .put_role_policy(name.clone(), first.clone(), changed.clone())
        .await
        .unwrap();
    assert_eq!(
        cloud.list_role_policies(name.clone()).await.unwrap(),
        ["invoke", "other"]
    );
    assert_eq!(
        cloud.get_role_policy(name.clone(), first.clone()).await.unwrap(),
        changed
    );
    cloud.delete_role_policy(name.clone(), first).await.unwrap();
    assert_eq!(cloud.list_role_policies(name).await.unwrap(), ["other"]);
}

async fn a_second_role_of_the_name_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    cloud.create_role(role("petstore")).await.unwrap();
    let message = refused(
        cloud.create_role(role("petstore")).await,
        "EntityAlreadyExists",
        Exists,
    );
    assert_eq!(message, "Role with name petstore already exists.");
}

async fn a_role_that_does_not_exist_is_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let (name, code) = ("missing".to_owned(), "NoSuchEntity");
    refused(cloud.get_role(name.clone()).await, code, NotFound);
    refused(cloud.list_role_policies(name.clone()).await, code, NotFound);
    refused(
        cloud.get_role_policy(name.clone(), "invoke".to_owned()).await,
        code,
        NotFound,
    );
    refused(
        cloud
            .put_role_policy(name.clone(), "invoke".to_owned(), policy())
            .await,
        code,
        NotFound,
    );
    refused(
        cloud.delete_role_policy(name.clone(), "invoke".to_owned()).await,
        code,
        NotFound,
    );
    refused(
        cloud
            .update_assume_role_policy(name.clone(), role("missing").trust)
            .await,
        code,
        NotFound,
    );
    refused(cloud.delete_role_boundary(name.clone()).await, code, NotFound);
    refused(
        cloud.tag_role(name.clone(), tags("missing")).await,
        code,
        NotFound,
    );
    refused(
        cloud.untag_role(name.clone(), vec!["team".to_owned()]).await,
        code,
        NotFound,
    );
    refused(cloud.delete_role(name).await, code, NotFound);
}

async fn a_policy_that_does_not_exist_is_not_found(cloud: &dyn Cloud, _: &dyn World) {
    cloud.create_role(role("petstore")).await.unwrap();
    let (name, policy) = ("petstore".to_owned(), "missing".to_owned());
    refused(
        cloud.get_role_policy(name.clone(), policy.clone()).await,
        "NoSuchEntity",
        NotFound,
    );
    refused(
        cloud.delete_role_policy(name, policy).await,
        "NoSuchEntity",
        NotFound,
    );
}

async fn a_role_with_policies_is_not_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let name = "petstore".to_owned();
    cloud.create_role(role("petstore")).await.unwrap();
    cloud
        .put_role_policy(name.clone(), "invoke".to_owned(), policy())
        .await
        .unwrap();
    let message = refused(cloud.delete_role(name.clone()).await, "DeleteConflict", NotYet);
    assert!(message.contains("must delete policies first"), "{message}");
    cloud
        .delete_role_policy(name.clone(), "invoke".to_owned())
        .await
        .unwrap();
    cloud.delete_role(name).await.unwrap();
}

async fn a_document_that_is_no_policy_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let (name, code) = ("petstore".to_owned(), "MalformedPolicyDocument");
    let wrong = json!({"Version": "2012-10-17"});
    let creation = Creation {
        trust: wrong.clone(),
        ..role("petstore")
    };
    refused(cloud.create_role(creation).await, code, Terminal);
    cloud.create_role(role("petstore")).await.unwrap();
    refused(
        cloud.update_assume_role_policy(name.clone(), wrong.clone()).await,
        code,
        Terminal,
    );
    refused(
        cloud.put_role_policy(name, "invoke".to_owned(), wrong).await,
        code,
        Terminal,
    );
}

async fn an_action_without_its_service_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    cloud.create_role(role("petstore")).await.unwrap();
    let mut wrong = policy();
    wrong["Statement"][0]["Action"] = json!(["execute-api:Invoke", "Invoke"]);
    let refusal = cloud
        .put_role_policy("petstore".to_owned(), "invoke".to_owned(), wrong)
        .await;
    refused(refusal, "MalformedPolicyDocument", Terminal);
}

async fn a_boundary_that_does_not_exist_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let missing = "arn:aws:iam::123456789012:policy/missing".to_owned();
    let creation = Creation {
        boundary: Some(missing.clone()),
        ..role("petstore")
    };
    refused(cloud.create_role(creation).await, "NoSuchEntity", Terminal);
    cloud.create_role(role("petstore")).await.unwrap();
    refused(
        cloud.put_role_boundary("petstore".to_owned(), missing).await,
        "NoSuchEntity",
        Terminal,
    );
}

async fn a_boundary_is_set_and_taken_away(cloud: &dyn Cloud, _: &dyn World) {
    let (name, boundary) = (
        "petstore".to_owned(),
        "arn:aws:iam::aws:policy/PowerUserAccess".to_owned(),
    );
    cloud.create_role(role("petstore")).await.unwrap();
    cloud
        .put_role_boundary(name.clone(), boundary.clone())
        .await
        .unwrap();
    assert_eq!(
        cloud.get_role(name.clone()).await.unwrap().boundary,
        Some(boundary)
    );
    cloud.delete_role_boundary(name.clone()).await.unwrap();
    assert_eq!(cloud.get_role(name).await.unwrap().boundary, None);
}

async fn more_roles_than_the_quota_are_refused(cloud: &dyn Cloud, world: &dyn World) {
    let there = cloud.list_roles(None).await.unwrap().items.len();
    world.configure(settings(|s| s.limits.roles = there + 1)).await;
    cloud.create_role(role("petstore")).await.unwrap();
    refused(
        cloud.create_role(role("another")).await,
        "LimitExceeded",
        Terminal,
    );
}

async fn tags_are_added_replaced_and_removed(cloud: &dyn Cloud, _: &dyn World) {
    let name = "petstore".to_owned();
    cloud.create_role(role("petstore")).await.unwrap();
    let added = [
        ("team".to_owned(), "shop".to_owned()),
        ("palisade.dev/name".to_owned(), "new".to_owned()),
    ];
    cloud.tag_role(name.clone(), added.into()).await.unwrap();
    cloud
        .untag_role(name.clone(), vec!["palisade.dev/namespace".to_owned()])
        .await
        .unwrap();
    let mut expected = tags("petstore");
    expected.insert("team".to_owned(), "shop".to_owned());
    expected.insert("palisade.dev/name".to_owned(), "new".to_owned());
    expected.remove("palisade.dev/namespace");
    assert_eq!(cloud.get_role(name).await.unwrap().tags, expected);
}

async fn a_trust_policy_is_replaced(cloud: &dyn Cloud, _: &dyn World) {
    cloud.create_role(role("petstore")).await.unwrap();
    let other = pieces::trust(&["lambda.amazonaws.com"]);
    cloud
        .update_assume_role_policy("petstore".to_owned(), other.clone())
        .await
        .unwrap();
    assert_eq!(cloud.get_role("petstore".to_owned()).await.unwrap().trust, other);
}

async fn session_tags_that_differ_in_case_alone_are_refused(cloud: &dyn Cloud, _: &dyn World) {
    let session_tags = ["Team", "team"].map(|key| (key.to_owned(), "shop".to_owned()));
    let wanted = Assumption {
        session_tags: session_tags.into(),
        ..assumption("arn:aws:iam::123456789012:role/palisade")
    };
    let message = refused(cloud.assume_role(wanted).await, "InvalidParameterValue", Terminal);
    assert!(message.starts_with("Duplicate tag keys found."), "{message}");
}
