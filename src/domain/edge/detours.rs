//! What of a distribution may answer a viewer in place of the API, as far as its configuration tells.

use super::config::SIGNING_EVENT;
use super::xml::{self, Element};
use crate::api::{DetourPageStatus, DetoursStatus};
use crate::domain::kernel::path_patterns::fits;

/// The event at which a function gets what the API answered, and may make another answer of it.
const ANSWERED: &str = "origin-response";
/// As many patterns and pages as status holds.
const MOST: usize = 75;
const MOST_PAGES: usize = 20;

/// Which way a distribution sends requests, as a document or a row of the lists has it.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Behaviours {
    /// Id and domain of each origin.
    pub origins: Vec<(String, String)>,
    /// Id of each group of origins, with the ids of its members.
    pub groups: Vec<(String, Vec<String>)>,
    pub default: Behaviour,
    /// Those with a path pattern, the first that fits deciding.
    pub others: Vec<Behaviour>,
    /// Status and path of each error page.
    pub pages: Vec<(u16, String)>,
}

/// What is done with the requests of one path pattern.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Behaviour {
    /// Empty for the default behaviour.
    pub pattern: String,
    pub origin: String,
    /// Event and ARN of each Lambda@Edge function.
    pub functions: Vec<(String, String)>,
}

impl Behaviour {
    fn function_at(&self, event: &str) -> Option<&str> {
        let mut functions = self.functions.iter();
        let found = functions.find(|(at, _)| at == event);
        found.map(|(_, arn)| arn.as_str())
    }

    /// Whether requests come to the same origin, with the same signature, and answers back the same way.
    fn does_as(&self, other: &Self) -> bool {
        let is_same = |event| self.function_at(event) == other.function_at(event);
        self.origin == other.origin && is_same(SIGNING_EVENT) && is_same(ANSWERED)
    }
}

/// The ARN of the function of which a behaviour has a version: an earlier one of the signer signs, too.
fn unversioned(arn: &str) -> &str {
    arn.rsplit_once(':').map_or(arn, |(function, _)| function)
}

impl Behaviours {
    /// Those of a configuration.
    #[must_use]
    pub fn of(config: &Element) -> Self {
        let text = |element: &Element, path: &str| xml::text_at(element, path).unwrap_or_default();
        let behaviour = |element: &Element| Behaviour {
            pattern: text(element, "PathPattern"),
            origin: text(element, "TargetOriginId"),
            functions: xml::items_at(element, "LambdaFunctionAssociations")
                .into_iter()
                .map(|found| (text(found, "EventType"), text(found, "LambdaFunctionARN")))
                .collect(),
        };
        let all = |path: &str| xml::items_at(config, path).into_iter();
        let page = |response: &Element| {
            let path = xml::text_at(response, "ResponsePagePath")?;
            let status = ["ResponseCode", "ErrorCode"].map(|name| xml::text_at(response, name));
            let status = status.into_iter().flatten().next()?;
            Some((status.parse().ok()?, path))
        };
        Self {
            origins: all("Origins")
                .map(|origin| (text(origin, "Id"), text(origin, "DomainName")))
                .collect(),
            groups: all("OriginGroups")
                .map(|group| {
                    let members = xml::items_at(group, "Members").into_iter();
                    let members = members.map(|member| text(member, "OriginId"));
                    (text(group, "Id"), members.collect())
                })
                .collect(),
            default: xml::at(config, "DefaultCacheBehavior")
                .map(behaviour)
                .unwrap_or_default(),
            others: all("CacheBehaviors").map(behaviour).collect(),
            pages: all("CustomErrorResponses").filter_map(page).collect(),
        }
    }

    /// What may answer in place of the API.
    #[must_use]
    pub fn detours(&self) -> DetoursStatus {
        let page = |(status, path): &(u16, String)| {
            let behaviour = self.behaviour_of(path);
            let is_own = behaviour.does_as(&self.default);
            (is_own || !self.is_bucket(behaviour)).then(|| DetourPageStatus {
                status: *status,
                path: is_own.then(|| path.clone()),
            })
        };
        let others = self.others.iter().filter(|it| !it.does_as(&self.default));
        DetoursStatus {
            error_pages: self.pages.iter().filter_map(page).take(MOST_PAGES).collect(),
            path_patterns: others.map(|it| it.pattern.clone()).take(MOST).collect(),
            rewritten: self.default.function_at(ANSWERED).map(|_| true),
        }
    }

    /// Path pattern of each behaviour beside the default one that has not its signer, with the names of the origins that it may ask.
    #[must_use]
    pub fn leads(&self) -> Vec<(String, Vec<String>)> {
        let signer = self.default.function_at(SIGNING_EVENT).map(unversioned);
        let is_signed = |it: &&Behaviour| {
            let own = it.function_at(SIGNING_EVENT).map(unversioned);
            own.is_some() && own == signer
        };
        let others = self.others.iter().filter(|it| !is_signed(it));
        let leads = others.map(|it| (it.pattern.clone(), self.names_asked_by(it)));
        leads.collect()
    }

    fn names_asked_by(&self, behaviour: &Behaviour) -> Vec<String> {
        let mut groups = self.groups.iter();
        let group = groups.find(|(id, _)| *id == behaviour.origin);
        let is_asked = |id: &String| match group {
            Some((_, members)) => members.contains(id),
            None => *id == behaviour.origin,
        };
        let asked = self.origins.iter().filter(|(id, _)| is_asked(id));
        asked.map(|(_, domain)| domain.clone()).collect()
    }

    fn behaviour_of(&self, path: &str) -> &Behaviour {
        let mut others = self.others.iter();
        others.find(|it| fits(&it.pattern, path)).unwrap_or(&self.default)
    }

