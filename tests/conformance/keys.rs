//! API keys, and the usage plans that make them valid for stages of REST APIs.

use crate::conformance::world::{World, conformance, refused};
use crate::support::pieces::{tags, text};
use crate::support::simulation::apigateway::Preloaded;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{Conflict, Exists, NotFound, Terminal};
use palisade::domain::access::credentials::api_key::{Key, KeyCreation, UsagePlan, UsagePlanCreation};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::kernel::secret::Secret;

conformance!(
    a_key_is_enabled_and_has_its_value_name_and_tags,
    keys_are_listed_by_the_beginning_of_their_names,
    a_second_key_of_a_value_is_refused,
    a_value_that_is_too_short_or_too_long_is_refused,
    keys_and_usage_plans_are_of_one_region,
    a_usage_plan_has_its_stage_and_tags,
    a_usage_plan_of_a_stage_that_is_not_there_is_refused,
    a_stage_comes_to_a_usage_plan_once_and_goes,
    a_key_comes_to_a_usage_plan_once,
    a_key_is_in_one_usage_plan_of_a_stage,
    a_deleted_key_leaves_its_usage_plans,
    a_usage_plan_with_a_stage_cannot_be_deleted,
    a_usage_plan_whose_apis_are_gone_can_be_deleted,
    an_api_tells_whether_its_authorizer_gives_the_key,
    tags_of_a_key_and_of_a_usage_plan_come_and_go,
    more_tags_than_fifty_are_refused,
    keys_that_do_not_exist_are_not_found,
    a_usage_plan_that_does_not_exist_has_no_keys,
);

const REGION: &str = "eu-north-1";
const ELSEWHERE: &str = "eu-west-1";
const API: &str = "petstore00";
const VALUE: &str = "palisade-test-value-of-enough-length";

fn stage(name: &str) -> (String, String) {
    (text(API), text(name))
}

fn key(name: &str, value: &str) -> KeyCreation {
    KeyCreation {
        name: text(name),
        value: Secret::new(value),
        description: text("of a test"),
        tags: tags("petstore"),
    }
}

fn plan(name: &str) -> UsagePlanCreation {
    UsagePlanCreation {
        name: text(name),
        description: text("of a test"),
        stage: stage("prod"),
        tags: tags("petstore"),
    }
}

async fn create_key(cloud: &dyn Cloud, name: &str, value: &str) -> Result<Key, CloudError> {
    cloud.create_api_key(text(REGION), key(name, value)).await
}

async fn create_plan(cloud: &dyn Cloud, name: &str) -> Result<UsagePlan, CloudError> {
    cloud.create_usage_plan(text(REGION), plan(name)).await
}

async fn put(cloud: &dyn Cloud, plan: &UsagePlan, key: &Key) -> Result<(), CloudError> {
    cloud
        .create_usage_plan_key(text(REGION), plan.id.clone(), key.id.clone())
        .await
}

async fn set_stage(cloud: &dyn Cloud, plan: &UsagePlan, name: &str, add: bool) -> Result<(), CloudError> {
    cloud
        .update_usage_plan(text(REGION), plan.id.clone(), stage(name), add)
        .await
}

async fn keys_of(cloud: &dyn Cloud, plan: &UsagePlan) -> Vec<String> {
    let page = cloud
        .list_usage_plan_keys(text(REGION), plan.id.clone(), None)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    page.items
}

async fn named(cloud: &dyn Cloud, name: &str) -> Vec<Key> {
    let page = cloud.list_api_keys(text(REGION), text(name), None).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

async fn preload(world: &dyn World) {
    world
        .preload_api(Preloaded::rest(REGION, API, &["dev", "prod"]))
        .await;
}

async fn a_key_is_enabled_and_has_its_value_name_and_tags(cloud: &dyn Cloud, _: &dyn World) {
    let made = create_key(cloud, "petstore", VALUE).await.unwrap();
    assert_eq!(made.value.expose(), VALUE);
    assert_eq!(
        (made.name.as_str(), made.enabled, &made.tags),
        ("petstore", true, &tags("petstore"))
    );
    assert_ne!(made.id, VALUE);
    assert_eq!(named(cloud, "petstore").await, std::slice::from_ref(&made));
    let read = cloud.get_api_key(text(REGION), made.id.clone()).await.unwrap();
    assert_eq!(read, made);
    let none = cloud.get_api_key(text(REGION), text("nosuchkey0")).await;
    refused(none, "NotFoundException", NotFound);
}

async fn keys_are_listed_by_the_beginning_of_their_names(cloud: &dyn Cloud, _: &dyn World) {
    for (number, name) in ["petstore-1", "petstore-2", "orders"].into_iter().enumerate() {
        create_key(cloud, name, &format!("{VALUE}{number}"))
            .await
            .unwrap();
    }
    let mut names: Vec<_> = named(cloud, "petstore")
        .await
        .into_iter()
        .map(|it| it.name)
        .collect();
    names.sort();
    assert_eq!(names, ["petstore-1", "petstore-2"]);
    assert_eq!(named(cloud, "store").await, []);
}

async fn a_second_key_of_a_value_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    create_key(cloud, "first", VALUE).await.unwrap();
    let second = create_key(cloud, "second", VALUE).await;
    let message = refused(second, "ConflictException", Exists);
    assert!(!message.contains(VALUE), "{message}");
    // Names need not differ.
    create_key(cloud, "first", &format!("{VALUE}-2")).await.unwrap();
}

