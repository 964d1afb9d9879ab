//! Who comes by a default endpoint is read before it is switched off, and while it is off for those who are to be told of.

use super::Engine;
use super::failures::failure;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::readings::inventory::MaxAge;
use crate::aws::resources::Update;
use crate::domain::access::asked::Gate;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls;
use crate::domain::mutual_tls::comers::{Comer, Comers, Keeper};
use crate::domain::mutual_tls::doors::{guarding_others, says_free};
use crate::domain::perimeter::comers::{Known, Names, changing, keeper, leading, led_away};
use crate::domain::perimeter::observed::Observed;
use std::time::Duration;

/// How old the list may be by which nobody comes: objects that come together share one reading.
const RECENT: Duration = Duration::from_secs(5);
/// How old one may be by which somebody does, and what custom domain names lead to.
const FOUND: Duration = Duration::from_mins(1);

/// Of so many it is read who looks after them.
const MOST_READ: usize = 5;

impl Engine {
    /// Reads which distributions lead viewers to the default endpoint. What an older list shows to do so is waited for by that; that none
    /// does, only a new one tells.
    pub(super) async fn read_endpoint_comers(&self, observed: &Observed) -> Update {
        let Some(declared) = &observed.mutual_tls.declared else {
            return Update::Nothing;
        };
        let read = self.comers(declared, observed).await;
        Update::EndpointComers(read.unwrap_or_else(|error| {
            let failure = failure(None, &error);
            Comers::Unread {
                reason: failure.reason,
                needs_person: failure.needs_person(),
                why: failure.message,
            }
        }))
    }

    async fn comers(
        &self,
        declared: &mutual_tls::Desired,
        observed: &Observed,
    ) -> Result<Comers, CloudError> {
        let found = self.comers_of(&declared.gate, observed).await?;
        // Whoever leaves the mode has told others that they may go by the endpoint, and those ask nobody before they do.
        if found.is_empty() && declared.leaves {
            return self.comers_told(declared, observed).await;
        }
        Ok(Comers::Known(found))
    }

    /// Who may come by it though no list shows that yet: an object of another cluster whose custom domain name says that it leaves the
    /// mode, too. CloudFront may have been led to the endpoint for it a moment ago.
    async fn comers_told(
        &self,
        declared: &mutual_tls::Desired,
        observed: &Observed,
    ) -> Result<Comers, CloudError> {
        let gate = &declared.gate;
        let known = self.inventory.mappings(&gate.region, FOUND).await?;
        let unread = known.unread.iter().map(|(name, _)| name.as_str());
        let is_told = |uid: &str| uid == declared.owner.uid || observed.seen_others.contains(uid);
        let guards = guarding_others(gate, &known.mappings, &known.truststores, unread, is_told);
        let cloud: &dyn Cloud = &self.patient();
        for guard in guards {
            let read = cloud.get_domain_name(gate.region.clone(), guard.name.clone());
            let is_free = match read.await {
                Ok((_, tags)) => says_free(&tags),
                // What it served was led back minutes before it went, and lists show that.
                Err(error) if error.kind == ErrorKind::NotFound => false,
                Err(error) => return Err(error),
            };
            if is_free {
                let why =
                    "it leaves mutual TLS, too, and lists show later that CloudFront is led back for it";
                return Ok(Comers::Unread {
                    reason: Reason::EndpointSwitching,
                    why: guard.told(Some(why)),
                    needs_person: false,
                });
            }
        }
        Ok(Comers::Known(vec![]))
    }

    async fn comers_of(&self, gate: &Gate, observed: &Observed) -> Result<Vec<Comer>, CloudError> {
        let known = Known {
            owner: &observed.owner,
            own: observed.distribution_id(),
            objects: &observed.seen_others,
        };
        for distributions in [FOUND, RECENT] {
            let max_age = MaxAge {
                distributions,
                ..self.max_age(true)
            };
            let (mut found, changing) = self
                .look_in_front(max_age, |listing| {
                    (leading(gate, known, listing), changing(gate, known, listing))
                })
                .await?;
            if !changing.is_empty() {
                found.extend(self.led_away(gate, changing).await?);
            }
            if !found.is_empty() {
                self.read_keepers(&mut found, observed).await;
                return Ok(found);
            }
        }
        Ok(vec![])
    }

    /// Lists have no tags of other clusters: who looks after what Palisade made there, each one's own tags tell.
    async fn read_keepers(&self, found: &mut [Comer], observed: &Observed) {
        let cloud: &dyn Cloud = &self.patient();
        let unknown = found.iter_mut().filter(|comer| comer.keeper == Keeper::Unknown);
        for comer in unknown.take(MOST_READ) {
            // What cannot be read is told as not known.
            if let Ok(tags) = cloud.list_distribution_tags(comer.arn.clone()).await {
                comer.keeper = keeper(&tags, &observed.owner);
            }
        }
    }

    async fn led_away(
        &self,
        gate: &Gate,
        changing: Vec<(Comer, Vec<String>)>,
    ) -> Result<Vec<Comer>, CloudError> {
        let known = self.inventory.mappings(&gate.region, FOUND).await?;
        let unread: Vec<&str> = known.unread.iter().map(|(name, _)| name.as_str()).collect();
        let names = Names {
            mappings: &known.mappings,
            targets: &known.targets,
            unread: &unread,
        };
        Ok(led_away(gate, changing, names))
    }
}
