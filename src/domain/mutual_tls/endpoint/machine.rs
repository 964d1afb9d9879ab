//! When the default endpoint is switched off, and when on again: one table.
//!
//! ```text
//!  Open ── mark ──▶ Trying ── both ways are proven ──▶ Locked
//!   ▲                 │ ▲                                 │
//!   │                 │ └── somebody switched it on ──────┘
//!   │                 └── viewers are refused ──▶ Refused ── it is on again ──▶ Back ── its time is over ──▶ Trying
//!   └── no more wanted
//!  Off ── off already, and nobody knows by whom: both ways are proven ──▶ Locked
//!  Trying, Locked, Back ── another mode locks the API by now ──▶ Off ── switched on ──▶ Open
//!                          the same, beside other clusters ──▶ Free ── theirs are free, too: switched on
//!  Free ── the spec names this mode again, or the next lock is gone ──▶ Returning ── nobody acts upon the mark any more ──▶ Off, Open
//! ```
//!
//! A mark alone switches nothing on, since others may write tags: a probe of this pass has to show that viewers are refused, or the
//! endpoint is on already. Else it is proven again.
//!
//! [`TABLE`] is read from the top, and the first row that fits decides. It only names facts and actions: a fact is looked up by
//! `facts`, an action is done by `steps`.

/// Where the default endpoint stands: what its mark says, and without one what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "`says` says it")]
pub enum State {
    Unread,
    Open,
    Off,
    Trying,
    Locked,
    Refused,
    Back,
    Free,
    Returning,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Unread,
        Self::Open,
        Self::Off,
        Self::Trying,
        Self::Locked,
        Self::Refused,
        Self::Back,
        Self::Free,
        Self::Returning,
    ];

    /// What it means.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Unread => "The mark, or the endpoint, was not read.",
            Self::Open => "It is on, and nothing is begun.",
            Self::Off => "It is off, and no mark tells that we proved it.",
            Self::Trying => "It is being switched off. Probes have not proven it yet.",
            Self::Locked => "It is off, and both ways were proven.",
            Self::Refused => "Viewers were refused, and it is being switched on again.",
            Self::Back => "It is on again. The next attempt waits.",
            Self::Free => "Another mode locks the stage: other clusters may switch it on.",
            Self::Returning => "It has to be off again. Others may act still upon what the mark said.",
        }
    }
}

/// What may be so. Rows above have ruled out what they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the sentence of the row says it")]
pub enum Fact {
    Always,
    Observes,
    Leaves,
    LeavesOff,
    Frees,
    NotFree,
    SwitchedTooEarly,
    MayBeTooEarly,
    TakenBack,
    MayBeTrusted,
    LeftOpen,
    LeftUnasked,
    LeftUnpublished,
    Leaving,
    Undated,
    On,
    Off,
    Contested,
    OpenPastIt,
    OriginOpen,
    BacksOff,
    SpecRefused,
    PartsMissing,
    OthersComeByIt,
    ComersUnread,
    BegunUnread,
    BegunUnderOthers,
    ObservedUntilNow,
    OpenToOthers,
    OpenToUnread,
    NothingDeployed,
    Unpublished,
    Undone,
    ProofDue,
    ViewerDue,
    ViewerRefused,
    ViewerKeptOut,
    ViewerIn,
    Proven,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Nothing.
    Nothing,
    /// Due probes are sent.
    Watch,
    /// People are told what is awaited, or what is in the way.
    Tell,
    /// The same, and due probes are sent.
    TellAndWatch,
    /// It waits for the other parts of the perimeter.
    Await,
    /// It is read which distributions lead to it.
    AskComers,
    /// The probe through the perimeter is sent.
    AskViewer,
    /// The probes of all ways are sent.
    AskAll,
    /// The mark comes before the switch.
    Begin,
    /// The same, of what was proven before.
    BeginAgain,
    /// The mark says that what is off already is to be proven.
    ProveAgain,
    /// The mark is written again, with the time of now.
    MarkAgain,
    /// The mark goes.
    Unmark,
    /// It is switched off.
    SwitchOff,
    /// It is switched on, for another mode.
    SwitchOn,
    /// The mark says that another mode locks the stage.
    Free,
    /// The mark says no more that another mode locks the stage.
    Return,
    /// The stage is touched, so that this takes effect.
    PublishOn,
    /// The probes are sent that show that it is on, and to whom.
    AskOn,
    /// It was switched on too early: the mark comes before it is switched off again, and says that it waits then.
    CloseAgain,
    /// The stage is touched, so that the switch takes effect.
    Publish,
    /// The mark says that both ways are proven.
    Lock,
    /// The mark says that viewers were refused.
    Refuse,
    /// The next step back to where it was, and the mark that all is.
    GoBack,
    /// The same, and the mark goes: nobody refused anything.
    Withdraw,
}

