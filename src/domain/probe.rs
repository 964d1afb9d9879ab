//! Probes: one request through the perimeter, one past it, and what the answer proves.

use super::secret::Secret;
use serde::Serialize;
use std::collections::BTreeMap;

/// Which way a probe goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Way {
    /// Through the perimeter, as viewers go.
    Viewer,
    /// Past it, without any proof: to the API's own endpoint.
    Direct,
    /// Past it, with the secret value that CloudFront sends, or is to send next.
    Next,
}

/// One request, without a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// Which way it goes.
    pub way: Way,
    /// The host that is asked, over TLS.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// A header with a secret value; none but on [`Way::Next`].
    pub header: Option<(String, Secret)>,
    /// Whether it is the handshake of a WebSocket, and not a plain GET.
    pub web_socket: bool,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Answer {
    /// An HTTP answer.
    Http {
        /// Its status.
        status: u16,
        /// Its headers, in lower case.
        headers: BTreeMap<String, String>,
        /// The start of its body.
        body: String,
    },
    /// None came: why, in a few words.
    Failed(String),
}

/// Who answered, and what that proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// API Gateway let the request in; the status is the backend's.
    Reached {
        /// The backend's status.
        status: u16,
    },
    /// API Gateway itself refused the request.
    Refused {
        /// Its status.
        status: u16,
        /// Its own words.
        said: String,
    },
    /// API Gateway knows no route for the path.
    NoRoute,
    /// The web ACL blocked the request.
    BlockedByWebAcl,
    /// CloudFront refused the viewer's country.
    BlockedByCountry,
    /// CloudFront or the function at the edge failed.
    EdgeFailed {
        /// CloudFront's status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// Nobody answered.
    Unanswered {
        /// Why, in a few words.
        why: String,
    },
}

/// At most this much of a body is quoted to people.
const QUOTE: usize = 200;

/// Reads an answer. API Gateway names its own refusals of REST and WebSocket APIs in `x-amzn-errortype`, and words those
/// of HTTP APIs always alike; what a backend says carries neither.
#[must_use]
pub fn verdict(answer: &Answer) -> Verdict {
    let (status, headers, body) = match answer {
        Answer::Failed(why) => return Verdict::Unanswered { why: why.clone() },
        Answer::Http {
            status,
            headers,
            body,
        } => (*status, headers, body.as_str()),
    };
    let is_edge = headers.get("server").is_some_and(|server| server == "CloudFront") && is_html(headers);
    if is_edge && body.contains("block access from your country") {
        return Verdict::BlockedByCountry;
    }
    if is_edge && status == 403 {
        return Verdict::BlockedByWebAcl;
    }
    if is_edge && status >= 500 {
        let said = quoted(&without_tags(body));
        return Verdict::EdgeFailed { status, said };
    }
    let message = message_of(body);
    if let Some(kind) = headers.get("x-amzn-errortype") {
        let kind = kind.split(':').next().unwrap_or(kind);
        let is_refusal = REFUSALS.contains(&kind) && (status == 401 || status == 403)
            || UNDECIDED.contains(&kind) && status == 500;
        if is_refusal {
            let said = message.map_or_else(|| kind.to_owned(), |message| format!("{kind}: {message}"));
            return Verdict::Refused {
                status,
                said: quoted(&said),
            };
        }
    }
    match (status, message.as_deref()) {
        (404, Some("Not Found")) => Verdict::NoRoute,
        (403, Some("Forbidden" | "Missing Authentication Token")) | (401, Some("Unauthorized")) => {
            Verdict::Refused {
                status,
                said: message.unwrap_or_default(),
            }
        }
        _ => Verdict::Reached { status },
    }
}

/// Error types with which API Gateway refuses a caller.
const REFUSALS: [&str; 8] = [
    "AccessDeniedException",
    "ExpiredTokenException",
    "ForbiddenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnauthorizedException",
    "UnrecognizedClientException",
];

