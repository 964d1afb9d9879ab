//! Settings of an `AwsAccount` that the API server takes, and those that it refuses.

use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/teams/srt";

fn contact(email: &str) -> Value {
    json!({"emailAddress": email, "phoneNumber": "+46701234567"})
}

fn contacts(contact: &Value) -> Value {
    json!({"shield": {"emergencyContacts": [contact]}})
}

/// Specs that are refused, and parts of the message.
pub fn refused() -> Vec<(Value, &'static str)> {
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

/// Specs that are taken.
pub fn taken() -> Vec<Value> {
    let mut whole = contact("söc+night@sub.example.com");
    whole["notes"] = "Day and night, ask for J. (ext. 5): +46/70 @desk".into();
    vec![
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
    ]
}
