//! A REST API opened by a key, and APIs of every type by a header, in which every operation of those modes is called.

use super::pieces::{key_of, package, settings, tags_of};
use palisade::api::OriginType;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::domain::access::credentials::api_key::UsagePlanCreation;
use palisade::domain::access::credentials::authorizer::{Entry, Settings};
use palisade::domain::signer::function;

/// Region and id of the demo's APIs.
const REST: [&str; 2] = ["eu-north-1", "a1b2c3d4e5"];
const HTTP: [&str; 2] = ["eu-central-1", "b2c3d4e5f6"];
const WEBSOCKET: [&str; 2] = ["us-east-1", "c3d4e5f6a7"];
const HEADER: &str = "x-origin-verify";

/// A key and a usage plan for the demo's REST API, and their end.
pub async fn open_by_key(cloud: &(dyn Cloud + '_), name: &str, cluster: &str) -> Result<(), CloudError> {
    let [region, api] = REST.map(str::to_owned);
    let stage = (api, "prod".to_owned());
    let key = key_of(name, cluster);
    let made = cloud.create_api_key(region.clone(), key.clone()).await?;
    assert!(made.enabled && made.value == key.value && made.tags == key.tags);
    let listed = cloud.list_api_keys(region.clone(), name.into(), None).await?;
    assert_eq!(listed.items, std::slice::from_ref(&made));
    assert_eq!(cloud.get_api_key(region.clone(), made.id.clone()).await?, made);

    let plan = UsagePlanCreation {
        name: name.to_owned(),
        description: "of a test".to_owned(),
        stage: stage.clone(),
        tags: tags_of(name, cluster),
    };
    let plan = cloud.create_usage_plan(region.clone(), plan).await?;
    assert_eq!(plan.stages, std::slice::from_ref(&stage));
    assert_eq!(cloud.get_usage_plan(region.clone(), plan.id.clone()).await?, plan);
    let listed = cloud.list_usage_plans(region.clone(), None).await?;
    assert!(listed.items.contains(&plan));
    cloud
        .create_usage_plan_key(region.clone(), plan.id.clone(), made.id.clone())
        .await?;
    let keys = cloud
        .list_usage_plan_keys(region.clone(), plan.id.clone(), None)
        .await?;
    assert_eq!(keys.items, std::slice::from_ref(&made.id));

    for path in [format!("apikeys/{}", made.id), format!("usageplans/{}", plan.id)] {
        let arn = format!("arn:aws:apigateway:{region}::/{path}");
        cloud
            .tag_key_or_plan(arn.clone(), [("team".into(), "shop".into())].into())
            .await?;
        cloud.untag_key_or_plan(arn, vec!["team".into()]).await?;
    }
    assert_eq!(
        cloud.get_usage_plan(region.clone(), plan.id.clone()).await?.tags,
        plan.tags
    );

    cloud
        .update_usage_plan(region.clone(), plan.id.clone(), stage, false)
        .await?;
    cloud.delete_usage_plan(region.clone(), plan.id).await?;
    cloud.delete_api_key(region, made.id).await
}

/// An authorizer for each of the demo's APIs, with its function in the API's Region, and their end.
pub async fn open_by_header(
    cloud: &(dyn Cloud + '_),
    name: &str,
    cluster: &str,
    role: &str,
) -> Result<(), CloudError> {
    // In us-east-1 the signer has the name already.
    let name = &format!("{name}-gate");
    for (protocol, [region, api]) in [
        (OriginType::Rest, REST),
        (OriginType::Http, HTTP),
        (OriginType::WebSocket, WEBSOCKET),
    ] {
        let arn = build_function(cloud, region, name, cluster, role).await?;
        authorize(cloud, protocol, [region, api], name, &arn).await?;
        cloud.delete_function(region.into(), name.into(), None).await?;
    }
    Ok(())
}

async fn build_function(
    cloud: &(dyn Cloud + '_),
    region: &str,
    name: &str,
    cluster: &str,
    role: &str,
) -> Result<String, CloudError> {
    let creation = function::Creation {
        name: name.to_owned(),
        settings: settings(role),
        zip: package("export const handler = async () => 1;"),
        publish: false,
        tags: tags_of(name, cluster),
    };
    let made = cloud.create_function(region.into(), creation).await?;
    assert_eq!(made.version, function::LATEST);
    assert!(
        made.arn.starts_with(&format!("arn:aws:lambda:{region}:")),
        "{}",
        made.arn
    );
    let found = cloud.get_function(region.into(), name.into()).await?;
    let changed = function::Settings {
        timeout: 7,
        ..settings(role)
    };
    let changed = cloud
        .update_function_configuration(region.into(), name.into(), changed, found.latest.revision)
        .await?;
    let zip = package("export const handler = async () => 2;");
    let changed = cloud
        .update_function_code(region.into(), name.into(), zip, changed.revision, false)
        .await?;
    assert_eq!(changed.version, function::LATEST);
    Ok(made.arn)
}

async fn authorize(
    cloud: &(dyn Cloud + '_),
    protocol: OriginType,
    [region, api]: [&str; 2],
    name: &str,
    function_arn: &str,
) -> Result<(), CloudError> {
    let at = || (region.to_owned(), api.to_owned());
    let wanted = Settings {
        function_arn: function_arn.to_owned(),
        header: HEADER.to_owned(),
        ttl: 0,
    };
    let is_rest = protocol == OriginType::Rest;
    let made = if is_rest {
        cloud
            .create_rest_authorizer(at().0, at().1, name.into(), wanted.clone())
            .await?
    } else {
        cloud
            .create_authorizer(at().0, at().1, protocol, name.into(), wanted.clone())
            .await?
    };
    assert_eq!((made.name.as_str(), &made.settings), (name, &wanted));

    let source = format!(
        "arn:aws:execute-api:{region}:123456789012:{api}/authorizers/{}",
        made.id
    );
    cloud
        .add_permission(region.into(), name.into(), "palisade".into(), source.clone())
        .await?;
    let policy = cloud.get_function_policy(region.into(), name.into()).await?;
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Principal"]["Service"], "apigateway.amazonaws.com");
    assert_eq!(statement["Condition"]["ArnLike"]["AWS:SourceArn"], *source);

    let changed = Settings {
        header: "x-other".to_owned(),
        ..wanted
    };
    let (listed, updated) = if is_rest {
        let updated = cloud
            .update_rest_authorizer(at().0, at().1, made.id.clone(), changed.clone())
            .await?;
        (
            cloud.list_rest_authorizers(at().0, at().1, None).await?.items,
            updated,
        )
    } else {
        let updated = cloud
            .update_authorizer(at().0, at().1, protocol, made.id.clone(), changed.clone())
            .await?;
        (cloud.list_authorizers(at().0, at().1, None).await?.items, updated)
    };
    assert_eq!(updated.settings, changed);
    let is_updated = |entry: &Entry| entry.id == updated.id && entry.settings == updated.settings;
    assert!(listed.iter().any(is_updated), "{listed:?}");
    if is_rest {
        cloud.delete_rest_authorizer(at().0, at().1, made.id).await?;
    } else {
        cloud.delete_authorizer(at().0, at().1, made.id).await?;
    }
    cloud
        .remove_permission(region.into(), name.into(), "palisade".into())
        .await
}
