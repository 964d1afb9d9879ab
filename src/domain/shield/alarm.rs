//! The CloudWatch alarm on attacks that Shield detects.

use super::inputs::Inputs;
use crate::api::DdosAlarm;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::change::{Change, changes_between};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::observing::{Fingerprint, Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Verb};
use crate::domain::kernel::tagging::{TagCall, TagStep, name_taken, tag_step_changes, tags_back};
use serde::{Deserialize, Serialize};

/// CloudWatch's limit on an alarm's name.
pub const NAME_LIMIT: usize = 255;
/// End of an alarm's name.
const SUFFIX: &str = "ddos";

/// What we manage of an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Settings {
    pub description: String,
    pub namespace: String,
    pub metric: String,
    /// Names and values.
    pub dimensions: Vec<(String, String)>,
    pub statistic: String,
    /// Seconds.
    pub period: i32,
    pub evaluation_periods: i32,
    pub threshold: f64,
    pub comparison: String,
    pub missing_data: String,
    /// ARNs of the topics that are told.
    pub actions: Vec<String>,
    pub actions_enabled: bool,
}

/// An alarm, as lists and reads show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The alarm's name.
    pub name: String,
    /// The alarm's ARN.
    pub arn: String,
    /// What we manage.
    pub settings: Settings,
}

/// An alarm with its tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// What lists show too.
    pub content: Content,
    /// The alarm's tags.
    pub tags: Tags,
}

/// The alarm as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The topic that is told.
    pub topic: String,
    /// Whether the topic is in our account, where it can be looked at.
    pub topic_is_ours: bool,
    /// The alarm's tags.
    pub tags: Tags,
}

/// One call that brings the alarm nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    /// Tags are taken at creation only. The topic is looked at first, since CloudWatch does not.
    Put {
        name: String,
        settings: Box<Settings>,
        tags: Tags,
        topic: Option<String>,
    },
    Tag(TagCall),
    Delete {
        name: String,
    },
}

/// What the alarm of `owner` should be.
#[must_use]
pub fn desired(spec: &DdosAlarm, owner: &Owner, account: &str, tags: &Tags) -> Desired {
    Desired {
        owner: owner.clone(),
        topic: spec.sns_topic_arn.clone(),
        topic_is_ours: Arn::of(&spec.sns_topic_arn).is_some_and(|topic| topic.account == account),
        tags: tags.clone(),
    }
}

/// The alarm's name.
#[must_use]
pub fn name(owner: &Owner) -> String {
    owner.suffixed_name(SUFFIX, NAME_LIMIT)
}

/// The metric is 1 while Shield sees an attack, and is not there where it sees none.
fn settings(desired: &Desired, distribution: &str) -> Settings {
    let owner = &desired.owner;
    Settings {
        description: format!("Palisade: Shield sees an attack on {}", owner.made_for().object()),
        namespace: "AWS/DDoSProtection".into(),
        metric: "DDoSDetected".into(),
        dimensions: vec![("ResourceArn".into(), distribution.to_owned())],
        statistic: "Maximum".into(),
        period: 60,
        evaluation_periods: 1,
        threshold: 1.0,
        comparison: "GreaterThanOrEqualToThreshold".into(),
        missing_data: "notBreaching".into(),
        actions: vec![desired.topic.clone()],
        actions_enabled: true,
    }
}

/// What the alarm needs next.
#[must_use]
pub fn next(declared: Option<&Desired>, seen: &Seen<Content, Observed>, inputs: &Inputs<'_>) -> Next<Action> {
    let Some(desired) = declared else {
        return removal(seen, inputs);
    };
    if inputs.is_unsubscribed {
        return Next::Done;
    }
    let Some(distribution) = inputs.target else {
        return Next::Blocked(vec![Kind::Distribution]);
    };
    let wanted = settings(desired, distribution);
    let name = name(&desired.owner);
    let put = |tags: &Tags| Action::Put {
        name: name.clone(),
        settings: Box::new(wanted.clone()),
        tags: tags.clone(),
        topic: desired.topic_is_ours.then(|| desired.topic.clone()),
    };
    let hash = desired_hash(&(desired, &wanted));
    match inputs.pass.look(&Id::of(Kind::Alarm), &hash, seen) {
        Look::Verified(_) => Next::Done,
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent => act(&name, Verb::Create, vec![], put(&desired.tags)),
        Look::Present(_) if inputs.whose.alarm == Ownership::Foreign => {
            let id = Id::of(Kind::Alarm);
            Next::Problem(name_taken(id, "CloudWatch alarm", &name, &desired.owner))
        }
        Look::Present(found) if inputs.whose.alarm == Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            retag(found, changes, TagStep::Set(missing))
        }
        Look::Present(found) => {
            let changes = changes_between(&found.content.settings, &wanted);
            if !changes.is_empty() {
                return act(&name, Verb::Update, changes, put(&Tags::new()));
            }
            match tag_step_changes(&found.tags, &desired.tags) {
                Some((changes, step)) => retag(found, changes, step),
                None => Next::Done,
            }
        }
    }
}

/// Hash of everything that is wanted of the alarm; `None` while it is not wanted, or the distribution is missing.
#[must_use]
pub fn hash_of(declared: Option<&Desired>, inputs: &Inputs<'_>) -> Option<String> {
    let desired = declared?;
    Some(desired_hash(&(desired, settings(desired, inputs.target?))))
}

/// What is left to do until no alarm of the owner is left.
#[must_use]
pub fn removal(seen: &Seen<Content, Observed>, inputs: &Inputs<'_>) -> Next<Action> {
    match seen {
        Seen::Absent => Next::Done,
        Seen::Listed(None) if !inputs.known.alarm => Next::Done,
        Seen::Listed(_) => Next::Read,
        Seen::Present(found) => {
            let name = found.content.name.clone();
            match inputs.whose.alarm {
                Ownership::Ours | Ownership::Retained => {
                    act(&name.clone(), Verb::Delete, vec![], Action::Delete { name })
                }
                Ownership::Stripped => {
                    let (changes, missing) = tags_back(&found.tags, &inputs.owner.tags());
                    retag(found, changes, TagStep::Set(missing))
                }
                Ownership::Condemned | Ownership::Foreign => Next::Done,
            }
        }
    }
}

fn retag(found: &Observed, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(&found.content.arn, step));
    act(&found.content.name, Verb::Update, changes, action)
}

fn act(name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(Id::of(Kind::Alarm), name, verb, changes, action)
}

impl Fingerprint for Content {
    fn fingerprint(&self) -> String {
        hash::short(self)
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        self.content.fingerprint()
    }
}
