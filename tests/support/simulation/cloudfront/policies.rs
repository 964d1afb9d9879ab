//! Cache, origin request and response headers policies: AWS's managed ones, and those that a test says the account has of its own.

use super::super::account::Account;
use super::super::refusal::{Outcome, Refusal};
use super::behaviours;
use palisade::aws::operations::{Answer, Call};
use palisade::domain::edge::host::Headers;
use palisade::domain::edge::xml::{self, Element};
use serde::Serialize;

/// A policy of the account's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnPolicy {
    pub id: String,
    /// Whether it sends the viewer's Host header on.
    pub sends_host: bool,
}

/// Of one kind: the element that names one, how CloudFront refuses one that is not there, and AWS's own.
struct Known {
    element: &'static str,
    code: &'static str,
    kind: &'static str,
    managed: &'static [&'static str],
}

/// In the order of AWS's documentation.
const KNOWN: [Known; 3] = [
    Known {
        element: "CachePolicyId",
        code: "NoSuchCachePolicy",
        kind: "cache policy",
        managed: &[
            "2e54312d-136d-493c-8eb9-b001f22f67d2",
            "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
            "08627262-05a9-4f76-9ded-b50ca2e3a84f",
            "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
            "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
        ],
    },
    Known {
        element: "OriginRequestPolicyId",
        code: "NoSuchOriginRequestPolicy",
        kind: "origin request policy",
        managed: &[
            "216adef6-5c7f-47e4-b989-5492eafa07d3",
            "33f36d7e-f396-46d9-90e0-52428a34d9dc",
            "b689b0a8-53d0-40ab-baf2-68738e2966ac",
            "59781a5b-3903-41f3-afcb-af62929ccde1",
            "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
            "775133bc-15f2-49f9-abea-afb2e0bf67d2",
            "bf0718e1-ba1e-49d1-88b1-f726733018ae",
            "acba4595-bd28-49b8-b9fe-13317c0390fa",
        ],
    },
    Known {
        element: "ResponseHeadersPolicyId",
        code: "NoSuchResponseHeadersPolicy",
        kind: "response headers policy",
        managed: &[
            "e61eb60c-9c35-4d20-a928-2b84e02af89c",
            "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
            "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
            "67f7725c-6f97-4210-82d7-5512b31e9d03",
            "60669652-455b-4ae9-85a4-c4c02393f86c",
        ],
    },
];

/// AWS's managed policies that send the viewer's Host on.
const WITH_HOST: [&str; 6] = [
    "2e54312d-136d-493c-8eb9-b001f22f67d2",
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
    "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "33f36d7e-f396-46d9-90e0-52428a34d9dc",
    "bf0718e1-ba1e-49d1-88b1-f726733018ae",
];

/// Refuses a behaviour with a policy that is neither AWS's nor the account's own.
pub fn check(behaviour: &Element, own: &[OwnPolicy]) -> Outcome<()> {
    for Known {
        element,
        code,
        kind,
        managed,
    } in KNOWN
    {
        let named = xml::text_at(behaviour, element);
        if named
            .as_ref()
            .is_some_and(|id| !managed.contains(&id.as_str()) && own.iter().all(|own| own.id != *id))
        {
            return Refusal::refuse(code, format!("The specified {kind} does not exist."));
        }
    }
    Ok(())
}

/// Which headers of viewers the policy of this kind sends on.
fn headers(element: &str, id: &str, own: &[OwnPolicy]) -> Outcome<Headers> {
    let known = KNOWN.iter().find(|known| known.element == element);
    let known = known.expect("a kind of policy");
    let is_managed = known.managed.contains(&id);
    let of_own = own.iter().find(|own| own.id == id);
    if !is_managed && of_own.is_none() {
        return Refusal::refuse(
            known.code,
            format!("The specified {} does not exist.", known.kind),
        );
    }
    let sends = WITH_HOST.contains(&id) || of_own.is_some_and(|own| own.sends_host);
    Ok(if sends {
        Headers {
            behavior: "whitelist".to_owned(),
            names: vec!["Host".to_owned()],
        }
    } else {
        Headers {
            behavior: "none".to_owned(),
            names: vec![],
        }
    })
}

impl Account {
    /// What is answered of a policy.
    pub fn policy_headers(&self, call: &Call) -> Outcome<Answer> {
        let own = &self.settings.own_policies;
        Ok(match call {
            Call::GetCachePolicy { id } => Answer::GetCachePolicy(headers("CachePolicyId", id, own)?),
            Call::GetOriginRequestPolicy { id } => {
                Answer::GetOriginRequestPolicy(headers("OriginRequestPolicyId", id, own)?)
            }
            other => unreachable!("{other:?} belongs to another service"),
        })
    }
}

/// Whether the viewer's Host goes on to the origin.
pub fn sends_host(config: &Element, own: &[OwnPolicy]) -> bool {
    let is_of_own = |id: &str| own.iter().any(|own| own.id == id && own.sends_host);
    let sends = |id: String| WITH_HOST.contains(&id.as_str()) || is_of_own(&id);
    let named = |behaviour: &Element| {
        ["CachePolicyId", "OriginRequestPolicyId"].map(|element| xml::text_at(behaviour, element))
    };
    behaviours(config)
        .into_iter()
        .flat_map(named)
        .flatten()
        .any(sends)
}
