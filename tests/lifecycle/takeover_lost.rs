//! A keeper whose perimeter was taken over, and that lives all the same, writes nothing to what it has lost, whatever lists say.

use super::scenes::{NAME, the};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::takeover_by_consent::{NEW, assert_no_writes, consenting, two_clusters};
use palisade::aws::operations::Service;
use palisade::domain::kernel::identity::{TAG_NAME, Tags};
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

/// A cluster whose ready object was taken over a moment ago, which no list tells yet, and that has tags of its resources to write.
async fn lost_unnoticed() -> (Cluster, Cluster) {
    let (mut theirs, mut ours) = two_clusters("").await;
    theirs.resync(NAME).await;
    assert_eq!(theirs.condition(NAME, "Ready"), "True");
    theirs
        .cloud
        .configure(|settings| settings.tag_lag = Duration::from_mins(5));
    ours.apply(NEW, &consenting("", &theirs.uid(NAME)));
    let keeper = |cluster: &Cluster| the(cluster, Kind::Distribution).tags.get(TAG_NAME).cloned();
    // It dies right after the first write.
    ours.cloud.inject(Rule::nth(Scope::Writes, 1, Fault::CrashAfter));
    for _ in 0..5 {
        if keeper(&theirs).as_deref() != Some(NEW) {
            ours.pass_surviving(NEW).await;
        }
    }
    ours.cloud.clear_faults();
    assert_eq!(keeper(&theirs).as_deref(), Some(NEW), "{}", ours.story(NEW));
    theirs.configure(|options| options.default_tags = Tags::from([("cost".into(), "42".into())]));
    theirs.cloud.clear_journal();
    (theirs, ours)
}

/// How often CloudFront was asked whose the distribution is.
fn asked(cluster: &Cluster) -> usize {
    let journal = cluster.cloud.journal();
    let entries = journal.entries.iter().map(|entry| entry.operation);
    let asks = entries.filter(|operation| {
        operation.service == Service::CloudFront && operation.name == "ListTagsForResource"
    });
    asks.count()
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_lives_all_the_same_sees_before_it_writes_to_what_was_ready_that_it_has_lost() {
    let (mut theirs, _ours) = lost_unnoticed().await;
    // From the second pass on status alone tells that it has to ask.
    for _ in 0..3 {
        let before = asked(&theirs);
        theirs.pass_surviving(NAME).await;
        let story = theirs.story(NAME);
        assert_no_writes(&theirs);
        assert_eq!(
            theirs.reason(NAME, "Accepted"),
            Reason::HandedOver.as_str(),
            "{story}"
        );
        assert!(asked(&theirs) > before, "it was not asked: {story}");
    }
    theirs.restart();
    theirs.pass_surviving(NAME).await;
    assert_no_writes(&theirs);
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_is_not_answered_whether_it_has_lost_asks_again_and_tells_what_it_wrote_before() {
    let (mut theirs, _ours) = lost_unnoticed().await;
    let unanswered = Fault::Refusal("InvalidArgument", "not now");
    let question = Scope::Operation("cloudfront:ListTagsForResource");
    theirs.cloud.inject(Rule::next(question, 1, unanswered));
    // One of the writes is made again after a conflict, and not before the question is.
    let conflict = Fault::Refusal("WAFOptimisticLockException", "somebody else");
    let write = Scope::Operation("wafv2:TagResource");
    theirs.cloud.inject(Rule::next(write, 1, conflict));
    let outcome = theirs.pass_surviving(NAME).await;
    let journal = theirs.cloud.journal();
    assert!(asked(&theirs) > 1, "{}", journal.summary());
    assert_eq!(
        theirs.reason(NAME, "Accepted"),
        Reason::HandedOver.as_str(),
        "{}",
        theirs.story(NAME)
    );
    let mut writes = journal.writes().into_iter();
    assert!(
        writes.any(|entry| entry.code.is_none()),
        "nothing was written before it was answered: {}",
        journal.summary()
    );
    assert!(!outcome.done.is_empty(), "what was written is not told");
    assert!(!the(&theirs, Kind::WebAcl).tags.contains_key("cost"));
}

#[tokio::test(start_paused = true)]
async fn what_no_list_shows_is_not_taken_down_where_another_keeps_it() {
    let (mut theirs, _ours) = lost_unnoticed().await;
    theirs
        .cloud
        .configure(|settings| settings.list_lag = Duration::from_hours(24 * 365));
    theirs.restart();
    theirs.depart(NAME).await;
    assert_no_writes(&theirs);
}
