//! What a person does about the perimeter of one UID that no object owns: the manifest of the object that takes it over, and the commands
//! that delete what is left of it. Nothing is told to be deleted that may serve viewers, or that an object can take down.

use super::{Account, DISTRIBUTION, ONE_SNAPSHOT, advice, command, named};
use crate::api::{GROUP, OrphanStatus};
use crate::plugin::manifest::Manifest;
use crate::plugin::read::clean;
use crate::plugin::words::{argument, in_context};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Why there is nothing to take over, or nothing to delete.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No account has anything of it.
    #[error(
        "no AwsAccount tells of anything of UID {uid} that no object owns: {list} lists what there is, as old as the controller's last \
         count"
    )]
    Unknown {
        /// Of which object.
        uid: String,
        /// The command.
        list: String,
    },
    /// There is nothing that an object goes on with.
    #[error(
        "no distribution of UID {uid} is listed, so there is nothing to take over: {list} says what to do about the rest"
    )]
    NoDistribution {
        /// Of which object.
        uid: String,
        /// The command.
        list: String,
    },
    /// The file is of a class, or names no object.
    #[error("the manifest is of no ProtectedApi with a name: write the object that is to keep the perimeter")]
    NoObject,
    /// The file is of another perimeter.
    #[error(
        "{field} of the manifest is {found}, and what no object owns needs {wanted}: write that, or take the field out"
    )]
    Contradicts {
        /// Which field.
        field: String,
        /// What it has.
        found: String,
        /// What it must have.
        wanted: String,
    },
    /// It may serve viewers, or it is not known whether it does, or an object can take it down.
    #[error("what is left of UID {uid} stays. {why}")]
    Kept {
        /// Of which object.
        uid: String,
        /// What is in the way, and what to do.
        why: String,
    },
}

/// What one account has of a UID.
pub(super) struct Found<'a> {
    pub(super) account: &'a Account,
    pub(super) parts: Vec<&'a OrphanStatus>,
    /// Whether all of it is listed.
    pub(super) is_whole: bool,
}

impl Found<'_> {
    pub(super) fn distribution(&self) -> Option<&OrphanStatus> {
        let mut parts = self.parts.iter();
        parts.find(|part| part.kind == DISTRIBUTION).copied()
    }
}

pub(super) fn found<'a>(accounts: &'a [Account], uid: &str) -> Result<Vec<Found<'a>>, Refused> {
    let is_its = |part: &&OrphanStatus| part.uid.as_deref() == Some(uid);
    let all = accounts.iter().map(|account| Found {
        account,
        parts: account.orphans.iter().filter(is_its).collect(),
        // What is left out may be of the last one.
        is_whole: account.left_out.is_none() || !account.orphans.last().as_ref().is_some_and(is_its),
    });
    let all: Vec<Found<'a>> = all.filter(|found| !found.parts.is_empty()).collect();
    if all.is_empty() {
        return Err(Refused::Unknown {
            uid: clean(uid),
            list: list(accounts),
        });
    }
    Ok(all)
}

/// The command that lists all of it, in the cluster of these accounts.
fn list(accounts: &[Account]) -> String {
    let command = "kubectl palisade orphans";
    let mut accounts = accounts.iter();
    accounts
        .next()
        .map_or_else(|| command.to_owned(), |account| account.here(command))
}

/// An object that takes a perimeter over as it stands, and is held up until somebody has looked at its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeOver {
    uid: String,
    namespace: String,
    name: String,
    /// Whether the Namespace must permit it: the object has another name than that before.
    needs_consent: bool,
    spec: Value,
}

