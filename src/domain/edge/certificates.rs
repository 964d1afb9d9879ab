//! Certificates that are requested of ACM for one purpose: which of them is for the names that are wanted now, and what each needs
//! until it is issued, or gone.

use super::certificate::{
    Action, Content, Desired, ISSUED, Observed, PENDING, Request, SeenCertificate, TAG_NAMES, TAG_SERVES, id,
    tags_of,
};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership, ownership_proven};
use crate::domain::kernel::observing::{Look, Pass, Seen};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::tagging::{RowTags, TagCall, TagStep, row_tags, tag_step_changes, tags_back};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::time::Duration;

/// How soon ACM is asked again whether a certificate is still in use.
const IN_USE_RETRY: Duration = Duration::from_secs(30);
/// ACM says which records it wants some seconds after the request.
const RECORDS_RETRY: Duration = Duration::from_secs(5);
/// ACM looks at the records every few minutes.
const PENDING_RETRY: Duration = Duration::from_secs(20);
/// A validation usually takes minutes; after this it is said what to look at.
const ISSUE_PATIENCE: SignedDuration = SignedDuration::from_mins(30);
const LATE_RETRY: Duration = Duration::from_mins(5);

/// The certificates of one purpose.
#[derive(Debug, Clone, Copy)]
pub(in crate::domain) struct Certificates<'a> {
    /// Which kind of resource they are.
    pub kind: Kind,
    /// The value of [`TAG_SERVES`]; `None` of those for viewers.
    pub serves: Option<&'static str>,
    /// The Region that they are requested in.
    pub region: &'a str,
    /// Whose they are.
    pub owner: &'a Owner,
    /// What the pass knows.
    pub pass: &'a Pass,
    /// What is seen of them, by ARN.
    pub seen: &'a BTreeMap<String, SeenCertificate>,
    /// Which request is the next.
    pub attempt: u32,
    /// ARN of the one that status remembers.
    pub remembered: Option<&'a String>,
    /// ARN of one that is looked after elsewhere, also where somebody took its tags away.
    pub elsewhere: Option<&'a String>,
    /// What people are told.
    pub fields: Fields,
}

/// The fields that people are told of.
#[derive(Debug, Clone, Copy)]
pub(in crate::domain) struct Fields {
    /// The one that names the hosted zone.
    pub zone: &'static str,
    /// The one that names a certificate of the team's in place of a requested one.
    pub own: &'static str,
}

/// What is read of a certificate that is to go.
#[derive(Debug, Clone, Copy)]
pub(in crate::domain) struct Read<'a> {
    /// What ACM says of it.
    pub content: &'a Content,
    /// Its tags.
    pub tags: &'a Tags,
    /// Whose it is.
    pub whose: Ownership,
}

/// One call of those by which a certificate goes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::domain) enum Removal {
    /// Gives it back the tags that were taken away, without which it may not be deleted.
    Tag(TagCall),
    /// Deletes the one of this ARN.
    Delete(String),
}

impl From<Removal> for Action {
    fn from(removal: Removal) -> Self {
        match removal {
            Removal::Tag(call) => Self::Tag(call),
            Removal::Delete(arn) => Self::Delete { arn },
        }
    }
}

impl<'a> Certificates<'a> {
    /// The certificates, but for those that say that they serve something else.
    pub fn all(&self) -> impl Iterator<Item = (&'a String, &'a SeenCertificate)> {
        let (serves, elsewhere) = (self.serves, self.elsewhere);
        let all = self.seen.iter();
        all.filter(move |(arn, seen)| elsewhere != Some(arn) && is_of(serves, seen))
    }

    /// Whose the certificate is.
    pub fn owns(&self, found: &Observed) -> Ownership {
        ownership_proven(&found.tags, self.owner, || {
            self.remembered == Some(&found.content.arn)
        })
    }

    /// The certificate for the wanted names, if it was requested.
    pub fn current(&self, wanted: &Desired) -> Option<(&'a String, &'a SeenCertificate)> {
        self.all().find(|(_, seen)| match seen {
            Seen::Present(found) if self.owns(found) == Ownership::Stripped => {
                wanted.has_names(&found.content.names)
            }
            _ => tags_of(seen).is_some_and(|tags| wanted.is_for(tags)),
        })
    }

