//! Policies that send the viewer's Host on: what is refused, and that the signer stays as long as one does.

use super::specs::{facts, owner, spec};
use super::world::World;
use palisade::api::{AccessMode, HeldModeStatus};
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::host::Known;
use palisade::domain::edge::xml;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::{Kind, Problem};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::kernel::rejection::Rejection;
use palisade::domain::perimeter::desired::{Desired, Facts, desired};
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::plan;

const OWN: &str = "11111111-2222-4333-8444-555555555555";

fn knowing(sends: Option<bool>, signs: bool) -> Facts {
    Facts {
        policies: Known {
            read: sends.map(|sends| (OWN.to_owned(), sends)).into_iter().collect(),
            signs: Some(signs),
            ..Known::default()
        },
        ..facts(&owner(), "code-1")
    }
}

fn with(access: &str, facts: &Facts) -> Result<Desired, Rejection> {
    let distribution = format!("distribution: {{originRequestPolicyId: {OWN}}}");
    desired(&spec(&format!("{access}\n{distribution}")), facts)
}

#[test]
fn a_policy_that_sends_host_is_refused_where_nobody_signs_and_taken_where_somebody_does() {
    for mode in ["ApiKey", "SecretHeader"] {
        let access = format!("access: {{mode: {mode}}}");
        let refusal = with(&access, &knowing(Some(true), false)).unwrap_err();
        assert_eq!(refusal.reason, Reason::InvalidSpec, "{mode}");
        assert!(refusal.message.contains(OWN), "{mode}: {}", refusal.message);
        let told = |sends, signs| {
            let wanted = with(&access, &knowing(sends, signs)).unwrap();
            let caveats = wanted.distribution.caveats.iter();
            caveats.map(|caveat| caveat.reason).collect::<Vec<_>>()
        };
        assert_eq!(told(Some(true), true), [Reason::HostHeaderInTheWay], "{mode}");
        assert_eq!(told(None, false), [Reason::OriginRequestPolicyNotRead], "{mode}");
        assert_eq!(told(Some(false), false), [], "{mode}");
    }
    let signed = with("", &knowing(Some(true), false)).unwrap();
    assert_eq!(signed.distribution.caveats, []);
}

/// A perimeter with a key stands, and a policy sends Host on, or somebody's probe got in.
fn standing(lets_in: bool) -> Facts {
    let facts = knowing(Some(true), false);
    Facts {
        policies: Known {
            stands: true,
            lets_in,
            ..facts.policies
        },
        ..facts
    }
}

fn problems(wanted: &Desired, observed: &Observed) -> Vec<Problem> {
    let mut found = plan(wanted, observed).problems;
    found.retain(|problem| problem.id.kind == Kind::Distribution);
    found
}

#[test]
fn what_stands_keeps_its_policies_where_the_spec_names_one_that_sends_host_and_the_rest_goes_on() {
    for mode in ["ApiKey", "SecretHeader"] {
        let access = format!("access: {{mode: {mode}, enforcement: Observe}}");
        let mut world = World::new(Observed::of(owner()));
        world.build(&desired(&spec(&access), &facts(&owner(), "code-1")).unwrap());
        let more = format!("{access}\ntags: {{team: pets}}");
        let wanted = with(&more, &standing(true)).unwrap();
        let found = problems(&wanted, &world.observed);
        assert_eq!(found.len(), 1, "{mode}: {found:?}");
        assert_eq!(found[0].reason, Reason::HostHeaderInTheWay, "{mode}");
        let told = found[0].whole();
        for part in [
            OWN,
            "spec.distribution.originRequestPolicyId",
            "keeps the policies",
            "AllViewerExceptHostHeader",
        ] {
            assert!(told.contains(part), "{mode}: {part}: {told}");
        }
        let next = plan(&wanted, &world.observed).ready;
        assert!(!next.is_empty(), "{mode}");
        for step in &next {
            let mut fields = step.changes.iter().map(|change| change.path.as_str());
            assert!(!fields.any(|path| path.contains("olicy")), "{mode}: {step:?}");
        }
    }
}