/// Error types with which API Gateway says that an authorizer could not be asked, or did not answer: nobody gets in.
const UNDECIDED: [&str; 2] = ["AuthorizerConfigurationException", "AuthorizerFailureException"];

fn is_html(headers: &BTreeMap<String, String>) -> bool {
    headers
        .get("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"))
}

/// The message of a JSON body that is nothing but a message.
fn message_of(body: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(body).ok()?;
    let fields = document.as_object().filter(|fields| fields.len() == 1)?;
    let message = fields.get("message").or_else(|| fields.get("Message"))?;
    message.as_str().map(ToOwned::to_owned)
}

/// The text of an HTML page, on one line.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if is_tag => {}
            c => text.push(c),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The start of what was said. API Gateway goes on with the canonical request, which has the signer's session token.
fn quoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = line.find(". ").map_or(line.len(), |end| end + 1);
    line[..end].chars().take(QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Answer::Http {
            status,
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    #[test]
    fn an_authorizer_that_cannot_be_asked_lets_nobody_in() {
        let kind = "AuthorizerConfigurationException";
        let found = verdict(&answer(500, &[("x-amzn-errortype", kind)], r#"{"message":null}"#));
        let said = kind.to_owned();
        assert_eq!(found, Verdict::Refused { status: 500, said });
        let found = verdict(&answer(500, &[], r#"{"message":"Internal server error"}"#));
        assert_eq!(found, Verdict::Reached { status: 500 });
    }

    #[test]
    fn a_backend_that_answers_403_or_404_itself_was_reached() {
        for (status, body) in [
            (403, r#"{"error":"no such tenant"}"#),
            (404, "nothing here"),
            (200, "[]"),
        ] {
            assert_eq!(verdict(&answer(status, &[], body)), Verdict::Reached { status });
        }
    }

    #[test]
    fn api_gateways_own_refusal_is_told_with_its_first_sentence() {
        let headers = [("x-amzn-errortype", "InvalidSignatureException")];
        let body = r#"{"message":"The request signature does not match. Check your key.\n\nx-amz-security-token:SECRET"}"#;
        let Verdict::Refused { status, said } = verdict(&answer(403, &headers, body)) else {
            panic!("not refused");
        };
        assert_eq!(status, 403);
        assert!(
            said.starts_with("InvalidSignatureException: The request"),
            "{said}"
        );
    }

    #[test]
    fn an_http_apis_refusal_is_told_by_its_wording() {
        let refused = verdict(&answer(
            403,
            &[("apigw-requestid", "x")],
            r#"{"message":"Forbidden"}"#,
        ));
        assert!(matches!(refused, Verdict::Refused { status: 403, .. }));
        assert_eq!(
            verdict(&answer(404, &[], r#"{"message":"Not Found"}"#)),
            Verdict::NoRoute
        );
    }

    #[test]
    fn a_block_by_the_web_acl_is_no_refusal_by_the_api() {
        let headers = [("server", "CloudFront"), ("content-type", "text/html")];
        let blocked = verdict(&answer(403, &headers, "<H1>403 ERROR</H1> Request blocked."));
        assert_eq!(blocked, Verdict::BlockedByWebAcl);
        let page = "The Amazon CloudFront distribution is configured to block access from your country.";
        assert_eq!(verdict(&answer(403, &headers, page)), Verdict::BlockedByCountry);
    }

    #[test]
    fn a_failing_function_is_told_as_the_edges_failure() {
        let headers = [("server", "CloudFront"), ("content-type", "text/html")];
        let failed = verdict(&answer(
            502,
            &headers,
            "<h1>502 ERROR</h1><p>The Lambda function failed</p>",
        ));
        let Verdict::EdgeFailed { status: 502, said } = failed else {
            panic!("{failed:?}")
        };
        assert_eq!(said, "502 ERROR The Lambda function failed");
    }
}
