use super::*;
use kube::core::Status;
use kube::core::response::StatusDetails;

fn asked(name: Option<&str>) -> Asked {
    Asked {
        server: "https://api.example.com/".to_owned(),
        namespace: Some("shop".to_owned()),
        name: name.map(ToOwned::to_owned),
        context: Some("prod".to_owned()),
    }
}

fn answered(code: u16, named: Option<&str>) -> Error {
    let mut status = Status::failure("said", "Reason").with_code(code);
    status.details = named.map(|name| StatusDetails {
        name: name.to_owned(),
        group: "palisade.dev".to_owned(),
        kind: "protectedapis".to_owned(),
        uid: String::new(),
        causes: vec![],
        retry_after_seconds: 0,
    });
    Error::Api(status.boxed())
}

#[test]
fn an_answer_that_is_none_says_what_to_do() {
    let cases = [
        (401, None, "log in again", false),
        (403, None, "Ask for get, list and watch", false),
        (404, None, "--context names", false),
        (404, Some("petstore"), "status -A --context prod lists", false),
        (500, None, "answered 500: said", true),
    ];
    for (code, named, remedy, passes) in cases {
        let told = asked(Some("petstore")).told(&answered(code, named));
        assert!(told.to_string().contains(remedy), "{told}");
        assert_eq!(told.passes(), passes, "{told}");
    }
}

/// As kube tells an answer that is not the API's.
fn page(code: u16, said: &str) -> Error {
    Error::Api(
        Status::failure(said, "Failed to parse error data")
            .with_code(code)
            .boxed(),
    )
}

const HTML: &str = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head></html>";

#[test]
fn a_page_of_a_proxy_is_told_as_that_and_not_shown() {
    for (code, remedy, passes) in [
        (502, "try again in a while", true),
        (503, "try again in a while", true),
        (403, "HTTPS_PROXY", false),
        (404, "HTTPS_PROXY", false),
    ] {
        let told = asked(Some("petstore")).told(&page(code, HTML));
        let said = told.to_string();
        assert!(
            said.contains(remedy) && said.contains(&code.to_string()),
            "{said}"
        );
        assert!(
            !said.contains('<') && !said.contains("no kind ProtectedApi"),
            "{said}"
        );
        assert_eq!(told.passes(), passes, "{said}");
    }
    let login = asked(None).told(&page(401, HTML)).to_string();
    assert!(login.contains("log in again"), "{login}");
}

#[test]
fn of_what_a_server_says_a_line_is_shown_and_nothing_that_steers_a_terminal() {
    let said = format!("no\u{1b}[2J healthy\nupstream {}", "x".repeat(5000));
    let told = asked(None).told(&page(503, &said)).to_string();
    assert!(told.contains("answered 503: no") && told.len() < 600, "{told}");
    assert!(!told.contains(char::is_control), "{told}");
    let silent = asked(None).told(&page(503, "")).to_string();
    assert!(silent.ends_with("nothing more"), "{silent}");
}

#[test]
fn what_is_no_answer_of_the_api_at_all_names_the_address() {
    let error = serde_json::from_str::<serde_json::Value>("<html>").expect_err("no JSON");
    let told = asked(None).told(&Error::SerdeError(error));
    assert!(
        told.to_string()
            .contains("https://api.example.com/ is not the Kubernetes API"),
        "{told}"
    );
    assert!(!told.passes());
}

#[test]
fn a_server_that_is_not_there_is_named_with_what_was_the_matter() {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let told = asked(None).told(&Error::Service(refused.into())).to_string();
    assert!(told.contains("https://api.example.com/"), "{told}");
    assert!(told.contains("connection refused"), "{told}");
}
