//! Marks of a default endpoint at which viewers were refused, that the custom domain name does not bear: this process remembers them,
//! so that the endpoint is not switched off and on again and again.

use super::Engine;
use super::endpoint_hanging::Hanging;
use super::endpoint_touches::Touches;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::mutual_tls::endpoint::{Action as EndpointAction, Mark, Step, TAG_LOCK, mark_of};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Action;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What this process remembers of marks, until it ends.
#[derive(Debug, Default)]
pub struct EndpointMarks {
    /// Those that are not written, by UID.
    unwritten: Mutex<HashMap<String, Unwritten>>,
    /// What those of other clusters told.
    pub(super) hanging: Hanging,
    /// How often stages were touched in vain.
    pub(super) touches: Touches,
}

/// A mark that is not written.
#[derive(Debug, Clone)]
struct Unwritten {
    /// What the tag says in its place.
    upon: Option<String>,
    mark: Mark,
}

impl EndpointMarks {
    /// Forgets what is written now.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    /// Forgets an object that is gone.
    pub(in crate::controller) fn forget_object(&self, uid: &str) {
        self.forget(uid);
        self.touches.forget(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Unwritten>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers it, and lets it take the place of the one that was read.
    fn note(&self, observed: &mut Observed, mark: Mark) {
        let uid = observed.owner.uid.clone();
        let Some(tags) = tags_mut(observed) else { return };
        let read = tags.insert(TAG_LOCK.to_owned(), mark.tag());
        let mut all = self.lock();
        // What took the place of another was not read.
        let known = all.get(&uid).filter(|known| read == Some(known.mark.tag()));
        let upon = known.map_or_else(|| read.clone(), |known| known.upon.clone());
        all.insert(uid, Unwritten { upon, mark });
    }

    /// Lets what is remembered take the place of the mark that was read, as long as that is the one that it came after.
    fn recall(&self, observed: &mut Observed) {
        let uid = observed.owner.uid.clone();
        let is_read = observed.mutual_tls.domain.present().is_some();
        let mut all = self.lock();
        let Some(known) = all.get(&uid) else { return };
        let Some(tags) = tags_mut(observed) else { return };
        let (tag, text) = (tags.get(TAG_LOCK), known.mark.tag());
        if tag == known.upon.as_ref() {
            tags.insert(TAG_LOCK.to_owned(), text);
        } else if is_read && tag != Some(&text) {
            all.remove(&uid);
        }
    }
}

impl Engine {
    /// Remembers a mark of a refusal that AWS did not take.
    pub(super) fn note_endpoint_mark(&self, observed: &mut Observed, action: &Action) {
        if let Action::Endpoint(EndpointAction::Mark { mark: Some(mark), .. }) = action
            && matches!(mark.step, Step::Refused | Step::Back)
        {
            self.endpoint_marks.note(observed, mark.clone());
        }
    }

    /// Remembers that viewers were refused, where the endpoint was switched on again for that and no mark says so yet: nobody may
    /// switch it off for want of that.
    pub(super) fn note_endpoint_put_back(&self, observed: &mut Observed, now: Timestamp) {
        let mark = tags_mut(observed).and_then(|tags| mark_of(tags));
        if let Some(mark) = mark.filter(|mark| mark.step == Step::Trying) {
            let refused = Mark {
                step: Step::Refused,
                since: now,
                count: mark.count.saturating_add(1),
                reopened: mark.reopened,
                deployment: None,
            };
            self.endpoint_marks.note(observed, refused);
        }
    }

    /// Lets what is remembered take the place of the mark that was read.
    pub(super) fn recall_endpoint_mark(&self, observed: &mut Observed) {
        self.endpoint_marks.recall(observed);
        let rests = self.endpoint_marks.touches.rest(&observed.owner.uid);
        if let Seen::Present(found) = &mut observed.mutual_tls.endpoint {
            found.rests = rests;
        }
    }
}

/// The tags of the custom domain name, as it was read or as a list shows it.
fn tags_mut(observed: &mut Observed) -> Option<&mut Tags> {
    match &mut observed.mutual_tls.domain {
        Seen::Present(found) => Some(&mut found.tags),
        Seen::Listed(Some(row)) => row.tags.as_mut(),
        Seen::Listed(None) | Seen::Absent => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::identity::Owner;
    use crate::domain::mutual_tls::origin_domain::Listed;

    /// An object whose domain name bears that mark, as a list shows it.
    fn seen(tag: &str) -> Observed {
        let mut observed = Observed::of(Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        });
        observed.mutual_tls.domain = Seen::Listed(Some(Listed {
            arn: "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com".into(),
            tags: Some(Tags::from([(TAG_LOCK.to_owned(), tag.to_owned())])),
        }));
        observed
    }

    fn tag_of(observed: &mut Observed) -> String {
        tags_mut(observed).unwrap()[TAG_LOCK].clone()
    }

    #[test]
    fn a_mark_that_was_not_written_counts_until_another_one_is() {
        let marks = EndpointMarks::default();
        let trying = "trying.1767225600.0.0";
        let refused = Mark {
            count: 1,
            ..Mark::new(Step::Refused, Timestamp::UNIX_EPOCH)
        };
        let mut first = seen(trying);
        marks.note(&mut first, refused.clone());
        assert_eq!(tag_of(&mut first), refused.tag());
        let back = Mark {
            step: Step::Back,
            ..refused
        };
        marks.note(&mut first, back.clone());

        let mut later = seen(trying);
        marks.recall(&mut later);
        assert_eq!(tag_of(&mut later), back.tag());
        // It may have been written all the same.
        let mut written = seen(&back.tag());
        marks.recall(&mut written);
        assert_eq!(tag_of(&mut written), back.tag());
        let another = "trying.1767229200.1.0";
        let mut other = seen(another);
        marks.recall(&mut other);
        assert_eq!(tag_of(&mut other), another);
        marks.forget("u");
        let mut last = seen(trying);
        marks.recall(&mut last);
        assert_eq!(tag_of(&mut last), trying);
    }
}
