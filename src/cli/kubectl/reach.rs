//! The cluster that is asked for objects, and what there is to do where it does not answer.

use crate::cli::failure::Failure;
use futures::Stream;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, Error};
use palisade::api::ProtectedApi;
use palisade::controller::kubernetes;
use palisade::plugin::clean;
use std::time::Duration;
use tokio::time::timeout;

/// For a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// For an answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Which objects are meant.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    /// The one of this name; all where left out.
    pub name: Option<String>,
    /// In this namespace; that of the context where left out.
    pub namespace: Option<String>,
    /// In all namespaces.
    pub everywhere: bool,
    /// In the cluster of this context; that of the current one where left out.
    pub context: Option<String>,
}

/// A cluster, and which of its objects are meant.
pub(super) struct Reach {
    api: Api<DynamicObject>,
    asked: Asked,
}

/// What is asked where.
#[derive(Debug, Clone)]
struct Asked {
    server: String,
    namespace: Option<String>,
    name: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error(
        "the API server at {0} does not accept your credentials: log in again; kubectl auth whoami shows who you are"
    )]
    Credentials(String),
    #[error(
        "you may not read ProtectedApis {place}: {said}. Ask for get, list and watch of protectedapis.palisade.dev, which the \
         ClusterRole palisade-view has"
    )]
    Forbidden { place: String, said: String },
    #[error(
        "the cluster at {0} has no kind ProtectedApi: Palisade is not installed there, or a version without it. --context names \
         another cluster; docs/install.md says how to install it"
    )]
    NoDefinition(String),
    #[error(
        "there is no ProtectedApi {name} {place}: kubectl palisade status -A lists those of all namespaces"
    )]
    NoObject { name: String, place: String },
    #[error("the API server at {server} answered {code}: {said}")]
    Refused { server: String, code: u16, said: String },
    #[error(
        "what answers at {server} answered {code} with a page for browsers, as proxies and load balancers do in the API server's \
         place: {next}"
    )]
    Page {
        server: String,
        code: u16,
        next: &'static str,
    },
    #[error("what answers at {0} is not the Kubernetes API: {next}", next = WHERE)]
    Stranger(String),
    #[error(
        "what the kubeconfig has for {server} cannot be used: {why}. kubectl config view --minify shows it, and kubectl auth whoami \
         tries it"
    )]
    Unusable { server: String, why: String },
    #[error(
        "the API server at {server} does not answer: {why}. kubectl cluster-info shows whether kubectl reaches it; --context \
         names another cluster"
    )]
    Silent { server: String, why: String },
}

/// What to look at where something else answers.
const WHERE: &str = "kubectl config view --minify shows the address that is asked, and HTTPS_PROXY and NO_PROXY say by which proxy";
/// What passes mostly.
const IN_A_WHILE: &str = "try again in a while; kubectl cluster-info shows whether kubectl gets through";
/// Of what a server says so many letters are shown.
const SHOWN: usize = 300;

impl Unanswered {
    /// Whether asking again may help.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Silent { .. } => true,
            Self::Page { code, .. } => *code >= 500,
            Self::Credentials(_)
            | Self::Forbidden { .. }
            | Self::NoDefinition(_)
            | Self::NoObject { .. }
            | Self::Stranger(_)
            | Self::Unusable { .. } => false,
        }
    }
}

