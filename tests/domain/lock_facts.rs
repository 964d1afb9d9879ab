//! What may be so while the lock decides, or be seen: each is tried in each state.

use super::api::TEAMS;
use super::lock_scenes::{
    Fact, HEADER, ambiguous, by_name, canary, cognito, declared, deployment, edited, in_front, is_now,
    private, reached, refused, served, serves_ours, since_long, status_of, was,
};
use super::lock_states::now;
use jiff::SignedDuration;
use palisade::api::{CutOver, Enforcement};
use palisade::domain::access::asked::as_deployed::Deployed;
use palisade::domain::access::asked::ways_in::{Unread, WaysIn};
use palisade::domain::access::authorization::{Authorization, Pending, Stage};
use palisade::domain::access::obstacles::other_doors::NamedStage;
use palisade::domain::access::probe::{Verdict, Way};
use palisade::domain::access::proof::Proof;
use palisade::domain::access::table::cause::{Cause, Why};
use palisade::domain::access::table::marks::{LockedBefore, Rotated};
use palisade::domain::edge::distribution;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::reason::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// What may be so, or be seen, besides.
pub const FACTS: &[Fact] = &[
    ("the first is locked as edited", |scene| {
        edited(scene, 1, &Authorization::aws_iam());
    }),
    ("all are locked as edited", |scene| {
        edited(scene, 9, &Authorization::aws_iam());
    }),
    ("all are open as edited", |scene| {
        edited(scene, 9, &Authorization::none());
    }),
    ("one has an authorizer", |scene| edited(scene, 1, &cognito())),
    ("there are none", |scene| scene.found.routes.clear()),
    ("the first is locked as deployed", |scene| {
        served(scene, 1, &Authorization::aws_iam());
    }),
    ("all are locked as deployed", |scene| {
        served(scene, 9, &Authorization::aws_iam());
    }),
    ("all are open as deployed", |scene| {
        served(scene, 0, &Authorization::none());
    }),
    ("nothing is deployed", |scene| {
        scene.found.deployed = Deployed::Nothing;
    }),
    ("what is deployed is outdated", |scene| {
        scene.found.deployed = Deployed::Outdated(None);
    }),
    ("what is deployed is cut short", |scene| {
        scene.found.deployed = Deployed::CutShort("some".to_owned());
    }),
    ("what is deployed is unknown", |scene| {
        scene.found.deployed = Deployed::Unknown("why".to_owned());
    }),
    ("what is deployed is for another mode", |scene| {
        scene.found.deployed = Deployed::LockedOtherwise(None);
    }),
    ("the stage serves ours", serves_ours),
    ("the stage serves a release", |scene| {
        scene.found.stage.deployment = Some("d-release".to_owned());
        "by hand".clone_into(&mut scene.found.policies.description);
    }),
    ("the stage serves what it did before", |scene| {
        scene.found.stage.deployment = Some(TEAMS.to_owned());
        "by hand".clone_into(&mut scene.found.policies.description);
    }),
    ("the stage was not read since", |scene| {
        scene.found.is_stage_known = false;
    }),
    ("what was before is gone", |scene| {
        scene.found.is_before_gone = true;
    }),
    ("nothing was before", |scene| {
        scene.phase(|phase| phase.before = None);
    }),
    ("all were locked before", |scene| {
        scene.phase(|phase| phase.locked_before = Some(LockedBefore::All));
    }),
    ("which were locked before is not known", |scene| {
        scene.phase(|phase| phase.locked_before = None);
    }),
    ("it is for another mode", |scene| {
        scene.phase(|phase| phase.tried = Some(Proof::Key.mark()));
    }),
    ("it came from an authorizer", |scene| {
        scene.phase(|phase| "CUSTOM".clone_into(&mut phase.from));
    }),
    ("it came from a key", |scene| {
        scene.phase(|phase| "KEY".clone_into(&mut phase.from));
    }),
    ("it goes on for long", since_long),
    ("shut past it, open through it", |scene| {
        scene.answers(refused(), reached(200));
    }),
    ("open both ways", |scene| {
        scene.answers(reached(200), reached(200));
    }),
    ("refused both ways", |scene| scene.answers(refused(), refused())),
    ("ambiguous both ways", |scene| {
        scene.answers(ambiguous(403), ambiguous(403));
    }),
    ("ambiguous past it", |scene| {
        scene.answers(ambiguous(403), reached(200));
    }),
    ("ambiguous through it", |scene| {
        scene.answers(refused(), ambiguous(403));
    }),
    ("a failure through it", |scene| {
        scene.answers(refused(), reached(500));
    }),
    ("throttled through it", |scene| {
        scene.answers(refused(), Verdict::Throttled);
    }),
    ("blocked through it", |scene| {
        scene.answers(refused(), Verdict::BlockedByWebAcl);
    }),
    ("the edge failed", |scene| {
        scene.answers(
            refused(),
            Verdict::EdgeFailed {
                status: 502,
                said: String::new(),
            },
        );
    }),
    ("an authorizer answers first", |scene| {
        let first = || Verdict::AuthorizerFirst {
            status: 401,
            said: "Unauthorized".to_owned(),
        };
        scene.answers(first(), first());
    }),
    ("keys are asked for past it", |scene| {
        scene.answers(Verdict::KeyMissing { status: 403 }, reached(200));
    }),
    ("private past it", |scene| scene.answers(private(), reached(200))),
    ("open both ways for long", |scene| {
        since_long(scene);
        scene.answers(reached(200), reached(200));
    }),
    ("ambiguous both ways for long", |scene| {
        since_long(scene);
        scene.answers(ambiguous(403), ambiguous(403));
    }),
    ("ambiguous past it for long", |scene| {
        since_long(scene);
        scene.answers(ambiguous(403), reached(200));
    }),
    ("throttled through it for long", |scene| {
        since_long(scene);
        scene.answers(refused(), Verdict::Throttled);
    }),
    ("refused as before, whoever comes", |scene| {
        since_long(scene);
        scene.answers(ambiguous(403), ambiguous(403));
        was(scene, "403wF", "403wF");
        is_now(scene, "403wF");
        scene.desired.access.cut_over = CutOver::AfterDeployed;
    }),
    ("a failure through it, and none before", |scene| {
        scene.answers(refused(), reached(500));
        was(scene, "200", "200");
    }),
    ("200 past it, as responses have it", |scene| {
        since_long(scene);
        scene.answers(reached(200), reached(200));
        scene.found.refused_as = Some(BTreeSet::from([200]));
    }),
    ("200 past it, and responses are unread", |scene| {
        since_long(scene);
        scene.answers(reached(200), reached(200));
        (scene.found.refused_as, scene.found.pending) = (None, Pending::Unread);
    }),
    ("open both ways, and a domain name leads to it", |scene| {
        scene.answers(reached(200), reached(200));
        scene.found.ways_in = Some(by_name());
    }),
    ("only one way was answered", |scene| {
        scene.observed.probes.insert(Way::Viewer, reached(200));
    }),
    ("the next value gets in", |scene| {
        scene.observed.probes.insert(Way::Next, reached(200));
    }),
    ("viewers are answered as before", |scene| {
        was(scene, "403wF", "403wF");
        is_now(scene, "403wF");
    }),
    ("viewers are answered otherwise", |scene| {
        was(scene, "200", "200");
        is_now(scene, "403wF");
    }),
    ("responses are unread", |scene| scene.found.refused_as = None),
    ("responses hide 200", |scene| {
        scene.found.refused_as = Some(BTreeSet::from([200]));
    }),
    ("edits were not looked for", |scene| {
        scene.found.pending = Pending::Unread;
    }),
    ("there are edits", |scene| {
        scene.found.pending = Pending::At(vec!["GET /pets (integration.uri)".to_owned()]);
    }),
    ("edits cannot be told for now", |scene| {
        scene.found.pending = Pending::Failing("why".to_owned());
    }),
    ("it was put back in this pass", |scene| {
        scene.found.put_back = Some(Why {
            said: "it was refused".to_owned(),
            cause: Some(Cause::Refused),
        });
    }),
    ("a deployment is made", |scene| {
        let routes = scene.found.routes.iter();
        let routes = routes
            .map(|route| (route.key.clone(), route.authorization.clone()))
            .collect();
        scene.found.fresh = Some(deployment("d-fresh", routes));
    }),
    ("a deployment of others is made", |scene| {
        scene.found.fresh = Some(deployment("d-fresh", BTreeMap::new()));
    }),
    ("a deployment is left over", |scene| {
        scene.found.unused_deployments = vec!["d-unused".to_owned()];
    }),
    ("an authorizer is left over", |scene| {
        scene.found.dead_authorizers = vec!["a-dead".to_owned()];
    }),
    ("the mark is not written", |scene| scene.found.is_unwritten = true),
    ("the endpoint is off", |scene| scene.found.is_endpoint_off = true),
    ("the lock is contested", |scene| {
        scene.found.marks.locks = (1..=3)
            .map(|hours| now() - SignedDuration::from_hours(hours))
            .collect();
    }),
    ("it was locked once", |scene| {
        scene.found.marks.locks = vec![now() - SignedDuration::from_hours(30)];
    }),
    ("a value was replaced", |scene| {
        scene.found.marks.rotated = Some(Rotated {
            at: now(),
            request: "-".to_owned(),
        });
    }),
    ("a canary is open", |scene| canary(scene, &Authorization::none())),
    ("a canary is locked", |scene| {
        canary(scene, &Authorization::aws_iam());
    }),
    ("other stages are unread", |scene| scene.found.stages = None),
    ("another stage deploys by itself", |scene| {
        let stage = Stage {
            auto_deploy: true,
            ..scene.found.stage.clone()
        };
        scene.found.stages = Some(vec![NamedStage {
            name: "other".to_owned(),
            description: String::new(),
            stage,
        }]);
    }),
    ("domain names are unread", |scene| scene.found.ways_in = None),
    ("a domain name leads to it", |scene| {
        scene.found.ways_in = Some(by_name());
    }),
    ("a distribution of others leads to it", |scene| {
        scene.found.ways_in = Some(WaysIn {
            distributions: vec![in_front()],
            ..WaysIn::default()
        });
    }),
    ("custom domain names cannot be read", |scene| {
        scene.found.ways_in = Some(WaysIn {
            unread: vec![Unread {
                name: None,
                reason: Reason::AccessDenied,
                why: "apigateway:GET is not allowed".to_owned(),
            }],
            ..WaysIn::default()
        });
    }),
    ("a policy denies by address", |scene| {
        scene.found.policies.edited = serde_json::json!({"Statement": [{
            "Sid": "Denied", "Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        }]});
        scene.found.policies.served = scene.found.policies.edited.clone();
    }),
    ("an earlier object's statement is there", |scene| {
        scene.found.policies.vanished = BTreeSet::from(["gone".to_owned()]);
    }),
    ("the distribution is being deployed", |scene| {
        status_of(scene, "InProgress");
    }),
    ("the distribution was just deployed", |scene| {
        scene.observed.outputs.is_deploying = true;
    }),
    (
        "the distribution is being deployed, and the mark is old",
        |scene| {
            status_of(scene, "InProgress");
            scene.phase(|phase| phase.since = now() - SignedDuration::from_hours(2));
        },
    ),
    ("the distribution leads by another path", |scene| {
        "/prod/v1".clone_into(&mut scene.desired.access.gate.origin_path);
    }),
    ("the distribution is only listed", |scene| {
        let Some(found) = scene.observed.distribution.present() else {
            return;
        };
        let row = distribution::Row {
            listed: distribution::listed(&found.content),
            tags: Some(found.tags.clone()),
        };
        scene.observed.distribution = Seen::Listed(Some(row));
    }),
    ("there is no distribution", |scene| {
        scene.observed.distribution = Seen::Absent;
    }),
    ("probes are due", |scene| scene.observed.due.probes = true),
    ("a person asks for a look", |scene| scene.observed.due.lock = true),
    (
        "it was locked, its distribution is being deployed, and probes are due",
        |scene| {
            scene.observed.outputs.told.locked = true;
            status_of(scene, "InProgress");
            scene.observed.due.probes = true;
        },
    ),
    ("keys were verified once", |scene| {
        scene
            .observed
            .pass
            .recorded
            .insert("apiKey".to_owned(), "a.b".to_owned());
    }),
    ("an authorizer was verified once", |scene| {
        scene
            .observed
            .pass
            .recorded
            .insert("authorizer".to_owned(), "a.b".to_owned());
    }),
    ("spec: Observe", |scene| {
        scene.desired.access.enforcement = Enforcement::Observe;
    }),
    ("spec: AfterDeployed", |scene| {
        scene.desired.access.cut_over = CutOver::AfterDeployed;
    }),
    ("spec: no probes", |scene| scene.desired.access.probes = false),
    ("spec: a path that no probe can ask for", |scene| {
        scene.desired.access.probe_path = Some("/nowhere/at/all".to_owned());
    }),
    ("spec: deploy edits", |scene| {
        scene.desired.access.deploy_pending_changes = true;
    }),
    ("spec: the first is excluded", |scene| {
        let first = scene.found.routes.first().map(|route| route.key.clone());
        scene.desired.access.exclude.extend(first);
    }),
    ("spec: what is unknown is excluded", |scene| {
        scene.desired.access.exclude.insert("GET /elsewhere".to_owned());
    }),
    ("spec: ApiKey", |scene| declared(scene, "access: {mode: ApiKey}")),
    ("spec: SecretHeader", |scene| {
        declared(
            scene,
            &format!("access: {{mode: SecretHeader, secretHeader: {{name: {HEADER}}}}}"),
        );
    }),
    ("spec: exclusive", |scene| {
        declared(scene, "access: {sigV4: {exclusive: true}}");
    }),
];
