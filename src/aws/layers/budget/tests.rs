//! Calls in their order, with paused time.

use super::*;
use crate::domain::firewall::web_acl::Entity;

/// Answers at once, and remembers who called when.
#[derive(Default)]
struct Recorder {
    calls: Mutex<Vec<(String, Duration)>>,
    start: Mutex<Option<Instant>>,
    throttles: Mutex<u32>,
}

#[async_trait]
impl Cloud for Arc<Recorder> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let start = *self.start.lock().unwrap().get_or_insert_with(Instant::now);
        let who = match &call {
            Call::DeleteIpSet { entity } => entity.name.clone(),
            other => other.operation().name.to_owned(),
        };
        self.calls.lock().unwrap().push((who, start.elapsed()));
        let mut throttles = self.throttles.lock().unwrap();
        if *throttles > 0 {
            *throttles -= 1;
            return Err(CloudError::new(operation, "ThrottlingException", "Rate exceeded"));
        }
        Ok(Answer::DeleteIpSet(()))
    }
}

#[derive(Default)]
struct Counts {
    outcomes: Mutex<Vec<(&'static str, &'static str)>>,
    throttled: Mutex<u32>,
}

impl CallObserver for Counts {
    fn call(&self, operation: Operation, outcome: &'static str, _: Duration) {
        self.outcomes.lock().unwrap().push((operation.name, outcome));
    }

    fn throttled(&self, _: Operation) {
        *self.throttled.lock().unwrap() += 1;
    }
}

fn budget(limits: &str) -> Arc<Budget> {
    Arc::new(Budget::new(&limits.parse().unwrap(), Arc::new(Unobserved)))
}

fn delete_ip_set(who: &str) -> Call {
    let entity = Entity {
        id: "1".into(),
        name: who.into(),
        arn: String::new(),
        lock_token: String::new(),
    };
    Call::DeleteIpSet { entity }
}

fn get_ip_set() -> Call {
    Call::GetIpSet {
        id: "1".into(),
        name: "n".into(),
    }
}

fn operation(name: &str) -> Operation {
    *OPERATIONS
        .iter()
        .find(|it| it.service == Service::Waf && it.name == name)
        .unwrap()
}

