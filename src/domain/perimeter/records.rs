//! What a pass has verified in full: a hash of what is wanted and a fingerprint of what is there, by resource.

use super::adoption::Standing;
use super::desired::Desired;
use super::observed::Observed;
use super::plan::Plan;
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::edge::{certificate, certificate_next, distribution_next};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::{Fingerprint, Never, Seen, record};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::{
    client_certificate, endpoint, origin_certificate, origin_domain, truststore,
};
use crate::domain::shield::health_check;
use crate::domain::signer::{function, role};
use std::collections::BTreeMap;

/// Hash of what is wanted of a resource; `None` while its inputs are missing, or where nothing is wanted.
fn hash_of(id: &Id, desired: &Desired, observed: &Observed) -> Option<String> {
    match id.kind {
        Kind::Role => Some(role::hash_of(&desired.role)),
        Kind::Function => function::hash_of(&desired.function, &observed.function_inputs()),
        Kind::IpSet => {
            let set = desired.ip_sets.iter().find(|set| set.part == id.part);
            set.map(ip_set::hash_of)
        }
        Kind::WebAcl => web_acl::hash_of(&desired.web_acl, &observed.web_acl_inputs(desired)),
        Kind::Logging => logging::hash_of(desired.logging.as_ref(), &observed.logging_inputs()),
        Kind::ApiKey => desired.api_key.as_ref().map(api_key::hash_of),
        Kind::Authorizer => desired.authorizer.as_ref().map(authorizer::hash_of),
        Kind::Certificate => certificate_next::hash_of(id, &observed.names_inputs(Some(desired))),
        Kind::Distribution => {
            let inputs = observed.distribution_inputs(desired, &observed.access_inputs(desired));
            distribution_next::hash_of(&desired.distribution, &inputs)
        }
        Kind::Access => Some(authorization::hash_of(&desired.access)),
        Kind::HealthCheck | Kind::Protection | Kind::Alarm => {
            observed.composed_shield(Some(desired)).hash_of(id)
        }
        Kind::OriginCertificate
        | Kind::OriginRecords
        | Kind::Truststore
        | Kind::OriginDomain
        | Kind::ClientCertificate
        | Kind::Endpoint => hash_of_mutual_tls(id, desired, observed),
        // Their list is read whole, whoever looks at them.
        Kind::Records => None,
    }
}

/// The same of what serves mutual TLS.
fn hash_of_mutual_tls(id: &Id, desired: &Desired, observed: &Observed) -> Option<String> {
    let declared = desired.mutual_tls.as_ref()?;
    let inputs = || observed.mutual_tls_inputs(Some(desired));
    match id.kind {
        Kind::OriginCertificate => origin_certificate::hash_of(id, &inputs()),
        Kind::Truststore => Some(truststore::hash_of(declared)),
        Kind::OriginDomain => Some(origin_domain::hash_of(declared)),
        Kind::ClientCertificate => client_certificate::hash_of(id, &inputs()),
        Kind::Endpoint => Some(endpoint::hash_of(declared)),
        // Their zone is read whole, whoever looks at it.
        _ => None,
    }
}

/// What may be recorded as verified at the end of a pass: resources that are as wanted, deployment apart.
#[must_use]
pub fn verified(desired: &Desired, observed: &Observed, plan: &Plan) -> BTreeMap<String, String> {
    let mut records = Records {
        desired,
        observed,
        plan,
        out: BTreeMap::new(),
    };
    // Where nothing signs, this alone proves whose it is, once its tags are gone.
    records.add_remembered(&Id::of(Kind::Role), &observed.role, |found: &role::Observed| {
        observed.owns_role(found) == Ownership::Foreign
    });
    records.add(&Id::of(Kind::Function), &observed.function);
    for (part, seen) in &observed.ip_sets {
        records.add(
            &Id {
                kind: Kind::IpSet,
                part: part.clone(),
            },
            seen,
        );
    }
    // Its capacity is known only once it is read after the last write.
    if observed
        .web_acl
        .present()
        .is_none_or(|acl| acl.capacity().is_some())
    {
        records.add(&Id::of(Kind::WebAcl), &observed.web_acl);
    }
    records.add(&Id::of(Kind::Logging), &observed.logging);
    records.add_remembered(
        &Id::of(Kind::ApiKey),
        &observed.api_key,
        |found: &api_key::Observed| found.is_empty(&desired.owner),
    );
    records.add_remembered(
        &Id::of(Kind::Authorizer),
        &observed.authorizer,
        |found: &authorizer::Observed| found.is_empty(&observed.owner, observed.owns_authorizer()),
    );
    for (arn, seen) in &observed.names.certificates {
        records.add(&certificate::id_of(arn), seen);
    }
    records.add_distribution();
    records.add(&Id::of(Kind::Access), &observed.access);
    records.add(&Id::of(Kind::HealthCheck), &observed.shield.own_check);
    if hash_of(&health_check::named(), desired, observed).is_some() {
        records.add(&health_check::named(), &observed.shield.named_check);
    }
    records.add(&Id::of(Kind::Protection), &observed.shield.protection);
    records.add(&Id::of(Kind::Alarm), &observed.shield.alarm);
    records.add_mutual_tls();
    records.out.extend(observed.last_writes());
    records.out.extend(observed.repetitions());
    records.out
}

