//! Which distributions lead viewers to an API's default endpoint, as lists show: of the account's teams, of other clusters, or left behind.

use super::listing::Listing;
use super::strangers::{is_at, object_of};
use crate::domain::access::asked::Gate;
use crate::domain::access::obstacles::other_doors::Mapping;
use crate::domain::edge::distribution::{DEPLOYED, Listed};
use crate::domain::kernel::identity::{Owner, TAG_RETAINED, TAG_UID, Tags};
use crate::domain::mutual_tls::comers::{Comer, Keeper};
use crate::domain::tenancy::rivals::is_elsewhere;
use std::collections::{BTreeMap, BTreeSet};

/// Whose viewers are waited for in another way.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The object.
    pub owner: &'a Owner,
    /// Id of its own distribution.
    pub own: Option<&'a str>,
    /// UIDs of the other objects of the API that are seen: their status tells whether viewers of theirs come by the endpoint.
    pub objects: &'a BTreeSet<String>,
}

/// What the custom domain names of the API's Region lead to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// What each leads to.
    pub mappings: &'a [Mapping],
    /// API Gateway's own names for each.
    pub targets: &'a BTreeMap<String, Vec<String>>,
    /// Those of which that could not be read.
    pub unread: &'a [&'a str],
}

/// Distributions that lead to the default endpoint of `gate`, whatever the stage: that is the API's as a whole. Every origin counts, as the
/// rows have them, and so does a staging copy, which a policy may send viewers to. What is disabled serves until that is deployed.
#[must_use]
pub fn leading(gate: &Gate, known: Known<'_>, listing: &Listing) -> Vec<Comer> {
    let may_serve = |row: &&Listed| row.enabled || row.status != DEPLOYED;
    let rows = listing.distributions.values().filter(may_serve);
    rows.filter_map(|row| {
        let mut origins = row.origins.iter();
        let (_, path) = origins.find(|(domain, _)| domain.eq_ignore_ascii_case(&gate.host))?;
        comer(row, Some(path.clone()), known, listing)
    })
    .collect()
}

/// Distributions that Palisade made in other clusters, and that are being changed: edge locations may lead where they did before. Hardly
/// any, so that names are read for them alone.
#[must_use]
pub fn changing(gate: &Gate, known: Known<'_>, listing: &Listing) -> Vec<(Comer, Vec<String>)> {
    let strangers = listing.strangers.iter();
    let rows = strangers.filter_map(|id| listing.distributions.get(id));
    let leads_here = |(domain, _): &(String, String)| domain.eq_ignore_ascii_case(&gate.host);
    let is_changing = |row: &&Listed| row.status != DEPLOYED && !row.origins.iter().any(leads_here);
    rows.filter(is_changing)
        .filter_map(|row| {
            let domains = row.origins.iter().map(|(domain, _)| domain.clone());
            Some((comer(row, None, known, listing)?, domains.collect()))
        })
        .collect()
}

/// Those of `changing` that lead to a custom domain name which leads to the API, or may.
#[must_use]
pub fn led_away(gate: &Gate, changing: Vec<(Comer, Vec<String>)>, names: Names<'_>) -> Vec<Comer> {
    let of_api = names.mappings.iter();
    let of_api: Vec<&Mapping> = of_api.filter(|mapping| mapping.api_id == gate.api_id).collect();
    let leads_here = |domain: &String| {
        let is_unread = names.unread.iter().any(|name| name.eq_ignore_ascii_case(domain));
        is_unread || of_api.iter().any(|mapping| is_at(domain, mapping, names.targets))
    };
    let here = changing
        .into_iter()
        .filter(|(_, domains)| domains.iter().any(leads_here));
    here.map(|(comer, _)| comer).collect()
}