/// One row: in one of these states, where this is so, that is done.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// In which states it counts.
    pub states: &'static [State],
    /// What has to be so.
    pub fact: Fact,
    /// What is done.
    pub action: Deed,
    /// The state that the mark leads to; `None` where it stays.
    pub next: Option<State>,
    /// All of it in a sentence.
    pub says: &'static str,
}

/// The first row that fits.
pub fn row(state: State, holds: impl Fn(Fact) -> bool) -> Option<&'static Row> {
    let mut rows = TABLE.iter();
    rows.find(|row| row.states.contains(&state) && holds(row.fact))
}

macro_rules! rows {
    ($( $states:expr, $fact:ident => $action:ident, $next:expr, $says:literal; )*) => {
        &[ $( Row {
            states: $states,
            fact: Fact::$fact,
            action: Deed::$action,
            next: $next,
            says: $says,
        } ),* ]
    };
}

use State::{Back, Free, Locked, Off, Open, Refused, Returning, Trying, Unread};

/// Nothing is begun that would have to be undone.
const STANDING: &[State] = &[Open, Off, Locked, Back];
/// The switch may be begun.
const IDLE: &[State] = &[Open, Back];
/// Nothing is proven, and nobody was refused.
const UNPROVEN: &[State] = &[Open, Off, Back];

