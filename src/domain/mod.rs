//! What is wanted and what follows from it: pure functions, without client, clock or runtime. One folder is one room.
//!
//! ```text
//!              ┌─ signer ───┐
//!              ├─ firewall ─┤
//!  kernel ◀────┼─ edge ─────┼◀──── perimeter ◀──── status ◀──── (controller)
//!  the words   ├─ access ───┤      what is         what is
//!  of all      ├─ shield ───┤      wanted, seen,   said
//!              ├─ mutual_tls┤      and next
//!              ├─ tenancy ──┤
//!              └─ cost ─────┘
//! ```
//!
//! - [`kernel`]: identity, secrets, changes, reasons, and the words of observing and planning. It knows no resource.
//! - [`signer`], [`firewall`], [`edge`], [`access`], [`shield`]: the AWS resources, one file a kind, each with the same names:
//!   `Desired`, `Observed`, `Action`; `desired` builds what is wanted, `diff` names the fields that differ, `next` decides the
//!   next call, `after` is the resource once it is answered.
//!   `access` builds on `signer`, `edge` on `access`, [`mutual_tls`] on `edge`.
//! - [`tenancy`]: what a namespace may name, and who comes first.
//! - [`cost`]: what a spec comes to by a list of prices.
//! - [`perimeter`]: the composition. [`perimeter::plan::plan`] asks every room what it needs next.
//! - [`status`]: what is said of it.
//!
//! The arrows are tested: `tests/architecture.rs`.

pub mod access;
pub mod cost;
pub mod edge;
pub mod firewall;
pub mod kernel;
pub mod mutual_tls;
pub mod perimeter;
pub mod shield;
pub mod signer;
pub mod status;
pub mod tenancy;
