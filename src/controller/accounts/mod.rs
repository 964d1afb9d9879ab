//! The AWS accounts that are reached: our own, and one for each `AwsAccount`, each with its engine.

pub mod connect;

use crate::api::AwsAccount;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::layers::patient::Patient;
use crate::aws::operations::CallerIdentity;
use crate::controller::engine::bounds::Bounds;
use crate::controller::engine::{Engine, Options};
use crate::controller::probes::Prober;
use crate::controller::process::regions::Regions;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::tenancy::account::{self, Assumption};
use connect::{Connect, Terms};
use kube::ResourceExt as _;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How accounts are reached, and what their engines are made of.
pub struct Reach {
    /// How AWS is reached.
    pub aws: Arc<dyn Connect>,
    /// What calls depend on.
    pub terms: Terms,
    /// How probes are sent.
    pub prober: Arc<dyn Prober>,
    /// What the command line decides.
    pub options: Options,
    /// UID of the cluster's kube-system namespace.
    pub cluster: String,
    /// How many passes do something at a time.
    pub bounds: Arc<Bounds>,
    /// In which Regions objects have, or had, something of mutual TLS.
    pub regions: Arc<Regions>,
}

impl Reach {
    fn engine(&self, cloud: Arc<dyn Cloud>, account: String) -> Arc<Engine> {
        let (options, cluster) = (self.options.clone(), self.cluster.clone());
        let engine = Engine::new(cloud, Arc::clone(&self.prober), options, cluster, account);
        let engine = engine.bounded_by(Arc::clone(&self.bounds));
        Arc::new(engine.remembering(Arc::clone(&self.regions)))
    }
}

/// An account that answers.
#[derive(Clone)]
pub struct Reached {
    /// Who we are there.
    pub identity: CallerIdentity,
    /// What decides and does there.
    pub engine: Arc<Engine>,
}

/// What was last found out about an `AwsAccount`.
#[derive(Clone)]
pub struct Known {
    /// Of the `AwsAccount`; another of the same name is another.
    uid: String,
    assumption: Option<Assumption>,
    /// Where it leads; what once answered is kept for clean-up.
    pub reached: Option<Reached>,
    /// Why nothing new may be built there.
    pub trouble: Option<Trouble>,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A person must do something.
    Refused(Rejection),
    /// AWS did not answer; it is asked again.
    Failed(CloudError),
}

/// Where something of an object's was looked for.
pub struct Search {
    /// The account that has something.
    pub found: Option<Arc<Engine>>,
    /// Accounts that may have something: their lists could not be read.
    pub unread: Vec<(String, CloudError)>,
}

/// All accounts that are reached.
pub struct Accounts {
    reach: Reach,
    own: Reached,
    by_name: Mutex<BTreeMap<String, Known>>,
}

impl Accounts {
    /// Our own account alone.
    #[must_use]
    pub fn new(reach: Reach, identity: CallerIdentity, cloud: Arc<dyn Cloud>) -> Self {
        let engine = reach.engine(cloud, identity.account.clone());
        Self {
            reach,
            own: Reached { identity, engine },
            by_name: Mutex::default(),
        }
    }

    /// The account of the controller's own credentials.
    #[must_use]
    pub fn own(&self) -> &Reached {
        &self.own
    }

    /// UID of the cluster's kube-system namespace.
    #[must_use]
    pub fn cluster(&self) -> &str {
        &self.reach.cluster
    }

    /// In which Regions objects of each account have, or had, something of mutual TLS.
    #[must_use]
    pub fn regions(&self) -> &Arc<Regions> {
        &self.reach.regions
    }

    /// What is known of `account` as it is declared now; `None` before it was asked.
    #[must_use]
    pub fn known(&self, account: &AwsAccount) -> Option<Known> {
        let known = self.lock().get(&account.name_any()).cloned()?;
        let is_same = Some(&known.uid) == account.uid().as_ref()
            && known.assumption == account::assumption(&account.spec, &self.reach.cluster);
        is_same.then_some(known)
    }

