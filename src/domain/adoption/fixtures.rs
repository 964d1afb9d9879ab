//! A distribution that somebody else made before an API, for tests.

use super::plan::{Former, plan};
use super::refusals::{Judged, refusals};
use super::rivals::rivals;
use super::{Desired, Seen};
use crate::api::{AdoptionRefusal, WebAclSpec};
use crate::domain::access::proof::Proof;
use crate::domain::edge::config::{self, Settings};
use crate::domain::edge::distribution::{self, Content, Observed};
use crate::domain::edge::document::new_config;
use crate::domain::edge::host::Known;
use crate::domain::edge::xml::{self, Element};
use crate::domain::firewall::copied::Copied;
use crate::domain::kernel::identity::{Owner, Tags};
use serde_json::{Value, json};

pub const ID: &str = "E1THEIRS";
pub const API: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
pub const ACL: &str = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/theirs/1";

pub fn owner() -> Owner {
    Owner {
        cluster: "c0ffee00-0000".into(),
        namespace: "shop".into(),
        name: "petstore".into(),
        uid: "12345678-aaaa-bbbb".into(),
        taken: None,
    }
}

/// What the spec declares of the distribution.
pub fn wanted() -> distribution::Desired {
    let mut settings = settings();
    settings.comment = distribution::comment(&owner());
    settings.origin.id = "palisade-api".into();
    settings.web_acl_arn = String::new();
    settings.signer_version_arn = String::new();
    settings.signer_includes_body = false;
    distribution::Desired {
        owner: owner(),
        settings,
        tags: owner().tags(),
        caveats: vec![],
        host: None,
        policies: Known::default(),
        adopts: Some(ID.into()),
    }
}

fn settings() -> Settings {
    let mut settings = Settings::baseline();
    settings.origin.id = "their-api".into();
    settings.origin.domain_name = API.into();
    settings.origin.read_timeout = 30;
    settings.comment = "the guide's perimeter".into();
    settings.web_acl_arn = ACL.into();
    settings.signer_version_arn = "arn:aws:lambda:us-east-1:111122223333:function:their-signer:3".into();
    settings.signer_includes_body = true;
    settings.price_class = "PriceClass_All".into();
    settings.http_version = "http2and3".into();
    settings.cache_policy_id = config::CACHING_DISABLED.into();
    settings.origin_request_policy_id = config::ALL_VIEWER_EXCEPT_HOST.into();
    settings.uncached_errors = Some(config::error_codes());
    settings.geo_restriction.kind = "none".into();
    settings
}

/// It, with a change.
pub fn found(change: impl FnOnce(&mut Element, &mut Tags)) -> Observed {
    let mut config = new_config("theirs", &settings());
    // A new configuration begins with an origin of ours.
    let origins = xml::items_at(&config, "Origins").into_iter();
    let theirs = origins.filter(|origin| xml::text_at(origin, "Id").as_deref() == Some("their-api"));
    let theirs = theirs.cloned().collect();
    xml::put(&mut config, xml::list("Origins", theirs), &[]);
    let mut tags = Tags::new();
    change(&mut config, &mut tags);
    Observed {
        content: Content {
            id: ID.into(),
            arn: format!("arn:aws:cloudfront::111122223333:distribution/{ID}"),
            domain_name: "d1theirs.cloudfront.net".into(),
            etag: "E".into(),
            status: "Deployed".into(),
            config,
        },
        tags,
    }
}

/// Its web ACL.
pub fn web_acl() -> Value {
    json!({"Name": "theirs", "DefaultAction": {"Allow": {}}, "Rules": []})
}

/// What the object's web ACL takes over of `former`.
pub fn copied(former: &Value, spec: &WebAclSpec) -> Copied {
    crate::domain::firewall::copied::copied(former, spec, "palisade-shop-petstore-1")
}

/// The hash of its adoption where this is its web ACL.
pub fn hash_with(web_acl: &Value) -> String {
    let former = Former {
        web_acl,
        spec: &WebAclSpec::default(),
    };
    plan(&wanted(), &Proof::Signature, &found(|_, _| {}), Some(former), "").hash
}

/// The reasons for which it is not adopted, and the fields that they name.
pub fn refused(
    found: &Observed,
    former: Value,
    copied: Option<&Copied>,
    proof: &Proof,
) -> Vec<(String, String)> {
    let seen = Seen {
        former_web_acl: Some(former),
        ..Seen::default()
    };
    refused_by(found, &seen, copied, proof)
}

/// The same, by all that was seen.
pub fn refused_by(
    found: &Observed,
    seen: &Seen,
    copied: Option<&Copied>,
    proof: &Proof,
) -> Vec<(String, String)> {
    let refusals = all_refusals(found, seen, copied, proof).into_iter();
    refusals.map(|refusal| (refusal.reason, refusal.field)).collect()
}

/// What helps where its web ACL is `former`.
pub fn remedies(found: &Observed, former: Value, copied: &Copied) -> Vec<String> {
    let seen = Seen {
        former_web_acl: Some(former),
        ..Seen::default()
    };
    let refusals = all_refusals(found, &seen, Some(copied), &Proof::Signature).into_iter();
    refusals.map(|refusal| refusal.remedy).collect()
}

fn all_refusals(
    found: &Observed,
    seen: &Seen,
    copied: Option<&Copied>,
    proof: &Proof,
) -> Vec<AdoptionRefusal> {
    let desired = Desired {
        id: ID.into(),
        confirm: None,
        let_go: ["ACK".to_owned()].into(),
        release: false,
        deletion_policy: None,
        terms: String::new(),
    };
    let (owner, tags) = (owner(), owner().tags());
    let rivals = rivals(ID, &found.tags, &desired.let_go);
    let judged = Judged {
        owner: &owner,
        desired: &desired,
        origin: (API, ""),
        proof,
        tags: &tags,
        seen,
        copied,
        rivals: &rivals,
    };
    let refusals = refusals(&judged, found);
    for refusal in &refusals {
        assert!(!refusal.message.is_empty() && !refusal.remedy.is_empty());
    }
    refusals
}
