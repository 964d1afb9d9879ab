//! What is seen of one object's resources: at first what the account-wide lists say, then what full reads answer.

use super::hash;
use super::identity::{Owner, Ownership, Tags, ownership};
use super::plan::{Id, Kind};
use super::resources::{distribution, function, ip_set, logging, role, web_acl};
use std::collections::BTreeMap;

/// What is known of one resource. `L` is its row in the lists, `T` the resource read in full.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen<L, T> {
    /// Only the lists were looked at; `None`: no complete list has it.
    Listed(Option<L>),
    /// A direct read says that it does not exist.
    Absent,
    /// It was read in full, or just written by us.
    Present(T),
}

impl<L, T> Default for Seen<L, T> {
    fn default() -> Self {
        Self::Listed(None)
    }
}

impl<L, T> Seen<L, T> {
    /// The resource, if it was read in full.
    #[must_use]
    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(found) => Some(found),
            _ => None,
        }
    }
}

/// What has to be done about one resource before it can be compared.
pub enum Look<'a, T> {
    /// It was verified in full before, and neither it nor what is wanted has changed since.
    Verified,
    /// Read it in full first.
    Read,
    /// It does not exist.
    Absent,
    /// Compare with this.
    Present(&'a T),
}

/// A row or resource whose state can be told by a short text that changes with it.
pub trait Fingerprint {
    /// Equal as long as nothing that we manage has changed. A full read and the list row answer the same.
    fn fingerprint(&self) -> String;
}

/// Everything that is seen of one object's resources.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Observed {
    pub owner: Owner,
    pub role: Seen<role::Observed, role::Observed>,
    pub function: Seen<function::Listed, function::Observed>,
    pub ip_sets: BTreeMap<String, Seen<ip_set::Listed, ip_set::Observed>>,
    pub web_acl: Seen<web_acl::Listed, web_acl::Observed>,
    pub logging: Seen<logging::Observed, logging::Observed>,
    pub distribution: Seen<distribution::Row, distribution::Observed>,
    /// Read everything in full, whatever was verified before.
    pub deep: bool,
    /// Which `CallerReference` a new distribution takes: the earlier ones belong to deleted distributions.
    pub reference: u32,
    /// What was last verified in full, from status: `<hash of desired>.<fingerprint>` by [`Id::key`].
    pub recorded: BTreeMap<String, String>,
    /// Identifiers as last verified, from status: what a verified resource puts out.
    pub outputs: Outputs,
}

/// Identifiers that other resources and people need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Outputs {
    pub role_arn: Option<String>,
    pub function_arn: Option<String>,
    pub version_arn: Option<String>,
    pub web_acl_id: Option<String>,
    pub web_acl_arn: Option<String>,
    pub distribution_id: Option<String>,
    pub distribution_arn: Option<String>,
    pub domain_name: Option<String>,
}

impl Observed {
    /// Nothing is known of `owner`'s resources.
    #[must_use]
    pub fn of(owner: Owner) -> Self {
        Self {
            owner,
            role: Seen::default(),
            function: Seen::default(),
            ip_sets: BTreeMap::new(),
            web_acl: Seen::default(),
            logging: Seen::default(),
            distribution: Seen::default(),
            deep: false,
            reference: 0,
            recorded: BTreeMap::new(),
            outputs: Outputs::default(),
        }
    }

    /// Decides how closely resource `id` must be looked at, from its row and what was verified before.
    pub fn look<'a, L: Fingerprint, T>(
        &self,
        id: &Id,
        desired_hash: &str,
        seen: &'a Seen<L, T>,
    ) -> Look<'a, T> {
        let recorded = self.recorded.get(&id.key());
        match seen {
            Seen::Present(found) => Look::Present(found),
            Seen::Listed(Some(row)) if !self.deep && recorded == Some(&record(desired_hash, row)) => {
                Look::Verified
            }
            Seen::Listed(Some(_)) => Look::Read,
            // A list that lacks what we once verified may be stale: only a direct read is believed.
            Seen::Listed(None) if recorded.is_some() => Look::Read,
            Seen::Listed(None) | Seen::Absent => Look::Absent,
        }
    }

    /// Whether status names a resource of `kind`: what it names is looked for directly, whatever lists say.
    #[must_use]
    pub fn knows(&self, kind: Kind) -> bool {
        let outputs = &self.outputs;
        self.recorded.contains_key(kind.name())
            || match kind {
                Kind::WebAcl => outputs.web_acl_id.is_some(),
                Kind::Distribution => outputs.distribution_id.is_some(),
                _ => false,
            }
    }

    /// The role's ARN, once the role is known to be ours.
    #[must_use]
    pub fn role_arn(&self) -> Option<&str> {
        self.known(
            Kind::Role,
            &self.role,
            |row| &row.arn,
            |role| (&role.arn, &role.tags),
        )
    }

    /// An IP set's ARN, once the set is known to be ours.
    #[must_use]
    pub fn ip_set_arn(&self, part: &str) -> Option<String> {
        let id = Id {
            kind: Kind::IpSet,
            part: part.to_owned(),
        };
        let present = |set: &'_ ip_set::Observed| (set.content.entity.arn.clone(), set.tags.clone());
        match self.ip_sets.get(part)? {
            Seen::Present(set) => {
                let (arn, tags) = present(set);
                self.is_ours(&tags).then_some(arn)
            }
            Seen::Listed(Some(row)) if self.recorded.contains_key(&id.key()) => Some(row.entity.arn.clone()),
            _ => None,
        }
    }

    /// The web ACL's ARN, once it is known to be ours.
    #[must_use]
    pub fn web_acl_arn(&self) -> Option<String> {
        self.known(
            Kind::WebAcl,
            &self.web_acl,
            |row| &row.entity.arn,
            |acl| (&acl.content.entity.arn, &acl.tags),
        )
        .map(ToOwned::to_owned)
    }

    /// The ARN of the function version that has the wanted code and settings, once it is published.
    #[must_use]
    pub fn version_arn(&self, desired: &function::Desired) -> Option<String> {
        match &self.function {
            Seen::Present(found) if self.is_ours(&found.tags) => {
                let wanted = function::settings(desired, self.role_arn()?);
                function::wanted_version(desired, &wanted, found).map(|version| version.arn.clone())
            }
            Seen::Listed(Some(_)) if self.recorded.contains_key(Kind::Function.name()) => {
                self.outputs.version_arn.clone()
            }
            _ => None,
        }
    }

    /// The distribution's status in the lists.
    #[must_use]
    pub fn listed_status(&self) -> Option<&str> {
        match &self.distribution {
            Seen::Listed(Some(row)) => Some(&row.listed.status),
            _ => None,
        }
    }

    /// The ARN of a resource that is ours: by its tags when it was read, by our own record when only its row was.
    fn known<'a, L, T>(
        &self,
        kind: Kind,
        seen: &'a Seen<L, T>,
        listed: fn(&L) -> &String,
        present: fn(&T) -> (&String, &Tags),
    ) -> Option<&'a str> {
        match seen {
            Seen::Present(found) => {
                let (arn, tags) = present(found);
                self.is_ours(tags).then_some(arn.as_str())
            }
            Seen::Listed(Some(row)) if self.recorded.contains_key(kind.name()) => Some(listed(row).as_str()),
            _ => None,
        }
    }

    fn is_ours(&self, tags: &Tags) -> bool {
        ownership(tags, &self.owner) != Ownership::Foreign
    }
}

