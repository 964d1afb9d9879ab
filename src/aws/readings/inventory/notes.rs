//! What passes wrote or read in full, as rows of the lists: what the lists may not show yet.

use crate::aws::readings::kept::{Kept, forget, known, lay};
use crate::domain::access::credentials::authorizer;
use crate::domain::edge::distribution;
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::packed::Packed;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed;
use crate::domain::signer::{function, role};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Rows that outrank those of the lists.
#[derive(Default)]
pub(super) struct Notes {
    roles: Kept<Packed<role::Observed>>,
    functions: Kept<Packed<function::Configuration>>,
    ip_sets: Kept<web_acl::Entity>,
    web_acls: Kept<web_acl::Entity>,
    /// By the web ACL's ARN.
    logging: Kept<Packed<logging::Observed>>,
    /// By the owner's UID.
    distributions: Kept<distribution::Listed>,
    /// By ARN.
    tags: Kept<Packed<Tags>>,
}

impl Notes {
    /// What `observed` knows beyond the lists that it was made from.
    pub fn of(observed: &Observed, now: Instant) -> Self {
        let mut notes = Self::default();
        for (arn, tags) in observed.tagged.iter().filter(|(arn, _)| is_listed(arn)) {
            notes.tag(now, arn, tags);
        }
        notes.take_role_and_function(observed, now);
        notes.take_ip_sets(observed, now);
        notes.take_web_acl(observed, now);
        notes.take_distribution(observed, now);
        notes.take_certificates(observed, now);
        notes
    }

    /// Takes over what `newer` knows.
    pub fn merge(&mut self, newer: Self) {
        self.roles.extend(newer.roles);
        self.functions.extend(newer.functions);
        self.ip_sets.extend(newer.ip_sets);
        self.web_acls.extend(newer.web_acls);
        self.logging.extend(newer.logging);
        self.distributions.extend(newer.distributions);
        self.tags.extend(newer.tags);
    }

    /// Forgets what the lists must have caught up with.
    pub fn forget(&mut self, now: Instant) {
        forget(&mut self.roles, now);
        forget(&mut self.functions, now);
        forget(&mut self.ip_sets, now);
        forget(&mut self.web_acls, now);
        forget(&mut self.logging, now);
        forget(&mut self.distributions, now);
        forget(&mut self.tags, now);
    }

    /// Forgets what a fresh list of distributions has caught up with: what differs from then on, others have changed.
    pub fn catch_up(&mut self, listing: &Listing) {
        let is_behind = |row: &distribution::Listed| {
            let listed = listing.distributions.get(&row.id);
            listed.is_none_or(|listed| listed.etag != row.etag)
        };
        self.distributions
            .retain(|_, (_, row)| row.as_ref().is_none_or(is_behind));
    }

    /// Writes the notes over the lists.
    pub fn lay_over(&self, listing: &mut Listing) {
        lay(&self.roles, &mut listing.roles);
        lay(&self.functions, &mut listing.functions);
        lay(&self.ip_sets, &mut listing.ip_sets);
        lay(&self.web_acls, &mut listing.web_acls);
        lay(&self.logging, &mut listing.logging);
        lay(&self.tags, &mut listing.tags);
        for (uid, (_, row)) in &self.distributions {
            match row {
                Some(row) => lay_distribution(row, &mut listing.distributions),
                None => listing
                    .distributions
                    .retain(|_, row| row.is_staging || !row.comment.contains(uid)),
            }
        }
    }

    /// Says nothing of the web ACL and its tags.
    pub fn leave_web_acl(&mut self) {
        for (_, entity) in std::mem::take(&mut self.web_acls).into_values() {
            self.tags
                .retain(|arn, _| entity.as_ref().is_none_or(|entity| entity.arn != *arn));
        }
    }

    fn tag(&mut self, now: Instant, arn: &str, tags: &Tags) {
        self.tags.insert(arn.to_owned(), (now, Some(Packed::new(tags))));
    }

