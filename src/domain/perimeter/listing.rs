//! The account-wide lists: what each shows of every object's resources, in few bytes.

use super::observed::{Observed, Outputs};
use crate::domain::access::credentials::authorizer;
use crate::domain::edge::{certificate, distribution, names};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership};
use crate::domain::kernel::observing::{Pass, Seen};
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::{
    self, SERVES_CLIENT, SERVES_ORIGIN, TAG_SERVES, client_certificate, origin_domain, shared_certificate,
};
use crate::domain::signer::{function, role};
use std::collections::{BTreeMap, BTreeSet};

/// Start of the ARNs of ACM's certificates.
pub(super) const CERTIFICATES: &str = "arn:aws:acm:";

/// In the ARN of a custom domain name of API Gateway, before the name.
pub(super) const DOMAIN_NAMES: &str = "::/domainnames/";

/// Client certificates by ARN.
type ClientCertificates = BTreeMap<String, Seen<client_certificate::Listed, client_certificate::Observed>>;

/// The lists that one refresh of the inventory has read, whole.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Listing {
    pub roles: BTreeMap<String, Packed<role::Observed>>,
    pub functions: BTreeMap<String, Packed<function::Configuration>>,
    pub ip_sets: BTreeMap<String, web_acl::Entity>,
    pub web_acls: BTreeMap<String, web_acl::Entity>,
    /// How many web ACLs there are besides: others' names are not kept.
    pub foreign_web_acls: usize,
    /// By the web ACL's ARN.
    pub logging: BTreeMap<String, Packed<logging::Observed>>,
    /// By id.
    pub distributions: BTreeMap<String, distribution::Listed>,
    /// Ids of the distributions that [`super::strangers::suspects`] looks at.
    pub strangers: Vec<String>,
    /// Tags of this cluster's resources, by ARN.
    pub tags: BTreeMap<String, Packed<Tags>>,
}

impl Listing {
    /// The tags of a resource of this cluster, where the tagging service has them.
    #[must_use]
    pub fn tags_of(&self, arn: &str) -> Option<Tags> {
        self.tags.get(arn)?.unpack()
    }

    /// Whether anything in the lists may be `owner`'s.
    #[must_use]
    pub fn has(&self, owner: &Owner) -> bool {
        self.roles.contains_key(&owner.resource_name(role::NAME_LIMIT))
            || self
                .functions
                .contains_key(&owner.resource_name(function::NAME_LIMIT))
            || self
                .web_acls
                .contains_key(&owner.resource_name(web_acl::NAME_LIMIT))
            || self.distribution_of(owner, None).is_some()
    }

    /// What the lists say of `owner`'s resources. `recorded` and `outputs` come from status.
    #[must_use]
    pub fn of(&self, owner: &Owner, recorded: BTreeMap<String, String>, outputs: Outputs) -> Observed {
        let role = self.roles.get(&owner.resource_name(role::NAME_LIMIT));
        let function = self.functions.get(&owner.resource_name(function::NAME_LIMIT));
        let web_acl = self.web_acls.get(&owner.resource_name(web_acl::NAME_LIMIT));
        let logging = web_acl.and_then(|entity| self.logging.get(&entity.arn));
        let row = self.distribution_of(owner, outputs.distribution_id.as_deref());
        let known = outputs.names.as_ref();
        let known = known.and_then(|names| names.certificate_arn.clone());
        let known_clients = outputs.mutual_tls.iter().flat_map(|known| {
            let newest = known.client_certificates.last().map(|record| &record.arn);
            known.client_certificate_arn.iter().chain(newest)
        });
        Observed {
            mutual_tls: mutual_tls::Seen {
                client_certificates: self.client_certificates_of(owner, known_clients),
                ..mutual_tls::Seen::default()
            },
            names: names::Seen {
                certificates: self.certificates_of(owner, known),
                ..names::Seen::default()
            },
            role: Seen::Listed(role.and_then(Packed::unpack)),
            function: Seen::Listed(function.and_then(Packed::unpack).map(|latest| {
                let tags = self.tags_of(&latest.arn);
                function::Listed { latest, tags }
            })),
            begun: self.begun_of(owner),
            ip_sets: self.ip_sets_of(owner),
            logging: Seen::Listed(logging.and_then(Packed::unpack)),
            web_acl: Seen::Listed(web_acl.map(|entity| web_acl::Listed {
                tags: self.tags_of(&entity.arn),
                entity: entity.clone(),
            })),
            distribution: Seen::Listed(row.map(|listed| distribution::Row {
                tags: self.tags_of(&listed.arn),
                listed: listed.clone(),
            })),
            pass: Pass {
                recorded,
                ..Pass::default()
            },
            outputs,
            ..Observed::of(owner.clone())
        }
    }

    /// The distribution by the id in status, or else by the owner's UID in its comment.
    fn distribution_of(&self, owner: &Owner, id: Option<&str>) -> Option<&distribution::Listed> {
        id.and_then(|id| self.distributions.get(id)).or_else(|| {
            self.distributions
                .values()
                // A staging copy has the comment of what it was copied from.
                .find(|row| !row.is_staging && row.comment.contains(&owner.uid))
        })
    }

