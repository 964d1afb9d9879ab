//! What keeps a distribution from being adopted, looked at before anything is written.

mod behaviours;
mod web_acl;

use super::before::{Before, MOST_TAGS};
use super::{Desired, Seen, Whose, whose};
use crate::api::{AdoptionRefusal, AdoptionRival};
use crate::domain::access::proof::Proof;
use crate::domain::edge::config;
use crate::domain::edge::distribution::{COMMENT_START, Observed};
use crate::domain::edge::places::api_origin;
use crate::domain::edge::xml::{self, Element};
use crate::domain::firewall::copied::Copied;
use crate::domain::kernel::identity::{
    Owner, TAG_ADOPTED, TAG_CLUSTER, TAG_NAME, TAG_NAMESPACE, TAG_RETAINED, Tags,
};
use crate::domain::pricing_plans::words;
use behaviours::of_behaviours;
use web_acl::of_web_acl;

/// The reason of a refusal that ends with a person's consent.
pub const NOT_LET_GO: &str = "RivalNotLetGo";
/// As many tags an object may set later: what it has locked, what serves its names and Shield.
const MARKS: usize = 6;
const ID: &str = "spec.distribution.adopt.id";
const LET_GO: &str = "spec.distribution.adopt.letGo";
const ENDPOINT: &str = "spec.origin.endpoint";
const PATH: &str = "spec.origin.path";

/// What a distribution is judged by.
pub struct Judged<'a> {
    /// The object.
    pub owner: &'a Owner,
    /// What its spec says of the adoption.
    pub desired: &'a Desired,
    /// Its origin: domain name and path.
    pub origin: (&'a str, &'a str),
    /// What the API is shown.
    pub proof: &'a Proof,
    /// The tags that the distribution is to have.
    pub tags: &'a Tags,
    /// What else was read.
    pub seen: &'a Seen,
    /// What the web ACL takes over.
    pub copied: Option<&'a Copied>,
    /// Tools that may write it, too.
    pub rivals: &'a [AdoptionRival],
}

/// Why `found` is not adopted; nothing where nothing is in the way.
#[must_use]
pub fn refusals(judged: &Judged<'_>, found: &Observed) -> Vec<AdoptionRefusal> {
    let config = &found.content.config;
    let mut refusals: Vec<AdoptionRefusal> = of_another_object(judged, found).into_iter().collect();
    refusals.extend(of_kind(config));
    refusals.extend(of_origin(judged, config));
    refusals.extend(of_behaviours(judged, config));
    refusals.extend(of_web_acl(judged, found));
    refusals.extend(of_pricing_plan(judged, found));
    refusals.extend(too_much(judged, found));
    refusals.extend(judged.rivals.iter().filter_map(without_consent));
    refusals
}

/// The same once the tags are set, right before the update: what may have become another since.
#[must_use]
pub fn before_the_update(judged: &Judged<'_>, found: &Observed) -> Vec<AdoptionRefusal> {
    let config = &found.content.config;
    let mut refusals = of_kind(config);
    refusals.extend(of_origin(judged, config));
    refusals.extend(of_behaviours(judged, config));
    refusals.extend(of_web_acl(judged, found));
    refusals
}

/// Why nothing is adopted: CloudFront does not know the id.
#[must_use]
pub fn missing(desired: &Desired) -> AdoptionRefusal {
    refusal(
        "NotFound",
        ID,
        format!("CloudFront knows no distribution {} in this account", desired.id),
        "write the id of a distribution of this account: aws cloudfront list-distributions shows them; spec.accountName names the account".to_owned(),
    )
}

/// Why nothing is adopted: the object has a distribution already.
#[must_use]
pub fn has_another(desired: &Desired, own: &str) -> AdoptionRefusal {
    refusal(
        "HasAnother",
        ID,
        format!(
            "this object has the distribution {own} already, so {} is not adopted",
            desired.id
        ),
        format!(
            "declare another object for {}; the one that is here goes on as it is. adopt cannot be taken out of its spec again: to end this, \
             see that spec.deletionPolicy is Retain (the baseline beside adopt), delete this object, and declare it again without adopt: it \
             goes on with {own} as it stands",
            desired.id
        ),
    )
}

fn of_another_object(judged: &Judged<'_>, found: &Observed) -> Option<AdoptionRefusal> {
    if whose(found, judged.owner) != Whose::AnotherObjects {
        return None;
    }
    let tag = |key: &str| found.tags.get(key).map_or("?", String::as_str);
    let object = format!("{}/{}", tag(TAG_NAMESPACE), tag(TAG_NAME));
    Some(refusal(
        "AnotherObject",
        ID,
        format!("Palisade keeps this distribution for another object, {object}, or did so"),
        way_to_it(judged.owner, found, &object),
    ))
}