/// What a pass does about the default endpoint.
pub const TABLE: &[Row] = rows! {
    &[Unread], Always => Nothing, None, "What tells is read first.";
    &[Refused], On => GoBack, Some(Back), "It is on again: that takes effect, and the mark says so.";
    &[Refused], ViewerKeptOut => GoBack, Some(Back), "Viewers are refused: it is switched on again, that takes effect, and the mark says so.";
    &[Refused], ViewerDue => AskViewer, None, "It is off, and only a probe shows whether viewers are refused by that.";
    &[Refused], Always => ProveAgain, Some(Trying), "It is off, and viewers are not refused, or nobody can tell: it is proven again.";
    &[Free], NotFree => Return, Some(Returning), "The spec names this mode again, or the next lock is gone: the mark says so before anything hangs on it.";
    &[Free], MayBeTooEarly => AskComers, None, "It is on, no pass has told so, and locks of others hang on it: who comes by it is read before it is taken back.";
    &[Free], SwitchedTooEarly => SwitchOff, None, "It was switched on while the lock of another cluster came to hang on it again.";
    &[Free], TakenBack => Publish, None, "The same: a switch takes effect with the next change of a stage.";
    &[Trying, Locked, Back, Off, Free, Returning], Frees => Free, Some(Free), "Another mode locks the stage by now: the mark tells it to clusters whose objects lead to other stages.";
    &[Free], LeavesOff => SwitchOn, None, "The same, and nobody else's lock hangs on it: it is switched on.";
    &[Trying, Locked, Back, Returning], Leaves => Unmark, Some(Off), "Another mode locks the API by now: the mark goes before it is switched on.";
    &[Off], Leaves => SwitchOn, Some(Open), "Another mode locks the API by now, and nobody else's lock hangs on it: it is switched on.";
    &[Open, Free], LeftOpen => CloseAgain, Some(Trying), "It is on for another mode, which lets in whoever comes past the perimeter: it is switched off again, for an hour.";
    &[Open, Free], LeftUnasked => AskOn, None, "It is on for another mode: probes show whether that is in effect.";
    &[Open, Free], LeftUnpublished => PublishOn, None, "It is on as edited, and does not answer: a switch takes effect with the next change of a stage.";
    &[Free], Always => Watch, None, "It waits for others, or for what follows the switch.";
    &[Open, Back], Leaving => Watch, None, "The spec names another mode: nothing is begun.";
    &[Trying], Undone => Withdraw, Some(Open), "The spec asks for no switch any more, and it is on, or has no effect: what was begun is undone.";
    STANDING, Observes => Watch, None, "Under `enforcement: Observe` it is never switched.";
    &[Trying, Locked, Back, Returning], Undated => MarkAgain, None, "The mark's time cannot be read, or lies in the future: it counts from now.";

    &[Returning], MayBeTrusted => Tell, None, "Whoever has read the former mark may act upon it still: what else locks the stage stays.";
    &[Returning], Always => Unmark, Some(Off), "Nobody acts upon the former mark any more: the lock is begun as ever, by what is read.";

    &[Trying], BegunUnread => AskComers, None, "It was begun by a pass that did not come to the switch: who comes by it since is read before.";
    &[Trying], BegunUnderOthers => Withdraw, Some(Open), "The same, and viewers of others come by it, or may: what was begun is undone.";
    &[Trying], On => SwitchOff, None, "The mark is written: it is switched off.";
    &[Trying], Unpublished => Publish, None, "A switch takes effect with the next change of a stage: it is touched.";
    &[Trying], ProofDue => AskAll, None, "It is off as edited: all ways are probed.";
    &[Trying], ViewerRefused => Refuse, Some(Refused), "A viewer does not get in.";
    &[Trying], OpenPastIt => Tell, None, "A request past the perimeter still gets in: the switch takes its time.";
    &[Trying], Proven => Lock, Some(Locked), "A viewer gets in, and nobody past the perimeter.";
    &[Trying], Always => Tell, None, "An answer proves nothing yet: it is probed again.";

    &[Locked], Contested => TellAndWatch, None, "Others have switched it on again and again: it is switched off once an hour.";
    &[Locked], ObservedUntilNow => Unmark, Some(Open), "It was switched on while nobody kept it off: it is begun as for the first time.";
    &[Locked], On => BeginAgain, Some(Trying), "Somebody has switched it on again: it is switched off, and proven, at once.";
    &[Locked], OpenPastIt => BeginAgain, Some(Trying), "It is off as edited, and a request past the perimeter gets in: that takes effect, and is proven, at once.";
    &[Locked], OriginOpen => TellAndWatch, None, "The origin's name lets in who shows no certificate of ours.";
    &[Locked], Always => Watch, None, "The lock is kept.";

    &[Back], Off => Unmark, Some(Off), "Somebody has switched it off after a refusal: that is theirs to do.";
    &[Back], BacksOff => TellAndWatch, None, "It is tried again after 1, 2, 4 … minutes, at most an hour, or as soon as a person asks for a look.";
    UNPROVEN, SpecRefused => Nothing, None, "The spec, or what was read, is refused: people are told so already.";
    UNPROVEN, PartsMissing => Await, None, "The custom domain name is ready, and CloudFront shows the certificate to it everywhere, before it is switched off.";
    &[Off], ProofDue => AskAll, None, "It is off already: all ways are probed.";
    &[Off], OpenToOthers => TellAndWatch, None, "It is off as edited, that is not in effect, and viewers of others come by it: nothing makes it so.";
    &[Off], OpenToUnread => AskComers, None, "The same, and who else comes by it is read before.";
    &[Off], OpenPastIt => Begin, Some(Trying), "It is off as edited, and that is not in effect: the lock is begun.";
    &[Off], Proven => Lock, Some(Locked), "It is off already, and both ways are proven.";
    IDLE, OthersComeByIt => TellAndWatch, None, "Viewers of other objects or distributions come by it, or may: it waits until those lead elsewhere.";
    IDLE, NothingDeployed => TellAndWatch, None, "Nothing is deployed to the stage, so a switch could not take effect.";
    IDLE, ViewerDue => AskViewer, None, "A viewer has to get in before it is switched off.";
    IDLE, ComersUnread => AskComers, None, "A viewer gets in: which distributions lead to it is read before it is switched off.";
    IDLE, ViewerIn => Begin, Some(Trying), "All is ready: the mark comes before the switch.";
    UNPROVEN, Always => TellAndWatch, None, "A viewer does not get in, or what is off already is not proven: nothing is switched.";
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_state_has_an_answer_whatever_is_so() {
        for state in State::ALL {
            let row = row(state, |fact| fact == Fact::Always).unwrap();
            assert!(row.states.contains(&state), "{state:?}");
            assert!(state.says().ends_with('.'));
        }
    }

    #[test]
    fn every_row_says_what_it_does_and_can_be_reached() {
        let mut seen = BTreeSet::new();
        for row in TABLE {
            assert!(row.says.ends_with('.'), "{}", row.says);
            let is_new = row.states.iter().any(|state| seen.insert((*state, row.fact)));
            assert!(is_new, "a row above decides the same: {}", row.says);
            // Nothing is reached below a row that always fits.
            for state in row.states {
                let is_over = seen.contains(&(*state, Fact::Always)) && row.fact != Fact::Always;
                assert!(!is_over, "{state:?}: {}", row.says);
            }
        }
    }

    #[test]
    fn only_what_is_begun_or_refused_is_ever_switched_on_again_in_this_mode() {
        for row in TABLE {
            if row.action == Deed::SwitchOn {
                let known = [
                    (Fact::Leaves, [Off].as_slice()),
                    (Fact::LeavesOff, [Free].as_slice()),
                ];
                assert!(known.contains(&(row.fact, row.states)), "{}", row.says);
            }
            if matches!(row.action, Deed::GoBack | Deed::Withdraw) {
                assert!(
                    row.states.iter().all(|state| [Trying, Refused].contains(state)),
                    "{}",
                    row.says
                );
            }
        }
    }

    #[test]
    fn a_mark_alone_switches_nothing_on() {
        for state in [Refused, Trying] {
            for fact in [Fact::Always, Fact::Observes, Fact::Off, Fact::ViewerIn] {
                let row = row(state, |known| [Fact::Always, fact].contains(&known)).unwrap();
                let goes_back = matches!(row.action, Deed::GoBack | Deed::Withdraw);
                assert!(!goes_back, "{state:?}, {fact:?}: {}", row.says);
            }
        }
        for fact in [Fact::On, Fact::ViewerKeptOut] {
            let row = row(Refused, |known| known == fact).unwrap();
            assert_eq!((row.action, row.next), (Deed::GoBack, Some(Back)));
        }
    }

    #[test]
    fn under_observe_nothing_is_switched_off() {
        for state in State::ALL {
            let row = row(state, |fact| [Fact::Always, Fact::Observes].contains(&fact)).unwrap();
            let switches = [Deed::SwitchOff, Deed::Begin, Deed::BeginAgain, Deed::Lock];
            assert!(!switches.contains(&row.action), "{state:?}");
        }
    }

    #[test]
    fn nothing_is_switched_off_without_a_mark() {
        for row in TABLE {
            let is_taken_back = [Fact::SwitchedTooEarly, Fact::TakenBack].contains(&row.fact);
            if matches!(row.action, Deed::SwitchOff | Deed::Publish) && !is_taken_back {
                assert_eq!(row.states, [Trying], "{}", row.says);
            }
        }
    }
}