impl TakeOver {
    /// By the object of `written`, in `namespace`. Its spec is as it is written, and says besides what it takes to go on.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn of(accounts: &[Account], uid: &str, written: &Manifest, namespace: &str) -> Result<Self, Refused> {
        let all = found(accounts, uid)?;
        let mut standing = all
            .iter()
            .filter_map(|found| Some((found.account, found.distribution()?)));
        let (account, distribution) = standing.next().ok_or_else(|| Refused::NoDistribution {
            uid: clean(uid),
            list: list(accounts),
        })?;
        let name = written.name.as_ref().filter(|_| !written.is_class);
        let name = name.ok_or(Refused::NoObject)?;
        let former = (distribution.namespace.as_deref(), distribution.name.as_deref());
        let needs_consent = former != (Some(namespace), Some(name));
        let mut spec = written.spec.clone();
        spec["suspend"] = json!(true);
        // An object of the same name goes on by itself, and the account of the controller's own credentials needs no name.
        if needs_consent || !spec["takeOver"].is_null() {
            set(&mut spec, &["takeOver", "uid"], json!(uid))?;
        }
        if !account.is_own || !spec["accountName"].is_null() {
            set(&mut spec, &["accountName"], json!(account.name))?;
        }
        if distribution.adopted {
            let id = distribution.arn.rsplit('/').next();
            set(&mut spec, &["distribution", "adopt", "id"], json!(id))?;
        }
        Ok(Self {
            uid: clean(uid),
            namespace: namespace.to_owned(),
            name: name.clone(),
            needs_consent,
            spec,
        })
    }

    /// The object, as kubectl applies it.
    #[must_use]
    pub fn manifest(&self) -> Value {
        json!({
            "apiVersion": format!("{GROUP}/v1alpha1"),
            "kind": "ProtectedApi",
            "metadata": {"name": self.name, "namespace": self.namespace},
            "spec": self.spec,
        })
    }

    /// What to do, in which order; `manifest` is the manifest's text. `is_made`: whether the object is made by now.
    #[must_use]
    pub fn text(&self, manifest: &str, is_made: bool, context: Option<&str>) -> String {
        let (uid, namespace, name) = (
            argument(&self.uid),
            argument(&clean(&self.namespace)),
            argument(&clean(&self.name)),
        );
        let here = |command: String| in_context(&command, context);
        let permit = if self.needs_consent {
            let annotate = here(format!(
                "kubectl annotate namespace {namespace} palisade.dev/allowed-perimeters={uid}"
            ));
            let edit = here(format!("kubectl edit namespace {namespace}"));
            format!(
                "The Namespace permits it. Where it has the annotation already, add {uid} to the UIDs there, after a comma, by \
                 {edit}; where it has none:\n   {annotate}"
            )
        } else {
            "An object of this name goes on with it by itself.".to_owned()
        };
        let apply = if is_made {
            "The object is made, and nothing is written to AWS while its spec.suspend is true.".to_owned()
        } else {
            "Apply the manifest, or run this command with --yes: nothing is written to AWS while spec.suspend is true.".to_owned()
        };
        let plan = here(format!("kubectl palisade status {name} -n {namespace}"));
        let go_on = here(format!(
            "kubectl -n {namespace} patch protectedapi {name} --type=merge -p '{{\"spec\":{{\"suspend\":false}}}}'"
        ));
        format!(
            "{manifest}\n1. {permit}\n2. {apply}\n3. {plan}\n   shows the plan. What the spec does not say is taken away, names first: go on only when it \
             has no changes that viewers notice.\n4. {go_on}\n\nTo give it up again, set spec.deletionPolicy: Retain before you delete the \
             object: without that, what it goes on with goes with it.\n{ONE_SNAPSHOT}.\n"
        )
    }
}

/// Writes `wanted` at this place of a spec, where nothing else stands there.
fn set(spec: &mut Value, path: &[&str], wanted: Value) -> Result<(), Refused> {
    let contradicts = |found: &Value| Refused::Contradicts {
        field: format!("spec.{}", path.join(".")),
        found: clean(&found.to_string()),
        wanted: wanted.to_string(),
    };
    let mut at = spec;
    for field in path {
        if at.is_null() {
            *at = json!({});
        }
        if !at.is_object() {
            return Err(contradicts(at));
        }
        at = &mut at[*field];
    }
    if !at.is_null() && *at != wanted {
        return Err(contradicts(at));
    }
    *at = wanted;
    Ok(())
}

/// The commands that delete what is left of a perimeter and serves nobody, as a script to read and to run step by step.
///
/// # Errors
/// [`Refused`].
pub fn deletion(accounts: &[Account], uid: &str) -> Result<String, Refused> {
    let all = found(accounts, uid)?;
    let mut script = format!("# {ONE_SNAPSHOT}.\n");
    for found in &all {
        if let Some(why) = kept(found) {
            let uid = clean(uid);
            return Err(Refused::Kept { uid, why });
        }
        let account = found.account;
        let id = account.account_id.as_deref().unwrap_or("not known yet");
        let whose = found.parts.first().map(|part| named(part));
        // Writing to a String cannot fail.
        let _ = writeln!(
            script,
            "# What is left {} in AWS account {id} (AwsAccount {}). No viewer came by it when the controller last counted:\n# look at it \
             in AWS before you run anything, with credentials of that account.",
            whose.unwrap_or_default(),
            account.name
        );
        for part in &found.parts {
            let command = command(&part.kind, &part.arn);
            let command = command.unwrap_or_else(|| format!("# by hand: {} {}", part.kind, part.arn));
            let _ = writeln!(script, "{command}");
        }
    }
    Ok(script)
}

/// Why nothing of it is deleted by hand.
fn kept(found: &Found<'_>) -> Option<String> {
    let first = found.parts.first()?;
    let serves = found.parts.iter().any(|part| part.may_serve);
    let distribution = found.distribution();
    let is_named = first.namespace.is_some() && first.name.is_some();
    if serves || (distribution.is_some() && is_named) {
        return Some(advice(found.account, first, serves, distribution).join("\n"));
    }
    if distribution.is_some() {
        return Some(
            "The tags of its distribution do not tell whose it was: look at it in AWS before you do anything"
                .to_owned(),
        );
    }
    if !found.is_whole {
        return Some(
            "Not all of it may be listed: look at the rest of it in AWS before you do anything".to_owned(),
        );
    }
    not_ready(found)
}

/// Why what is told of it may be old.
pub(super) fn not_ready(found: &Found<'_>) -> Option<String> {
    (!found.account.is_ready).then(|| {
        format!(
            "AwsAccount {} is not Ready, so what is told of it may be old: {} says why",
            found.account.name,
            found.account.described()
        )
    })
}

#[cfg(test)]
mod tests;
