//! Whether what the API server serves is what this version writes and reads.
//!
//! Asked of the API's description, which every client may read, and not of the definitions themselves.

use super::{VERSION, fields};
use crate::api::{GROUP, definitions};
use crate::api_server::answered;
use hyper::Request;
use kube::Client;
use serde_json::Value;
use std::collections::BTreeSet;

/// Why nothing may be touched under the definitions that are served.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The API server would drop what we write, and with it what we know of AWS's resources.
    #[error(
        "the definition of {kind} is older than this controller: it lacks {lacked}; bring in those of version {VERSION}: palisade crd --apply"
    )]
    Older {
        /// The kind.
        kind: String,
        /// What is missing.
        lacked: String,
    },
    /// Objects may ask for what we do not know, and hold in their status what we would lose.
    #[error(
        "the definition of {kind} is newer than this controller of version {VERSION}, which does not know {lacked}; run the version that it is of"
    )]
    Newer {
        /// The kind.
        kind: String,
        /// What we do not know.
        lacked: String,
    },
    /// The description cannot be read.
    #[error(
        "reading /openapi/v3: {0}; the ClusterRole system:discovery permits it to every client, and must be bound"
    )]
    Unread(#[from] kube::Error),
}

/// Whether all definitions that are served fit. One that is missing is waited for by its watch.
///
/// # Errors
/// [`Unfit`].
pub async fn fit(client: &Client) -> Result<(), Unfit> {
    each(client, |served| {
        served.keeps_ours().and_then(|()| served.is_known())
    })
    .await
}

/// Whether all that this version writes is kept, whatever else objects may have.
///
/// # Errors
/// [`Unfit::Older`], or [`Unfit::Unread`].
pub async fn keep(client: &Client) -> Result<(), Unfit> {
    each(client, Served::keeps_ours).await
}

/// A definition as we have it, and as it is served.
struct Served {
    kind: String,
    ours: BTreeSet<String>,
    theirs: BTreeSet<String>,
}

impl Served {
    fn keeps_ours(&self) -> Result<(), Unfit> {
        let kind = self.kind.clone();
        let lacked = fields::lacked(&self.ours, &self.theirs);
        lacked.map_or(Ok(()), |lacked| Err(Unfit::Older { kind, lacked }))
    }

    fn is_known(&self) -> Result<(), Unfit> {
        let kind = self.kind.clone();
        let lacked = fields::lacked(&self.theirs, &self.ours);
        lacked.map_or(Ok(()), |lacked| Err(Unfit::Newer { kind, lacked }))
    }
}

async fn each(client: &Client, judge: fn(&Served) -> Result<(), Unfit>) -> Result<(), Unfit> {
    for definition in definitions() {
        let kind = definition.spec.names.kind;
        for version in definition.spec.versions {
            let described = described(client, &version.name).await?;
            let Some(served) = described.as_ref().and_then(|all| schema_of(all, &kind)) else {
                continue;
            };
            judge(&Served {
                kind: kind.clone(),
                ours: fields::of_version(&version),
                theirs: fields::of(served),
            })?;
        }
    }
    Ok(())
}

/// The description of our group's `version`; nothing where it is not served.
async fn described(client: &Client, version: &str) -> Result<Option<Value>, kube::Error> {
    let request = Request::get(format!("/openapi/v3/apis/{GROUP}/{version}"))
        .header("accept", "application/json")
        .body(Vec::new());
    let request = request.map_err(|error| kube::Error::Service(error.into()))?;
    match answered(client.request(request)).await {
        Ok(description) => Ok(Some(description)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(error) => Err(error),
    }
}

fn schema_of<'a>(description: &'a Value, kind: &str) -> Option<&'a Value> {
    let schemas = description["components"]["schemas"].as_object()?;
    schemas.values().find(|schema| {
        let mut kinds = schema["x-kubernetes-group-version-kind"]
            .as_array()
            .into_iter()
            .flatten();
        kinds.any(|known| known["group"] == GROUP && known["kind"] == kind)
    })
}
