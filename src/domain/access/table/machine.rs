//! When an API is locked, and when a lock is put back: one table.
//!
//! ```text
//!                 ┌─ Narrowing ─┐
//!  Open ── mark ──┼─ Trying ────┼── proven ──▶ Locked
//!    ▲            └─ Rest ──────┘
//!    │                  └── disproved ──▶ Refused ── all is as it was ──▶ Back ── its time is over ──┐
//!    └── no more wanted ┘                                                   └── marked again ◀────────┘
//! ```
//!
//! [`TABLE`] is read from the top, and the first row that fits decides. It only names facts and actions: a fact is looked up by
//! `facts`, an action is done by `cut_over`. What the rows lead to stands in `docs/access-modes.md`, which is made from them.

use super::phase::Step;
pub use super::state::State;
use crate::domain::access::probe::Way;

/// What a row presumes besides its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Nothing.
    Always,
    /// The lock is made, as far as it is ours to make it, and not proven.
    Made,
    /// It is proven: a row above said so.
    Proven,
}

/// What may be so. Rows above have ruled out what they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the sentence of the row says it")]
pub enum Fact {
    Always,
    EarlierStageUnproven,
    Observes,
    AuthorizerUnread,
    KeysUnread,
    MarkUnwritten,
    EndpointOff,
    InTheWay,
    DeploymentOutdated,
    NothingToLock,
    ToldByAProbe,
    PutBackBegun,
    Locked,
    ProvenByReading,
    BothWaysDue,
    NothingToProbe,
    NotInForceYet,
    StageBehind,
    ResponsesUnread,
    RefusalHidden,
    OpenToAnybody,
    Broken,
    LetIn,
    LetInTooEarly,
    LetInByTheOldLock,
    ViewerDelayed,
    BothAmbiguous,
    AnsweredAsBefore,
    LiveAtOnce,
    StageUnread,
    CanaryMeanwhile,
    LockNotServed,
    NextValueUnproven,
    LockedInPart,
    BacksOff,
    PerimeterNotReady,
    CutShort,
    EditsUnread,
    StagesUnread,
    WaysInUnread,
    Contested,
    EditsUndeployed,
    EditsInDoubt,
    CanaryOpen,
    AddressDenied,
    HeldByTheApi,
    StageStaysBehind,
    NeverProbed,
    NotSent,
    NoDistribution,
    EdgeDeploying,
    ResponsesUnreadBefore,
    ProbesDueBefore,
    WayUnknown,
    WayClosed,
    RefusalWouldHide,
    NamesElsewhere,
    NamesElsewhereForGood,
    LockedAlready,
    Probed,
    ReleasedSince,
    OpenAsEdited,
    DeploysItself,
    DeploymentLeft,
    NotWanted,
    InEffect,
    InEffectAndHalted,
    Halted,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// Due probes are sent.
    Watch,
    /// This is read first.
    Read(Reading),
    /// Probes are sent these ways.
    Ask(&'static [Way]),
    /// People are told what is in the way, or what is awaited.
    Tell,
    /// The same, and due probes are sent: what is there may have been opened meanwhile.
    TellAndWatch,
    /// The lock waits for the distribution.
    AwaitDistribution,
    /// The same, and a due probe tells whether the API is open until then, where it was locked or probed before, or a person has to
    /// help first.
    AwaitPerimeter,
    /// The same, and a probe shows whether what is sent so far gets in.
    AwaitSending,
    /// What was put back in this pass is marked as refused.
    NoteRefusal,
    /// The next step back to what was before, and the mark that all is.
    GoBack,
    /// The mark is written again.
    MarkAgain,
    /// The rows below that presume a proof are asked.
    Proven,
    /// What viewers met before is put back, and marked as refused.
    PutBack(Disproof),
    /// The mark goes: whoever locked it, it is locked.
    End,
    /// The mark says that the rest follows.
    MarkRest,
    /// What a lock needs from time to time: another secret value, an end of what is left over.
    Keep,
    /// What was begun is undone, and the mark goes: nobody refused anything.
    BackOut,
    /// The same, and people are told that the spec asks for something else.
    Withdraw,
    /// The mark comes before the lock.
    Begin(Step),
    /// The mark takes in what the team has released since.
    MarkAnew,
    /// Methods, and the policy, ask for the proof as edited.
    Lock,
    /// A deployment of ours that nothing serves is deleted.
    DropDeployment,
    /// The working copy is deployed: made, compared, served.
    Deploy,
    /// The rows for what is made are asked.
    Prove,
    /// The same, and what they leave unproven is put back.
    ProveOrPutBack,
}

/// What is read before more is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reading {
    Authorizer,
    ApiKey,
    Stage,
    Pending,
    Stages,
    WaysIn,
}