    fn take_role_and_function(&mut self, observed: &Observed, now: Instant) {
        let owner = &observed.owner;
        let role = known(&observed.role, Packed::new);
        if let Some(role) = role {
            self.roles
                .insert(owner.resource_name(role::NAME_LIMIT), (now, role));
        }
        if let Seen::Present(found) = &observed.authorizer {
            let role = found.role.as_ref().map(Packed::new);
            self.roles.insert(authorizer::name(owner), (now, role));
        }
        if let Some(function) = known(&observed.function, |found| Packed::new(&found.latest)) {
            self.functions
                .insert(owner.resource_name(function::NAME_LIMIT), (now, function));
        }
        if let Seen::Present(found) = &observed.function {
            self.tag(now, &found.latest.arn, &found.tags);
        }
    }

    fn take_ip_sets(&mut self, observed: &Observed, now: Instant) {
        let name = |part: &str| Owner::suffixed_name(&observed.owner, part, ip_set::NAME_LIMIT);
        for (part, seen) in &observed.ip_sets {
            if let Some(entity) = known(seen, |set| set.content.entity.clone()) {
                self.ip_sets.insert(name(part), (now, entity));
            }
            if let Seen::Present(set) = seen {
                self.tag(now, &set.content.entity.arn, &set.tags);
            }
        }
    }

    fn take_web_acl(&mut self, observed: &Observed, now: Instant) {
        let name = observed.owner.resource_name(web_acl::NAME_LIMIT);
        if let Some(entity) = known(&observed.web_acl, |acl| acl.content.entity.clone()) {
            self.web_acls.insert(name, (now, entity));
        }
        if let Seen::Present(acl) = &observed.web_acl {
            self.tag(now, &acl.content.entity.arn, &acl.tags);
        }
        let arn = observed.web_acl_arn();
        let arn = arn.or_else(|| observed.outputs.web_acl_arn.clone());
        if let (Some(arn), Some(logging)) = (arn, known(&observed.logging, Packed::new)) {
            self.logging.insert(arn, (now, logging));
        }
    }

    fn take_certificates(&mut self, observed: &Observed, now: Instant) {
        for (arn, seen) in &observed.names.certificates {
            match seen {
                Seen::Present(found) => self.tag(now, arn, &found.tags),
                Seen::Absent => drop(self.tags.insert(arn.clone(), (now, None))),
                Seen::Listed(_) => {}
            }
        }
        let seen = &observed.mutual_tls;
        let of_clients = seen.client_certificates.iter();
        let of_clients = of_clients.map(|(arn, seen)| (arn, known(seen, |found| Packed::new(&found.tags))));
        let of_origins = seen.origin_certificates.iter();
        let of_origins = of_origins.map(|(arn, seen)| (arn, known(seen, |found| Packed::new(&found.tags))));
        for (arn, tags) in of_clients.chain(of_origins.filter(|(arn, _)| is_listed(arn))) {
            if let Some(tags) = tags {
                self.tags.insert(arn.clone(), (now, tags));
            }
        }
    }

    fn take_distribution(&mut self, observed: &Observed, now: Instant) {
        let row = known(&observed.distribution, |found| {
            distribution::listed(&found.content)
        });
        if let Some(row) = row {
            self.distributions.insert(observed.owner.uid.clone(), (now, row));
        }
        if let Seen::Present(found) = &observed.distribution {
            self.tag(now, &found.content.arn, &found.tags);
        }
    }
}

/// Whether the list of tags shows it: that is of one Region, and of the services that perimeters are made of everywhere.
fn is_listed(arn: &str) -> bool {
    let region = Arn::of(arn).map(|arn| arn.region);
    let is_there = region.is_none_or(|region| region.is_empty() || region == function::EDGE_REGION);
    is_there && !arn.contains(":apigateway:")
}

fn lay_distribution(row: &distribution::Listed, rows: &mut BTreeMap<String, distribution::Listed>) {
    match rows.get_mut(&row.id) {
        // The list has caught up with our write: its status is newer.
        Some(known) if known.etag == row.etag => {}
        Some(known) => *known = row.clone(),
        None => drop(rows.insert(row.id.clone(), row.clone())),
    }
}
