//! Objects of several AWS accounts: each is built, changed and taken down in its own, whoever dies meanwhile.

use super::controllers::{A, B, World};
use super::processes::{Fate, LONGEST_LIFE, OWN};
use super::support::simulation::faults::{Fault, Rule, Scope};
use serde_json::{Value, json};

const PETSTORE: &str = "shop/petstore";
const ORDERS: &str = "shop/orders";
const BOTH: [&str; 2] = [PETSTORE, ORDERS];

/// Two objects, each for the API of another account.
fn apply_both(world: &mut World, more: &Value) {
    for (object, account, api) in [(PETSTORE, "a", "aaaaaaaaaa"), (ORDERS, "b", "bbbbbbbbbb")] {
        let mut spec = more.clone();
        spec["accountName"] = account.into();
        world.apply(object, api, &spec);
    }
}

/// ARNs and content of everything in the account.
fn standing(world: &World, account: &str) -> Vec<(String, Option<u64>)> {
    let all = world.aws.clouds[account].hashed_resources().into_iter();
    all.map(|found| (found.arn, found.hash)).collect()
}

/// Both objects go, and what leads to their accounts; nothing is left anywhere.
async fn taken_down(world: &mut World) {
    for object in BOTH {
        world.delete(object);
    }
    // They wait for what is built there, replicas of functions included.
    for name in ["a", "b"] {
        world.api.delete("awsaccounts", "", name);
    }
    world.until_gone(&BOTH).await;
    world
        .until("the accounts are let go", |world| {
            world.api.all("awsaccounts").is_empty()
        })
        .await;
    for account in [OWN, A, B] {
        assert_eq!(standing(world, account), vec![], "left over in {account}");
    }
}

/// Creation, changes and deletion.
async fn life(fate: Fate) {
    let mut world = World::new(&["shop"]);
    world.aws.decide(fate.clone());
    world.declare_both();
    apply_both(&mut world, &json!({}));
    world.until_ready(&BOTH).await;
    let more = json!({
        "webAcl": {"blockCidrs": ["203.0.113.9/32"]}, "tags": {"team": "pets"},
        "distribution": {"priceClass": "PriceClass_100"},
    });
    apply_both(&mut world, &more);
    world.until_ready(&BOTH).await;
    for account in [A, B] {
        // Role, function, web ACL, IP set and distribution.
        assert_eq!(standing(&world, account).len(), 5, "{account}");
    }
    taken_down(&mut world).await;
    let writes = world
        .calls
        .iter()
        .filter(|(_, call)| call.operation.class.is_write());
    assert!(
        world.deaths * LONGEST_LIFE >= writes.count(),
        "{fate:?}: only {} deaths",
        world.deaths
    );
}

#[tokio::test(start_paused = true)]
async fn processes_that_die_after_a_few_writes_keep_each_object_in_its_account() {
    life(Fate::AfterWrites).await;
}

#[tokio::test(start_paused = true)]
async fn processes_that_die_before_a_write_keep_each_object_in_its_account() {
    life(Fate::BeforeWrites).await;
}

/// Objects are changed, sent to the other account and back, and forgotten, while processes die at any call.
async fn unrest(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut world = World::new(&["shop"]);
    world.aws.decide(Fate::ByChance(random.fork()));
    world.declare_both();
    apply_both(&mut world, &json!({}));
    world.until_ready(&BOTH).await;
    for round in 0..6 {
        let (object, api, home, other) = if random.bool() {
            (PETSTORE, "aaaaaaaaaa", "a", "b")
        } else {
            (ORDERS, "bbbbbbbbbb", "b", "a")
        };
        let team = format!("team-{round}");
        if random.bool() {
            world
                .api
                .forget_status("protectedapis", "shop", &object["shop/".len()..]);
        }
        if random.bool() {
            world.apply(
                object,
                api,
                &json!({"accountName": other, "tags": {"team": team}}),
            );
            world.until_refused(object, "AccountChanged").await;
        }
        world.apply(object, api, &json!({"accountName": home, "tags": {"team": team}}));
        world.seconds(random.usize(1..30)).await;
    }
    world.until_ready(&BOTH).await;
    taken_down(&mut world).await;
}

