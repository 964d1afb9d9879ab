//! What `kubectl palisade plan`, `diff` and `release` have in common: how a plan is asked for, and how it is shown.

use super::form::{Form, written};
use super::look::look;
use super::question::{Planned, Question, Source, answered};
use super::reach::Reach;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::values;
use clap::Args;
use palisade::api::PlanReport;
use palisade::plugin::class_plan_text;
use palisade::plugin::plan::{changes_objects, has_work};
use palisade::plugin::plan_text::{Asked, text};
use std::process::ExitCode;
use std::time::Duration;

/// There is something to do.
const TO_DO: u8 = 2;
/// Nobody waits for longer.
const LONGEST: Duration = Duration::from_hours(1);

/// How long somebody waits.
#[derive(Args)]
pub(super) struct Patience {
    /// How long the answer is waited for, an hour at most
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = values::duration)]
    timeout: Duration,
}

impl Patience {
    /// So long.
    ///
    /// # Errors
    /// What is wrong with the option.
    pub(super) fn checked(&self) -> Result<Duration, &'static str> {
        if self.timeout > LONGEST {
            return Err("--timeout: write an hour at most, such as 60s or 10m");
        }
        Ok(self.timeout)
    }
}

/// Options of all of them.
#[derive(Args)]
pub(super) struct Asking {
    /// Text for people, or the plan as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
    /// Leave the plan in the cluster as an object; the controller deletes it when its time is over
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    patience: Patience,
}

impl Asking {
    /// Whether the options fit.
    ///
    /// # Errors
    /// An option that is wrong. It is a plain failure: 2 says of a plan that there is something to do.
    pub(super) fn check(&self) -> Result<(), Failure> {
        self.patience.checked()?;
        Ok(())
    }

    /// Whether people read what is shown.
    pub(super) fn is_text(&self) -> bool {
        self.output == Form::Text
    }

    /// Asks, and shows what is answered.
    pub(super) async fn show(&self, reach: &Reach, question: &Question) -> Result<ExitCode, Failure> {
        let timeout = self.patience.checked()?;
        let planned = Box::pin(answered(reach, question, timeout, self.keep)).await?;
        let (shown, has_work) = match &planned {
            Planned::Object(made) => {
                let report = &made.plan;
                (self.of_object(reach, question, report)?, has_work(report))
            }
            Planned::Class(report) => {
                let text = || class_plan_text::text(report, &question.object, look());
                (written(self.output, report, text)?, changes_objects(report))
            }
        };
        output::write(&shown)?;
        Ok(if has_work {
            ExitCode::from(TO_DO)
        } else {
            ExitCode::SUCCESS
        })
    }

    fn of_object(&self, reach: &Reach, question: &Question, report: &PlanReport) -> Result<String, Failure> {
        let object = format!("{}/{}", reach.namespace(), question.object);
        let asked = Asked {
            object: &object,
            is_suspended: matches!(&question.of, Source::Perimeter(spec) if spec["suspend"] == true),
        };
        written(self.output, report, || text(report, asked, look()))
    }
}
