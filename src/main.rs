//! The `palisade` binary.

mod cli;

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// What is freed is overwritten with zeros first: what the AWS SDK and TLS make of a private key is theirs, and gone with them. Passes
/// over a thousand objects come and go together: the system's allocator keeps several times what they leave.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> std::process::ExitCode {
    cli::main()
}
