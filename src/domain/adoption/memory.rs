//! What tags remember of a distribution is proven before a release puts it back: whoever may tag the distribution may write them.

use super::arns;
use super::before::Before;
use super::refusals::of_kind;
use super::release::refusal;
use crate::api::AdoptionRefusal;
use crate::domain::edge::config::{origin_of, settings_of};
use crate::domain::edge::distribution::Observed;
use crate::domain::edge::xml::Element;

/// What is known of what the distribution was before. Its tags remember it, and whoever may tag the distribution may write them.
#[derive(Debug, Clone, Copy)]
pub struct Memory<'a> {
    /// What the tags remember; `None` where they remember nothing.
    pub before: Option<&'a Before>,
    /// The hash of that.
    pub hash: Option<&'a str>,
    /// The hash that status noted as the tags were set; `None` where that is lost.
    pub noted: Option<&'a str>,
    /// The hash that is confirmed.
    pub confirm: Option<&'a str>,
    /// The distribution.
    pub found: &'a Observed,
    /// The API's default endpoint.
    pub endpoint: &'a str,
}

/// Why what the tags remember is not put back; nothing where they remember nothing.
#[must_use]
pub fn refusals(memory: Memory<'_>) -> Vec<AdoptionRefusal> {
    let Some(before) = memory.before else {
        return vec![];
    };
    let restored = before.restored(&memory.found.content.config);
    let unfit = unfit(memory, before, &restored);
    unfit.into_iter().chain(doubtful(memory, &restored)).collect()
}

/// What no adoption would have taken over was never there as the tags were set.
fn unfit(memory: Memory<'_>, before: &Before, restored: &Element) -> Option<AdoptionRefusal> {
    let content = &memory.found.content;
    let known: Vec<String> = of_kind(&content.config).into_iter().map(|it| it.reason).collect();
    let new = of_kind(restored)
        .into_iter()
        .filter(|it| !known.contains(&it.reason));
    let mut odd: Vec<String> = new.map(|it| it.message).collect();
    let origin = origin_of(restored);
    if origin.domain_name != memory.endpoint || origin.id != before.origin() {
        odd.push(format!(
            "its default behavior would lead viewers to {}, and not to {}",
            origin.domain_name, memory.endpoint
        ));
    }
    let account = arns::account_of(&content.arn).unwrap_or_default();
    let strange = arns::strange(restored, account).into_iter();
    odd.extend(strange.map(|arn| format!("{arn} is none that a distribution of account {account} uses")));
    (!odd.is_empty()).then(|| {
        refusal(
            "MemoryUnfit",
            format!(
                "the tags say of the distribution what no adoption takes over, so that somebody else has written them: {}",
                odd.join("; ")
            ),
            "set release to false, and the distribution stays as it is. CloudTrail tells who has set its tags palisade.dev/before-… \
             (TagResource)"
                .to_owned(),
        )
    })
}

/// Tags that are not proven to be those that were set are shown, and taken once a person has confirmed them.
fn doubtful(memory: Memory<'_>, restored: &Element) -> Option<AdoptionRefusal> {
    let hash = memory.hash?;
    if memory.noted == Some(hash) || memory.confirm == Some(hash) {
        return None;
    }
    let (reason, why) = match memory.noted {
        Some(_) => (
            "MemoryChanged",
            "the tags that remember what the distribution was before are others than those that were set",
        ),
        None => (
            "MemoryUnproven",
            "the status that proves the tags which remember what the distribution was before is lost",
        ),
    };
    Some(refusal(
        reason,
        format!("{why}. By them it had {}", said(restored)),
        format!(
            "where the distribution had just that, set spec.distribution.adopt.confirm to '{hash}', and it is given back; else set release \
             to false, and it stays as it is. CloudTrail tells who has set its tags palisade.dev/before-… (TagResource)"
        ),
    ))
}

