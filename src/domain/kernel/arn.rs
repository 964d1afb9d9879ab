//! The parts of an ARN: `arn:partition:service:region:account:resource`.

/// Where the resource of an ARN is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// Empty where the service, or the ARN, names none.
    pub region: &'a str,
    /// Empty where the service, or the ARN, names none.
    pub account: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of `text`; `None` where that is no ARN.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':').skip(2);
        let (region, account) = (parts.next()?, parts.next()?);
        parts.next().map(|_| Self { region, account })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_region_and_account_or_leaves_them_empty() {
        let parts = |text| Arn::of(text).map(|arn| (arn.region, arn.account));
        let function = "arn:aws:lambda:eu-north-1:111122223333:function:petstore:1";
        assert_eq!(parts(function), Some(("eu-north-1", "111122223333")));
        assert_eq!(
            parts("arn:aws:iam::111122223333:role/palisade/r"),
            Some(("", "111122223333"))
        );
        assert_eq!(
            parts("arn:aws:apigateway:eu-north-1::/apikeys/k"),
            Some(("eu-north-1", ""))
        );
    }

    #[test]
    fn anything_else_has_no_parts() {
        for text in ["", "111122223333", "a:b:c:d:e:f", "arn:aws:iam::111122223333"] {
            assert_eq!(Arn::of(text), None, "{text}");
        }
    }
}