async fn a_value_that_is_too_short_or_too_long_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    for (length, why) in [
        (19, "API Key value should be at least 20 characters"),
        (129, "API Key value exceeds maximum size of 128 characters"),
    ] {
        let made = create_key(cloud, "petstore", &"x".repeat(length)).await;
        assert_eq!(refused(made, "BadRequestException", Terminal), why);
    }
}

async fn keys_and_usage_plans_are_of_one_region(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_key(cloud, "petstore", VALUE).await.unwrap();
    let plan = create_plan(cloud, "petstore").await.unwrap();
    let elsewhere = text(ELSEWHERE);
    let keys = cloud
        .list_api_keys(elsewhere.clone(), text("petstore"), None)
        .await;
    assert_eq!(keys.unwrap().items, []);
    let plans = cloud.list_usage_plans(elsewhere.clone(), None).await;
    assert_eq!(plans.unwrap().items, []);
    refused(
        cloud.get_usage_plan(elsewhere.clone(), plan.id).await,
        "NotFoundException",
        NotFound,
    );
    refused(
        cloud.delete_api_key(elsewhere, made.id).await,
        "NotFoundException",
        NotFound,
    );
}

async fn a_usage_plan_has_its_stage_and_tags(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_plan(cloud, "petstore").await.unwrap();
    assert_eq!(
        (made.name.as_str(), &made.tags, made.stages.as_slice()),
        ("petstore", &tags("petstore"), [stage("prod")].as_slice())
    );
    let found = cloud.get_usage_plan(text(REGION), made.id.clone()).await.unwrap();
    assert_eq!(found, made);
    let listed = cloud.list_usage_plans(text(REGION), None).await.unwrap();
    assert_eq!((listed.items, listed.next), (vec![made.clone()], None));
    assert_eq!(keys_of(cloud, &made).await, [""; 0]);
}

async fn a_usage_plan_of_a_stage_that_is_not_there_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let wanted = UsagePlanCreation {
        stage: stage("nosuch"),
        ..plan("petstore")
    };
    let made = cloud.create_usage_plan(text(REGION), wanted).await;
    let message = refused(made, "NotFoundException", NotFound);
    assert!(message.contains("petstore00:nosuch"), "{message}");
}

async fn a_stage_comes_to_a_usage_plan_once_and_goes(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_plan(cloud, "petstore").await.unwrap();
    set_stage(cloud, &made, "dev", true).await.unwrap();
    let again = set_stage(cloud, &made, "dev", true).await;
    refused(again, "ConflictException", Exists);
    set_stage(cloud, &made, "prod", false).await.unwrap();
    let found = cloud.get_usage_plan(text(REGION), made.id.clone()).await.unwrap();
    assert_eq!(found.stages, [stage("dev")]);
    let missing = set_stage(cloud, &made, "prod", false).await;
    refused(missing, "NotFoundException", NotFound);
}

async fn a_key_comes_to_a_usage_plan_once(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_plan(cloud, "petstore").await.unwrap();
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    put(cloud, &made, &key).await.unwrap();
    assert_eq!(keys_of(cloud, &made).await, std::slice::from_ref(&key.id));
    refused(put(cloud, &made, &key).await, "ConflictException", Exists);
}

async fn a_key_is_in_one_usage_plan_of_a_stage(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let first = create_plan(cloud, "first").await.unwrap();
    let second = create_plan(cloud, "second").await.unwrap();
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    put(cloud, &first, &key).await.unwrap();
    refused(put(cloud, &second, &key).await, "ConflictException", Conflict);
    set_stage(cloud, &first, "prod", false).await.unwrap();
    put(cloud, &second, &key).await.unwrap();
    let back = set_stage(cloud, &first, "prod", true).await;
    refused(back, "ConflictException", Conflict);
}

async fn a_deleted_key_leaves_its_usage_plans(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_plan(cloud, "petstore").await.unwrap();
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    put(cloud, &made, &key).await.unwrap();
    cloud.delete_api_key(text(REGION), key.id).await.unwrap();
    assert_eq!(keys_of(cloud, &made).await, [""; 0]);
    // The value is free again.
    create_key(cloud, "petstore", VALUE).await.unwrap();
}

