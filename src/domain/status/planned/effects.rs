//! What viewers notice of a step, decided by a table: a row for each kind, verb and changed path.

use crate::api::{PlanEffect, PlanVerb};
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::words::cut;

/// A row: kind, verbs, path, and what a change at this path or below it does, with the words for it. An empty path stands for all that
/// the rows above do not name.
type Row = (Kind, &'static [PlanVerb], &'static str, PlanEffect, &'static str);

const CREATE: &[PlanVerb] = &[PlanVerb::Create];
const CHANGE: &[PlanVerb] = &[PlanVerb::Change];
const DELETE: &[PlanVerb] = &[PlanVerb::Delete];
const ANY: &[PlanVerb] = &[PlanVerb::Create, PlanVerb::Change, PlanVerb::Delete];

const NOTHING: PlanEffect = PlanEffect::None;
const BRIEF: PlanEffect = PlanEffect::Brief;
const VISIBLE: PlanEffect = PlanEffect::Visible;

/// The first row that fits decides.
#[rustfmt::skip] // One row a line.
const TABLE: &[Row] = &[
    (Kind::Role, ANY, "", NOTHING, "Viewers notice nothing: the role is the signer's own."),
    (Kind::Function, ANY, "", NOTHING, "Viewers notice nothing: a version serves once the distribution names it."),
    (Kind::IpSet, CREATE, "", NOTHING, "Viewers notice nothing before the web ACL names the set."),
    (Kind::IpSet, DELETE, "", NOTHING, "Viewers notice nothing: no rule names the set any more."),
    (Kind::IpSet, CHANGE, "tags", NOTHING, "Viewers notice nothing: tags alone change."),
    (Kind::IpSet, CHANGE, "", VISIBLE, "Viewers at these addresses are let in or refused within a minute."),
    (Kind::WebAcl, CREATE, "", NOTHING, "Viewers notice nothing before the distribution names the web ACL."),
    (Kind::WebAcl, DELETE, "", NOTHING, "Viewers notice nothing: the distribution names the web ACL no more."),
    (Kind::WebAcl, CHANGE, "tags", NOTHING, "Viewers notice nothing: tags alone change."),
    (Kind::WebAcl, CHANGE, "customResponseBodies", VISIBLE, "Viewers who are refused read another answer."),
    (Kind::WebAcl, CHANGE, "", VISIBLE, "Requests that the changed rules fit are let in, refused or challenged otherwise, within a minute."),
    (Kind::Logging, ANY, "", NOTHING, "Viewers notice nothing: it is about the web ACL's logs."),
    (Kind::ApiKey, ANY, "", NOTHING, "Viewers notice nothing: CloudFront sends the key for them."),
    (Kind::Authorizer, ANY, "", NOTHING, "Viewers notice nothing: CloudFront sends the header for them, and earlier values are accepted meanwhile."),
    (Kind::Certificate, ANY, "", NOTHING, "Viewers notice nothing before the distribution shows the certificate."),
    (Kind::OriginCertificate, ANY, "", NOTHING, "Viewers notice nothing: CloudFront alone meets the certificate, and the earlier one serves meanwhile."),
    (Kind::OriginRecords, CREATE, "", NOTHING, "Viewers notice nothing: CloudFront alone asks for the origin's name, once the distribution names it."),
    (Kind::OriginRecords, DELETE, "", NOTHING, "Viewers notice nothing: no distribution names the origin's name any more."),
    (Kind::OriginRecords, CHANGE, "", VISIBLE, "DNS leads CloudFront elsewhere; resolvers keep the former answer until its time to live is over."),
    (Kind::Truststore, ANY, "", NOTHING, "Viewers notice nothing: a version is in use while the custom domain name names it."),
    (Kind::OriginDomain, CREATE, "", NOTHING, "Viewers notice nothing before the distribution leads to the custom domain name."),
    (Kind::OriginDomain, DELETE, "", NOTHING, "Viewers notice nothing: no distribution leads to the custom domain name any more."),
    (Kind::OriginDomain, CHANGE, "tags", NOTHING, "Viewers notice nothing: tags alone change."),
    (Kind::OriginDomain, CHANGE, "certificateArn", NOTHING, "Viewers notice nothing: CloudFront alone meets the certificate, and the earlier one serves meanwhile."),
    (Kind::OriginDomain, CHANGE, "truststoreVersion", NOTHING, "Viewers notice nothing: no version lacks the CA of the client certificate that CloudFront shows."),
    (Kind::OriginDomain, CHANGE, "truststoreUri", NOTHING, "Viewers notice nothing: whoever shows a client certificate of another truststore is refused from then on."),
    (Kind::OriginDomain, CHANGE, "mapping", VISIBLE, "Another stage answers viewers; while the path has no mapping, none does."),
    (Kind::OriginDomain, CHANGE, "", BRIEF, "API Gateway applies the change for minutes; before and after, viewers are served."),
    (Kind::ClientCertificate, ANY, "", NOTHING, "Viewers notice nothing: the custom domain name accepts a client certificate before CloudFront shows it, and as long as it does."),
    (Kind::Distribution, CREATE, "", NOTHING, "Viewers notice nothing: they come once a name leads to the new address."),
    (Kind::Distribution, DELETE, "", VISIBLE, "Viewers who call the distribution get no answer any more."),
    (Kind::Distribution, CHANGE, "tags", NOTHING, "Viewers notice nothing: tags alone change."),
    (Kind::Distribution, CHANGE, "comment", NOTHING, "Viewers notice nothing: it is a note for people."),
    (Kind::Distribution, CHANGE, "logging", NOTHING, "Viewers notice nothing: it is about logs."),
    (Kind::Distribution, CHANGE, "signerVersionArn", NOTHING, "Viewers notice nothing: both versions of the signer prove their requests."),
    (Kind::Distribution, CHANGE, "signerIncludesBody", NOTHING, "Viewers notice nothing: both ways their requests are signed."),
    (Kind::Distribution, CHANGE, "origin.headers", NOTHING, "Viewers notice nothing: the API accepts the earlier value meanwhile."),
    (Kind::Distribution, CHANGE, "enabled", VISIBLE, "The distribution begins to answer viewers, or ceases to."),
    (Kind::Distribution, CHANGE, "aliases", VISIBLE, "Viewers reach the API by other names."),
    (Kind::Distribution, CHANGE, "certificateArn", BRIEF, "Viewers are shown another certificate; those who pin the present one refuse it."),
    (Kind::Distribution, CHANGE, "minimumTlsVersion", VISIBLE, "Viewers whose TLS is older than the minimum are refused."),
    (Kind::Distribution, CHANGE, "geoRestriction", VISIBLE, "Viewers of other countries are let in or refused."),
    (Kind::Distribution, CHANGE, "webAclArn", VISIBLE, "Another web ACL decides which requests are let in."),
    (Kind::Distribution, CHANGE, "viewerProtocolPolicy", VISIBLE, "Viewers who ask by http, without TLS, are let in, sent to https (301) or refused (403) otherwise: the new value says which."),
    (Kind::Distribution, CHANGE, "ipv6", VISIBLE, "Viewers who have an IPv6 address come by it, or no more: what lists IPv4 addresses fits none of those who do."),
    (Kind::Distribution, CHANGE, "allowedMethods", VISIBLE, "Other methods are let through."),
    (Kind::Distribution, CHANGE, "origin.domainName", VISIBLE, "CloudFront reaches the API by another name, or another API: whoever answers there answers viewers."),
    (Kind::Distribution, CHANGE, "origin.path", VISIBLE, "Another path of the API answers viewers."),
    (Kind::Distribution, CHANGE, "cachePolicyId", VISIBLE, "Answers are cached otherwise."),
    (Kind::Distribution, CHANGE, "originRequestPolicyId", VISIBLE, "The API gets other headers, cookies or query strings of viewers."),
    (Kind::Distribution, CHANGE, "responseHeadersPolicyId", VISIBLE, "Answers carry other headers."),
    (Kind::Distribution, CHANGE, "uncachedErrors", VISIBLE, "Errors are cached otherwise."),
    (Kind::Distribution, CHANGE, "origin.clientCertificateArn", NOTHING, "Viewers notice nothing: the API accepts both client certificates meanwhile."),
    (Kind::Distribution, CHANGE, "origin.readTimeout", VISIBLE, "Answers are waited for longer or shorter: those that take longer fail with 504."),
    (Kind::Distribution, CHANGE, "origin", BRIEF, "CloudFront connects to the API otherwise."),
    (Kind::Distribution, CHANGE, "", BRIEF, "CloudFront carries the change to its edge locations within minutes; before and after, viewers are served."),
    (Kind::Access, ANY, "locks", NOTHING, "Viewers notice nothing: it is noted in the distribution's tags."),
    (Kind::Access, ANY, "cutOver", NOTHING, "Viewers notice nothing: it is noted in the distribution's tags."),
    (Kind::Access, ANY, "rotated", NOTHING, "Viewers notice nothing: it is noted in the distribution's tags."),
    (Kind::Access, ANY, "next", NOTHING, "Viewers notice nothing: it is noted in the distribution's tags."),
    (Kind::Access, ANY, "", VISIBLE, "Whoever calls the API past the perimeter is refused from then on; viewers who come through it are not, as probes prove at once."),
    (Kind::Endpoint, ANY, "", VISIBLE, "Whoever calls the API's default endpoint is refused from then on; viewers who come through the perimeter are not, as probes prove at once, or it is switched on again."),
    (Kind::HealthCheck, ANY, "", NOTHING, "Viewers notice nothing: Route 53 asks the API besides them."),
    (Kind::Protection, ANY, "response", BRIEF, "Shield Advanced begins, or ceases, to answer attacks by itself, which may refuse some requests."),
    (Kind::Protection, ANY, "", NOTHING, "Viewers notice nothing while there is no attack."),
    (Kind::Alarm, ANY, "", NOTHING, "Viewers notice nothing: people are told of attacks."),
    (Kind::Records, ANY, "", VISIBLE, "DNS leads the names elsewhere; resolvers keep the former answer until its time to live is over."),
];

/// Of what the table does not know, viewers may notice anything.
const UNKNOWN: (PlanEffect, &str) = (
    VISIBLE,
    "It is not known what viewers notice: look at the fields that change.",
);

/// As many characters have room in a status.
const ROOM: usize = 1000;

/// What viewers notice of a step that changes these paths; none where all of a resource is concerned. All that is as bad as the worst is
/// said, each thing once: one that viewers notice must not hide another. What they do not notice is said in one sentence.
pub(in crate::domain::status) fn effect<'a>(
    kind: Kind,
    verb: PlanVerb,
    paths: impl IntoIterator<Item = &'a str>,
) -> (PlanEffect, String) {
    let mut worst = None;
    let mut said: Vec<&str> = Vec::new();
    for path in paths {
        let (found, told) = of_path(kind, verb, path);
        if worst.is_none_or(|worst| found > worst) {
            worst = Some(found);
            said.clear();
        }
        if worst == Some(found) && !said.contains(&told) && (found != NOTHING || said.is_empty()) {
            said.push(told);
        }
    }
    let (worst, said) = worst.map_or_else(
        || {
            let (found, told) = of_path(kind, verb, "");
            (found, told.to_owned())
        },
        |worst| (worst, said.join(" ")),
    );
    (worst, cut(&said, ROOM))
}

