//! What only a simulated account can show: faults, crashes and the hands of others. Tests of the engine rely on it.
#![allow(clippy::unwrap_used)]

mod behaviour;
mod data_path;
mod invariants;
mod mutual_tls;
mod shown;

use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::settings::Settings;

fn instant() -> SimulatedCloud {
    SimulatedCloud::new(Settings::instant())
}