impl Reach {
    /// Reads the kubeconfig.
    pub(super) async fn of(meant: &Meant) -> Result<Self, Failure> {
        let mut config = match &meant.context {
            Some(context) => kubernetes::config_of_context(context).await?,
            None => kubernetes::config().await?,
        };
        config.connect_timeout = Some(CONNECT);
        let namespace = meant
            .namespace
            .clone()
            .unwrap_or_else(|| config.default_namespace.clone());
        let asked = Asked {
            server: config.cluster_url.to_string(),
            namespace: (!meant.everywhere).then_some(namespace),
            name: meant.name.clone(),
        };
        let client = Client::try_from(config).map_err(|error| asked.unusable(&error))?;
        let kind = ApiResource::erase::<ProtectedApi>(&());
        let api = match &asked.namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &kind),
            None => Api::all_with(client, &kind),
        };
        Ok(Self { api, asked })
    }

    /// The objects that are there.
    pub(super) async fn objects(&self) -> Result<Vec<DynamicObject>, Unanswered> {
        match &self.asked.name {
            Some(name) => Ok(vec![self.answer(self.api.get(name)).await?]),
            None => Ok(self.answer(self.api.list(&ListParams::default())).await?.items),
        }
    }

    /// What happens to them.
    pub(super) fn changes(
        &self,
    ) -> impl Stream<Item = watcher::Result<watcher::Event<DynamicObject>>> + use<> {
        let all = watcher::Config::default();
        let config = match &self.asked.name {
            Some(name) => all.fields(&format!("metadata.name={name}")),
            None => all,
        };
        watcher(self.api.clone(), config).default_backoff()
    }

    /// In which namespace is looked.
    pub(super) fn place(&self) -> String {
        self.asked.place()
    }

    /// What `error` means for people.
    pub(super) fn told(&self, error: &Error) -> Unanswered {
        self.asked.told(error)
    }

    /// The cluster's client, for other kinds.
    pub(super) fn client(&self) -> Client {
        self.api.clone().into_client()
    }

    /// The API server's address.
    pub(super) fn server(&self) -> &str {
        &self.asked.server
    }

    /// The namespace that is meant; empty where all are.
    pub(super) fn namespace(&self) -> &str {
        self.asked.namespace.as_deref().unwrap_or_default()
    }

    /// What was answered in time, whatever it was.
    pub(super) async fn heard<T>(
        &self,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<Result<T, Error>, Unanswered> {
        timeout(PATIENCE, request).await.map_err(|_| Unanswered::Silent {
            server: self.asked.server.clone(),
            why: format!("nothing was heard for {} s", PATIENCE.as_secs()),
        })
    }

    async fn answer<T>(&self, request: impl Future<Output = Result<T, Error>>) -> Result<T, Unanswered> {
        self.heard(request).await?.map_err(|error| self.told(&error))
    }
}

impl Asked {
    fn unusable(&self, error: &Error) -> Unanswered {
        Unanswered::Unusable {
            server: self.server.clone(),
            why: innermost(error),
        }
    }

    fn place(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("in namespace {namespace}"),
            None => "in all namespaces".to_owned(),
        }
    }

    fn told(&self, error: &Error) -> Unanswered {
        let server = self.server.clone();
        let status = match error {
            Error::Api(status) => status,
            Error::Auth(_) => return self.unusable(error),
            Error::SerdeError(_) | Error::FromUtf8(_) => return Unanswered::Stranger(server),
            error => {
                let why = innermost(error);
                return Unanswered::Silent { server, why };
            }
        };
        let (code, is_page) = (status.code, status.message.trim_start().starts_with('<'));
        // Who is to log in is to do so, whoever says it.
        if is_page && code != 401 {
            let next = if code >= 500 { IN_A_WHILE } else { WHERE };
            return Unanswered::Page { server, code, next };
        }
        let said = shown(&status.message);
        let named = status.details.as_ref().map(|details| details.name.clone());
        match (status.code, &self.name) {
            (401, _) => Unanswered::Credentials(server),
            (403, _) => Unanswered::Forbidden {
                place: self.place(),
                said,
            },
            // Of a kind that it does not have, the API server names no object.
            (404, Some(name)) if named.as_ref() == Some(name) => Unanswered::NoObject {
                name: name.clone(),
                place: self.place(),
            },
            (404, _) => Unanswered::NoDefinition(server),
            (code, _) => Unanswered::Refused { server, code, said },
        }
    }
}

