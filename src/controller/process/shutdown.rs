//! When the process is to end: at the first signal in good order, at the second at once.

use std::future::pending;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::{info, warn};

/// How urgently the process is to end. Clones see the same.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<u8>);

/// Asks for the end.
#[derive(Debug)]
pub struct Stop(watch::Sender<u8>);

impl Stop {
    /// The first call asks to end in good order, the second at once.
    pub fn request(&self) {
        self.0
            .send_modify(|requests| *requests = requests.saturating_add(1));
    }
}

impl Shutdown {
    /// A shutdown that only the returned [`Stop`] asks for.
    #[must_use]
    pub fn manual() -> (Stop, Self) {
        let (sender, receiver) = watch::channel(0);
        (Stop(sender), Self(receiver))
    }

    /// A shutdown that SIGTERM and SIGINT ask for.
    ///
    /// # Errors
    /// When signals cannot be received.
    pub fn on_signals() -> std::io::Result<Self> {
        let (stop, shutdown) = Self::manual();
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        tokio::spawn(listen(terminate, interrupt, stop));
        Ok(shutdown)
    }

    /// Whether the process is to end.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until the process is to end.
    pub async fn requested(&self) {
        self.reached(1).await;
    }

    /// Waits until the process is to end at once.
    pub async fn forced(&self) {
        self.reached(2).await;
    }

    async fn reached(&self, requests: u8) {
        if self.0.clone().wait_for(|seen| *seen >= requests).await.is_err() {
            // Nobody is left who could ask.
            pending::<()>().await;
        }
    }
}

async fn listen(mut terminate: Signal, mut interrupt: Signal, stop: Stop) {
    for first in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if first {
            info!("stopping: calls under way are finished; another signal ends the process at once");
        } else {
            warn!("stopping at once");
        }
        stop.request();
    }
}
