//! What else leads to the stage without a client certificate of ours.

use super::Inputs;
use super::client_certificate::records::{Standing, standing};
use super::desired::whose_truststore;
pub use super::door::Door;
use super::endpoint::{Step, mark_of};
use crate::domain::access::asked::Gate;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::obstacles::other_doors::{DomainName, Mapping, address};
use crate::domain::access::words::listed;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
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

/// What of other clusters, or of objects that are not seen, leads to other stages of the API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Others {
    /// Whether there is any.
    pub are_there: bool,
    /// Those whose lock hangs on the default endpoint being off, or may, for people.
    pub hanging: Vec<String>,
}

/// A custom domain name by which Palisade leads to another stage of the API: that may be open once the default endpoint is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guard {
    /// The name.
    pub name: String,
    /// The stage; `None` where that cannot be read.
    pub stage: Option<String>,
    /// The cluster of its object.
    pub cluster: String,
}

impl Guard {
    /// It and `why` it counts, for people.
    #[must_use]
    pub fn told(&self, why: Option<&str>) -> String {
        let (name, cluster) = (&self.name, &self.cluster);
        let told = match &self.stage {
            Some(stage) => {
                format!(
                    "the custom domain name {name} leads to stage {stage}, for an object of cluster {cluster}"
                )
            }
            None => format!(
                "the custom domain name {name} is that of an object of cluster {cluster}, and where it leads cannot be read"
            ),
        };
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        told + &why
    }
}

/// The names by which others may lead to other stages. `is_told`: whether it is known of the object with this UID what its lock hangs on.
/// `unread` are names whose mappings could not be read.
#[must_use]
pub fn guarding_others<'a>(
    gate: &Gate,
    mappings: &[Mapping],
    truststores: &BTreeMap<String, String>,
    unread: impl Iterator<Item = &'a str>,
    is_told: impl Fn(&str) -> bool,
) -> BTreeSet<Guard> {
    let guard = |name: &str, stage: Option<&String>| {
        let (uid, cluster) = whose_truststore(truststores.get(name)?)?;
        (!is_told(uid)).then(|| Guard {
            name: name.to_owned(),
            stage: stage.cloned(),
            cluster: cluster.to_owned(),
        })
    };
    let others = mappings
        .iter()
        .filter(|mapping| mapping.api_id == gate.api_id && mapping.stage != gate.stage);
    let leading = others.filter_map(|mapping| guard(&mapping.domain, Some(&mapping.stage)));
    leading
        .chain(unread.filter_map(|name| guard(name, None)))
        .collect()
}

/// Whether `tags` of a custom domain name say that the default endpoint may be on for its object.
#[must_use]
pub fn says_free(tags: &Tags) -> bool {
    mark_of(tags).is_some_and(|mark| mark.step == Step::Free)
}

/// Whether they say so of a stage that serves `deployment`. Others may write tags: it is believed only where [`asks_all`].
#[must_use]
pub fn frees(tags: &Tags, deployment: &str) -> bool {
    mark_of(tags).is_some_and(|mark| mark.frees(deployment))
}