/// What viewers meet, and what may read or refuse their requests.
fn said(config: &Element) -> String {
    let settings = settings_of(config);
    let or_none = |text: &str| {
        let told = if text.is_empty() { "none" } else { text };
        told.to_owned()
    };
    let names = settings.aliases.iter().cloned().collect::<Vec<_>>().join(", ");
    format!(
        "the web ACL {}, the function {}, the names {} and the certificate {}",
        or_none(&settings.web_acl_arn),
        or_none(&settings.signer_version_arn),
        or_none(&names),
        or_none(settings.certificate_arn.as_deref().unwrap_or_default())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::fixtures::{ACL, API, found};
    use crate::domain::edge::places::Place;
    use crate::domain::edge::xml;
    use crate::domain::kernel::identity::Tags;

    const SAME: fn(&str) -> Option<String> = |hash| Some(hash.to_owned());
    const NOTHING: fn(&str) -> Option<String> = |_| None;

    /// Why what tags remember of a distribution that was changed so is not put back into the one that stands.
    fn refused(
        change: impl FnOnce(&mut Element),
        noted: impl Fn(&str) -> Option<String>,
        confirm: impl Fn(&str) -> Option<String>,
    ) -> Vec<AdoptionRefusal> {
        let former = found(|config, _| change(config)).content.config;
        let tags = Before::of(&former, "their-api", &Tags::new()).to_tags();
        let (before, hash) = (Before::of_tags(&tags).unwrap(), Before::hash_of(&tags).unwrap());
        let (noted, confirm) = (noted(&hash), confirm(&hash));
        let memory = Memory {
            before: Some(&before),
            hash: Some(&hash),
            noted: noted.as_deref(),
            confirm: confirm.as_deref(),
            found: &found(|_, _| {}),
            endpoint: API,
        };
        refusals(memory)
    }

    fn reasons(found: &[AdoptionRefusal]) -> Vec<&str> {
        found.iter().map(|refusal| refusal.reason.as_str()).collect()
    }

    #[test]
    fn what_was_noted_as_the_tags_were_set_is_given_back_without_a_word() {
        assert!(refused(|_| {}, SAME, NOTHING).is_empty());
    }

    #[test]
    fn tags_that_are_others_or_unproven_are_shown_and_taken_once_their_hash_is_confirmed() {
        let other = |_: &str| Some("0123456789abcdef0123456789abcdef".to_owned());
        let changed = refused(|_| {}, other, NOTHING);
        assert_eq!(reasons(&changed), ["MemoryChanged"]);
        assert!(changed[0].message.contains(ACL), "{}", changed[0].message);
        assert_eq!(reasons(&refused(|_| {}, NOTHING, NOTHING)), ["MemoryUnproven"]);
        let start = |hash: &str| Some(hash[..8].to_owned());
        assert_eq!(reasons(&refused(|_| {}, NOTHING, start)), ["MemoryUnproven"]);
        assert!(refused(|_| {}, other, SAME).is_empty());
        assert!(refused(|_| {}, NOTHING, SAME).is_empty());
    }

    #[test]
    fn what_no_adoption_takes_over_is_not_put_back_whatever_is_noted_or_confirmed() {
        type Change = fn(&mut Element);
        let changes: [Change; 4] = [
            |config| {
                let domain = xml::text("DomainName", "elsewhere.example.com");
                Place::Origin("DomainName").write(config, "their-api", Some(domain));
            },
            |config| {
                let acl = xml::text("WebACLId", ACL.replace("111122223333", "999999999999"));
                Place::Config("WebACLId").write(config, "their-api", Some(acl));
            },
            |config| {
                let target = xml::text("TargetOriginId", "elsewhere");
                Place::Behavior("TargetOriginId").write(config, "their-api", Some(target));
            },
            |config| Place::Config("Enabled").write(config, "their-api", Some(xml::text("Enabled", false))),
        ];
        for change in changes {
            assert_eq!(reasons(&refused(change, SAME, SAME)), ["MemoryUnfit"]);
        }
    }
}