/// What a server says, as a terminal may show it.
fn shown(said: &str) -> String {
    let said = clean(said);
    let said = said.trim();
    if said.is_empty() {
        return "nothing more".to_owned();
    }
    said.chars().take(SHOWN).collect()
}

/// What is behind an error: the outer ones say only that there was one.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;
    use kube::core::response::StatusDetails;

    fn asked(name: Option<&str>) -> Asked {
        Asked {
            server: "https://api.example.com/".to_owned(),
            namespace: Some("shop".to_owned()),
            name: name.map(ToOwned::to_owned),
        }
    }

    fn answered(code: u16, named: Option<&str>) -> Error {
        let mut status = Status::failure("said", "Reason").with_code(code);
        status.details = named.map(|name| StatusDetails {
            name: name.to_owned(),
            group: "palisade.dev".to_owned(),
            kind: "protectedapis".to_owned(),
            uid: String::new(),
            causes: vec![],
            retry_after_seconds: 0,
        });
        Error::Api(status.boxed())
    }

    #[test]
    fn an_answer_that_is_none_says_what_to_do() {
        let cases = [
            (401, None, "log in again", false),
            (403, None, "Ask for get, list and watch", false),
            (404, None, "--context names", false),
            (404, Some("petstore"), "status -A lists", false),
            (500, None, "answered 500: said", true),
        ];
        for (code, named, remedy, passes) in cases {
            let told = asked(Some("petstore")).told(&answered(code, named));
            assert!(told.to_string().contains(remedy), "{told}");
            assert_eq!(told.passes(), passes, "{told}");
        }
    }

    /// As kube tells an answer that is not the API's.
    fn page(code: u16, said: &str) -> Error {
        Error::Api(
            Status::failure(said, "Failed to parse error data")
                .with_code(code)
                .boxed(),
        )
    }

    const HTML: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head></html>";

    #[test]
    fn a_page_of_a_proxy_is_told_as_that_and_not_shown() {
        for (code, remedy, passes) in [
            (502, "try again in a while", true),
            (503, "try again in a while", true),
            (403, "HTTPS_PROXY", false),
            (404, "HTTPS_PROXY", false),
        ] {
            let told = asked(Some("petstore")).told(&page(code, HTML));
            let said = told.to_string();
            assert!(
                said.contains(remedy) && said.contains(&code.to_string()),
                "{said}"
            );
            assert!(
                !said.contains('<') && !said.contains("no kind ProtectedApi"),
                "{said}"
            );
            assert_eq!(told.passes(), passes, "{said}");
        }
        let login = asked(None).told(&page(401, HTML)).to_string();
        assert!(login.contains("log in again"), "{login}");
    }

    #[test]
    fn of_what_a_server_says_a_line_is_shown_and_nothing_that_steers_a_terminal() {
        let said = format!("no\u{1b}[2J healthy\nupstream {}", "x".repeat(5000));
        let told = asked(None).told(&page(503, &said)).to_string();
        assert!(told.contains("answered 503: no") && told.len() < 600, "{told}");
        assert!(!told.contains(char::is_control), "{told}");
        let silent = asked(None).told(&page(503, "")).to_string();
        assert!(silent.ends_with("nothing more"), "{silent}");
    }

    #[test]
    fn what_is_no_answer_of_the_api_at_all_names_the_address() {
        let error = serde_json::from_str::<serde_json::Value>("<html>").expect_err("no JSON");
        let told = asked(None).told(&Error::SerdeError(error));
        assert!(
            told.to_string()
                .contains("https://api.example.com/ is not the Kubernetes API"),
            "{told}"
        );
        assert!(!told.passes());
    }

    #[test]
    fn a_server_that_is_not_there_is_named_with_what_was_the_matter() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let told = asked(None).told(&Error::Service(refused.into())).to_string();
        assert!(told.contains("https://api.example.com/"), "{told}");
        assert!(told.contains("connection refused"), "{told}");
    }
}
