//! What is declared of this mode, with what follows from it.

use crate::api::{AccessMode, Enforcement, MutualTlsSpec, Origin, OriginType, Probes, ProtectedApiSpec};
use crate::domain::access::asked::Gate;
use crate::domain::access::authorization::rotation_period;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::identity::{Owner, Tags};
use serde::Serialize;
use std::time::Duration;

/// The baseline of `spec.access.rotationPeriod` in this mode: 40 days.
pub const ROTATION_PERIOD: Duration = Duration::from_hours(960);
/// How long a client certificate is valid. ACM tells people of each that has 45 days left; one that is renewed at 40 days, and a month
/// late, has 50.
pub const LIFE: Duration = Duration::from_hours(120 * 24);

/// On all that has tags, so that what has none is found without a spec: the origin's name.
pub const TAG_ORIGIN: &str = "palisade.dev/origin-domain";
/// The same of the hosted zone of the origin's name.
pub const TAG_ZONE: &str = "palisade.dev/origin-zone";
/// The same of the truststore: its bucket.
pub const TAG_BUCKET: &str = "palisade.dev/truststore-bucket";
/// An HTTP API's stage that stands in no path.
const DEFAULT_STAGE: &str = "$default";

/// What is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The API and its stage.
    pub gate: Gate,
    /// Whether the default endpoint is switched off, or the way only built.
    pub enforcement: Enforcement,
    /// The origin's name.
    pub origin_domain: String,
    /// Id of the hosted zone that its records are in.
    pub hosted_zone_id: String,
    /// The bucket of the truststore, in the API's Region.
    pub bucket: String,
    /// The truststore's key in it.
    pub key: String,
    /// ARN of a public certificate of the team's that covers the origin's name; one is requested where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_arn: Option<String>,
    /// Whether the certificate is the one that objects share, of all names beside the origin's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shares_certificate: bool,
    /// The cluster from which the perimeter was taken over, where that is lost: what objects shared there has nobody else.
    #[serde(skip)]
    pub lost_cluster: Option<String>,
    /// Whether other stages of the API may lose the default endpoint.
    pub for_all_stages: bool,
    /// Whether the spec names another mode by now: it stands until that has taken its place, and is released then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub leaves: bool,
    /// Path of the mapping: empty, or the stage, where viewers write it themselves.
    pub mapping_key: String,
    /// What CloudFront puts before a viewer's path on the way to the custom domain name.
    pub origin_path: String,
    /// How old a client certificate may become.
    #[serde(skip)]
    pub rotation_period: Duration,
    /// Hash of the annotation that asks for another certificate.
    #[serde(skip)]
    pub rotate: Option<String>,
    /// Whether probes are sent.
    pub probes: bool,
    /// Tags of all that is made.
    pub tags: Tags,
}

impl Desired {
    /// Whether it is a REST API, whose settings take effect with the next change of a stage.
    #[must_use]
    pub fn is_rest(&self) -> bool {
        self.gate.r#type == OriginType::Rest
    }

