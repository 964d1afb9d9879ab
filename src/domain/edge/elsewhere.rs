//! Where declared names lead their viewers as long as they do not come through the distribution: there they may meet the API
//! past the perimeter, and would be refused once it is locked.

use super::config::Origin;
use super::conflict::MOVE_ACROSS;
use super::hosted_zone::{NameOwner, Record};
use super::names::{Desired, Holder, Seen};
use std::collections::BTreeSet;

/// How names of distributions end.
const CLOUDFRONT: &str = ".cloudfront.net";

/// Aliases with the distributions that have them.
type Holders<'a> = Vec<(&'a String, &'a Holder)>;

/// The aliases that other distributions have.
#[derive(Debug, Default)]
pub(super) struct Held<'a> {
    /// Those that are moved here.
    pub moving: Holders<'a>,
    /// Those that would be, if their distribution put the same path before its viewers'.
    pub aside: Holders<'a>,
    /// Those that stay until a person helps.
    pub stuck: Holders<'a>,
}

/// Declared names whose viewers do not come through the distribution, as far as is known.
#[derive(Debug, Default)]
pub struct Elsewhere<'a> {
    /// Aliases of other distributions.
    held: Held<'a>,
    /// Records of others that lead a name past the distribution.
    records: Vec<&'a Record>,
    /// The declared hosted zone, where it was not read.
    unread: Option<&'a str>,
    /// Who has the aliases could not be found out.
    are_holders_unknown: bool,
}

impl Desired {
    /// The names that lead elsewhere, while the distribution has the aliases `served`, and is to have this `origin`.
    #[must_use]
    pub fn elsewhere<'a>(
        &'a self,
        seen: &'a Seen,
        served: &BTreeSet<String>,
        origin: &Origin,
    ) -> Elsewhere<'a> {
        let zone = self.zone.as_deref();
        Elsewhere {
            held: held(self, seen, origin),
            records: records(self, seen, served),
            unread: zone.filter(|zone| !seen.zones.contains_key(*zone)),
            are_holders_unknown: seen.are_holders_unknown,
        }
    }

    /// Whether the declared zone was read, and what it answers for `name`, declared or not, leads to the distribution `domain` alone.
    #[must_use]
    pub fn leads_here(&self, seen: &Seen, name: &str, domain: &str) -> bool {
        let zone = self.zone.as_deref().and_then(|zone| seen.zone(zone));
        let zone = zone.filter(|zone| !zone.head.is_private && zone.misses(name).is_none());
        zone.is_some_and(|zone| {
            let answers = zone.answers(name);
            !answers.is_empty() && answers.iter().all(|record| record.leads_to(|to| to == domain))
        })
    }
}

impl Elsewhere<'_> {
    /// Whether only a person can have them lead here.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        !self.held.stuck.is_empty() || !self.held.aside.is_empty() || !self.records.is_empty()
    }

    /// Which names they are, and what leads them to the distribution `domain`; `None` where there are none.
    #[must_use]
    pub fn words(&self, domain: &str) -> Option<String> {
        let moving = self.held.moving.iter().map(|(alias, holder)| {
            format!(
                "{alias} is served by distribution {} and is moved here first (DistributionDeployed says what that waits for)",
                holder.id
            )
        });
        let aside = self.held.aside.iter().map(|(alias, holder)| {
            format!(
                "{alias} is served by distribution {}, which puts another path before its viewers' than this one \
                 (DistributionDeployed says what helps)",
                holder.id
            )
        });
        let stuck = self.held.stuck.iter().map(|(alias, holder)| match (&holder.unlisted, &holder.object) {
            (Some(conflict), _) => format!(
                "{alias} is served by {}: {MOVE_ACROSS}, and it comes here; or, where that stands before another API, take it out of \
                 spec.distribution.aliases",
                conflict.words()
            ),
            (None, Some(object)) => format!(
                "{alias} is served by distribution {}, which Palisade made for {object}: have that object give it up, and it \
                 comes here; or, where that stands before another API, take it out of spec.distribution.aliases",
                holder.id
            ),
            (None, None) => format!(
                "{alias} is served by distribution {}: set spec.distribution.takeOverAliases to true, and it is moved here \
                 without a gap",
                holder.id
            ),
        });
        let records = self.records.iter().map(|record| {
            format!(
                "{} leads past the perimeter: have that record lead to {domain} once the distribution is Deployed with the \
                 alias, and leave the alias in the spec until then. Lower the record's TTL to 60 and wait out the old one before \
                 you change it: the lock follows within seconds",
                record.words()
            )
        });
        let unread = self.unread.iter().map(|zone| {
            format!("where hosted zone {zone} leads them could not be read (NamesReady says why); it is read again by itself")
        });
        let unknown = self.are_holders_unknown.then(|| {
            "which distributions serve the aliases could not be read; it is read again by itself".to_owned()
        });
        let stuck = stuck.chain(aside);
        let told: Vec<String> = stuck
            .chain(records)
            .chain(moving)
            .chain(unread)
            .chain(unknown)
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// The aliases that other distributions have.
pub(super) fn held<'a>(names: &Desired, seen: &'a Seen, origin: &Origin) -> Held<'a> {
    let mut held = Held::default();
    for (alias, holder) in &seen.holders {
        if !names.aliases.contains(alias) {
            continue;
        }
        let may_be_moved = names.take_over && holder.object.is_none() && holder.unlisted.is_none();
        let of_its_kind = if !may_be_moved {
            &mut held.stuck
        } else if holder.other_path(origin).is_some() {
            &mut held.aside
        } else {
            &mut held.moving
        };
        of_its_kind.push((alias, holder));
    }
    held
}