/// What shows that a lock does not do what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disproof {
    /// No path can be probed any more.
    NothingToProbe,
    /// A request without any proof gets in past the perimeter.
    OpenToAnybody,
    /// The backend fails, and did not before.
    Broken,
    /// The new proof never got in by itself.
    NeverInForce,
    /// A canary release was made meanwhile.
    Canary,
    /// What a viewer is answered.
    Viewer,
}

/// One row: in one of these states, where this is so, that is done.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// In which states it counts.
    pub states: &'static [State],
    /// What it presumes.
    pub given: Given,
    /// What has to be so.
    pub fact: Fact,
    /// What is done.
    pub action: Action,
    /// Which states the mark, or what was written, leads to; empty where it stays.
    pub next: &'static [State],
    /// All of it in a sentence.
    pub says: &'static str,
}

impl Row {
    /// The first of `rows` that fits.
    pub fn first<'a>(
        mut rows: impl Iterator<Item = &'a Self>,
        state: State,
        is_made: bool,
        holds: impl Fn(Fact) -> bool,
    ) -> Option<&'a Self> {
        let mut is_proven = false;
        rows.find(|row| {
            let is_given = match row.given {
                Given::Always => true,
                Given::Made => is_made && !is_proven,
                Given::Proven => is_proven,
            };
            let is_so = is_given && row.states.contains(&state) && holds(row.fact);
            is_proven |= is_so && row.action == Action::Proven;
            is_so && row.action != Action::Proven
        })
    }
}

macro_rules! rows {
    ($( $states:expr, $given:ident, $fact:ident => $action:expr, $next:expr, $says:literal; )*) => {
        &[ $( Row {
            states: $states,
            given: Given::$given,
            fact: Fact::$fact,
            action: $action,
            next: $next,
            says: $says,
        } ),* ]
    };
}

use Action::{
    Ask, AwaitDistribution, AwaitPerimeter, AwaitSending, BackOut, Begin, Deploy, DropDeployment, End,
    GoBack, Keep, Lock, MarkAgain, MarkAnew, MarkRest, NoteRefusal, Nothing, Prove, ProveOrPutBack, Proven,
    PutBack, Read, Tell, TellAndWatch, Watch, Withdraw,
};
use State::{Back, Locked, Narrowing, Open, Refused, Rest, Trying};

const ALL: &[State] = &State::ALL;
const MARKED: &[State] = &[Trying, Rest, Narrowing, Refused, Back];
/// The lock is begun.
const BEGUN: &[State] = &[Trying, Rest, Narrowing];
/// The same, and what somebody deploys of it after it was put back.
const TO_PROVE: &[State] = &[Trying, Rest, Narrowing, Back];
/// The lock may be begun.
const IDLE: &[State] = &[Open, Back];
/// The lock may be begun, or is gone on with.
const TO_LOCK: &[State] = &[Open, Trying, Rest, Narrowing, Back];
const UNMARKED: &[State] = &[Open, Locked];
const STAYS: &[State] = &[];

