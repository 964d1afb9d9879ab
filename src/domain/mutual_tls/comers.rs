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

/// Who looks after a distribution that leads viewers to the default endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// Its team: Palisade did not make it.
    Team,
    /// An object of another cluster.
    Elsewhere,
    /// Nobody: its object left it on purpose.
    Nobody,
    /// Palisade made it, and tags do not tell whether its object is there.
    Unknown,
    /// It is a staging copy of this object's own.
    OwnCopy,
}

/// A distribution that leads viewers to the default endpoint, or did until what is in force everywhere by now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comer {
    /// Its id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its own domain name.
    pub domain_name: String,
    /// Its aliases.
    pub aliases: Vec<String>,
    /// What its origin there puts before a viewer's path; `None` where it leads to a custom domain name by now.
    pub path: Option<String>,
    /// The object that Palisade made it for.
    pub made_for: Option<String>,
    /// Who looks after it.
    pub keeper: Keeper,
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
        let made_for = self.made_for.as_ref().filter(|_| self.keeper != Keeper::OwnCopy);
        let is_left = self.keeper == Keeper::Nobody;
        let left = if is_left { ", which left it on purpose" } else { "" };
        let made_for = made_for.map(|object| format!("; Palisade made it for {object}{left}"));
        let is_copy = self.keeper == Keeper::OwnCopy;
        let copy = is_copy.then(|| "; a staging copy of this object's own distribution".to_owned());
        format!(
            "{} ({}, {aliases}; {leads}{})",
            self.id,
            self.domain_name,
            made_for.or(copy).unwrap_or_default()
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

/// Why the endpoint is on for distributions. What is led away already needs nobody; else people are told what to do about each.
pub(super) fn kept_on<A>(desired: &Desired, comers: &[Comer]) -> Next<A> {
    if comers.iter().any(|comer| comer.path.is_some()) {
        return Next::Problem(in_the_way(desired, comers));
    }
    let told: Vec<String> = comers.iter().map(Comer::told).collect();
    Next::Wait(Wait {
        id: Id::of(Kind::Endpoint),
        reason: Reason::EndpointSwitching,
        message: format!(
            "the default endpoint of API {} is switched off once viewers of these distributions come by it nowhere any more, which takes \
             minutes: {}",
            desired.gate.api_id,
            listed(&told)
        ),
        retry_after: UNREAD_RETRY,
    })
}

/// What distributions keep the endpoint on, and what to do about them. They are waited for whatever the field of consent says.
fn in_the_way(desired: &Desired, comers: &[Comer]) -> Problem {
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
    // What is led away already only takes its time.
    let leading = || comers.iter().filter(|comer| comer.path.is_some());
    let made_for = |keeper: Keeper| -> Vec<&String> {
        let of = leading().filter(|comer| comer.keeper == keeper);
        of.filter_map(|comer| comer.made_for.as_ref()).collect()
    };
    let mut remedies = Vec::new();
    let elsewhere = made_for(Keeper::Elsewhere);
    if !elsewhere.is_empty() {
        remedies.push(format!(
            "Change the object of another cluster that has one to MutualTls, too, there ({}), with \
             spec.access.mutualTls.disableForAllStages: true in both; or set spec.access back here",
            listed(&elsewhere)
        ));
    }
    let unknown = made_for(Keeper::Unknown);
    if !unknown.is_empty() {
        remedies.push(format!(
            "Of one that Palisade made, see whether its object is there, in this cluster or another ({}). If so, change that to MutualTls, \
             too, with spec.access.mutualTls.disableForAllStages: true in both; if it is gone, have its viewers ask for the distribution of \
             an object that is there, and once nobody asks it any more, disable it, and leave it there",
            listed(&unknown)
        ));
    }
    let left = made_for(Keeper::Nobody);
    if !left.is_empty() {
        remedies.push(format!(
            "Nobody looks after what an object left on purpose ({}): have its viewers ask for the distribution of an object that is there, \
             as docs/names.md says (A distribution of your own), and once nobody asks it any more, disable it, and leave it there",
            listed(&left)
        ));
    }
    if leading().any(|comer| comer.keeper == Keeper::OwnCopy) {
        remedies.push(
            "End the continuous deployment of this object's own distribution: take its policy off the distribution, so that no viewer is sent \
             to the staging copy, and disable that, and leave it there"
                .to_owned(),
        );
    }
    if leading().any(|comer| comer.keeper == Keeper::Team) {
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
            arn: String::new(),
            keeper: made_for.map_or(Keeper::Team, |_| Keeper::Elsewhere),
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
            helps.contains("Change the object of another cluster that has one to MutualTls"),
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
        let away = comer("E3", Some("shop/orders"), None);
        assert!(away.told().contains("not in force everywhere"));
        // Nobody has anything to do about it.
        let desired = declared();
        match kept_on::<()>(&desired, std::slice::from_ref(&away)) {
            Next::Wait(wait) => assert!(wait.message.contains("E3 ("), "{}", wait.message),
            other => panic!("{other:?}"),
        }
        let theirs = comer("E1", None, Some(""));
        match kept_on::<()>(&desired, &[away, theirs]) {
            Next::Problem(problem) => assert!(!problem.remedy.unwrap().contains("MutualTls")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whoever_looks_after_one_is_told_what_helps_there_and_nothing_else() {
        let words = [
            (Keeper::Team, "one of your own"),
            (Keeper::Elsewhere, "Change the object of another cluster"),
            (
                Keeper::Nobody,
                "Nobody looks after what an object left on purpose (shop/orders)",
            ),
            (Keeper::Unknown, "see whether its object is there"),
            (Keeper::OwnCopy, "End the continuous deployment"),
        ];
        for (keeper, expected) in words {
            let made_for = (keeper != Keeper::Team).then_some("shop/orders");
            let one = Comer {
                keeper,
                ..comer("E1", made_for, Some("/dev"))
            };
            let problem = in_the_way(&declared(), std::slice::from_ref(&one));
            let helps = problem.remedy.unwrap();
            for (of, words) in words {
                assert_eq!(
                    helps.contains(words),
                    of == keeper,
                    "{keeper:?}: {words}: {helps}"
                );
            }
            assert!(helps.contains(expected));
            let is_disabled = helps.contains("and leave it there");
            assert_eq!(is_disabled, keeper != Keeper::Elsewhere, "{helps}");
            assert!(!helps.contains("delete"), "{helps}");
        }
    }
}
