//! `AccessRestricted` under mutual TLS: the default endpoint is off, the custom domain name asks for the client certificate, and nothing
//! else leads to the stage without one.
//!
//! ```text
//!  mutual_tls ── whether the lock stands, and what is under way or in the way
//!    ├─ other_doors ── what else leads to the stage, as it counts in this mode
//!    ├─ probed ─────── what probes through the perimeter and past it prove
//!    ├─ worth_knowing ─ notes of the truststore and of paths
//!    ├─ unproven ───── the origin's name, as long as nothing shows that it asks for a certificate
//!    └─ remembered ─── status.access.mutualTls, and the notes of certificates
//! ```

mod other_doors;
pub(super) mod probed;
pub(super) mod remembered;
mod unproven;
pub(super) mod worth_knowing;

pub use self::other_doors::is_of_certificates;
pub(super) use self::other_doors::{around, counted, with_authorities};

use self::other_doors::{is_off, known_open, told};
use super::conditions::{Mode, Pass, Verdict, is_true, types};
use super::enforcement::OPENS_NOTHING;
use super::group::group;
use super::said_before::said_last;
use crate::api::Enforcement;
use crate::domain::access::words::listed;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Kind, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::doors::open_doors;
use crate::domain::mutual_tls::endpoint::{self, State};
use crate::domain::mutual_tls::probes::is_probed;
use crate::domain::mutual_tls::{Desired, Inputs, KINDS, client_certificate, origin_domain, truststore};
use crate::domain::perimeter::observed::Observed;

/// The kinds that `AccessRestricted` speaks of in this mode: of the routes, since they are read, too.
const TOLD: [Kind; KINDS.len() + 1] = {
    let mut all = [Kind::Access; KINDS.len() + 1];
    let mut n = 0;
    while n < KINDS.len() {
        all[n] = KINDS[n];
        n += 1;
    }
    all
};

/// What is said in this mode, where the spec was looked at; `None` in another.
pub(super) fn restricted(pass: &Pass<'_>) -> Option<Verdict> {
    let looked = Looked::of(pass)?;
    Some(match looked.desired.enforcement {
        Enforcement::Enforce => looked.enforced(),
        Enforcement::Observe => looked.observed_only(),
    })
}

/// What is looked at in this mode.
struct Looked<'a> {
    pass: &'a Pass<'a>,
    observed: &'a Observed,
    desired: &'a Desired,
    inputs: Inputs<'a>,
}

impl<'a> Looked<'a> {
    /// `None` in another mode, and where the spec was not looked at.
    fn of(pass: &'a Pass<'a>) -> Option<Self> {
        let (all, observed) = pass.desired.zip(pass.observed)?;
        Some(Self {
            pass,
            observed,
            desired: all.mutual_tls.as_ref()?,
            inputs: observed.mutual_tls_inputs(Some(all)),
        })
    }

    /// Whether it is known where the default endpoint stands.
    fn is_read(&self) -> bool {
        endpoint::state(&self.inputs) != State::Unread
    }

    /// Whether the lock stands: as read, or as it was said before, where it is not due to be read again.
    fn is_locked(&self) -> bool {
        if self.is_read() {
            return endpoint::is_locked(&self.inputs);
        }
        let remembered = self
            .inputs
            .remembered
            .is_some_and(|known| known.default_endpoint_off);
        remembered
            && is_true(&self.pass.previous.conditions, types::ACCESS_RESTRICTED)
            && !self.observed.due.overdue
    }

    /// Whether CloudFront shows the API a certificate.
    fn is_shown(&self) -> bool {
        matches!(self.inputs.distribution.shows, Some(Some(_))) && self.inputs.distribution.is_deployed
    }

    /// What leads to the stage besides, as a verdict: as read, or as it was said before, where nobody has looked since.
    fn open_doors(&self) -> Option<Verdict> {
        let of_others = || self.unverified().or_else(|| self.accepted_others());
        if let Some(open) = self.without_truststore().or_else(of_others) {
            return Some(open);
        }
        if let Some(unproven) = unproven::origin(self) {
            return Some(unproven);
        }
        let Some((so, remedy)) = told(&open_doors(&self.inputs)) else {
            return self.open_before();
        };
        Some(self.reached_by(&so, remedy))
    }

