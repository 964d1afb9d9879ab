//! What each door of the API asks for, against what is wanted: locked, open to us, or in the way.

use super::as_deployed::{Deployed, Served};
use super::authorization::{AWS_IAM, Authorization, CONNECT, CUSTOM, Door, NONE};
use super::cut_over::{PROBE_RETRY, problem};
use super::left_behind::KeyLeftBehind;
use super::lock::Doors;
use super::other_signers::signed_besides;
use super::probe::{Verdict, Way};
use super::proof::Proof;
use super::words;
use crate::api::OriginType;
use crate::domain::edge::distribution::Observed as Distribution;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::observed::Observed as Everything;
use std::collections::BTreeMap;
use std::time::Duration;

/// A policy that could not be read is asked for again this often.
const POLICY_RETRY: Duration = Duration::from_mins(5);

/// What may become of a door of the working copy.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Standing {
    /// It asks for what is wanted.
    Locked,
    /// It may be made to ask for this.
    Open(Authorization),
    /// It asks for something of others.
    InTheWay(Reason),
}

/// What of ours the doors may ask for, whatever door.
pub(crate) struct Ours {
    /// Whether CloudFront signs, so that a signature that is asked for may be ours.
    pub signs: bool,
    /// Whether there is a key of ours: it is made only where nobody asked for keys before.
    pub has_key: bool,
}

impl Ours {
    pub(super) fn of(everything: &Everything) -> Self {
        let sent = everything.distribution.present().map(Distribution::sent);
        // Also where somebody has deleted the key since.
        let sends_key = sent.as_ref().is_some_and(|sent| sent.has(&Proof::Key));
        Self {
            signs: match (&everything.distribution, &sent) {
                (_, Some(sent)) => sent.signs,
                (Seen::Listed(Some(row)), None) => !row.listed.functions.is_empty(),
                _ => false,
            },
            has_key: sends_key
                || match everything.api_key.present() {
                    Some(found) => !found.keys.is_empty(),
                    None => everything.has_record(Kind::ApiKey),
                },
        }
    }
}

