//! Asks for AWS WAF's counters of the objects on the way, where a class has its rollout halted by them.

use super::context::Context;
use crate::api::{PerimeterClass, ProtectedApi};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::rollout::traffic::{Answer, Counted};
use crate::domain::status::rollout::counters::asked;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What became of it, by UID; nothing where they need not be asked for now.
pub(super) async fn counters(
    class: &PerimeterClass,
    users: &[&ProtectedApi],
    context: &Context,
) -> BTreeMap<String, Answer> {
    let now = Timestamp::now();
    let mut answers = BTreeMap::new();
    let Some(asked) = asked(class, users, now) else {
        return answers;
    };
    for (account, web_acls) in asked.web_acls {
        let names: Vec<String> = web_acls.values().cloned().collect();
        let counted = match context.accounts.with_id(&account) {
            Some(engine) => read(engine.cloud.as_ref(), &names, asked.from, now).await,
            // How it can be reached again, its objects say.
            None => Err(Answer::Failed),
        };
        for (uid, web_acl) in web_acls {
            let answer = match &counted {
                Ok(counted) => {
                    let own = counted.iter().filter(|minute| minute.web_acl == web_acl);
                    Answer::Counted(own.cloned().collect())
                }
                Err(answer) => answer.clone(),
            };
            answers.insert(uid, answer);
        }
    }
    answers
}

/// All minutes since `from`.
async fn read(
    cloud: &dyn Cloud,
    web_acls: &[String],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Counted>, Answer> {
    let page = |marker| cloud.count_requests(web_acls.to_vec(), from, until, marker);
    pages(page, Some).await.map_err(|error: CloudError| {
        tracing::debug!(%error, "requests are not counted");
        // Credentials that have expired tell nothing of what they may do.
        if error.kind == ErrorKind::Denied && error.code.starts_with("AccessDenied") {
            Answer::Denied
        } else {
            Answer::Failed
        }
    })
}
