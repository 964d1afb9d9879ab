//! `kubectl palisade plan`

use super::asking::Asking;
use super::place::Place;
use super::question::{Question, Source};
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use clap::Args;
use palisade::plugin::manifest::{self, Manifest};
use std::io;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade plan -f petstore.yaml -n shop      what would be done, before it is applied
  helm template shop | kubectl palisade plan -f -     of what a chart renders, where that is one ProtectedApi
  kubectl palisade plan -f class.yaml                 what a PerimeterClass would do to all objects that go by it
  kubectl palisade plan -f petstore.yaml -o json      the same as data

Exit codes: 0 nothing to do, 2 something to do, 1 no plan, also where an option is wrong.";

/// What is planned, and how it is shown.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// File with one object as kubectl apply takes it, YAML or JSON; - is standard input
    #[arg(short, long, value_name = "FILE")]
    filename: String,
    /// The namespace; that of the manifest where left out, or else of the kubeconfig's context
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// Name of the object that it is planned for, which need not exist; the manifest's own where left out
    #[arg(long, value_name = "NAME")]
    object: Option<String>,
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Asks for it, and shows it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    options.asking.check()?;
    let from = shown(&options.filename);
    let manifest = manifest_of(&options.filename)?;
    if manifest.is_class && options.object.is_some() {
        return Err(
            "--object: a plan of a PerimeterClass is for all objects that go by it; leave the option out"
                .into(),
        );
    }
    let namespace = namespace(options.namespace.as_deref(), manifest.namespace.as_deref())?;
    let question = question(options.object.as_deref(), manifest)
        .ok_or_else(|| format!("{from}: metadata.name is missing; write it, or --object"))?;
    let place = Place {
        namespace,
        context: options.context.clone(),
    };
    waited_for(async {
        let reach = place.reach(None).await?;
        options.asking.show(&reach, &question).await
    })
}

/// The one object of a file, or of standard input.
pub(super) fn manifest_of(file: &str) -> Result<Manifest, Failure> {
    let from = shown(file);
    let text = read(file).map_err(|error| format!("{from}: {error}"))?;
    Ok(manifest::read(&text).map_err(|error| format!("{from}: {error}"))?)
}

fn shown(file: &str) -> &str {
    match file {
        "-" => "standard input",
        file => file,
    }
}

fn read(file: &str) -> io::Result<String> {
    match file {
        "-" => io::read_to_string(io::stdin()),
        file => std::fs::read_to_string(file),
    }
}

/// As kubectl has it: two that differ are a mistake.
pub(super) fn namespace(option: Option<&str>, manifest: Option<&str>) -> Result<Option<String>, Failure> {
    match (option, manifest) {
        (Some(option), Some(manifest)) if option != manifest => Err(format!(
            "-n is {option}, and metadata.namespace of the manifest is {manifest}: leave one of them out"
        )
        .into()),
        (option, manifest) => Ok(option.or(manifest).map(ToOwned::to_owned)),
    }
}

fn question(object: Option<&str>, manifest: Manifest) -> Option<Question> {
    Some(Question {
        object: object.map(ToOwned::to_owned).or(manifest.name)?,
        of: if manifest.is_class {
            Source::Class(manifest.spec, manifest.is_default)
        } else {
            Source::Perimeter(manifest.spec)
        },
        tried_with: Some(manifest.marks),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn the_namespace_is_the_options_or_the_manifests_and_two_that_differ_are_refused() {
        let of = |option, manifest| namespace(option, manifest).map_err(|error| error.to_string());
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(Some("shop"), None), Ok(Some("shop".to_owned())));
        assert_eq!(of(None, Some("shop")), Ok(Some("shop".to_owned())));
        assert_eq!(of(Some("shop"), Some("shop")), Ok(Some("shop".to_owned())));
        let error = of(Some("shop"), Some("pets")).expect_err("two");
        assert!(error.contains("shop") && error.contains("pets"), "{error}");
    }

    #[test]
    fn the_object_is_the_options_or_the_manifests() {
        let named = |name: Option<&str>| Manifest {
            name: name.map(ToOwned::to_owned),
            namespace: None,
            marks: Map::new(),
            spec: json!({}),
            is_class: false,
            is_default: None,
        };
        let object = |object, name| question(object, named(name)).map(|question| question.object);
        assert_eq!(object(None, Some("petstore")).as_deref(), Some("petstore"));
        assert_eq!(
            object(Some("orders"), Some("petstore")).as_deref(),
            Some("orders")
        );
        assert_eq!(object(None, None), None);
    }
}
