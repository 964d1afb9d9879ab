//! Where the documentation's site explains a reason: each condition that is not as it should be has the address in its message.

use crate::domain::status::conditions::is_good;
use crate::domain::status::since::undated;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The page of the site that has an anchor for each reason.
const PAGE: &str = "/troubleshooting.html#";

/// Gives each condition the address of its reason below `site`, in place of one that an earlier pass gave it.
pub(in crate::controller) fn address(conditions: &mut [Condition], site: Option<&str>) {
    for condition in conditions {
        let dated = undated(&condition.message);
        let (text, since) = (plain(dated), &condition.message[dated.len()..]);
        condition.message = match site.filter(|_| !is_good(&condition.type_, &condition.status)) {
            Some(site) => format!("{text} [{site}{PAGE}{}]{since}", condition.reason.to_lowercase()),
            None => format!("{text}{since}"),
        };
    }
}

/// The text without an address.
fn plain(text: &str) -> &str {
    let parts = text.strip_suffix(']').and_then(|text| text.rsplit_once(" ["));
    let addressed = parts.filter(|(_, address)| address.contains(PAGE));
    addressed.map_or(text, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    const SITE: &str = "https://docs.example.com/palisade";

    fn addressed(is: &str, status: &str, message: &str, site: Option<&str>) -> String {
        let mut conditions = [Condition {
            type_: is.to_owned(),
            status: status.to_owned(),
            reason: "AccessDenied".to_owned(),
            message: message.to_owned(),
            observed_generation: Some(1),
            last_transition_time: Time(Timestamp::UNIX_EPOCH),
        }];
        address(&mut conditions, site);
        let [condition] = conditions;
        condition.message
    }

    #[test]
    fn what_is_not_as_it_should_be_says_where_its_reason_is_explained_before_since_when() {
        let told = addressed(
            "Ready",
            "False",
            "no right [iam] (since 2026-11-29T19:00:00Z)",
            Some(SITE),
        );
        let wanted = "no right [iam] [https://docs.example.com/palisade/troubleshooting.html#accessdenied] \
                      (since 2026-11-29T19:00:00Z)";
        assert_eq!(told, wanted);
        for (is, status) in [("Stalled", "True"), ("Ready", "Unknown")] {
            assert!(addressed(is, status, "no right", Some(SITE)).ends_with("#accessdenied]"));
        }
        for (is, status) in [("Ready", "True"), ("Stalled", "False")] {
            assert_eq!(addressed(is, status, "fine", Some(SITE)), "fine");
        }
    }

    #[test]
    fn an_address_of_an_earlier_pass_is_replaced() {
        let once = addressed(
            "Ready",
            "False",
            "no right (since then)",
            Some("https://old.example.com"),
        );
        let twice = addressed("Ready", "False", &once, Some(SITE));
        assert_eq!(twice.matches(PAGE).count(), 1);
        assert!(twice.contains(SITE), "{twice}");
        assert_eq!(addressed("Ready", "False", &twice, None), "no right (since then)");
        assert_eq!(
            addressed("Ready", "True", &twice, Some(SITE)),
            "no right (since then)"
        );
    }
}
