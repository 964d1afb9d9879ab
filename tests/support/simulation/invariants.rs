//! What must hold after every step, whatever went wrong before.

use super::resources::{Kind, Resource};
use super::{Planted, SimulatedCloud};
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::TAG_CLUSTER;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of which an object has several.
const MANY: [Kind; 4] = [Kind::IpSet, Kind::ApiKey, Kind::Certificate, Kind::Record];

/// Watches an account on behalf of one cluster.
#[derive(Clone)]
pub struct Invariants {
    cluster: String,
    /// Hashes of what did not belong to the cluster when the watch began, by ARN.
    foreign: BTreeMap<String, Option<u64>>,
}

impl Invariants {
    pub fn watch(cloud: &SimulatedCloud, cluster: &str) -> Self {
        let mut watch = Self {
            cluster: cluster.to_owned(),
            foreign: BTreeMap::new(),
        };
        watch.renew(cloud);
        watch
    }

    /// Takes what others did since as given. Call it after tampering, and [`Self::check`] before.
    pub fn renew(&mut self, cloud: &SimulatedCloud) {
        drop(cloud.take_shut_out());
        let resources = cloud.resources_seen_by(&self.cluster);
        let foreign = resources.iter().filter(|found| !self.owns(found));
        self.foreign = foreign.map(|found| (found.arn.clone(), found.hash)).collect();
    }

    /// Panics with everything that does not hold.
    #[track_caller]
    pub fn check(&self, cloud: &SimulatedCloud) {
        let broken = self.broken(cloud);
        assert!(broken.is_empty(), "invariants broken:\n{}", broken.join("\n"));
    }

    /// Everything that does not hold, in words.
    pub fn broken(&self, cloud: &SimulatedCloud) -> Vec<String> {
        let resources = cloud.resources_seen_by(&self.cluster);
        let mut broken = self.touched(&resources);
        broken.extend(self.untagged(&resources));
        broken.extend(self.duplicates(&resources));
        broken.extend(self.dangling(&resources, cloud));
        broken.extend(self.refused(&resources, cloud));
        broken.extend(told_keys(&resources, cloud));
        broken.extend(cloud.take_shut_out());
        broken.extend(dropped(cloud));
        broken
    }

    fn owns(&self, resource: &Resource) -> bool {
        resource.tags.get(TAG_CLUSTER) == Some(&self.cluster)
    }

    /// What is not ours stays as it was.
    fn touched(&self, resources: &[Resource]) -> Vec<String> {
        let now: BTreeMap<_, _> = resources
            .iter()
            .map(|found| (found.arn.as_str(), found.hash))
            .collect();
        let told = |arn: &str, hash: Option<u64>| match now.get(arn) {
            None => Some(format!("{arn} is not ours and was deleted")),
            Some(current) if *current != hash => Some(format!("{arn} is not ours and was changed")),
            Some(_) => None,
        };
        self.foreign
            .iter()
            .filter_map(|(arn, hash)| told(arn, *hash))
            .collect()
    }

    /// What was made since carries our tags.
    fn untagged(&self, resources: &[Resource]) -> Vec<String> {
        let new = resources
            .iter()
            .filter(|found| !self.foreign.contains_key(&found.arn));
        // A health check can be tagged only once it is made; its reference names the owner.
        let new = new.filter(|found| found.kind != Kind::HealthCheck || !found.tags.is_empty());
        // A certificate that objects share is no object's own.
        let is_shared = |found: &Resource| {
            let serves = found.tags.get("palisade.dev/serves");
            found.kind == Kind::Certificate && serves.is_some_and(|serves| serves == "shared-origin")
        };
        new.filter(|found| !self.owns(found) || (found.uid().is_none() != is_shared(found)))
            .map(|found| format!("{} was made without its owner's tags", found.arn))
            .collect()
    }

    /// An object has one resource of a kind and purpose, but for IP sets, and for API keys, which their successors replace.
    fn duplicates(&self, resources: &[Resource]) -> Vec<String> {
        let mut owned = BTreeMap::<(Kind, bool, &str), Vec<&str>>::new();
        for found in resources
            .iter()
            .filter(|found| self.owns(found) && !MANY.contains(&found.kind))
        {
            if let Some(uid) = found.uid() {
                let purpose = (found.kind, found.for_edge, uid);
                owned.entry(purpose).or_default().push(&found.arn);
            }
        }
        let mut repeated_certificates = self.repeated_certificates(resources);
        let repeated = owned.into_iter().filter(|(_, arns)| arns.len() > 1);
        repeated
            .map(|((kind, _, uid), arns)| {
                format!("{uid} has {} of {kind:?}: {}", arns.len(), arns.join(", "))
            })
            .chain(repeated_certificates.drain(..))
            .collect()
    }

