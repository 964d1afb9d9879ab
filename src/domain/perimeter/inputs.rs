//! What each resource needs of others, filled from what is seen of the whole.

use super::desired::Desired;
use super::observed::Observed;
use super::plan::{Action, Next};
use crate::domain::access::asked::ways_in::{InFront, WaysIn};
use crate::domain::access::credentials::authorizer;
use crate::domain::access::inputs as access;
use crate::domain::access::probing::sending::sending;
use crate::domain::access::proof::Proof;
use crate::domain::edge::config::{Settings, settings_of};
use crate::domain::edge::{self, distribution_next, host, names};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::identity::{Ownership, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Kind;
use crate::domain::shield::advanced::Composed;
use crate::domain::shield::inputs::{Inputs as ShieldInputs, Known, Whose};
use crate::domain::shield::protection_response::SHIELD_RULE;
use crate::domain::signer::{function, role};
use std::collections::BTreeSet;

impl Desired {
    /// What is declared of the access to the API.
    #[must_use]
    pub fn of_access(&self) -> access::Wanted<'_> {
        access::Wanted {
            owner: &self.owner,
            access: &self.access,
            api_key: self.api_key.as_ref(),
            authorizer: self.authorizer.as_ref(),
        }
    }
}

impl Observed {
    /// What the role needs next.
    pub(super) fn next_of_role(&self, desired: &Desired) -> Next {
        role::next(&desired.role, &self.role, self.role_inputs(), &self.pass).map(Action::Role)
    }

    /// Whether there is to be a function that signs: for the mode, or since there is one, which is seen to until the object goes.
    #[must_use]
    pub fn needs_signer(&self, desired: &Desired) -> bool {
        let is_seen = matches!(self.function, Seen::Listed(Some(_)) | Seen::Present(_));
        let stands = is_seen || self.has_record(Kind::Function) || !self.associated_versions().is_empty();
        stands || desired.access.proof == Proof::Signature
    }

    /// What the function needs next.
    pub(in crate::domain) fn next_of_function(&self, desired: &Desired) -> Next {
        function::next(
            &desired.function,
            &self.function,
            &self.function_inputs(),
            &self.pass,
        )
        .map(Action::Function)
    }

    /// What the web ACL needs next.
    pub(super) fn next_of_web_acl(&self, desired: &Desired) -> Next {
        let inputs = self.web_acl_inputs(desired);
        web_acl::next(&desired.web_acl, &self.web_acl, &inputs, &self.pass).map(Action::WebAcl)
    }

    /// What logging needs next.
    pub(super) fn next_of_logging(&self, desired: &Desired) -> Next {
        let wanted = desired.logging.as_ref();
        logging::next(wanted, &self.logging, &self.logging_inputs(), &self.pass).map(Action::Logging)
    }

    fn role_inputs(&self) -> role::Inputs {
        let whose = match &self.role {
            Seen::Present(found) | Seen::Listed(Some(found)) => self.owns_role(found),
            Seen::Listed(None) | Seen::Absent => Ownership::Foreign,
        };
        role::Inputs { whose }
    }