/// How one comes by a distribution that is `object`'s by its tags or its comment.
fn way_to_it(owner: &Owner, found: &Observed, object: &str) -> String {
    let (id, tags) = (&found.content.id, &found.tags);
    let marks = format!(
        "take its tags whose keys begin with palisade.dev/ off it, and give it a comment that does not begin with '{}'",
        COMMENT_START.trim_end()
    );
    let Some(cluster) = tags.get(TAG_CLUSTER) else {
        return format!(
            "its tags tell no cluster, and its comment is Palisade's: where no cluster of yours keeps it, {marks}"
        );
    };
    if *cluster != owner.cluster {
        return format!(
            "where the cluster {cluster} is there, set spec.distribution.adopt.release: true on {object} there, if it has adopted it; where \
             that cluster is lost, {marks}"
        );
    }
    if tags.contains_key(TAG_ADOPTED) {
        return format!(
            "where {object} is alive, set spec.distribution.adopt.release: true there. Where it is gone, declare ProtectedApi {object} with \
             spec.distribution.adopt.id: {id}: it goes on with it, and a release there gives it back"
        );
    }
    if tags.contains_key(TAG_RETAINED) {
        return format!("declare ProtectedApi {object} again, without adopt: it goes on with it");
    }
    format!(
        "Palisade made it for {object}: what it made is not adopted by its id, and goes on with an object of that name"
    )
}

/// What a distribution of ours never is.
pub(super) fn of_kind(config: &Element) -> Vec<AdoptionRefusal> {
    let is = |path: &str, value: &str| xml::text_at(config, path).as_deref() == Some(value);
    let mut refusals = Vec::new();
    let mut refuse = |reason: &str, message: &str, remedy: &str| {
        refusals.push(refusal(reason, ID, message.to_owned(), remedy.to_owned()));
    };
    if is("Staging", "true") {
        refuse(
            "Staging",
            "it is a staging distribution, which serves viewers of another one only",
            "write the id of the primary distribution, once its continuous deployment has ended",
        );
    }
    if config::continuous_deployment(config).is_some() {
        refuse(
            "ContinuousDeployment",
            "a continuous deployment policy sends some of its viewers to a staging distribution",
            "promote what it tries, or disable the policy and take it off the distribution",
        );
    }
    if is("ConnectionMode", "tenant-only") || xml::at(config, "TenantConfig").is_some_and(has_content) {
        refuse(
            "MultiTenant",
            "it is a multi-tenant distribution, whose tenants have settings of their own",
            "declare an object without adopt, and move the names one by one",
        );
    }
    if is("Enabled", "false") {
        refuse(
            "Disabled",
            "it is disabled, so it serves nobody",
            "enable it first, or declare an object without adopt",
        );
    }
    let is_legacy = xml::at(config, "DefaultCacheBehavior/ForwardedValues").is_some();
    if is_legacy || xml::text_at(config, "DefaultCacheBehavior/CachePolicyId").is_none() {
        refuse(
            "LegacyForwardedValues",
            "its default behavior has ForwardedValues in place of policies",
            "give its default behavior a cache policy and an origin request policy first: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad \
             (CachingDisabled) and b689b0a8-53d0-40ab-baf2-68738e2966ac (AllViewerExceptHostHeader) forward all and cache nothing",
        );
    }
    if is("DefaultCacheBehavior/GrpcConfig/Enabled", "true") {
        refuse(
            "Grpc",
            "its default behavior serves gRPC, which API Gateway does not",
            "declare an object without adopt",
        );
    }
    refusals
}

fn has_content(element: &Element) -> bool {
    element.children.iter().any(|node| node.as_element().is_some())
}

/// Viewers would be moved to another API, or to another path of it.
fn of_origin(judged: &Judged<'_>, config: &Element) -> Option<AdoptionRefusal> {
    let (domain, path) = judged.origin;
    let found = config::origin_of(config);
    if found.domain_name != domain {
        let leads = if found.domain_name.is_empty() {
            "an origin group".to_owned()
        } else {
            found.domain_name
        };
        return Some(refusal(
            "AnotherOrigin",
            ENDPOINT,
            format!("its default behavior leads viewers to {leads}, and not to {domain}"),
            "write the API that it leads to into the spec of another object; what leads to an origin group or past the API's default \
             endpoint is not adopted"
                .to_owned(),
        ));
    }
    let mut origins = xml::items_at(config, "Origins").into_iter();
    let own = origins.find(|origin| xml::text_at(origin, "Id").as_ref() == Some(&found.id));
    if own.is_some_and(|origin| {
        origin.get_child("VpcOriginConfig").is_some() || origin.get_child("CustomOriginConfig").is_none()
    }) {
        return Some(refusal(
            "VpcOrigin",
            ENDPOINT,
            "its default behavior leads viewers through a VPC origin".to_owned(),
            "lead it to the API's default endpoint first".to_owned(),
        ));
    }
    (found.path != path).then(|| {
        let said = if found.path.is_empty() {
            "leave spec.origin.path out"
        } else {
            "write it into spec.origin.path"
        };
        refusal(
            "AnotherPath",
            PATH,
            format!(
                "it puts the path '{}' before what viewers ask for, and the spec says '{path}'",
                found.path
            ),
            said.to_owned(),
        )
    })
}