    /// An object has one certificate for the same names.
    fn repeated_certificates(&self, resources: &[Resource]) -> Vec<String> {
        let mut known = BTreeSet::new();
        let all = resources
            .iter()
            .filter(|found| self.owns(found) && found.kind == Kind::Certificate);
        all.filter(|found| !known.insert((found.uid(), &found.name)))
            .map(|found| format!("{} is a second certificate for {}", found.arn, found.name))
            .collect()
    }

    /// What our distributions send, as they are deployed, is accepted by the API, as that is deployed; unless somebody else
    /// has written what a distribution sends.
    fn refused(&self, resources: &[Resource], cloud: &SimulatedCloud) -> Vec<String> {
        let is_ours = |found: &&Resource| self.owns(found) && found.kind == Kind::Distribution;
        let ours = resources
            .iter()
            .filter(is_ours)
            .filter(|found| !cloud.is_spoiled(&found.id));
        ours.filter_map(|found| cloud.viewer_is_served(&found.id).err())
            .collect()
    }

    /// An enabled distribution of ours has its web ACL, and shows something to the API: by the function version that it
    /// refers to, by a header, or by a client certificate.
    fn dangling(&self, resources: &[Resource], cloud: &SimulatedCloud) -> Vec<String> {
        let ours = resources
            .iter()
            .filter(|found| self.owns(found) && found.kind == Kind::Distribution && found.enabled);
        ours.flat_map(|found| {
            let missing = found.references.iter().filter(|arn| !cloud.exists(arn));
            let mut broken: Vec<_> = missing
                .map(|arn| format!("{} refers to {arn}, which is gone", found.arn))
                .collect();
            if !found.references.iter().any(|arn| arn.contains(":wafv2:")) {
                broken.push(format!("{} is enabled without a web ACL", found.arn));
            }
            if !found.shows {
                broken.push(format!("{} is enabled and shows nothing to the API", found.arn));
            }
            broken
        })
        .collect()
    }
}

/// No private key of a client certificate stands in a name or a tag, in DNS, in a truststore, or in a call as it is told.
fn told_keys(resources: &[Resource], cloud: &SimulatedCloud) -> Vec<String> {
    if !cloud.has_keys() {
        return vec![];
    }
    let telling = resources
        .iter()
        .filter(|found| cloud.tells_a_key(&format!("{found:?}")));
    let mut broken: Vec<String> = telling
        .map(|found| format!("{} tells a private key", found.arn))
        .collect();
    broken.extend(cloud.take_told_keys());
    broken
}

/// What others put into resources of ours is there byte for byte, rules also in their order.
fn dropped(cloud: &SimulatedCloud) -> Vec<String> {
    let mut broken = Vec::new();
    let mut rules = BTreeMap::<String, Vec<String>>::new();
    for planted in cloud.planted() {
        match planted {
            Planted::Rule { web_acl, rule } => rules.entry(web_acl).or_default().push(rule),
            Planted::Field { web_acl, key, value } => {
                let found = cloud
                    .web_acl_document(&web_acl)
                    .map(|document| document[&key].to_string());
                if found.is_some_and(|found| found != value) {
                    broken.push(format!("web ACL {web_acl} lost {key}, which is not ours"));
                }
            }
            Planted::Element {
                distribution,
                element,
            } => {
                let found = cloud.distribution_config(&distribution);
                if found.is_some_and(|config| xml::at(&config, &element.name) != Some(&element)) {
                    broken.push(format!(
                        "distribution {distribution} lost {}, which is not ours",
                        element.name
                    ));
                }
            }
        }
    }
    for (web_acl, planted) in rules {
        let Some(document) = cloud.web_acl_document(&web_acl) else {
            continue;
        };
        let all = document["Rules"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Value::to_string);
        let kept: Vec<_> = all.filter(|rule| planted.contains(rule)).collect();
        if kept != planted {
            broken.push(format!(
                "web ACL {web_acl} lost, changed or reordered a foreign rule"
            ));
        }
    }
    broken
}
