//! IP sets.

use crate::conformance::world::{HOUR, World, conformance, refused, settings};
use crate::support::pieces::{ip_set, rule, tags, web_acl};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, NotYet, Terminal};
use palisade::domain::firewall::ip_set::Creation;
use palisade::domain::firewall::web_acl::Entity;
use serde_json::{Value, json};

conformance!(
    addresses_come_back_in_awss_spelling,
    an_address_that_is_no_network_is_refused,
    a_second_ip_set_of_the_name_is_refused,
    an_ip_set_that_does_not_exist_is_not_found,
    an_update_needs_the_current_lock_token,
    each_update_answers_the_next_lock_token,
    a_deletion_needs_the_current_lock_token,
    more_ip_sets_than_the_quota_are_refused,
    an_ip_set_made_a_moment_ago_cannot_be_referenced_yet,
    an_ip_set_that_is_referenced_is_not_deleted,
    tags_of_an_ip_set_change_no_lock_token,
);

async fn addresses_come_back_in_awss_spelling(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &["10.1.2.3/8", "192.0.2.1/32", "10.0.0.0/8"]).await;
    let found = cloud
        .get_ip_set(made.id.clone(), made.name.clone())
        .await
        .unwrap();
    assert_eq!(found.addresses, ["10.0.0.0/8", "192.0.2.1/32"]);
    assert_eq!((found.version.as_str(), found.entity), ("IPV4", made));
    let version = "IPV6".to_owned();
    let given = ip_set(
        "another",
        &["2001:0DB8:0000:0000:0000:0000:0000:0001/128", "2001:db8:0:1::/64"],
    );
    let made = cloud.create_ip_set(Creation { version, ..given }).await.unwrap();
    let found = cloud.get_ip_set(made.id, made.name).await.unwrap();
    assert_eq!(found.addresses, ["2001:db8::1/128", "2001:db8:0:1::/64"]);
}

async fn an_address_that_is_no_network_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    for wrong in [
        "192.0.2.1",
        "192.0.2.0/33",
        "0.0.0.0/0",
        "2001:db8::/64",
        "somewhere",
    ] {
        let refusal = cloud.create_ip_set(ip_set("another", &[wrong])).await;
        let message = refused(refusal, "WAFInvalidParameterException", Terminal);
        assert!(
            message.contains("IP_ADDRESS") && message.contains(wrong),
            "{message}"
        );
        let refusal = cloud.update_ip_set(made.clone(), vec![wrong.to_owned()]).await;
        refused(refusal, "WAFInvalidParameterException", Terminal);
    }
}

async fn a_second_ip_set_of_the_name_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    create(cloud, "petstore", &[]).await;
    refused(
        cloud.create_ip_set(ip_set("petstore", &[])).await,
        "WAFDuplicateItemException",
        Exists,
    );
}

async fn an_ip_set_that_does_not_exist_is_not_found(cloud: &dyn Cloud, _: &dyn World) {
    let code = "WAFNonexistentItemException";
    let made = create(cloud, "petstore", &[]).await;
    refused(
        cloud.get_ip_set(made.id.clone(), "another".to_owned()).await,
        code,
        NotFound,
    );
    cloud.delete_ip_set(made.clone()).await.unwrap();
    refused(
        cloud.get_ip_set(made.id.clone(), made.name.clone()).await,
        code,
        NotFound,
    );
    refused(cloud.update_ip_set(made.clone(), vec![]).await, code, NotFound);
    refused(cloud.delete_ip_set(made.clone()).await, code, NotFound);
    refused(cloud.list_waf_tags(made.arn).await, code, NotFound);
}

async fn an_update_needs_the_current_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    cloud
        .update_ip_set(made.clone(), vec!["192.0.2.0/24".to_owned()])
        .await
        .unwrap();
    let refusal = cloud.update_ip_set(made, vec![]).await;
    refused(refusal, "WAFOptimisticLockException", Conflict);
}

async fn each_update_answers_the_next_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let lock_token = cloud
        .update_ip_set(made.clone(), vec!["192.0.2.0/24".to_owned()])
        .await
        .unwrap();
    let next = Entity { lock_token, ..made };
    let found = cloud
        .get_ip_set(next.id.clone(), next.name.clone())
        .await
        .unwrap();
    assert_eq!(
        (&found.entity, found.addresses.as_slice()),
        (&next, ["192.0.2.0/24".to_owned()].as_slice())
    );
    assert_eq!(
        cloud.list_ip_sets(None).await.unwrap().items,
        std::slice::from_ref(&next)
    );
    cloud.update_ip_set(next, vec![]).await.unwrap();
}

async fn a_deletion_needs_the_current_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let lock_token = cloud.update_ip_set(made.clone(), vec![]).await.unwrap();
    refused(
        cloud.delete_ip_set(made.clone()).await,
        "WAFOptimisticLockException",
        Conflict,
    );
    cloud.delete_ip_set(Entity { lock_token, ..made }).await.unwrap();
}

async fn more_ip_sets_than_the_quota_are_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.limits.ip_sets = 1)).await;
    create(cloud, "petstore", &[]).await;
    refused(
        cloud.create_ip_set(ip_set("another", &[])).await,
        "WAFLimitsExceededException",
        Terminal,
    );
}

async fn an_ip_set_made_a_moment_ago_cannot_be_referenced_yet(cloud: &dyn Cloud, world: &dyn World) {
    world.configure(settings(|s| s.waf_propagation = HOUR)).await;
    let made = create(cloud, "petstore", &[]).await;
    let document = web_acl(&[reference(&made)]);
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), document.clone(), tags("petstore"))
        .await;
    refused(refusal, "WAFUnavailableEntityException", NotYet);
    world.configure(settings(|_| ())).await;
    cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await
        .unwrap();
}

async fn an_ip_set_that_is_referenced_is_not_deleted(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    let nested = json!({"NotStatement": {"Statement": {"IPSetReferenceStatement": {"ARN": made.arn}}}});
    let document = web_acl(&[rule("outside", 1000, &nested)]);
    let acl = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await
        .unwrap();
    refused(
        cloud.delete_ip_set(made.clone()).await,
        "WAFAssociatedItemException",
        NotYet,
    );
    cloud.update_web_acl(acl, web_acl(&[])).await.unwrap();
    cloud.delete_ip_set(made).await.unwrap();
}

async fn tags_of_an_ip_set_change_no_lock_token(cloud: &dyn Cloud, _: &dyn World) {
    let made = create(cloud, "petstore", &[]).await;
    cloud
        .tag_waf(made.arn.clone(), [("team".to_owned(), "shop".to_owned())].into())
        .await
        .unwrap();
    cloud
        .untag_waf(made.arn.clone(), vec!["palisade.dev/name".to_owned()])
        .await
        .unwrap();
    let found = cloud.list_waf_tags(made.arn.clone()).await.unwrap();
    assert_eq!(found.get("team").map(String::as_str), Some("shop"));
    assert!(!found.contains_key("palisade.dev/name"));
    assert_eq!(
        cloud
            .get_ip_set(made.id.clone(), made.name.clone())
            .await
            .unwrap()
            .entity,
        made
    );
}

async fn create(cloud: &dyn Cloud, name: &str, addresses: &[&str]) -> Entity {
    cloud.create_ip_set(ip_set(name, addresses)).await.unwrap()
}

fn reference(ip_set: &Entity) -> Value {
    rule(
        "listed",
        1000,
        &json!({"IPSetReferenceStatement": {"ARN": ip_set.arn}}),
    )
}
