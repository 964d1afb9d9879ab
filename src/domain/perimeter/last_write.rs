//! Which documents are written whole, and what is remembered of their last write: see `kernel/last_write.rs`.

use super::observed::Observed;
use super::plan::{Action, Step};
use crate::domain::edge::{config, distribution};
use crate::domain::firewall::{ip_set, logging, web_acl};
use crate::domain::kernel::last_write::{LastWrite, digest, key};
use crate::domain::kernel::observing::{Fingerprint, Seen};
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::shield::health_check;
use crate::domain::signer::function;
use serde::Serialize;

/// Hash of our part of the document that the call sends, where it sends a whole one.
fn sent(action: &Action) -> Option<String> {
    match action {
        Action::WebAcl(
            web_acl::Action::Create { document, .. } | web_acl::Action::Update { document, .. },
        ) => Some(digest(&web_acl::managed(document))),
        Action::Logging(logging::Action::Put(document)) => Some(digest(&logging::managed(document))),
        Action::Distribution(
            distribution::Action::Create { config, .. } | distribution::Action::Update { config, .. },
        ) => Some(digest(&config::settings_of(config))),
        Action::Function(function::Action::Create(function::Creation { settings, .. })) => {
            Some(digest(settings))
        }
        Action::Function(function::Action::UpdateSettings { settings, .. }) => {
            Some(digest(&settings.without_foreign()))
        }
        // Of a new one nothing is remembered: there may be dozens.
        Action::IpSet(ip_set::Action::Update { addresses, .. }) => {
            Some(digest(&ip_set::canonical(addresses)))
        }
        Action::HealthCheck(
            health_check::Action::Create { settings, .. } | health_check::Action::Update { settings, .. },
        ) => Some(digest(settings)),
        _ => None,
    }
}

/// Whether the answer to a write shows the document as AWS keeps it. The revisions of these kinds change by themselves as well, so that
/// a later read tells less.
fn is_answered(kind: Kind) -> bool {
    matches!(kind, Kind::Function | Kind::HealthCheck)
}

impl Observed {
    /// Notes what a step has sent. It was answered, and its answer is seen.
    pub fn wrote(&mut self, step: &Step) {
        self.note_repetition(step);
        let id = &step.id;
        let (Some(sent), Some((left, found))) = (sent(&step.action), self.found(id)) else {
            return;
        };
        // Whoever was told that it exists has found what an earlier call made, of whatever spec, and has sent nothing.
        if step.verb == Verb::Create && found != sent {
            self.pass.recorded.remove(&key(id));
            return;
        }
        let came_to = if is_answered(id.kind) {
            found
        } else {
            String::new()
        };
        let line = LastWrite { sent, left, came_to };
        if line.tells_nothing(id.kind) {
            self.pass.recorded.remove(&key(id));
        } else {
            self.pass.recorded.insert(key(id), line.to_text());
        }
        self.written.insert(id.clone());
    }

    /// Fingerprint of the document, and hash of our part of it.
    fn found(&self, id: &Id) -> Option<(String, String)> {
        fn pair<T: Fingerprint>(found: &T, part: &impl Serialize) -> (String, String) {
            (found.fingerprint(), digest(part))
        }
        match id.kind {
            Kind::WebAcl => {
                let found = self.web_acl.present()?;
                Some(pair(found, &web_acl::managed(&found.content.document)))
            }
            Kind::Logging => match &self.logging {
                // The list shows a logging configuration whole.
                Seen::Present(found) | Seen::Listed(Some(found)) => {
                    Some(pair(found, &logging::managed(&found.document)))
                }
                Seen::Listed(None) | Seen::Absent => None,
            },
            Kind::Distribution => {
                let found = self.distribution.present()?;
                Some(pair(found, &config::settings_of(&found.content.config)))
            }
            Kind::Function => {
                let found = self.function.present()?;
                Some(pair(found, &found.latest.settings))
            }
            Kind::IpSet => {
                let found = self.ip_sets.get(&id.part)?.present()?;
                Some(pair(found, &ip_set::canonical(&found.content.addresses)))
            }
            Kind::HealthCheck if *id == health_check::named() => None,
            Kind::HealthCheck => {
                let found = self.shield.own_check.present()?;
                Some(pair(found, &found.content.settings))
            }
            _ => None,
        }
    }

    /// The lines to remember at the end of a pass.
    pub(super) fn last_writes(&self) -> impl Iterator<Item = (String, String)> {
        self.written_whole().into_iter().filter_map(|id| {
            let mut line = self.pass.last_write(&id)?;
            if self.is_gone(&id) {
                return None;
            }
            if let Some((fingerprint, found)) = self.found(&id)
                && line.came_to.is_empty()
                && line.left == fingerprint
                && self.is_read(&id)
            {
                line.came_to = found;
            }
            (!line.tells_nothing(id.kind)).then(|| (key(&id), line.to_text()))
        })
    }

    /// The resources whose documents are written whole.
    fn written_whole(&self) -> Vec<Id> {
        let single = [
            Kind::Function,
            Kind::WebAcl,
            Kind::Logging,
            Kind::Distribution,
            Kind::HealthCheck,
        ];
        let sets = self.ip_sets.keys().map(|part| ip_set::id(part));
        single.map(Id::of).into_iter().chain(sets).collect()
    }

    /// Whether what is seen was answered by AWS: the answer to a write of WAF's has only a token.
    fn is_read(&self, id: &Id) -> bool {
        match id.kind {
            Kind::WebAcl => self.web_acl.present().is_some_and(|acl| acl.capacity().is_some()),
            Kind::IpSet => !self.written.contains(id),
            _ => true,
        }
    }

    fn is_gone(&self, id: &Id) -> bool {
        match id.kind {
            Kind::WebAcl => self.web_acl == Seen::Absent,
            Kind::Logging => self.logging == Seen::Absent,
            Kind::Distribution => self.distribution == Seen::Absent,
            Kind::Function => self.function == Seen::Absent,
            Kind::IpSet => self.ip_sets.get(&id.part) == Some(&Seen::Absent),
            Kind::HealthCheck => self.shield.own_check == Seen::Absent,
            _ => true,
        }
    }
}
