//! `kubectl palisade orphans delete`: shows what goes, asks the controller once that is confirmed, and waits for what it says.

use super::asking::Patience;
use super::controllers::{controllers, told_of};
use super::form::{Form, written};
use super::look::look;
use super::orphans::accounts;
use super::place::Place;
use super::reach::{Reach, merging};
use super::runtime::waited_for;
use crate::cli::failure::{Failure, WrongOption};
use crate::cli::output;
use clap::Args;
use kube::Error;
use kube::api::{Api, ApiResource, DynamicObject, Patch};
use palisade::api::{AwsAccount, DELETE_ORPHANS, OrphanDeletionState, OrphanDeletionStatus};
use palisade::plugin::orphans::{Answer, Deletion, deletion, is_wished, patch, told};
use palisade::plugin::{clean, in_context};
use serde_json::Value;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const EXAMPLES: &str = "Examples:
  kubectl palisade orphans delete UID                what would go; asks, and then has the controller delete it
  kubectl palisade orphans delete UID --yes          the same without a question, as scripts need it
  kubectl palisade orphans delete UID --commands     commands of the AWS CLI for what has no distribution; nothing is deleted

The controller looks at all of it again before it begins. What may serve viewers, was left on purpose, is known to an object or may be
another cluster's stays, and it is told what to do. You need patch of awsaccounts, which is a right for whoever runs the cluster: it is asked
by an annotation of the AwsAccount, which the controller takes off again.

Exit codes: 0 gone, or commands printed; 1 it stays, was not confirmed, or is not gone within --timeout; 2 an option is wrong.";

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// A controller that is there has said something by then.
const ANSWERED: Duration = Duration::from_secs(20);
/// How often others may change the object while it is written.
const ATTEMPTS: u32 = 5;

/// Of which object, and whether it is confirmed.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The UID, as kubectl palisade orphans shows it
    #[arg(value_name = "UID")]
    uid: String,
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
    /// Has it deleted without a question, by your own rights on the AwsAccount
    #[arg(long, conflicts_with = "commands")]
    yes: bool,
    /// Print commands of the AWS CLI for what has no distribution; nothing is deleted
    #[arg(long, conflicts_with = "output")]
    commands: bool,
    /// Text for people, or what goes and what became of it as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
    #[command(flatten)]
    patience: Patience,
}

/// Why it is not gone.
#[derive(Debug, thiserror::Error)]
enum NotGone {
    #[error("nothing is deleted: --yes confirms it where nobody can be asked")]
    NobodyToAsk,
    #[error("nothing is deleted")]
    NotConfirmed,
    #[error(
        "the controller said nothing for {seconds} s, so it is asked no more, and nothing is deleted: it is not there, of an older version \
         that deletes nothing so, or does not reach the account. {look}; {describe} says whether the account is reached"
    )]
    Unheard {
        seconds: u64,
        look: String,
        describe: String,
    },
    #[error(
        "it is not gone within {seconds} s, and the controller goes on: {awaited}. {get} says how far it is; {annotate} takes back all that is \
         asked for there"
    )]
    Late {
        seconds: u64,
        awaited: String,
        get: String,
        annotate: String,
    },
    #[error(
        "somebody took it back on AwsAccount {0}, or the controller is of a version that does not say what became of it"
    )]
    TakenBack(String),
    #[error(
        "you may not change AwsAccount {account}: {said}. Ask for patch of awsaccounts.palisade.dev, which is a right for whoever runs the \
         cluster"
    )]
    Forbidden { account: String, said: String },
    #[error("others change AwsAccount {0} all the while: try again")]
    Contended(String),
    #[error("it stays: {0}")]
    Kept(String),
}