    /// Doors that were found count, whatever was edited since, until what tells of them is read again.
    fn open_before(&self) -> Option<Verdict> {
        let is = types::ACCESS_RESTRICTED;
        let doors = known_open(self.pass.desired?, self.observed);
        let (so, remedy) = told(&doors)?;
        let before = said_last(self.pass, is);
        let before =
            before.filter(|before| before.status == "False" && before.reason == Reason::OtherDoorOpen);
        Some(before.unwrap_or_else(|| self.reached_by(&so, remedy)))
    }

    fn reached_by(&self, so: &str, remedy: String) -> Verdict {
        let gate = &self.desired.gate;
        let message = format!(
            "the default endpoint of API {} is off, but stage {} is reached past the perimeter all the same: {so}",
            gate.api_id, gate.stage
        );
        Verdict::no(types::ACCESS_RESTRICTED, Reason::OtherDoorOpen, message).with_remedy(Some(remedy))
    }

    /// The custom domain name, where it was read to ask for no certificate, or for those of another truststore.
    fn without_truststore(&self) -> Option<Verdict> {
        let found = self.inputs.seen.domain.present()?;
        let is_ours = found.content.truststore_uri.as_ref() == Some(&self.desired.truststore_uri());
        (!is_ours).then(|| {
            let message = format!(
                "custom domain name {} does not ask for a client certificate of the perimeter's truststore: somebody has changed that, and \
                 it is changed back by itself",
                self.desired.origin_domain
            );
            Verdict::no(types::ACCESS_RESTRICTED, Reason::ForeignAuthority, message)
        })
    }

    /// The custom domain name, where it uses a version of the truststore that was not found to have authorities of this object's client
    /// certificates alone: it may let in others, also where the change that mends it is refused.
    fn unverified(&self) -> Option<Verdict> {
        if truststore::is_in_use_verified(&self.inputs) {
            return None;
        }
        let version = origin_domain::version_in_use(&self.inputs);
        let is_none = matches!(self.inputs.seen.domain, Seen::Absent | Seen::Listed(None));
        if is_none && version.is_none() {
            return None;
        }
        let version = version.map_or_else(
            || "a version that is not known".to_owned(),
            |known| format!("version {known}"),
        );
        let others = truststore::foreign(&self.inputs).len();
        let others = if others > 0 {
            format!(
                "somebody has written {others} authorities into it that are not this object's, so whoever has a certificate of theirs gets \
                 in: it is changed back by itself"
            )
        } else {
            "it was not found to have authorities of this object's client certificates alone, so others may get in: it is read again"
                .to_owned()
        };
        let held_up = self
            .trouble()
            .map(|(_, message, _)| format!("; what holds that up: {message}"));
        let message = format!(
            "custom domain name {} uses {version} of the truststore {}, and {others}{}",
            self.desired.origin_domain,
            self.desired.truststore_uri(),
            held_up.unwrap_or_default()
        );
        Some(Verdict::no(
            types::ACCESS_RESTRICTED,
            Reason::ForeignAuthority,
            message,
        ))
    }

    /// The custom domain name, where it accepted certificates of others, until it is sure to do so no more.
    fn accepted_others(&self) -> Option<Verdict> {
        origin_domain::has_accepted_others(&self.inputs).then(|| {
            let message = format!(
                "custom domain name {} accepted client certificates of others, or asked for none, when it was read: it is changed back, and \
                 until that is in force everywhere, which takes API Gateway minutes, whoever got in by that may still get in. A probe \
                 without a certificate does not tell",
                self.desired.origin_domain
            );
            Verdict::no(types::ACCESS_RESTRICTED, Reason::ForeignAuthority, message)
        })
    }

