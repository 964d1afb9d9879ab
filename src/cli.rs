//! The command line: subcommands, and what they are made of.

mod controller;
mod crd;
mod failure;
mod iam_policy;
mod kubectl;
mod output;
mod signer;
mod values;

use clap::{Parser, Subcommand};
use failure::{Failure, Logged, WrongOption};
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Puts a perimeter (CloudFront, AWS WAF, request signing) in front of Amazon API Gateway APIs, and keeps it there.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  palisade crd --apply                      install or update the custom resources
  palisade controller --tenancy Open        run against the current kubeconfig and AWS profile
  palisade controller --help                all options, each also by environment
  palisade iam-policy > policy.json         what the controller may do in AWS
  palisade kubectl status petstore -n shop  what stands, what is awaited and what is wrong
  palisade kubectl plan -f petstore.yaml    what would be done in AWS, before it is applied

Exit codes: 0 done, 1 failed, 2 an option is wrong; kubectl plan and kubectl diff have their own.";

#[derive(Subcommand)]
enum Command {
    /// Run the controller, in a cluster or against a kubeconfig
    Controller(Box<controller::Options>),
    /// Print the custom resource definitions as YAML, or bring them into a cluster, or try whether they may be
    Crd(crd::Options),
    /// Write the Lambda@Edge function package that signs requests to one API
    Signer(signer::Options),
    /// Print the controller's least-privilege IAM policy, or the permissions boundary of the roles it makes
    IamPolicy(iam_policy::Options),
    /// What `kubectl palisade` does where this binary is on the PATH as kubectl-palisade
    #[command(subcommand)]
    Kubectl(kubectl::Command),
}

/// As clap ends where an option is wrong by itself.
const WRONG_OPTION: u8 = 2;

/// Runs what the command line asks for.
pub fn main() -> ExitCode {
    let command = match asked() {
        Ok(command) => command,
        Err(error) => return ended(&error),
    };
    let done = |()| ExitCode::SUCCESS;
    let result = match command {
        Command::Controller(options) => controller::run(*options).map(done),
        Command::Crd(options) if options.is_about_cluster() => crd::bring_in(&options).map(done),
        Command::Crd(options) => palisade::api::crd_yaml(options.kind.as_deref())
            .map_err(Failure::from)
            .and_then(|text| print(&text))
            .map(done),
        Command::Signer(options) => signer::run(&options).map(done),
        Command::IamPolicy(options) => iam_policy::text(&options).and_then(|text| print(&text)).map(done),
        Command::Kubectl(command) => kubectl::run(&command),
    };
    match result {
        Ok(code) => code,
        Err(failure) => {
            if !failure.is::<Logged>() {
                // Standard error may be closed; there is nobody else to tell.
                let _ = writeln!(io::stderr(), "error: {failure}");
            }
            if failure.is::<WrongOption>() {
                return ExitCode::from(WRONG_OPTION);
            }
            ExitCode::FAILURE
        }
    }
}

/// The command, by the name under which the binary was called.
fn asked() -> Result<Command, clap::Error> {
    match std::env::args_os().next() {
        Some(name) if kubectl::is_plugin(&name) => {
            kubectl::Plugin::try_parse().map(|plugin| Command::Kubectl(plugin.command))
        }
        _ => Cli::try_parse().map(|cli| cli.command),
    }
}

/// As clap ends, with help or with what is wrong; but of a plan, 2 says that there is something to do.
fn ended(error: &clap::Error) -> ExitCode {
    // Standard error may be closed; there is nobody else to tell.
    let _ = error.print();
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        _ if kubectl::is_plan(std::env::args_os()) => ExitCode::FAILURE,
        _ => ExitCode::from(WRONG_OPTION),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    output::write(text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
        kubectl::Plugin::command().debug_assert();
    }

    #[test]
    fn every_option_of_the_controller_has_an_explanation_and_an_environment_variable() {
        let cli = Cli::command();
        let controller = cli.find_subcommand("controller").expect("the subcommand");
        for option in controller.get_arguments() {
            let id = option.get_id();
            assert!(option.get_help().is_some(), "{id} has no help");
            let env = option.get_env().and_then(|env| env.to_str()).unwrap_or_default();
            assert_eq!(env, format!("PALISADE_{}", id.as_str().to_uppercase()), "{id}");
        }
    }
}
