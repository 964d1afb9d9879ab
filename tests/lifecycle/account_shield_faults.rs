//! An account's settings of Shield Advanced, with a fault at each call.

use super::account_shield::{ALL, Account, OTHERS};
use super::support::simulation::faults::{Fault, Rule, Scope};

/// From `before` to `after` with a fault at each call.
async fn with_each(before: Option<&str>, after: &str, scope: Scope, fault: Fault) {
    let start = async || match before {
        Some(spec) => Account::settled(spec).await,
        None => Account::new(after),
    };
    let mut undisturbed = start().await;
    undisturbed.declare(after);
    undisturbed.come_to_rest().await;
    let wanted = undisturbed.standing();
    for n in 1.. {
        let mut account = start().await;
        account.declare(after);
        account.cloud.inject(Rule::nth(scope, n, fault));
        account.come_to_rest().await;
        let journal = account.cloud.journal();
        let struck = journal.entries.iter().any(|entry| entry.fault == Some(fault));
        assert_eq!(account.standing(), wanted, "{fault:?} at call {n}");
        assert!(
            account
                .told()
                .iter()
                .all(|(_, status, reason)| *status == "True" || *reason == "EngagementPending"),
            "{fault:?} at call {n}: {:?}",
            account.told()
        );
        account.cloud.clear_journal();
        account.look().await;
        assert_eq!(account.writes(), [""; 0], "{fault:?} at call {n}");
        if !struck {
            assert!(n > 6, "{fault:?} struck only {n} times");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_nothing_undone() {
    for (before, after) in [(None, ALL), (Some(ALL), OTHERS), (Some(OTHERS), ALL)] {
        with_each(before, after, Scope::Every, Fault::CrashBefore).await;
        with_each(before, after, Scope::Every, Fault::CrashAfter).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_call_leaves_nothing_undone() {
    for fault in [
        Fault::LostAnswer,
        Fault::LostRequest,
        Fault::Throttle,
        Fault::ServerError,
    ] {
        with_each(None, ALL, Scope::Every, fault).await;
        with_each(Some(ALL), OTHERS, Scope::Every, fault).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_at_any_write_is_read_again_within_the_same_look() {
    for n in 1..=5 {
        let mut account = Account::new(ALL);
        account
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::ForeignWrite));
        let looked = account.look().await;
        assert_eq!(looked.failures, [], "at write {n}");
        assert!(
            account.told().iter().all(|(_, status, _)| *status == "True"),
            "{n}"
        );
    }
}