    /// Whether the client certificate is being replaced: the next one is in memory, CloudFront does not show it yet, or those before it are
    /// being shut out.
    fn is_rotating(&self) -> bool {
        let inputs = &self.inputs;
        let newest = client_certificate::newest(inputs).map(|newest| newest.arn);
        let shown = inputs.distribution.shows.as_ref().and_then(Option::as_ref);
        let is_made = inputs.seen.pair.is_some() && self.has_work_on(Kind::ClientCertificate);
        let is_shutting_out = client_certificate::is_shutting_out(&client_certificate::records(inputs));
        is_made
            || is_shutting_out
            || client_certificate::is_being_shown(inputs)
            || client_certificate::is_clearing(inputs)
            || newest.is_some_and(|newest| shown.is_some_and(|shown| shown != newest))
    }

    fn has_work_on(&self, kind: Kind) -> bool {
        let plan = self.pass.plan;
        plan.ready.iter().any(|step| step.id.kind == kind)
            || plan.waits.iter().any(|wait| wait.id.kind == kind)
            || plan.blocked.iter().any(|blocked| blocked.id.kind == kind)
    }

    /// What is awaited of this mode's own.
    fn awaited(&self) -> Option<&Wait> {
        let mut waits = self.pass.plan.waits.iter();
        waits.find(|wait| TOLD.contains(&wait.id.kind))
    }

    /// What is in the way, or failed: a reason and what there is to know.
    fn trouble(&self) -> Option<(Reason, &str, Option<&String>)> {
        let mut failures = self.pass.failures.iter();
        if let Some(failed) = failures.find(|failure| failure.is_of(&TOLD) && failure.needs_person()) {
            return Some((failed.reason, failed.message.as_str(), None));
        }
        let mut problems = self.pass.plan.problems.iter();
        let problem = problems.find(|problem| TOLD.contains(&problem.id.kind))?;
        Some((problem.reason, problem.message.as_str(), problem.remedy.as_ref()))
    }

    fn enforced(&self) -> Verdict {
        let is = types::ACCESS_RESTRICTED;
        if self.is_locked() {
            return self.open_doors().unwrap_or_else(|| self.locked());
        }
        let read = group(self.pass, is, &TOLD, &self.stands());
        if read.status == "True" && self.is_read() {
            let message = format!(
                "stage {} answers at the API's default endpoint, {}, past the perimeter",
                self.desired.gate.stage, self.desired.gate.host
            );
            return Verdict::no(is, Reason::InProgress, message);
        }
        self.unreadable(&read)
            .or_else(|| self.suspended(&read))
            .unwrap_or(read)
    }

    /// The lock stands, with what is under way or in the way beside it.
    fn locked(&self) -> Verdict {
        let is = types::ACCESS_RESTRICTED;
        let stands = self.stands();
        if let Some((reason, message, remedy)) = self.trouble() {
            let message = format!("{stands}; but what serves it is not as it should be: {message}");
            return Verdict::yes(is, reason, message).with_remedy(remedy.cloned());
        }
        let awaited = self.awaited();
        let told = awaited
            .map(|wait| format!(": {}", wait.message))
            .unwrap_or_default();
        if self.is_rotating() {
            let message = format!("{stands}; its client certificate is being replaced{told}");
            return Verdict::yes(is, Reason::Rotating, message);
        }
        let message = match awaited {
            Some(wait) => format!("{stands}; meanwhile: {}", wait.message),
            None => stands,
        };
        Verdict::yes(is, Reason::Locked, message)
    }

    /// What cannot be read is not called open, where it was locked when it was last read.
    fn unreadable(&self, read: &Verdict) -> Option<Verdict> {
        let is_unread = TOLD.iter().any(|kind| self.observed.failed.contains(kind));
        let mut failures = self.pass.failures.iter();
        let failure = failures.find(|failure| failure.is_of(&TOLD))?;
        let was_locked = self
            .inputs
            .remembered
            .is_some_and(|known| known.default_endpoint_off);
        let is_told = read.status != "True" && read.reason == failure.reason;
        if !(is_unread && is_told && was_locked) {
            return None;
        }
        let message = format!(
            "the default endpoint of API {} was off when it was last read, and whether it is cannot be read now: {}",
            self.desired.gate.api_id, failure.message
        );
        Some(Verdict::unknown(read.is, read.reason, message))
    }

