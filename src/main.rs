//! The `palisade` binary.

mod cli;

/// Passes over a thousand objects come and go together: the system's allocator keeps several times what they leave.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
