//! What the API server takes and refuses of account-wide settings, by a kind of this test's own that has nothing else.

use super::kubernetes;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api, PostParams};
use kube::runtime::wait::{await_condition, conditions};
use kube::{Client, CustomResource, CustomResourceExt as _, KubeSchema};
use palisade::api::{AccountQuotas, AccountShieldSpec, AccountShieldStatus, QuotaUse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/teams/srt";

#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone)]
#[kube(
    group = "test.palisade.dev",
    version = "v1",
    kind = "AccountSettings",
    plural = "accountsettings",
    status = "Told"
)]
struct AccountSettingsSpec {
    shield: Option<AccountShieldSpec>,
    quotas: Option<AccountQuotas>,
}

#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone)]
struct Told {
    shield: AccountShieldStatus,
    #[schemars(length(max = 8))]
    quotas: Vec<QuotaUse>,
}

/// The kind's API, once the kind is there.
async fn api() -> Api<AccountSettings> {
    let client: Client = kubernetes::client().await;
    let kinds: Api<CustomResourceDefinition> = Api::all(client.clone());
    // Two tests at a time would both make it.
    let _ = kinds
        .create(&PostParams::default(), &AccountSettings::crd())
        .await;
    let name = AccountSettings::crd_name();
    await_condition(kinds, name, conditions::is_crd_established())
        .await
        .expect("the kind is established");
    Api::all(client)
}

/// What the API server says to a creation.
async fn creation(api: &Api<AccountSettings>, spec: &Value) -> Result<(), String> {
    let object = json!({"apiVersion": "test.palisade.dev/v1", "kind": "AccountSettings", "metadata": {"name": "a"}, "spec": spec});
    let object = serde_json::from_value(object).map_err(|error| error.to_string())?;
    let options = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let answer = api.create(&options, &object).await;
    answer.map(drop).map_err(|error| error.to_string())
}

fn contact(email: &str) -> Value {
    json!({"emailAddress": email, "phoneNumber": "+46701234567"})
}

fn contacts(contact: &Value) -> Value {
    json!({"shield": {"emergencyContacts": [contact]}})
}

/// Specs that are refused, and parts of the message.
fn refused() -> Vec<(Value, &'static str)> {
    let with = |name: &str, value: &str| {
        let mut contact = contact("soc@example.com");
        contact[name] = value.into();
        contacts(&contact)
    };
    let address = "emailAddress must be an e-mail address";
    let number = "phoneNumber must be written with + and the country's code";
    let notes = "notes must have 1 to 1024 letters";
    let engaged =
        |contacts: Value| json!({"shield": {"proactiveEngagement": true, "emergencyContacts": contacts}});
    let buckets = |buckets: Value| json!({"shield": {"srtAccess": {"roleArn": ROLE, "logBuckets": buckets}}});
    let somebody = "proactiveEngagement needs somebody to call";
    vec![
        (with("emailAddress", "soc"), address),
        (with("emailAddress", "soc@example"), address),
        (with("emailAddress", "a b@example.com"), address),
        (
            with("emailAddress", &format!("{}@example.com", "a".repeat(150))),
            address,
        ),
        (with("phoneNumber", "0701234567"), number),
        (with("phoneNumber", "+46 70 123"), number),
        (with("phoneNumber", "+1234567890123456"), number),
        (with("notes", ""), notes),
        (with("notes", "<b>"), notes),
        (with("notes", &"a".repeat(1025)), notes),
        (engaged(json!([])), somebody),
        (engaged(json!([{"emailAddress": "soc@example.com"}])), somebody),
        (
            json!({"shield": {"emergencyContacts": vec![contact("a@example.com"); 11]}}),
            "must have at most 10 items",
        ),
        (json!({"shield": {"srtAccess": {"logBuckets": []}}}), "roleArn"),
        (
            json!({"shield": {"srtAccess": {"roleArn": "arn:aws:iam::111122223333:user/a"}}}),
            "roleArn must be the ARN of a role",
        ),
        (buckets(json!(["s3://logs"])), "write names of S3 buckets"),
        (buckets(json!(["ab"])), "write names of S3 buckets"),
        (buckets(json!(["my-logs", "my-logs"])), "Duplicate value"),
        (json!({"quotas": {"webAcls": 0}}), "webAcls"),
    ]
}

#[tokio::test]
async fn wrong_settings_of_an_account_are_refused_with_the_field_and_the_remedy() {
    let api = api().await;
    let mut surprises = Vec::new();
    for (spec, part) in refused() {
        match creation(&api, &spec).await {
            Ok(()) => surprises.push(format!("{spec}: taken")),
            Err(message) if message.contains(part) => {}
            Err(message) => surprises.push(format!("{spec}: wanted {part:?} in: {message}")),
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn right_settings_of_an_account_are_taken() {
    let api = api().await;
    let mut whole = contact("söc+night@sub.example.com");
    whole["notes"] = "Day and night, ask for J. (ext. 5): +46/70 @desk".into();
    let specs = [
        json!({}),
        json!({"shield": {}, "quotas": {}}),
        contacts(&whole),
        contacts(&json!({"emailAddress": "soc@example.com"})),
        json!({"shield": {"emergencyContacts": []}}),
        json!({"shield": {"emergencyContacts": vec![contact("a@example.com"); 10], "proactiveEngagement": true}}),
        json!({"shield": {"proactiveEngagement": true}}),
        json!({"shield": {"proactiveEngagement": false, "emergencyContacts": [{"emailAddress": "soc@example.com"}]}}),
        json!({"shield": {"srtAccess": {"roleArn": ROLE, "logBuckets": ["my.logs-2"]}}}),
        json!({"quotas": {"distributions": 1000, "webAcls": 300, "lambdaAssociations": 25}}),
    ];
    for spec in specs {
        creation(&api, &spec)
            .await
            .unwrap_or_else(|message| panic!("{spec}: {message}"));
    }
}
