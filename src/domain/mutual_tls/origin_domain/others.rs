//! A custom domain name that accepted client certificates of others, or asked for none.
//!
//! API Gateway goes on with the former truststore while it applies a change, and no probe tells: nobody of us has such a certificate. So
//! a tag says so before anything is changed, where a crash keeps it.
//!
//! ```text
//!  others are accepted ── tag: accepted ─▶ changed, and AVAILABLE ── tag: settling ─▶ some minutes, and a refused probe ── no tag
//! ```

use super::known::arn_of;
use super::seen::{Action, Observed};
use super::steps::act;
use crate::domain::access::probe::Way;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Next, Verb};
use crate::domain::kernel::tagging::{TagCall, TagStep};
use crate::domain::mutual_tls::{Desired, Inputs, probes, truststore, words};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::Duration;

/// On a custom domain name that accepted client certificates of others.
const TAG_OTHERS: &str = "palisade.dev/accepted-others";
/// So long after it is AVAILABLE a change counts as in force everywhere.
const SETTLES: SignedDuration = SignedDuration::from_mins(5);
/// A probe that is not refused is repeated this often.
const RETRY: Duration = Duration::from_secs(30);

/// What the tag says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    step: Step,
    since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Others are accepted, or were, and the change is not applied.
    Accepted,
    /// The change is applied.
    Settling,
}

impl Mark {
    fn of(tags: &Tags) -> Option<Self> {
        tags.get(TAG_OTHERS).map(|text| Self::parse(text))
    }

    /// A word of another version, or a time that cannot be read, counts as the most careful.
    fn parse(text: &str) -> Self {
        let (word, since) = text.split_once('.').unwrap_or((text, ""));
        let since = since.parse().ok();
        let since = since.and_then(|since| Timestamp::from_second(since).ok());
        Self {
            step: if word == "settling" {
                Step::Settling
            } else {
                Step::Accepted
            },
            since: since.unwrap_or(Timestamp::MAX),
        }
    }

    fn tag(self) -> String {
        let word = match self.step {
            Step::Accepted => "accepted",
            Step::Settling => "settling",
        };
        format!("{word}.{}", self.since.as_second())
    }
}

/// Whether it accepted client certificates of others, or asked for none, and may still let in who came by that.
#[must_use]
pub fn has_accepted_others(inputs: &Inputs<'_>) -> bool {
    let tags = match &inputs.seen.domain {
        Seen::Present(found) => Some(&found.tags),
        Seen::Listed(Some(row)) => row.tags.as_ref(),
        Seen::Listed(None) | Seen::Absent => None,
    };
    tags.is_some_and(|tags| tags.contains_key(TAG_OTHERS))
}

/// Whether a tag call writes the mark, or takes it away.
#[must_use]
pub fn is_mark(call: &TagCall) -> bool {
    match &call.step {
        TagStep::Set(set) => set.contains_key(TAG_OTHERS),
        TagStep::Remove(unset) => unset.iter().any(|key| key == TAG_OTHERS),
    }
}

/// The mark of a domain name that is found to accept others: it comes before any change.
pub(super) fn found(desired: &Desired, found: &Observed, inputs: &Inputs<'_>) -> Option<Next<Action>> {
    let is_marked = Mark::of(&found.tags).is_some_and(|mark| mark.step == Step::Accepted);
    let is_elsewhere = found.content.truststore_uri != Some(desired.truststore_uri());
    let is_found = is_elsewhere || truststore::may_have_others(inputs);
    (is_found && !is_marked).then(|| write(desired, found, Some(Step::Accepted), inputs.pass.at))
}

/// What is left to do about the mark once the domain name is as wanted, and AVAILABLE.
pub(super) fn shut_out(desired: &Desired, found: &Observed, inputs: &Inputs<'_>) -> Option<Next<Action>> {
    let mark = Mark::of(&found.tags)?;
    let now = inputs.pass.at;
    let age = now.duration_since(mark.since);
    if mark.step == Step::Accepted || age.is_negative() {
        return Some(write(desired, found, Some(Step::Settling), now));
    }
    let left = SETTLES - age;
    if left.is_positive() {
        return Some(Next::Wait(words::others_shut_out(desired, left.unsigned_abs())));
    }
    if is_refusal_due(inputs) {
        return Some(Next::Wait(words::others_shut_out(desired, RETRY)));
    }
    Some(write(desired, found, None, now))
}

/// Whether a probe without a certificate has to be refused yet: one is sent while the endpoint is locked.
fn is_refusal_due(inputs: &Inputs<'_>) -> bool {
    let is_sent = probes::is_probed(inputs) && inputs.seen.is_endpoint_locked();
    let answer = inputs.probes.get(&Way::Origin);
    answer.map_or(is_sent, |answer| !probes::refuses(answer))
}

fn write(desired: &Desired, found: &Observed, step: Option<Step>, since: Timestamp) -> Next<Action> {
    let tag = step.map(|step| Mark { step, since }.tag());
    let change = Change {
        path: format!("tags.{TAG_OTHERS}"),
        from: json!(found.tags.get(TAG_OTHERS)),
        to: json!(tag),
    };
    let step = match tag {
        Some(tag) => TagStep::Set(Tags::from([(TAG_OTHERS.to_owned(), tag)])),
        None => TagStep::Remove(vec![TAG_OTHERS.to_owned()]),
    };
    let call = TagCall::new(&arn_of(desired), step);
    act(desired, Verb::Update, vec![change], Action::Tag(call))
}

