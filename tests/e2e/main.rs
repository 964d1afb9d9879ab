//! End to end: the real binary, a real Kubernetes API, the emulated AWS.
//!
//! One control plane and one emulator serve all tests. Each test has a namespace, an API of API Gateway and a process
//! of the controller of its own, which watches that namespace only and calls AWS with an access key of its own.

#[path = "../support/emulator.rs"]
mod emulator;
#[path = "../support/kubernetes.rs"]
mod kubernetes;

mod access;
mod accounts;
mod adoption;
mod alerts;
mod apis;
mod boundary;
mod controller;
mod create;
mod credentials;
mod deletion;
mod doors;
mod drift;
mod foreign_hand;
mod handover;
mod iam;
mod leftovers;
mod logging;
mod modes;
mod mutual_tls;
mod mutual_tls_switches;
mod names;
mod needles;
mod observation;
mod orphan_deletion;
mod promtool;
mod proxy;
mod refusals;
mod replicas;
mod resources;
mod restart;
mod rollout;
mod scene;
mod secrets;
mod shield;
mod spoke;
mod tenancy;
mod took;
mod traces;
mod troubles;
mod update;
mod viewers;
mod waits;
mod zoo;
