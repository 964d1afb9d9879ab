//! What a person is told of mutual TLS by events, besides what is told of every resource.

use super::EventNote;
use super::before::conditions;
use super::drift::{is_drift, is_rotating};
use super::of_step::done_note;
use crate::api::{AccessMode, MutualTlsStatus, ProtectedApi, ProtectedApiStatus};
use crate::controller::engine::{Done, Outcome};
use crate::domain::access::authorization::gate;
use crate::domain::kernel::identity::TAG_RETAINED;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::mutual_tls::desired::LIFE;
use crate::domain::mutual_tls::endpoint::{Action as OfEndpoint, Mark, Step as EndpointStep};
use crate::domain::mutual_tls::leaving::leaving;
use crate::domain::mutual_tls::pair::Pair;
use crate::domain::mutual_tls::words::lines_that_keep;
use crate::domain::mutual_tls::{client_certificate, opening, origin_domain};
use crate::domain::perimeter::plan::Action;
use crate::domain::status::conditions::is_locked_as_asked;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use std::collections::BTreeSet;

/// What a step of this mode's own is told as; marks and what makes a switch take effect are not.
pub(super) fn note(object: &ProtectedApi, outcome: &Outcome, done: &Done) -> Option<EventNote> {
    match &done.step.action {
        Action::ClientCertificate(action) => Some(of_certificate(object, outcome, done, action)),
        // `AccessRestricted` tells of it.
        Action::OriginDomain(origin_domain::Action::Tag(call)) if origin_domain::is_mark(call) => None,
        Action::OriginDomain(action) => Some(of_domain(object, outcome, done, action)),
        Action::Endpoint(action) => of_endpoint(object, outcome, done, action),
        _ => Some(done_note(object, outcome, done)),
    }
}

/// What was known of mutual TLS before the pass.
fn known(object: &ProtectedApi) -> Option<&MutualTlsStatus> {
    object.status.as_ref()?.access.as_ref()?.mutual_tls.as_ref()
}

fn of_certificate(
    object: &ProtectedApi,
    outcome: &Outcome,
    done: &Done,
    action: &client_certificate::Action,
) -> EventNote {
    match action {
        client_certificate::Action::Import { pair, .. } => {
            let is_next = known(object).is_some_and(|known| known.client_certificate_arn.is_some());
            imported(pair, is_next)
        }
        client_certificate::Action::Tag(call)
            if call.set().is_some_and(|tags| tags.contains_key(TAG_RETAINED)) =>
        {
            let told = done_note(object, outcome, done);
            let until = known(object).and_then(|known| known.client_certificate_not_after.as_ref());
            let until = until.map_or_else(
                || "120 days after it was made".to_owned(),
                |until| format!("at {until}"),
            );
            let note = format!(
                "{}; it expires {until}, and viewers are refused from then on",
                told.note
            );
            EventNote { note, ..told }
        }
        client_certificate::Action::Delete { arn } if is_strange(object, arn) => {
            let sentence = format!(
                "Deleted client certificate {arn}: it had this object's tags, and no import of it is recorded. The answer to one was lost, or \
                 somebody else imported it: then see who may call acm:ImportCertificate in us-east-1. CloudFront was not had show it, and \
                 its authority was not accepted"
            );
            EventNote::warning(Reason::CertificateNotOurs, "Delete", sentence)
        }
        client_certificate::Action::Tag(_) | client_certificate::Action::Delete { .. } => {
            done_note(object, outcome, done)
        }
    }
}

/// Whether status records imports, and none of this certificate.
fn is_strange(object: &ProtectedApi, arn: &str) -> bool {
    let records = known(object).map(|known| known.client_certificates.as_slice());
    let records = records.unwrap_or_default();
    !records.is_empty() && !records.iter().any(|record| record.arn == arn)
}

/// A serial number is no secret: callers and backends see it.
fn imported(pair: &Pair, is_next: bool) -> EventNote {
    let (reason, which) = if is_next {
        (Reason::Updated, "the next client certificate")
    } else {
        (Reason::Created, "a client certificate")
    };
    let sentence = format!(
        "Imported {which} into ACM, serial number {}, valid until {}: CloudFront shows it to the API once that is deployed",
        pair.serial,
        moment(pair.made_at + LIFE)
    );
    EventNote::normal(reason, "Import", sentence)
}

