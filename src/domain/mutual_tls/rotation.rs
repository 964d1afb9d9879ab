//! When the next client certificate takes the place of the one that CloudFront shows.
//!
//! Rows and status tell it: no call is made for it. What is not known is read first.

use super::client_certificate::known::{self as client_certificate, Known};
use super::client_certificate::records::{Standing, is_shutting_out, records, standing};
use super::desired::{LIFE, ROTATION_PERIOD};
use super::{Desired, Inputs};
use crate::api::{AccessMode, ProtectedApiSpec};
use crate::domain::access::authorization::rotation_period;
use crate::domain::kernel::observing::Seen;
use jiff::Timestamp;
use std::time::Duration;

/// API Gateway refuses what is expired: so long before, another is made, however long the period.
pub const SPARE: Duration = Duration::from_hours(30 * 24);

/// Whatever happens, one certificate of an object is imported in this time at the most, but for the first: ACM takes some thousands a year
/// for a whole account.
const PACE: Duration = Duration::from_mins(1);

/// The time for which ACM counts imports.
const YEAR: Duration = Duration::from_hours(365 * 24);

/// Whether a pair has to be made: there is no client certificate that can be used, or its time is over.
#[must_use]
pub fn needs_pair(inputs: &Inputs<'_>) -> bool {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return false;
    };
    if client_certificate::is_any_unread(inputs) {
        return false;
    }
    match client_certificate::newest(inputs) {
        Some(newest) => is_due(desired, &newest, inputs.pass.at),
        // One that ACM has, and that cannot be used, would be followed by another such.
        None => client_certificate::unfit(inputs).is_none(),
    }
}

/// Whether the time of this certificate is over, or a person asks for another.
#[must_use]
pub fn is_due(desired: &Desired, known: &Known<'_>, now: Timestamp) -> bool {
    let age = now.duration_since(known.not_before);
    let left = known.not_after.duration_since(now);
    let is_old = age.is_positive() && age.unsigned_abs() >= desired.rotation_period;
    let is_ending = left.is_negative() || left.unsigned_abs() < SPARE;
    let is_asked = desired.rotate.is_some() && desired.rotate.as_ref() != known.rotate();
    is_old || is_ending || is_asked
}

/// How many client certificates an object with this spec imports in 365 days, as its rotation period has it.
#[must_use]
pub fn imports_in_a_year(spec: &ProtectedApiSpec) -> usize {
    let access = spec.access.as_ref();
    let access = access.filter(|access| access.mode == Some(AccessMode::MutualTls));
    access.map_or(0, |access| {
        let period = rotation_period(access.rotation_period.as_deref(), ROTATION_PERIOD);
        let period = period.min(LIFE.saturating_sub(SPARE)).max(PACE);
        usize::try_from(YEAR.as_secs().div_ceil(period.as_secs())).unwrap_or(usize::MAX)
    })
}

/// How long the next import has to wait after the last one; `None` where none has to. A time that cannot be read, or that a wrong clock has
/// written, holds nothing up.
#[must_use]
pub fn paced(inputs: &Inputs<'_>) -> Option<Duration> {
    let records = records(inputs);
    let last: Timestamp = records.last()?.imported_at.parse().ok()?;
    let age = inputs.pass.at.duration_since(last).unsigned_abs();
    PACE.checked_sub(age).filter(|left| !left.is_zero())
}

