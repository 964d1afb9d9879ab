//! The words of planning: which resource, what happens to it, and what keeps it from happening.

pub use super::kind::Kind;

use super::change::{Change, paths};
use super::reason::Reason;
use super::words::joined;
use serde::Serialize;
use std::time::Duration;

/// One of an object's resources: its kind and, where there are several of a kind, which.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Id {
    /// The kind.
    pub kind: Kind,
    /// Empty, or the suffix of the name.
    pub part: String,
}

impl Id {
    /// The only resource of `kind`.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            part: String::new(),
        }
    }

    /// The key of the resource's fingerprint in status.
    #[must_use]
    pub fn key(&self) -> String {
        if self.part.is_empty() {
            self.kind.name().to_owned()
        } else {
            format!("{}/{}", self.kind.name(), self.part)
        }
    }
}

/// What an action does, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum Verb {
    Create,
    Update,
    Delete,
}

/// AWS is busy with something of ours: look again after `retry_after`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// Which resource.
    pub id: Id,
    /// Why.
    pub reason: Reason,
    /// For people: what is awaited and about how long it takes.
    pub message: String,
    /// When to look again.
    pub retry_after: Duration,
}

/// Something that only a person can solve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which resource.
    pub id: Id,
    /// What kind of problem.
    pub reason: Reason,
    /// The field of the spec that it is about, where it is one.
    #[serde(skip)]
    pub field: Option<String>,
    /// What is wrong; and what to do, where that is short.
    pub message: String,
    /// What to do, where that is long: the condition of the resource's own says it, and all others which condition that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Whether the resource as such stands and only should not stay so.
    pub stands: bool,
    /// When to try again all the same; at the next resync where absent.
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// What is wrong with a resource that does not stand for it; nothing tries again by itself.
    #[must_use]
    pub fn new(id: Id, reason: Reason, message: String) -> Self {
        Self {
            id,
            reason,
            field: None,
            message,
            remedy: None,
            stands: false,
            retry_after: None,
        }
    }

    /// The same, of the field of the spec that the message begins with.
    #[must_use]
    pub fn about(self, field: impl Into<String>) -> Self {
        let field = Some(field.into());
        Self { field, ..self }
    }

    /// The same, with what to do apart from what is wrong.
    #[must_use]
    pub fn with_remedy(self, remedy: Option<String>) -> Self {
        Self { remedy, ..self }
    }

    /// What is wrong, and what to do.
    #[must_use]
    pub fn whole(&self) -> String {
        joined(&self.message, self.remedy.as_deref())
    }
}

/// A resource that waits for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// Which resource.
    pub id: Id,
    /// The kinds whose outputs it needs.
    pub on: Vec<Kind>,
}

/// One AWS call that would bring a resource nearer to what is wanted. `A` is the call: a room knows its own, the perimeter all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step<A> {
    /// Which resource.
    pub id: Id,
    /// The resource's name or id in AWS.
    pub name: String,
    /// What happens to it.
    pub verb: Verb,
    /// The fields that change; empty for creations and deletions.
    pub changes: Vec<Change>,
    /// The call itself.
    #[serde(skip)]
    pub action: A,
}

impl<A> Step<A> {
    /// The paths of the fields that change.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        paths(&self.changes)
    }

    /// The same in brackets, to be added to a sentence; empty where no field is named.
    #[must_use]
    pub fn fields_in_brackets(&self) -> String {
        let fields = self.fields();
        if fields.is_empty() {
            return String::new();
        }
        format!(" ({})", fields.join(", "))
    }

    /// The same of a call that is one of many kinds.
    pub fn map<B>(self, wrap: impl FnOnce(A) -> B) -> Step<B> {
        Step {
            id: self.id,
            name: self.name,
            verb: self.verb,
            changes: self.changes,
            action: wrap(self.action),
        }
    }
}

/// What one resource needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next<A> {
    /// Nothing.
    Done,
    /// It has to be read in full first.
    Read,
    /// One call.
    Act(Box<Step<A>>),
    /// AWS is busy.
    Wait(Wait),
    /// A person must act.
    Problem(Problem),
    /// Outputs of other kinds are missing.
    Blocked(Vec<Kind>),
}

impl<A> Next<A> {
    /// The call `action`; see [`Step`].
    #[must_use]
    pub fn act(id: Id, name: &str, verb: Verb, changes: Vec<Change>, action: A) -> Self {
        let name = name.to_owned();
        Self::Act(Box::new(Step {
            id,
            name,
            verb,
            changes,
            action,
        }))
    }

