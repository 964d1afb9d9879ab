//! Whose connections are whose.

use super::ACCOUNT;
use async_trait::async_trait;
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::operations::{Answer, Call};
use palisade::aws::sdk::{Connections, Options, Sdk};
use palisade::domain::kernel::secret::Secret;
use palisade::domain::tenancy::account::{Assumption, Session};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// STS, as far as asking who one is goes; answers its address, and counts connections.
async fn sts() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer(stream));
        }
    });
    (address, connections)
}

/// Answers each request on `stream`; those of this test come in one piece.
async fn answer(mut stream: TcpStream) {
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{ACCOUNT}:role/r</Arn><UserId>u</UserId><Account>{ACCOUNT}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut request = [0; 8192];
    while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

async fn asked(options: &Options) {
    is_answered(&Sdk::from_environment(options).await).await;
}

async fn is_answered(sdk: &Sdk) {
    let cloud: &dyn Cloud = sdk;
    assert_eq!(cloud.get_caller_identity().await.unwrap().account, ACCOUNT);
}

/// Lets everybody assume every role.
struct Roles;

#[async_trait]
impl Cloud for Roles {
    async fn call(&self, _: Call) -> Result<Answer, CloudError> {
        Ok(Answer::AssumeRole(Session {
            access_key_id: "test".to_owned(),
            secret_access_key: Secret::new("secret"),
            session_token: Secret::new("token"),
            expires: u64::from(u32::MAX),
        }))
    }
}

#[tokio::test]
async fn clients_of_several_accounts_share_connections_where_they_are_given_the_same() {
    let (address, connections) = sts().await;
    let options = |connections| Options {
        endpoint_url: Some(address.clone()),
        credentials: Some(("test".to_owned(), "secret".to_owned())),
        connections,
    };
    let shared = options(Some(Connections::default()));
    asked(&shared).await;
    asked(&shared).await;
    let role = Assumption {
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/r"),
        external_id: None,
        session_tags: BTreeMap::new(),
        session_name: "palisade".to_owned(),
    };
    let spoke = Sdk::assuming(&shared, Arc::new(Roles), role).await;
    is_answered(&spoke).await;
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    asked(&options(None)).await;
    assert_eq!(connections.load(Ordering::Relaxed), 2);
}
