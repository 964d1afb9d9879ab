//! Whether the objects that are stored would be valid under other definitions.
//!
//! Nobody but the API server can tell: schemas and rules are its own language. It tells of objects under definitions that it has,
//! so it gets the new one under another group for a moment, and is asked whether it would take a copy of each object.

use super::error::{ApplyError, Invalid, of_api};
use super::established::established;
use crate::api::GROUP;
use hyper::Request;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DeleteParams, DynamicObject, ListParams, ObjectMeta, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Its objects are never stored.
const SCRATCH: &str = "check.palisade.dev";
const PAGE: u32 = 100;
/// A definition that is established is served a moment later.
const SERVED: Duration = Duration::from_secs(30);
const AGAIN: Duration = Duration::from_millis(200);

/// How many objects are stored, and which of them would be invalid under `wanted`.
pub async fn check(
    client: &Client,
    wanted: &CustomResourceDefinition,
) -> Result<(usize, Vec<Invalid>), ApplyError> {
    let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
    let scratch = scratch(wanted);
    let name = scratch.name_any();
    remove(&definitions, &name).await?;
    let made = definitions.create(&PostParams::default(), &scratch).await;
    made.map_err(of_api("making the definition that objects are tried against"))?;
    let checked = async {
        established(&definitions, &name).await?;
        each(client, wanted).await
    };
    let checked = checked.await;
    let removed = remove(&definitions, &name).await;
    // What went wrong first is told.
    let found = checked?;
    removed.map(|()| found)
}

/// The new definition under a name that means nothing: no object of it has a namespace, so none waits for one or is refused for it;
/// and its status is part of the object.
fn scratch(wanted: &CustomResourceDefinition) -> CustomResourceDefinition {
    let mut scratch = wanted.clone();
    scratch.metadata = ObjectMeta {
        name: Some(format!("{}.{SCRATCH}", wanted.spec.names.plural)),
        ..ObjectMeta::default()
    };
    SCRATCH.clone_into(&mut scratch.spec.group);
    "Cluster".clone_into(&mut scratch.spec.scope);
    scratch.spec.names.short_names = None;
    scratch.spec.names.categories = None;
    for version in &mut scratch.spec.versions {
        version.subresources = None;
        version.additional_printer_columns = None;
    }
    scratch
}

/// Until it is gone; also what an interrupted run left.
async fn remove(definitions: &Api<CustomResourceDefinition>, name: &str) -> Result<(), ApplyError> {
    let doing = "removing the definition that objects are tried against";
    let until = Instant::now() + SERVED;
    while definitions.get_opt(name).await.map_err(of_api(doing))?.is_some() {
        match definitions.delete(name, &DeleteParams::default()).await {
            Err(kube::Error::Api(status)) if status.code == 404 => {}
            answer => drop(answer.map_err(of_api(doing))?),
        }
        if Instant::now() > until {
            return Err(ApplyError::Stuck(name.to_owned()));
        }
        sleep(AGAIN).await;
    }
    Ok(())
}

async fn each(
    client: &Client,
    wanted: &CustomResourceDefinition,
) -> Result<(usize, Vec<Invalid>), ApplyError> {
    let names = &wanted.spec.names;
    let version = wanted.spec.versions.iter().find(|version| version.storage);
    let version = version.map_or("", |version| &version.name);
    let kind = GroupVersionKind::gvk(GROUP, version, &names.kind);
    let resource = ApiResource::from_gvk_with_plural(&kind, &names.plural);
    let objects: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let (mut count, mut invalid) = (0, Vec::new());
    let mut page = ListParams::default().limit(PAGE);
    loop {
        let found = objects
            .list(&page)
            .await
            .map_err(of_api("listing what is stored"))?;
        for object in &found {
            count += 1;
            if let Err(why) = try_object(client, wanted, version, object).await? {
                let name = object.name_any();
                let object = object
                    .namespace()
                    .map_or(name.clone(), |namespace| format!("{namespace}/{name}"));
                invalid.push(Invalid { object, why });
            }
        }
        match found.metadata.continue_.filter(|next| !next.is_empty()) {
            Some(next) => page = page.continue_token(&next),
            None => return Ok((count, invalid)),
        }
    }
}

/// What the API server says to a copy, without taking it. A field that the new schema lacks would be dropped: it says so, too.
async fn try_object(
    client: &Client,
    wanted: &CustomResourceDefinition,
    version: &str,
    object: &DynamicObject,
) -> Result<Result<(), String>, ApplyError> {
    let mut copy = object.data.clone();
    copy["apiVersion"] = json!(format!("{SCRATCH}/{version}"));
    copy["kind"] = json!(wanted.spec.names.kind);
    copy["metadata"] = json!({"name": object.name_any()});
    let path = format!(
        "/apis/{SCRATCH}/{version}/{}?dryRun=All&fieldValidation=Strict",
        wanted.spec.names.plural
    );
    let until = Instant::now() + SERVED;
    loop {
        let request = Request::post(&path)
            .header("content-type", "application/json")
            .body(copy.to_string().into_bytes());
        let request = request.map_err(|error| kube::Error::Service(error.into()));
        let answer = match request {
            Ok(request) => client.request::<Value>(request).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(_) => return Ok(Ok(())),
            Err(kube::Error::Api(status)) if matches!(status.code, 400 | 422) => {
                let (_, why) = status
                    .message
                    .split_once("is invalid: ")
                    .unwrap_or(("", &status.message));
                return Ok(Err(why.to_owned()));
            }
            Err(kube::Error::Api(status)) if status.code == 404 && Instant::now() < until => {
                sleep(AGAIN).await;
            }
            Err(error) => return Err(of_api("trying whether a stored object would be valid")(error)),
        }
    }
}
