//! Two clusters, each with an object for a stage of one API, locked by mutual TLS, and both leave it for another mode: neither waits for the
//! other for ever, and no stage whose lock is the endpoint stands open for a moment.

use super::mutual_tls_clusters::{BETA, PROD, apply, assert_locked, assert_viewers_served, two};
use super::mutual_tls_stages::{by_certificate, leads_to, origin_of};
use super::petstore::API;
use super::scenes::{KEY, deny};
use super::support::cluster::{Cluster, REST_ENDPOINT, Saved};
use super::support::simulation::faults::{Fault, Rule, Scope};
use palisade::aws::operations::{Answer, Call};
use palisade::domain::kernel::identity::Tags;
use palisade::domain::mutual_tls::endpoint::TAG_LOCK;
use std::sync::Arc;
use std::time::Duration;

pub const ROUTES: [&str; 3] = ["GET /pets", "POST /pets", "GET /pets/{petId}"];

/// Both clusters, by the stages of their objects.
pub struct Both {
    pub prod: Cluster,
    pub beta: Cluster,
}

impl Both {
    pub async fn locked() -> Self {
        let (prod, beta) = two().await;
        Self { prod, beta }
    }

    /// As it was when these were saved, at one time.
    pub fn restored([prod, beta]: &[Saved; 2]) -> Self {
        let (prod, mut beta) = (prod.cluster(), beta.cluster());
        beta.cloud = Arc::clone(&prod.cloud);
        beta.restart();
        Self { prod, beta }
    }

    pub fn of(&mut self, stage: &str) -> &mut Cluster {
        match stage {
            PROD => &mut self.prod,
            _ => &mut self.beta,
        }
    }

    pub fn leave(&mut self, stage: &str) {
        self.leave_for(stage, KEY);
    }

    pub fn leave_for(&mut self, stage: &str, mode: &str) {
        apply(self.of(stage), stage, mode);
    }

    pub fn come_back(&mut self, stage: &str) {
        apply(self.of(stage), stage, &by_certificate(stage));
    }

    /// Nobody gets in past a perimeter, by whatever method.
    pub fn look_past(&self, case: &str) {
        let is_on = !self.prod.cloud.is_endpoint_off(API);
        for stage in [PROD, BETA] {
            for route in ROUTES {
                let served = self.prod.cloud.served(API, stage, route).unwrap();
                let told = || format!("{}\n{}", self.prod.story(PROD), self.beta.story(BETA));
                assert!(
                    !(is_on && served.is_open()),
                    "{case}: {route} of {stage}: {}",
                    told()
                );
            }
        }
    }

    /// The same, and viewers get in by both.
    pub fn look(&self, case: &str) {
        self.look_past(case);
        assert_viewers_served(&self.prod, PROD);
        assert_viewers_served(&self.beta, BETA);
    }

    pub async fn pass(&mut self, stage: &str, case: &str) {
        self.of(stage).pass_surviving(stage).await;
        self.look(case);
    }

