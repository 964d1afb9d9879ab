//! Whose the resources of an object are: its own, or those of an object of its name that is gone, which it goes on with.
//!
//! Status says by which UID it goes on; whoever may write status could name anybody's there. So that UID is believed only once tags in
//! AWS, which name the object's namespace and name with it, have proven it to this process.

use super::Engine;
use super::departed::Departed;
use super::subject::{Stop, Subject};
use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::perimeter::former::{chosen, former_uid, left_by_namesakes, proves, unnamed, unproven};
use crate::domain::signer::role;
use crate::domain::status::identifiers::{names_any, outputs};

impl Engine {
    /// The owner that the object's resources are named and tagged after. Where nothing stands for it yet, an earlier object of its name
    /// may have left something: the tags tell, which are read from the distribution itself, since the list of tags lags.
    ///
    /// # Errors
    /// What tells could not be read, or does not prove what status says: nothing may be built beside what may stand already, and nothing
    /// of another object touched.
    pub(super) async fn keeper(&self, subject: &Subject<'_>) -> Result<Owner, Stop> {
        let own = own(self.owner(subject.object), subject.object);
        let status = subject.object.status.as_ref();
        if let Some(former) = claimed(status, &own)
            && let Some(owner) = self.proven_as(&own, former, status).await?
        {
            return Ok(owner);
        }
        let is_known = claimed(status, &own).is_none() && status.is_some_and(names_any);
        if is_known || subject.rivalry.is_some() || self.permit(subject).is_err() {
            return Ok(own);
        }
        let spec = &subject.object.spec;
        let (left, _) = self
            .inventory
            .observe_what_is_read(self.max_age(false), |listing| {
                left_by_namesakes(spec, &own, listing)
            })
            .await?;
        let cloud: &dyn Cloud = &self.patient();
        let mut found = Vec::new();
        for row in left {
            let Some(tags) = present(cloud.list_distribution_tags(row.arn).await)? else {
                continue;
            };
            if let Some(uid) = former_uid(&tags, &own) {
                if let Some(refused) = unnamed(spec, &row.id, &tags) {
                    return Err(refused.into());
                }
                found.push((uid, row.enabled));
            }
        }
        Ok(match chosen(found) {
            Some(uid) => {
                self.proven.note(&own.uid, &uid);
                Owner { uid, ..own }
            }
            None => own,
        })
    }

    /// Whether status says that `object` goes on by a UID that is not its own, and nothing has proven that to this process yet.
    pub(super) fn is_unproven(&self, object: &ProtectedApi) -> bool {
        let own = own(self.owner(object), object);
        let former = claimed(object.status.as_ref(), &own);
        former.is_some_and(|former| !self.proven.has(&own.uid, former))
    }

    /// `departed`, with the owner that is proven: what stands under the UID in its status, or else under its own.
    ///
    /// # Errors
    /// What tells could not be read, or does not prove what status says.
    pub(super) async fn proven_departed(&self, departed: &Departed) -> Result<Departed, Failure> {
        let own = Owner {
            uid: departed.uid.clone(),
            ..departed.owner.clone()
        };
        let status = Some(&departed.previous);
        let owner = match claimed(status, &own) {
            Some(former) => self.proven_as(&own, former, status).await,
            None => Ok(None),
        };
        match owner {
            Ok(owner) => Ok(Departed {
                owner: owner.unwrap_or(own),
                ..departed.clone()
            }),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Rejected(refused)) => Err(Failure {
                id: None,
                kind: ErrorKind::Terminal,
                reason: refused.reason,
                message: refused.message,
            }),
        }
    }

    /// The owner by the UID `former`, as the distribution's tags or the role's prove it; `None` where nothing stands by it, or the
    /// distribution is the object's own.
    async fn proven_as(
        &self,
        own: &Owner,
        former: &str,
        status: Option<&ProtectedApiStatus>,
    ) -> Result<Option<Owner>, Stop> {
        let owner = Owner {
            uid: former.to_owned(),
            ..own.clone()
        };
        if self.proven.has(&own.uid, former) {
            return Ok(Some(owner));
        }
        let cloud: &dyn Cloud = &self.patient();
        let distribution = match status.and_then(|status| outputs(status).distribution_id) {
            Some(id) => {
                let arn = format!("arn:aws:cloudfront::{}:distribution/{id}", self.account);
                present(cloud.list_distribution_tags(arn).await)?
            }
            None => None,
        };
        let is_proof = |tags: &Option<Tags>| tags.as_ref().is_some_and(|tags| proves(tags, &owner));
        let mut is_proven = is_proof(&distribution);
        if !is_proven {
            // It outlives the distribution, and where that has lost its tags the role's tell.
            let role = cloud.get_role(owner.resource_name(role::NAME_LIMIT)).await;
            let role = present(role)?.map(|role| role.tags);
            is_proven = is_proof(&role);
            let is_own = distribution.as_ref().is_some_and(|tags| proves(tags, own));
            let is_nothing = distribution.is_none() && role.is_none();
            if !is_proven && (is_own || is_nothing) {
                return Ok(None);
            }
        }
        if !is_proven {
            return Err(unproven(&owner).into());
        }
        self.proven.note(&own.uid, former);
        Ok(Some(owner))
    }
}

/// `owner` by the UID of `object` itself.
pub(super) fn own(owner: Owner, object: &ProtectedApi) -> Owner {
    Owner {
        uid: object.metadata.uid.clone().unwrap_or_default(),
        ..owner
    }
}

/// The UID by which status says that the object goes on, where it is not its own.
fn claimed<'a>(status: Option<&'a ProtectedApiStatus>, own: &Owner) -> Option<&'a str> {
    let former = status?.perimeter_uid.as_deref()?;
    (former != own.uid).then_some(former)
}

/// What was read; `None` where it is not there.
fn present<T>(read: Result<T, CloudError>) -> Result<Option<T>, CloudError> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