/// Records that we do not write over. One that leads to a distribution leads to ours, once ours has the alias: CloudFront goes
/// by the name that is asked for.
fn records<'a>(names: &'a Desired, seen: &'a Seen, served: &BTreeSet<String>) -> Vec<&'a Record> {
    let zone = names.zone.as_deref().and_then(|zone| seen.zone(zone));
    let Some(zone) = zone else {
        return vec![];
    };
    let mut records = Vec::new();
    for alias in &names.aliases {
        let is_ours = matches!(zone.whose(alias, &names.owner), NameOwner::Ours(_));
        let is_served = served.contains(alias);
        let is_led_here = |record: &Record| is_served && record.leads_to(|name| name.ends_with(CLOUDFRONT));
        let leading = zone.leading(alias);
        records.extend(leading.filter(|record| (!is_ours || record.is_foreign()) && !is_led_here(record)));
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::edge::hosted_zone::{Head, Zone, cname, leading_to};
    use crate::domain::edge::names::ZoneSeen;
    use crate::domain::kernel::identity::Owner;
    use std::sync::Arc;

    const ALIAS: &str = "api.example.com";
    const OURS: &str = "d111111abcdef8.cloudfront.net";

    fn names() -> Desired {
        Desired {
            owner: Owner {
                cluster: "c".into(),
                uid: "u".into(),
                namespace: "shop".into(),
                name: "petstore".into(),
                taken: None,
            },
            aliases: [ALIAS.to_owned()].into(),
            zone: Some("Z1".into()),
            certificate: None,
            take_over: false,
        }
    }

    fn seen(records: Vec<Record>) -> Seen {
        let head = Head {
            id: "Z1".into(),
            name: "example.com".into(),
            is_private: false,
        };
        let zone = ZoneSeen::Found(Arc::new(Zone::new(head, records)));
        Seen {
            zones: [("Z1".to_owned(), zone)].into(),
            ..Seen::default()
        }
    }

    fn is_elsewhere(record: Record, is_served: bool) -> bool {
        let (names, seen) = (names(), seen(vec![record]));
        let served = if is_served {
            names.aliases.clone()
        } else {
            BTreeSet::new()
        };
        let found = names.elsewhere(&seen, &served, &Origin::default());
        found.words(OURS).is_some()
    }

    #[test]
    fn a_record_that_leads_past_the_distribution_is_told_and_one_that_leads_to_it_is_not() {
        let direct = "d-abc.execute-api.eu-north-1.amazonaws.com";
        assert!(is_elsewhere(cname(ALIAS, direct), true));
        assert!(!is_elsewhere(cname(ALIAS, OURS), true));
        let [alias_of_ours, _] = leading_to(ALIAS, OURS);
        assert!(!is_elsewhere(alias_of_ours, true));
    }

    #[test]
    fn a_record_that_leads_to_another_distribution_leads_here_once_ours_has_the_alias() {
        let record = cname(ALIAS, "d999999.cloudfront.net.");
        assert!(is_elsewhere(record.clone(), false));
        assert!(!is_elsewhere(record, true));
    }

    #[test]
    fn a_name_leads_here_by_its_most_specific_record_in_a_zone_that_was_read() {
        let leads_here = |records: Vec<Record>, name: &str| names().leads_here(&seen(records), name, OURS);
        let wildcard = || cname("*.example.com", OURS);
        let direct = |name: &str| cname(name, "d-abc.execute-api.eu-north-1.amazonaws.com");
        assert!(leads_here(leading_to(ALIAS, OURS).into(), ALIAS));
        assert!(leads_here(vec![wildcard()], ALIAS));
        assert!(leads_here(vec![wildcard()], "v1.api.example.com"));
        assert!(leads_here(
            vec![direct("*.example.com"), cname(ALIAS, OURS)],
            ALIAS
        ));
        assert!(!leads_here(vec![], ALIAS));
        assert!(!leads_here(vec![wildcard(), direct(ALIAS)], ALIAS));
        assert!(!leads_here(
            vec![wildcard(), direct("*.api.example.com")],
            "v1.api.example.com"
        ));
        // A name in between keeps the wildcard above it from answering.
        assert!(!leads_here(
            vec![wildcard(), cname(ALIAS, OURS)],
            "v1.api.example.com"
        ));
        for kind in ["MX", "TXT", "HTTPS"] {
            let other = |name: &str| Record {
                r#type: kind.to_owned(),
                ..cname(name, "anything")
            };
            assert!(!leads_here(vec![wildcard(), other(ALIAS)], ALIAS), "{kind}");
            let below = "_dmarc.api.example.com";
            assert!(!leads_here(vec![wildcard(), other(below)], ALIAS), "{kind} below");
            assert!(leads_here(vec![wildcard(), other("www.example.com")], ALIAS));
        }
        assert!(!leads_here(
            vec![cname("api.example.org", OURS)],
            "api.example.org"
        ));
        assert!(!names().leads_here(&Seen::default(), ALIAS, OURS));
    }

    #[test]
    fn a_name_of_which_it_is_not_known_who_serves_it_may_lead_elsewhere() {
        let seen = Seen {
            are_holders_unknown: true,
            ..seen(vec![])
        };
        let names = names();
        let found = names.elsewhere(&seen, &BTreeSet::new(), &Origin::default());
        assert!(found.words(OURS).is_some() && !found.needs_person());
    }

    #[test]
    fn a_name_without_a_record_leads_nobody_anywhere() {
        let (names, seen) = (names(), seen(vec![]));
        let found = names.elsewhere(&seen, &BTreeSet::new(), &Origin::default());
        assert!(found.words(OURS).is_none());
    }
}