    /// Passes over both, each looked at.
    pub async fn rounds(&mut self, count: usize, case: &str) {
        for _ in 0..count {
            for stage in [PROD, BETA] {
                self.pass(stage, case).await;
            }
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
    }

    /// Rounds until both are as declared.
    pub async fn end(&mut self, case: &str) {
        for _ in 0..400 {
            self.rounds(1, case).await;
            let ready = [(&self.prod, PROD), (&self.beta, BETA)];
            if ready
                .iter()
                .all(|(cluster, stage)| cluster.condition(stage, "Ready") == "True")
            {
                return;
            }
        }
        panic!("{case}: {}\n{}", self.prod.story(PROD), self.beta.story(BETA));
    }

    /// Both are locked by what their methods ask for, and nothing is left of mutual TLS.
    pub fn assert_left(&self, case: &str) {
        assert!(!self.prod.cloud.is_endpoint_off(API), "{case}");
        for (cluster, stage) in [(&self.prod, PROD), (&self.beta, BETA)] {
            let story = cluster.story(stage);
            assert_eq!(
                cluster.condition(stage, "AccessRestricted"),
                "True",
                "{case}: {story}"
            );
            assert!(
                cluster.cloud.truststore_of(&origin_of(stage)).is_none(),
                "{case}: {story}"
            );
        }
    }

    /// What the custom domain name of a stage says of the endpoint.
    pub fn mark(&self, stage: &str) -> String {
        let name = origin_of(stage);
        let region = "eu-north-1".to_owned();
        match self.prod.cloud.as_somebody(Call::GetDomainName { region, name }) {
            Ok(Answer::GetDomainName((_, tags))) => tags.get(TAG_LOCK).cloned().unwrap_or_default(),
            _ => panic!(
                "{stage} has no custom domain name\n{}\n{}",
                self.prod.story(PROD),
                self.beta.story(BETA)
            ),
        }
    }

    /// Somebody writes that into the mark of a stage.
    fn forge(&mut self, stage: &str, mark: &str) {
        let arn = format!("arn:aws:apigateway:eu-north-1::/domainnames/{}", origin_of(stage));
        let tags = Tags::from([(TAG_LOCK.to_owned(), mark.to_owned())]);
        let answer = self.prod.cloud.as_somebody(Call::TagDomainName { arn, tags });
        assert!(answer.is_ok());
    }
}

/// Until which round the second one waits.
const ORDERS: [(&str, &str, usize); 4] = [
    (PROD, BETA, 0),
    (BETA, PROD, 0),
    (PROD, BETA, 40),
    (BETA, PROD, 40),
];

#[tokio::test(start_paused = true)]
async fn two_objects_of_two_clusters_that_both_leave_the_mode_do_not_wait_for_each_other() {
    for (first, second, after) in ORDERS {
        let case = format!("{first}, {second} after {after}");
        let mut both = Both::locked().await;
        both.leave(first);
        both.rounds(after, &case).await;
        assert!(both.prod.cloud.is_endpoint_off(API), "{case}");
        both.leave(second);
        both.end(&case).await;
        both.assert_left(&case);
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_after_any_write_while_both_leave_is_continued() {
    let locked = saved().await;
    // The other order has the same writes, so that every other one is enough there.
    for (first, second, step) in [(PROD, BETA, 1), (BETA, PROD, 2)] {
        for n in (1..).step_by(step) {
            let case = format!("{first} first, after write {n}");
            if !dies(
                &locked,
                first,
                second,
                Rule::nth(Scope::Writes, n, Fault::CrashAfter),
                &case,
            )
            .await
            {
                assert!(n > 15, "only {n} writes");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_before_what_others_are_asked_by_is_continued() {
    let locked = saved().await;
    for operation in [
        "GetDomainName",
        "UpdateRestApi",
        "UntagResource",
        "apigatewayv2:TagResource",
    ] {
        for n in 1..12 {
            let case = format!("before {operation} {n}");
            let rule = Rule::nth(Scope::Operation(operation), n, Fault::CrashBefore);
            if !dies(&locked, PROD, BETA, rule, &case).await {
                break;
            }
        }
    }
}

/// Both are locked by mutual TLS.
pub async fn saved() -> [Saved; 2] {
    let both = Both::locked().await;
    [both.prod.saved(), both.beta.saved()]
}

/// Both leave, one after the other, and a process dies; answers whether it did.
async fn dies(locked: &[Saved; 2], first: &str, second: &str, rule: Rule, case: &str) -> bool {
    let mut both = Both::restored(locked);
    both.leave(first);
    both.prod.cloud.clear_journal();
    both.prod.cloud.inject(rule);
    both.rounds(4, case).await;
    both.leave(second);
    both.end(case).await;
    let journal = both.prod.cloud.journal();
    let has_died = journal
        .entries
        .iter()
        .any(|entry| matches!(entry.fault, Some(Fault::CrashAfter | Fault::CrashBefore)));
    both.prod.cloud.clear_faults();
    both.assert_left(case);
    has_died
}

#[tokio::test(start_paused = true)]
async fn an_object_that_comes_back_takes_its_word_back_before_anything_hangs_on_it() {
    for rounds in [10, 20, 21, 22, 24, 30] {
        let case = format!("back after {rounds}");
        let mut both = Both::locked().await;
        both.leave(PROD);
        both.rounds(40, &case).await;
        assert!(
            both.mark(PROD).starts_with("free."),
            "{case}: {}",
            both.mark(PROD)
        );
        // The other one may have read that already.
        both.leave(BETA);
        both.rounds(rounds, &case).await;
        both.come_back(PROD);
        both.rounds(120, &case).await;
        let mark = both.mark(PROD);
        assert!(!mark.starts_with("free."), "{case}: {mark}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_somebody_writes_opens_no_stage() {
    let mut both = Both::locked().await;
    let served = both.prod.cloud.stage_of(API, BETA).unwrap();
    let forged = format!("free.1767225600.0.0.{}", served.deployment.unwrap());
    both.leave(PROD);
    both.rounds(20, "before").await;
    // The other cluster's controller does not come to it.
    both.forge(BETA, &forged);
    for n in 0..120 {
        both.pass(PROD, &format!("forged, pass {n}")).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert_locked(&both.prod, PROD);
    let said = both.prod.message(PROD, "AccessRestricted");
    assert!(said.contains("lets in whoever asks for"), "{said}");
    // Its keeper takes the word back, and is locked again.
    both.rounds(60, "taken back").await;
    assert!(both.mark(BETA).starts_with("locked."), "{}", both.mark(BETA));
}

#[tokio::test(start_paused = true)]
async fn a_mark_says_nothing_of_another_deployment_and_nothing_where_it_cannot_be_read() {
    let mut both = Both::locked().await;
    both.leave(BETA);
    both.rounds(40, "beta leaves").await;
    assert!(both.mark(BETA).starts_with("free."), "{}", both.mark(BETA));
    // Its controller is away meanwhile, and somebody deploys what asks for nothing.
    for route in ROUTES {
        both.prod.cloud.require_api_key(API, route, false);
    }
    both.prod.cloud.deploy(API, BETA);
    both.leave(PROD);
    for n in 0..120 {
        both.prod.pass_surviving(PROD).await;
        assert!(
            both.prod.cloud.is_endpoint_off(API),
            "pass {n}: {}",
            both.prod.story(PROD)
        );
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    let said = both.prod.message(PROD, "AccessRestricted");
    assert!(
        said.contains("not of the deployment that the stage serves"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deployment_of_the_team_is_told_to_the_other_cluster_by_whoever_is_led_back_already() {
    let mut both = Both::locked().await;
    both.leave(BETA);
    both.rounds(40, "beta leaves").await;
    assert!(both.mark(BETA).starts_with("free."), "{}", both.mark(BETA));
    // Its controller is away while prod leaves.
    both.leave(PROD);
    // What served prod does not go for a long time.
    deny(&both.prod, "apigateway:DELETE");
    let mut n = 0;
    while leads_to(&both.prod, PROD) != REST_ENDPOINT {
        both.pass(PROD, "prod is led back").await;
        tokio::time::sleep(Duration::from_secs(20)).await;
        n += 1;
        assert!(n < 200, "{}", both.prod.story(PROD));
    }
    let before = both.mark(PROD);
    both.prod.cloud.deploy(API, PROD);
    let served = both.prod.cloud.stage_of(API, PROD).unwrap().deployment.unwrap();
    assert!(!before.ends_with(&served), "{before}");
    for _ in 0..20 {
        both.pass(PROD, "deployed by the team").await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    let mark = both.mark(PROD);
    assert!(
        mark.starts_with("free.") && mark.ends_with(&served),
        "{mark}, {served}"
    );
    // The other one goes on, though the name is still there.
    let mut n = 0;
    while leads_to(&both.beta, BETA) != REST_ENDPOINT {
        both.rounds(1, "beta goes on").await;
        n += 1;
        assert!(n < 200, "{}", both.beta.story(BETA));
    }
    both.prod.cloud.configure(|settings| settings.denied.clear());
    both.end("to the end").await;
    both.assert_left("to the end");
}