async fn a_usage_plan_with_a_stage_cannot_be_deleted(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_plan(cloud, "petstore").await.unwrap();
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    put(cloud, &made, &key).await.unwrap();
    let deleted = cloud.delete_usage_plan(text(REGION), made.id.clone()).await;
    refused(deleted, "BadRequestException", Conflict);
    set_stage(cloud, &made, "prod", false).await.unwrap();
    // Keys do not hold it.
    cloud
        .delete_usage_plan(text(REGION), made.id.clone())
        .await
        .unwrap();
    let found = cloud.get_usage_plan(text(REGION), made.id).await;
    refused(found, "NotFoundException", NotFound);
}

async fn a_usage_plan_whose_apis_are_gone_can_be_deleted(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let made = create_plan(cloud, "petstore").await.unwrap();
    world.delete_api(API).await;
    cloud.delete_usage_plan(text(REGION), made.id).await.unwrap();
}

async fn an_api_tells_whether_its_authorizer_gives_the_key(cloud: &dyn Cloud, world: &dyn World) {
    for keys_from_authorizer in [false, true] {
        let api = Preloaded {
            keys_from_authorizer,
            ..Preloaded::rest(REGION, API, &["prod"])
        };
        world.preload_api(api).await;
        let found = cloud.get_rest_api(text(REGION), text(API)).await.unwrap();
        assert_eq!(found.keys_from_authorizer, keys_from_authorizer);
    }
}

fn arn(path: &str, id: &str) -> String {
    format!("arn:aws:apigateway:{REGION}::/{path}/{id}")
}

async fn tags_of_a_key_and_of_a_usage_plan_come_and_go(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let plan = create_plan(cloud, "petstore").await.unwrap();
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    let owned = tags("petstore");
    let more = Tags::from([(text("team"), text("pets")), (text("stage"), text("prod"))]);
    let mut all = owned.clone();
    all.extend(more.clone());
    let arns = [arn("apikeys", &key.id), arn("usageplans", &plan.id)];
    for arn in &arns {
        let before = Tags::from([(text("team"), text("shop"))]);
        cloud.tag_key_or_plan(arn.clone(), before).await.unwrap();
        cloud.tag_key_or_plan(arn.clone(), more.clone()).await.unwrap();
    }
    assert_eq!(tags_of(cloud, &plan).await, [all.clone(), all]);
    for arn in arns {
        // The last is not there: that is no error.
        let keys = vec![text("team"), text("stage"), text("nosuch")];
        cloud.untag_key_or_plan(arn, keys).await.unwrap();
    }
    assert_eq!(tags_of(cloud, &plan).await, [owned.clone(), owned]);
}

/// Tags of the only key and of a usage plan.
async fn tags_of(cloud: &dyn Cloud, plan: &UsagePlan) -> [Tags; 2] {
    let key = named(cloud, "petstore").await.remove(0);
    let plan = cloud.get_usage_plan(text(REGION), plan.id.clone()).await.unwrap();
    [key.tags, plan.tags]
}

async fn more_tags_than_fifty_are_refused(cloud: &dyn Cloud, _: &dyn World) {
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    let many = (0..50)
        .map(|number| (format!("key-{number}"), text("x")))
        .collect();
    let tagged = cloud.tag_key_or_plan(arn("apikeys", &key.id), many).await;
    refused(tagged, "BadRequestException", Terminal);
    assert_eq!(named(cloud, "petstore").await, [key]);
}

async fn keys_that_do_not_exist_are_not_found(cloud: &dyn Cloud, world: &dyn World) {
    preload(world).await;
    let plan = create_plan(cloud, "petstore").await.unwrap();
    let key = create_key(cloud, "petstore", VALUE).await.unwrap();
    let (region, nosuch) = (|| text(REGION), || text("nosuch"));
    let errors = [
        cloud.delete_api_key(region(), nosuch()).await,
        cloud.get_usage_plan(region(), nosuch()).await.map(drop),
        cloud
            .update_usage_plan(region(), nosuch(), stage("prod"), true)
            .await,
        cloud.delete_usage_plan(region(), nosuch()).await,
        cloud.create_usage_plan_key(region(), nosuch(), key.id).await,
        cloud.create_usage_plan_key(region(), plan.id, nosuch()).await,
        cloud
            .tag_key_or_plan(arn("apikeys", "nosuch"), tags("petstore"))
            .await,
        cloud
            .untag_key_or_plan(arn("usageplans", "nosuch"), vec![text("team")])
            .await,
    ];
    for error in errors {
        refused(error, "NotFoundException", NotFound);
    }
}

async fn a_usage_plan_that_does_not_exist_has_no_keys(cloud: &dyn Cloud, _: &dyn World) {
    let page = cloud
        .list_usage_plan_keys(text(REGION), text("nosuch"), None)
        .await;
    let page = page.unwrap();
    assert_eq!((page.items, page.next), (vec![], None));
}