    /// Whether a bucket answers there, which knows nothing of API Gateway's marks.
    fn is_bucket(&self, behaviour: &Behaviour) -> bool {
        let mut origins = self.origins.iter();
        let origin = origins.find(|(id, _)| *id == behaviour.origin);
        origin.is_some_and(|(_, domain)| {
            domain.ends_with(".amazonaws.com") && (domain.contains(".s3.") || domain.contains(".s3-"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::path_patterns::aside;

    fn to(pattern: &str, origin: &str, functions: &[(&str, &str)]) -> Behaviour {
        let functions = functions.iter();
        Behaviour {
            pattern: pattern.to_owned(),
            origin: origin.to_owned(),
            functions: functions
                .map(|(event, arn)| ((*event).to_owned(), (*arn).to_owned()))
                .collect(),
        }
    }

    /// The API's distribution, to which others have added a bucket and an API.
    fn routes(others: Vec<Behaviour>, pages: &[(u16, &str)]) -> Behaviours {
        let origins = [
            ("palisade-api", "a.execute-api.eu-north-1.amazonaws.com"),
            ("bucket", "pages.s3.eu-north-1.amazonaws.com"),
            ("other", "b.execute-api.eu-north-1.amazonaws.com"),
        ];
        let pages = pages.iter();
        Behaviours {
            origins: origins
                .map(|(id, domain)| (id.to_owned(), domain.to_owned()))
                .to_vec(),
            groups: vec![],
            default: to("", "palisade-api", &[("origin-request", "signer:1")]),
            others,
            pages: pages
                .map(|(status, path)| (*status, (*path).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn a_pattern_fits_paths_as_cloudfront_documents_it() {
        for (pattern, path) in [
            ("*", "/"),
            ("/prod/*", "/prod/pets"),
            ("prod/*", "/prod/pets/7"),
            ("*.html", "/a/b.html"),
            ("/a?c", "/abc"),
            ("/*/x*y", "/p/q/xaxby"),
        ] {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/prod/*", "/PROD/pets"),
            ("/prod/*", "/prod"),
            ("/a?c", "/ac"),
            ("*.html", "/a.htm"),
            ("/pets", "/pets/7"),
            ("", "/pets"),
        ] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_page_of_a_bucket_bears_no_mark_and_one_of_the_api_or_of_another_may() {
        let others = || vec![to("/errors/*", "bucket", &[]), to("/other/*", "other", &[])];
        let pages = |pages: &[(u16, &str)]| routes(others(), pages).detours().error_pages;
        let page = |status: u16, path: Option<&str>| DetourPageStatus {
            status,
            path: path.map(ToOwned::to_owned),
        };
        assert!(pages(&[(200, "/errors/403.html")]).is_empty());
        assert_eq!(pages(&[(200, "/index.html")]), [page(200, Some("/index.html"))]);
        assert_eq!(
            pages(&[(404, "/other/404"), (200, "/errors/x")]),
            [page(404, None)]
        );
    }

    #[test]
    fn a_behaviour_that_does_as_the_default_one_leads_nowhere_else() {
        let signed = &[("origin-request", "signer:1"), ("viewer-request", "f:1")];
        let others = vec![
            to("/cached/*", "palisade-api", signed),
            to("/unsigned/*", "palisade-api", &[]),
            to("/other/*", "other", signed),
        ];
        let detours = routes(others, &[]).detours();
        assert_eq!(detours.path_patterns, ["/unsigned/*", "/other/*"]);
        assert_eq!(aside(&detours, "/other/pets?x=1"), Some("/other/*"));
        assert_eq!(aside(&detours, "/cached/pets"), None);
        assert_eq!(aside(&detours, "/pets?/other/"), None);
    }

    #[test]
    fn a_behaviour_leads_to_its_origin_or_to_all_of_its_group() {
        let others = vec![
            to("/own/*", "palisade-api", &[]),
            to("/group/*", "group", &[]),
            to("/signed/*", "palisade-api", &[("origin-request", "signer:0")]),
            to(
                "/by-another/*",
                "palisade-api",
                &[("origin-request", "another:1")],
            ),
        ];
        let mut routes = routes(others, &[]);
        let members = ["bucket", "other"].map(ToOwned::to_owned).to_vec();
        routes.groups.push(("group".to_owned(), members));
        let lead = |pattern: &str, domains: &[&str]| {
            let domains = domains.iter().map(|domain| (*domain).to_owned());
            (pattern.to_owned(), domains.collect::<Vec<_>>())
        };
        let (own, other) = (
            "a.execute-api.eu-north-1.amazonaws.com",
            "b.execute-api.eu-north-1.amazonaws.com",
        );
        let of_group = ["pages.s3.eu-north-1.amazonaws.com", other];
        assert_eq!(
            routes.leads(),
            [
                lead("/own/*", &[own]),
                lead("/group/*", &of_group),
                lead("/by-another/*", &[own])
            ],
            "an earlier version of the signer signs, too"
        );
        routes.default.functions.clear();
        assert_eq!(routes.leads().len(), 4, "what another function does is not known");
    }

    #[test]
    fn a_function_that_gets_answers_may_make_others_of_them() {
        let mut routes = routes(vec![], &[]);
        assert_eq!(routes.detours(), DetoursStatus::default());
        let function = |event: &str| (event.to_owned(), "f:1".to_owned());
        routes.default.functions.push(function("viewer-response"));
        assert_eq!(
            routes.detours().rewritten,
            None,
            "CloudFront asks it of no refusal"
        );
        routes.default.functions.push(function("origin-response"));
        assert_eq!(routes.detours().rewritten, Some(true));
    }
}
