//! Which viewers, names, distribution and so on: the words beside each part of the picture.

use crate::api::{AccessMode, CostStatus, ProtectedApiSpec, ProtectedApiStatus, StatusNote};
use crate::domain::kernel::endpoint::region_and_id;
use jiff::Timestamp;

pub(super) fn names(spec: &ProtectedApiSpec, status: &ProtectedApiStatus) -> String {
    let distribution = spec.distribution.clone().unwrap_or_default();
    let aliases = distribution.aliases.filter(|aliases| !aliases.is_empty());
    let Some(aliases) = aliases else {
        return "no aliases: viewers use the distribution's own name".to_owned();
    };
    let is_ours = distribution.hosted_zone_id.is_some() || distribution.request_certificate == Some(true);
    let whose = (!is_ours).then(|| "DNS and certificate are yours".to_owned());
    let certificate = status
        .names
        .as_ref()
        .and_then(|names| names.certificate_status.as_ref());
    let certificate = certificate.map(|certificate| format!("certificate {certificate}"));
    listed([Some(aliases.join(", ")), certificate, whose])
}

pub(super) fn distribution(status: &ProtectedApiStatus) -> String {
    let Some(found) = &status.distribution else {
        return "no distribution yet".to_owned();
    };
    let shield = status
        .shield
        .as_ref()
        .and_then(|shield| shield.automatic_response.as_ref());
    listed([
        Some(found.id.clone()),
        Some(found.domain_name.clone()),
        Some(found.state.clone()),
        shield.map(|response| format!("Shield's automatic response {response}")),
    ])
}

pub(super) fn web_acl(status: &ProtectedApiStatus) -> String {
    match &status.web_acl {
        None => "no web ACL yet".to_owned(),
        Some(found) => match found.capacity {
            Some(capacity) => format!("{}, {capacity} of 5,000 capacity units", found.id),
            None => found.id.clone(),
        },
    }
}

/// What the perimeter shows to the API: its name, and which one.
pub(super) fn proof(spec: &ProtectedApiSpec, status: &ProtectedApiStatus) -> (&'static str, String) {
    let access = spec.access.as_ref();
    let mode = access.and_then(|access| access.mode);
    match mode.unwrap_or_default() {
        AccessMode::SigV4 => ("Signer", signer(status)),
        AccessMode::ApiKey => ("API key", "sent by CloudFront alone".to_owned()),
        AccessMode::SecretHeader => {
            let header = access.and_then(|access| access.secret_header.as_ref());
            let name = header.and_then(|header| header.name.clone());
            (
                "Header",
                listed([name, Some("sent by CloudFront alone".to_owned())]),
            )
        }
        AccessMode::MutualTls => ("Certificate", client_certificate(spec, status)),
    }
}

/// The client certificate that CloudFront shows, and by which name it reaches the API.
fn client_certificate(spec: &ProtectedApiSpec, status: &ProtectedApiStatus) -> String {
    let access = spec.access.as_ref();
    let origin = access.and_then(|access| access.mutual_tls.as_ref());
    let origin = origin.map(|wanted| format!("asked for by {}", wanted.origin_domain));
    let known = status
        .access
        .as_ref()
        .and_then(|access| access.mutual_tls.as_ref());
    let arn = known.and_then(|known| known.client_certificate_arn.as_ref());
    let Some(arn) = arn else {
        return listed([Some("no client certificate yet".to_owned()), origin]);
    };
    let end = known.and_then(|known| known.client_certificate_not_after.as_ref());
    let day = |end: &String| {
        let end: Timestamp = end.parse().ok()?;
        Some(format!("valid until {}", end.strftime("%Y-%m-%d")))
    };
    let id = arn.rsplit('/').next().unwrap_or(arn).to_owned();
    listed([Some(id), end.and_then(day), origin])
}

fn signer(status: &ProtectedApiStatus) -> String {
    let Some(found) = &status.signer else {
        return "no function yet".to_owned();
    };
    let arn = found.version_arn.as_ref().unwrap_or(&found.function_arn);
    // The last parts of an ARN are the function's name and version.
    arn.splitn(7, ':').last().unwrap_or(arn).to_owned()
}

pub(super) fn api(spec: &ProtectedApiSpec, status: &ProtectedApiStatus) -> String {
    let origin = &spec.origin;
    let (region, id) = region_and_id(&origin.endpoint).unwrap_or(("", origin.endpoint.as_str()));
    let kind = serde_json::to_value(origin.r#type).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default();
    let stage = format!("stage {} of {id} ({kind}, {region})", origin.stage);
    let access = status.access.as_ref();
    let known = access.and_then(|access| access.mutual_tls.as_ref());
    let is_off = known.is_some_and(|known| known.default_endpoint_off);
    listed([Some(stage), is_off.then(|| "default endpoint off".to_owned())])
}

pub(super) fn cost(cost: &CostStatus) -> String {
    format!(
        "{currency} {} a month and {currency} {} for a million requests, by prices of {}",
        cost.monthly,
        cost.per_million_requests,
        cost.as_of,
        currency = cost.currency,
    )
}

pub(super) fn note(note: &StatusNote) -> String {
    format!("{} ({}): {}", note.reason, note.resource, note.message)
}

fn listed<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
