//! What the plugin does runs on one thread, and ends with it.

use crate::cli::failure::Failure;
use tokio::runtime::Builder;

/// Does `work` on a runtime of its own.
pub(super) fn waited_for<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    // A name that is still looked up in vain is not waited for.
    runtime.shutdown_background();
    result
}
