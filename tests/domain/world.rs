//! AWS as an idea: every step of a plan succeeds at once, and is seen.

use super::api::Api;
use palisade::api::ProtectedApiStatus;
use palisade::domain::access::asked::other_signers::OtherSigners;
use palisade::domain::access::asked::ways_in::WaysIn;
use palisade::domain::edge::distribution;
use palisade::domain::edge::names::ZoneSeen;
use palisade::domain::firewall::{ip_set, logging, web_acl};
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Id;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Plan, Step, plan};
use palisade::domain::perimeter::records::verified;
use palisade::domain::signer::{function, role};
use palisade::domain::status::conditions::{Mode, Pass};
use palisade::domain::status::object::status;
use serde_json::json;
use std::collections::BTreeSet;

/// More steps than any object needs.
const MOST_STEPS: usize = 100;

pub struct World {
    pub observed: Observed,
    pub api: Api,
    /// Custom domain names that lead to its stage.
    pub domain_names: BTreeSet<String>,
    /// Every step that was carried out.
    pub done: Vec<Step>,
    /// What a read of the distribution finds, where only its row is known.
    stored: Option<distribution::Observed>,
    writes: u32,
}

/// The status of an object of which nothing was said before.
pub fn first_status(desired: &Desired, observed: &Observed) -> ProtectedApiStatus {
    let plan = plan(desired, observed);
    status(&Pass {
        generation: Some(1),
        owner: &observed.owner,
        mode: Mode::Apply,
        enforces: true,
        rejection: None,
        plan: &plan,
        observed: Some(observed),
        desired: Some(desired),
        stood: None,
        failures: &[],
        previous: &ProtectedApiStatus::default(),
        now: observed.pass.at,
    })
}

impl World {
    pub fn new(mut observed: Observed) -> Self {
        observed.pass.at = "2026-01-01T00:00:00Z".parse().unwrap();
        observed.due.probes = true;
        observed.other_signers = Some(OtherSigners::default());
        Self {
            observed,
            api: Api::petstore(),
            domain_names: BTreeSet::new(),
            done: vec![],
            stored: None,
            writes: 0,
        }
    }

    /// Carries out what `decide` plans until nothing is left to do now; answers the last plan.
    pub fn run(&mut self, decide: impl Fn(&Observed) -> Plan) -> Plan {
        for _ in 0..MOST_STEPS {
            let plan = decide(&self.observed);
            if plan.is_settled() {
                return plan;
            }
            for id in &plan.reads {
                self.read(id);
            }
            for probe in &plan.probes {
                self.observed.probes.insert(probe.way, self.api.verdict(probe));
            }
            for step in plan.ready.clone() {
                self.carry_out(&step);
                self.done.push(step);
            }
        }
        panic!("no end of it: {}", decide(&self.observed).to_yaml());
    }

    pub fn build(&mut self, desired: &Desired) -> Plan {
        self.run(|observed| plan(desired, observed))
    }

    /// The process sleeps and wakes up again: only lists and records are left, and what was there is only listed.
    pub fn forget(&mut self, desired: &Desired) {
        let plan = plan(desired, &self.observed);
        if let Some(version) = self.observed.version_arn(&desired.function) {
            self.observed.outputs.version_arn = Some(version);
        }
        self.observed.pass.recorded = verified(desired, &self.observed, &plan);
        let observed = &mut self.observed;
        observed.role = listed(&observed.role, Clone::clone);
        observed.function = listed(&observed.function, |found| function::Listed {
            latest: found.latest.clone(),
            tags: Some(found.tags.clone()),
        });
        for set in observed.ip_sets.values_mut() {
            *set = listed(set, |found| ip_set::Listed {
                entity: found.content.entity.clone(),
                tags: Some(found.tags.clone()),
            });
        }
        observed.web_acl = listed(&observed.web_acl, |found| web_acl::Listed {
            entity: found.content.entity.clone(),
            tags: Some(found.tags.clone()),
        });
        observed.logging = listed(&observed.logging, Clone::clone);
        if let Some(found) = observed.distribution.present() {
            self.stored = Some(found.clone());
        }
        observed.distribution = listed(&observed.distribution, |found| distribution::Row {
            listed: distribution::listed(&found.content),
            tags: Some(found.tags.clone()),
        });
        observed.access = Seen::default();
        super::world_shield::forget(&mut observed.shield);
        observed.probes.clear();
        observed.due.probes = false;
    }

