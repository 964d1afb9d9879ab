//! When a rule that counts is promoted: once it has counted for so long with no more matches than are allowed.
//!
//! What comes of it is written to status first, and acted upon by the next pass: a crash in between repeats nothing.

use super::promotion::Declared;
use super::samples::{KEPT, LATE, Matches, Sampled, Window, matches};
use crate::api::{PromotionState, PromotionStatus};
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// Samples are read so often.
const INTERVAL: SignedDuration = SignedDuration::from_hours(1);
/// What was promoted is acted upon so soon.
const SOON: Duration = Duration::from_secs(2);
/// So many rules are named in a sentence.
const NAMED: usize = 5;

/// What was learnt of a rule's matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// AWS answered.
    Read {
        /// For which time it was asked.
        asked: Window,
        /// What it answered, for each part of that.
        read: Vec<(Window, Sampled)>,
    },
    /// Our credentials may not ask.
    Denied,
    /// AWS refuses to answer: the error's code.
    Failed(String),
}

/// A pass over an object, as far as its promotions go.
pub struct Looked<'a> {
    /// The rules that count first.
    pub declared: &'a [Declared],
    /// What status had of them.
    pub known: &'a [PromotionStatus],
    /// What was learnt of their matches, by rule.
    pub evidence: &'a BTreeMap<String, Evidence>,
    /// Whether the web ACL stands as declared, in front of a distribution that is deployed.
    pub stands: bool,
    /// Whether a rule may be promoted now.
    pub may_promote: bool,
    /// The time.
    pub now: Timestamp,
}

impl Declared {
    fn known<'a>(&self, known: &'a [PromotionStatus]) -> Option<&'a PromotionStatus> {
        known.iter().find(|known| known.rule == self.rule)
    }

    /// For which time its samples are to be read now, if they are.
    #[must_use]
    pub fn due(&self, known: &[PromotionStatus], now: Timestamp) -> Option<Window> {
        let known = self.known(known).filter(|known| known.declared == self.hash)?;
        let last = last_look(known, now)?;
        let is_due = !self.is_promoted && now.duration_since(last) >= INTERVAL;
        let again = last.saturating_sub(LATE).unwrap_or(last);
        let from = again.max(parsed(&known.since, now)?).max(now - KEPT);
        is_due.then_some(Window { from, to: now })
    }

    fn begun(&self, now: Timestamp) -> PromotionStatus {
        let (state, promoted_at, due) = if self.is_promoted {
            (PromotionState::Promoted, Some(moment(now)), None)
        } else {
            (PromotionState::Counting, None, self.promoted_from(now))
        };
        PromotionStatus {
            rule: self.rule.clone(),
            state,
            since: moment(now),
            due: due.map(moment),
            promoted_at,
            matches: 0,
            held_matches: None,
            last_sampled: None,
            top_paths: vec![],
            countries: vec![],
            reason: None,
            declared: self.hash.clone(),
        }
    }

    fn promoted_from(&self, since: Timestamp) -> Option<Timestamp> {
        let hours = SignedDuration::try_from_hours(self.hours)?;
        since.checked_add(hours).ok()
    }

    fn next(&self, looked: &Looked<'_>) -> Option<PromotionStatus> {
        let known = self.known(looked.known);
        let same = known.filter(|known| known.declared == self.hash);
        match same {
            // AWS has told that it blocks, of which an old status does not know.
            Some(known) if self.is_promoted && known.state != PromotionState::Promoted => {
                Some(self.begun(looked.now))
            }
            Some(known) if known.state == PromotionState::Promoted || !looked.stands => Some(known.clone()),
            Some(known) => Some(self.followed(known, looked)),
            // Addresses, countries and the AntiDDoS group that refuse go on with what was changed of them.
            None if self.is_promoted && is_promoted(known) => known.map(|known| PromotionStatus {
                declared: self.hash.clone(),
                ..known.clone()
            }),
            // What blocks without that status tells is said at once, so that it is not taken for new.
            None if looked.stands || self.is_promoted => Some(self.begun(looked.now)),
            None => known.cloned(),
        }
    }

    /// A rule that counts, with what was learnt.
    fn followed(&self, known: &PromotionStatus, looked: &Looked<'_>) -> PromotionStatus {
        let now = looked.now;
        let (Some(since), Some(last)) = (parsed(&known.since, now), last_look(known, now)) else {
            return self.begun(now);
        };
        match looked.evidence.get(&self.rule) {
            None => PromotionStatus {
                due: known.due.clone().and(self.promoted_from(since).map(moment)),
                ..known.clone()
            },
            Some(Evidence::Denied) => PromotionStatus {
                state: PromotionState::Held,
                due: None,
                reason: Some(DENIED.to_owned()),
                ..self.begun(now)
            },
            // Until then the next answer tells of this time as well.
            Some(Evidence::Failed(_)) if now.duration_since(last) < KEPT => known.clone(),
            Some(Evidence::Failed(code)) => {
                let code: String = code.chars().take(LONGEST_CODE).collect();
                PromotionStatus {
                    state: PromotionState::Held,
                    due: None,
                    held_matches: None,
                    reason: Some(format!("AWS WAF has told nothing since {}: {code}", moment(last))),
                    ..known.clone()
                }
            }
            Some(Evidence::Read { asked, read }) => {
                self.counted(known, (since, last), (*asked, &read[..]), looked)
            }
        }
    }

    /// The same, where matches of the time that was `asked` for were read.
    fn counted(
        &self,
        known: &PromotionStatus,
        (since, last): (Timestamp, Timestamp),
        (asked, read): (Window, &[(Window, Sampled)]),
        looked: &Looked<'_>,
    ) -> PromotionStatus {
        let now = looked.now;
        let mut next = known.clone();
        // What nobody has looked at proves nothing.
        let is_gap = asked.from > last;
        let since = if is_gap { asked.from } else { since };
        let before = if is_gap { 0 } else { known.matches };
        let Matches {
            number,
            paths,
            countries,
        } = matches(read, self);
        next.since = moment(since);
        next.last_sampled = Some(moment(asked.to));
        next.matches = before.saturating_add(number);
        if number > 0 {
            (next.top_paths, next.countries) = (paths, countries);
        }
        let due = self.promoted_from(since);
        if next.matches > self.max_matches {
            next.state = PromotionState::Held;
            next.held_matches = Some(next.matches);
            next.reason = Some(format!(
                "{} requests matched since {}, and promote.maxMatches allows {}: it counts anew",
                next.matches,
                moment(since),
                self.max_matches
            ));
            next.since = moment(now);
            next.matches = 0;
            next.due = self.promoted_from(now).map(moment);
            return next;
        }
        if next.held_matches.is_none() {
            next.state = PromotionState::Counting;
            next.reason = None;
        }
        next.due = due.map(moment);
        if looked.may_promote && due.is_some_and(|due| due <= asked.to) {
            next.state = PromotionState::Promoted;
            next.promoted_at = Some(moment(now));
            next.due = None;
            next.reason = (next.matches == 0).then(|| UNSEEN.to_owned());
        }
        next
    }
}

