//! Whether the access mode fits the type of the API, by the spec alone and with what a class gave: the API server refuses the rest of it,
//! but not what an object and its class contradict each other in.

use super::{Finding, Level};
use crate::api::{AccessMode, OriginType, ProtectedApiSpec};
use crate::plugin::read::read;
use serde_json::Value;

/// What is so. Of a spec that is not understood the remarks tell.
pub(super) fn finding(object: &Value, name: &str) -> Option<Finding> {
    let spec = read(object).ok()?.object.spec;
    let access = spec.access.as_ref();
    let mode = access.and_then(|access| access.mode).unwrap_or_default();
    let of = type_name(spec.origin.r#type);
    Some(match misfit(&spec, mode) {
        None => Finding::new(Level::Ok, name, format!("the mode {} fits {of}", mode.name())),
        Some((field, why, remedy)) => {
            Finding::new(Level::Fail, name, format!("{field}: {why}, and this is {of}")).with(remedy)
        }
    })
}

type Misfit = (&'static str, &'static str, &'static str);

fn misfit(spec: &ProtectedApiSpec, mode: AccessMode) -> Option<Misfit> {
    let is = spec.origin.r#type;
    let access = spec.access.as_ref();
    let exclusive = access
        .and_then(|access| access.sig_v4.as_ref())
        .and_then(|options| options.exclusive);
    if spec.origin.stage == "$default" && is != OriginType::Http {
        return Some((
            "spec.origin.stage",
            "$default exists only for HTTP APIs",
            "write the stage's name",
        ));
    }
    match mode {
        AccessMode::ApiKey if is != OriginType::Rest => Some((
            "spec.access.mode",
            "ApiKey exists only for REST APIs",
            "write SigV4 or SecretHeader",
        )),
        AccessMode::MutualTls if is == OriginType::WebSocket => Some((
            "spec.access.mode",
            "MutualTls exists only for REST and HTTP APIs",
            "write SigV4 or SecretHeader",
        )),
        AccessMode::SigV4 if exclusive == Some(true) && is != OriginType::Rest => Some((
            "spec.access.sigV4.exclusive",
            "it needs a resource policy, which only REST APIs have",
            "set it to false",
        )),
        AccessMode::SigV4 | AccessMode::ApiKey | AccessMode::SecretHeader | AccessMode::MutualTls => None,
    }
}

fn type_name(is: OriginType) -> &'static str {
    match is {
        OriginType::Rest => "a REST API",
        OriginType::Http => "an HTTP API",
        OriginType::WebSocket => "a WebSocket API",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::doctor::facts_fixtures::{change_subject, is_told, is_well};

    #[test]
    fn a_mode_that_the_type_of_the_api_does_not_have_fails_before_any_condition_does() {
        for (is, mode, said) in [
            (
                "HTTP",
                "ApiKey",
                "ApiKey exists only for REST APIs, and this is an HTTP API",
            ),
            ("WEBSOCKET", "MutualTls", "only for REST and HTTP APIs"),
        ] {
            let change = |subject: &mut crate::plugin::doctor::Subject| {
                subject.object["spec"]["origin"]["type"] = is.into();
                subject.object["spec"]["access"]["mode"] = mode.into();
            };
            is_told(
                |facts| change_subject(facts, change),
                Level::Fail,
                said,
                "write SigV4",
            );
        }
        let of_http = |subject: &mut crate::plugin::doctor::Subject| {
            subject.object["spec"]["origin"]["type"] = "HTTP".into();
        };
        is_told(
            |facts| {
                change_subject(facts, |subject| {
                    of_http(subject);
                    subject.object["spec"]["access"]["sigV4"]["exclusive"] = true.into();
                });
            },
            Level::Fail,
            "only REST APIs have",
            "set it to false",
        );
        is_told(
            |facts| {
                change_subject(facts, |subject| {
                    subject.object["spec"]["origin"]["stage"] = "$default".into();
                });
            },
            Level::Fail,
            "$default exists only for HTTP APIs",
            "the stage's name",
        );
    }

    #[test]
    fn a_mode_that_fits_is_well() {
        for (is, mode) in [
            ("WEBSOCKET", "SecretHeader"),
            ("HTTP", "SigV4"),
            ("REST", "ApiKey"),
        ] {
            is_well(|facts| {
                change_subject(facts, |subject| {
                    subject.object["spec"]["origin"]["type"] = is.into();
                    subject.object["spec"]["access"]["mode"] = mode.into();
                });
            });
        }
    }
}