/// Whether all who come to what is deployed are asked for something, but by methods that browsers ask before.
///
/// # Errors
/// Why that is not so.
pub fn asks_all(deployed: &[Deployed]) -> Result<(), String> {
    let served: Option<Vec<_>> = deployed.iter().map(Deployed::served).collect();
    let Some(served) = served.filter(|served| !served.is_empty()) else {
        return Err("it tells of another lock there, and what the stage asks for is not known".to_owned());
    };
    let routes = served.iter().flat_map(|served| served.iter());
    let open: BTreeSet<&str> = routes
        .filter(|(key, route)| !key.starts_with("OPTIONS ") && route.is_open())
        .map(|(key, _)| key.as_str())
        .collect();
    let open: Vec<&str> = open.into_iter().collect();
    if open.is_empty() {
        return Ok(());
    }
    let named = listed(&open);
    Err(format!(
        "it tells of another lock there, and the stage lets in whoever asks for {named}"
    ))
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

/// Whether it was read in this pass what shows the client certificates of the object.
#[must_use]
pub fn are_users_read(inputs: &Inputs<'_>) -> bool {
    let mut seen = inputs.seen.client_certificates.values();
    !inputs.seen.is_unread
        && inputs.distribution.arn.is_some()
        && seen.all(|certificate| certificate.present().is_some())
}

/// ARNs of what shows a client certificate of the object's, besides its own distribution.
fn users_of_certificates<'a>(inputs: &Inputs<'a>) -> BTreeSet<&'a str> {
    let own = inputs.distribution.arn.as_deref();
    let seen = inputs.seen.client_certificates.values();
    let read = seen.filter_map(Seen::present);
    // The authority of no other certificate is accepted.
    let ours = read.filter(|found| matches!(standing(inputs, found), Standing::Counts | Standing::Replaced));
    let users = ours.flat_map(|found| found.content.in_use_by.iter().map(String::as_str));
    users.filter(|user| own.is_some() && own != Some(*user)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::as_deployed::Served;
    use crate::domain::access::asked::carried::Carried;
    use crate::domain::access::asked::{Authorization, Deployment};
    use crate::domain::mutual_tls::endpoint::{Mark, TAG_LOCK};
    use crate::domain::mutual_tls::object_fixtures::{self as sample, ARN, Fixture};
    use jiff::Timestamp;

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
    fn a_name_of_another_cluster_hangs_on_the_endpoint_and_one_whose_object_tells_does_not() {
        let mappings = [
            mapping("origin.example.com", "prod"),
            mapping("origin-beta.example.com", "beta"),
            mapping("origin-dev.example.com", "dev"),
            mapping("partners.example.com", "beta"),
        ];
        let uuid = |first: &str| format!("{first}-0000-4000-8000-000000000000");
        let store = |uid: &str, cluster: &str| {
            format!("s3://truststores/palisade/{}/{}.pem", uuid(cluster), uuid(uid))
        };
        let truststores = BTreeMap::from([
            ("origin.example.com".to_owned(), store("0000000a", "c1c1c1c1")),
            (
                "origin-beta.example.com".to_owned(),
                store("0000000b", "c2c2c2c2"),
            ),
            ("origin-dev.example.com".to_owned(), store("0000000c", "c1c1c1c1")),
            ("origin-new.example.com".to_owned(), store("0000000d", "c2c2c2c2")),
            (
                "partners.example.com".to_owned(),
                "s3://partners/palisade/x/y.pem".to_owned(),
            ),
        ]);
        let unread = ["origin-new.example.com", "partners.example.com"].into_iter();
        let is_told = |uid: &str| [uuid("0000000a"), uuid("0000000c")].contains(&uid.to_owned());
        let told = guarding_others(&sample::gate(), &mappings, &truststores, unread, is_told);
        let told: Vec<String> = told.iter().map(|guard| guard.told(None)).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0]
                .contains("origin-beta.example.com leads to stage beta, for an object of cluster c2c2c2c2-"),
            "{told:?}"
        );
        assert!(told[1].contains("origin-new.example.com"), "{told:?}");
    }

    #[test]
    fn a_word_of_the_keeper_counts_of_the_deployment_that_it_names_and_where_all_are_asked() {
        let tags = |text: &str| Tags::from([(TAG_LOCK.to_owned(), text.to_owned())]);
        let free = tags(&Mark::free("dep7", Timestamp::UNIX_EPOCH).tag());
        assert!(says_free(&free) && frees(&free, "dep7") && !frees(&free, "dep8"));
        for other in [
            tags("locked.0.0.0.dep7"),
            tags("free.0.0.0"),
            tags(""),
            Tags::new(),
        ] {
            assert!(!frees(&other, "dep7"), "{other:?}");
        }

        let of = |routes: &[(&str, Authorization)]| {
            let routes = routes
                .iter()
                .map(|(key, asked)| ((*key).to_owned(), asked.clone()));
            Deployed::Routes(Served::of(&Deployment {
                id: "dep7".to_owned(),
                description: String::new(),
                routes: Carried::told(routes.collect()),
            }))
        };
        let asked = Authorization::aws_iam();
        let whole = of(&[
            ("GET /pets", asked.clone()),
            ("OPTIONS /pets", Authorization::none()),
        ]);
        let open = of(&[("GET /pets", asked), ("POST /pets", Authorization::none())]);
        assert_eq!(asks_all(std::slice::from_ref(&whole)), Ok(()));
        let why = asks_all(&[whole.clone(), open]).unwrap_err();
        assert!(why.contains("POST /pets") && !why.contains("GET /pets"), "{why}");
        for unknown in [
            Deployed::Unknown("no".to_owned()),
            Deployed::LockedOtherwise(None),
        ] {
            assert!(asks_all(&[whole.clone(), unknown]).is_err());
        }
        assert!(asks_all(&[]).is_err());
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
        world.record(&certificate);
        let own = world.distribution.arn.clone().unwrap();
        certificate.content.in_use_by = vec![own];
        world
            .seen
            .client_certificates
            .insert(ARN.into(), Seen::Present(certificate.clone()));
        assert!(open_doors(&world.inputs()).is_empty());
        let other = "arn:aws:cloudfront::111122223333:distribution/E2OTHER";
        certificate.content.in_use_by.push(other.into());
        world
            .seen
            .client_certificates
            .insert(ARN.into(), Seen::Present(certificate));
        let doors = open_doors(&world.inputs());
        assert_eq!(doors.len(), 1);
        assert!(doors[0].is_distribution && doors[0].name == other, "{doors:?}");
    }
}
