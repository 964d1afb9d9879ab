//! The certificate that CloudFront shows to its origin, in us-east-1.

use super::certificate;
use super::update::{Update, found};
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::edge::certificate::{Content, ISSUED, tags_in};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Id;
use crate::domain::mutual_tls::client_certificate::{Action, Listed, Observed, id_of};
use crate::domain::mutual_tls::desired::LIFE;
use crate::domain::mutual_tls::pair::Pair;
use crate::domain::perimeter::observed::Observed as Everything;
use jiff::Timestamp;

type SeenClient = Seen<Listed, Observed>;

/// Reads one of them, with what it and its CA are.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    id: &Id,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut known = everything.mutual_tls.client_certificates.iter();
    let Some((arn, seen)) = known.find(|(arn, _)| id_of(arn) == *id) else {
        return Ok(Update::Nothing);
    };
    let tags = tags_in(seen, |found| &found.tags);
    let read = read(cloud, arn, tags).await?;
    Ok(Update::ClientCertificate(arn.clone(), read))
}

async fn read(cloud: &dyn Cloud, arn: &str, tags: Option<&Tags>) -> Result<SeenClient, CloudError> {
    let (described, got, tags) = tokio::try_join!(
        async { found(cloud.describe_certificate(arn.to_owned()).await) },
        async { found(cloud.get_certificate(arn.to_owned()).await) },
        certificate::tags(cloud, arn, tags),
    )?;
    let (Some(content), Some((leaf, ca)), Some(tags)) = (described, got, tags) else {
        return Ok(Seen::Absent);
    };
    Ok(Seen::Present(Observed {
        content,
        leaf,
        ca,
        tags,
    }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    match action {
        Action::Import {
            pair,
            tags,
            shuts_out_former,
        } => {
            let found = import(cloud, pair, tags, everything.pass.at).await?;
            Ok(Update::Imported(found, *shuts_out_former))
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => Ok(Update::Nothing),
        Action::Delete { arn } => Ok(if certificate::delete(cloud, arn).await? {
            Update::ClientCertificate(arn.clone(), Seen::Absent)
        } else {
            Update::CertificateStays(arn.clone())
        }),
    }
}

/// Whatever is answered after it: once ACM has the certificate, its ARN must not be lost.
async fn import(cloud: &dyn Cloud, pair: &Pair, tags: &Tags, at: Timestamp) -> Result<Observed, CloudError> {
    let arn = cloud
        .import_certificate(Box::new(pair.clone()), tags.clone())
        .await?;
    let described = cloud.describe_certificate(arn.clone()).await;
    let content = described.unwrap_or_else(|_| imported(&arn, pair, at));
    Ok(Observed {
        content,
        leaf: pair.leaf.clone(),
        ca: pair.ca.clone(),
        tags: tags.clone(),
    })
}

/// What ACM will say of it. A pair may have waited for days before it was imported.
fn imported(arn: &str, pair: &Pair, at: Timestamp) -> Content {
    Content {
        arn: arn.to_owned(),
        status: ISSUED.to_owned(),
        failure: None,
        proofs: vec![],
        in_use_by: vec![],
        not_before: Some(pair.made_at),
        is_for_clients: true,
        requested_at: Some(at),
        not_after: pair.made_at.checked_add(LIFE).ok(),
        names: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::{Answer, Call};
    use crate::domain::kernel::identity::Owner;
    use crate::domain::kernel::secret::Secret;
    use async_trait::async_trait;
    use jiff::SignedDuration;

    const ARN: &str = "arn:aws:acm:us-east-1:111122223333:certificate/c";

    /// Imports, and answers nothing else.
    struct Importing;

    #[async_trait]
    impl Cloud for Importing {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            match call {
                Call::ImportCertificate { .. } => Ok(Answer::ImportCertificate(ARN.to_owned())),
                call => Err(CloudError::new(call.operation(), "ServiceUnavailable", "no")),
            }
        }
    }

    fn pair() -> Pair {
        Pair {
            ca: "ca".into(),
            leaf: "leaf".into(),
            key: Secret::new("the private key"),
            serial: "1".into(),
            made_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn a_certificate_that_acm_has_is_known_whatever_is_answered_after_the_import_and_its_pair_goes() {
        let mut everything = Everything::of(Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        });
        everything.mutual_tls.pair = Some(pair());
        everything.pass.at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(50);
        let action = Action::Import {
            pair: Box::new(pair()),
            tags: Tags::new(),
            shuts_out_former: true,
        };
        let update = apply(&Importing, &action, &everything).await.unwrap();
        update.absorb_into(&mut everything);
        let seen = everything.mutual_tls.client_certificates[ARN].present().unwrap();
        assert_eq!((seen.leaf.as_str(), seen.ca.as_str()), ("leaf", "ca"));
        assert!(seen.content.not_after.is_some());
        assert_eq!(
            seen.content.requested_at,
            Some(everything.pass.at),
            "the pair had waited"
        );
        assert_eq!(everything.mutual_tls.pair, None);
        let [record] = &everything.mutual_tls.imported[..] else {
            panic!("its import is recorded");
        };
        assert_eq!(record.arn, ARN);
        assert!(record.shuts_out_former && !record.shut_out);
        assert_eq!((record.leaf_hash.len(), record.ca_hash.len()), (32, 32));
        // ACM does not say what keeps it, and no distribution is known.
        Update::CertificateStays(ARN.to_owned()).absorb_into(&mut everything);
        let kept = everything.mutual_tls.client_certificates[ARN].present().unwrap();
        assert_eq!(kept.content.in_use_by, ["a resource that ACM does not name"]);
    }

    #[test]
    fn a_private_key_is_in_no_call_as_it_is_shown() {
        let call = Call::ImportCertificate {
            pair: Box::new(pair()),
            tags: Tags::new(),
        };
        let shown = format!("{call:?} {call:#?}");
        assert!(!shown.contains("the private key"), "{shown}");
    }
}