/// What there is to say of rules whose matches may not be read.
const DENIED: &str = "AWS does not permit wafv2:GetSampledRequests, so nothing tells what the rule would refuse: attach the policy that \
                      `palisade iam-policy --traffic` prints to the controller's role";

/// What there is to say of a rule that was promoted without a match.
const UNSEEN: &str =
    "no request matched while it counted: that proves nothing if nobody called the API in that time";

/// So much is told of an error.
const LONGEST_CODE: usize = 100;

/// When a rule's samples were last read, or it began to count.
fn last_look(known: &PromotionStatus, now: Timestamp) -> Option<Timestamp> {
    parsed(known.last_sampled.as_ref().unwrap_or(&known.since), now)
}

fn is_promoted(known: Option<&PromotionStatus>) -> bool {
    known.is_some_and(|known| known.state == PromotionState::Promoted)
}

/// A time that has been.
fn parsed(text: &str, now: Timestamp) -> Option<Timestamp> {
    text.parse().ok().filter(|time: &Timestamp| *time <= now)
}

/// What is known of promotions after a pass, in the order of the rules.
#[must_use]
pub fn next(looked: &Looked<'_>) -> Vec<PromotionStatus> {
    let declared = looked.declared.iter();
    declared.filter_map(|rule| rule.next(looked)).collect()
}

/// When to look again for the sake of promotions.
#[must_use]
pub fn look_again(declared: &[Declared], known: &[PromotionStatus]) -> Option<Duration> {
    let is_new = |rule: &Declared| {
        let known = rule.known(known).filter(|known| known.declared == rule.hash);
        !rule.is_promoted && known.is_some_and(|known| known.state == PromotionState::Promoted)
    };
    if declared.iter().any(is_new) {
        return Some(SOON);
    }
    let counts = declared.iter().any(|rule| !rule.is_promoted);
    counts.then(|| INTERVAL.unsigned_abs())
}

/// What a person has to know of rules that are held, without numbers.
#[must_use]
pub fn held(promotions: &[PromotionStatus]) -> Option<String> {
    let held = promotions.iter().filter(|one| one.state == PromotionState::Held);
    let (unread, exceeded): (Vec<_>, Vec<_>) = held.partition(|one| one.held_matches.is_none());
    let is_denied = |one: &&PromotionStatus| one.reason.as_deref() == Some(DENIED);
    let (denied, unread): (Vec<_>, Vec<_>) = unread.into_iter().partition(is_denied);
    let names = |of: &[&PromotionStatus]| {
        let names: Vec<&str> = of.iter().take(NAMED).map(|one| one.rule.as_str()).collect();
        names.join(", ")
    };
    let denied =
        (!denied.is_empty()).then(|| format!("{} count and are not promoted: {DENIED}", names(&denied)));
    let unread = (!unread.is_empty()).then(|| {
        format!(
            "{} count and are not promoted: AWS WAF does not tell which requests match, status.promotions says what it answers",
            names(&unread)
        )
    });
    let exceeded = (!exceeded.is_empty()).then(|| {
        format!(
            "{} had more matches than promote.maxMatches allows and count on: status.promotions says which; let those requests \
             through by the rule itself, or raise maxMatches",
            names(&exceeded)
        )
    });
    let told: Vec<String> = denied.into_iter().chain(unread).chain(exceeded).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

#[cfg(test)]
mod tests;