/// What is read before anything is decided of the API's methods.
const ACCESS_NEEDS: [Kind; 4] = [Kind::Access, Kind::ApiKey, Kind::Authorizer, Kind::Distribution];

/// Stands in records for what an earlier spec has left, or is not as wanted now.
const LEFT_OVER: &str = "leftover";

struct Records<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    plan: &'a Plan,
    out: BTreeMap<String, String>,
}

impl Records<'_> {
    fn add<L, T: Fingerprint>(&mut self, id: &Id, seen: &Seen<L, T>) {
        let key = id.key();
        match seen {
            Seen::Present(found) if self.is_as_wanted(id) => {
                let hash = hash_of(id, self.desired, self.observed);
                self.out.extend(hash.map(|hash| (key, record(&hash, found))));
            }
            // Not looked at in this pass: what was recorded still stands.
            Seen::Listed(_) => self.out.extend(
                self.observed
                    .pass
                    .recorded
                    .get(&key)
                    .map(|old| (key, old.clone())),
            ),
            Seen::Present(_) | Seen::Absent => {}
        }
    }

    /// What no list shows, or proves to be ours, is remembered until it is seen that nothing of it is left, whether it is as wanted
    /// or not.
    fn add_remembered<L, T: Fingerprint>(
        &mut self,
        id: &Id,
        seen: &Seen<L, T>,
        is_empty: impl Fn(&T) -> bool,
    ) {
        let is_unwanted = hash_of(id, self.desired, self.observed).is_none();
        match seen.present() {
            Some(found) if (is_unwanted || !self.is_as_wanted(id)) && !is_empty(found) => {
                self.out.insert(id.key(), record(LEFT_OVER, found));
            }
            _ => self.add(id, seen),
        }
    }

    /// That one was adopted is remembered until it is given back, also while its former owner writes it: what was confirmed is not asked
    /// once more, and it proves whose it is.
    fn add_distribution(&mut self) {
        let (observed, id) = (self.observed, Id::of(Kind::Distribution));
        match observed.standing(self.desired) {
            Some(Standing::Released) => return,
            // It may serve as it did before, which is not what is wanted; and what is taken back was confirmed.
            Some(Standing::Releasing(found)) => {
                if observed.was_switched(found) {
                    self.out.insert(id.key(), record(LEFT_OVER, found));
                }
                return;
            }
            _ => {}
        }
        self.add(&id, &observed.distribution);
        let is_kept = observed.adoption.proven.is_some() && observed.was_adopted();
        if let Some(found) = observed.distribution.present()
            && is_kept
            && !self.out.contains_key(&id.key())
            && observed.owns(found) != Ownership::Foreign
        {
            self.out.insert(id.key(), record(LEFT_OVER, found));
        }
    }

    /// What serves mutual TLS. No list shows the truststore and the endpoint; the domain name's row is there as long as its tags.
    fn add_mutual_tls(&mut self) {
        let observed = self.observed;
        // What was recorded of a mode that is left tells nothing any more.
        if self.desired.mutual_tls.is_none() {
            return;
        }
        let seen = &observed.mutual_tls;
        for (arn, seen) in &seen.origin_certificates {
            self.add(&origin_certificate::id_of(arn), seen);
        }
        // What could not be read is looked at again with the next pass, and not told as mended until it is due.
        if !observed.failed.contains(&Kind::Truststore) {
            self.add(&Id::of(Kind::Truststore), &seen.truststore);
        }
        self.add(&Id::of(Kind::OriginDomain), &seen.domain);
        for (arn, seen) in &seen.client_certificates {
            self.add(&client_certificate::id_of(arn), seen);
        }
        self.add_endpoint(&seen.endpoint);
    }

    /// While the switch waits for other parts, it is remembered that nothing is against it.
    fn add_endpoint(&mut self, seen: &Seen<Never, endpoint::Observed>) {
        let id = Id::of(Kind::Endpoint);
        let is_waiting = self.plan.blocked.iter().any(|blocked| blocked.id == id);
        let is_refused = self.plan.problems.iter().any(|problem| problem.id == id);
        let declared = self
            .desired
            .mutual_tls
            .as_ref()
            .filter(|_| is_waiting && !is_refused);
        match declared.zip(seen.present()) {
            Some((declared, found)) => {
                let line = record(&endpoint::awaiting_hash_of(declared), found);
                self.out.insert(id.key(), line);
            }
            None => self.add(&id, seen),
        }
    }

    fn is_as_wanted(&self, id: &Id) -> bool {
        let plan = self.plan;
        let waits = plan
            .waits
            .iter()
            .any(|wait| wait.id == *id && wait.reason != Reason::Deploying);
        // Of the API's routes each has an id of its own.
        let is_due = plan
            .ready
            .iter()
            .any(|step| step.id == *id || (id.kind == Kind::Access && step.id.kind == id.kind));
        // Its methods are judged by what is read of other things as well: without that nothing was decided of them.
        let is_unread = plan
            .reads
            .iter()
            .any(|read| read == id || (id.kind == Kind::Access && ACCESS_NEEDS.contains(&read.kind)));
        let is_wrong = plan.problems.iter().any(|problem| problem.id == *id);
        let is_blocked = plan.blocked.iter().any(|blocked| blocked.id == *id);
        !(waits || is_due || is_unread || is_wrong || is_blocked)
    }
}