    /// Where the truststore is, as API Gateway takes it.
    #[must_use]
    pub fn truststore_uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

/// What `spec` declares of this mode; `None` in another. `rotate` is what the annotation says by which another certificate is asked
/// for.
#[must_use]
pub fn desired(
    spec: &ProtectedApiSpec,
    owner: &Owner,
    gate: &Gate,
    rotate: Option<&str>,
    tags: &Tags,
) -> Option<Desired> {
    let access = spec.access.as_ref()?;
    let wanted = access.mutual_tls.as_ref()?;
    if access.mode != Some(AccessMode::MutualTls) {
        return None;
    }
    Some(Desired {
        enforcement: access.enforcement.unwrap_or_default(),
        rotation_period: rotation_period(access.rotation_period.as_deref(), ROTATION_PERIOD),
        ..of(spec, wanted, owner, gate, rotate, tags)
    })
}

/// What stands still of this mode as `wanted` named it, beside another one that `spec` names by now. Its lock is kept as it was.
#[must_use]
pub fn left(
    spec: &ProtectedApiSpec,
    wanted: &MutualTlsSpec,
    owner: &Owner,
    gate: &Gate,
    rotate: Option<&str>,
    tags: &Tags,
) -> Desired {
    Desired {
        // Others have lost the endpoint already.
        for_all_stages: true,
        leaves: true,
        ..of(spec, wanted, owner, gate, rotate, tags)
    }
}

fn of(
    spec: &ProtectedApiSpec,
    wanted: &MutualTlsSpec,
    owner: &Owner,
    gate: &Gate,
    rotate: Option<&str>,
    tags: &Tags,
) -> Desired {
    let (mapping_key, origin_path) = mapping(&spec.origin);
    let mut tags = tags.clone();
    tags.insert(TAG_ORIGIN.to_owned(), wanted.origin_domain.clone());
    tags.insert(TAG_ZONE.to_owned(), wanted.hosted_zone_id.clone());
    tags.insert(TAG_BUCKET.to_owned(), wanted.truststore_bucket.clone());
    Desired {
        owner: owner.clone(),
        gate: gate.clone(),
        enforcement: Enforcement::Enforce,
        origin_domain: wanted.origin_domain.clone(),
        hosted_zone_id: wanted.hosted_zone_id.clone(),
        bucket: wanted.truststore_bucket.clone(),
        key: key(owner),
        certificate_arn: wanted.certificate_arn.clone(),
        // The team's own goes first, as in an object that is older than the rule.
        shares_certificate: wanted.shared_certificate.unwrap_or_default() && wanted.certificate_arn.is_none(),
        lost_cluster: lost_cluster(spec, owner),
        for_all_stages: wanted.disable_for_all_stages.unwrap_or_default(),
        leaves: false,
        mapping_key,
        origin_path,
        rotation_period: ROTATION_PERIOD,
        rotate: rotate.map(short),
        probes: spec.probes.unwrap_or_default() == Probes::Enabled,
        tags,
    }
}

/// The cluster whose object kept the perimeter before, where the spec says that it is lost. One that lives has other objects, perhaps, that
/// share what this one shared.
fn lost_cluster(spec: &ProtectedApiSpec, owner: &Owner) -> Option<String> {
    let is_lost = spec.take_over.as_ref().and_then(|wanted| wanted.keeper_is_gone) == Some(true);
    let before = &owner.taken.as_ref().filter(|_| is_lost)?.taken_from.cluster;
    (*before != owner.cluster).then(|| before.clone())
}

/// The truststore's key in its bucket: it never changes, since API Gateway takes another one for another truststore.
#[must_use]
pub fn key(owner: &Owner) -> String {
    format!("palisade/{}/{}.pem", owner.made_for().cluster, owner.uid)
}

/// UID and cluster of the object whose truststore is there, if it is one of Palisade's: anybody may name a key in its way, and what it says
/// is told to people.
#[must_use]
pub fn whose_truststore(uri: &str) -> Option<(&str, &str)> {
    let (_, key) = uri.strip_prefix("s3://")?.split_once('/')?;
    let named = key.strip_prefix("palisade/")?.strip_suffix(".pem")?;
    let (cluster, uid) = named.split_once('/')?;
    (is_uuid(uid) && is_uuid(cluster)).then_some((uid, cluster))
}

/// Whether it is one as Kubernetes has them.
fn is_uuid(text: &str) -> bool {
    let mut groups = text.split('-');
    let mut fits = [8, 4, 4, 4, 12].into_iter().map(|length| {
        let group = groups.next().unwrap_or_default();
        group.len() == length && group.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    fits.all(|fits| fits) && text.len() == 36
}

/// Path of the mapping, and what CloudFront puts before a viewer's path. A mapping leads to one stage, so its name stands in no path,
/// unless viewers write it themselves.
fn mapping(origin: &Origin) -> (String, String) {
    let path = origin.path.as_deref().unwrap_or_default();
    if origin.stage == DEFAULT_STAGE {
        return (String::new(), path.to_owned());
    }
    let rest = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(origin.stage.as_str()));
    match rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        Some(rest) => (String::new(), rest.to_owned()),
        None => (origin.stage.clone(), path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::object_fixtures::{declared, declared_of, gate, owner, spec, spec_with};

    #[test]
    fn another_mode_wants_nothing_of_this() {
        let mut spec = spec();
        for mode in [None, Some(AccessMode::SigV4), Some(AccessMode::SecretHeader)] {
            spec.access.as_mut().unwrap().mode = mode;
            assert_eq!(desired(&spec, &owner(), &gate(), None, &Tags::new()), None);
        }
    }

    #[test]
    fn the_stage_stands_in_the_mapping_only_where_viewers_write_it() {
        for (origin, key, path) in [
            ("type: REST, stage: prod, path: /prod", "", ""),
            ("type: REST, stage: prod, path: /prod/v1", "", "/v1"),
            ("type: REST, stage: prod", "prod", ""),
            ("type: HTTP, stage: $default", "", ""),
            ("type: HTTP, stage: $default, path: /v1", "", "/v1"),
        ] {
            let found = declared_of(&spec_with(origin, "", ""));
            assert_eq!(
                (found.mapping_key.as_str(), found.origin_path.as_str()),
                (key, path),
                "{origin}"
            );
        }
    }

    #[test]
    fn the_baseline_renews_at_forty_days_and_asks_for_consent() {
        let found = declared();
        assert_eq!(found.rotation_period, ROTATION_PERIOD);
        assert!(!found.for_all_stages && found.probes && found.certificate_arn.is_none());
        assert_eq!(found.enforcement, Enforcement::Enforce);
    }

    #[test]
    fn the_truststore_is_the_objects_own_and_is_found_again_by_tags() {
        let found = declared();
        assert_eq!(
            found.truststore_uri(),
            "s3://truststores/palisade/c0ffee00-0000/12345678-aaaa.pem"
        );
        assert_eq!(found.tags[TAG_ORIGIN], "origin.example.com");
        assert_eq!(found.tags[TAG_ZONE], "Z1");
        assert_eq!(found.tags[TAG_BUCKET], "truststores");
    }

    #[test]
    fn a_truststore_tells_whose_it_is() {
        let (uid, cluster) = (
            "12345678-aaaa-4000-8000-0123456789ab",
            "c0ffee00-0000-4000-8000-000000000000",
        );
        let uri = |cluster: &str, uid: &str| format!("s3://truststores/palisade/{cluster}/{uid}.pem");
        assert_eq!(whose_truststore(&uri(cluster, uid)), Some((uid, cluster)));
        for (cluster, uid) in [
            ("x", "y"),
            (cluster, "y"),
            ("x", uid),
            (cluster, "12345678-aaaa-4000-8000-0123456789ab-"),
            ("c0ffee00 0000 4000 8000 000000000000", uid),
            ("Set disableForAllStages. Call 555 12", uid),
        ] {
            assert_eq!(whose_truststore(&uri(cluster, uid)), None, "{cluster} {uid}");
        }
        for theirs in [
            "",
            "s3://partners/ca.pem",
            "s3://b/palisade/one.pem",
            "s3://b/palisade/a/b/c.pem",
        ] {
            assert_eq!(whose_truststore(theirs), None, "{theirs}");
        }
    }

    #[test]
    fn the_annotation_counts_by_its_hash() {
        let asked = |text: &str| {
            let found = desired(&spec(), &owner(), &gate(), Some(text), &Tags::new()).unwrap();
            found.rotate.unwrap()
        };
        assert_ne!(asked("now"), asked("again"));
        assert!(!asked("now").contains("now"));
    }
}
