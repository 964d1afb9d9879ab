//! What proves that a resource is the owner's besides its tags, which a tag cleaner or a hand may take away.
//!
//! | resource | proof, as long as no tag that is left names somebody else |
//! |---|---|
//! | distribution, health check | its caller reference, which nobody can change, is `<uid>-<n>` |
//! | distribution that was adopted | the id in spec, and status says that we verified it |
//! | web ACL | our name, and the id in status, or the one that our distribution names |
//! | IP set | our name, and the lock token that we verified, or a rule of our web ACL refers to it |
//! | role | our name and path, the trust that we give it, and the ARN in status, or our function runs as it, or status says that we verified it |
//! | function | our name, our role, and the ARN in status, or our distribution runs a version of it |
//! | authorizer's role and function | our name, path and role, and status says that we verified an authorizer |
//! | usage plan | our name, the stage, and status says that we verified keys |
//! | API key | our name with its number, in that plan, and status says that we verified keys |
//! | certificate: of viewers, of an origin's name, or for CloudFront to show | the ARN in status |
//! | custom domain name of an origin | the declared name with our truststore, and status says that we verified one |
//! | protection | the id in status, which also says that one of ours was verified |
//! | alarm | our name, and status says that it was verified |
//!
//! A name alone proves nothing: it has eight characters of the UID, and others may take it. What is proven so gets its tags
//! back before anything else of it is written, since the controller's own rights hang on them.

use super::observed::Observed;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::credentials::authorizer_wanted;
use crate::domain::edge::{certificate, distribution};
use crate::domain::firewall::web_acl::Entity;
use crate::domain::firewall::{ip_set, rules, web_acl};
use crate::domain::kernel::identity::{IAM_PATH, Ownership, Tags, ownership, ownership_proven};
use crate::domain::kernel::observing::{Fingerprint as _, Seen};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};
use serde_json::Value;

