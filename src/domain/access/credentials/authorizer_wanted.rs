//! What an authorizer should be made of: names, role, function, entry.

use crate::api::OriginType;
use crate::domain::access::asked::Gate;
use crate::domain::access::asked::authorizer_names::{NAME_LIMIT, SUFFIX, name};
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::signer::{function, role};
use serde::Serialize;
use serde_json::{Value, json};

/// API Gateway's limit on an authorizer's name.
const ENTRY_NAME_LIMIT: usize = 128;
/// Seconds: comparing digests takes less than a millisecond.
const TIMEOUT: i32 = 5;
/// MiB.
const MEMORY: i32 = 128;
/// Seconds for which API Gateway remembers a decision: how long a value that was taken back may still get in.
const TTL: i32 = 60;

/// What can be set of a request authorizer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// ARN of the function that decides.
    pub function_arn: String,
    /// The only header that it looks at, in lower case; empty where it looks at something else.
    pub header: String,
    /// Seconds for which API Gateway remembers a decision; 0 where it does not.
    pub ttl: i32,
}

/// The authorizer as it should be; which values it accepts follows from what CloudFront sends.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The AWS account's id.
    pub account: String,
    /// The API's Region.
    pub region: String,
    /// The API's id.
    pub api_id: String,
    /// The API's protocol.
    pub protocol: OriginType,
    /// The header that carries the secret.
    pub header: String,
    /// What the role is made from.
    pub role: role::Creation,
    /// Tags of role and function.
    pub tags: Tags,
}

/// Who may assume the role: Lambda.
#[must_use]
pub fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": ["lambda.amazonaws.com"]},
        "Action": "sts:AssumeRole"
    }]})
}

/// What the authorizer of `owner` should be.
#[must_use]
pub fn desired(
    owner: &Owner,
    account: &str,
    gate: &Gate,
    header: &str,
    boundary: Option<&str>,
    tags: &Tags,
) -> Desired {
    Desired {
        owner: owner.clone(),
        account: account.to_owned(),
        region: gate.region.clone(),
        api_id: gate.api_id.clone(),
        protocol: gate.r#type,
        header: header.to_owned(),
        role: role::Creation {
            name: name(owner),
            trust: trust(),
            boundary: boundary.map(ToOwned::to_owned),
            description: format!(
                "Palisade: may do nothing; runs the authorizer of {}",
                owner.made_for().object()
            ),
            tags: tags.clone(),
        },
        tags: tags.clone(),
    }
}

/// The name of an owner's entry that takes the secret in `header`.
pub(in crate::domain::access) fn entry_name(owner: &Owner, header: &str) -> String {
    let room = ENTRY_NAME_LIMIT.saturating_sub(header.len() + 1);
    let name = owner.suffixed_name(SUFFIX, room.min(NAME_LIMIT));
    format!("{name}-{header}")
}

impl Desired {
    /// What should be set on the function, given its role.
    pub(in crate::domain::access) fn function_settings(&self, role_arn: &str) -> function::Settings {
        function::Settings {
            role: role_arn.to_owned(),
            runtime: function::RUNTIME.to_owned(),
            handler: crate::authorizer::HANDLER.to_owned(),
            timeout: TIMEOUT,
            memory: MEMORY,
            description: format!(
                "Palisade: authorizes requests for {}",
                self.owner.made_for().object()
            ),
            foreign: function::Foreign::default(),
        }
    }

    /// What the API's entry should be.
    pub(in crate::domain::access) fn entry_settings(&self, function_arn: &str) -> Settings {
        Settings {
            function_arn: function_arn.to_owned(),
            header: self.header.clone(),
            // API Gateway remembers nothing for WebSocket APIs.
            ttl: if self.protocol == OriginType::WebSocket {
                0
            } else {
                TTL
            },
        }
    }

    pub(in crate::domain::access) fn entry_name(&self) -> String {
        entry_name(&self.owner, &self.header)
    }

    /// What may invoke the function: authorizers of this API.
    pub(in crate::domain::access) fn source(&self) -> String {
        let (region, account, api) = (&self.region, &self.account, &self.api_id);
        format!("arn:aws:execute-api:{region}:{account}:{api}/authorizers/*")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(header: &str) -> String {
        let owner = Owner {
            cluster: "c".into(),
            namespace: "n".repeat(63),
            name: "o".repeat(63),
            uid: "12345678-0000-4000-8000-000000000000".into(),
            taken: None,
        };
        let gate = Gate {
            region: "eu-north-1".into(),
            api_id: "a1b2c3d4e5".into(),
            stage: "prod".into(),
            r#type: OriginType::Rest,
            host: String::new(),
            origin_path: String::new(),
        };
        desired(&owner, "123456789012", &gate, header, None, &Tags::new()).entry_name()
    }

    #[test]
    fn the_longest_header_still_makes_a_name_that_api_gateway_takes() {
        for length in [1, 63, 64] {
            let header = "h".repeat(length);
            let name = name_of(&header);
            assert!(name.len() <= ENTRY_NAME_LIMIT, "{name}");
            assert!(name.ends_with(&format!("-12345678-auth-{header}")), "{name}");
        }
    }
}