impl Doors<'_> {
    pub(super) fn standing(&self, door: &Door) -> Standing {
        self.standing_of(&door.authorization)
    }

    /// What a door asks for once the lock is made; unchanged where it cannot be.
    pub(super) fn once_locked(&self, found: &Authorization) -> Authorization {
        match self.standing_of(found) {
            Standing::Open(locked) => locked,
            Standing::Locked | Standing::InTheWay(_) => found.clone(),
        }
    }

    fn standing_of(&self, found: &Authorization) -> Standing {
        // A key that we asked for goes with its mode; whoever asks customers for one goes on asking.
        let keeps_key = self.asks_customers_for_key(found);
        let left = self
            .key_left_behind()
            .filter(|_| found.api_key_required && !keeps_key && !self.ours.has_key);
        let may_replace = match found.kind.as_str() {
            NONE => true,
            AWS_IAM => self.ours.signs,
            CUSTOM => self.is_our_authorizer(found.authorizer.as_deref()),
            _ => false,
        };
        if let Some(standing) = self.standing_by_left_behind(found.authorizer.as_deref()) {
            return standing;
        }
        if self.desired.proof != Proof::Key && matches!(left, Some(KeyLeftBehind::Serving { .. })) {
            return Standing::InTheWay(Reason::LeftBehind);
        }
        // Viewers of another perimeter are let in by the signature that ours asked for.
        let is_shared = found.kind == AWS_IAM && may_replace && !self.other_signers().is_empty();
        if self.desired.proof != Proof::Signature && is_shared {
            return Standing::InTheWay(Reason::LeftBehind);
        }
        match &self.desired.proof {
            Proof::Signature if found.kind == AWS_IAM => Standing::Locked,
            Proof::Signature if may_replace => Standing::Open(Authorization {
                api_key_required: keeps_key,
                ..Authorization::aws_iam()
            }),
            Proof::Header(_)
                if found.kind == CUSTOM && self.is_wanted_authorizer(found.authorizer.as_deref()) =>
            {
                Standing::Locked
            }
            Proof::Header(_) if may_replace => Standing::Open(Authorization {
                api_key_required: keeps_key,
                ..Authorization::custom(self.wanted_authorizer().unwrap_or_default())
            }),
            Proof::Signature | Proof::Header(_) => Standing::InTheWay(Reason::AuthorizerInTheWay),
            Proof::Key => self.standing_by_key(found, may_replace),
        }
    }

    /// A key is asked for beside an authorizer, but never beside a signature or an authorizer of ours.
    fn standing_by_key(&self, found: &Authorization, may_replace: bool) -> Standing {
        if found.api_key_required {
            // Beside a key of an earlier object ours keeps nobody out, nor lets anybody in.
            return if self.asks_customers_for_key(found) {
                Standing::InTheWay(Reason::ApiKeyInTheWay)
            } else {
                Standing::Locked
            };
        }
        if self.may_have_key_of_ours(found) {
            return Standing::Open(Authorization {
                api_key_required: true,
                ..found.clone()
            });
        }
        if may_replace {
            return Standing::Open(Authorization {
                api_key_required: true,
                ..Authorization::none()
            });
        }
        Standing::InTheWay(Reason::AuthorizerInTheWay)
    }

    /// Whether what is asked for besides goes with a key of ours: none is ever asked for beside a signature or an authorizer of
    /// ours.
    pub(super) fn may_have_key_of_ours(&self, found: &Authorization) -> bool {
        found.kind != AWS_IAM && !self.is_our_authorizer(found.authorizer.as_deref())
    }

    /// Whether a key is asked for, and not for us.
    pub(super) fn asks_customers_for_key(&self, found: &Authorization) -> bool {
        // Whoever locked another stage by a key did so where no customer had one.
        let is_shared = self.everything.shares_key || self.key_left_behind().is_some();
        let may_be_ours = self.ours.has_key || is_shared;
        found.api_key_required && !(may_be_ours && self.may_have_key_of_ours(found))
    }

    /// Nobody is let in by a default endpoint that is switched off, neither through the perimeter.
    pub(super) fn endpoint_off(&self) -> Option<Problem> {
        self.found.is_endpoint_off.then(|| {
            let message = words::endpoint_off(self.desired);
            problem(Reason::EndpointDisabled, message, None)
        })
    }

    /// What keeps us from locking anything.
    pub fn in_the_way(&self) -> Option<Problem> {
        let standings = self
            .found
            .kept(self.desired)
            .map(|door| (door, self.standing(door)));
        let mut by_reason: BTreeMap<Reason, Vec<&str>> = BTreeMap::new();
        for (door, standing) in standings {
            if let Standing::InTheWay(reason) = standing {
                by_reason.entry(reason).or_default().push(&door.key);
            }
        }
        let all: usize = by_reason.values().map(Vec::len).sum();
        if let Some((reason, doors)) = by_reason.into_iter().next() {
            let told = self.told_in_the_way(reason, &doors, self.left_open(all));
            return Some(problem(reason, told.so, None).with_remedy(told.remedy));
        }
        let message = match self.desired.proof {
            Proof::Key => self.keys_in_the_way()?,
            Proof::Signature | Proof::Header(_) => self.keys_in_doubt()?,
        };
        Some(problem(Reason::ApiKeyInTheWay, message, None))
    }

    /// What is told of doors that ask for what an earlier object left.
    pub(super) fn left_behind(&self, doors: &[&str]) -> String {
        match self.key_left_behind() {
            Some(KeyLeftBehind::Serving { plans }) if self.found.left_behind.is_empty() => {
                words::key_left_behind(doors, &plans)
            }
            _ if self.found.left_behind.is_empty() => {
                let asks = words::agreed(doors, "of the API asks", "of the API ask");
                signed_besides(&asks, &self.other_signers())
            }
            _ => words::left_behind(doors, &self.functions_left_behind()),
        }
    }

    /// ARNs of the roles by which others sign for viewers of the API, as far as anybody looked.
    fn other_signers(&self) -> Vec<&String> {
        let others = self.everything.other_signers.iter();
        others
            .flat_map(|others| others.left.union(&others.living))
            .collect()
    }

    /// A canary whose deployment lets in others than the perimeter: a share of the callers meets that, whatever the stage's own
    /// deployment asks for.
    pub fn open_canary(&self) -> Option<Problem> {
        let canary = self
            .found
            .stage
            .canary
            .as_ref()
            .filter(|canary| canary.is_served)?;
        // Without a deployment of its own it serves the stage's, and goes on serving that when a lock gives the stage another.
        let behind = self.found.canary.as_ref().unwrap_or(&self.found.deployed);
        let open = match behind {
            Deployed::Doors(served) => {
                self.open_in(served, &self.found.kept(self.desired).collect::<Vec<_>>(), true)
            }
            Deployed::Nothing => return None,
            _ => vec![],
        };
        let is_known = matches!(behind, Deployed::Doors(_));
        (!is_known || !open.is_empty()).then(|| {
            let message = words::canary_in_the_way(self.desired, canary, &open);
            problem(Reason::CanaryInTheWay, message, None)
        })
    }

    /// Whether a canary release goes on with a lock of ours that the stage itself does not have.
    pub(super) fn canary_keeps_lock(&self) -> bool {
        let canary = self.found.stage.canary.as_ref();
        let is_served = canary.is_some_and(|canary| canary.is_served);
        let has_ours = |served: &Served| {
            served
                .iter()
                .any(|(key, door)| self.is_kept(key) && self.is_ours_alone(door))
        };
        match &self.found.canary {
            Some(Deployed::Doors(served)) => is_served && has_ours(served) && !self.open_doors().is_empty(),
            _ => false,
        }
    }

    /// A resource policy that lets in whoever signs, of whatever AWS account: a signature is no proof then.
    pub fn open_policy(&self) -> Option<Problem> {
        let is_asked = self.desired.proof == Proof::Signature && !self.is_narrowed();
        self.policy_for_all().filter(|_| is_asked)
    }

    /// The same, whatever proof is wanted.
    pub(super) fn policy_for_all(&self) -> Option<Problem> {
        let kept: Vec<&str> = self.kept_keys();
        let named = self
            .found
            .policies
            .open_to_all_accounts(&self.desired.gate.stage, &kept);
        (!named.is_empty()).then(|| {
            let message = words::open_to_all_accounts(&named);
            problem(Reason::PolicyOpenToAllAccounts, message, None)
        })
    }

    /// Whether the resource policy is in force that lets in nobody but who should sign.
    fn is_narrowed(&self) -> bool {
        let others = self.everything.other_signers.as_ref();
        self.desired.exclusive.is_some() && super::policy::is_in_force(self.desired, self.found, others)
    }

    /// A resource policy of which it is not known what the stage serves: it may let in whoever signs.
    pub fn untold_policy(&self) -> Option<Problem> {
        let is_asked = self.desired.proof == Proof::Signature && !self.is_narrowed();
        self.policy_not_told().filter(|_| is_asked)
    }

    /// The same, whatever proof is wanted.
    pub(super) fn policy_not_told(&self) -> Option<Problem> {
        let why = self.found.policies.not_told()?;
        let message = words::untold_policy(&self.desired.gate.stage, why);
        Some(problem(Reason::DeployedUnknown, message, Some(POLICY_RETRY)))
    }

    /// Keys of the doors that should be locked, as edited and as deployed.
    fn kept_keys(&self) -> Vec<&str> {
        let mut all = self.all_keys();
        all.retain(|key| self.is_kept(key));
        all
    }

    /// Keys of all doors, as edited and as deployed.
    pub(super) fn all_keys(&self) -> Vec<&str> {
        let served = self.found.deployed.served().into_iter().flat_map(Served::iter);
        let served = served.map(|(key, _)| key.as_str());
        let edited = self.found.doors.iter().map(|door| door.key.as_str());
        let all: std::collections::BTreeSet<&str> = served.chain(edited).collect();
        all.into_iter().collect()
    }

    /// Integrations that are called with the credentials of whoever signed the request. That is the signer, whose role may call
    /// the API and nothing else.
    pub(super) fn caller_credentials(&self) -> Option<Problem> {
        let is_passed = |door: &&Door| door.passes_credentials_on() && door.authorization.kind == AWS_IAM;
        let kept = self.found.kept(self.desired).filter(is_passed);
        let passing: Vec<&str> = kept.map(|door| door.key.as_str()).collect();
        (self.desired.proof == Proof::Signature && !passing.is_empty()).then(|| {
            problem(
                Reason::CallerCredentials,
                words::caller_credentials(self.desired, &passing),
                None,
            )
        })
    }

    /// Keys of doors of the stage, and of its canary release, that let in whoever comes, as far as they were read.
    pub fn open_to_anybody(&self) -> Vec<String> {
        let deployments = [Some(&self.found.deployed), self.found.canary.as_ref()];
        let served = deployments.into_iter().flatten().filter_map(Deployed::served);
        let doors = served.flat_map(Served::iter);
        let open = doors.filter(|(key, door)| self.is_kept(key) && door.is_open());
        open.map(|(key, _)| key.clone()).collect()
    }

    /// Why there is nothing that a lock could hold on to: nobody may then be told that the API is locked.
    pub fn nothing_to_lock(&self) -> Option<Problem> {
        let served = match &self.found.deployed {
            Deployed::Nothing => {
                let message = words::nothing_deployed(self.desired, self.found.stage.said.as_deref());
                return Some(problem(Reason::StageNotDeployed, message, None));
            }
            Deployed::Doors(served) => Some(served),
            Deployed::CutShort(_) => return None,
            Deployed::LockedOtherwise(_) | Deployed::Outdated(_) | Deployed::Unknown(_) => None,
        };
        let is_served = served.is_some_and(|served| served.iter().any(|(key, _)| self.is_kept(key)));
        if is_served || self.found.kept(self.desired).next().is_some() {
            return None;
        }
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        Some(if is_web_socket && !self.desired.exclude.contains(CONNECT) {
            problem(
                Reason::NoConnectRoute,
                words::no_connect_route(self.desired),
                None,
            )
        } else {
            let excluded = self.all_excluded();
            let message = excluded.unwrap_or_else(|| words::no_method_yet(self.desired));
            problem(Reason::NothingToLock, message, None)
        })
    }

    /// Keys of the doors that the present phase is about, and that others than the perimeter may pass as deployed. The one
    /// door of a WebSocket API may also be known by what a direct probe said.
    pub fn open_as_deployed(&self) -> Vec<String> {
        self.open_of(&self.targets(), self.tried_door().is_none())
    }

    /// The same of all doors that should be locked, whatever phase it is.
    pub fn open_doors(&self) -> Vec<String> {
        self.open_of(&self.found.kept(self.desired).collect::<Vec<_>>(), true)
    }

    fn open_of(&self, targets: &[&Door], is_all: bool) -> Vec<String> {
        let all = || targets.iter().map(|door| door.key.clone()).collect();
        match &self.found.deployed {
            Deployed::Nothing => vec![],
            Deployed::LockedOtherwise(_) | Deployed::CutShort(_) => all(),
            Deployed::Doors(served) => self.open_in(served, targets, is_all),
            Deployed::Outdated(_) | Deployed::Unknown(_) => match self.verdict(Way::Direct) {
                Some(Verdict::Refused { .. }) if self.desired.gate.r#type == OriginType::WebSocket => vec![],
                _ => all(),
            },
        }
    }

    /// What was read is not whole: a lock by it would leave out what is missing.
    pub(super) fn cut_short(&self) -> Option<Wait> {
        let Deployed::CutShort(why) = &self.found.deployed else {
            return None;
        };
        Some(Wait {
            id: Id::of(Kind::Access),
            reason: Reason::DeployedUnknown,
            message: words::cut_short(self.desired, why),
            retry_after: PROBE_RETRY,
        })
    }

    /// Keys of those doors of a deployment that others than the perimeter may pass; `is_all`: also of doors that the working
    /// copy does not have any more.
    fn open_in(&self, served: &Served, targets: &[&Door], is_all: bool) -> Vec<String> {
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        if is_web_socket && served.get(CONNECT).is_none() {
            // API Gateway lets everybody in.
            return vec![CONNECT.to_owned()];
        }
        let is_meant = |key: &String| {
            let is_edited = self.found.doors.iter().any(|door| door.key == *key);
            targets.iter().any(|door| door.key == *key) || (!is_edited && is_all && self.is_kept(key))
        };
        let open = served.iter().filter(|(_, door)| !self.is_ours_alone(door));
        open.map(|(key, _)| key)
            .filter(|key| is_meant(key))
            .cloned()
            .collect()
    }

    /// Whether a deployed door lets in nobody but the perimeter, as far as can be told: where a REST API's deployment may ask
    /// another's authorizer, that is told as not ours.
    pub(super) fn is_ours_alone(&self, door: &Authorization) -> bool {
        let is_by_header = matches!(self.desired.proof, Proof::Header(_));
        let is_another = is_by_header
            && door
                .authorizer
                .as_deref()
                .is_some_and(|id| !self.is_wanted_authorizer(Some(id)));
        door.asks_for(&self.desired.proof) && !is_another
    }

    /// Whether a door asks our authorizer as edited, and as deployed one of others: whoever edited ours in between has deployed
    /// that.
    pub(super) fn asks_replaced_authorizer(&self) -> bool {
        let Some(served) = self.found.deployed.served() else {
            return false;
        };
        let is_replaced = |door: &Door| {
            let served = served.get(&door.key);
            self.is_door_locked(door)
                && served.is_some_and(|served| served.kind == CUSTOM && !self.is_ours_alone(served))
        };
        matches!(self.desired.proof, Proof::Header(_)) && self.found.kept(self.desired).any(is_replaced)
    }

    /// Whether a door of this key should be locked.
    pub(super) fn is_kept(&self, key: &str) -> bool {
        self.desired.is_kept(key)
    }

    /// Whether the stage as deployed asks no kept door for anything but the wanted proof.
    pub(super) fn asks_nothing_else(&self) -> bool {
        match &self.found.deployed {
            Deployed::Doors(served) => served
                .iter()
                .filter(|(key, _)| self.is_kept(key))
                .all(|(_, door)| self.is_ours_alone(door) || door.is_open()),
            _ => false,
        }
    }

    pub(super) fn is_door_locked(&self, door: &Door) -> bool {
        self.standing(door) == Standing::Locked
    }

    fn wanted_authorizer(&self) -> Option<&str> {
        let desired = self.all.authorizer.as_ref()?;
        let entry = self.everything.authorizer.present()?.entry(desired)?;
        Some(&entry.id)
    }

    fn is_wanted_authorizer(&self, id: Option<&str>) -> bool {
        id.is_some() && id == self.wanted_authorizer()
    }

    /// Ids of the authorizers of ours.
    pub(super) fn our_authorizers(&self) -> Vec<&str> {
        let found = self.everything.authorizer.present();
        let entries = found.map(|found| found.entries.as_slice()).unwrap_or_default();
        entries.iter().map(|entry| entry.id.as_str()).collect()
    }

    pub(super) fn is_our_authorizer(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.our_authorizers().contains(&id))
    }
}
