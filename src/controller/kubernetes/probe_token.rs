//! The value of the header that a team has its API probed with: read from their own Secret, by a right that they grant.

use crate::api::{ProtectedApi, SecretKeyRef};
use crate::api_server::answered_within;
use crate::domain::access::probe::Token;
use crate::domain::kernel::secret;
use futures::future::{BoxFuture, FutureExt as _, Shared};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::core::v1::Secret;
use kube::api::PostParams;
use kube::{Api, Client, ResourceExt as _};
use std::fmt;
use std::time::Duration;
use tracing::{Instrument as _, warn};

/// A Secret that is not read by then holds nothing up.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A longer value is no header's.
const LONGEST: usize = 8192;
/// The name of the `ServiceAccount` where the API server does not tell who asks.
const UNKNOWN: &str = "system:serviceaccount:palisade-system:palisade";

/// A value that is being read: only what shows it waits for it.
#[derive(Clone)]
pub struct Awaited(Shared<BoxFuture<'static, Token>>);

impl Awaited {
    /// A value that is known already.
    #[must_use]
    pub fn known(token: Token) -> Self {
        Self::of(std::future::ready(token))
    }

    /// A value that `reading` gives.
    #[must_use]
    pub fn of(reading: impl Future<Output = Token> + Send + 'static) -> Self {
        Self(reading.boxed().shared())
    }

    /// Begins to read the value that `spec.access.probe` names, anew for each pass: nothing keeps it.
    pub(in crate::controller) fn begin(client: &Client, object: &ProtectedApi) -> Self {
        let access = object.spec.access.as_ref();
        let reference = access.and_then(|access| access.probe.as_ref()?.secret_ref.clone());
        let Some(reference) = reference else {
            return Self::known(Token::default());
        };
        let (client, namespace) = (client.clone(), object.namespace().unwrap_or_default());
        let reading = async move {
            let token = read(&client, &namespace, &reference).await;
            if let Some(error) = &token.trouble {
                warn!(error, "probes go without the header that they should have");
            }
            token
        };
        let reading = tokio::spawn(reading.in_current_span());
        Self::of(async move {
            let read = reading.await;
            read.unwrap_or_else(|error| trouble(&format!("the Secret was not read: {error}")))
        })
    }

    /// The value, once it is there.
    pub async fn value(&self) -> Token {
        self.0.clone().await
    }

    /// The value, where it is there already.
    #[must_use]
    pub fn now(&self) -> Option<Token> {
        self.0.clone().now_or_never()
    }
}

impl fmt::Debug for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Awaited")
    }
}

async fn read(client: &Client, namespace: &str, reference: &SecretKeyRef) -> Token {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    match answered_within(TIMEOUT, secrets.get_opt(&reference.name)).await {
        Ok(Some(found)) => of(&found, reference),
        Ok(None) => trouble(&format!(
            "there is no Secret {} in this namespace",
            reference.name
        )),
        Err(kube::Error::Api(status)) if status.code == 403 => {
            let user = who(client).await.unwrap_or_else(|| UNKNOWN.to_owned());
            trouble(&refused(namespace, reference, &user))
        }
        Err(error) => trouble(&format!("the Secret {} cannot be read: {error}", reference.name)),
    }
}

/// The value in a Secret; line ends after it are no part of it.
fn of(found: &Secret, reference: &SecretKeyRef) -> Token {
    let SecretKeyRef { name, key } = reference;
    let data = found.data.as_ref().and_then(|data| data.get(key));
    let Some(bytes) = data.map(|bytes| bytes.0.trim_ascii_end()) else {
        return trouble(&format!("the Secret {name} has no key {key}"));
    };
    let is_sendable = bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
    if bytes.is_empty() || bytes.len() > LONGEST || !is_sendable {
        return trouble(&format!(
            "the Secret {name} has no header's value under {key}: write 1 to {LONGEST} characters of ASCII on one line"
        ));
    }
    Token {
        value: Some(secret::Secret::new(String::from_utf8_lossy(bytes))),
        trouble: None,
    }
}

fn trouble(why: &str) -> Token {
    Token {
        value: None,
        trouble: Some(format!("spec.access.probe.secretRef: {why}")),
    }
}

/// What the team has to grant, as lines to be copied.
fn refused(namespace: &str, reference: &SecretKeyRef, user: &str) -> String {
    let name = &reference.name;
    let account = user.strip_prefix("system:serviceaccount:");
    let subject = match account {
        Some(account) => format!("--serviceaccount={account}"),
        None => format!("--user={user}"),
    };
    format!(
        "the controller may not read the Secret {name}. Grant it that one, by a Role and a RoleBinding of yours: \
         kubectl create role {name} -n {namespace} --verb=get --resource=secrets --resource-name={name}; \
         kubectl create rolebinding {name} -n {namespace} --role={name} {subject}; it is read at the next pass"
    )
}

/// The user as whom the controller asks.
async fn who(client: &Client) -> Option<String> {
    let reviews: Api<SelfSubjectReview> = Api::all(client.clone());
    let (params, question) = (PostParams::default(), SelfSubjectReview::default());
    let review = answered_within(TIMEOUT, reviews.create(&params, &question));
    let review = review.await.ok()?;
    review.status?.user_info?.username
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::ByteString;

    fn reference() -> SecretKeyRef {
        SecretKeyRef {
            name: "probe".into(),
            key: "token".into(),
        }
    }

    fn token(value: &[u8]) -> Token {
        let data = [("token".to_owned(), ByteString(value.to_vec()))];
        let found = Secret {
            data: Some(data.into()),
            ..Secret::default()
        };
        of(&found, &reference())
    }

    #[test]
    fn a_value_is_taken_without_its_line_end() {
        let value = token(b"Bearer abc\n").value.expect("a value");
        assert_eq!(value.expose(), "Bearer abc");
    }

    #[test]
    fn what_no_header_can_carry_is_said_without_showing_it() {
        let long = vec![b'x'; LONGEST + 1];
        for value in [&b"Bearer\nabc"[..], b"", b"\xff\xfe", &long] {
            let found = token(value);
            assert_eq!(found.value, None);
            let why = found.trouble.expect("a reason");
            assert!(why.contains("under token") && !why.contains("Bearer"), "{why}");
        }
        let elsewhere = of(&Secret::default(), &reference()).trouble.expect("a reason");
        assert!(elsewhere.contains("no key token"), "{elsewhere}");
    }

    #[test]
    fn a_refusal_says_the_lines_that_grant_it() {
        let told = refused(
            "shop",
            &reference(),
            "system:serviceaccount:palisade-system:palisade",
        );
        for line in [
            "kubectl create role probe -n shop --verb=get --resource=secrets --resource-name=probe",
            "kubectl create rolebinding probe -n shop --role=probe --serviceaccount=palisade-system:palisade",
        ] {
            assert!(told.contains(line), "{told}");
        }
        assert!(refused("shop", &reference(), "admin").contains("--user=admin"));
    }
}
