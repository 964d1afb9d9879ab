//! `kubectl palisade status`

use super::look::look;
use super::place::Place;
use super::reach::{Meant, Reach};
use super::runtime::waited_for;
use super::watch::{picture, watch};
use crate::cli::failure::{Failure, WrongOption};
use crate::cli::output;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use palisade::plugin::picture::Picture;
use palisade::plugin::{clean, html, svg, text};
use serde_json::json;
use std::io::{self, Write as _};

const EXAMPLES: &str = "Examples:
  kubectl palisade status -A                      one line for each object
  kubectl palisade status petstore -n shop        the way from the viewer to the API, with the state of each part
  kubectl palisade status petstore --watch        again when something changed, until it is ready
  kubectl palisade status petstore -o html > petstore.html

Exit codes: 0 shown, whatever the state; 1 failed, 2 an option is wrong. kubectl wait waits for a condition.";

/// What is shown, and how.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object; all where left out
    #[arg(value_name = "NAME")]
    name: Option<String>,
    // Named to be refused in words that help.
    #[arg(hide = true, value_name = "NAME")]
    others: Vec<String>,
    #[command(flatten)]
    place: Place,
    /// The objects of all namespaces
    #[arg(short = 'A', long, conflicts_with_all = ["name", "namespace"])]
    all_namespaces: bool,
    /// Show it again when something changed, until all that is shown is ready
    #[arg(short, long)]
    watch: bool,
    /// A tree or a list for people, the same as data, or a picture in one file
    #[arg(short, long, value_enum, default_value_t = Output::Tree)]
    output: Output,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Tree,
    Json,
    Yaml,
    Svg,
    Html,
}

/// Shows it.
pub fn run(options: &Options) -> Result<(), Failure> {
    if !options.others.is_empty() {
        let names = options.name.iter().chain(&options.others);
        let names: Vec<String> = names.map(|name| clean(name)).collect();
        let wrong = format!(
            "one object is shown by its name, or all of a namespace without a name, and these are several: {}. Leave the names out \
             for one line each",
            names.join(", ")
        );
        return Err(WrongOption(wrong).into());
    }
    if options.watch && matches!(options.output, Output::Svg | Output::Html) {
        let wrong = "--watch prints more than one picture: with it, -o is tree, json or yaml";
        return Err(WrongOption(wrong.to_owned()).into());
    }
    waited_for(show(options))
}

async fn show(options: &Options) -> Result<(), Failure> {
    let meant = Meant {
        everywhere: options.all_namespaces,
        ..options.place.meant(options.name.as_deref())
    };
    let reach = Reach::of(&meant).await?;
    let objects = reach.objects().await?;
    let pictures = objects
        .iter()
        .map(|object| picture(&reach, object))
        .collect::<Result<Vec<Picture>, Failure>>()?;
    if pictures.is_empty() {
        // Standard error may be closed; there is nobody else to tell.
        let _ = writeln!(io::stderr(), "no ProtectedApi {}", reach.place());
    }
    let is_one = options.name.is_some();
    if !output::write(&written(&pictures, options.output, is_one)?)? || !options.watch {
        return Ok(());
    }
    let again = |pictures: &[Picture]| -> Result<bool, Failure> {
        if pictures.is_empty() {
            let _ = writeln!(io::stderr(), "no ProtectedApi is left {}", reach.place());
            return Ok(true);
        }
        let before = if options.output == Output::Tree { "\n" } else { "" };
        let text = written(pictures, options.output, is_one)?;
        Ok(output::write(&format!("{before}{text}"))?)
    };
    watch(&reach, pictures, is_one, again).await
}

/// One object by itself, where that was asked for, or all of them.
fn written(pictures: &[Picture], output: Output, is_one: bool) -> Result<String, Failure> {
    let now = Timestamp::now();
    let data = || match pictures {
        [picture] if is_one => json!(picture),
        pictures => json!({"items": pictures}),
    };
    Ok(match output {
        Output::Tree => match pictures {
            [picture] if is_one => text::tree(picture, look(), now),
            pictures => text::list(pictures, look(), now),
        },
        Output::Json => serde_json::to_string_pretty(&data())? + "\n",
        Output::Yaml => format!("---\n{}", serde_yaml::to_string(&data())?),
        Output::Svg => svg::page(pictures, now),
        Output::Html => html::page(pictures, now),
    })
}
