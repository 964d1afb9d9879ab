//! A lock of routes whose place a client certificate has taken is taken off again (`docs/decisions/0038-mutual-tls.md`).
//!
//! ```text
//! the certificate's lock stands, as the last pass told ─▶ routes ask for nothing of ours, as edited ─▶ deployed ─▶ marked
//!     ─▶ two minutes later CloudFront sends nothing for them any more (held, sending) ─▶ key and authorizer go (rotation)
//! ```
//!
//! Each step is read from the API and the mark, so a crash is continued. Nobody comes to the routes but with the certificate: what they
//! ask for decides over no caller any more.

use crate::api::ErrorNamed;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::{Authorization, CUSTOM, NONE, description_of_opened};
use crate::domain::access::authorization::{Action, Pending};
use crate::domain::access::held::change_of_mode;
use crate::domain::access::inputs::{Call, Next, Plan, Step};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::probing::{add_probe, is_due};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::marks::Unprobed;
use crate::domain::access::table::reads::{pending_read, stage_read, ways_in_read};
use crate::domain::access::waiting::{EFFECT_RETRY, PATIENCE, PROBE_RETRY, problem, waiting};
use crate::domain::access::words::words_of_held;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use serde_json::json;
use std::time::Duration;

/// Stands in the mark in the place of what accepts a secret value, where routes ask for none any more.
const NOBODY: &str = "nobody";

