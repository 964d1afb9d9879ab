//! Emergency contacts: personal data, which shows itself nowhere.

use crate::api::EmergencyContact;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use serde_json::{Value, json};
use std::fmt::{self, Debug, Formatter};

/// What stands for personal data wherever it could be seen.
pub const MASK: &str = "‹personal›";

/// A text about a person. It shows no digest, unlike a secret: a phone number could be found by trying all.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Personal(String);

impl Personal {
    /// Wraps a text about a person.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: only for the call that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Debug for Personal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Whom the Shield Response Team writes to and calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Contact {
    /// Where it writes to.
    pub email: Personal,
    /// Whom it calls.
    pub phone: Option<Personal>,
    /// What is to be known.
    pub notes: Option<Personal>,
}

impl From<&EmergencyContact> for Contact {
    fn from(contact: &EmergencyContact) -> Self {
        Self {
            email: Personal::new(&contact.email_address),
            phone: contact.phone_number.as_ref().map(Personal::new),
            notes: contact.notes.as_ref().map(Personal::new),
        }
    }
}

impl Contact {
    /// Everything about the person, by AWS's names.
    #[must_use]
    pub fn facts(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("emailAddress", Some(self.email.expose())),
            ("phoneNumber", self.phone.as_ref().map(Personal::expose)),
            ("notes", self.notes.as_ref().map(Personal::expose)),
        ]
    }
}

/// Whether somebody can be called.
#[must_use]
pub fn has_phone(contacts: &[Contact]) -> bool {
    contacts.iter().any(|contact| contact.phone.is_some())
}

/// Whether both name the same people, in any order.
#[must_use]
pub fn same(found: &[Contact], wanted: &[Contact]) -> bool {
    sorted(found) == sorted(wanted)
}

/// Fingerprint of who is named, in any order.
#[must_use]
pub fn fingerprint(contacts: &[Contact]) -> String {
    let sorted = sorted(contacts);
    hash::short(&sorted.iter().map(|contact| contact.facts()).collect::<Vec<_>>())
}

/// The fields that differ, without what they hold.
#[must_use]
pub fn changes(found: &[Contact], wanted: &[Contact]) -> Vec<Change> {
    let (found, wanted) = (sorted(found), sorted(wanted));
    let rows = 0..found.len().max(wanted.len());
    rows.flat_map(|at| changes_at(at, found.get(at).copied(), wanted.get(at).copied()))
        .collect()
}

fn changes_at(at: usize, found: Option<&Contact>, wanted: Option<&Contact>) -> Vec<Change> {
    let none = [("emailAddress", None), ("phoneNumber", None), ("notes", None)];
    let before = found.map_or(none, Contact::facts);
    let after = wanted.map_or(none, Contact::facts);
    let pairs = before.into_iter().zip(after);
    pairs
        .filter(|((_, from), (_, to))| from != to)
        .map(|((name, from), (_, to))| Change {
            path: format!("emergencyContacts[{at}].{name}"),
            from: masked(from),
            to: masked(to),
        })
        .collect()
}

fn masked(fact: Option<&str>) -> Value {
    fact.map_or(Value::Null, |_| json!(MASK))
}

/// AWS does not say that it keeps the order.
fn sorted(contacts: &[Contact]) -> Vec<&Contact> {
    let mut sorted: Vec<_> = contacts.iter().collect();
    sorted.sort();
    sorted
}