/// Shows it, and has it deleted.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    let timeout = options.patience.checked();
    let timeout = timeout.map_err(|wrong| WrongOption(wrong.to_owned()))?;
    let place = Place {
        namespace: None,
        context: options.context.clone(),
    };
    waited_for(async {
        let reach = place.reach(None).await?;
        let known = accounts(&reach).await?;
        if options.commands {
            output::write(&deletion(&known, &options.uid)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut deletion = Deletion::of(&known, &options.uid)?;
        let is_text = options.output == Form::Text;
        if is_text {
            output::write(&deletion.text(look()))?;
        }
        if !options.yes {
            confirm(&options.uid)?;
        }
        let asking = Asking {
            reach: &reach,
            api: Api::all_with(reach.client(), &ApiResource::erase::<AwsAccount>(&())),
            uid: &options.uid,
        };
        let ended = asking.delete(&mut deletion, timeout).await;
        if !is_text {
            output::write(&written(options.output, &deletion, String::new)?)?;
        }
        ended?;
        if is_text {
            for account in &deletion.accounts {
                let said = account.result.as_ref().map(|result| clean(&result.message));
                output::write(&format!(
                    "AwsAccount {}: {}\n",
                    account.name,
                    said.unwrap_or_default()
                ))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Asks whoever sits there.
fn confirm(uid: &str) -> Result<(), NotGone> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(NotGone::NobodyToAsk);
    }
    // Where standard error is closed, nobody reads the question either.
    let _ = write!(
        io::stderr(),
        "Delete all of this of UID {}? Type yes: ",
        clean(uid)
    );
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match read {
        Ok(_) if answer.trim() == "yes" => Ok(()),
        _ => Err(NotGone::NotConfirmed),
    }
}

/// A wish, and whom it is told.
struct Asking<'a> {
    reach: &'a Reach,
    api: Api<DynamicObject>,
    uid: &'a str,
}

/// What an `AwsAccount` said before it was asked.
struct Before {
    was_asked: bool,
    told: Option<OrphanDeletionStatus>,
}

impl Asking<'_> {
    /// Asks in each account, and waits for what is said in each.
    async fn delete(&self, deletion: &mut Deletion, timeout: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        let mut before = Vec::new();
        for account in &deletion.accounts {
            before.push(self.ask(&account.name).await?);
        }
        let mut kept = Vec::new();
        for (account, before) in deletion.accounts.iter_mut().zip(&before) {
            let result = self.answer(&account.name, before, (began, timeout)).await?;
            if result.state == OrphanDeletionState::Kept {
                kept.push(clean(&result.message));
            }
            account.result = Some(result);
        }
        if kept.is_empty() {
            return Ok(());
        }
        Err(NotGone::Kept(kept.join("\n")).into())
    }

    /// A command for the cluster that is asked.
    fn here(&self, command: &str) -> String {
        in_context(command, self.reach.context())
    }

    /// Writes the wish; answers what there was before.
    async fn ask(&self, account: &str) -> Result<Before, Failure> {
        let object = self.write(account, true).await?;
        Ok(Before {
            was_asked: is_wished(&object, self.uid),
            told: told(&object, self.uid),
        })
    }

    /// Writes it, or takes it back, whatever others write meanwhile; answers the object as it was before.
    async fn write(&self, account: &str, is_wanted: bool) -> Result<Value, Failure> {
        for _ in 0..ATTEMPTS {
            let object = self.object(account).await?;
            if is_wished(&object, self.uid) == is_wanted {
                return Ok(object);
            }
            let change = Patch::Merge(patch(&object, self.uid, is_wanted));
            match self
                .reach
                .heard(self.api.patch(account, &merging(), &change))
                .await?
            {
                Ok(_) => return Ok(object),
                Err(Error::Api(status)) if status.code == 409 => {}
                Err(Error::Api(status)) if status.code == 403 => {
                    return Err(NotGone::Forbidden {
                        account: account.to_owned(),
                        said: clean(&status.message),
                    }
                    .into());
                }
                Err(error) => return Err(self.reach.told(&error).into()),
            }
        }
        Err(NotGone::Contended(account.to_owned()).into())
    }

    async fn object(&self, account: &str) -> Result<Value, Failure> {
        let found = self.reach.heard(self.api.get(account)).await?;
        let found = found.map_err(|error| self.reach.told(&error))?;
        Ok(serde_json::to_value(&found)?)
    }

    /// Waits for what the controller says in the end, and tells meanwhile what is awaited.
    async fn answer(
        &self,
        account: &str,
        before: &Before,
        (began, timeout): (Instant, Duration),
    ) -> Result<OrphanDeletionStatus, Failure> {
        let (mut awaited, mut is_heard) = (String::new(), before.was_asked);
        loop {
            match Answer::of(&self.object(account).await?, self.uid, before.told.as_ref()) {
                Answer::Ended(result) => return Ok(result),
                Answer::TakenBack => return Err(NotGone::TakenBack(account.to_owned()).into()),
                Answer::UnderWay(message) => {
                    is_heard = true;
                    if message != awaited {
                        // Standard error may be closed; there is nobody else to tell.
                        let _ = writeln!(io::stderr(), "AwsAccount {account}: {message}");
                        awaited = message;
                    }
                }
                Answer::Silent => {}
            }
            let waited = began.elapsed();
            if !is_heard && waited >= ANSWERED.min(timeout) {
                // Nobody wants that to be done by a controller that comes in a month.
                self.write(account, false).await?;
                return Err(NotGone::Unheard {
                    seconds: waited.as_secs(),
                    look: told_of(self.reach, &controllers(self.reach).await, None).await,
                    describe: self.here(&format!("kubectl describe awsaccount {account}")),
                }
                .into());
            }
            if waited >= timeout {
                return Err(NotGone::Late {
                    seconds: timeout.as_secs(),
                    awaited,
                    get: self.here(&format!(
                        "kubectl get awsaccount {account} -o jsonpath='{{.status.orphanDeletions}}'"
                    )),
                    annotate: self.here(&format!(
                        "kubectl annotate awsaccount {account} {DELETE_ORPHANS}-"
                    )),
                }
                .into());
            }
            sleep(PAUSE.min(timeout.saturating_sub(waited))).await;
        }
    }
}