const PAST_IT: &[Way] = &[Way::Direct];
/// What is answered before the lock is what later answers are compared with.
const BEFORE: &[Way] = &[Way::Viewer, Way::Direct];
/// What proves a lock that is made; the last, where there is a secret value.
pub const PROOF: &[Way] = &[Way::Direct, Way::Viewer, Way::Next];

/// What a pass does about the API's lock.
pub const TABLE: &[Row] = rows! {
    ALL, Always, EarlierStageUnproven => Tell, STAYS, "The lock of a stage that the spec named before is put back first: the next mark would take the place of its own.";
    ALL, Always, Observes => Watch, STAYS, "Under `enforcement: Observe` nothing of the API is changed.";
    ALL, Always, AuthorizerUnread => Read(Reading::Authorizer), STAYS, "A method asks an authorizer that may be ours: ours are read.";
    ALL, Always, KeysUnread => Read(Reading::ApiKey), STAYS, "A method asks for a key that may be ours: the stage's keys are read.";
    &[Back], Always, MarkUnwritten => MarkAgain, STAYS, "The mark of a refusal could not be written: it is written again, lest the next attempt come too early.";
    &[Refused], Always, Always => GoBack, &[Back], "What viewers meet is put back first, then the working copy; then all is as it was.";
    ALL, Always, EndpointOff => TellAndWatch, STAYS, "The API's default endpoint is off, so nobody gets in.";
    ALL, Always, InTheWay => TellAndWatch, STAYS, "A method asks for something of others.";
    ALL, Always, DeploymentOutdated => Read(Reading::Stage), STAYS, "The stage has deployed by itself since it was read: it is read again.";
    &[Open, Locked, Back], Always, NothingToLock => TellAndWatch, STAYS, "The stage serves nothing that a lock could hold on to.";
    UNMARKED, Always, ToldByAProbe => Ask(PAST_IT), STAYS, "Only a probe tells whether a WebSocket API's handshake is locked.";
    BEGUN, Always, PutBackBegun => NoteRefusal, &[Refused], "What was before is being put back: the mark says so.";
    &[Back], Always, Locked => End, &[Locked], "Somebody has locked the API after a refusal: that is theirs to do.";

    TO_PROVE, Made, ProvenByReading => Proven, STAYS, "Without probes, or where no method can be asked for, what was read of the deployment counts.";
    TO_PROVE, Made, BothWaysDue => Ask(PROOF), STAYS, "The lock is made: both ways are probed.";
    TO_PROVE, Made, NothingToProbe => PutBack(Disproof::NothingToProbe), &[Refused], "No path of the API can be probed any more.";
    TO_PROVE, Made, NotInForceYet => Tell, STAYS, "A request past the perimeter still gets in: a deployment takes its time.";
    TO_PROVE, Made, StageBehind => Tell, STAYS, "The stage, which deploys by itself, does not have the lock yet.";
    TO_PROVE, Made, ResponsesUnread => Read(Reading::Pending), STAYS, "An answer past the perimeter may be a refusal that gateway responses disguise: they are read.";
    TO_PROVE, Made, RefusalHidden => Proven, STAYS, "An answer past the perimeter may be a disguised refusal, and viewers get in: what was read of the deployment counts.";
    TO_PROVE, Made, OpenToAnybody => PutBack(Disproof::OpenToAnybody), &[Refused], "A request past the perimeter still gets in after two minutes.";
    &[Trying, Narrowing, Back], Made, Broken => PutBack(Disproof::Broken), &[Refused], "The backend fails behind the lock, and did not before.";
    TO_PROVE, Made, LetIn => Proven, STAYS, "The perimeter gets in, and the new lock is in force.";
    TO_PROVE, Made, LetInTooEarly => Tell, STAYS, "The perimeter gets in, but perhaps by what was before.";
    TO_PROVE, Made, LetInByTheOldLock => PutBack(Disproof::NeverInForce), &[Refused], "The new lock is not in force after two minutes.";
    TO_PROVE, Made, ViewerDelayed => Tell, STAYS, "What a viewer met passes by itself: it is probed again.";
    TO_PROVE, Made, BothAmbiguous => Tell, STAYS, "Neither answer tells who gave it: it is probed again.";
    TO_PROVE, Made, AnsweredAsBefore => Proven, STAYS, "Viewers are answered as before the lock, and `cutOver: AfterDeployed` takes that for enough.";
    &[Rest], Made, LiveAtOnce => Tell, STAYS, "The first route was proven, so something else refuses viewers now.";
    TO_PROVE, Made, Always => PutBack(Disproof::Viewer), &[Refused], "A viewer does not get in.";

    TO_PROVE, Proven, StageUnread => Read(Reading::Stage), STAYS, "Whether a canary takes a share of the traffic is read once more.";
    TO_PROVE, Proven, CanaryMeanwhile => PutBack(Disproof::Canary), &[Refused], "A canary release was made meanwhile, which the lock does not reach.";
    TO_PROVE, Proven, LockNotServed => Tell, STAYS, "The probed method is locked, and the stage, which deploys by itself, does not have the others yet.";
    TO_PROVE, Proven, NextValueUnproven => Ask(PROOF), STAYS, "The probed method is locked, and the secret value alone is still tried.";
    &[Trying], Proven, LockedInPart => MarkRest, &[Rest], "The first route is proven: the others follow.";
    TO_PROVE, Proven, Locked => End, &[Locked], "The lock is proven, and the stage as deployed has it whole.";

    &[Locked], Always, Always => Keep, STAYS, "The lock is kept: secret values are replaced, and what nothing needs any more goes.";
    &[Back], Always, BacksOff => TellAndWatch, STAYS, "A lock that was refused is tried again after 1, 2, 4 … minutes, at most an hour, or as soon as a person asks for a look.";
    &[Open], Always, PerimeterNotReady => AwaitPerimeter, STAYS, "No lock before the perimeter is deployed.";

    TO_LOCK, Always, CutShort => TellAndWatch, STAYS, "What was read of the stage is not whole.";
    TO_LOCK, Always, EditsUnread => Read(Reading::Pending), STAYS, "The working copy is compared with the stage.";
    IDLE, Always, StagesUnread => Read(Reading::Stages), STAYS, "Before the first lock of routes the API's other stages are read.";
    IDLE, Always, WaysInUnread => Read(Reading::WaysIn), STAYS, "Before the first lock it is read which custom domain names and distributions lead to the stage.";
    &[Open], Always, Contested => TellAndWatch, STAYS, "Others have opened the API again and again: it is locked once an hour.";
    BEGUN, Always, EditsUndeployed => BackOut, &[Open], "The team's edits are in the way of the deployment: what was begun is undone.";
    TO_LOCK, Always, EditsInDoubt => TellAndWatch, STAYS, "A deployment would carry edits of the team, or that cannot be told.";
    IDLE, Always, CanaryOpen => TellAndWatch, STAYS, "A canary release lets others in.";
    BEGUN, Always, AddressDenied => BackOut, &[Open], "The resource policy denies addresses, and no probe can tell: what was begun is undone.";
    TO_LOCK, Always, AddressDenied => TellAndWatch, STAYS, "The resource policy denies addresses, and no probe can tell.";
    IDLE, Always, HeldByTheApi => TellAndWatch, STAYS, "The first lock would refuse viewers by another stage, a custom domain name, another distribution, a behaviour without the signer or a misspelt exclusion.";
    IDLE, Always, StageStaysBehind => TellAndWatch, STAYS, "The working copy is locked, and the stage does not deploy it by itself.";
    BEGUN, Always, NeverProbed => BackOut, &[Open], "No method can be probed any more: what was begun is undone.";
    IDLE, Always, NeverProbed => TellAndWatch, STAYS, "The lock waits for a probe, and no method can be probed.";
    TO_LOCK, Always, NotSent => AwaitSending, STAYS, "CloudFront does not send the proof yet.";

    IDLE, Always, NoDistribution => AwaitDistribution, STAYS, "There is no distribution that could bear the mark.";
    IDLE, Always, EdgeDeploying => Tell, STAYS, "CloudFront deploys a change: a viewer's probe tells nothing until that is in force everywhere.";
    IDLE, Always, ResponsesUnreadBefore => Read(Reading::Pending), STAYS, "It is read what gateway responses make of refusals.";
    IDLE, Always, ProbesDueBefore => Ask(BEFORE), STAYS, "Both ways are probed before the lock, to be compared with what is answered after it.";
    IDLE, Always, WayUnknown => AwaitDistribution, STAYS, "No probe through the perimeter can be sent yet.";
    IDLE, Always, WayClosed => Tell, STAYS, "A probe through the perimeter does not get in.";
    IDLE, Always, RefusalWouldHide => Tell, STAYS, "The backend answers as a refusal is worded, so that no lock could be proven.";
    IDLE, Always, NamesElsewhere => Tell, STAYS, "Declared names still lead viewers elsewhere.";
    IDLE, Always, NamesElsewhereForGood => TellAndWatch, STAYS, "Declared names lead viewers elsewhere until a person changes that.";
    IDLE, Always, LockedAlready => Begin(Step::Narrowing), &[Narrowing], "All is ready, and the methods are locked already: who else is let in changes.";
    IDLE, Always, Probed => Begin(Step::Trying), &[Trying], "All is ready: the lock is begun, and will be proven by probes.";
    IDLE, Always, Always => Begin(Step::Rest), &[Rest], "All is ready: the lock is begun, and no probe will prove it.";

    BEGUN, Always, ReleasedSince => MarkAnew, STAYS, "The team has released meanwhile: putting back will not undo that.";
    BEGUN, Always, OpenAsEdited => Lock, STAYS, "The methods ask for the proof as edited.";
    BEGUN, Always, DeploysItself => Tell, STAYS, "The stage deploys by itself: that is awaited.";
    BEGUN, Always, DeploymentLeft => DropDeployment, STAYS, "A deployment of ours that nothing serves is deleted first.";
    BEGUN, Always, Always => Deploy, STAYS, "The lock is deployed: made, compared with what was read, and served.";
};

