//! Who comes by a default endpoint is read before it is switched off, and while it is off for those who are to be told of.

use super::Engine;
use super::failures::failure;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::readings::inventory::MaxAge;
use crate::aws::resources::Update;
use crate::domain::access::asked::Gate;
use crate::domain::mutual_tls::comers::{Comer, Comers, Keeper};
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
        let Some(gate) = observed
            .mutual_tls
            .declared
            .as_ref()
            .map(|declared| &declared.gate)
        else {
            return Update::Nothing;
        };
        Update::EndpointComers(match self.comers_of(gate, observed).await {
            Ok(found) => Comers::Known(found),
            Err(error) => {
                let failure = failure(None, &error);
                Comers::Unread {
                    reason: failure.reason,
                    needs_person: failure.needs_person(),
                    why: failure.message,
                }
            }
        })
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