    pub(in crate::domain) fn function_inputs(&self) -> function::Inputs<'_> {
        function::Inputs {
            whose: whose(&self.function, |found| self.owns_function(found)),
            role_arn: self.role_arn(),
            is_role_whole: self.role.present().is_none_or(|role| !role.policies.is_empty()),
            associated: self.associated_versions(),
            chosen: self.outputs.version_arn.as_deref(),
            is_deployed: self.is_deployed(),
        }
    }

    /// What the IP sets need of others, where the web ACL needs this next.
    pub(super) fn ip_set_inputs<'a>(
        &self,
        whose: &'a dyn Fn(&str, &ip_set::Observed) -> Ownership,
        web_acl: &Next,
    ) -> ip_set::Inputs<'a> {
        ip_set::Inputs {
            whose,
            has_role: self.role_arn().is_some(),
            is_web_acl_done: *web_acl == Next::Done,
        }
    }

    pub(in crate::domain) fn web_acl_inputs(&self, desired: &Desired) -> web_acl::Inputs {
        let sets = desired.ip_sets.iter();
        web_acl::Inputs {
            whose: whose(&self.web_acl, |found| self.owns_web_acl(found)),
            ip_sets: sets
                .map(|set| Some((set.part.clone(), self.ip_set_arn(&set.part)?)))
                .collect(),
            has_role: self.role_arn().is_some(),
            is_shield_rule_awaited: self.composed_shield(Some(desired)).is_rule_awaited(),
            copied: self.rules_to_copy(desired),
        }
    }

    pub(super) fn logging_inputs(&self) -> logging::Inputs {
        logging::Inputs {
            web_acl_arn: self.web_acl_arn(),
        }
    }

    /// What serves Shield, with what it needs of others; nothing is declared where all of it is to go.
    pub(in crate::domain) fn composed_shield<'a>(&'a self, desired: Option<&'a Desired>) -> Composed<'a> {
        Composed {
            declared: desired.and_then(|desired| desired.shield.as_ref()),
            seen: &self.shield,
            inputs: self.shield_inputs(desired),
        }
    }

    fn shield_inputs<'a>(&'a self, desired: Option<&'a Desired>) -> ShieldInputs<'a> {
        let (seen, remembered) = (&self.shield, self.outputs.shield.as_ref());
        let probed_name = desired.and_then(|desired| desired.access.probe_host.as_deref());
        ShieldInputs {
            owner: &self.owner,
            pass: &self.pass,
            target: self.protected_distribution(),
            asked_name: self.domain_name().map(|own| probed_name.unwrap_or(own)),
            is_deployed: self.is_deployed(),
            web_acl: self.web_acl_arn(),
            is_unsubscribed: seen.is_unsubscribed(),
            associated: seen.protection_content().map(|found| &found.health_checks),
            reference: seen.reference,
            lacks_rule: !seen.switched && self.lacks_shield_rule(),
            count_since: remembered.and_then(|known| known.count_since.as_deref()?.parse().ok()),
            whose: Whose {
                protection: whose(&seen.protection, |found| self.owns_protection(found)),
                health_check: whose(&seen.own_check, |found| self.owns_health_check(found)),
                alarm: whose(&seen.alarm, |found| self.owns_alarm(found)),
            },
            known: Known {
                protection: self.knows(Kind::Protection),
                health_check: self.knows(Kind::HealthCheck),
                alarm: self.knows(Kind::Alarm),
            },
        }
    }

    /// ARN of the distribution, once it is ours and marked as protected.
    fn protected_distribution(&self) -> Option<&str> {
        let tags = self.distribution_tags()?;
        let is_ours = ownership(tags, &self.owner) != Ownership::Foreign;
        self.distribution_arn()
            .filter(|_| is_ours && self.is_marked_for_shield())
    }

    /// Whether the web ACL that the distribution names was read, and has no rule of Shield's.
    fn lacks_shield_rule(&self) -> bool {
        self.web_acl.present().is_some_and(|acl| {
            let rules = acl.content.document["Rules"].as_array().into_iter().flatten();
            let mut names = rules.filter_map(|rule| rule["Name"].as_str());
            let is_named = self.distribution_web_acl().as_deref() == Some(acl.content.entity.arn.as_str());
            is_named && !names.any(|name| name.starts_with(SHIELD_RULE))
        })
    }

    /// What the names of the distribution need of others; nothing is declared where all of them are to go.
    pub(in crate::domain) fn names_inputs<'a>(
        &'a self,
        desired: Option<&'a Desired>,
    ) -> edge::inputs::Inputs<'a> {
        let remembered = self.outputs.names.as_ref();
        edge::inputs::Inputs {
            owner: &self.owner,
            desired: desired.and_then(|desired| desired.names.as_ref()),
            seen: &self.names,
            pass: &self.pass,
            distribution: &self.distribution,
            domain_name: self.domain_name(),
            remembered_zones: remembered.map_or(&[][..], |names| names.hosted_zone_ids.as_slice()),
            remembered_certificate: remembered.and_then(|names| names.certificate_arn.as_ref()),
        }
    }

    /// What the distribution needs of others.
    pub(in crate::domain) fn distribution_inputs<'a>(
        &'a self,
        desired: &'a Desired,
        of_access: &access::Inputs<'_>,
    ) -> distribution_next::Inputs<'a> {
        let awaited = match desired.access.proof {
            Proof::Header(_) => Kind::Authorizer,
            Proof::Key | Proof::Signature | Proof::Certificate => Kind::ApiKey,
        };
        distribution_next::Inputs {
            names: self.names_inputs(Some(desired)),
            sent: sending(&desired.of_access(), of_access).ok_or_else(|| vec![awaited]),
            origin: self.shown_origin(desired),
            version_arn: self.version_arn(&desired.function),
            is_function_done: self.next_of_function(desired) == Next::Done,
            web_acl_arn: self.web_acl_arn(),
            whose: whose(&self.distribution, |found| self.owns(found)),
            reference: self.reference,
            is_shield_gone: self.shield.is_gone(),
        }
    }

    /// What the lock of the API and all that serves it need of others.
    #[must_use]
    pub fn access_inputs<'a>(&'a self, desired: &'a Desired) -> access::Inputs<'a> {
        let served = self.distribution_names();
        let (names, served) = (desired.names.as_ref(), served.as_ref());
        let is_served = |host: &str| served.is_none_or(|served| served.cover(host));
        let caveats = desired.distribution.caveats.iter();
        access::Inputs {
            pass: &self.pass,
            access: &self.access,
            api_key: &self.api_key,
            authorizer: &self.authorizer,
            begun: &self.begun,
            whose: self.owns_authorizer(),
            generated_value: self.generated_value.as_ref(),
            probes: &self.probes,
            classes: &self.classes,
            token: &self.token,
            due: self.due,
            failed: &self.failed,
            undone: &self.undone,
            outputs: self.outputs.of_access(&desired.access.gate.stage),
            other_signers: self.other_signers.as_ref(),
            sharing: &self.sharing,
            by_default_endpoint: &self.by_default_endpoint,
            shares_key: self.shares_key,
            declared_stages: &self.declared_stages,
            distribution: self.configured_distribution(&desired.distribution.policies),
            is_distribution_known: self.knows(Kind::Distribution),
            is_endpoint_off: self.is_endpoint_off(),
            is_by_certificate: self.is_by_certificate(desired),
            is_on_the_way_back: desired
                .mutual_tls
                .as_ref()
                .is_some_and(|declared| declared.leaves),
            origin_domain: desired
                .mutual_tls
                .as_ref()
                .map(|declared| declared.origin_domain.as_str()),
            is_certificate_proven: self.is_certificate_proven(),
            is_certificate_told: self.is_certificate_told(),
            is_deployed: self.is_deployed(),
            is_deploying: self.is_deploying(),
            configured_path: self.distribution.origin_path(&desired.access.gate.host),
            domain_name: self.domain_name(),
            distribution_arn: self.distribution_arn(),
            detours: self.detours(),
            unsigned: self.unsigned_behaviours(desired),
            may_serve_probe_host: desired.access.probe_host.as_deref().is_none_or(is_served),
            caveats: caveats.map(|caveat| caveat.message.as_str()).collect(),
            host: desired.distribution.host.as_ref().map(|host| access::Host {
                so: &host.so,
                remedy: &host.remedy,
            }),
            own_path: &desired.distribution.settings.origin.path,
            moved_names: self.moved_names(names, served),
            giving_names_up: self.giving_names_up(names),
            names_elsewhere: self.names_elsewhere(desired, served),
        }
    }

    /// The distribution, as far as the lock asks.
    fn configured_distribution(&self, policies: &host::Known) -> Seen<access::Row, access::Configured> {
        match &self.distribution {
            Seen::Present(found) => Seen::Present(access::Configured {
                sent: found.sent(),
                is_deployed: found.is_deployed(),
                may_send_host: host::host_sent(&settings_of(&found.content.config), policies).is_some(),
            }),
            Seen::Listed(row) => Seen::Listed(row.as_ref().map(|row| access::Row {
                signs: !row.listed.functions.is_empty(),
            })),
            Seen::Absent => Seen::Absent,
        }
    }

    /// What leads viewers to the stage past the perimeter, where it was read.
    fn ways_in(&self) -> Option<&WaysIn> {
        self.access.present()?.ways_in.as_ref()
    }

    /// Custom domain names of the API whose viewers come through the distribution by now: it serves them, and they lead to it.
    fn moved_names(&self, wanted: Option<&names::Desired>, served: Option<&names::Names>) -> BTreeSet<&str> {
        let ((Some(wanted), Some(served)), Some(domain)) = ((wanted, served), self.domain_name()) else {
            return BTreeSet::new();
        };
        let ways_in = self.ways_in().into_iter();
        let names = ways_in.flat_map(|ways_in| {
            let led_here = ways_in.domain_names.iter().map(String::as_str);
            let asked = ways_in.distributions.iter().filter_map(InFront::asked_name);
            let unread = ways_in.unread.iter().filter_map(|unread| unread.name.as_deref());
            led_here.chain(asked).chain(unread)
        });
        names
            .filter(|name| served.cover(name) && wanted.leads_here(&self.names, name, domain))
            .collect()
    }

    /// Ids of other distributions before the API whose names are all waited for.
    fn giving_names_up(&self, wanted: Option<&names::Desired>) -> BTreeSet<&str> {
        let Some(wanted) = wanted else {
            return BTreeSet::new();
        };
        let in_front = self
            .ways_in()
            .into_iter()
            .flat_map(|ways_in| &ways_in.distributions);
        in_front
            .filter(|found| self.waits_for_names_of(wanted, found))
            .map(|found| found.id.as_str())
            .collect()
    }

    /// Declared names that lead viewers elsewhere.
    fn names_elsewhere(
        &self,
        desired: &Desired,
        served: Option<&names::Names>,
    ) -> Option<access::NamesElsewhere> {
        let served = served.map(|served| served.aliases.clone()).unwrap_or_default();
        let origin = &desired.distribution.settings.origin;
        let elsewhere = desired.names.as_ref()?.elsewhere(&self.names, &served, origin);
        Some(access::NamesElsewhere {
            told: elsewhere.words(self.domain_name().unwrap_or("the distribution"))?,
            needs_person: elsewhere.needs_person(),
        })
    }

    /// Whether a distribution has names, and each of them is one that moves here from it.
    fn waits_for_names_of(&self, names: &names::Desired, found: &InFront) -> bool {
        let is_waited_for = |alias: &String| {
            let holder = self.names.holders.get(alias);
            names.aliases.contains(alias) && holder.is_some_and(|holder| holder.id == found.id)
        };
        !found.aliases.is_empty() && found.aliases.iter().all(is_waited_for)
    }

    /// Whose the parts of the authorizer are.
    pub(in crate::domain) fn owns_authorizer(&self) -> authorizer::Whose {
        let found = self.authorizer.present();
        let role = found.and_then(|found| found.role.as_ref());
        let function = found.and_then(|found| found.function.as_ref());
        authorizer::Whose {
            role: role.map_or(Ownership::Foreign, |role| self.owns_authorizer_role(role)),
            function: function.map_or(Ownership::Foreign, |found| self.owns_authorizer_function(found)),
        }
    }

    /// What should be set on the distribution, with the outputs of other kinds; `None` while one is missing.
    #[must_use]
    pub fn wanted_settings(&self, desired: &Desired) -> Option<Settings> {
        let inputs = self.distribution_inputs(desired, &self.access_inputs(desired));
        distribution_next::wanted_settings(&desired.distribution, &inputs)
    }

    /// The hosted zones that may have records of the object's names, as its distribution's tags and status say.
    #[must_use]
    pub fn known_zones(&self) -> BTreeSet<String> {
        self.names_inputs(None).known_zones()
    }

    /// The hosted zones in the distribution's tags.
    pub fn marked_zones(&self) -> impl Iterator<Item = String> {
        self.names_inputs(None).marked_zones()
    }

    /// Whether a record of the object may be in the zone, as status says; where status is lost, any zone may have some.
    #[must_use]
    pub fn is_zone_known(&self, zone: &str) -> bool {
        let names = self.outputs.names.as_ref();
        let told = names.is_some_and(|names| names.hosted_zone_ids.iter().any(|known| known == zone));
        told || self.outputs.distribution_id.is_none()
    }
}

/// Whose a resource is, where it was read in full.
fn whose<L, T>(seen: &Seen<L, T>, owns: impl Fn(&T) -> Ownership) -> Ownership {
    seen.present().map_or(Ownership::Foreign, owns)
}