    fn suspended(&self, read: &Verdict) -> Option<Verdict> {
        let is_due = matches!(read.reason, Reason::InProgress | Reason::WaitingForInputs);
        if self.pass.mode != Mode::Suspended || read.status != "False" || !is_due {
            return None;
        }
        let message = format!(
            "stage {} answers at the API's default endpoint; nothing is locked while spec.suspend is true",
            self.desired.gate.stage
        );
        Some(Verdict::no(read.is, Reason::Suspended, message))
    }

    /// Whoever has switched the default endpoint off, under `Observe` nobody switches it on.
    fn observed_only(&self) -> Verdict {
        let is = types::ACCESS_RESTRICTED;
        if self.is_locked() || is_off(&self.inputs) {
            let open = self.open_doors();
            return open.unwrap_or_else(|| {
                let message = format!("{}; {OPENS_NOTHING}", self.stands());
                Verdict::yes(is, Reason::Locked, message)
            });
        }
        let read = group(self.pass, is, &TOLD, "");
        let is_built = read.status == "True" || (self.is_shown() && self.trouble().is_none());
        if !is_built {
            return read;
        }
        let others = if self.desired.for_all_stages {
            ""
        } else {
            ". It is the API's, so other stages lose it, too"
        };
        let message = format!(
            "stage {} is reached through {}, which asks for the client certificate that CloudFront shows, and by anybody at the API's \
             default endpoint, {}; set spec.access.enforcement to Enforce to have that switched off once a probe through the \
             perimeter has reached the API{others}{}",
            self.desired.gate.stage,
            self.desired.origin_domain,
            self.desired.gate.host,
            self.besides()
        );
        Verdict::no(is, Reason::Open, message)
    }

    /// What is so of a stage that is locked.
    fn stands(&self) -> String {
        let gate = &self.desired.gate;
        format!(
            "stage {} of API {} is reached only through {}, which asks for the client certificate that CloudFront shows; the default \
             endpoint is off{}",
            gate.stage,
            gate.api_id,
            self.desired.origin_domain,
            self.besides()
        )
    }

    /// What else there is to know of ways to the API, as clauses to add.
    fn besides(&self) -> String {
        let outputs = &self.observed.outputs;
        let others = around(self.pass).map(|named| format!("; {named}"));
        let sources = &outputs.source_ip_statements;
        let sources = (!sources.is_empty()).then(|| {
            format!(
                "; its resource policy asks for the caller's address, which is CloudFront's now: {}",
                listed(sources)
            )
        });
        let unread = outputs.other_doors_unread.as_ref();
        let unread = unread.map(|why| format!("; what else leads to it could not be read: {why}"));
        let unproven = (!is_probed(&self.inputs) && is_off(&self.inputs)).then(|| {
            let why = if self.desired.probes {
                "there is no method that a probe may ask (GET, HEAD or OPTIONS)"
            } else {
                "spec.probes is Disabled"
            };
            format!(
                "; no request has proven that the switch is in effect, since {why}: ask {} yourself; where it still answers as \
                 the API does, have the stage deployed, which makes all edits of the API live",
                self.desired.gate.host
            )
        });
        let access = self.pass.access().filter(|access| access.awaited.is_some());
        let access = access.filter(|_| !self.desired.leaves);
        let before = access.map(|access| {
            format!(
                "; until that is taken off, its methods ask for the perimeter's {} as well, which CloudFront goes on sending: that goes by \
                 itself, unless edits that are not deployed, a canary release, or what no probe can prove are in the way",
                access.proof.of_the_perimeter()
            )
        });
        let shared = worth_knowing::sharing(&self.inputs);
        let clauses = [unproven, before, others, sources, unread, shared];
        clauses.into_iter().flatten().collect()
    }
}
