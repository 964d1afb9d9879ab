//! Objects that an installation may lack the definition of, or the right to watch: whether what is missing here is not there.

use kube::Resource;
use kube::core::DeserializeGuard;
use kube::runtime::reflector::{self, ObjectRef, Store, store::Writer};
use std::sync::Arc;
use tokio::sync::watch;

/// Whether it is known which there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Knowledge {
    NotYet,
    Listed,
    /// There is no such kind, or we may not look.
    Unavailable,
}

/// All objects of a kind of the cluster that are watched.
pub struct Known<K>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    store: Store<DeserializeGuard<K>>,
    knowledge: watch::Receiver<Knowledge>,
}

/// The writing end of [`Known`].
pub struct Writing<K>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
{
    pub(super) writer: Writer<DeserializeGuard<K>>,
    pub(super) knowledge: watch::Sender<Knowledge>,
}

impl<K: Resource<DynamicType = ()> + Clone + 'static> Clone for Known<K> {
    fn clone(&self) -> Self {
        Self {
            store: self.store.clone(),
            knowledge: self.knowledge.clone(),
        }
    }
}

impl<K: Resource<DynamicType = ()> + Clone + 'static> Known<K> {
    /// None yet, and the end by which they come.
    #[must_use]
    pub fn new() -> (Self, Writing<K>) {
        let (store, writer) = reflector::store();
        let (sender, knowledge) = watch::channel(Knowledge::NotYet);
        let known = Self { store, knowledge };
        let writing = Writing {
            writer,
            knowledge: sender,
        };
        (known, writing)
    }

    /// Waits until it is known which there are, or that this cannot be known.
    pub async fn known(&self) {
        // The sender lives in the background for as long as we do.
        let mut knowledge = self.knowledge.clone();
        let _ = knowledge
            .wait_for(|knowledge| *knowledge != Knowledge::NotYet)
            .await;
    }

    /// Whether what is missing here is not there.
    #[must_use]
    pub fn are_listed(&self) -> bool {
        *self.knowledge.borrow() == Knowledge::Listed
    }

    /// The one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<DeserializeGuard<K>>> {
        self.store.get(&ObjectRef::new(name))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<DeserializeGuard<K>>> {
        self.store.state()
    }

    /// Where passes find them.
    #[must_use]
    pub fn store(&self) -> Store<DeserializeGuard<K>> {
        self.store.clone()
    }
}
