//! `kubectl palisade`: what the binary does as a plugin of kubectl.

mod adopt;
mod asking;
mod controllers;
mod diff;
mod doctor;
mod dry_run;
mod explain;
mod form;
mod handover;
mod look;
mod open;
mod orphan_deletion;
mod orphans;
mod place;
mod plan;
mod progress;
mod question;
mod reach;
mod release;
mod rights;
mod runtime;
mod status;
mod watch;

use super::failure::Failure;
use super::output;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::{Shell, generate};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

/// As kubectl finds it on the PATH.
const NAME: &str = "kubectl-palisade";

/// Shows the perimeters (CloudFront, AWS WAF, request signing) that Palisade keeps in front of Amazon API Gateway APIs.
#[derive(Parser)]
#[command(name = NAME, bin_name = "kubectl palisade", version, max_term_width = 120)]
pub struct Plugin {
    #[command(subcommand)]
    pub command: Command,
}

// A doc comment would replace what the help says of the plugin.
#[derive(Subcommand)]
pub enum Command {
    /// Show what stands before an API, what is awaited and what is wrong
    Status(status::Options),
    /// Show what would be done in AWS for a manifest, before it is applied
    Plan(plan::Options),
    /// Show what would be done in AWS for an object as it is in the cluster
    Diff(diff::Options),
    /// Write the manifest that adopts a distribution which stands already, with its plan; nothing is applied
    Adopt(adopt::Options),
    /// Give an adopted distribution back, with the configuration that it had before
    Release(release::Options),
    /// Show how a perimeter moves to another cluster with no gap, and offer it
    Handover(handover::Options),
    /// Show which value came from where: from the object, from its class or from the baseline
    Explain(explain::Options),
    /// Look for what keeps Palisade, or an object, from working
    Doctor(doctor::Options),
    /// Print the commands that open an API again by hand; none is run
    Open(open::Options),
    /// Show what of objects that are gone stands in AWS and no object owns, with what to do about it
    Orphans(orphans::Options),
    /// Print completions for the command kubectl-palisade
    Completion {
        /// For which shell
        shell: Shell,
    },
}

/// Whether the binary was called as kubectl calls its plugins.
pub fn is_plugin(called: &OsStr) -> bool {
    Path::new(called).file_stem() == Some(OsStr::new(NAME))
}

/// Whether the arguments ask for a plan, of which the exit code tells whether there is something to do.
pub fn is_plan(arguments: impl IntoIterator<Item = OsString>) -> bool {
    let mut words = arguments.into_iter().skip(1);
    let asked = words.find(|word| word != "kubectl");
    asked.is_some_and(|asked| asked == "plan" || asked == "diff")
}

/// Does what is asked for; the exit code says how it went.
pub fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Status(options) => status::run(options).map(|()| ExitCode::SUCCESS),
        Command::Plan(options) => plan::run(options),
        Command::Diff(options) => diff::run(options),
        Command::Adopt(options) => adopt::run(options),
        Command::Release(options) => release::run(options),
        Command::Handover(options) => handover::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Doctor(options) => doctor::run(options),
        Command::Open(options) => open::run(options),
        Command::Orphans(options) => orphans::run(options),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            generate(*shell, &mut Plugin::command(), NAME, &mut script);
            output::write(&String::from_utf8(script)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_kubectl_calls_makes_it_a_plugin() {
        for (called, expected) in [
            ("kubectl-palisade", true),
            ("/home/me/.krew/bin/kubectl-palisade", true),
            ("/usr/local/bin/palisade", false),
            ("kubectl", false),
        ] {
            assert_eq!(is_plugin(OsStr::new(called)), expected, "{called}");
        }
    }

    #[test]
    fn what_asks_for_a_plan_is_known_by_its_first_word() {
        for (arguments, expected) in [
            (&["kubectl-palisade", "plan", "-f"][..], true),
            (&["palisade", "kubectl", "diff"][..], true),
            (&["kubectl-palisade", "status", "plan"][..], false),
            (&["palisade"][..], false),
        ] {
            let words = arguments.iter().map(OsString::from);
            assert_eq!(is_plan(words), expected, "{arguments:?}");
        }
    }
}