/// A plan is for one distribution and one web ACL, so that ours may not be put in the place of theirs. What was adopted before has ours.
fn of_pricing_plan(judged: &Judged<'_>, found: &Observed) -> Option<AdoptionRefusal> {
    let plan = judged.seen.pricing_plan.in_force()?;
    if whose(found, judged.owner) == Whose::Predecessors {
        return None;
    }
    Some(refusal(
        "PricingPlan",
        ID,
        words::keeps_web_acl(plan),
        words::END_OR_LEAVE.to_owned(),
    ))
}

/// What stood before is remembered in tags, of which a distribution has 50.
fn too_much(judged: &Judged<'_>, found: &Observed) -> Option<AdoptionRefusal> {
    let tags = tags_to_be(judged, found);
    let custom = tags.keys().filter(|key| !key.starts_with("aws:")).count();
    (custom + MARKS > MOST_TAGS).then(|| {
        refusal(
            "TooManyTags",
            "spec.tags",
            format!(
                "it would have {custom} tags with those that remember what it was before, and CloudFront takes {MOST_TAGS}, {MARKS} of which are kept free"
            ),
            "take tags off the distribution, or out of spec.tags".to_owned(),
        )
    })
}

/// The tags that the distribution has once it is adopted.
#[must_use]
pub fn tags_to_be(judged: &Judged<'_>, found: &Observed) -> Tags {
    let origin = api_origin(&found.content.config, judged.origin.0);
    let before = Before::of(&found.content.config, &origin, &found.tags);
    let mut tags = found.tags.clone();
    tags.extend(super::tags(judged.tags, &before, ""));
    tags
}

fn without_consent(rival: &AdoptionRival) -> Option<AdoptionRefusal> {
    rival.needs_consent.then(|| {
        refusal(
            NOT_LET_GO,
            LET_GO,
            format!(
                "it bears {}, so {} may write or delete it at any time",
                rival.seen, rival.tool
            ),
            format!(
                "{}. Then add {} to spec.distribution.adopt.letGo",
                rival.command, rival.tool
            ),
        )
    })
}

pub(super) fn refusal(reason: &str, field: &str, message: String, remedy: String) -> AdoptionRefusal {
    AdoptionRefusal {
        reason: reason.to_owned(),
        field: field.to_owned(),
        message,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::fixtures::{ID as DISTRIBUTION, found, owner};

    /// What is said of a distribution with the tags of `other`, and this one.
    fn said(other: &Owner, mark: Option<&str>) -> String {
        let found = found(|_, tags| {
            tags.extend(other.tags());
            tags.extend(mark.map(|mark| (mark.to_owned(), "2026-01-01T00:00:00Z".to_owned())));
        });
        way_to_it(&owner(), &found, "shop/other")
    }

    #[test]
    fn an_object_that_has_a_distribution_is_told_how_it_is_rid_of_an_adoption_without_losing_that() {
        let desired = Desired {
            id: DISTRIBUTION.to_owned(),
            confirm: None,
            let_go: std::collections::BTreeSet::new(),
            release: false,
            deletion_policy: None,
            terms: String::new(),
        };
        let told = has_another(&desired, "E2OWN").remedy;
        for part in [
            "spec.deletionPolicy is Retain",
            "again without adopt",
            "goes on with E2OWN",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn what_another_object_left_is_gone_on_with_by_one_of_its_name() {
        let other = Owner {
            name: "other".into(),
            uid: "another".into(),
            ..owner()
        };
        let adopted = said(&other, Some(TAG_ADOPTED));
        let again =
            format!("declare ProtectedApi shop/other with spec.distribution.adopt.id: {DISTRIBUTION}");
        assert!(adopted.contains(&again), "{adopted}");
        let retained = said(&other, Some(TAG_RETAINED));
        assert!(
            retained.contains("declare ProtectedApi shop/other again"),
            "{retained}"
        );
        assert!(!retained.contains("adopt.id"), "{retained}");
    }

    #[test]
    fn of_a_cluster_that_is_lost_it_is_said_which_marks_to_take_off() {
        let other = Owner {
            cluster: "another".into(),
            ..owner()
        };
        let lost = said(&other, Some(TAG_ADOPTED));
        for part in [
            "where the cluster another is there",
            "begin with palisade.dev/",
            "'palisade'",
        ] {
            assert!(lost.contains(part), "{lost}");
        }
    }
}
