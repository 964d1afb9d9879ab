//! Until when the certificate is valid that `spec.distribution.certificateArn` names. Whoever requested or imported it renews it.

use super::certificate::Content;
use super::names::Seen;
use crate::api::{NamedCertificateStatus, NamesStatus};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};

/// So long before it expires people are told. What ACM renews by itself it renews 60 days before.
const AHEAD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// ACM's word for a certificate that was valid.
const EXPIRED: &str = "EXPIRED";
/// Status holds no more of why it could not be read.
const LONGEST: usize = 1_000;

/// What is known of the certificate `arn`: as it was read in this pass, else as status remembers it.
#[must_use]
pub fn known<'a>(
    arn: &str,
    seen: &'a Seen,
    remembered: Option<&'a NamesStatus>,
) -> Option<&'a NamedCertificateStatus> {
    let remembered = remembered.and_then(|names| names.named_certificate.as_ref());
    let all = [seen.named_certificate.as_ref(), remembered];
    all.into_iter().flatten().find(|known| known.arn == arn)
}

/// What is to be remembered of a certificate that was read.
#[must_use]
pub fn read(content: &Content) -> NamedCertificateStatus {
    NamedCertificateStatus {
        arn: content.arn.clone(),
        status: Some(content.status.clone()),
        not_after: content.not_after.map(moment),
        unread: None,
    }
}

/// What is to be remembered of a certificate that could not be read: beside why, what was known before.
#[must_use]
pub fn unread(arn: &str, before: Option<&NamedCertificateStatus>, why: &str) -> NamedCertificateStatus {
    NamedCertificateStatus {
        arn: arn.to_owned(),
        unread: Some(why.chars().take(LONGEST).collect()),
        ..before.cloned().unwrap_or_default()
    }
}

/// What people have to know of it `now`, and why; `None` of one that is valid for long.
#[must_use]
pub fn told(known: &NamedCertificateStatus, now: Timestamp) -> Option<(Reason, String)> {
    let arn = &known.arn;
    let at = known.not_after.as_deref();
    let left = at
        .and_then(|at| at.parse::<Timestamp>().ok())
        .map(|end| end.duration_since(now));
    if known.status.as_deref() == Some(EXPIRED) || left.is_some_and(|left| left <= SignedDuration::ZERO) {
        let since = at.map(|at| format!(" at {at}")).unwrap_or_default();
        let message = format!(
            "certificate {arn} expired{since}, and viewers who ask by the aliases get TLS errors: name an issued certificate of \
             us-east-1 that covers every alias in spec.distribution.certificateArn. One that was imported again or renewed is seen \
             with the next full read (--deep-resync), or at once when the annotation palisade.dev/look is changed"
        );
        return Some((Reason::CertificateExpired, message));
    }
    if let Some(at) = at.filter(|_| left.is_some_and(|left| left <= AHEAD)) {
        let message = format!(
            "certificate {arn} expires at {at}, and viewers who ask by the aliases get TLS errors from then on: renew it or import it \
             again in ACM, or name another in spec.distribution.certificateArn"
        );
        return Some((Reason::CertificateExpires, message));
    }
    let why = known.unread.as_ref()?;
    let message = format!("nobody watches when certificate {arn} expires, since it could not be read: {why}");
    Some((Reason::CertificateNotRead, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn issued() -> NamedCertificateStatus {
        NamedCertificateStatus {
            arn: "arn:aws:acm:us-east-1:111122223333:certificate/1".to_owned(),
            status: Some("ISSUED".to_owned()),
            not_after: Some("2026-03-31T12:00:00Z".to_owned()),
            unread: None,
        }
    }

    fn reason(known: &NamedCertificateStatus, now: &str) -> Option<Reason> {
        told(known, at(now)).map(|(reason, _)| reason)
    }

    #[test]
    fn a_certificate_is_told_of_thirty_days_before_it_expires_and_from_then_on() {
        let issued = issued();
        assert_eq!(reason(&issued, "2026-03-01T11:59:59Z"), None);
        for now in ["2026-03-01T12:00:00Z", "2026-03-31T11:59:59Z"] {
            assert_eq!(reason(&issued, now), Some(Reason::CertificateExpires), "{now}");
        }
        assert_eq!(
            reason(&issued, "2026-03-31T12:00:00Z"),
            Some(Reason::CertificateExpired)
        );
    }

    #[test]
    fn acms_word_that_it_expired_counts_whatever_the_date_says() {
        let expired = NamedCertificateStatus {
            status: Some(EXPIRED.to_owned()),
            not_after: None,
            ..issued()
        };
        assert_eq!(
            reason(&expired, "2026-01-01T00:00:00Z"),
            Some(Reason::CertificateExpired)
        );
    }

    #[test]
    fn one_that_could_not_be_read_is_told_of_and_what_was_known_before_still_counts() {
        let arn = issued().arn;
        let never = unread(&arn, None, "denied");
        let (found, message) = told(&never, at("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(found, Reason::CertificateNotRead);
        assert!(message.contains(&arn) && message.ends_with("denied"), "{message}");
        let later = unread(&arn, Some(&issued()), "denied");
        assert_eq!(
            reason(&later, "2026-04-01T00:00:00Z"),
            Some(Reason::CertificateExpired)
        );
    }

    #[test]
    fn a_message_stays_the_same_while_nothing_changes() {
        let issued = issued();
        let [one, other] = ["2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z"].map(|now| told(&issued, at(now)));
        assert_eq!(one, other);
    }
}
