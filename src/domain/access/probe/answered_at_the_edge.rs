//! What CloudFront, the web ACL or the signer answered in place of the API, and what others on the distribution make of its answer.

use super::Verdict;
use super::quoted::{page_text, without_tags};
use super::reply::{Reply, SIGNER};
use crate::api::OriginType;

const PAGED: &str = "an error page that somebody has put on the distribution answers so in place of a refusal as well, and may bear \
                     API Gateway's mark: give it a path that leads to a bucket";

const REWRITTEN: &str = "a function that somebody has put on the distribution's origin-response event may make this of a refusal: \
                         headers are added by spec.distribution.responseHeadersPolicyId as well";

impl Reply<'_> {
    /// What CloudFront, the web ACL or the signer answered themselves.
    pub(in crate::domain::access) fn at_the_edge(&self) -> Option<Verdict> {
        let status = self.status;
        // A backend may claim to be the signer; the signer has no mark of API Gateway.
        if self.header(SIGNER).is_some() && !self.is_marked() {
            let said = self.quoted(&self.message().unwrap_or_default());
            return Some(Verdict::SignerRefused { status, said });
        }
        if self.header("x-amzn-waf-action").is_some() && !self.is_marked() {
            return Some(Verdict::BlockedByWebAcl);
        }
        let server = self.header("server");
        let is_edges = server == Some("CloudFront");
        let is_error = self
            .header("x-cache")
            .is_some_and(|text| text.starts_with("Error from"));
        if self.is_marked() && self.is_cached() {
            return Some(Verdict::Cached { status });
        }
        if self.is_marked() {
            // An error page in place of the error: what was behind it is not known.
            return (is_error && status < 400).then_some(Verdict::Unmarked { status });
        }
        // A page in place of an error, or another origin: neither says anything of a web ACL.
        let is_anothers = server.is_some_and(|server| server != "CloudFront");
        if is_anothers || self.known().hiding.pages.contains(&status) {
            return Some(Verdict::Unmarked { status });
        }
        let kind = self.header("content-type").unwrap_or_default();
        let is_page = is_edges && kind.starts_with("text/html");
        Some(match status {
            _ if is_page && self.body.contains("block access from your country") => Verdict::BlockedByCountry,
            _ if is_edges && kind.contains("xml") => Verdict::EdgeFailed {
                status,
                said: self.quoted(&without_tags(self.body)),
            },
            403 if is_page && self.body.contains("Request blocked") => Verdict::BlockedByWebAcl,
            _ if is_page && (status == 403 || status >= 500) => Verdict::EdgeFailed {
                status,
                said: self.quoted(&page_text(self.body)),
            },
            // A response that the team's own rule has made up.
            400..500 if is_edges || is_error => Verdict::BlockedByWebAcl,
            _ => Verdict::Unmarked { status },
        })
    }

    /// What `verdict` on a marked answer is worth after what others have put on the distribution.
    pub(super) fn through_the_edge(&self, verdict: Verdict) -> Verdict {
        let hiding = &self.known().hiding;
        if let Some(pattern) = &hiding.aside {
            return self.ambiguous(&format!(
                "the distribution's behaviour for {pattern} leads this path to another origin, or to the API without the \
                 perimeter's proof"
            ));
        }
        match verdict {
            Verdict::Reached { .. } | Verdict::KeyMissing { .. } | Verdict::AuthorizerFirst { .. } => {}
            other => return other,
        }
        // API Gateway names its errors in a header that no function at the edge sees; an HTTP API has none.
        if hiding.rewritten && self.known().api == OriginType::Http {
            return self.ambiguous(REWRITTEN);
        }
        if hiding.pages.contains(&self.status) {
            return self.ambiguous(PAGED);
        }
        verdict
    }
}
