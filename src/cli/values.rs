//! How the values of options are written. An error says what to write instead.

use hyper::Uri;
use jiff::SignedDuration;
use palisade::domain::cost::prices::Prices;
use palisade::domain::kernel::endpoint::region_and_id;
use palisade::domain::kernel::identity::{Tags, is_reserved, is_same_key};
use std::net::SocketAddr;
use std::time::Duration;

/// An address to listen on, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub Option<SocketAddr>);

/// `30s`, `10m`, `1h 30m`: more than nothing.
pub fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text
        .parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok());
    parsed
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "write a duration above zero, such as 30s, 10m or 24h".to_owned())
}

/// `host:port` with a numeric address, or `off`.
pub fn listen(text: &str) -> Result<Listen, String> {
    if text == "off" {
        return Ok(Listen(None));
    }
    let address = text.parse().map_err(|_| {
        "write an IP address and a port, such as 0.0.0.0:8080 or [::]:8080, or \"off\"".to_owned()
    })?;
    Ok(Listen(Some(address)))
}

/// The address of a collector of traces.
pub fn collector(text: &str) -> Result<Uri, String> {
    let parsed = text.parse::<Uri>().ok();
    let is_bare = |uri: &Uri| {
        let is_known = matches!(uri.scheme_str(), Some("http" | "https"));
        is_known && uri.query().is_none() && uri.authority().is_some_and(|it| !it.as_str().contains('@'))
    };
    parsed.filter(is_bare).ok_or_else(|| {
        "write http:// or https:// and a host, such as http://collector.monitoring:4318; its credentials go into \
         OTEL_EXPORTER_OTLP_HEADERS"
            .to_owned()
    })
}

/// A file with prices in place of the list's.
pub fn prices(path: &str) -> Result<Prices, String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        format!("{error}: write the path of a JSON file, such as /etc/palisade/prices.json")
    })?;
    Prices::with(&text)
        .map_err(|error| format!("{error}: write what docs/costs.md lists, such as {{\"webAcl\": \"4.50\"}}"))
}

/// The address of a site; without the slash at its end.
pub fn site(text: &str) -> Result<String, String> {
    let parsed = text.parse::<Uri>().ok();
    let is_bare = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none();
    let found = parsed
        .filter(is_bare)
        .map(|_| text.trim_end_matches('/').to_owned());
    found.ok_or_else(|| {
        "write http:// or https:// and a host, such as https://docs.example.com/palisade".to_owned()
    })
}

/// What is logged: of its words those without `=` are levels. A mistyped one would be taken for a module, and nothing be logged.
pub fn log_filter(text: &str) -> Result<String, String> {
    let is_level = |word: &str| {
        ["off", "error", "warn", "info", "debug", "trace"]
            .iter()
            .any(|level| word.eq_ignore_ascii_case(level))
    };
    let mut words = text.split(',').map(str::trim);
    if words.all(|word| word.contains('=') || is_level(word)) {
        return Ok(text.to_owned());
    }
    Err(
        "write a level (error, warn, info, debug, trace, off) or a filter such as info,palisade=debug"
            .to_owned(),
    )
}

/// `key=value,key=value`, as AWS accepts tags.
pub fn tags(text: &str) -> Result<Tags, String> {
    let mut tags = Tags::new();
    for pair in text.split(',').filter(|pair| !pair.is_empty()) {
        let (key, value) = tag(pair)?;
        if let Some(other) = tags.keys().find(|other| is_same_key(other, &key)) {
            return Err(format!(
                "IAM takes tag keys that differ in case alone for one key: leave {other:?} or {key:?} out"
            ));
        }
        tags.insert(key, value);
    }
    Ok(tags)
}

fn tag(pair: &str) -> Result<(String, String), String> {
    let (key, value) = pair
        .split_once('=')
        .ok_or_else(|| format!("{pair:?} is no tag: write key=value, several separated by commas"))?;
    if is_reserved(key) {
        return Err(format!(
            "the tag key {key:?} is reserved: choose one without palisade.dev/ or aws: in front"
        ));
    }
    let allowed = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
    };
    let fits = |text: &str, max: usize| text.chars().count() <= max && allowed(text);
    if key.is_empty() || !fits(key, 128) || !fits(value, 256) {
        return Err(format!(
            "AWS does not accept the tag {pair:?}: a key has 1 to 128 and a value up to 256 letters, digits, spaces \
             and _ . : / = + - @"
        ));
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// Whether `text` is the ARN of something of IAM, of this kind, and in an account that `is_right`.
fn is_iam_arn(text: &str, kind: &str, is_right: impl Fn(&str) -> bool) -> bool {
    match text.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", _, "iam", "", account, resource] => {
            is_right(account) && resource.strip_prefix(kind).is_some_and(|name| !name.is_empty())
        }
        _ => false,
    }
}

/// The ARN of an IAM role.
pub fn role_arn(text: &str) -> Result<String, String> {
    if is_iam_arn(text, "role/", is_account) {
        Ok(text.to_owned())
    } else {
        Err("write the ARN of an IAM role, such as arn:aws:iam::444455556666:role/palisade-spoke".to_owned())
    }
}