    /// ARN of the certificate for the wanted names, once it is issued.
    pub fn issued(&self, wanted: &Desired) -> Option<String> {
        let (arn, seen) = self.current(wanted)?;
        let is_issued = match seen {
            Seen::Present(found) => found.content.status == ISSUED,
            _ => self.pass.was_verified(&id(self.kind, arn), &wanted.hash()),
        };
        is_issued.then(|| arn.clone())
    }

    /// Hash of what is wanted of a certificate; `None` of one that is left over.
    pub fn hash_of(&self, of: &Id, wanted: &Desired) -> Option<String> {
        let (arn, _) = self.current(wanted)?;
        (id(self.kind, arn) == *of).then(|| wanted.hash())
    }

    /// Requests a certificate.
    pub fn request(&self, wanted: &Desired) -> Next<Action> {
        let name = wanted.names.join(", ");
        Next::act(
            Id::of(self.kind),
            &name,
            Verb::Create,
            vec![],
            Action::Request(Request {
                region: self.region.to_owned(),
                names: wanted.names.clone(),
                token: token(wanted, self.attempt),
                tags: wanted.tags.clone(),
            }),
        )
    }

    /// What the certificate for the wanted names needs next.
    pub fn next_of_current(&self, wanted: &Desired, arn: &str, seen: &SeenCertificate) -> Next<Action> {
        match self.pass.look(&id(self.kind, arn), &wanted.hash(), seen) {
            Look::Verified(row) => match row_tags(row.tags.as_ref(), &wanted.owner, &wanted.tags) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => self.retag(arn, changes, step),
            },
            Look::Outdated(_) | Look::Read => Next::Read,
            Look::Absent => Next::Done,
            Look::Present(found) => self.next_of_present(wanted, found),
        }
    }

    fn next_of_present(&self, wanted: &Desired, found: &Observed) -> Next<Action> {
        let content = &found.content;
        if self.owns(found) == Ownership::Stripped {
            let (changes, missing) = tags_back(&found.tags, &wanted.tags);
            return self.retag(&content.arn, changes, TagStep::Set(missing));
        }
        if let Some((changes, step)) = tag_step_changes(&found.tags, &wanted.tags) {
            return self.retag(&content.arn, changes, step);
        }
        match content.status.as_str() {
            ISSUED => Next::Done,
            PENDING => self.pending(content),
            _ => Next::Problem(self.failed(content)),
        }
    }

    /// What a certificate needs that is for no wanted names: it goes once nothing may use it any more.
    pub fn next_of_left_over(&self, arn: &str, seen: &SeenCertificate, may_be_used: bool) -> Next<Action> {
        if let Seen::Present(found) = seen
            && self.owns(found) == Ownership::Stripped
        {
            let (changes, missing) = tags_back(&found.tags, &self.own_tags());
            return self.retag(arn, changes, TagStep::Set(missing));
        }
        let is_ours = tags_of(seen).is_some_and(|tags| ownership(tags, self.owner) == Ownership::Ours);
        if !is_ours || may_be_used {
            return Next::Done;
        }
        match seen {
            Seen::Listed(_) => Next::Read,
            // Looked at again with the next resync.
            Seen::Present(found) if found.content.is_in_use() => Next::Done,
            Seen::Present(_) => delete(id(self.kind, arn), arn).map(Action::from),
            Seen::Absent => Next::Done,
        }
    }

    /// What is left to do until the certificate is gone, which was used by `user`.
    pub fn removal(&self, arn: &str, seen: &SeenCertificate, user: &str) -> Next<Action> {
        let found = match seen {
            _ if !is_of(self.serves, seen) => return Next::Done,
            Seen::Absent => return Next::Done,
            Seen::Listed(_) => return Next::Read,
            Seen::Present(found) => found,
        };
        let read = Read {
            content: &found.content,
            tags: &found.tags,
            whose: self.owns(found),
        };
        removal(id(self.kind, arn), read, &self.own_tags(), user).map(Action::from)
    }

    /// The owner's tags, and what the certificate serves.
    fn own_tags(&self) -> Tags {
        let mut tags = self.owner.tags();
        tags.extend(
            self.serves
                .map(|serves| (TAG_SERVES.to_owned(), serves.to_owned())),
        );
        tags
    }

    fn retag(&self, arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
        let action = Action::Tag(TagCall::new(arn, step));
        Next::act(id(self.kind, arn), arn, Verb::Update, changes, action)
    }

    /// The time until ACM has seen the records that prove the names.
    pub fn pending(&self, content: &Content) -> Next<Action> {
        let is_late = content
            .requested_at
            .is_some_and(|since| self.pass.at.duration_since(since) > ISSUE_PATIENCE);
        let (what, retry_after) = if content.proofs.is_empty() {
            ("ACM prepares the request".to_owned(), RECORDS_RETRY)
        } else if is_late {
            (
                format!(
                    "ACM has not seen the records that prove its names for long: check that the name servers at the registrar, or \
                     in the parent domain, are those of {}, and that CAA records allow amazon.com",
                    self.fields.zone
                ),
                LATE_RETRY,
            )
        } else {
            (
                "ACM looks for the records that prove its names; this usually takes minutes".to_owned(),
                PENDING_RETRY,
            )
        };
        Next::Wait(Wait {
            id: id(self.kind, &content.arn),
            reason: Reason::CertificatePending,
            message: format!("certificate {}: {what}", content.arn),
            retry_after,
        })
    }

    /// A certificate that ACM has given up, or that is valid no more. Until another takes its place, it may still be shown.
    pub fn failed(&self, content: &Content) -> Problem {
        let Content { arn, status, .. } = content;
        let why = content
            .failure
            .as_ref()
            .map(|failure| format!(" ({failure})"))
            .unwrap_or_default();
        let region = self.region;
        let remedy = if content.is_in_use() {
            format!(
                "it is in use, so ACM keeps it: name an issued certificate of {region} for the same names in {}",
                self.fields.own
            )
        } else {
            format!(
                "check that the hosted zone is the one that the parent domain delegates to and that CAA records allow amazon.com, \
                 then have another requested by deleting it: aws acm delete-certificate --region {region} --certificate-arn {arn}"
            )
        };
        let message = format!("ACM says {status}{why} of certificate {arn}: {remedy}");
        Problem::new(id(self.kind, arn), Reason::CertificateFailed, message)
    }
}

