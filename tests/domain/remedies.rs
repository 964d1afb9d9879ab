//! What people are told to take away: nothing that may serve viewers.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

/// Every advice to take something away, with what must stand beside it. None of it serves a viewer; where it may, the sentence says
/// how that is seen, or has it left standing first.
const ADVICE: [&str; 27] = [
    // Deployments, certificates and versions, where a quota is used up.
    "delete some that neither a stage nor a canary serves",
    "delete unused ones",
    "delete versions of functions that no alias and no distribution uses",
    // Rules above the capacity, before they are written.
    "remove or simplify some",
    // Of a canary release: its callers meet the stage then.
    "promoting it has all callers meet its deployment, deleting it has its share of them meet the stage's",
    // The account is gone.
    "if you know that nothing is, remove the finalizer",
    // What was built goes on serving viewers.
    "see that spec.deletionpolicy is retain (the baseline beside adopt), delete this object, and declare it again without adopt",
    // Of another type than the API: nothing was ever built.
    "the type is immutable, so delete this object and declare it anew",
    // Never issued.
    "have another requested by deleting it: aws acm delete-certificate",
    "delete this one version, which serves nobody, never the function",
    // What is in a plan stays.
    "aws deletes nothing that is in a plan",
    // By the deletion that was asked for.
    "set it to false and the perimeter is taken down",
    // Of a distribution that is adopted: by its former owner, who leaves it standing.
    "services.k8s.aws/deletion-policy=retain, then delete that object before you confirm: by that nothing happens to the distribution",
    "(or set deletionpolicy: orphan), then delete that object before you confirm: by that nothing happens to the distribution",
    "take delete out of managementpolicies",
    "lifecycle {{ destroy = false }}",
    "lambda deletes it only hours after its replicas are gone",
    "or pause it before (annotation crossplane.io/paused=true), and delete it later",
    "the former signer, too, fails to delete it for some hours, while its replicas go: delete it again then",
    "may write or delete it at any time",
    // The object goes, and all that serves viewers stays, until another one takes it over.
    "set spec.deletionpolicy: retain on {object} and delete that object",
    "set spec.deletionpolicy: retain there and delete it; this object then takes the perimeter over",
    "set spec.deletionpolicy: retain and delete the object: this one then takes the perimeter over",
    // Of one that is given back, or stays as it is: the object's own parts alone go, which nothing uses.
    "was given back; delete this object, and what palisade made for it goes",
    "delete this object: its role, function and web acl then go, and the distribution stays",
    "delete this object: the distribution stays, and its role, function and web acl stay, too",
    "set release to false, and it stays as it is; or delete this object with spec.deletionpolicy: retain",
];

/// The same of the page on reasons.
const ON_THE_PAGE: [&str; 6] = [
    "`spec.origin.type` cannot change: delete the object and declare it anew",
    "remove or simplify rules: a web acl has 5,000 units",
    "raise the quota that the message names, or remove what uses it up",
    "delete only those that serve nobody any more (`deletionpolicy: retain` leaves what serves viewers)",
    "delete the certificate: another is requested",
    // Of a name that DNS leads to the distribution by then.
    "once nobody asks the old address any more (the record's ttl is over), delete the api mapping or routing rule",
];

/// Words that have people take something away.
const VERBS: [&str; 7] = [
    "delete", "deleting", "deletes", "remove", "removing", "rename", "destroy",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The texts in the code of a file, without those of its tests.
fn texts(code: &str) -> Vec<String> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n").replace("'\"'", "");
    let code = code.replace("\\\"", "");
    let texts = code.split('"').skip(1).step_by(2);
    // A text that goes on in the next line begins there without its spaces.
    let whole = |text: &str| {
        let mut parts = text.split("\\\n");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |whole, part| whole + part.trim_start())
    };
    texts.map(whole).collect()
}

/// Where a text has people take something away: from each such word on, and what stands before it.
fn takes_away(text: &str) -> Vec<usize> {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = VERBS.iter().flat_map(|verb| text.match_indices(verb));
    let words = words.filter(|(at, word)| {
        let (before, after) = (
            text[..*at].chars().next_back(),
            text[at + word.len()..].chars().next(),
        );
        !before.is_some_and(is_of_word) && after == Some(' ')
    });
    let down = text
        .match_indices("taken down")
        .chain(text.match_indices("take it down"));
    let mut found: Vec<usize> = words.chain(down).map(|(at, _)| at).collect();
    found.sort_unstable();
    found
}

/// Which of `advice` each place in `text` is part of; panics at one that is part of none.
fn judged<'a>(text: &str, advice: &[&'a str], what: &str) -> Vec<&'a str> {
    let text = text.to_lowercase();
    let known = |at: usize| {
        let holds = |advice: &&str| {
            text.match_indices(*advice)
                .any(|(from, it)| (from..from + it.len()).contains(&at))
        };
        advice.iter().find(|advice| holds(advice)).copied()
    };
    let places = takes_away(&text).into_iter();
    places
        .map(|at| {
            known(at).unwrap_or_else(|| {
                panic!("{what}: may that serve viewers? Then nobody is told to take it away; else it belongs into ADVICE: {text}")
            })
        })
        .collect()
}

#[test]
fn nobody_is_told_to_take_away_what_may_serve_viewers() {
    let mut files = Vec::new();
    for folder in ["aws", "controller", "domain"] {
        sources(&root().join("src").join(folder), &mut files);
    }
    assert!(files.len() > 200, "{}", files.len());
    let mut given = BTreeSet::new();
    for file in files {
        let code = read_to_string(&file).expect("a source");
        // A sentence has spaces; names of calls and fields have none.
        for text in texts(&code).iter().filter(|text| text.contains(' ')) {
            given.extend(judged(text, &ADVICE, &file.to_string_lossy()));
        }
    }
    assert_eq!(
        given,
        ADVICE.into(),
        "advice that nobody gives any more stands in ADVICE"
    );
}

#[test]
fn the_page_on_reasons_tells_nobody_to_take_away_what_may_serve_viewers() {
    let page = read_to_string(root().join("docs/troubleshooting.md")).expect("the page");
    let mut given = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with('|')) {
        given.extend(judged(row, &ON_THE_PAGE, "docs/troubleshooting.md"));
    }
    assert_eq!(given, ON_THE_PAGE.into());
}

#[test]
fn the_order_in_which_an_api_moves_to_another_account_stands_on_the_page_that_is_named() {
    let page = read_to_string(root().join("docs/accounts.md")).expect("the page");
    assert!(page.contains("## Moving an API's perimeter"));
}
