//! Palisade keeps a perimeter (CloudFront, AWS WAF, a signing function at the edge) in front of API Gateway APIs.
//!
//! # Layout
//!
//! The folders are the data flow:
//!
//! ```text
//!  kubectl apply                                                              kubectl get / describe / wait
//!       │                                                                                  ▲
//!       ▼                                                                                  │
//!  api ──────▶ controller ───────────────────────────────────────────────────────▶ domain::status
//!  the custom   watch, lead, pass (apply, cleanup, sweeper), probe, publish                ▲
//!  resources        │                      ▲                                               │
//!                   ▼                      │ one call a resource                           │
//!  domain       tenancy ▶ desired ──┐      │ and wave                                      │
//!  pure                             ├─▶ plan ─▶ engine::execute ─────▶ aws::resources ─────┘
//!               observed ───────────┘                                   observe, apply
//!                   ▲                                                        │
//!  aws          readings ◀──────────── Cloud: budget ▸ finished ▸ fence ▸ sdk ◀──┘
//!
//!  signer       the Lambda@Edge function (JavaScript)
//!  authorizer   the Lambda authorizer (JavaScript)
//!  package      the zip file of either
//! ```
//!
//! - [`api`]: spec and status, with the rules that the API server enforces. No logic.
//! - [`domain`]: what is wanted and what follows from it, without client, clock or runtime. A folder for each subject, a file for
//!   each kind of AWS resource; the order of kinds is [`domain::kernel::planning::Kind`], what is next is [`domain::perimeter::plan`].
//!   How an API is locked, and when a lock is put back, is one table: [`domain::access::table::machine`].
//! - [`aws`]: the only place that calls AWS. [`aws::operations`] is the table of all calls, [`aws::resources`] has a file
//!   for each kind that is written, [`aws::layers`] the order of what lies around a call.
//! - [`controller`]: Kubernetes. [`controller::pass::reconcile`] is one pass over one object, [`controller::engine`] what it decides and
//!   does in an account.
//! - `api_server`: how long its answers are waited for.
//! - [`definitions`]: of the custom resources, as a cluster has them: whether they fit, and how they get there.
//! - [`signer`]: the function that signs each request.
//! - [`authorizer`]: the function that lets in who shows the secret header.
//! - [`plugin`]: what `kubectl palisade` shows: pictures of objects, plans, and what does not work.
//! - [`package`]: what Lambda is given of a function, the same bytes for the same code and configuration.
//!
//! # Glossary
//!
//! - *object*: a `ProtectedApi`; its *perimeter*: all that stands in AWS for it. *Ours*, *condemned*, *retained*, *stripped*,
//!   *foreign*: whose a resource is, [`domain::kernel::identity::Ownership`].
//! - *desired*, *observed*, *plan*: what should be, what is seen, what is next. A *pass* observes, prepares, plans and acts
//!   until nothing is left to do now; a *step* of a plan is one call, a *wave* all steps that do not wait for each other.
//! - *verified*: read in full and found as wanted; *recorded* as such in status, by fingerprint. *Drift*: what others changed.
//! - *inputs*: what a resource needs of others; *outputs*: what others need of it.
//! - *route*: what API Gateway asks callers at: a method of a REST API, a route of the others. *As deployed*: as the stage serves
//!   it; *as edited*: the working copy, which serves nobody.
//! - *proof*: what the perimeter shows so that the API lets it in: a signature, a key, a header. A *lock* has each route ask for it.
//! - *cut-over*: from the deployment with the lock until that is proven; else the former one is *put back*.
//! - *way*: of a probe, through the perimeter (viewer) or past it (direct). *Other doors*: whatever else leads to the API.
//! - *generated value*: the next secret value of an object, kept in memory until it is sent. *Rotation*: it takes
//!   the place of the one that CloudFront sends.
//! - *revision*: of a class, what it said at a time; an object goes by one. *Rollout*: how a change of the class reaches its
//!   objects: those that are *on the way* to the newest revision, and those that have *moved*.
//! - *keeper*: the object that keeps a perimeter; another one *takes it over* by `spec.takeOver`, or is *handed* it by `spec.handOver`:
//!   its keeper then *lets it go*. Parts stay named after the object that they were *made for*.
//! - *adopt*: take a distribution that stood before its object, by `spec.distribution.adopt`; *release*: give it back.
//! - *siblings*: the other objects of the same API. *Origin's name*: the custom domain name that asks for a client certificate. *Pair*: a client
//!   certificate and its CA, made in memory.
//! - *claim*: which object comes first for a stage. *Rival*: another object or cluster before the same API.

// What is pure is compiled apart, in `pure.rs`, and optimized for tests; for its own tests it is compiled here. See `src/Cargo.toml`.
#[cfg(not(test))]
pub use palisade_pure::{api, authorizer, domain, package, signer};
#[cfg(test)]
pub mod api;
mod api_server;
#[cfg(test)]
pub mod authorizer;
pub mod aws;
pub mod controller;
pub mod definitions;
#[cfg(test)]
pub mod domain;
#[cfg(test)]
pub mod package;
pub mod plugin;
#[cfg(test)]
pub mod signer;
