//! What needs a Kubernetes API: custom resource definitions, manifests, rights, the lease, events, the command line.

#[path = "support/aws.rs"]
mod aws;
#[path = "support/controller_settings.rs"]
mod controller_settings;
#[path = "support/judges.rs"]
mod judges;
#[path = "support/kubernetes.rs"]
mod kubernetes;
#[path = "support/petstore.rs"]
mod petstore;

mod cli;
mod controller;
mod crd;
mod definitions;
mod deploy;
mod lease;
mod objects;
mod plugin;
