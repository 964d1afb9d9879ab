//! What is worth knowing of mutual TLS that stands as wanted.

use crate::domain::kernel::observing::Seen as SeenOne;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::client_certificate::{self, Standing};
use crate::domain::mutual_tls::shared_certificate::{self, Shared};
use crate::domain::mutual_tls::{Desired, Inputs, Seen};
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed;

/// What is worth knowing of custom domain name or client certificates, with the reason under which it is told; `None` where that was not
/// read.
pub(in crate::domain::status) fn of_kind(
    kind: Kind,
    desired: &DesiredAll,
    observed: &Observed,
) -> Option<Vec<(Reason, String)>> {
    let (reason, told) = match kind {
        Kind::ClientCertificate => {
            let inputs = observed.mutual_tls_inputs(Some(desired));
            (Reason::CertificateNotOurs, strangers(&inputs)?)
        }
        _ => (Reason::TruststoreWarned, warnings(&observed.mutual_tls)?),
    };
    Some(told.into_iter().map(|told| (reason, told)).collect())
}

/// With how many objects this one shares the certificate of the origin's name, as a clause.
pub(super) fn sharing(inputs: &Inputs<'_>) -> Option<String> {
    let shared = Shared::of(inputs.desired?)?;
    let with = match inputs.shared_by_others {
        0 => "no other object shares it".to_owned(),
        1 => "one other object shares it".to_owned(),
        count => format!("{count} other objects share it"),
    };
    let serves = match shared_certificate::current_arn(inputs) {
        Some(arn) => format!("; its certificate is {arn}, of {}: {with}", shared.wildcard()),
        None => format!("; its certificate is to be one of {}: {with}", shared.wildcard()),
    };
    Some(serves)
}

/// What API Gateway minds about the truststore, as it told when it took that; `None` where the custom domain name was not read.
fn warnings(seen: &Seen) -> Option<Vec<String>> {
    let found = match &seen.domain {
        SeenOne::Present(found) => &found.content,
        SeenOne::Listed(None) | SeenOne::Absent if !seen.is_unread => return Some(vec![]),
        SeenOne::Listed(_) | SeenOne::Absent => return None,
    };
    let told = (!found.warnings.is_empty()).then(|| {
        format!(
            "API Gateway warns of the truststore of custom domain name {}: {}. Where ViewerAccessVerified is \
             False, change the annotation palisade.dev/rotate: another client certificate with its CA is made",
            found.name,
            found.warnings.join("; ")
        )
    });
    Some(told.into_iter().collect())
}

/// Client certificates that others made: with this object's tags, or in the place of one that Palisade imported; `None` where one that may
/// be such was not read.
fn strangers(inputs: &Inputs<'_>) -> Option<Vec<String>> {
    let newest = client_certificate::newest(inputs).map(|newest| newest.arn);
    let mut all = inputs.seen.client_certificates.iter();
    let is_unread = all.any(|(arn, seen)| matches!(seen, SeenOne::Listed(_)) && Some(arn) != newest);
    if inputs.seen.is_unread || is_unread {
        return None;
    }
    let read = inputs
        .seen
        .client_certificates
        .values()
        .filter_map(SeenOne::present);
    let told = read.filter_map(|found| {
        let arn = &found.content.arn;
        if client_certificate::is_strange(inputs, found) {
            return Some(format!(
                "client certificate {arn} has this object's tags, and Palisade did not import it, or the answer to that was lost: CloudFront \
                 never shows it, and its authority is not accepted. It is deleted once nothing uses it. Where more than one comes, see \
                 who may call acm:ImportCertificate in us-east-1"
            ));
        }
        let standing = client_certificate::standing(inputs, found);
        (standing == Standing::Replaced).then(|| {
            format!(
                "somebody has imported another certificate in the place of client certificate {arn}: nobody gets in with it, since its \
                 authority is not accepted, and CloudFront may be refused until the next one, which is made at once, takes its place \
                 (ViewerAccessVerified). See who may call acm:ImportCertificate in us-east-1"
            )
        })
    });
    Some(told.collect())
}

/// A mapping with a key is part of the path that API Gateway gives a REST API's functions.
pub(in crate::domain::status) fn stage_in_path(desired: Option<&Desired>) -> Option<String> {
    let desired = desired.filter(|desired| desired.is_rest() && !desired.mapping_key.is_empty())?;
    let stage = &desired.mapping_key;
    Some(format!(
        "viewers write the stage in their path, so event.path of the API's functions begins with /{stage}, which the default endpoint \
         leaves out. Where a backend reads it, have it take off /{stage}, or set spec.origin.path to /{stage} once viewers leave the \
         stage out"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ProtectedApiSpec;
    use crate::domain::access::asked::gate;
    use crate::domain::kernel::identity::{Owner, Tags};
    use crate::domain::mutual_tls::desired::desired;
    use crate::domain::mutual_tls::origin_domain::Listed;

    fn declared(origin: &str) -> Desired {
        let spec = format!(
            "origin: {{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, {origin}}}\n\
             access: {{mode: MutualTls, mutualTls: {{hostedZoneId: Z1, originDomain: origin.example.com, truststoreBucket: b}}}}"
        );
        let spec: ProtectedApiSpec = serde_yaml::from_str(&spec).unwrap();
        let owner = Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "u".into(),
            taken: None,
        };
        desired(&spec, &owner, &gate(&spec.origin), None, &Tags::new()).unwrap()
    }

    #[test]
    fn it_is_told_where_the_functions_of_a_rest_api_see_another_path() {
        for (origin, is_told) in [
            ("type: REST, stage: prod", true),
            ("type: REST, stage: prod, path: /prod", false),
            ("type: HTTP, stage: live", false),
        ] {
            let told = stage_in_path(Some(&declared(origin)));
            assert_eq!(told.is_some(), is_told, "{origin}");
            assert!(told.is_none_or(|told| told.contains("spec.origin.path to /prod")));
        }
        assert_eq!(stage_in_path(None), None);
    }

    #[test]
    fn nothing_is_said_of_a_truststore_of_which_nothing_was_read() {
        let mut seen = Seen::default();
        assert_eq!(warnings(&seen), Some(vec![]), "there is no domain name");
        seen.is_unread = true;
        assert_eq!(warnings(&seen), None);
        seen.is_unread = false;
        seen.domain = SeenOne::Listed(Some(Listed {
            arn: "arn:aws:apigateway:eu-north-1::/domainnames/origin.example.com".into(),
            tags: None,
        }));
        assert_eq!(warnings(&seen), None);
    }
}