impl Observed {
    /// Whose the role is.
    #[must_use]
    pub fn owns_role(&self, found: &role::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            let is_ours_in_form = found.name == self.owner.resource_name(role::NAME_LIMIT)
                && found.path == IAM_PATH
                && role::canonical(&found.trust) == role::canonical(&role::trust());
            is_ours_in_form
                && (self.outputs.role_arn.as_ref() == Some(&found.arn)
                    || self.own_function_role() == Some(&found.arn)
                    // Where nothing signs, no function names it, and status has no ARN of it.
                    || self.has_record(Kind::Role))
        })
    }

    /// The role as which a function runs whose tags are ours.
    fn own_function_role(&self) -> Option<&String> {
        let (latest, tags) = match &self.function {
            Seen::Present(found) => (&found.latest, Some(&found.tags)),
            Seen::Listed(Some(row)) => (&row.latest, row.tags.as_ref()),
            Seen::Listed(None) | Seen::Absent => return None,
        };
        self.has_our_tags(tags).then_some(&latest.settings.role)
    }

    /// Whose the function is.
    #[must_use]
    pub fn owns_function(&self, found: &function::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            let name = self.owner.resource_name(function::NAME_LIMIT);
            let arn = &found.latest.arn;
            let runs = |version: &String| {
                version
                    .strip_prefix(arn)
                    .is_some_and(|rest| rest.starts_with(':'))
            };
            found.latest.name == name
                && is_role_named(&found.latest.settings.role, &name)
                && (self.outputs.function_arn.as_ref() == Some(arn)
                    || (self.owns_distribution() && self.associated_versions().iter().any(runs)))
        })
    }

    /// Whose the web ACL is.
    #[must_use]
    pub fn owns_web_acl(&self, found: &web_acl::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            let entity = &found.content.entity;
            entity.name == self.owner.resource_name(web_acl::NAME_LIMIT)
                && (self.outputs.web_acl_id.as_ref() == Some(&entity.id)
                    || (self.owns_distribution()
                        && self.distribution_web_acl().as_ref() == Some(&entity.arn)))
        })
    }

    /// Whose the IP set is.
    #[must_use]
    pub fn owns_ip_set(&self, part: &str, found: &ip_set::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            let entity = &found.content.entity;
            let id = Id {
                kind: Kind::IpSet,
                part: part.to_owned(),
            };
            let recorded = self
                .pass
                .recorded
                .get(&id.key())
                .and_then(|known| known.split_once('.'));
            let is_verified = recorded.is_some_and(|(_, known)| known == found.fingerprint());
            entity.name == self.owner.suffixed_name(part, ip_set::NAME_LIMIT)
                && (is_verified || self.own_rules_refer_to(&entity.arn))
        })
    }

    /// Whether a rule of ours, in a web ACL of ours, refers to `arn`.
    fn own_rules_refer_to(&self, arn: &str) -> bool {
        let Seen::Present(acl) = &self.web_acl else {
            return false;
        };
        let rules = acl.content.document["Rules"].as_array();
        let mut ours = rules.into_iter().flatten().filter(|rule| {
            let name = rule["Name"].as_str().unwrap_or_default();
            name.starts_with(rules::RULE_PREFIX)
        });
        self.owns_web_acl(acl) != Ownership::Foreign && ours.any(|rule| mentions(rule, arn))
    }

    /// Has the owner's IP sets looked at to which rules of its web ACL refer, whatever lists say: they lag, and may be cut short.
    pub fn expect_referred_ip_sets(&mut self) {
        let Seen::Present(acl) = &self.web_acl else {
            return;
        };
        if self.owns_web_acl(acl) == Ownership::Foreign {
            return;
        }
        let mut referred = Vec::new();
        ip_sets_in(&acl.content.document["Rules"], &mut referred);
        for entity in referred {
            let Some(part) = ip_set::part_of(&self.owner, &entity.name) else {
                continue;
            };
            let row = ip_set::Listed { entity, tags: None };
            self.ip_sets.entry(part).or_insert(Seen::Listed(Some(row)));
        }
    }

    /// Whose a distribution is.
    #[must_use]
    pub fn owns(&self, found: &distribution::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            let reference = distribution::reference_of(&found.content);
            let is_adopted = self.adoption.proven.as_ref() == Some(&found.content.id);
            health_check::is_of(&self.owner, &reference)
                || (is_adopted && self.has_record(Kind::Distribution))
        })
    }

    /// Whether the distribution, as far as it is known, is the owner's.
    fn owns_distribution(&self) -> bool {
        match &self.distribution {
            Seen::Present(found) => self.owns(found) != Ownership::Foreign,
            Seen::Listed(Some(row)) => self.has_our_tags(row.tags.as_ref()),
            Seen::Listed(None) | Seen::Absent => false,
        }
    }

    /// Whose the authorizer's role is.
    #[must_use]
    pub fn owns_authorizer_role(&self, found: &role::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            found.name == authorizer::name(&self.owner)
                && found.path == IAM_PATH
                && role::canonical(&found.trust) == role::canonical(&authorizer_wanted::trust())
                && self.has_record(Kind::Authorizer)
        })
    }

    /// Whose the authorizer's function is.
    #[must_use]
    pub fn owns_authorizer_function(&self, found: &function::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            let name = authorizer::name(&self.owner);
            found.latest.name == name
                && is_role_named(&found.latest.settings.role, &name)
                && self.has_record(Kind::Authorizer)
        })
    }

    /// Whose the health check is.
    #[must_use]
    pub fn owns_health_check(&self, found: &health_check::Observed) -> Ownership {
        ownership_proven(&found.tags, &self.owner, || {
            health_check::is_of(&self.owner, &found.content.reference)
        })
    }

    /// Whose the protection is.
    #[must_use]
    pub fn owns_protection(&self, found: &protection::Observed) -> Ownership {
        let known = self.outputs.shield.as_ref();
        let known = known.and_then(|shield| shield.protection_id.as_ref());
        ownership_proven(&found.tags, &self.owner, || {
            // Status has the id of whatever protects the distribution; only of ours it says that it was verified.
            known == Some(&found.content.id) && self.has_record(Kind::Protection)
        })
    }

    /// Whose the alarm is.
    #[must_use]
    pub fn owns_alarm(&self, found: &alarm::Observed) -> Ownership {
        let known = self.outputs.shield.as_ref();
        let known = known.and_then(|shield| shield.alarm.as_ref());
        ownership_proven(&found.tags, &self.owner, || {
            found.content.name == alarm::name(&self.owner)
                && known == Some(&found.content.name)
                && self.has_record(Kind::Alarm)
        })
    }

    /// Whose the certificate is.
    #[must_use]
    pub fn owns_certificate(&self, found: &certificate::Observed) -> Ownership {
        self.names_inputs(None).owns_certificate(found)
    }

    fn has_our_tags(&self, tags: Option<&Tags>) -> bool {
        tags.is_some_and(|tags| ownership(tags, &self.owner) != Ownership::Foreign)
    }
}

/// Whether this is the ARN of a role under our path with that name.
fn is_role_named(arn: &str, name: &str) -> bool {
    arn.split_once(":role")
        .is_some_and(|(_, rest)| rest.strip_prefix(IAM_PATH) == Some(name))
}

/// The IP sets that `value` refers to; their lock tokens are not known.
fn ip_sets_in(value: &Value, found: &mut Vec<Entity>) {
    match value {
        Value::String(arn) => found.extend(ip_set_of(arn)),
        Value::Array(items) => items.iter().for_each(|item| ip_sets_in(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| ip_sets_in(field, found)),
        _ => {}
    }
}

fn ip_set_of(arn: &str) -> Option<Entity> {
    let (_, rest) = arn.split_once(":global/ipset/")?;
    let (name, id) = rest.split_once('/')?;
    Some(Entity {
        id: id.to_owned(),
        name: name.to_owned(),
        arn: arn.to_owned(),
        lock_token: String::new(),
    })
}

fn mentions(value: &Value, text: &str) -> bool {
    match value {
        Value::String(found) => found == text,
        Value::Array(items) => items.iter().any(|item| mentions(item, text)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, text)),
        _ => false,
    }
}
