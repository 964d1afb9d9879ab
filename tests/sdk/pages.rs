//! Lists whose markers are not as they should be.

use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::sdk::{Options, Sdk};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// AWS, which answers every request with `body`; its address.
async fn answering(body: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 8192];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    address
}

/// The markers that lists of both services answer to `asked`, where `found` is what the answer has.
async fn markers(found: &str, asked: Option<&str>) -> [Result<Option<String>, CloudError>; 4] {
    let address = answering(&json!({"item": [], "position": found, "nextToken": found})).await;
    let options = Options {
        endpoint_url: Some(address),
        credentials: Some(("test".to_owned(), "secret".to_owned())),
        connections: None,
    };
    let sdk = Sdk::from_environment(&options).await;
    let cloud: &dyn Cloud = &sdk;
    let asked = || asked.map(ToOwned::to_owned);
    let text = |text: &str| text.to_owned();
    let (region, api) = (|| text("eu-north-1"), || text("a1b2c3d4e5"));
    let keys = cloud.list_api_keys(region(), text("palisade"), asked()).await;
    let plans = cloud.list_usage_plans(region(), asked()).await;
    let authorizers = cloud.list_rest_authorizers(region(), api(), asked()).await;
    let methods = cloud.list_methods(region(), api(), asked()).await;
    [
        keys.map(|page| page.next),
        plans.map(|page| page.next),
        authorizers.map(|page| page.next),
        methods.map(|page| page.next),
    ]
}

#[tokio::test]
async fn an_empty_marker_ends_a_list() {
    for next in markers("", Some("a")).await {
        assert_eq!(next, Ok(None));
    }
}

#[tokio::test]
async fn a_marker_that_repeats_is_an_error_of_its_own() {
    for next in markers("a", Some("a")).await {
        let error = next.unwrap_err();
        assert_eq!(error.code, "AnswerNotUnderstood", "{error}");
        assert!(error.to_string().contains("at position"), "{error}");
    }
    for next in markers("b", Some("a")).await {
        assert_eq!(next, Ok(Some("b".to_owned())));
    }
}