/// The ARN of an IAM policy.
pub fn policy_arn(text: &str) -> Result<String, String> {
    if is_iam_arn(text, "policy/", |account| account == "aws" || is_account(account)) {
        Ok(text.to_owned())
    } else {
        Err(
            "write the ARN of an IAM policy, such as arn:aws:iam::111122223333:policy/palisade-boundary"
                .to_owned(),
        )
    }
}

/// An AWS account's id.
pub fn account(text: &str) -> Result<String, String> {
    if is_account(text) {
        Ok(text.to_owned())
    } else {
        Err("write the account's 12 digits, such as 111122223333".to_owned())
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// A UID of Kubernetes.
pub fn uid(text: &str) -> Result<String, String> {
    if text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') {
        Ok(text.to_owned())
    } else {
        Err(
            "write the UID that kubectl get namespace kube-system -o jsonpath='{.metadata.uid}' prints"
                .to_owned(),
        )
    }
}

/// The name of an S3 bucket.
pub fn bucket(text: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    if (3..=63).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("write the bucket's name alone, such as my-logs".to_owned())
    }
}

/// The host name of an API's default endpoint.
pub fn endpoint(text: &str) -> Result<String, String> {
    match region_and_id(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err(
            "write the host name of the API's default endpoint without scheme or path, such as \
                     a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_do() {
        let seconds = |text: &str| duration(text).map(|duration| duration.as_secs()).ok();
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("10m"), Some(600));
        assert_eq!(seconds("24h"), Some(86_400));
        assert_eq!(seconds("1h 30m"), Some(5_400));
        for wrong in ["", "10", "0s", "-5m", "soon", "5 apples"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn listening_can_be_switched_off() {
        assert_eq!(listen("off"), Ok(Listen(None)));
        assert!(listen("[::]:8080").is_ok());
        assert!(listen("8080").is_err());
    }

    #[test]
    fn a_site_has_a_scheme_and_no_query() {
        assert_eq!(
            site("https://docs.example.com/palisade/"),
            Ok("https://docs.example.com/palisade".to_owned())
        );
        for wrong in [
            "docs.example.com",
            "ftp://docs.example.com",
            "https://docs.example.com/?page=1",
            "",
        ] {
            assert!(site(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prices_come_from_a_file_with_keys_of_the_list_alone() {
        let file = std::env::temp_dir().join(format!("palisade-prices-{}.json", std::process::id()));
        let path = file.to_str().expect("a path");
        let read = |text: &str| {
            std::fs::write(&file, text).expect("written");
            prices(path)
        };
        assert_eq!(read("{}"), Ok(Prices::default()));
        assert_ne!(read(r#"{"webAcl": "4.50"}"#), Ok(Prices::default()));
        let refusal = read(r#"{"webAcls": "4.50"}"#).expect_err("refused");
        assert!(
            refusal.contains("`webAcls`") && refusal.contains("docs/costs.md"),
            "{refusal}"
        );
        std::fs::remove_file(&file).expect("removed");
        assert!(prices(path).expect_err("refused").contains("a JSON file"));
    }

    #[test]
    fn tags_are_pairs_separated_by_commas() {
        let parsed = tags("team=shop,cost-center=4711").expect("tags");
        assert_eq!(
            parsed.into_iter().collect::<Vec<_>>(),
            [
                ("cost-center".to_owned(), "4711".to_owned()),
                ("team".to_owned(), "shop".to_owned())
            ]
        );
        assert_eq!(tags(""), Ok(Tags::new()));
        assert_eq!(
            tags("formula=a=b")
                .expect("tags")
                .get("formula")
                .map(String::as_str),
            Some("a=b")
        );
    }

    #[test]
    fn reserved_and_impossible_tags_are_refused() {
        for wrong in [
            "team",
            "=shop",
            "Palisade.dev/uid=x",
            "team=x,Team=y",
            "team=x,team=y",
            "palisade.dev/uid=x",
            "AWS:x=y",
            "a=b;c",
            &format!("a={}", "x".repeat(257)),
        ] {
            assert!(tags(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_role_that_is_assumed_is_of_an_account() {
        assert!(role_arn("arn:aws:iam::444455556666:role/teams/palisade-spoke").is_ok());
        for wrong in [
            "",
            "palisade",
            "arn:aws:iam::aws:role/x",
            "arn:aws:iam::444455556666:role/",
        ] {
            assert!(role_arn(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_boundary_is_a_policy() {
        assert!(policy_arn("arn:aws:iam::111122223333:policy/palisade/boundary").is_ok());
        assert!(policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess").is_ok());
        for wrong in [
            "",
            "boundary",
            "arn:aws:iam::111122223333:role/x",
            "arn:aws:iam::1:policy/x",
        ] {
            assert!(policy_arn(wrong).is_err(), "{wrong}");
        }
    }
}