    /// Ids of the distributions that name a web ACL, but for `own`.
    #[must_use]
    pub fn users_of(&self, web_acl_arn: &str, own: Option<&str>) -> Vec<String> {
        let rows = self.distributions.values();
        let users = rows.filter(|row| row.web_acl_arn == web_acl_arn && own != Some(row.id.as_str()));
        users.map(|row| row.id.clone()).collect()
    }

    /// The authorizer's role is made before all else of it, and goes last.
    fn begun_of(&self, owner: &Owner) -> BTreeSet<Kind> {
        let role = self.roles.get(&authorizer::name(owner));
        let role = role.and_then(Packed::unpack);
        let is_ours = role.is_some_and(|role| ownership(&role.tags, owner) != Ownership::Foreign);
        is_ours.then_some(Kind::Authorizer).into_iter().collect()
    }

    /// Certificates that bear the owner's UID, and the one in status, whatever the list says of it.
    fn certificates_of(
        &self,
        owner: &Owner,
        known: Option<String>,
    ) -> BTreeMap<String, Seen<certificate::Listed, certificate::Observed>> {
        let mut found: BTreeMap<_, _> = known.map(|arn| (arn, Seen::Listed(None))).into_iter().collect();
        let rows = self.certificates_that_serve(owner, None);
        found.extend(rows.map(|row| (row.arn.clone(), Seen::Listed(Some(row)))));
        found
    }

    /// Client certificates that bear the owner's UID, and those that status knows by these ARNs, whatever the list says of them.
    fn client_certificates_of<'a>(
        &self,
        owner: &Owner,
        known: impl Iterator<Item = &'a String>,
    ) -> ClientCertificates {
        let known = known.map(|arn| (arn.clone(), Seen::Listed(None)));
        let mut found: ClientCertificates = known.collect();
        let rows = self.certificates_that_serve(owner, Some(SERVES_CLIENT));
        found.extend(rows.map(|row| (row.arn.clone(), Seen::Listed(Some(row)))));
        found
    }

    /// Certificates of the owner, of us-east-1, whose tag says that they serve this; those of viewers have no such tag.
    fn certificates_that_serve(
        &self,
        owner: &Owner,
        serves: Option<&str>,
    ) -> impl Iterator<Item = certificate::Listed> {
        let all = self.certificates();
        let mentioned = all.filter(move |(_, tags)| tags.mentions(&owner.uid));
        mentioned.filter_map(move |(arn, tags)| {
            let tags = tags.unpack()?;
            let is_meant = tags.get(TAG_SERVES).map(String::as_str) == serves;
            let is_ours = is_meant && ownership(&tags, owner) != Ownership::Foreign;
            is_ours.then(|| certificate::Listed {
                arn: arn.clone(),
                tags: Some(tags),
            })
        })
    }

    /// Tags of this cluster's certificates, by ARN.
    pub fn certificates(&self) -> impl Iterator<Item = (&String, &Packed<Tags>)> {
        let from = self.tags.range(CERTIFICATES.to_owned()..);
        from.take_while(|(arn, _)| arn.starts_with(CERTIFICATES))
    }

    fn ip_sets_of(&self, owner: &Owner) -> BTreeMap<String, Seen<ip_set::Listed, ip_set::Observed>> {
        let mark = ip_set::mark(owner);
        self.ip_sets
            .values()
            // Every object's pass goes through all sets.
            .filter(|entity| entity.name.contains(&mark))
            .filter_map(|entity| {
                let part = ip_set::part_of(owner, &entity.name)?;
                let listed = ip_set::Listed {
                    tags: self.tags_of(&entity.arn),
                    entity: entity.clone(),
                };
                Some((part, Seen::Listed(Some(listed))))
            })
            .collect()
    }
}

impl Observed {
    /// Takes over what the tags of the API's Region show of mutual TLS: ARNs, with their tags. What was read already stays.
    pub fn take_region(&mut self, rows: impl IntoIterator<Item = (String, Tags)>) {
        for (arn, tags) in rows {
            if shared_certificate::concerns(&self.mutual_tls_inputs(None), &arn, &tags) {
                self.take_origin_certificate(arn, tags);
                continue;
            }
            if ownership(&tags, &self.owner) == Ownership::Foreign {
                continue;
            }
            if arn.contains(DOMAIN_NAMES) {
                self.take_domain(arn, tags);
            } else if arn.starts_with(CERTIFICATES)
                && tags.get(TAG_SERVES).is_some_and(|serves| serves == SERVES_ORIGIN)
            {
                self.take_origin_certificate(arn, tags);
            }
        }
    }

    fn take_origin_certificate(&mut self, arn: String, tags: Tags) {
        let row = certificate::Listed {
            arn: arn.clone(),
            tags: Some(tags),
        };
        let seen = self.mutual_tls.origin_certificates.entry(arn).or_default();
        if matches!(seen, Seen::Listed(_)) {
            *seen = Seen::Listed(Some(row));
        }
    }

    fn take_domain(&mut self, arn: String, tags: Tags) {
        if matches!(self.mutual_tls.domain, Seen::Listed(_)) {
            let tags = Some(tags);
            self.mutual_tls.domain = Seen::Listed(Some(origin_domain::Listed { arn, tags }));
        }
    }
}