    /// The same of a call that is one of many kinds.
    pub fn map<B>(self, wrap: impl FnOnce(A) -> B) -> Next<B> {
        match self {
            Self::Done => Next::Done,
            Self::Read => Next::Read,
            Self::Act(step) => Next::Act(Box::new(step.map(wrap))),
            Self::Wait(wait) => Next::Wait(wait),
            Self::Problem(problem) => Next::Problem(problem),
            Self::Blocked(on) => Next::Blocked(on),
        }
    }
}

/// What one object needs next. `A` is the call, `P` a probe.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(bound(serialize = "P: Serialize"))]
pub struct Plan<A, P> {
    /// Resources to be read in full before anything is decided of them.
    pub reads: Vec<Id>,
    /// Probes whose answers are needed.
    pub probes: Vec<P>,
    /// Calls that can be made now, independent of each other.
    pub ready: Vec<Step<A>>,
    /// Resources whose inputs are missing.
    pub blocked: Vec<Blocked>,
    /// What AWS is busy with.
    pub waits: Vec<Wait>,
    /// What a person must solve.
    pub problems: Vec<Problem>,
    /// Whether what is blocked is only kept from being touched: nothing of it follows the calls that can be made now.
    #[serde(skip)]
    pub is_held: bool,
}

impl<A, P> Default for Plan<A, P> {
    fn default() -> Self {
        Self {
            reads: vec![],
            probes: vec![],
            ready: vec![],
            blocked: vec![],
            waits: vec![],
            problems: vec![],
            is_held: false,
        }
    }
}

impl<A, P> Plan<A, P> {
    /// Adds what resource `id` needs.
    pub fn add<B: Into<A>>(&mut self, id: Id, next: Next<B>) {
        match next {
            Next::Done => {}
            Next::Read => self.reads.push(id),
            Next::Act(step) => self.act(*step),
            Next::Wait(wait) => self.waits.push(wait),
            Next::Problem(problem) => self.problems.push(problem),
            Next::Blocked(on) => self.blocked.push(Blocked { id, on }),
        }
    }

    /// Adds a call of a room's own.
    pub fn act<B: Into<A>>(&mut self, step: Step<B>) {
        self.ready.push(step.map(Into::into));
    }

    /// Adds such calls.
    pub fn act_all<B: Into<A>>(&mut self, steps: impl IntoIterator<Item = Step<B>>) {
        steps.into_iter().for_each(|step| self.act(step));
    }

    /// Adds all of another plan.
    pub fn extend(&mut self, more: Self) {
        self.reads.extend(more.reads);
        self.probes.extend(more.probes);
        self.ready.extend(more.ready);
        self.blocked.extend(more.blocked);
        self.waits.extend(more.waits);
        self.problems.extend(more.problems);
        self.is_held |= more.is_held;
    }

    /// Holds the calls of `kind` back until `first` is done.
    pub fn hold(&mut self, kind: Kind, first: Kind) {
        let before = self.ready.len();
        self.ready.retain(|step| step.id.kind != kind);
        if self.ready.len() < before {
            self.add(Id::of(kind), Next::<A>::Blocked(vec![first]));
        }
    }

    /// Whether something of `kind` is still to be read, done, awaited or solved.
    #[must_use]
    pub fn concerns(&self, kind: Kind) -> bool {
        let of = |id: &Id| id.kind == kind;
        self.reads.iter().any(of)
            || self.ready.iter().any(|step| of(&step.id))
            || self.blocked.iter().any(|blocked| of(&blocked.id))
            || self.waits.iter().any(|wait| of(&wait.id))
            || self.problems.iter().any(|problem| of(&problem.id))
    }

    /// Whether something of `kind` is still to be read, done or awaited, or is being proved.
    #[must_use]
    pub fn is_busy_with(&self, kind: Kind) -> bool {
        self.is_busy_but_for(kind, |_| false)
    }

    /// The same, but for waits that are `left_out`.
    #[must_use]
    pub fn is_busy_but_for(&self, kind: Kind, left_out: impl Fn(&Wait) -> bool) -> bool {
        let of = |id: &Id| id.kind == kind;
        !self.probes.is_empty()
            || self.reads.iter().any(of)
            || self.ready.iter().any(|step| of(&step.id))
            || self.waits.iter().any(|wait| of(&wait.id) && !left_out(wait))
    }

    /// Whether nothing is left to read or do now.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.reads.is_empty() && self.probes.is_empty() && self.ready.is_empty()
    }

    /// Whether everything stands as wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let has_told = !(self.blocked.is_empty() && self.waits.is_empty() && self.problems.is_empty());
        self.is_settled() && !has_told
    }

    /// The plan for a person to read.
    #[must_use]
    pub fn to_yaml(&self) -> String
    where
        P: Serialize,
    {
        serde_yaml::to_string(self).unwrap_or_default()
    }
}
