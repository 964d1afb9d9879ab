//! What is seen of one object's resources: at first what the account-wide lists say, then what full reads answer.

pub use super::outputs::Outputs;
pub use crate::domain::access::inputs::{Due, Told};

use crate::api::DetoursStatus;
use crate::domain::access::asked::other_signers::OtherSigners;
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::access::probe::who_answered::{answered, class, doubt_endpoint_off, tell_apart, verdict};
use crate::domain::access::probe::{Answer, Class, Known, Probe, Token, Verdict, Way};
use crate::domain::access::proof::Proof;
use crate::domain::adoption;
use crate::domain::edge::{distribution, names};
use crate::domain::firewall::promoting::Evidence;
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Never, Pass, Seen};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::secret::Secret;
use crate::domain::mutual_tls;
use crate::domain::pricing_plans::subscription;
use crate::domain::shield::{advanced, health_check};
use crate::domain::signer::{function, role, versions};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is seen of one object's resources.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Observed {
    pub owner: Owner,
    pub role: Seen<role::Observed, role::Observed>,
    pub function: Seen<function::Listed, function::Observed>,
    pub ip_sets: ip_set::SeenSets,
    pub web_acl: Seen<web_acl::Listed, web_acl::Observed>,
    /// Ids of distributions of others that name the web ACL; looked for when it is to be deleted.
    pub web_acl_users: Vec<String>,
    /// What was learnt of the matches of rules that count first, by rule.
    pub samples: BTreeMap<String, Evidence>,
    pub logging: Seen<logging::Observed, logging::Observed>,
    pub distribution: Seen<distribution::Row, distribution::Observed>,
    /// No list shows API keys.
    pub api_key: Seen<Never, api_key::Observed>,
    /// No list shows authorizers.
    pub authorizer: Seen<Never, authorizer::Observed>,
    /// Of these kinds there may be something that neither spec nor status tells of: lists show what is made first of it.
    pub begun: BTreeSet<Kind>,
    /// No list shows who may call an API.
    pub access: Seen<Never, authorization::Observed>,
    /// What serves Shield Advanced; nothing where nobody asked for it.
    pub shield: advanced::Seen,
    /// What serves the names of the distribution.
    pub names: names::Seen,
    /// What serves mutual TLS; nothing where nobody asked for it.
    pub mutual_tls: mutual_tls::Seen,
    /// The flat-rate pricing plan that the distribution, or the web ACL, is in.
    pub pricing_plan: subscription::Seen,
    /// The distribution that is to be adopted, or given back; nothing where nobody asked for it.
    pub adoption: adoption::Seen,
    /// UIDs of the other objects of the same API in this cluster; `None` where not all objects of the cluster are seen.
    pub siblings: Option<BTreeSet<String>>,
    /// The objects that lock other stages of the same API, whose methods they share, for people.
    pub sharing: Vec<String>,
    /// Whether one of them has had the methods ask for an API key.
    pub shares_key: bool,
    /// Stages of the same API that other objects declare.
    pub declared_stages: BTreeSet<String>,
    /// Other objects of the same API whose viewers may come by its default endpoint, for people.
    pub by_default_endpoint: Vec<String>,
    /// Other objects of the same API whose lock hangs on its default endpoint being off, for people.
    pub by_endpoint_off: Vec<String>,
    /// Whether custom domain names lead to other stages of it for objects of other clusters; `None` where they were not asked.
    pub endpoint_shared: Option<bool>,
    /// How many other objects share the certificate that this one shares.
    pub shared_by_others: usize,
    /// UIDs of the other objects of the same API that are seen: their status tells what hangs on it.
    pub seen_others: BTreeSet<String>,
    /// Who signs for the API besides; `None` where nobody has looked.
    pub other_signers: Option<OtherSigners>,
    /// The stage that is locked; `None` where only a teardown is planned.
    pub gate: Option<authorization::Gate>,
    /// The usage plan that the spec names.
    pub given_plan: Option<String>,
    /// What the API has to be shown.
    pub proof: Proof,
    /// The next secret value, should one be needed: random, and the same until it is used.
    pub generated_value: Option<Secret>,
    /// What probes of this pass proved.
    pub probes: BTreeMap<Way, Verdict>,
    /// What they asked for, as people are told it.
    pub asked: BTreeMap<Way, String>,
    /// As much of their answers as is remembered.
    pub classes: BTreeMap<Way, Class>,
    /// As much of their answers as is compared with each other.
    pub answered: BTreeMap<Way, Class>,
    /// The value of the team's own header for probes, where they gave one.
    pub token: Token,
    /// Whether probes and the API's routes are due, since they were last looked at.
    pub due: Due,
    /// What this pass knows besides resources.
    pub pass: Pass,
    /// Which `CallerReference` a new distribution takes: the earlier ones belong to deleted distributions.
    pub reference: u32,
    /// Identifiers as last verified, from status: what a verified resource puts out.
    pub outputs: Outputs,
    /// Kinds of which no list was ever read: nothing is decided of them.
    pub unread: BTreeSet<Kind>,
    /// Resources of which a whole document was written in this pass.
    pub written: BTreeSet<Id>,
    /// Kinds of which a full read failed in this pass.
    pub failed: BTreeSet<Kind>,
    /// Kinds of which a write failed in this pass.
    pub undone: BTreeSet<Kind>,
    /// Tags that were written in this pass on resources of which only the row is known, by ARN.
    pub tagged: BTreeMap<String, Tags>,
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
            web_acl_users: vec![],
            samples: BTreeMap::new(),
            logging: Seen::default(),
            distribution: Seen::default(),
            api_key: Seen::default(),
            authorizer: Seen::default(),
            begun: BTreeSet::new(),
            access: Seen::default(),
            shield: advanced::Seen::default(),
            names: names::Seen::default(),
            mutual_tls: mutual_tls::Seen::default(),
            pricing_plan: subscription::Seen::default(),
            adoption: adoption::Seen::default(),
            siblings: None,
            sharing: vec![],
            shares_key: false,
            declared_stages: BTreeSet::new(),
            by_default_endpoint: vec![],
            by_endpoint_off: vec![],
            endpoint_shared: None,
            shared_by_others: 0,
            seen_others: BTreeSet::new(),
            other_signers: None,
            gate: None,
            given_plan: None,
            proof: Proof::Signature,
            generated_value: None,
            probes: BTreeMap::new(),
            asked: BTreeMap::new(),
            classes: BTreeMap::new(),
            answered: BTreeMap::new(),
            token: Token::default(),
            due: Due::default(),
            pass: Pass::default(),
            reference: 0,
            outputs: Outputs::default(),
            unread: BTreeSet::new(),
            written: BTreeSet::new(),
            failed: BTreeSet::new(),
            undone: BTreeSet::new(),
            tagged: BTreeMap::new(),
        }
    }

    /// Takes over what a probe was answered.
    pub fn note_probe(&mut self, probe: &Probe, answer: &Answer) {
        self.probes.insert(probe.way, verdict(probe, answer));
        self.asked.insert(probe.way, probe.url());
        note(&mut self.classes, probe.way, class(probe, answer));
        note(&mut self.answered, probe.way, answered(probe, answer));
        self.tell_apart(&probe.known);
    }

    fn tell_apart(&mut self, known: &Known) {
        let of_viewer = self.answered.get(&Way::Viewer).copied();
        let Some(mut viewer) = self.probes.get(&Way::Viewer).cloned() else {
            return;
        };
        for way in [Way::Direct, Way::Next] {
            if let Some(past) = self.probes.get_mut(&way) {
                let of_past = self.answered.get(&way).copied();
                doubt_endpoint_off(&viewer, past, [of_viewer, of_past]);
            }
        }
        let Some(mut direct) = self.probes.get(&Way::Direct).cloned() else {
            return;
        };
        let of_direct = self.answered.get(&Way::Direct).copied();
        tell_apart(known, &mut viewer, &mut direct, [of_viewer, of_direct]);
        self.probes.extend([(Way::Viewer, viewer), (Way::Direct, direct)]);
    }

    /// ARNs of the function versions that the distribution asks for, as far as it is known.
    #[must_use]
    pub fn associated_versions(&self) -> Vec<String> {
        self.distribution.functions()
    }

    /// ARN of the web ACL that the distribution names, as far as it is known.
    #[must_use]
    pub fn distribution_web_acl(&self) -> Option<String> {
        self.distribution.web_acl()
    }

    /// The names that the distribution has, as far as it is known; `None` where there is none.
    #[must_use]
    pub fn distribution_names(&self) -> Option<names::Names> {
        self.distribution.names()
    }

    /// Whether the distribution's configuration is in force everywhere.
    #[must_use]
    pub fn is_deployed(&self) -> bool {
        self.distribution.is_deployed()
    }

    /// Whether CloudFront carries a change of the distribution to its edge locations, as far as is known.
    #[must_use]
    pub fn is_deploying(&self) -> bool {
        let is_in_force = self.distribution.is_in_force();
        is_in_force.map_or(self.outputs.is_deploying, |is_in_force| !is_in_force)
    }

    /// What of the distribution may answer in place of the API, as far as it is known.
    #[must_use]
    pub fn detours(&self) -> DetoursStatus {
        let seen = self.distribution.detours();
        seen.unwrap_or_else(|| self.outputs.detours.clone())
    }

    /// Whether status records that a resource of `kind` was verified.
    #[must_use]
    pub fn has_record(&self, kind: Kind) -> bool {
        self.pass.has_record(kind)
    }

    /// The distribution's own domain name, once there is one.
    #[must_use]
    pub fn domain_name(&self) -> Option<&str> {
        let seen = self.distribution.domain_name();
        seen.or(self.outputs.domain_name.as_deref())
    }

    /// The distribution's id, as far as it is seen.
    #[must_use]
    pub fn distribution_id(&self) -> Option<&str> {
        self.distribution.id()
    }

    /// The distribution's ARN, once there is one.
    #[must_use]
    pub fn distribution_arn(&self) -> Option<&str> {
        let seen = self.distribution.arn();
        seen.or(self.outputs.distribution_arn.as_deref())
    }

    /// Whether status names a resource of `kind`: what it names is looked for directly, whatever lists say.
    #[must_use]
    pub fn knows(&self, kind: Kind) -> bool {
        let outputs = &self.outputs;
        self.pass.recorded.contains_key(kind.name())
            || match kind {
                Kind::WebAcl => outputs.web_acl_id.is_some(),
                Kind::Distribution => outputs.distribution_id.is_some(),
                Kind::Protection => {
                    let known = outputs.shield.as_ref();
                    known.is_some_and(|shield| shield.protection_id.is_some())
                }
                Kind::Alarm => outputs
                    .shield
                    .as_ref()
                    .is_some_and(|shield| shield.alarm.is_some()),
                _ => false,
            }
    }

    /// Whether anything that serves Shield was made for the owner, as far as status and the distribution's tags tell.
    #[must_use]
    pub fn had_shield(&self) -> bool {
        let is_recorded = |key: &str| self.pass.recorded.contains_key(key);
        self.outputs.shield.is_some()
            || advanced::KINDS.map(Kind::name).into_iter().any(is_recorded)
            || is_recorded(&health_check::named().key())
            || self.is_marked_for_shield()
    }

    /// Whether status knows of anything that serves Shield; where status is lost, there may be something.
    #[must_use]
    pub fn is_shield_known(&self) -> bool {
        let is_recorded = |kind: Kind| self.has_record(kind);
        let told = self.outputs.shield.as_ref().is_some_and(|known| {
            known.protection_id.is_some() || known.health_check_id.is_some() || known.alarm.is_some()
        });
        told || advanced::KINDS.into_iter().any(is_recorded) || self.outputs.distribution_id.is_none()
    }

    /// Whether the distribution bears the mark that comes before anything of Shield's.
    #[must_use]
    pub fn is_marked_for_shield(&self) -> bool {
        let tags = self.distribution_tags();
        tags.is_some_and(|tags| tags.contains_key(distribution::TAG_SHIELD))
    }

    /// The distribution's tags, as far as they are known.
    #[must_use]
    pub fn distribution_tags(&self) -> Option<&Tags> {
        self.distribution.tags()
    }

    /// Whether another object of the API may have this UID: each may, while not all objects of the cluster are seen.
    #[must_use]
    pub fn may_be_alive(&self, uid: &str) -> bool {
        let siblings = self.siblings.as_ref();
        siblings.is_none_or(|siblings| siblings.contains(uid))
    }

    /// The role's ARN, once the role is known to be ours.
    #[must_use]
    pub fn role_arn(&self) -> Option<&str> {
        match &self.role {
            Seen::Present(found) => (self.owns_role(found) != Ownership::Foreign).then_some(&found.arn),
            Seen::Listed(Some(row)) => self.has_record(Kind::Role).then_some(&row.arn),
            Seen::Listed(None) | Seen::Absent => None,
        }
        .map(String::as_str)
    }

    /// When the role was made that the function of `kind` has, as far as it is known.
    #[must_use]
    pub fn role_created(&self, kind: Kind) -> Option<Timestamp> {
        let role = match (kind, &self.role) {
            (Kind::Authorizer, _) => self.authorizer.present()?.role.as_ref(),
            (_, Seen::Present(found) | Seen::Listed(Some(found))) => Some(found),
            (_, Seen::Listed(None) | Seen::Absent) => None,
        };
        role?.created
    }

    /// An IP set's ARN, once the set is known to be ours.
    #[must_use]
    pub fn ip_set_arn(&self, part: &str) -> Option<String> {
        let id = Id {
            kind: Kind::IpSet,
            part: part.to_owned(),
        };
        match self.ip_sets.get(part)? {
            Seen::Present(set) => {
                let is_ours = self.owns_ip_set(part, set) != Ownership::Foreign;
                is_ours.then(|| set.content.entity.arn.clone())
            }
            Seen::Listed(Some(row)) if self.pass.recorded.contains_key(&id.key()) => {
                Some(row.entity.arn.clone())
            }
            _ => None,
        }
    }

    /// The web ACL's ARN, once it is known to be ours.
    #[must_use]
    pub fn web_acl_arn(&self) -> Option<String> {
        let entity = match &self.web_acl {
            Seen::Present(found) if self.owns_web_acl(found) != Ownership::Foreign => &found.content.entity,
            Seen::Listed(Some(row)) if self.has_record(Kind::WebAcl) => &row.entity,
            _ => return None,
        };
        Some(entity.arn.clone())
    }

    /// The ARN of the function version that has the wanted code and settings, once it is published.
    #[must_use]
    pub fn version_arn(&self, desired: &function::Desired) -> Option<String> {
        match &self.function {
            Seen::Present(found) if self.owns_function(found) != Ownership::Foreign => {
                let wanted = function::settings(&desired.owner, self.role_arn()?);
                versions::wanted_version(desired, &wanted, found, &self.function_inputs(), &self.pass)
                    .map(|version| version.arn.clone())
            }
            Seen::Listed(Some(_)) if self.pass.recorded.contains_key(Kind::Function.name()) => {
                self.outputs.version_arn.clone()
            }
            _ => None,
        }
    }
}

fn note(all: &mut BTreeMap<Way, Class>, way: Way, found: Option<Class>) {
    match found {
        Some(class) => drop(all.insert(way, class)),
        None => drop(all.remove(&way)),
    }
}
