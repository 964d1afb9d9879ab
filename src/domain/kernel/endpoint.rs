//! What an API's host name says of it.

/// Region and API id of an `execute-api` host name, as the schema lets it through; both empty of any other, which in an ARN stands
/// for any.
#[must_use]
pub fn region_and_id_or_any(endpoint: &str) -> (&str, &str) {
    region_and_id(endpoint).unwrap_or_default()
}

/// Region and API id in the host name of an API's default endpoint; `None` where it is another name.
#[must_use]
pub fn region_and_id(endpoint: &str) -> Option<(&str, &str)> {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match endpoint.split('.').collect::<Vec<_>>()[..] {
        [api, "execute-api", region, "amazonaws", "com"] if plain(api) && plain(region) => {
            Some((region, api))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_and_id_are_read_of_a_default_endpoint_alone() {
        assert_eq!(
            region_and_id("a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"),
            Some(("eu-north-1", "a1b2c3d4e5"))
        );
        for wrong in [
            "",
            "example.com",
            "a.execute-api..amazonaws.com",
            "a'b.execute-api.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(region_and_id(wrong), None, "{wrong}");
        }
    }
}
