//! Whether the hosted zone of the origin's name can prove the wildcard that objects share.

use super::key::Shared;
use crate::domain::edge::hosted_zone::Zone;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::Desired;

/// Why it cannot: the wildcard has its record at what the names lie below. What stands goes on serving meanwhile.
#[must_use]
pub fn why_unfit(desired: &Desired, zone: &Zone) -> Option<(Reason, String)> {
    let shared = Shared::of(desired)?;
    let why = zone.misses(&shared.below)?;
    let message = format!(
        "spec.access.mutualTls.sharedCertificate: the certificate would be that of {}, and the zone {} of {} cannot prove it: {why}. Set \
         sharedCertificate to false: the certificate is then that of {} alone",
        shared.wildcard(),
        desired.hosted_zone_id,
        zone.head.name,
        desired.origin_domain
    );
    Some((Reason::HostedZoneDoesNotCoverAlias, message))
}
