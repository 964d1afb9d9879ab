//! The cluster that is asked for objects, and what there is to do where it does not answer.

use crate::cli::failure::{Failure, WrongOption};
use futures::Stream;
use hyper::Request;
use kube::api::{Api, ApiResource, DynamicObject, ListParams, Patch, PatchParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, Error};
use palisade::api::ProtectedApi;
use palisade::controller::kubernetes;
use palisade::plugin::{clean, in_context};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Whose changes they are.
pub(super) const MANAGER: &str = "kubectl-palisade";
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
    context: Option<String>,
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
    #[error("there is no ProtectedApi {name} {place}: {list} lists those of all namespaces")]
    NoObject {
        name: String,
        place: String,
        /// The command.
        list: String,
    },
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

/// In the API server's path anything else would name something else.
pub(super) fn check_name(what: &str, name: Option<&str>) -> Result<(), WrongOption> {
    let may_be = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
    match name {
        Some(name) if name.is_empty() || !name.chars().all(may_be) => Err(WrongOption(format!(
            "{name:?} is no {what} of Kubernetes: those have lower case letters, digits, \"-\" and \".\" alone"
        ))),
        _ => Ok(()),
    }
}

/// How a person's changes are merged into an object: as this plugin's.
pub(super) fn merging() -> PatchParams {
    PatchParams {
        field_manager: Some(MANAGER.to_owned()),
        ..PatchParams::default()
    }
}

impl Reach {
    /// Reads the kubeconfig.
    pub(super) async fn of(meant: &Meant) -> Result<Self, Failure> {
        check_name("name", meant.name.as_deref())?;
        check_name("namespace", meant.namespace.as_deref())?;
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
            context: meant.context.clone(),
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

    /// Merges `patch` into the object of this name, by the rights of whoever asks.
    pub(super) async fn patch(&self, name: &str, patch: &Value) -> Result<(), Failure> {
        let answer = self
            .heard(self.api.patch(name, &merging(), &Patch::Merge(patch)))
            .await?;
        match answer {
            Ok(_) => Ok(()),
            Err(Error::Api(status)) if matches!(status.code, 403 | 409 | 422) => Err(format!(
                "the API server does not take the change of {name} {}: {}",
                self.place(),
                clean(&status.message)
            )
            .into()),
            Err(error) => Err(self.told(&error).into()),
        }
    }

    /// Makes `object`, by the rights of whoever asks; one that there is already stays as it is. Fields that the schema does not have are
    /// refused, as kubectl has them refused.
    pub(super) async fn create(&self, object: &Value) -> Result<(), Failure> {
        let path = format!(
            "{}?fieldValidation=Strict&fieldManager={MANAGER}",
            self.api.resource_url()
        );
        let request = Request::post(path)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(object)?)?;
        match self
            .heard(self.client().request::<DynamicObject>(request))
            .await?
        {
            Ok(_) => Ok(()),
            Err(Error::Api(status)) if matches!(status.code, 400 | 403 | 409 | 422) => Err(format!(
                "the API server does not take the object {}: {}",
                self.place(),
                clean(&status.message)
            )
            .into()),
            Err(error) => Err(self.told(&error).into()),
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

    /// The context of the kubeconfig that was named.
    pub(super) fn context(&self) -> Option<&str> {
        self.asked.context.as_deref()
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
                list: in_context("kubectl palisade status -A", self.context.as_deref()),
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
mod tests;
