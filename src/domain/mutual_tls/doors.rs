//! What else leads to the stage without a client certificate of ours.

use super::Inputs;
pub use super::door::Door;
use crate::domain::access::asked::Gate;
use crate::domain::access::obstacles::other_doors::{DomainName, Mapping, address};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// Custom domain names that lead to the stage of `gate`, but for the origin's own. The switch of the default endpoint closes none of
/// them.
#[must_use]
pub fn found(gate: &Gate, own_name: &str, mappings: &[Mapping], domains: &[DomainName]) -> Vec<Door> {
    let leading = mappings
        .iter()
        .filter(|mapping| mapping.leads_to(gate) && !mapping.domain.eq_ignore_ascii_case(own_name));
    let asks = |name: &str| {
        let mut domains = domains.iter();
        domains.any(|domain| domain.name == name && domain.truststore.is_some())
    };
    let doors: BTreeMap<String, bool> = leading
        .map(|mapping| (address(mapping), asks(&mapping.domain)))
        .collect();
    let door = |(name, asks_for_certificate)| Door {
        name,
        is_distribution: false,
        asks_for_certificate,
    };
    doors.into_iter().map(door).collect()
}

/// What lets in who does not come through the perimeter: what leads to the stage, as far as it was read, and whatever else shows a
/// client certificate of the object's.
#[must_use]
pub fn open_doors(inputs: &Inputs<'_>) -> Vec<Door> {
    let mut doors = inputs.seen.doors.clone().unwrap_or_default();
    let users = users_of_certificates(inputs).into_iter();
    doors.extend(users.map(|arn| Door {
        name: arn.to_owned(),
        is_distribution: true,
        asks_for_certificate: true,
    }));
    doors
}

/// ARNs of what shows a client certificate of the object's, besides its own distribution.
fn users_of_certificates<'a>(inputs: &Inputs<'a>) -> BTreeSet<&'a str> {
    let own = inputs.distribution.arn.as_deref();
    let seen = inputs.seen.client_certificates.values();
    let read = seen.filter_map(Seen::present);
    let users = read.flat_map(|found| found.content.in_use_by.iter().map(String::as_str));
    users.filter(|user| own.is_some() && own != Some(*user)).collect()
}

/// What people are told of open doors; `None` where there is none.
#[must_use]
pub fn problem(inputs: &Inputs<'_>) -> Option<Problem> {
    let desired = inputs.desired?;
    let doors = open_doors(inputs);
    if doors.is_empty() {
        return None;
    }
    let (distributions, names): (Vec<&Door>, Vec<&Door>) =
        doors.iter().partition(|door| door.is_distribution);
    let mut told = Vec::new();
    if !names.is_empty() {
        let names: Vec<String> = names.into_iter().map(words).collect();
        told.push(format!(
            "custom domain names lead to stage {} past the perimeter: {}. Lead their viewers through the perimeter, by \
             spec.distribution.aliases, and map a name to the stage no more once nobody asks for it",
            desired.gate.stage,
            names.join(", ")
        ));
    }
    if !distributions.is_empty() {
        let names: Vec<&str> = distributions.iter().map(|door| door.name.as_str()).collect();
        told.push(format!(
            "other distributions show this object's client certificate, and so come past its web ACL: {}. Have each show a \
             certificate of its own, and find out who may update distributions in this account",
            names.join(", ")
        ));
    }
    Some(Problem {
        id: Id::of(Kind::Endpoint),
        reason: Reason::OtherDoorOpen,
        message: told.join("; "),
        remedy: None,
        stands: true,
        retry_after: None,
    })
}

fn words(door: &Door) -> String {
    if door.asks_for_certificate {
        format!("{} (with a truststore of its own)", door.name)
    } else {
        door.name.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::object_fixtures::{self as sample, ARN, Fixture};

    fn mapping(domain: &str, stage: &str) -> Mapping {
        Mapping {
            domain: domain.into(),
            path: "v1".into(),
            rule: None,
            api_id: sample::gate().api_id,
            stage: stage.into(),
        }
    }

    fn domain(name: &str, truststore: Option<&str>) -> DomainName {
        DomainName {
            truststore: truststore.map(Into::into),
            ..DomainName::of(name.into(), None)
        }
    }

    #[test]
    fn a_name_that_leads_to_the_stage_is_a_door_and_the_origins_own_is_not() {
        let own = sample::declared().origin_domain;
        let mappings = [
            mapping(&own, "prod"),
            mapping("api.example.com", "prod"),
            mapping("beta.example.com", "beta"),
            mapping("partner.example.com", "prod"),
        ];
        let domains = [
            domain("api.example.com", None),
            domain("partner.example.com", Some("s3://partners/ca.pem")),
        ];
        let doors = found(&sample::gate(), &own, &mappings, &domains);
        let told: Vec<_> = doors
            .iter()
            .map(|door| (door.name.as_str(), door.asks_for_certificate))
            .collect();
        assert_eq!(
            told,
            [("api.example.com/v1", false), ("partner.example.com/v1", true)]
        );
    }

    #[test]
    fn a_mapping_that_leaves_the_stage_to_the_path_leads_to_each() {
        let doors = found(
            &sample::gate(),
            "origin.example.com",
            &[mapping("api.example.com", "")],
            &[],
        );
        assert_eq!(doors.len(), 1);
    }

    #[test]
    fn another_distribution_that_shows_our_certificate_is_a_door_and_our_own_is_not() {
        let mut world = Fixture::empty();
        let mut certificate = world.client(ARN, "ca");
        let own = world.distribution.arn.clone().unwrap();
        certificate.content.in_use_by = vec![own];
        world
            .seen
            .client_certificates
            .insert(ARN.into(), Seen::Present(certificate.clone()));
        assert!(open_doors(&world.inputs()).is_empty());
        assert_eq!(problem(&world.inputs()), None);
        let other = "arn:aws:cloudfront::111122223333:distribution/E2OTHER";
        certificate.content.in_use_by.push(other.into());
        world
            .seen
            .client_certificates
            .insert(ARN.into(), Seen::Present(certificate));
        let problem = problem(&world.inputs()).unwrap();
        assert_eq!(problem.reason, Reason::OtherDoorOpen);
        assert!(problem.stands && problem.message.contains(other), "{problem:?}");
    }

    #[test]
    fn what_was_read_of_names_is_told_with_what_to_do() {
        let mut world = Fixture::empty();
        world.seen.doors = Some(vec![Door {
            name: "api.example.com/v1".into(),
            is_distribution: false,
            asks_for_certificate: true,
        }]);
        let problem = problem(&world.inputs()).unwrap();
        for part in [
            "api.example.com/v1 (with a truststore",
            "spec.distribution.aliases",
        ] {
            assert!(problem.message.contains(part), "{}", problem.message);
        }
    }
}