    /// Nothing unlisted exists in this world.
    fn read(&mut self, id: &Id) {
        use palisade::domain::kernel::planning::Kind;
        let observed = &mut self.observed;
        match id.kind {
            Kind::Role => observed.role = Seen::Absent,
            Kind::Function => observed.function = Seen::Absent,
            Kind::IpSet => drop(observed.ip_sets.insert(id.part.clone(), Seen::Absent)),
            Kind::WebAcl => observed.web_acl = Seen::Absent,
            Kind::Logging => observed.logging = Seen::Absent,
            Kind::Distribution => {
                let stored = self.stored.clone();
                observed.distribution = stored.map_or(Seen::Absent, Seen::Present);
            }
            Kind::ApiKey => observed.api_key = Seen::Absent,
            Kind::Authorizer => observed.authorizer = Seen::Absent,
            Kind::Access => {
                let mut found = self.api.read();
                // The API has the one stage, and these custom domain names.
                found.stages = Some(Vec::new());
                found.ways_in = Some(WaysIn {
                    domain_names: self.domain_names.clone(),
                    ..WaysIn::default()
                });
                observed.access = Seen::Present(found);
            }
            Kind::HealthCheck | Kind::Protection | Kind::Alarm => self.read_shield(id),
            Kind::Certificate => panic!("no certificate is requested here: {id:?}"),
            Kind::OriginCertificate
            | Kind::OriginRecords
            | Kind::Truststore
            | Kind::OriginDomain
            | Kind::ClientCertificate
            | Kind::Endpoint => panic!("nothing here has mutual TLS: {id:?}"),
            Kind::Records => drop(observed.names.zones.insert(id.part.clone(), ZoneSeen::Missing)),
        }
    }

    fn token(&mut self) -> String {
        self.writes += 1;
        format!("token-{}", self.writes)
    }

    fn carry_out(&mut self, step: &Step) {
        let token = self.token();
        match &step.action {
            Action::Role(action) => self.role(action),
            Action::Function(action) => self.function(action),
            Action::IpSet(action) => self.ip_set(&step.id.part, action, token),
            Action::WebAcl(action) => self.web_acl(action, token),
            Action::Logging(logging::Action::Put(document)) => {
                self.observed.logging = Seen::Present(logging::Observed {
                    document: document.clone(),
                });
            }
            Action::Logging(logging::Action::Delete { .. }) => self.observed.logging = Seen::Absent,
            Action::ApiKey(action) => panic!("no object here has a key: {action:?}"),
            Action::Authorizer(action) => panic!("no object here has an authorizer: {action:?}"),
            Action::Distribution(action) => self.distribution(action, token),
            Action::Access(action) => {
                let seen = self.observed.access.present().cloned().unwrap();
                self.observed.access = Seen::Present(self.api.carry_out(step, action, &seen));
                if action.changes_routes() {
                    self.observed.probes.clear();
                }
            }
            Action::HealthCheck(_) | Action::Protection(_) | Action::Alarm(_) => self.carry_out_shield(step),
            Action::Certificate(action) => panic!("no certificate is requested here: {action:?}"),
            Action::OriginCertificate(_)
            | Action::OriginRecords(_)
            | Action::Truststore(_)
            | Action::OriginDomain(_)
            | Action::ClientCertificate(_)
            | Action::Endpoint(_) => panic!("nothing here has mutual TLS: {step:?}"),
            Action::Records(action) => self.observed.names.wrote(&action.zone, &action.changes),
        }
        self.observed.wrote(step);
    }

    fn role(&mut self, action: &role::Action) {
        let made = match action {
            role::Action::Create(creation) => Some(role::Observed {
                name: creation.name.clone(),
                arn: format!("arn:aws:iam::123456789012:role/palisade/{}", creation.name),
                path: "/palisade/".into(),
                trust: creation.trust.clone(),
                policies: [].into(),
                attached: [].into(),
                boundary: creation.boundary.clone(),
                tags: creation.tags.clone(),
                created: None,
            }),
            action => role::after(self.observed.role.present(), action),
        };
        self.observed.role = Seen::Present(made.unwrap());
    }