/// A row as a comer; `None` where its viewers are waited for in another way.
fn comer(row: &Listed, path: Option<String>, known: Known<'_>, listing: &Listing) -> Option<Comer> {
    let named = object_of(&row.comment);
    let tags = listing.tags_of(&row.arn).unwrap_or_default();
    let tagged = tags.get(TAG_UID).map(String::as_str);
    let uid = tagged.or(named.map(|(uid, _)| uid));
    let is_seen = uid.is_some_and(|uid| known.objects.contains(uid));
    if is_seen || known.own == Some(row.id.as_str()) {
        return None;
    }
    let is_copy = row.is_staging && uid == Some(known.owner.uid.as_str());
    let keeper = match uid {
        None => Keeper::Team,
        Some(_) if is_copy => Keeper::OwnCopy,
        Some(_) => keeper(&tags, known.owner),
    };
    Some(Comer {
        id: row.id.clone(),
        arn: row.arn.clone(),
        keeper,
        domain_name: row.domain_name.clone(),
        aliases: row.aliases.clone(),
        path,
        made_for: named.map(|(_, object)| object.to_owned()),
    })
}

/// Who looks after what Palisade made, and bears these tags; no object of the API that is seen here has it.
#[must_use]
pub fn keeper(tags: &Tags, owner: &Owner) -> Keeper {
    if tags.contains_key(TAG_RETAINED) {
        Keeper::Nobody
    } else if is_elsewhere(tags, owner) {
        Keeper::Elsewhere
    } else {
        Keeper::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked;
    use crate::domain::edge::distribution::COMMENT_START;
    use crate::domain::kernel::identity::TAG_CLUSTER;

    fn owner() -> Owner {
        Owner {
            cluster: "c".to_owned(),
            namespace: "shop".to_owned(),
            name: "petstore".to_owned(),
            uid: "own".to_owned(),
            taken: None,
        }
    }

    fn gate() -> Gate {
        let endpoint = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
        let origin = serde_json::json!({"endpoint": endpoint, "type": "REST", "stage": "prod"});
        asked::gate(&serde_json::from_value(origin).unwrap())
    }

    fn row(id: &str, comment: &str, origins: &[(&str, &str)]) -> Listed {
        let of = |(domain, path): &(&str, &str)| ((*domain).to_owned(), (*path).to_owned());
        Listed {
            id: id.to_owned(),
            arn: format!("arn:aws:cloudfront::111122223333:distribution/{id}"),
            domain_name: format!("{id}.cloudfront.net"),
            etag: String::new(),
            status: DEPLOYED.to_owned(),
            enabled: true,
            is_staging: false,
            comment: comment.to_owned(),
            web_acl_arn: String::new(),
            aliases: vec![],
            certificate_arn: None,
            origins: origins.iter().map(of).collect(),
            functions: vec![],
            has_other_functions: false,
            detours: crate::api::DetoursStatus::default(),
            leads: vec![],
        }
    }

    fn listing(rows: Vec<Listed>) -> Listing {
        let mut listing = Listing {
            distributions: rows.into_iter().map(|row| (row.id.clone(), row)).collect(),
            ..Listing::default()
        };
        listing.strangers = super::super::strangers::strangers(&listing, "c");
        listing
    }

    fn ids(comers: &[Comer]) -> Vec<&str> {
        comers.iter().map(|comer| comer.id.as_str()).collect()
    }

    #[test]
    fn whatever_leads_to_the_endpoint_counts_but_for_the_own_and_those_whose_objects_tell() {
        let host = gate().host.to_uppercase();
        let made = |uid: &str| format!("{COMMENT_START}{uid} shop/orders");
        let mut disabled = row("E5", "", &[(&host, "")]);
        disabled.enabled = false;
        let mut going = row("E6", "", &[(&host, "")]);
        (going.enabled, going.status) = (false, "InProgress".to_owned());
        let mut staging = row("E7", "", &[(&host, "/prod")]);
        staging.is_staging = true;
        let rows = vec![
            row("E0", &made("own"), &[(&host, "/prod")]),
            row("E1", "theirs", &[("assets.example.com", ""), (&host, "/beta")]),
            row("E2", &made("elsewhere"), &[(&host, "/beta")]),
            row("E3", &made("sibling"), &[(&host, "/dev")]),
            row("E4", "theirs", &[("z.execute-api.eu-north-1.amazonaws.com", "")]),
            disabled,
            going,
            staging,
        ];
        let objects = BTreeSet::from(["sibling".to_owned()]);
        let owner = owner();
        let known = Known {
            owner: &owner,
            own: Some("E0"),
            objects: &objects,
        };
        let found = leading(&gate(), known, &listing(rows));
        assert_eq!(ids(&found), ["E1", "E2", "E6", "E7"]);
        assert_eq!(found[0].path.as_deref(), Some("/beta"));
        assert_eq!(found[1].made_for.as_deref(), Some("shop/orders"));
        assert_eq!(
            (found[0].keeper, found[1].keeper),
            (Keeper::Team, Keeper::Unknown)
        );
    }

    #[test]
    fn who_looks_after_one_is_told_by_its_tags_and_a_copy_of_the_own_by_its_comment() {
        let (owner, host) = (owner(), gate().host);
        let mut copy = row(
            "E1",
            &format!("{COMMENT_START}{} shop/petstore", owner.uid),
            &[(&host, "")],
        );
        copy.is_staging = true;
        let objects = BTreeSet::new();
        let known = Known {
            owner: &owner,
            own: Some("E0"),
            objects: &objects,
        };
        let found = leading(&gate(), known, &listing(vec![copy]));
        assert_eq!(found[0].keeper, Keeper::OwnCopy);
        let tags = |of: &[(&str, &str)]| {
            let of = of.iter();
            of.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<Tags>()
        };
        for (of, expected) in [
            (&[][..], Keeper::Unknown),
            // One of another API, or of a namespace that is not seen, may have it.
            (&[(TAG_CLUSTER, "c"), (TAG_UID, "u")], Keeper::Unknown),
            (&[(TAG_CLUSTER, "d"), (TAG_UID, "u")], Keeper::Elsewhere),
            (&[(TAG_CLUSTER, "c"), (TAG_RETAINED, "moved")], Keeper::Nobody),
            (&[(TAG_CLUSTER, "d"), (TAG_RETAINED, "moved")], Keeper::Nobody),
        ] {
            assert_eq!(keeper(&tags(of), &owner), expected, "{of:?}");
        }
    }

    #[test]
    fn what_another_cluster_leads_away_counts_until_that_is_deployed() {
        let made = |uid: &str| format!("{COMMENT_START}{uid} shop/orders");
        let in_progress = |mut row: Listed| {
            row.status = "InProgress".to_owned();
            row
        };
        let of = |id: &str, name: &str| row(id, &made(id), &[(name, "")]);
        let rows = vec![
            in_progress(of("E1", "origin-beta.example.com")),
            in_progress(of("E2", "unread.example.com")),
            in_progress(of("E3", "another.example.com")),
            of("E4", "origin-beta.example.com"),
            in_progress(row("E5", "theirs", &[("origin-beta.example.com", "")])),
        ];
        let objects = BTreeSet::new();
        let owner = owner();
        let known = Known {
            owner: &owner,
            own: None,
            objects: &objects,
        };
        let found = changing(&gate(), known, &listing(rows));
        assert_eq!(found.len(), 3);
        let mapping = |domain: &str, api_id: String| Mapping {
            domain: domain.to_owned(),
            path: String::new(),
            rule: None,
            api_id,
            stage: "beta".to_owned(),
        };
        let mappings = [
            mapping("origin-beta.example.com", gate().api_id),
            mapping("another.example.com", "another".to_owned()),
        ];
        let names = Names {
            mappings: &mappings,
            targets: &BTreeMap::new(),
            unread: &["unread.example.com"],
        };
        let found = led_away(&gate(), found, names);
        assert_eq!(ids(&found), ["E1", "E2"]);
        assert!(found.iter().all(|comer| comer.path.is_none()));
    }
}