#[test]
fn of_a_policy_that_stands_and_sends_host_a_note_says_enough_while_a_probe_gets_in() {
    let access = "access: {mode: ApiKey, enforcement: Observe}";
    let mut world = World::new(Observed::of(owner()));
    world.build(&with(access, &knowing(Some(false), false)).unwrap());
    for (lets_in, count) in [(false, 1), (true, 0)] {
        let wanted = with(access, &standing(lets_in)).unwrap();
        let found = problems(&wanted, &world.observed);
        assert_eq!(found.len(), count, "{lets_in}: {found:?}");
        for problem in found {
            assert_eq!(problem.reason, Reason::HostHeaderInTheWay);
            assert!(problem.message.contains("viewers are refused"), "{problem:?}");
        }
        let caveats = &wanted.distribution.caveats;
        assert_eq!(caveats.len(), 1, "{lets_in}: {caveats:?}");
        assert!(!caveats[0].message.contains("goes on signing"), "{caveats:?}");
    }
}

#[test]
fn while_signatures_go_on_the_declared_mode_is_awaited_and_nothing_of_it_is_made() {
    let held = HeldModeStatus {
        mode: AccessMode::SigV4,
        header: None,
        usage_plan_id: None,
        exclude_methods: None,
    };
    for (mode, proof) in [
        ("ApiKey", Proof::Key),
        ("SecretHeader", Proof::Header("x-origin-verify".to_owned())),
    ] {
        let facts = Facts {
            held_mode: Some(held.clone()),
            ..knowing(Some(true), true)
        };
        let wanted = with(&format!("access: {{mode: {mode}}}"), &facts).unwrap();
        assert_eq!(wanted.access.proof, Proof::Signature, "{mode}");
        assert_eq!(wanted.access.awaited, Some(proof), "{mode}");
        assert!(wanted.access.is_held_with_host(), "{mode}");
        assert!(wanted.api_key.is_none() && wanted.authorizer.is_none(), "{mode}");
        assert_eq!(wanted.distribution.caveats, [], "{mode}");
    }
}

#[test]
fn a_signer_stays_as_long_as_host_is_sent_on_though_nothing_asks_for_signatures() {
    let mut world = World::new(Observed::of(owner()));
    let observing = |mode: &str| format!("access: {{mode: {mode}, enforcement: Observe}}");
    world.build(&with(&observing("SigV4"), &knowing(Some(true), false)).unwrap());
    let signs = |world: &World| {
        let found = world.observed.distribution.present().expect("a distribution");
        found.sent().signs
    };
    assert!(signs(&world));
    for sends in [Some(true), None] {
        world.build(&with(&observing("ApiKey"), &knowing(sends, true)).unwrap());
        assert!(signs(&world), "{sends:?}");
    }
    world.build(&with(&observing("ApiKey"), &knowing(Some(false), true)).unwrap());
    assert!(!signs(&world));
}

#[test]
fn a_policy_that_sends_host_is_set_only_once_edge_locations_have_a_signer_of_ours() {
    let access = "access: {enforcement: Observe}";
    let mut world = World::new(Observed::of(owner()));
    world.build(&desired(&spec(access), &facts(&owner(), "code-1")).unwrap());
    let wanted = with(access, &knowing(Some(true), true)).unwrap();
    for is_ours in [true, false] {
        let mut observed = world.observed.clone();
        let Seen::Present(found) = &mut observed.distribution else {
            panic!("it was read");
        };
        if !is_ours {
            let config = xml::write(&found.content.config).unwrap();
            let config = config.replace(":function:palisade-", ":function:team-");
            found.content.config = xml::parse(&config).unwrap();
            // Whoever writes it leaves another version.
            found.content.etag = "of the team".to_owned();
        }
        let next = plan(&wanted, &observed);
        let update = next
            .ready
            .iter()
            .find(|step| step.id.kind == Kind::Distribution)
            .unwrap_or_else(|| panic!("{is_ours}: {}", next.to_yaml()));
        let fields: Vec<&str> = update.changes.iter().map(|change| change.path.as_str()).collect();
        let sets_policy = fields.iter().any(|path| path.contains("olicy"));
        assert_eq!(sets_policy, is_ours, "{fields:?}");
    }
}