fn is_of(serves: Option<&str>, seen: &SeenCertificate) -> bool {
    let tag = tags_of(seen).and_then(|tags| tags.get(TAG_SERVES));
    tag.is_none_or(|tag| Some(tag.as_str()) == serves)
}

/// The same for the same owner, names and attempt: after a lost answer ACM answers what it made.
fn token(wanted: &Desired, attempt: u32) -> String {
    hash::short(&(
        &wanted.owner.cluster,
        &wanted.owner.uid,
        wanted.tags.get(TAG_NAMES),
        attempt,
    ))
}

/// What is left to do until a certificate that was read is gone: `tags` are those that it should have, `user` is what has used it.
pub(in crate::domain) fn removal(id: Id, read: Read<'_>, tags: &Tags, user: &str) -> Next<Removal> {
    let arn = &read.content.arn;
    match read.whose {
        Ownership::Stripped => {
            let (changes, missing) = tags_back(read.tags, tags);
            let action = Removal::Tag(TagCall::setting(arn, missing));
            Next::act(id, arn, Verb::Update, changes, action)
        }
        Ownership::Ours | Ownership::Retained if read.content.is_in_use() => Next::Wait(Wait {
            id,
            reason: Reason::CertificateInUse,
            message: format!(
                "certificate {arn} is deleted once ACM sees that nothing uses it any more, some minutes after {user} is gone"
            ),
            retry_after: IN_USE_RETRY,
        }),
        Ownership::Ours | Ownership::Retained => delete(id, arn),
        Ownership::Condemned | Ownership::Foreign => Next::Done,
    }
}

fn delete(id: Id, arn: &str) -> Next<Removal> {
    Next::act(id, arn, Verb::Delete, vec![], Removal::Delete(arn.to_owned()))
}