    /// Asks AWS where `account` leads: through the engine that is there, or by assuming the role.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn ask(&self, account: &AwsAccount) -> Result<Reached, CloudError> {
        let Some(role) = account::assumption(&account.spec, &self.reach.cluster) else {
            return self.asked_again(&self.own).await;
        };
        if let Some(reached) = self.known(account).and_then(|known| known.reached) {
            return self.asked_again(&reached).await;
        }
        let (identity, cloud) = self.reach.aws.assume(&role, &self.reach.terms).await?;
        let engine = self.reach.engine(cloud, identity.account.clone());
        Ok(Reached { identity, engine })
    }

    async fn asked_again(&self, reached: &Reached) -> Result<Reached, CloudError> {
        let cloud: &dyn Cloud = &Patient(reached.engine.cloud.as_ref());
        let identity = cloud.get_caller_identity().await?;
        let engine = Arc::clone(&reached.engine);
        Ok(Reached { identity, engine })
    }

    /// Remembers what came of asking; answers whether that changes anything for those who use it.
    pub fn remember(&self, account: &AwsAccount, reached: Option<Reached>, trouble: Option<Trouble>) -> bool {
        let before = self.known(account);
        let kept = before.as_ref().and_then(|known| known.reached.clone());
        let known = Known {
            uid: account.uid().unwrap_or_default(),
            assumption: account::assumption(&account.spec, &self.reach.cluster),
            reached: reached.or(kept),
            trouble,
        };
        let account_of = |known: &Known| known.reached.as_ref().map(|it| it.identity.account.clone());
        let is_same = before.is_some_and(|before| {
            before.trouble == known.trouble && account_of(&before) == account_of(&known)
        });
        self.lock().insert(account.name_any(), known);
        !is_same
    }

    /// Forgets an `AwsAccount` that is gone.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    /// Forgets those that are gone without our having let them go.
    pub fn retain(&self, is_there: impl Fn(&str) -> bool) {
        self.lock().retain(|name, _| is_there(name));
    }

    /// Each account in which all is well, once; our own first.
    #[must_use]
    pub fn well(&self) -> Vec<Arc<Engine>> {
        self.each(|known| known.trouble.is_none())
    }

    /// Each account that is reached, once; our own first, and those in which all is well before others.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Engine>> {
        self.each(|_| true)
    }

    fn each(&self, is_wanted: impl Fn(&Known) -> bool) -> Vec<Arc<Engine>> {
        let mut known: Vec<Known> = self.lock().values().cloned().collect();
        known.retain(is_wanted);
        known.sort_by_key(|known| known.trouble.is_some());
        let others = known.into_iter().filter_map(|known| Some(known.reached?.engine));
        let mut all = vec![Arc::clone(&self.own.engine)];
        for engine in others {
            if all.iter().all(|other| other.account != engine.account) {
                all.push(engine);
            }
        }
        all
    }

    /// The account with this id.
    #[must_use]
    pub fn with_id(&self, account: &str) -> Option<Arc<Engine>> {
        self.all().into_iter().find(|engine| engine.account == account)
    }

    /// What is wrong with those that lead to the account with this id, where none of them can be used.
    #[must_use]
    pub fn trouble_in(&self, account: &str) -> Option<Rejection> {
        if account == self.own.identity.account {
            return None;
        }
        let known = self.lock();
        let there: Vec<&Known> = known
            .values()
            .filter(|known| {
                let reached = known.reached.as_ref();
                reached.is_some_and(|reached| reached.identity.account == account)
            })
            .collect();
        let refusals: Vec<&Rejection> = there
            .iter()
            .filter_map(|known| match &known.trouble {
                Some(Trouble::Refused(refused)) => Some(refused),
                _ => None,
            })
            .collect();
        // Of two for one account one is refused, and the other one works.
        (refusals.len() == there.len())
            .then(|| refusals.first().map(|refused| (*refused).clone()))
            .flatten()
    }

    /// Looks for the account other than `but` that has something of `owner`'s.
    pub async fn with_resources_of(&self, owner: &Owner, but: Option<&str>) -> Search {
        let mut search = Search {
            found: None,
            unread: vec![],
        };
        let others = self.all().into_iter();
        for engine in others.filter(|engine| Some(engine.account.as_str()) != but) {
            let max_age = engine.max_age(false);
            let has = engine
                .inventory
                .observe(max_age, |listing| listing.has(owner))
                .await;
            match has {
                Ok(true) => {
                    search.found = Some(engine);
                    break;
                }
                Ok(false) => {}
                Err(error) => search.unread.push((engine.account.clone(), error)),
            }
        }
        search
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether asking again may do by itself.
#[must_use]
pub fn passes_by_itself(error: &CloudError) -> bool {
    !matches!(
        error.kind,
        ErrorKind::Terminal | ErrorKind::Denied | ErrorKind::NotFound
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::layers::finished::Calls;
    use crate::aws::operations::{Answer, Call};
    use crate::controller::process::lease::Leadership;
    use crate::domain::access::probe::{self, Probe};
    use crate::domain::cost::prices::Prices;
    use crate::domain::kernel::identity::Tags;
    use crate::domain::tenancy::permissions::Tenancy;
    use async_trait::async_trait;
    use std::time::Duration;

    /// Every account, and nothing in it.
    struct Empty;

    #[async_trait]
    impl Cloud for Empty {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            Err(CloudError::new(
                call.operation(),
                "InternalFailure",
                "nothing is here",
            ))
        }
    }

    #[async_trait]
    impl Prober for Empty {
        async fn probe(&self, _: &Probe) -> probe::Answer {
            probe::Answer::Failed("nothing is here".into())
        }
    }

    fn identity(account: &str) -> CallerIdentity {
        let arn = format!("arn:aws:sts::{account}:assumed-role/palisade/test");
        CallerIdentity {
            account: account.to_owned(),
            arn,
        }
    }

    #[async_trait]
    impl Connect for Empty {
        async fn connect(&self, _: &Terms) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
            Ok((identity("123456789012"), Arc::new(Empty)))
        }

        async fn assume(
            &self,
            role: &Assumption,
            _: &Terms,
        ) -> Result<(CallerIdentity, Arc<dyn Cloud>), CloudError> {
            let account = role.role_arn.split(':').nth(4).unwrap_or_default();
            Ok((identity(account), Arc::new(Empty)))
        }
    }

    fn account(name: &str, number: &str) -> AwsAccount {
        let spec = format!("{{roleArn: 'arn:aws:iam::{number}:role/palisade-spoke'}}");
        AwsAccount::new(name, serde_yaml::from_str(&spec).expect("a spec"))
    }

    #[tokio::test]
    async fn all_accounts_share_the_places_of_the_process() {
        let options = Options {
            resync: Duration::ZERO,
            deep_resync: Duration::ZERO,
            deployment_poll: Duration::ZERO,
            access_resync: Duration::ZERO,
            tenancy: Tenancy::Open,
            default_tags: Tags::new(),
            permissions_boundary: None,
            prices: Prices::default(),
        };
        let terms = Terms {
            leadership: Leadership::unelected(),
            calls: Calls::default(),
        };
        let reach = Reach {
            aws: Arc::new(Empty),
            terms,
            prober: Arc::new(Empty),
            options,
            cluster: "c1".to_owned(),
            bounds: Arc::default(),
            regions: Arc::default(),
        };
        let bounds = Arc::clone(&reach.bounds);
        let accounts = Accounts::new(reach, identity("123456789012"), Arc::new(Empty));
        let mut engines = vec![Arc::clone(&accounts.own().engine)];
        for (name, number) in [("a", "111111111111"), ("b", "222222222222")] {
            engines.push(
                accounts
                    .ask(&account(name, number))
                    .await
                    .expect("an account")
                    .engine,
            );
        }
        for engine in engines {
            assert!(Arc::ptr_eq(&engine.bounds, &bounds), "{}", engine.account);
        }
    }
}