/// Whether the next certificate shuts out those before it: a person asks for it, as after a leak, or somebody has imported another in the
/// place of one. Else their authorities may stay accepted until the next rotation, which saves a change of the custom domain name.
#[must_use]
pub fn shuts_out_former(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let records = records(inputs);
    let last = records.last();
    let is_asked = last.is_some_and(|last| desired.rotate.is_some() && desired.rotate != last.rotate);
    let mut read = inputs.seen.client_certificates.values().filter_map(Seen::present);
    is_asked
        || read.any(|found| standing(inputs, found) == Standing::Replaced)
        // What the last one should have done is left to this one.
        || is_shutting_out(&records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mutual_tls::object_fixtures::{ARN, CA, Fixture, NEXT_ARN, PAIR_CA, at, days, spec};

    #[test]
    fn a_pair_is_needed_where_there_is_no_certificate() {
        assert!(needs_pair(&Fixture::new().inputs()));
    }

    #[test]
    fn imports_of_a_year_follow_from_the_rotation_period() {
        assert_eq!(imports_in_a_year(&spec()), 10);
        for (period, count) in [("24h", 365), ("1800h", 5), ("2160h", 5)] {
            let mut spec = spec();
            spec.access.as_mut().unwrap().rotation_period = Some(period.into());
            assert_eq!(imports_in_a_year(&spec), count, "{period}");
        }
        let mut other = spec();
        other.access = None;
        assert_eq!(imports_in_a_year(&other), 0);
    }

    #[test]
    fn none_is_needed_while_one_of_ours_is_in_its_time() {
        let fixture = Fixture::new().with_certificate(ARN, CA, at(-10), at(110));
        assert!(!needs_pair(&fixture.inputs()));
    }

    #[test]
    fn one_is_needed_after_the_period_and_a_month_before_the_end() {
        let old = Fixture::new().with_certificate(ARN, CA, at(-40), at(80));
        assert!(needs_pair(&old.inputs()));
        let mut ending = Fixture::new().with_certificate(ARN, CA, at(-10), at(29));
        ending.desired.rotation_period = days(365);
        assert!(needs_pair(&ending.inputs()));
        let expired = Fixture::new().with_certificate(ARN, CA, at(-130), at(-10));
        assert!(needs_pair(&expired.inputs()));
    }

    #[test]
    fn one_is_needed_once_for_each_text_of_the_annotation() {
        let mut fixture = Fixture::new().with_certificate(ARN, CA, at(-1), at(119));
        fixture.desired.rotate = Some("0a1b2c3d".into());
        assert!(needs_pair(&fixture.inputs()));
        fixture.record_mut(ARN).rotate = Some("0a1b2c3d".to_owned());
        assert!(!needs_pair(&fixture.inputs()));
        fixture.desired.rotate = None;
        assert!(!needs_pair(&fixture.inputs()));
    }

    #[test]
    fn status_tells_the_time_of_a_certificate_that_is_not_read() {
        let young = Fixture::new().with_row(ARN, at(-10), at(110));
        assert!(!needs_pair(&young.inputs()));
        let old = Fixture::new().with_row(ARN, at(-40), at(80));
        assert!(needs_pair(&old.inputs()));
    }

    #[test]
    fn none_is_made_before_all_of_ours_are_known() {
        let mut fixture = Fixture::new().with_row(ARN, at(-40), at(80));
        fixture.remembered = None;
        assert!(!needs_pair(&fixture.inputs()));
    }

    #[test]
    fn one_is_needed_where_somebody_imported_another_in_its_place_or_deleted_it() {
        let mut replaced = Fixture::new().with_certificate(ARN, CA, at(-10), at(110));
        replaced.certificate_mut(ARN).leaf = Fixture::pem("another");
        assert!(needs_pair(&replaced.inputs()));
        let mut gone = Fixture::new();
        gone.seen.client_certificates.insert(ARN.into(), Seen::Absent);
        assert!(needs_pair(&gone.inputs()));
    }

    #[test]
    fn a_new_certificate_that_acm_does_not_offer_to_clients_is_not_followed_by_another() {
        let mut fixture = Fixture::new().with_certificate(ARN, CA, at(0), at(120));
        fixture.certificate_mut(ARN).content.is_for_clients = false;
        assert!(!needs_pair(&fixture.inputs()));
    }

    /// As where the public certificate was long in coming: the pair was made before it.
    #[test]
    fn it_is_followed_two_hours_after_its_import_however_long_its_pair_had_waited() {
        let mut fixture = Fixture::new().with_certificate(ARN, CA, at(-3), at(117));
        let content = &mut fixture.certificate_mut(ARN).content;
        content.is_for_clients = false;
        content.requested_at = Some(at(0));
        for (hours, is_needed) in [(0, false), (1, false), (3, true)] {
            let after = jiff::SignedDuration::from_hours(hours);
            fixture.pass.at = at(0).checked_add(after).unwrap();
            assert_eq!(needs_pair(&fixture.inputs()), is_needed, "{hours}");
        }
    }

    #[test]
    fn after_a_leak_or_a_foreign_import_the_next_one_shuts_out_those_before_it() {
        let shuts_out = |fixture: &Fixture| shuts_out_former(&fixture.desired, &fixture.inputs());
        let mut fixture = Fixture::new().with_certificate(ARN, CA, at(-40), at(80));
        assert!(!shuts_out(&fixture), "its time is over");
        fixture.desired.rotate = Some("0a1b2c3d".into());
        assert!(shuts_out(&fixture));
        let mut replaced = Fixture::new().with_certificate(ARN, CA, at(-10), at(110));
        replaced.certificate_mut(ARN).leaf = Fixture::pem("another");
        assert!(shuts_out(&replaced));
        let mut unfinished = Fixture::new()
            .with_certificate(ARN, CA, at(-50), at(70))
            .with_certificate(NEXT_ARN, PAIR_CA, at(-40), at(80));
        unfinished.record_mut(NEXT_ARN).shuts_out_former = true;
        assert!(
            shuts_out(&unfinished),
            "what the last one should have done is left"
        );
        unfinished.record_mut(ARN).shut_out = true;
        assert!(!shuts_out(&unfinished));
    }
}
