//! Where the objects are that a command is about.

use super::reach::{Meant, Reach};
use crate::cli::failure::Failure;
use clap::Args;

/// Options of the commands that look at objects.
#[derive(Args, Debug, Clone)]
pub(super) struct Place {
    /// The namespace; that of the kubeconfig's context where left out
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,
}

impl Place {
    /// The object of this name; all of the namespace where left out.
    pub(super) fn meant(&self, name: Option<&str>) -> Meant {
        Meant {
            name: name.map(ToOwned::to_owned),
            namespace: self.namespace.clone(),
            everywhere: false,
            context: self.context.clone(),
        }
    }

    /// The cluster, for the object of this name; for all of the namespace where left out.
    pub(super) async fn reach(&self, name: Option<&str>) -> Result<Reach, Failure> {
        Reach::of(&self.meant(name)).await
    }
}
