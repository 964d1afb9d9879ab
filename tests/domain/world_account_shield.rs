//! An account's settings of Shield Advanced in a world where every call succeeds at once.

use palisade::api::{AccountShieldSpec, AccountShieldStatus};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::shield::account::contact::{Contact, Personal};
use palisade::domain::shield::account::plan::{Action, Plan, after, plan};
use palisade::domain::shield::account::srt::{POLICY, RoleSeen};
use palisade::domain::shield::account::standing::settled;
use palisade::domain::shield::account::{
    Desired, Engagement, Observed, Setting, SrtSeen, Subscription, desired,
};
use palisade::domain::status::account_shield::{Look, verdicts};
use palisade::domain::status::conditions::Verdict;
use serde_json::json;

pub const ROLE: &str = "arn:aws:iam::123456789012:role/teams/srt";
pub const ALL: &str = r"
emergencyContacts: [{emailAddress: soc@example.com, phoneNumber: '+46701234567', notes: by night}, {emailAddress: cto@example.com}]
proactiveEngagement: true
srtAccess: {roleArn: 'arn:aws:iam::123456789012:role/teams/srt', logBuckets: [a-logs, b-logs]}
";

pub fn wish(yaml: &str) -> Desired {
    let spec: AccountShieldSpec = serde_yaml::from_str(yaml).unwrap();
    desired(&spec, None)
}

pub fn contact(email: &str, phone: Option<&str>) -> Contact {
    Contact {
        email: Personal::new(email),
        phone: phone.map(Personal::new),
        notes: None,
    }
}

pub fn role(service: &str, attached: &[&str]) -> RoleSeen {
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": [service]}, "Action": ["sts:AssumeRole"]});
    RoleSeen::Present {
        arn: ROLE.to_owned(),
        trust: json!({"Version": "2012-10-17", "Statement": statement}),
        attached: attached.iter().map(ToString::to_string).collect(),
    }
}

/// A subscribed account in which nobody has set anything, with all that settings need.
pub fn fresh() -> Observed {
    Observed {
        subscribed: Some(true),
        subscription: Some(Subscription {
            renews: true,
            ..Subscription::default()
        }),
        contacts: Some(vec![]),
        srt: Some(SrtSeen::default()),
        role: Some(role("drt.shield.amazonaws.com", &[POLICY])),
        checked_protections: Some(1),
        details_missing: false,
    }
}

/// An account with its object: what is declared, what AWS has, and what status remembers.
pub struct World {
    pub desired: Desired,
    pub observed: Observed,
    pub status: AccountShieldStatus,
    pub done: Vec<Action>,
}

impl World {
    pub fn new(yaml: &str) -> Self {
        Self {
            desired: wish(yaml),
            observed: fresh(),
            status: AccountShieldStatus::default(),
            done: Vec::new(),
        }
    }

    pub fn plan(&self) -> Plan {
        plan(&self.desired, &self.observed, &self.status)
    }

    /// One look: all that is ready is done, one call at a time, and granted at once.
    pub fn look(&mut self) -> Plan {
        for _ in 0..40 {
            let Some(step) = self.plan().ready.into_iter().next() else {
                break;
            };
            self.observed = after(&self.observed, &step.action);
            if step.setting == Setting::ProactiveEngagement {
                self.grant();
            }
            self.done.push(step.action);
        }
        let plan = self.plan();
        assert_eq!(plan.ready, [], "more calls than settings need");
        self.status = settled(&self.desired, &self.observed, &self.status);
        plan
    }

    pub fn grant(&mut self) {
        if let Some(found) = &mut self.observed.subscription
            && found.engagement == Engagement::Pending
        {
            found.engagement = Engagement::Enabled;
        }
    }

    pub fn declare(&mut self, yaml: &str) {
        self.desired = wish(yaml);
        self.done.clear();
    }

    pub fn engagement(&mut self) -> &mut Engagement {
        &mut self.observed.subscription.as_mut().unwrap().engagement
    }

    pub fn srt(&mut self) -> &mut SrtSeen {
        self.observed.srt.as_mut().unwrap()
    }

    pub fn verdicts(&self) -> Vec<Verdict> {
        let plan = self.plan();
        verdicts(&Look {
            desired: &self.desired,
            observed: &self.observed,
            plan: &plan,
            failures: &[],
            before: &self.status,
            conditions: &[],
            generation: Some(1),
        })
    }

    pub fn told(&self) -> Vec<(&'static str, &'static str, Reason)> {
        let verdicts = self.verdicts().into_iter();
        verdicts
            .map(|verdict| (verdict.is, verdict.status, verdict.reason))
            .collect()
    }
}

pub fn reasons(plan: &Plan) -> Vec<(Setting, Reason)> {
    let problems = plan.problems.iter();
    problems
        .map(|problem| (problem.setting, problem.reason))
        .collect()
}