async fn repeat(cloud: &Budgeted<Arc<Recorder>>, call: Call, times: usize) {
    for _ in 0..times {
        let _ = cloud.call(call.clone()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_callers_take_turns() {
    let recorder = Arc::new(Recorder::default());
    let cloud = Budgeted::new(Arc::clone(&recorder), budget("waf.delete=1/s:1"));
    repeat(&cloud, delete_ip_set("-"), 1).await;
    let (a, b) = (
        repeat(&cloud, delete_ip_set("a"), 4),
        repeat(&cloud, delete_ip_set("b"), 4),
    );
    tokio::join!(a, b);
    let order: Vec<_> = recorder
        .calls
        .lock()
        .unwrap()
        .iter()
        .map(|(who, _)| who.clone())
        .collect();
    assert_eq!(order.concat(), "-abababab");
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_quota_delays_no_other_operation_or_service() {
    let recorder = Arc::new(Recorder::default());
    let cloud = Budgeted::new(Arc::clone(&recorder), budget("waf.delete=1/h:1"));
    repeat(&cloud, delete_ip_set("a"), 1).await;
    let start = Instant::now();
    repeat(&cloud, get_ip_set(), 3).await;
    repeat(&cloud, Call::ListWebAcls { marker: None }, 3).await;
    repeat(&cloud, Call::GetRole { name: "r".into() }, 3).await;
    assert!(
        start.elapsed() < Duration::from_millis(10),
        "{:?}",
        start.elapsed()
    );
}

/// Never answers.
#[derive(Default)]
struct Silent {
    calls: Mutex<Vec<Operation>>,
}

#[async_trait]
impl Cloud for Arc<Silent> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        self.calls.lock().unwrap().push(call.operation());
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_has_few_calls_under_way_and_holds_up_no_other() {
    let silent = Arc::new(Silent::default());
    let cloud = Arc::new(Budgeted::new(Arc::clone(&silent), budget("waf.get=1000/s:1000")));
    for _ in 0..10 * places::AT_A_TIME {
        let cloud = Arc::clone(&cloud);
        tokio::spawn(async move { cloud.call(get_ip_set()).await });
    }
    tokio::spawn(async move { cloud.call(Call::GetRole { name: "r".into() }).await });
    tokio::time::sleep(Duration::from_secs(10)).await;
    let calls = silent.calls.lock().unwrap();
    let of_waf = calls.iter().filter(|call| call.service == Service::Waf);
    assert_eq!(
        (of_waf.count(), calls.len()),
        (places::AT_A_TIME, places::AT_A_TIME + 1)
    );
}

fn update_method(region: &str, who: &str) -> Call {
    Call::UpdateMethod {
        region: region.to_owned(),
        api_id: who.to_owned(),
        resource: "r".into(),
        method: "GET".into(),
        authorization: crate::domain::access::authorization::Authorization::aws_iam(),
    }
}

fn update_stage(region: &str) -> Call {
    Call::UpdateRestStage {
        region: region.to_owned(),
        api_id: "a".into(),
        stage: "prod".into(),
        deployment: "d".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn the_outage_of_a_service_in_one_region_holds_up_no_other_region() {
    let silent = Arc::new(Silent::default());
    let cloud = Arc::new(Budgeted::new(Arc::clone(&silent), budget("apigateway=1/s:20")));
    for _ in 0..10 * places::AT_A_TIME {
        let cloud = Arc::clone(&cloud);
        tokio::spawn(async move { cloud.call(update_method("eu-north-1", "a")).await });
    }
    tokio::time::sleep(Duration::from_mins(5)).await;
    let here = || silent.calls.lock().unwrap().len();
    let before = here();
    for _ in 0..5 {
        let cloud = Arc::clone(&cloud);
        tokio::spawn(async move { cloud.call(update_method("eu-west-1", "a")).await });
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!((before, here()), (places::AT_A_TIME, places::AT_A_TIME + 5));
}

/// Answers when it is let to.
struct Held {
    calls: Mutex<usize>,
    free: tokio::sync::Semaphore,
}

#[async_trait]
impl Cloud for Arc<Held> {
    async fn call(&self, _: Call) -> Result<Answer, CloudError> {
        *self.calls.lock().unwrap() += 1;
        self.free.acquire().await.unwrap().forget();
        Ok(Answer::UpdateMethod(()))
    }
}

#[tokio::test(start_paused = true)]
async fn while_there_is_no_place_no_token_is_spent() {
    let held = Arc::new(Held {
        calls: Mutex::default(),
        free: tokio::sync::Semaphore::new(0),
    });
    let cloud = Arc::new(Budgeted::new(Arc::clone(&held), budget("apigateway=10/s:10")));
    for _ in 0..200 {
        let cloud = Arc::clone(&cloud);
        tokio::spawn(async move { cloud.call(update_method("eu-north-1", "a")).await });
    }
    tokio::time::sleep(Duration::from_mins(5)).await;
    // Once it answers again, no more than AWS's rate and burst are made.
    held.free.add_permits(200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let calls = *held.calls.lock().unwrap() - places::AT_A_TIME;
    assert!(calls <= 10 + 10, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn calls_for_refused_viewers_go_before_all_others() {
    let recorder = Arc::new(Recorder::default());
    let cloud = Arc::new(Budgeted::new(Arc::clone(&recorder), budget("apigateway=10/s:1")));
    for _ in 0..50 {
        let cloud = Arc::clone(&cloud);
        let many = async move { repeat(&cloud, update_method("eu-north-1", "a"), 6).await };
        tokio::spawn(many);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    with_urgency(true, cloud.call(update_stage("eu-north-1")))
        .await
        .ok();
    assert!(
        began.elapsed() < Duration::from_millis(250),
        "{:?}",
        began.elapsed()
    );
    // The others are not forgotten.
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(recorder.calls.lock().unwrap().len(), 301);
}

#[tokio::test(start_paused = true)]
async fn an_object_has_few_calls_under_way() {
    let silent = Arc::new(Silent::default());
    let cloud = Arc::new(Budgeted::new(
        Arc::clone(&silent),
        budget("apigateway=1000/s:1000"),
    ));
    let calls = (0..300).map(|_| cloud.call(update_method("eu-north-1", "a")));
    let all = of_one_object(futures::future::join_all(calls));
    let ended = tokio::time::timeout(Duration::from_secs(1), all).await;
    assert!(ended.is_err());
    assert_eq!(silent.calls.lock().unwrap().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn waf_counts_each_create_for_itself_and_lambda_counts_all_together() {
    let budget = budget("");
    let buckets = &budget.of_region("").buckets;
    let same = |a: Operation, b: Operation| Arc::ptr_eq(&buckets[&a], &buckets[&b]);
    let lambda = |name| {
        *OPERATIONS
            .iter()
            .find(|it| it.service == Service::Lambda && it.name == name)
            .unwrap()
    };
    assert!(!same(operation("CreateWebACL"), operation("CreateIPSet")));
    assert!(same(lambda("CreateFunction"), lambda("ListFunctions")));
    assert!(!same(lambda("CreateFunction"), lambda("GetFunction")));
}

#[tokio::test(start_paused = true)]
async fn custom_domain_names_are_changed_seldom_and_hold_up_nothing_else_of_api_gateway() {
    let recorder = Arc::new(Recorder::default());
    let cloud = Budgeted::new(Arc::clone(&recorder), budget(""));
    let delete = |name: &str| Call::DeleteDomainName {
        region: "eu-north-1".into(),
        name: name.into(),
    };
    let get = || Call::GetDomainName {
        region: "eu-north-1".into(),
        name: "a".into(),
    };
    repeat(&cloud, delete("a"), 1).await;
    let began = Instant::now();
    repeat(&cloud, get(), 3).await;
    repeat(&cloud, update_stage("eu-north-1"), 3).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    repeat(&cloud, delete("b"), 1).await;
    let gap = began.elapsed();
    assert!(
        gap >= Duration::from_secs(30) && gap < Duration::from_secs(35),
        "{gap:?}"
    );
}

#[test]
fn a_certificate_s_calls_spend_from_the_quota_of_its_region() {
    let arn = |region: &str| format!("arn:aws:acm:{region}:111122223333:certificate/c");
    let described = Call::DescribeCertificate {
        arn: arn("eu-north-1"),
    };
    assert_eq!(described.region(), "eu-north-1");
    let deleted = Call::DeleteCertificate {
        arn: arn("us-east-1"),
    };
    assert_eq!(deleted.region(), "us-east-1");
    let listed = |region: &str| Call::ListTaggedOfRegion {
        region: region.to_owned(),
        cluster: "c".into(),
        marker: None,
    };
    assert_eq!(listed("eu-west-1").region(), "eu-west-1");
    let of_edge = Call::ListTagged {
        cluster: "c".into(),
        marker: None,
    };
    assert_eq!(of_edge.region(), "us-east-1");
    let arn = "arn:aws:apigateway:eu-west-1::/domainnames/origin.example.com".to_owned();
    let untagged = Call::UntagDomainName { arn, keys: vec![] };
    assert_eq!(untagged.region(), "eu-west-1");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_halves_the_rate_of_the_next_ones() {
    let recorder = Arc::new(Recorder {
        throttles: Mutex::new(1),
        ..Recorder::default()
    });
    let cloud = Budgeted::new(Arc::clone(&recorder), budget("waf.delete=1/s:1"));
    repeat(&cloud, delete_ip_set("a"), 2).await;
    let gap = recorder.calls.lock().unwrap()[1].1;
    assert!(
        gap > Duration::from_millis(1900) && gap < Duration::from_millis(2200),
        "{gap:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_retry_inside_of_a_call_spends_and_its_throttle_halves() {
    let recorder = Arc::new(Recorder::default());
    let counts = Arc::new(Counts::default());
    let limits: Limits = "waf.delete=1/s:1".parse().unwrap();
    let budget = Arc::new(Budget::new(&limits, Arc::clone(&counts) as Arc<dyn CallObserver>));
    let cloud = Budgeted::new(Arc::clone(&recorder), Arc::clone(&budget));
    budget.retried(operation("DeleteIPSet"), "", Some(Instant::now()));
    let start = Instant::now();
    repeat(&cloud, delete_ip_set("a"), 1).await;
    assert!(start.elapsed() > Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(*counts.throttled.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_observer_sees_every_call_with_its_outcome() {
    let recorder = Arc::new(Recorder {
        throttles: Mutex::new(1),
        ..Recorder::default()
    });
    let counts = Arc::new(Counts::default());
    let budgets = Budgets::new(Limits::default(), Arc::clone(&counts) as Arc<dyn CallObserver>);
    let cloud = Budgeted::new(recorder, budgets.of_account("111122223333"));
    repeat(&cloud, delete_ip_set("a"), 2).await;
    assert_eq!(
        *counts.outcomes.lock().unwrap(),
        [("DeleteIPSet", "throttled"), ("DeleteIPSet", "ok")]
    );
    assert_eq!(*counts.throttled.lock().unwrap(), 1);
}

#[tokio::test]
async fn clients_of_one_account_share_its_budget() {
    let budgets = Budgets::new(Limits::default(), Arc::new(Unobserved));
    assert!(Arc::ptr_eq(&budgets.of_account("1"), &budgets.of_account("1")));
    assert!(!Arc::ptr_eq(&budgets.of_account("1"), &budgets.of_account("2")));
}
