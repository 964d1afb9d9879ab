//! All that is watched, followed in the background.

use crate::api::{AwsAccount, PerimeterClass};
use crate::controller::pass::context::Watched;
use crate::controller::process::settings::Settings;
use crate::controller::watch::known::Writing;
use crate::controller::watch::perimeter_plans::{self, PlanObject};
use crate::controller::watch::{self, Object, aws_accounts, perimeter_classes};
use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use kube::api::PartialObjectMeta;
use kube::runtime::reflector::store::Writer;
use tokio::task::JoinSet;

/// Where the watches write what they see.
pub(super) struct Writers {
    /// Of objects.
    pub objects: Writer<Object>,
    /// Of Namespaces.
    pub namespaces: Writer<PartialObjectMeta<Namespace>>,
    /// Of `AwsAccount`s.
    pub accounts: Writing<AwsAccount>,
    /// Of classes.
    pub classes: Writing<PerimeterClass>,
    /// Of `PerimeterPlan`s.
    pub plans: Writer<PlanObject>,
}

/// Follows all that is watched, in the background.
pub(super) fn follow_all(
    settings: &Settings,
    client: &Client,
    followed: Watched,
    writers: Writers,
    background: &mut JoinSet<()>,
) {
    let namespace = &settings.namespace;
    background.spawn(watch::follow_objects(
        client.clone(),
        namespace.clone(),
        writers.objects,
        followed.triggers.clone(),
        followed.backoff,
        followed.claims,
        (followed.account_triggers.clone(), followed.class_triggers.clone()),
    ));
    background.spawn(perimeter_classes::follow_classes(
        client.clone(),
        writers.classes,
        followed.class_triggers,
        (followed.objects.clone(), followed.triggers.clone()),
        followed.namespaces,
    ));
    background.spawn(aws_accounts::follow_accounts(
        client.clone(),
        writers.accounts,
        followed.account_triggers,
        followed.objects.clone(),
        followed.triggers.clone(),
    ));
    background.spawn(perimeter_plans::follow_plans(
        client.clone(),
        namespace.clone(),
        writers.plans,
        followed.plan_triggers,
    ));
    background.spawn(watch::follow_namespaces(
        client.clone(),
        namespace.clone(),
        writers.namespaces,
        followed.objects,
        followed.triggers,
    ));
}