fn of_domain(
    object: &ProtectedApi,
    outcome: &Outcome,
    done: &Done,
    action: &origin_domain::Action,
) -> EventNote {
    let name = &done.step.name;
    match action {
        origin_domain::Action::Create { .. } => {
            let told = done_note(object, outcome, done);
            let note = format!(
                "{}, which asks for the perimeter's client certificate: CloudFront reaches the API by it",
                told.note
            );
            EventNote { note, ..told }
        }
        origin_domain::Action::Map { api_id, stage, .. } => {
            let reason = if is_drift(object, outcome, done) {
                Reason::DriftCorrected
            } else {
                Reason::Updated
            };
            let sentence = format!("Had custom domain name {name} lead to stage {stage} of API {api_id}");
            EventNote::normal(reason, "Update", sentence)
        }
        origin_domain::Action::Delete { .. } if stays_closed(object) => {
            let [switch, serve] = opening::commands(&gate(&object.spec.origin));
            let told = done_note(object, outcome, done);
            let note = format!(
                "{}. The API's default endpoint stays off, so nobody reaches the API. Its team opens it by: {switch} && {serve}",
                told.note
            );
            EventNote { note, ..told }
        }
        origin_domain::Action::Update { .. }
        | origin_domain::Action::Unmap { .. }
        | origin_domain::Action::Tag(_)
        | origin_domain::Action::Delete { .. } => done_note(object, outcome, done),
    }
}

/// Whether the object goes, and leaves the API's default endpoint off, as far as status tells.
fn stays_closed(object: &ProtectedApi) -> bool {
    let is_off = known(object).is_some_and(|known| known.default_endpoint_off);
    is_off && object.metadata.deletion_timestamp.is_some()
}

fn of_endpoint(
    object: &ProtectedApi,
    outcome: &Outcome,
    done: &Done,
    action: &OfEndpoint,
) -> Option<EventNote> {
    let origin = &object.spec.origin;
    let api = format!("default endpoint of API {}", gate(origin).api_id);
    let access = object.spec.access.as_ref();
    let name = access.and_then(|access| access.mutual_tls.as_ref());
    let name = name.map_or("the custom domain name", |wanted| wanted.origin_domain.as_str());
    match action {
        OfEndpoint::Switch { off: true } if is_drift(object, outcome, done) => Some(EventNote::warning(
            Reason::DriftCorrected,
            "Lock",
            format!(
                "Somebody had switched on the {api}, past the perimeter: switched it off again. Have the tool that declares the API keep it \
                 off. {}",
                lines_that_keep(&gate(origin))
            ),
        )),
        OfEndpoint::Switch { off: true } => Some(EventNote::normal(
            Reason::Updated,
            "Lock",
            format!(
                "Switched off the {api}: viewers come through {name}, which asks for the client certificate that CloudFront shows"
            ),
        )),
        OfEndpoint::Switch { off: false } if leaving(&object.spec, object.status.as_ref()).is_some() => {
            Some(EventNote::normal(
                Reason::Updated,
                "Lock",
                format!(
                    "Switched the {api} on again, since spec.access names another mode: CloudFront is led back to it once a probe shows \
                     that it answers"
                ),
            ))
        }
        OfEndpoint::Switch { off: false } => Some(EventNote::warning(
            Reason::ClientCertificateRefused,
            "PutBack",
            format!(
                "Switched the {api} on again, as before: a probe through the perimeter was refused once it was off"
            ),
        )),
        OfEndpoint::Mark {
            mark: Some(Mark {
                step: EndpointStep::Locked,
                ..
            }),
            ..
        } => Some(EventNote::normal(
            Reason::Locked,
            "Lock",
            format!(
                "Locked stage {}: it is reached only through {name}, with the perimeter's client certificate",
                origin.stage
            ),
        )),
        OfEndpoint::Mark { .. } | OfEndpoint::Publish { .. } | OfEndpoint::Touch { .. } => None,
    }
}

/// What is told, in whatever mode, once what CloudFront sends or shows to the API has been replaced.
pub(super) fn rotated(object: &ProtectedApi, after: &ProtectedApiStatus) -> Option<EventNote> {
    let mode = object.spec.access.as_ref().and_then(|access| access.mode);
    let (is_told, sentence) = match mode {
        Some(AccessMode::MutualTls) => (
            is_another_shown(object.status.as_ref(), after),
            "Replaced the client certificate that CloudFront shows; the earlier one is deleted once nothing uses it",
        ),
        _ => (
            is_another_sent(object, &after.conditions),
            "Replaced the secret value that CloudFront sends; the earlier one is accepted no more",
        ),
    };
    is_told.then(|| EventNote::normal(Reason::Rotated, "Rotate", sentence))
}

