//! Who comes by the default endpoint: distributions of the account that lead viewers there, whoever made them. The list of distributions
//! tells; callers whom no list shows are what `spec.access.mutualTls.disableForAllStages` consents for.

use super::Desired;
use crate::domain::access::words::listed;
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// What people or other clusters have to see to is looked at again so often.
const COMERS_RETRY: Duration = Duration::from_mins(2);
/// What cannot be read is tried again so soon.
const UNREAD_RETRY: Duration = Duration::from_secs(30);

/// A distribution that leads viewers to the default endpoint, or did until what is in force everywhere by now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comer {
    /// Its id.
    pub id: String,
    /// Its own domain name.
    pub domain_name: String,
    /// Its aliases.
    pub aliases: Vec<String>,
    /// What its origin there puts before a viewer's path; `None` where it leads to a custom domain name by now.
    pub path: Option<String>,
    /// The object that Palisade made it for: of another cluster, or one that is gone.
    pub made_for: Option<String>,
}

impl Comer {
    /// It, for people.
    #[must_use]
    pub fn told(&self) -> String {
        let aliases = match self.aliases.as_slice() {
            [] => "no alias".to_owned(),
            aliases => format!("aliases {}", listed(aliases)),
        };
        let leads = match self.path.as_deref() {
            Some("") => "without an origin path".to_owned(),
            Some(path) => format!("origin path {path}"),
            None => "led to a custom domain name by now, which is not in force everywhere".to_owned(),
        };
        let made_for = self.made_for.as_ref();
        let made_for = made_for.map(|object| format!("; Palisade made it for {object}"));
        format!(
            "{} ({}, {aliases}; {leads}{})",
            self.id,
            self.domain_name,
            made_for.unwrap_or_default()
        )
    }

    /// The stage that its origin's path names, where it names one.
    #[must_use]
    pub fn stage(&self) -> Option<&str> {
        let path = self.path.as_deref()?;
        path.split('/').find(|part| !part.is_empty())
    }
}

/// Who comes by it, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comers {
    /// All that lists show.
    Known(Vec<Comer>),
    /// Lists could not be read, so nobody knows.
    Unread {
        /// The reason that conditions give.
        reason: Reason,
        /// AWS's words, and what to do.
        why: String,
        /// Whether only a person can have them read.
        needs_person: bool,
    },
}

impl Comers {
    /// Whether somebody comes by it, or may.
    #[must_use]
    pub fn may_be_there(&self) -> bool {
        match self {
            Self::Known(comers) => !comers.is_empty(),
            Self::Unread { .. } => true,
        }
    }
}

/// What distributions keep the endpoint on, and what to do about them. They are waited for whatever the field of consent says.
pub(super) fn in_the_way(desired: &Desired, comers: &[Comer]) -> Problem {
    let field = field(desired);
    let told: Vec<String> = comers.iter().map(Comer::told).collect();
    let consent = if desired.for_all_stages {
        ". The field lets other stages, and callers whom no list shows, lose the endpoint; viewers of distributions are waited for"
    } else {
        ""
    };
    let so = format!(
        "{field}: the default endpoint of API {} is not switched off: distributions of this account lead viewers to it, who would be \
         refused: {}{consent}",
        desired.gate.api_id,
        listed(&told)
    );
    Problem {
        // It keeps no alias from being moved here, which may be what it waits for.
        stands: true,
        retry_after: Some(COMERS_RETRY),
        ..Problem::new(Id::of(Kind::Endpoint), Reason::DistributionInTheWay, so)
    }
    .with_remedy(Some(remedy(comers)))
    .about(field)
}

/// Where nobody knows who comes by the endpoint, it stays on.
pub(super) fn unread<A>(desired: &Desired, reason: Reason, why: &str, needs_person: bool) -> Next<A> {
    let message = format!(
        "the default endpoint of API {} is not switched off: which distributions lead viewers to it could not be read, and those would be \
         refused. It follows by itself once they can be read: {}",
        desired.gate.api_id,
        why.trim_end_matches('.')
    );
    let id = Id::of(Kind::Endpoint);
    if needs_person {
        return Next::Problem(Problem {
            retry_after: Some(COMERS_RETRY),
            ..Problem::new(id, reason, message)
        });
    }
    Next::Wait(Wait {
        id,
        reason: Reason::EndpointSwitching,
        message,
        retry_after: UNREAD_RETRY,
    })
}

/// The field by which the endpoint is to go.
fn field(desired: &Desired) -> &'static str {
    if desired.for_all_stages {
        "spec.access.mutualTls.disableForAllStages"
    } else {
        "spec.access.mode"
    }
}

fn remedy(comers: &[Comer]) -> String {
    let made: Vec<&String> = comers
        .iter()
        .filter_map(|comer| comer.made_for.as_ref())
        .collect();
    let mut remedies = Vec::new();
    if !made.is_empty() {
        remedies.push(format!(
            "Where Palisade made one, change the object that has it to MutualTls, too, in its cluster ({}); or set spec.access back here",
            listed(&made)
        ));
    }
    if comers.iter().any(|comer| comer.made_for.is_none()) {
        remedies.push(
            "Move the viewers of one of your own as docs/names.md says (A distribution of your own), or, where it leads to another stage, \
             lead its origin to a custom domain name of API Gateway for that; once nobody asks it any more, disable it, and leave it there"
                .to_owned(),
        );
    }
    format!("{}. The switch follows by itself", remedies.join(". "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::object_fixtures::declared;

    fn comer(id: &str, made_for: Option<&str>, path: Option<&str>) -> Comer {
        Comer {
            id: id.to_owned(),
            domain_name: format!("{id}.cloudfront.net"),
            aliases: vec![],
            path: path.map(ToOwned::to_owned),
            made_for: made_for.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn each_is_named_with_what_its_team_can_do_and_the_field() {
        let mut desired = declared();
        let theirs = comer("E1", None, Some("/beta/v1"));
        let made = comer("E2", Some("shop/orders"), Some(""));
        let both = in_the_way(&desired, &[theirs.clone(), made.clone()]);
        assert!(both.message.starts_with("spec.access.mode: "), "{}", both.message);
        for words in [
            "E1 (",
            "origin path /beta/v1",
            "E2 (",
            "Palisade made it for shop/orders",
        ] {
            assert!(both.message.contains(words), "{words}: {}", both.message);
        }
        let helps = both.remedy.unwrap();
        assert!(
            helps.contains("change the object that has it to MutualTls"),
            "{helps}"
        );
        assert!(helps.contains("disable it, and leave it there"), "{helps}");

        desired.for_all_stages = true;
        let one = in_the_way(&desired, std::slice::from_ref(&made));
        assert_eq!(
            one.field.as_deref(),
            Some("spec.access.mutualTls.disableForAllStages")
        );
        assert!(
            one.message.contains("callers whom no list shows"),
            "{}",
            one.message
        );
        assert!(!one.remedy.unwrap().contains("disable it"));
        assert_eq!((theirs.stage(), made.stage()), (Some("beta"), None));
    }

    #[test]
    fn what_was_led_to_a_name_of_its_own_and_is_not_everywhere_yet_is_told_as_that() {
        let told = comer("E3", Some("shop/orders"), None).told();
        assert!(told.contains("not in force everywhere"), "{told}");
    }
}
