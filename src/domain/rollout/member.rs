//! An object of a class, as its own status tells.

use super::outlook::Reckoned;
use jiff::Timestamp;

/// An object that goes by a class, or is to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Member {
    /// Namespace and name.
    pub object: String,
    /// Its UID.
    pub uid: String,
    /// The API's default endpoint. The objects of one API are its stages, which share their methods.
    pub api: String,
    /// Whether it comes before others.
    pub is_canary: bool,
    /// The revision of the class that it goes by; `None` where it goes by none of this class's.
    pub held: Option<String>,
    /// Whether it comes to the class without being let: it names the class itself, or nothing stands for it yet.
    pub joins_at_once: bool,
    /// Whether its revision may change now: it is neither suspended nor being deleted.
    pub can_move: bool,
    /// How it stands.
    pub health: Health,
    /// Whether AWS has what it asks for, as far as its status tells.
    pub is_applied: bool,
    /// Since when AWS has its web ACL as it asks for, as far as its status tells: longer than it goes by `held` where that was so at once.
    pub web_acl_since: Option<Timestamp>,
    /// Since when it goes by `held`.
    pub since: Option<Timestamp>,
    /// When it was last looked at and probed as an object that moves.
    pub verified_at: Option<Timestamp>,
    /// Whether it was ready before it moved to `held`; `None` where it came to the class by it.
    pub was_ready: Option<bool>,
    /// What it comes to for the object to move to the revision that objects go to now; `None` where that is not reckoned.
    pub outlook: Option<Reckoned>,
}

/// How an object stands, as its conditions say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It is ready as it is wanted.
    Ready,
    /// Work on it is under way, or something is not known.
    Unsettled,
    /// Its viewers are refused.
    Refused(Trouble),
    /// Only a person can help.
    Stalled(Trouble),
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The condition's reason.
    pub reason: String,
    /// What the condition says.
    pub message: String,
    /// Since when.
    pub since: Timestamp,
}