/// What is done about a lock that is begun and not proven, before a pass, and where no pass goes on: viewers may be refused by it.
/// It needs the mark, the API and the probes alone.
pub const UNPROVEN: &[Row] = rows! {
    UNMARKED, Always, Always => Nothing, STAYS, "Nothing is begun.";
    MARKED, Always, AuthorizerUnread => Read(Reading::Authorizer), STAYS, "A method asks an authorizer that may be ours: ours are read.";
    &[Back], Always, Always => Nothing, STAYS, "All is as it was: whoever locks methods then does so for themselves.";
    &[Refused], Always, Always => GoBack, &[Back], "What viewers meet is put back first, then the working copy; then all is as it was.";
    BEGUN, Always, NotWanted => Withdraw, &[Open], "The spec asks for something else by now: what was begun is undone.";
    BEGUN, Always, PutBackBegun => NoteRefusal, &[Refused], "What was before is being put back: the mark says so.";
    BEGUN, Always, InEffectAndHalted => ProveOrPutBack, &[Locked, Rest, Refused], "Viewers meet the lock and no pass goes on: it is proven, or put back.";
    BEGUN, Always, InEffect => Prove, &[Locked, Rest, Refused], "Viewers meet the lock: it is proven before all else.";
    BEGUN, Always, Halted => BackOut, &[Open], "No pass goes on, and viewers do not meet the lock yet: what was begun is undone.";
    BEGUN, Always, Always => Nothing, STAYS, "The pass goes on with it.";
};