impl Routes<'_> {
    /// Adds the next step; false where none may be made.
    pub(super) fn take_off(&self, plan: &mut Plan<impl From<Call>>) -> bool {
        if matches!(self.found.deployed, Deployed::Outdated(_)) {
            plan.add(stage_read(), Next::Read);
            return true;
        }
        if self.asks_for_the_held() {
            return self.inputs.is_certificate_proven && self.is_probed() && self.take_off_routes(plan);
        }
        // What an earlier stage asks for goes on being sent.
        if self.is_asked_by_earlier_stage(&self.desired.proof) {
            return false;
        }
        match self.asked_nothing_for() {
            None => plan.act(self.mark_asked_nothing()),
            Some(age) => wait_for_effect(PATIENCE.saturating_sub(age), plan),
        }
        true
    }

    /// Waits where no mode is known to go on any more, and what was sent for it is sent a little longer: status was lost meanwhile.
    pub(super) fn await_what_was_taken_off(&self, plan: &mut Plan<impl From<Call>>) {
        if self.was_taken_off_just_now() {
            wait_for_effect(PROBE_RETRY, plan);
        }
    }

    /// Whether the routes ask for nothing of ours for so short a time that API Gateway may not know it everywhere; until that is marked,
    /// it counts as such.
    pub(in crate::domain::access) fn asks_nothing_since_just_now(&self) -> bool {
        self.asked_nothing_for().is_none_or(|age| age < PATIENCE)
    }

    /// The same, where it is marked.
    pub(in crate::domain::access) fn was_taken_off_just_now(&self) -> bool {
        self.asked_nothing_for().is_some_and(|age| age < PATIENCE)
    }

    fn take_off_routes(&self, plan: &mut Plan<impl From<Call>>) -> bool {
        if self
            .found
            .stage
            .canary
            .as_ref()
            .is_some_and(|canary| canary.is_served)
        {
            return false;
        }
        if let Some(kind) = self.unread_of_held() {
            plan.add(Id::of(kind), Next::Read);
            return true;
        }
        if let Some(found) = self.keys_in_doubt_of_held() {
            plan.problems.extend(found);
            return false;
        }
        // What a door that was found in this pass says of the lock, status tells at its end.
        if !self.inputs.is_certificate_told {
            wait_for_effect(EFFECT_RETRY, plan);
            return true;
        }
        let is_compared = !self.found.stage.auto_deploy && !self.desired.deploy_pending_changes;
        match self.found.pending {
            _ if !is_compared => {}
            Pending::None if !self.has_edited_authorization() => {}
            Pending::Unread => {
                plan.add(pending_read(), Next::Read);
                return true;
            }
            // A deployment would carry edits of the team's, or that cannot be told.
            _ => return false,
        }
        // A door that was opened since doors were looked for keeps it as well.
        let Some(ways_in) = &self.found.ways_in else {
            plan.add(ways_in_read(), Next::Read);
            return true;
        };
        let mut names = ways_in.domain_names.iter();
        if names.any(|name| Some(name.as_str()) != self.inputs.origin_domain) || !ways_in.unread.is_empty() {
            return false;
        }
        if let Some(goes_on) = self.until_the_switch_is_seen(plan) {
            return goes_on;
        }
        // Routes ask again since: the mark tells of the time before.
        if self.asked_nothing_for().is_some() {
            plan.act(self.mark_next(None));
            return true;
        }
        let steps = self.opening();
        let mut edited = self.found.kept(self.desired);
        if !steps.is_empty() {
            plan.act_all(steps);
        } else if edited.any(|route| self.may_ask(&self.desired.proof, &route.key, &route.authorization))
            || self.found.deployed.told().is_none()
        {
            // Nobody can tell whose it is, or what a deployment changed.
            return false;
        } else if self.found.stage.auto_deploy {
            wait_for_effect(PROBE_RETRY, plan);
        } else {
            plan.act(self.deploy_opened());
        }
        true
    }

    /// Whether the default endpoint refuses who shows what routes ask for: by no more than that is known that the switch of it is in
    /// effect, and nothing else keeps anybody out once routes ask for nothing. `None` where it does; else whether a step was added.
    fn until_the_switch_is_seen(&self, plan: &mut Plan<impl From<Call>>) -> Option<bool> {
        match self.verdict(Way::Next) {
            // What a viewer is answered as well is none of an endpoint that is off.
            Some(_) if is_due(self.wanted, self.inputs, Way::Viewer) => {
                add_probe(self.wanted, self.inputs, Way::Viewer, plan);
                return Some(true);
            }
            Some(verdict) if is_switched_off(verdict) => return None,
            Some(_) => return Some(false),
            None => {}
        }
        let is_unread = self.inputs.distribution_content().is_none();
        if is_unread && !self.inputs.failed.contains(&Kind::Distribution) {
            plan.add(Id::of(Kind::Distribution), Next::Read);
        } else if is_due(self.wanted, self.inputs, Way::Next) {
            add_probe(self.wanted, self.inputs, Way::Next, plan);
        } else {
            return Some(false);
        }
        Some(true)
    }

    /// What tells whose it is where routes ask for something of the kind.
    fn unread_of_held(&self) -> Option<Kind> {
        let kind = match self.desired.proof {
            Proof::Header(_) if self.inputs.authorizer.present().is_none() => Kind::Authorizer,
            Proof::Key if self.inputs.api_key.present().is_none() => Kind::ApiKey,
            _ => return None,
        };
        (!self.inputs.failed.contains(&kind)).then_some(kind)
    }

    /// Whether it cannot be told whose key routes ask for: customers have keys of theirs, or nobody could look. What is told of it, where
    /// it is known.
    #[allow(
        clippy::option_option,
        reason = "known whose, in doubt and nothing to tell, in doubt and told"
    )]
    fn keys_in_doubt_of_held(&self) -> Option<Option<Problem>> {
        if self.desired.proof != Proof::Key {
            return None;
        }
        if self.inputs.api_key.present().is_none() {
            return Some(None);
        }
        let plans = self.plans_of_others();
        (!plans.is_empty()).then(|| {
            let so = words_of_held::keys_kept(&self.desired.gate.stage, &plans);
            let found = problem(Reason::ApiKeyInTheWay, so, None);
            Some(Problem {
                id: change_of_mode(),
                stands: true,
                ..found.with_remedy(Some(words_of_held::remedy_of_keys().to_owned()))
            })
        })
    }

    /// The calls after which no route asks for anything of ours, as edited.
    fn opening(&self) -> Vec<Step> {
        let kept = self.found.kept(self.desired);
        let opened = kept.map(|route| (route, self.without_ours(&route.authorization)));
        let opened = opened.filter(|(route, opened)| *opened != route.authorization);
        opened
            .map(|(route, opened)| self.authorize(route, opened, None))
            .collect()
    }

    /// What a route asks for besides what is ours.
    fn without_ours(&self, found: &Authorization) -> Authorization {
        let api_key_required = self.asks_customers_for_key(found);
        if found.kind == CUSTOM && self.is_our_authorizer(found.authorizer.as_deref()) {
            return Authorization {
                kind: NONE.to_owned(),
                authorizer: None,
                api_key_required,
            };
        }
        Authorization {
            api_key_required,
            ..found.clone()
        }
    }

    fn deploy_opened(&self) -> Step {
        match self.found.fresh.as_ref().filter(|fresh| self.is_as_read(fresh)) {
            Some(fresh) => {
                let change = Change {
                    path: "deploymentId".to_owned(),
                    from: json!(self.found.stage.deployment),
                    to: json!(fresh.id),
                };
                let deployment = fresh.clone();
                self.step(Verb::Update, vec![change], Action::Serve { deployment })
            }
            None => self.deploy_as(description_of_opened(&self.desired.owner)),
        }
    }

    /// How long the routes were seen to ask for nothing of ours, where that is marked.
    fn asked_nothing_for(&self) -> Option<Duration> {
        let marked = self.found.marks.next.as_ref();
        let marked = marked.filter(|marked| marked.acceptor == NOBODY)?;
        Some(self.inputs.pass.at.duration_since(marked.since).unsigned_abs())
    }

    fn mark_asked_nothing(&self) -> Step {
        self.mark_next(Some(Unprobed {
            since: self.inputs.pass.at,
            acceptor: NOBODY.to_owned(),
        }))
    }
}

/// Whether an answer is one of a default endpoint that is off, and of nothing behind it.
fn is_switched_off(answer: &Verdict) -> bool {
    match answer {
        Verdict::EndpointOff { .. } => true,
        Verdict::Refused { status, error, .. } => {
            let is_behind = matches!(
                error,
                Some(
                    ErrorNamed::Unsigned
                        | ErrorNamed::Signature
                        | ErrorNamed::Authorizer
                        | ErrorNamed::Denied
                )
            );
            *status == 403 && !is_behind
        }
        _ => false,
    }
}

fn wait_for_effect(retry_after: Duration, plan: &mut Plan<impl From<Call>>) {
    let message = words_of_held::taken_off().to_owned();
    let wait = waiting(
        Reason::InProgress,
        message,
        retry_after.clamp(EFFECT_RETRY, PROBE_RETRY),
    );
    plan.add(Id::of(Kind::Access), Next::Wait(wait));
}
