//! What is wanted and what follows from it: pure functions, without client, clock or runtime. One folder is one room.
//!
//! ```text
//!              ┌─ signer ───┐
//!              ├─ firewall ─┤
//!  kernel ◀────┼─ edge ─────┼◀──── perimeter ◀──── status ◀──── (controller)
//!  the words   ├─ access ───┤      what is         what is
//!  of all      ├─ shield ───┤      wanted, seen,   said
//!              ├─ mutual_tls┤      and next
//!              ├─ adoption ─┤
//!              ├─ tenancy ──┤
//!              ├─ classes ──┤
//!              ├─ rollout ──┤
//!              ├─ pricing_plans
//!              └─ cost ─────┘
//! ```
//!
//! - [`kernel`]: identity, secrets, changes, reasons, and the words of observing and planning. It knows no resource.
//! - [`signer`], [`firewall`], [`edge`], [`access`], [`shield`]: the AWS resources, one file a kind, each with the same names:
//!   `Desired`, `Observed`, `Action`; `desired` builds what is wanted, `diff` names the fields that differ, `next` decides the
//!   next call, `after` is the resource once it is answered.
//!   `access` builds on `signer`, `edge` on `access`, [`mutual_tls`] on `edge`.
//! - [`adoption`]: of a distribution that stands already, on `edge`, `access` and `firewall`.
//! - [`tenancy`]: what a namespace may name, and who comes first.
//! - [`pricing_plans`]: the flat-rate plan that a distribution may be in, and what it takes.
//! - [`classes`]: what the platform team gives to a spec, and does not let it say.
//! - [`cost`]: what a spec comes to by a list of prices.
//! - [`rollout`]: how a change of a class reaches its objects.
//! - [`perimeter`]: the composition. [`perimeter::plan::plan`] asks every room what it needs next.
//! - [`status`]: what is said of it.
//!
//! The arrows are tested: `tests/architecture.rs`.

pub mod access;
pub mod adoption;
pub mod classes;
pub mod cost;
pub mod edge;
pub mod firewall;
pub mod kernel;
pub mod mutual_tls;
pub mod perimeter;
pub mod pricing_plans;
pub mod rollout;
pub mod shield;
pub mod signer;
pub mod status;
pub mod tenancy;