#[cfg(test)]
mod tests {
    use super::super::next;
    use super::*;
    use crate::domain::access::probe::Verdict;
    use crate::domain::mutual_tls::endpoint::{Mark as Lock, Step as LockStep};
    use crate::domain::mutual_tls::object_fixtures::{CA, Fixture, PAIR_CA, at};

    /// A locked API whose domain name uses a version with an authority of others.
    fn foreign() -> Fixture {
        let mut fixture = Fixture::ready().with_truststore("v2", &[CA, PAIR_CA]);
        fixture.domain_mut().content.truststore_version = Some("v2".into());
        fixture.with_mark(&Lock::new(LockStep::Locked, at(-1)))
    }

    /// The call of the next step, done where it writes a tag.
    fn step(fixture: &mut Fixture) -> Option<Action> {
        let Next::Act(step) = next(&fixture.inputs()) else {
            return None;
        };
        if let Action::Tag(call) = &step.action {
            call.change(&mut fixture.domain_mut().tags);
        }
        Some(step.action)
    }

    fn tag(fixture: &mut Fixture) -> Option<String> {
        fixture.domain_mut().tags.get(TAG_OTHERS).cloned()
    }

    /// Changed back: API Gateway has taken our version.
    fn changed_back(fixture: Fixture) -> Fixture {
        let mut fixture = fixture.with_truststore("v3", &[CA]);
        fixture.domain_mut().content.truststore_version = Some("v3".into());
        fixture
    }

    #[test]
    fn the_mark_comes_before_the_change() {
        let mut fixture = foreign();
        assert!(!has_accepted_others(&fixture.inputs()));
        let first = step(&mut fixture);
        assert!(
            matches!(&first, Some(Action::Tag(call)) if is_mark(call)),
            "{first:?}"
        );
        assert!(has_accepted_others(&fixture.inputs()));
        let mut fixture = fixture.with_truststore("v3", &[CA]);
        assert!(matches!(step(&mut fixture), Some(Action::Update { .. })));
    }

    #[test]
    fn a_domain_name_that_asked_for_no_certificate_is_marked_as_well() {
        let mut fixture = Fixture::ready();
        fixture.domain_mut().content.truststore_uri = None;
        fixture.domain_mut().content.truststore_version = None;
        assert!(matches!(step(&mut fixture), Some(Action::Tag(_))));
        assert!(matches!(step(&mut fixture), Some(Action::Update { .. })));
    }

    #[test]
    fn it_stays_until_the_change_is_applied_some_minutes_are_over_and_a_probe_is_refused() {
        let mut fixture = foreign();
        step(&mut fixture);
        let mut fixture = changed_back(fixture);
        fixture.domain_mut().content.status = "UPDATING".into();
        assert_eq!(step(&mut fixture), None);
        assert!(tag(&mut fixture).unwrap().starts_with("accepted."));

        fixture.domain_mut().content.status = super::super::AVAILABLE.into();
        step(&mut fixture);
        assert!(tag(&mut fixture).unwrap().starts_with("settling."));
        fixture.probes.insert(Way::Origin, Verdict::CertificateAsked);
        assert_eq!(step(&mut fixture), None, "a refusal alone tells nothing");

        fixture.later(Duration::from_mins(6));
        assert_eq!(step(&mut fixture), None, "no probe was sent yet");
        fixture
            .probes
            .insert(Way::Origin, Verdict::Reached { status: 200 });
        assert_eq!(step(&mut fixture), None);
        assert!(has_accepted_others(&fixture.inputs()));
        fixture.probes.insert(Way::Origin, Verdict::CertificateAsked);
        step(&mut fixture);
        assert_eq!(tag(&mut fixture), None);
        assert_eq!(next(&fixture.inputs()), Next::Done);
    }

    #[test]
    fn others_that_come_again_meanwhile_begin_it_anew() {
        let mut fixture = foreign();
        fixture
            .domain_mut()
            .tags
            .insert(TAG_OTHERS.into(), "settling.1".into());
        step(&mut fixture);
        assert!(tag(&mut fixture).unwrap().starts_with("accepted."));
    }

    #[test]
    fn a_time_that_is_to_come_or_cannot_be_read_counts_from_now() {
        for text in ["settling.99999999999", "settling", "", "later.1"] {
            let mut fixture = Fixture::ready();
            fixture.domain_mut().tags.insert(TAG_OTHERS.into(), text.into());
            step(&mut fixture);
            let now = at(0).as_second();
            assert_eq!(tag(&mut fixture), Some(format!("settling.{now}")), "{text}");
        }
    }

    #[test]
    fn a_row_with_the_mark_is_read() {
        let mut fixture = Fixture::new().with_verified_domain("v1");
        assert_eq!(next(&fixture.inputs()), Next::Done);
        if let Seen::Listed(Some(row)) = &mut fixture.seen.domain {
            let tags = row.tags.get_or_insert_default();
            tags.insert(TAG_OTHERS.into(), "settling.1".into());
        }
        assert_eq!(next(&fixture.inputs()), Next::Read);
    }
}
