//! The cluster that is asked for objects, and what there is to do where it does not answer.

use crate::cli::failure::Failure;
use futures::Stream;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, Error};
use palisade::api::ProtectedApi;
use palisade::controller::kubernetes;
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
        "the API server at {server} does not answer: {why}. kubectl cluster-info shows whether kubectl reaches it; --context \
         names another cluster"
    )]
    Silent { server: String, why: String },
}

impl Unanswered {
    /// Whether asking again may help.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Silent { .. } => true,
            Self::Credentials(_) | Self::Forbidden { .. } | Self::NoDefinition(_) | Self::NoObject { .. } => {
                false
            }
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
        let client = Client::try_from(config).map_err(|error| asked.told(&error))?;
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
    fn place(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("in namespace {namespace}"),
            None => "in all namespaces".to_owned(),
        }
    }

    fn told(&self, error: &Error) -> Unanswered {
        let server = self.server.clone();
        let Error::Api(status) = error else {
            let why = innermost(error);
            return Unanswered::Silent { server, why };
        };
        let said = status.message.clone();
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

    #[test]
    fn a_server_that_is_not_there_is_named_with_what_was_the_matter() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let told = asked(None).told(&Error::Service(refused.into())).to_string();
        assert!(told.contains("https://api.example.com/"), "{told}");
        assert!(told.contains("connection refused"), "{told}");
    }
}