fn of_path(kind: Kind, verb: PlanVerb, path: &str) -> (PlanEffect, &'static str) {
    let mut rows = TABLE.iter();
    let row = rows.find(|(of, verbs, at, ..)| *of == kind && verbs.contains(&verb) && is_within(path, at));
    row.map_or(UNKNOWN, |(.., effect, told)| (*effect, *told))
}

/// Whether `path` is `of` or below it.
fn is_within(path: &str, of: &str) -> bool {
    let below = path.strip_prefix(of);
    of.is_empty() || below.is_some_and(|below| below.is_empty() || below.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that the row decides: the one that it names, or one that no row names.
    fn path_of(row: &Row) -> &'static str {
        if row.2.is_empty() { "somethingElse" } else { row.2 }
    }

    /// As with mutual TLS, which leads CloudFront to the same API by the origin's own name.
    #[test]
    fn another_name_of_the_origin_need_not_be_another_api() {
        let (effect, said) = effect(Kind::Distribution, PlanVerb::Change, ["origin.domainName"]);
        assert_eq!(effect, VISIBLE);
        assert!(said.contains("by another name"), "{said}");
    }

    #[test]
    fn each_row_decides_what_it_names_and_what_is_below() {
        for row in TABLE {
            for verb in row.1 {
                let path = path_of(row);
                let told = (row.3, row.4.to_owned());
                assert_eq!(effect(row.0, *verb, [path]), told, "{row:?} {verb:?}");
                let below = format!("{path}.below");
                assert_eq!(effect(row.0, *verb, [below.as_str()]), told, "{row:?} {verb:?}");
            }
        }
    }

    #[test]
    fn each_kind_and_verb_has_a_row_for_all_that_is_not_named() {
        for kind in Kind::ALL {
            for verb in ANY {
                assert_ne!(
                    of_path(kind, *verb, ""),
                    UNKNOWN,
                    "{} {verb:?}: add a row to the table",
                    kind.name()
                );
            }
        }
    }

    /// For good, and not while edge locations get the change alone.
    #[test]
    fn viewers_notice_that_they_are_waited_for_less_and_that_they_come_by_ipv6() {
        for (path, part) in [("origin.readTimeout", "504"), ("ipv6", "IPv4 addresses")] {
            let (found, said) = effect(Kind::Distribution, PlanVerb::Change, [path]);
            assert_eq!((found, said.contains(part)), (VISIBLE, true), "{path}: {said}");
        }
    }

    #[test]
    fn of_several_changes_the_worst_is_said() {
        let (found, said) = effect(
            Kind::Distribution,
            PlanVerb::Change,
            ["comment", "geoRestriction.kind", "priceClass"],
        );
        assert_eq!((found, said.contains("countries")), (VISIBLE, true));
        assert_eq!(
            effect(Kind::Distribution, PlanVerb::Change, ["comment", "tags.team"]).0,
            NOTHING
        );
    }

    #[test]
    fn each_thing_that_viewers_notice_is_said_once() {
        let paths = [
            "webAclArn",
            "geoRestriction.kind",
            "viewerProtocolPolicy",
            "geoRestriction.countries",
            "priceClass",
        ];
        let (found, said) = effect(Kind::Distribution, PlanVerb::Change, paths);
        assert_eq!(found, VISIBLE);
        for part in ["Another web ACL", "other countries", "by http, without TLS"] {
            assert_eq!(said.matches(part).count(), 1, "{part}: {said}");
        }
        assert!(!said.contains("edge locations"), "that is less: {said}");
        let (found, said) = effect(Kind::Distribution, PlanVerb::Change, ["comment", "logging"]);
        assert_eq!(
            (found, said.matches("Viewers notice nothing").count()),
            (NOTHING, 1),
            "{said}"
        );
    }

    #[test]
    fn a_path_that_only_begins_alike_is_another() {
        assert_eq!(
            effect(Kind::Distribution, PlanVerb::Change, ["commentary"]).0,
            BRIEF
        );
    }

    #[test]
    fn each_sentence_ends_and_fits_into_status() {
        for row in TABLE {
            assert!(row.4.ends_with('.') && row.4.len() < 1024, "{row:?}");
        }
    }
}