#[test]
fn whatever_is_asked_for_while_processes_die_no_object_leaves_its_account() {
    for seed in 0..8 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        println!("seed {seed}");
        runtime.block_on(unrest(seed));
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_lets_nobody_in_holds_up_its_own_objects_alone() {
    let mut world = World::new(&["shop"]);
    world.aws.shut(B);
    world.declare_both();
    apply_both(&mut world, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.until_refused(ORDERS, "AccountNotReady").await;
    assert_eq!(standing(&world, B), vec![]);
    assert!(world.object(ORDERS)["metadata"]["finalizers"].is_null());
    world.aws.open(B);
    world.until_ready(&BOTH).await;

    // Those who are in are thrown out, and a new process does not come in.
    for dies in [false, true] {
        world.aws.shut(B);
        if dies {
            world.kill().await;
        }
        let (a, b) = (standing(&world, A), standing(&world, B));
        apply_both(&mut world, &json!({"tags": {"team": format!("dies: {dies}")}}));
        world.until_ready(&[PETSTORE]).await;
        world.until_refused(ORDERS, "AccountNotReady").await;
        assert_ne!(standing(&world, A), a);
        assert_eq!(standing(&world, B), b);
        world.aws.open(B);
        world.until_ready(&BOTH).await;
    }

    world.aws.shut(B);
    let left = standing(&world, B);
    for object in BOTH {
        world.delete(object);
    }
    world.until_gone(&[PETSTORE]).await;
    world.until_empty(A).await;
    world
        .until("the clean-up waits for the account", |world| {
            let [_, reason, message] = world.condition(ORDERS, "Ready");
            reason == "Deleting" && message.contains("the clean-up waits for the account")
        })
        .await;
    assert_eq!(standing(&world, B), left);
    world.aws.open(B);
    world.until_gone(&BOTH).await;
    world.until_empty(B).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_that_names_a_wrong_account_gets_nothing_there_and_may_name_the_right_one() {
    let mut world = World::new(&["shop"]);
    world.declare_both();
    world.is_misled = true;
    world.apply(PETSTORE, "aaaaaaaaaa", &json!({"accountName": "b"}));
    world
        .until("the API is not found", |world| {
            world.condition(PETSTORE, "Ready")[1] == "ApiNotFound"
        })
        .await;
    assert_eq!(standing(&world, B), vec![]);
    world.apply(PETSTORE, "aaaaaaaaaa", &json!({"accountName": "a"}));
    world.until_ready(&[PETSTORE]).await;
    world.delete(PETSTORE);
    world.until_gone(&[PETSTORE]).await;
    world.until_empty(A).await;
    world.until_empty(B).await;
}

#[tokio::test(start_paused = true)]
async fn the_controllers_own_account_is_for_those_alone_whom_its_aws_account_allows() {
    let mut world = World::new(&["shop", "bank"]);
    world.declare("own", &json!({"allowedNamespaces": {"names": ["shop"]}}));
    world.apply("bank/unnamed", "ownownowno", &json!({}));
    world.apply("shop/unnamed", "ownownown2", &json!({}));
    world.until_refused("bank/unnamed", "NotPermitted").await;
    world.until_ready(&["shop/unnamed"]).await;
    world.apply("bank/unnamed", "ownownowno", &json!({"accountName": "own"}));
    world.until_refused("bank/unnamed", "NotPermitted").await;
    let asked = |world: &World, api: &str| {
        let mut calls = world.calls.iter();
        calls.any(|(_, call)| call.resource.contains(api))
    };
    assert!(!asked(&world, "ownownowno") && asked(&world, "ownownown2"));
    assert!(world.object("bank/unnamed")["metadata"]["finalizers"].is_null());

    let both = json!({"allowedNamespaces": {"names": ["shop", "bank"]}});
    world.declare("own", &both);
    world.until_ready(&["bank/unnamed", "shop/unnamed"]).await;

    // What is there stays as it is, and may go.
    let before = standing(&world, OWN);
    world.declare("own", &json!({"allowedNamespaces": {"names": ["nobody"]}}));
    for object in ["bank/unnamed", "shop/unnamed"] {
        world.until_refused(object, "NotPermitted").await;
    }
    assert_eq!(standing(&world, OWN), before);
    world.delete("bank/unnamed");
    world.delete("shop/unnamed");
    world.until_gone(&["bank/unnamed", "shop/unnamed"]).await;
    world.until_empty(OWN).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_never_asked_holds_up_no_object_of_others() {
    let mut world = World::new(&["shop"]);
    // No right lets its finalizer be written.
    world.api.refuse("awsaccounts", "refused");
    let role = |account: &str| format!("arn:aws:iam::{account}:role/palisade-spoke");
    world.declare(
        "refused",
        &json!({"roleArn": role(A), "allowedNamespaces": {"names": ["shop"]}}),
    );
    // It goes, and somebody else holds it.
    let held = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount",
        "metadata": {"name": "held", "finalizers": ["example.com/theirs"]},
        "spec": {"roleArn": role(B), "allowedNamespaces": {"names": ["shop"]}},
    });
    world.api.apply("awsaccounts", &held);
    world.api.delete("awsaccounts", "", "held");
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    let began = tokio::time::Instant::now();
    world.apply(ORDERS, "aaaaaaaaaa", &json!({"accountName": "refused"}));
    world.until_refused(ORDERS, "AccountNotReady").await;
    assert!(began.elapsed().as_secs() < 60);
}

/// The object of account A loses its status and is deleted, after its spec was led to the other account; a new process finds it so.
async fn forgotten_and_deleted(world: &mut World) {
    world.apply(PETSTORE, "aaaaaaaaaa", &json!({"accountName": "b"}));
    world.api.forget_status("protectedapis", "shop", "petstore");
    world.delete(PETSTORE);
    world.kill().await;
}

/// Waits until the deletion says that it waits for account A, and why.
async fn until_it_waits_for_a(world: &mut World, why: &str) {
    world
        .until("the deletion waits for the account", |world| {
            let [_, reason, message] = world.condition(PETSTORE, "Ready");
            let is_told = |what: &str| message.contains(what);
            reason == "Deleting" && is_told(&format!("waits for AWS account {A}")) && is_told(why)
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_object_without_status_is_let_go_only_once_each_account_it_may_have_lived_in_was_seen() {
    let mut world = World::new(&["shop", "bank"]);
    world.declare_both();
    world.apply(PETSTORE, "aaaaaaaaaa", &json!({"accountName": "a"}));
    world.apply("bank/first", "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE, "bank/first"]).await;
    world.apply("bank/second", "ownownowno", &json!({}));
    world.until_refused("bank/second", "OwnedByAnother").await;

    let left = standing(&world, A);
    let no_list = Rule::random(Scope::Lists, 1.0, &[Fault::ServerError]);
    world.aws.clouds[A].inject(no_list);
    forgotten_and_deleted(&mut world).await;
    until_it_waits_for_a(&mut world, "palisade.dev/perimeter").await;
    // The account is not for this one's namespace.
    world.delete("bank/second");
    world.until_gone(&["bank/second"]).await;
    assert_eq!(standing(&world, A), left);

    world.aws.clouds[A].clear_faults();
    world.until_gone(&[PETSTORE]).await;
    world.until_empty(A).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_without_status_waits_for_an_account_that_lets_nobody_in_any_more() {
    let mut world = World::new(&["shop"]);
    world.declare_both();
    world.apply(PETSTORE, "aaaaaaaaaa", &json!({"accountName": "a"}));
    world.until_ready(&[PETSTORE]).await;

    let left = standing(&world, A);
    world.aws.shut(A);
    forgotten_and_deleted(&mut world).await;
    until_it_waits_for_a(&mut world, "kubectl describe awsaccount a").await;
    assert_eq!(standing(&world, A), left);

    world.aws.open(A);
    world.until_gone(&[PETSTORE]).await;
    world.until_empty(A).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_names_an_account_learns_at_once_that_it_is_gone_though_nothing_of_ours_held_it() {
    let mut world = World::new(&["shop"]);
    // No right lets its finalizer be written.
    world.api.refuse("awsaccounts", "a");
    world.declare_both();
    world.apply(PETSTORE, "aaaaaaaaaa", &json!({"accountName": "a"}));
    world.until_refused(PETSTORE, "AccountNotReady").await;
    world.api.delete("awsaccounts", "", "a");
    let since = tokio::time::Instant::now();
    world.until_refused(PETSTORE, "AccountNotFound").await;
    assert!(since.elapsed().as_secs() < 60);
}
