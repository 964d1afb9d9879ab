//! What `kubectl palisade plan` and `diff` have in common: how a plan is asked for, and how it is shown.

use super::form::{Form, written};
use super::look::look;
use super::question::{Question, answered};
use super::reach::Reach;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::values;
use clap::Args;
use palisade::plugin::plan::has_work;
use palisade::plugin::plan_text::{Asked, text};
use std::process::ExitCode;
use std::time::Duration;

/// There is something to do.
const TO_DO: u8 = 2;
/// Nobody waits for longer.
const LONGEST: Duration = Duration::from_hours(1);

/// Options of both.
#[derive(Args)]
pub(super) struct Asking {
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,
    /// Text for people, or the plan as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
    /// Leave the plan in the cluster as an object; the controller deletes it when its time is over
    #[arg(long)]
    keep: bool,
    /// How long the plan is waited for, an hour at most
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = values::duration)]
    timeout: Duration,
}

impl Asking {
    /// Whether the options fit.
    ///
    /// # Errors
    /// An option that is wrong. It is a plain failure: 2 says of a plan that there is something to do.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.timeout > LONGEST {
            return Err("--timeout: write an hour at most, such as 60s or 10m".into());
        }
        Ok(())
    }

    /// Asks, and shows what is answered.
    pub(super) async fn show(&self, reach: &Reach, question: &Question) -> Result<ExitCode, Failure> {
        let report = Box::pin(answered(reach, question, self.timeout, self.keep)).await?;
        let object = format!("{}/{}", reach.namespace(), question.object);
        let asked = Asked {
            object: &object,
            is_suspended: question.perimeter["suspend"] == true,
        };
        let shown = written(self.output, &report, || text(&report, asked, look()))?;
        output::write(&shown)?;
        Ok(if has_work(&report) {
            ExitCode::from(TO_DO)
        } else {
            ExitCode::SUCCESS
        })
    }
}
