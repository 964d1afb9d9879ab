//! `kubectl palisade`: what the binary does as a plugin of kubectl.

mod look;
mod reach;
mod status;
mod watch;

use super::failure::Failure;
use super::output;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::{Shell, generate};
use std::ffi::OsStr;
use std::path::Path;

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

/// Does what is asked for.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Status(options) => status::run(options),
        Command::Completion { shell } => {
            let mut script = Vec::new();
            generate(*shell, &mut Plugin::command(), NAME, &mut script);
            output::write(&String::from_utf8(script)?)?;
            Ok(())
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
}
