//! A role as an `AwsAccount` names it.

use palisade::domain::tenancy::account::Assumption;
use serde_json::{Value, json};

const NAME: &str = "palisade-spoke";

/// As a seed has it: a role that everybody in `account` may assume.
pub fn role(account: &str) -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": account}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]});
    json!({"name": NAME, "trustPolicy": trust})
}

/// How it is assumed.
pub fn assumption(account: &str) -> Assumption {
    Assumption {
        role_arn: format!("arn:aws:iam::{account}:role/{NAME}"),
        external_id: None,
        session_tags: [("cluster".to_owned(), "c".to_owned())].into(),
        session_name: "palisade".to_owned(),
    }
}
