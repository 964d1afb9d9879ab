//! `palisade crd`

use super::failure::Failure;
use clap::Args;
use kube::Client;
use palisade::controller::kubernetes;
use palisade::definitions::apply::{apply, check};
use std::io::{self, Write as _};
use tokio::runtime::Builder;

const EXAMPLES: &str = "Examples:
  palisade crd | kubectl apply -f -    print them, for a cluster that has none
  palisade crd --apply                 bring them into the cluster that kubectl would reach
  palisade crd --check                 try only whether they may be brought in, as the chart does before an upgrade";

/// Options of the definitions.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The one kind whose definition it is; all where left out
    #[arg(value_name = "KIND", value_parser = palisade::api::KINDS)]
    pub kind: Option<String>,
    /// Bring them into the cluster, by server-side apply: none of an older version over those of a newer, and none under
    /// which a stored object would be invalid; wait until they are established
    #[arg(long, conflicts_with = "check")]
    pub apply: bool,
    /// Try only whether they may be brought in: whether the cluster has newer ones, and which stored objects would be invalid;
    /// change nothing
    #[arg(long)]
    pub check: bool,
}

impl Options {
    /// Whether a cluster is asked.
    pub fn is_about_cluster(&self) -> bool {
        self.apply || self.check
    }
}

/// Brings them into the cluster, or tries whether they may be; says what it does.
pub fn bring_in(options: &Options) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let client = Client::try_from(kubernetes::config().await?)?;
        let tell = |text: &str| {
            // Nobody may listen; the exit code says how it ended.
            let _ = writeln!(io::stdout(), "{text}");
        };
        let kind = options.kind.as_deref();
        if options.check {
            check(&client, kind, tell).await?;
        } else {
            apply(client, kind, tell).await?;
        }
        Ok(())
    })
}
