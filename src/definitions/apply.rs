//! Brings the definitions into a cluster: never an older one over a newer, and none under which a stored object would be invalid.

use super::error::{ApplyError, of_api};
use super::established::established;
use super::{VERSION, fields, stored, version};
use crate::api::{FIELD_MANAGER, definitions};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client, ResourceExt as _};
use std::collections::BTreeSet;

/// A definition of ours, and the one that the cluster has by its name.
type Pair = (CustomResourceDefinition, Option<CustomResourceDefinition>);

/// Brings in the definition of the kind `plural`, or all. `tell` is told what has been done.
///
/// # Errors
/// [`ApplyError`]. Before the first change all is checked.
pub async fn apply(client: Client, plural: Option<&str>, tell: impl Fn(&str)) -> Result<(), ApplyError> {
    let pairs = check(&client, plural, &tell).await?;
    let api: Api<CustomResourceDefinition> = Api::all(client);
    for (definition, found) in &pairs {
        let name = definition.name_any();
        // Whoever else holds a part of a definition gives it up.
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let applied = api.patch(&name, &params, &Patch::Apply(definition)).await;
        let applied = applied.map_err(of_api("applying a definition"))?;
        established(&api, &name).await?;
        let done = match found {
            None => "installed",
            Some(found) if found.resource_version() == applied.resource_version() => "unchanged",
            Some(_) => "changed",
        };
        tell(&format!("{name}: {done}, established"));
    }
    Ok(())
}

/// Whether the definition of the kind `plural`, or all, may be brought in; answers them with those that are there. Nothing is changed.
///
/// # Errors
/// [`ApplyError`]: those that are there are newer, or stored objects would be invalid.
pub async fn check(
    client: &Client,
    plural: Option<&str>,
    tell: impl Fn(&str),
) -> Result<Vec<Pair>, ApplyError> {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let mut pairs = Vec::new();
    for definition in definitions() {
        if plural.is_some_and(|plural| definition.spec.names.plural != plural) {
            continue;
        }
        let found = api.get_opt(&definition.name_any()).await;
        let found = found.map_err(of_api("reading the definitions that are there"))?;
        if let Some(found) = &found {
            refuse_newer(found, &definition)?;
        }
        pairs.push((definition, found));
    }
    let mut invalid = Vec::new();
    for (definition, found) in &pairs {
        let name = definition.name_any();
        if found.is_none() {
            tell(&format!("{name}: not in the cluster, nothing to try"));
            continue;
        }
        let (count, of_these) = stored::check(client, definition).await?;
        tell(&format!(
            "{name}: {count} stored objects tried, {} invalid",
            of_these.len()
        ));
        invalid.extend(of_these);
    }
    if invalid.is_empty() {
        Ok(pairs)
    } else {
        Err(ApplyError::Invalid(invalid))
    }
}

/// By the version that it says, or else by what we do not know of it.
fn refuse_newer(found: &CustomResourceDefinition, ours: &CustomResourceDefinition) -> Result<(), ApplyError> {
    let of_version = version::of(found);
    let newer = |how: String| {
        Err(ApplyError::Newer {
            name: found.name_any(),
            how,
        })
    };
    if let Some(other) = of_version.filter(|other| version::is_later(other, VERSION)) {
        return newer(format!("it is of version {other}"));
    }
    let is_older = of_version.is_some_and(|other| version::is_later(VERSION, other));
    match fields::lacked(&known(found), &known(ours)) {
        // What an older version had may be gone on purpose; objects that use it are found.
        Some(lacked) if !is_older => newer(format!("it has {lacked}")),
        _ => Ok(()),
    }
}

fn known(definition: &CustomResourceDefinition) -> BTreeSet<String> {
    definition
        .spec
        .versions
        .iter()
        .flat_map(fields::of_version)
        .collect()
}
