//! What one route of the API asks its callers for, and the stage and deployments that carry it.
//!
//! Below it: what else is read of an API. Nothing here knows what is wanted of it.
//!
//! ```text
//!  api          the API itself        asked, carried ─ its routes, stages and deployments, as edited
//!                                     exported ─────── the same, as API Gateway exports it
//!  paths        which route answers   as_deployed ──── and what a stage serves of it
//!  policy (…)   the resource policy   gateway_responses ─ what it answers with in place of a refusal
//!  ways_in, other_signers             who else leads viewers here, or signs for it
//!  earlier_stages                     which stages the object has locked before this one
//! ```
//!
//! `authorizer_names` tells authorizers of ours from those of others; `words_of_reading` has what people are told.

pub mod api;
pub mod as_deployed;
pub mod authorizer_names;
pub mod carried;
pub mod earlier_stages;
pub(super) mod exported;
pub mod gateway_responses;
pub mod other_signers;
pub(super) mod paths;
pub mod policy;
mod policy_callers;
pub(super) mod policy_patterns;
pub mod refused_roles;
pub mod ways_in;
pub mod words_of_reading;

use self::carried::Carried;
use super::proof::Proof;
use crate::api::{Origin, OriginType};
use crate::domain::kernel::identity::Owner;
use serde::Serialize;
use serde_json::Value;

/// What a caller has to show at one route of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Authorization {
    /// `NONE`, `AWS_IAM`, `CUSTOM`, `COGNITO_USER_POOLS` or `JWT`.
    pub kind: String,
    /// The authorizer's id, where there is one.
    pub authorizer: Option<String>,
    /// REST: whether an API key is asked for besides.
    pub api_key_required: bool,
}

/// A method of a REST API, a route of an HTTP API, or `$connect` of a WebSocket API, in the working copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// As people write it: `GET /pets`, `ANY /{proxy+}`, `$default`, `$connect`.
    pub key: String,
    /// REST: the resource's id. Others: the route's id.
    pub id: String,
    /// What it asks for.
    pub authorization: Authorization,
    /// REST: the integration in the spelling of `x-amazon-apigateway-integration`, to be compared with the deployed one;
    /// null where the method has none. Others: its `target`, and its `credentials` where those were read; null where the
    /// route has none.
    pub integration: Value,
}

/// How an HTTP or WebSocket API calls a backend, in the working copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Integration {
    /// Its id, which the `target` of routes ends with.
    pub id: String,
    /// ARN of whom it calls as; `None` where it shows no credentials.
    pub credentials: Option<String>,
}

/// A stage of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// What it serves; `None` where nothing was deployed yet.
    pub deployment: Option<String>,
    /// HTTP and WebSocket: every change is deployed by itself.
    pub auto_deploy: bool,
    /// HTTP and WebSocket: what API Gateway says of the last time that it did so.
    pub said: Option<String>,
    /// REST: share of the traffic that a canary takes, with the deployment that it serves.
    pub canary: Option<Canary>,
    /// REST: ARN of the web ACL that the stage itself has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_acl: Option<String>,
}

/// A stage with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedStage {
    /// The stage's name.
    pub name: String,
    /// What it says of itself; empty where it says nothing.
    #[serde(skip)]
    pub description: String,
    /// The rest.
    pub stage: Stage,
}

/// A canary release of a REST API's stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Canary {
    /// What it serves.
    pub deployment: String,
    /// Whether it takes any traffic.
    pub is_served: bool,
}

/// A snapshot of the working copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// Free text of whoever made it.
    pub description: String,
    /// What it carries; nothing where it was only read, of an HTTP or WebSocket API.
    pub routes: Carried,
}

/// The stage whose routes are locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// The API's Region.
    pub region: String,
    /// The API's id.
    pub api_id: String,
    /// The stage's name.
    pub stage: String,
    /// The API's protocol.
    pub r#type: OriginType,
    /// The API's default endpoint.
    pub host: String,
    /// The path that CloudFront puts before a viewer's.
    pub origin_path: String,
}

impl Route {
    /// Whether API Gateway calls the backend with the credentials of whoever signed the request.
    #[must_use]
    pub fn passes_credentials_on(&self) -> bool {
        let credentials = self.integration["credentials"].as_str();
        credentials.is_some_and(|credentials| credentials.ends_with(CALLER))
    }
}