    fn function(&mut self, action: &function::Action) {
        if let function::Action::Create(creation) = action {
            let latest = function::Configuration {
                name: creation.name.clone(),
                arn: format!("arn:aws:lambda:us-east-1:123456789012:function:{}", creation.name),
                version: function::LATEST.into(),
                settings: creation.settings.clone(),
                code_sha256: String::from_utf8(creation.zip.clone()).unwrap(),
                revision: String::new(),
                state: function::State::Active,
                state_reason: None,
                updating: false,
            };
            let made = function::Observed {
                latest,
                tags: creation.tags.clone(),
                versions: vec![],
            };
            self.observed.function = Seen::Present(published(made));
            return;
        }
        let mut found = self.observed.function.present().cloned().unwrap();
        match action {
            function::Action::Create(_) => {}
            function::Action::UpdateSettings { settings, .. } => found.latest.settings = settings.clone(),
            function::Action::UpdateCode { zip, .. } => {
                found.latest.code_sha256 = String::from_utf8(zip.clone()).unwrap();
                found = published(found);
            }
            function::Action::Publish { .. } => found = published(found),
            function::Action::DeleteVersion(version) => {
                found.versions.retain(|known| known.version != *version);
            }
            function::Action::Tag(call) => call.change(&mut found.tags),
        }
        self.observed.function = Seen::Present(found);
    }

    fn ip_set(&mut self, part: &str, action: &ip_set::Action, token: String) {
        let found = self.observed.ip_sets.get(part).and_then(Seen::present).cloned();
        let made = match action {
            ip_set::Action::Create(creation) => Some(ip_set::Observed {
                content: ip_set::Content {
                    entity: entity("ipset", &creation.name, token),
                    version: creation.version.clone(),
                    addresses: creation.addresses.clone(),
                },
                tags: creation.tags.clone(),
            }),
            ip_set::Action::Update { addresses, .. } => found.map(|mut found| {
                found.content.addresses.clone_from(addresses);
                found.content.entity.lock_token = token;
                found
            }),
            ip_set::Action::Tag(call) => found.map(|mut found| {
                call.change(&mut found.tags);
                found
            }),
            ip_set::Action::Delete(_) => None,
        };
        self.observed
            .ip_sets
            .insert(part.to_owned(), made.map_or(Seen::Absent, Seen::Present));
    }

    fn web_acl(&mut self, action: &web_acl::Action, token: String) {
        let found = self.observed.web_acl.present().cloned();
        let stored = |document: &serde_json::Value| {
            let mut document = document.clone();
            document["Capacity"] = json!(1);
            document
        };
        let made = match action {
            web_acl::Action::Create { name, document, tags } => Some(web_acl::Observed {
                content: web_acl::Content {
                    entity: entity("webacl", name, token),
                    document: stored(document),
                },
                tags: tags.clone(),
            }),
            web_acl::Action::Update { document, .. } => found.map(|mut found| {
                found.content.document = stored(document);
                found.content.entity.lock_token = token;
                found
            }),
            web_acl::Action::Tag(call) => found.map(|mut found| {
                call.change(&mut found.tags);
                found
            }),
            web_acl::Action::Delete(_) => None,
        };
        self.observed.web_acl = made.map_or(Seen::Absent, Seen::Present);
    }

    fn distribution(&mut self, action: &distribution::Action, token: String) {
        let found = self.observed.distribution.present().cloned();
        let made = match action {
            distribution::Action::Create { config, tags } => Some(distribution::Observed {
                content: distribution::Content {
                    id: "E1".into(),
                    arn: "arn:aws:cloudfront::123456789012:distribution/E1".into(),
                    domain_name: "d1.cloudfront.net".into(),
                    etag: token,
                    status: distribution::DEPLOYED.into(),
                    config: config.clone(),
                },
                tags: tags.clone(),
            }),
            distribution::Action::Update { config, .. } => found.map(|mut found| {
                found.content.config = config.clone();
                found.content.etag = token;
                found
            }),
            distribution::Action::Tag(call) => found.map(|mut found| {
                call.change(&mut found.tags);
                found
            }),
            distribution::Action::MoveAlias { .. } => panic!("nobody here has a name of ours: {action:?}"),
            distribution::Action::Delete { .. } => None,
        };
        self.observed.distribution = made.map_or(Seen::Absent, Seen::Present);
    }
}

pub fn listed<L: Clone, T>(seen: &Seen<L, T>, row: impl Fn(&T) -> L) -> Seen<L, T> {
    match seen {
        Seen::Present(found) => Seen::Listed(Some(row(found))),
        Seen::Listed(known) => Seen::Listed(known.clone()),
        Seen::Absent => Seen::Listed(None),
    }
}

fn published(mut function: function::Observed) -> function::Observed {
    let number = (function.versions.len() + 1).to_string();
    let arn = format!("{}:{number}", function.latest.arn);
    function.versions.push(function::Configuration {
        arn,
        version: number,
        ..function.latest.clone()
    });
    function
}

fn entity(kind: &str, name: &str, lock_token: String) -> web_acl::Entity {
    web_acl::Entity {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        arn: format!("arn:aws:wafv2:us-east-1:123456789012:global/{kind}/{name}/id"),
        lock_token,
    }
}