/// The fingerprint under which a resource is recorded as verified.
pub fn record(desired_hash: &str, found: &impl Fingerprint) -> String {
    format!("{desired_hash}.{}", found.fingerprint())
}

/// The account-wide lists that one refresh of the inventory has read, whole.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Listing {
    pub roles: BTreeMap<String, role::Observed>,
    pub functions: BTreeMap<String, function::Configuration>,
    pub ip_sets: BTreeMap<String, web_acl::Entity>,
    pub web_acls: BTreeMap<String, web_acl::Entity>,
    /// By the web ACL's ARN.
    pub logging: BTreeMap<String, logging::Observed>,
    /// By id.
    pub distributions: BTreeMap<String, distribution::Listed>,
    /// Tags of this cluster's resources, by ARN.
    pub tags: BTreeMap<String, Tags>,
}

impl Listing {
    /// What the lists say of `owner`'s resources. `distribution` is the id as last seen, `recorded` and `outputs` come
    /// from status.
    #[must_use]
    pub fn of(&self, owner: &Owner, recorded: BTreeMap<String, String>, outputs: Outputs) -> Observed {
        let tags_of = |arn: &str| self.tags.get(arn).cloned();
        let name = owner.resource_name(role::NAME_LIMIT);
        let web_acl = self.web_acls.get(&owner.resource_name(web_acl::NAME_LIMIT));
        let row = self.distribution_of(owner, outputs.distribution_id.as_deref());
        Observed {
            owner: owner.clone(),
            role: Seen::Listed(self.roles.get(&name).cloned()),
            function: Seen::Listed(
                self.functions
                    .get(&owner.resource_name(function::NAME_LIMIT))
                    .map(|latest| function::Listed {
                        tags: tags_of(&latest.arn),
                        latest: latest.clone(),
                    }),
            ),
            ip_sets: self.ip_sets_of(owner),
            logging: Seen::Listed(web_acl.and_then(|entity| self.logging.get(&entity.arn)).cloned()),
            web_acl: Seen::Listed(web_acl.map(|entity| web_acl::Listed {
                tags: tags_of(&entity.arn),
                entity: entity.clone(),
            })),
            distribution: Seen::Listed(row.map(|listed| distribution::Row {
                tags: tags_of(&listed.arn),
                listed: listed.clone(),
            })),
            deep: false,
            reference: 0,
            recorded,
            outputs,
        }
    }

    /// The distribution by the id in status, or else by the owner's UID in its comment.
    fn distribution_of(&self, owner: &Owner, id: Option<&str>) -> Option<&distribution::Listed> {
        id.and_then(|id| self.distributions.get(id)).or_else(|| {
            self.distributions
                .values()
                .find(|row| row.comment.contains(&owner.uid))
        })
    }

    fn ip_sets_of(&self, owner: &Owner) -> BTreeMap<String, Seen<ip_set::Listed, ip_set::Observed>> {
        self.ip_sets
            .values()
            .filter_map(|entity| {
                let part = ip_set::part_of(owner, &entity.name)?;
                let listed = ip_set::Listed {
                    entity: entity.clone(),
                    tags: self.tags.get(&entity.arn).cloned(),
                };
                Some((part, Seen::Listed(Some(listed))))
            })
            .collect()
    }
}

/// Hash of what is wanted of one resource, inputs included.
#[must_use]
pub fn desired_hash<T: serde::Serialize>(desired: &T) -> String {
    hash::short(desired)
}