fn is_another_sent(object: &ProtectedApi, after: &[Condition]) -> bool {
    let is_over = !is_rotating(after) && is_locked_as_asked(after);
    is_rotating(conditions(object)) && is_over
}

/// Whether CloudFront shows a certificate everywhere since this pass, and showed another before: each is told once, whatever else goes
/// on with the rotation.
fn is_another_shown(before: Option<&ProtectedApiStatus>, after: &ProtectedApiStatus) -> bool {
    let shown = |status: Option<&ProtectedApiStatus>| -> BTreeSet<String> {
        let known = status.and_then(|status| status.access.as_ref()?.mutual_tls.as_ref());
        let records = known.into_iter().flat_map(|known| &known.client_certificates);
        let shown = records.filter(|record| record.was_shown);
        shown.map(|record| record.arn.clone()).collect()
    };
    let (before, after) = (shown(before), shown(Some(after)));
    !before.is_empty() && !after.is_subset(&before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AccessStatus, ImportedCertificateStatus};
    use crate::domain::kernel::secret::Secret;

    #[test]
    fn each_certificate_that_takes_the_place_of_another_is_told_once() {
        let status = |shown: &[(&str, bool)]| {
            let records = shown.iter().map(|(arn, was_shown)| ImportedCertificateStatus {
                arn: (*arn).to_owned(),
                was_shown: *was_shown,
                ..ImportedCertificateStatus::default()
            });
            let known = MutualTlsStatus {
                client_certificates: records.collect(),
                ..MutualTlsStatus::default()
            };
            ProtectedApiStatus {
                access: Some(AccessStatus {
                    mutual_tls: Some(known),
                    ..AccessStatus::default()
                }),
                ..ProtectedApiStatus::default()
            }
        };
        let told = |before: &[(&str, bool)], after: &[(&str, bool)]| {
            is_another_shown(Some(&status(before)), &status(after))
        };
        assert!(!told(&[], &[("a", true)]), "the first one takes no place");
        assert!(!told(&[("a", true)], &[("a", true), ("b", false)]));
        assert!(told(&[("a", true), ("b", false)], &[("a", true), ("b", true)]));
        assert!(!told(&[("a", true), ("b", true)], &[("b", true)]));
    }

    #[test]
    fn a_default_endpoint_stays_off_where_the_lock_came_so_far_that_it_is() {
        let object = |is_off: Option<bool>, is_leaving: bool| -> ProtectedApi {
            let status = is_off.map(|is_off| {
                serde_json::json!({"access": {"verifiedAt": "", "mutualTls": {"defaultEndpointOff": is_off}}})
            });
            serde_json::from_value(serde_json::json!({
                "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
                "metadata": {"name": "petstore", "deletionTimestamp": is_leaving.then_some("2026-01-01T00:00:00Z")},
                "spec": {"origin": {
                    "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
                }},
                "status": status,
            }))
            .unwrap()
        };
        assert!(stays_closed(&object(Some(true), true)));
        assert!(!stays_closed(&object(Some(false), true)), "as under Observe");
        assert!(!stays_closed(&object(None, true)));
        assert!(!stays_closed(&object(Some(true), false)));
    }

    #[test]
    fn an_imported_certificate_is_told_by_its_serial_number_and_until_when_it_is_valid_and_never_with_its_key()
     {
        let pair = Pair {
            ca: "ca".to_owned(),
            leaf: "leaf".to_owned(),
            key: Secret::new("hidden"),
            serial: "5a01".to_owned(),
            made_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        let first = imported(&pair, false);
        assert_eq!((first.reason, first.warning), (Reason::Created, false));
        assert!(
            first.note.contains("5a01") && first.note.contains("2026-05-01"),
            "{first:?}"
        );
        assert!(!first.note.contains("hidden"), "{first:?}");
        let next = imported(&pair, true);
        assert_eq!(next.reason, Reason::Updated);
        assert!(next.note.contains("the next client certificate"), "{next:?}");
    }
}