impl Authorization {
    /// A signature of a principal of the account that may invoke the API.
    #[must_use]
    pub fn aws_iam() -> Self {
        Self {
            kind: AWS_IAM.to_owned(),
            authorizer: None,
            api_key_required: false,
        }
    }

    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self {
            kind: NONE.to_owned(),
            authorizer: None,
            api_key_required: false,
        }
    }

    /// A decision of the authorizer of this id.
    #[must_use]
    pub fn custom(authorizer: &str) -> Self {
        Self {
            kind: CUSTOM.to_owned(),
            authorizer: Some(authorizer.to_owned()),
            api_key_required: false,
        }
    }

    /// Whether anybody may call.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.kind == NONE && !self.api_key_required
    }

    /// Whether `edited` asks for the same as this, as deployed; a REST API's deployment does not tell which authorizer.
    #[must_use]
    pub fn is_same_as(&self, edited: &Self) -> bool {
        let is_same_authorizer = self.authorizer.is_none() || self.authorizer == edited.authorizer;
        is_same_authorizer && (&self.kind, self.api_key_required) == (&edited.kind, edited.api_key_required)
    }

    /// Whether `proof` is what is asked for, as far as can be told without the authorizer's id.
    #[must_use]
    pub fn asks_for(&self, proof: &Proof) -> bool {
        match proof {
            Proof::Signature => self.kind == AWS_IAM,
            Proof::Key => self.api_key_required && self.kind != AWS_IAM,
            Proof::Header(_) => self.kind == CUSTOM,
            Proof::Certificate => false,
        }
    }
}

/// How the credentials of an integration end that are the caller's: `arn:aws:iam::*:user/*`.
const CALLER: &str = ":iam::*:user/*";
/// Nothing is asked for.
pub const NONE: &str = "NONE";
/// A signature is asked for.
pub const AWS_IAM: &str = "AWS_IAM";
/// A Lambda authorizer is asked.
pub const CUSTOM: &str = "CUSTOM";
/// Stands at the end of the description of a deployment whose routes ask for nothing of ours any more.
const OF_ITS_METHODS: &str = " of its methods, by palisade";
/// What is locked by a deployment that comes before the others.
const ONE_DOOR: &str = "one door locked";
/// The only route of a WebSocket API that asks for anything.
pub const CONNECT: &str = "$connect";

/// The stage that `origin` declares.
#[must_use]
pub fn gate(origin: &Origin) -> Gate {
    let (region, api_id) = crate::domain::kernel::endpoint::region_and_id_or_any(&origin.endpoint);
    Gate {
        region: region.to_owned(),
        api_id: api_id.to_owned(),
        stage: origin.stage.clone(),
        r#type: origin.r#type,
        host: origin.endpoint.clone(),
        origin_path: origin.path.clone().unwrap_or_default(),
    }
}

/// The description of our deployments, by which they are known again.
#[must_use]
pub fn description(owner: &Owner, proof: &Proof, is_whole: bool) -> String {
    let what = if is_whole { "locked" } else { ONE_DOOR };
    let by = match proof {
        Proof::Signature => String::new(),
        other => format!(" by {}", other.noun()),
    };
    format!("palisade {} {}: {what}{by}", owner.uid, owner.made_for().object())
}

/// Whether `description` is of a deployment of `owner`'s whose routes ask an authorizer for another header than `proof`'s: the
/// deployment itself does not tell which authorizer.
#[must_use]
pub fn is_of_other_header(description: &str, owner: &Owner, proof: &Proof) -> bool {
    let wanted = self::description(owner, proof, true);
    let is_by_header = matches!(proof, Proof::Header(_)) && description.contains(": locked by header ");
    is_by_header && is_ours(description, owner) && description != wanted
}

/// Whether `description` is of a deployment that another object of ours has locked by an API key.
#[must_use]
pub fn is_of_other_key(description: &str, owner: &Owner) -> bool {
    let by_key = format!(": locked by {}", Proof::Key.noun());
    description.starts_with("palisade ") && description.contains(&by_key) && !is_ours(description, owner)
}

/// What a route asks its callers for, for people.
#[must_use]
pub fn asked_for(authorization: &Authorization) -> &'static str {
    match authorization.kind.as_str() {
        AWS_IAM => "a signature (AWS_IAM)",
        NONE if authorization.api_key_required => "an API key",
        NONE => "nothing",
        CUSTOM if authorization.api_key_required => "an API key, and what a Lambda authorizer wants",
        CUSTOM => "what a Lambda authorizer wants",
        _ if authorization.api_key_required => "an API key, beside their own authorizer",
        _ => "what they asked for before",
    }
}

/// Whether `description` is of a deployment of `owner`'s.
#[must_use]
pub fn is_ours(description: &str, owner: &Owner) -> bool {
    description.starts_with(&format!("palisade {} ", owner.uid))
}

/// Whether `description` is of a deployment of `owner`'s that has only the first route locked: nobody goes back to it once the
/// others are.
#[must_use]
pub fn is_of_one_route(description: &str, owner: &Owner) -> bool {
    is_ours(description, owner) && description.contains(&format!(": {ONE_DOOR}"))
}

/// The description of a deployment whose routes ask for nothing of ours any more, since a client certificate is asked for before them.
/// It is the team's from now on.
#[must_use]
pub fn description_of_opened(owner: &Owner) -> String {
    format!(
        "as before the lock of {}{OF_ITS_METHODS}",
        owner.made_for().object()
    )
}

/// Whether `description` is of such a deployment, whoever it belongs to.
#[must_use]
pub fn is_of_opened(description: &str) -> bool {
    description.ends_with(OF_ITS_METHODS)
}
