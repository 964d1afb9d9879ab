//! Documents go through whole, with what neither we nor the SDK know.

use crate::support::aws::emulator;
use crate::support::pieces::{distribution_config, tags_of, visibility, web_acl};
use palisade::aws::cloud::Cloud;
use palisade::domain::edge::xml;
use serde_json::json;

#[tokio::test]
async fn a_web_acl_comes_back_with_every_field_in_its_place() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-unknown-fields";
    let acl = cloud
        .create_web_acl(name.into(), web_acl(&[]), tags_of(name, "c"))
        .await
        .unwrap();
    let rule = json!({"Name": "foreign", "Zeta": [1, {"b": 2, "a": 1}], "Priority": 5,
        "Statement": {"InventedStatement": {"Deep": {"z": null, "a": "é"}}}, "Action": {"Block": {}},
        "VisibilityConfig": visibility("foreign")});
    let foreign = json!({"InventedConfig": {"y": 1, "x": [true]}, "appendRules": [rule]});
    emulator().control("PATCH", &format!("wafv2/webacls/{}", acl.id), &foreign);

    let read = cloud.get_web_acl(acl.id.clone(), name.into()).await.unwrap();
    assert_eq!(read.document["Rules"][0].to_string(), rule.to_string());
    assert_eq!(
        read.document["InventedConfig"].to_string(),
        foreign["InventedConfig"].to_string()
    );

    let mut document = read.document.clone();
    document["Description"] = json!("changed");
    cloud.update_web_acl(read.entity, document).await.unwrap();
    let again = cloud.get_web_acl(acl.id, name.into()).await.unwrap();
    assert_eq!(again.document["Rules"].to_string(), json!([rule]).to_string());
    assert_eq!(again.document["InventedConfig"], foreign["InventedConfig"]);
    assert_eq!(again.document["Description"], "changed");
    cloud.delete_web_acl(again.entity).await.unwrap();
}

#[tokio::test]
async fn a_web_acl_that_the_sdks_types_cannot_hold_is_read_all_the_same() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let name = "palisade-new-shape";
    let acl = cloud
        .create_web_acl(name.into(), web_acl(&[]), tags_of(name, "c"))
        .await
        .unwrap();
    let shape = json!({"was a list": "of strings"});
    emulator().control(
        "PATCH",
        &format!("wafv2/webacls/{}", acl.id),
        &json!({"TokenDomains": shape}),
    );
    let read = cloud.get_web_acl(acl.id, name.into()).await.unwrap();
    assert_eq!(read.document["TokenDomains"], shape);
}

#[tokio::test]
async fn a_distribution_comes_back_with_every_element_in_its_place() {
    let sdk = emulator().sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let invented =
        xml::parse("<InventedConfig><Mode at=\"1\">a &lt;b&gt; &amp; ü</Mode><Empty/></InventedConfig>")
            .unwrap();
    let config = distribution_config("unknown-elements", None, "", vec![invented.clone()]);
    let made = cloud
        .create_distribution(config, tags_of("unknown", "c"))
        .await
        .unwrap();
    assert_eq!(made.config.get_child("InventedConfig"), Some(&invented));

    let read = cloud.get_distribution(made.id.clone()).await.unwrap();
    assert_eq!(read, made);
    let mut changed = read.config.clone();
    xml::put(&mut changed, xml::text("Enabled", "false"), &[]);
    let updated = cloud
        .update_distribution(read.id.clone(), read.etag, changed.clone())
        .await
        .unwrap();
    assert_eq!(updated.config, changed);
    assert_eq!(
        cloud.get_distribution(read.id.clone()).await.unwrap().config,
        changed
    );
    cloud.delete_distribution(read.id, updated.etag).await.unwrap();
}
