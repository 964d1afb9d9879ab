//! Whether what the API server serves is what this version writes and reads.
//!
//! Asked of the API's description, which every client may read, and not of the definitions themselves.

use super::{VERSION, fields};
use crate::api::{GROUP, definitions};
use crate::api_server::answered;
use hyper::Request;
use kube::Client;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

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
        keeps_ours(served).and_then(|()| is_known(served))
    })
    .await
}

/// Whether all that this version writes is kept, whatever else objects may have.
///
/// # Errors
/// [`Unfit::Older`], or [`Unfit::Unread`].
pub async fn keep(client: &Client) -> Result<(), Unfit> {
    each(client, keeps_ours).await
}

/// By version: each kind, and the fields that it has.
type Fields = BTreeMap<String, Vec<(String, BTreeSet<String>)>>;

/// What our definitions know: of each version, of each kind. Made once: it is asked for every minute.
static OURS: LazyLock<Fields> = LazyLock::new(|| {
    let mut ours: BTreeMap<String, Vec<(String, BTreeSet<String>)>> = BTreeMap::new();
    for definition in definitions() {
        for version in &definition.spec.versions {
            let known = (definition.spec.names.kind.clone(), fields::of_version(version));
            ours.entry(version.name.clone()).or_default().push(known);
        }
    }
    ours
});

/// A definition as we have it, and as it is served.
struct Served<'a> {
    kind: &'a str,
    ours: &'a BTreeSet<String>,
    theirs: BTreeSet<String>,
}

fn keeps_ours(served: &Served<'_>) -> Result<(), Unfit> {
    let kind = served.kind.to_owned();
    let lacked = fields::lacked(served.ours, &served.theirs);
    lacked.map_or(Ok(()), |lacked| Err(Unfit::Older { kind, lacked }))
}

fn is_known(served: &Served<'_>) -> Result<(), Unfit> {
    let kind = served.kind.to_owned();
    let lacked = fields::lacked(&served.theirs, served.ours);
    lacked.map_or(Ok(()), |lacked| Err(Unfit::Newer { kind, lacked }))
}

async fn each(client: &Client, judge: fn(&Served<'_>) -> Result<(), Unfit>) -> Result<(), Unfit> {
    for (version, kinds) in OURS.iter() {
        let Some(all) = described(client, version).await? else {
            continue;
        };
        for (kind, ours) in kinds {
            if let Some(served) = schema_of(&all, kind) {
                let theirs = fields::of(served);
                judge(&Served { kind, ours, theirs })?;
            }
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
