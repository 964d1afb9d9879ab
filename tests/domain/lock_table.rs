//! The table of the lock: it answers every state and every fact, and the page on modes shows what it leads to.

use palisade::domain::access::table::cause::Cause;
use palisade::domain::access::table::machine::{Action, Fact, Given, Row, State, TABLE, UNPROVEN};
use std::fmt::Write as _;
use std::path::Path;

const PAGE: &str = "docs/access-modes.md";
const BEGIN: &str = "<!-- made from src/domain/access/table/machine.rs by INSTA_UPDATE=always cargo test --test domain lock_table -->\n";
const END: &str = "<!-- until here -->\n";

fn facts() -> Vec<Fact> {
    let rows = TABLE.iter().chain(UNPROVEN);
    let mut facts: Vec<Fact> = rows.map(|row| row.fact).collect();
    facts.sort_unstable();
    facts.dedup();
    facts
}

#[test]
fn every_state_with_every_fact_has_a_row() {
    for table in [TABLE, UNPROVEN] {
        for state in State::ALL {
            for fact in facts() {
                for is_made in [false, true] {
                    let holds = |asked: Fact| asked == fact || asked == Fact::Always;
                    let row = Row::first(table.iter(), state, is_made, holds);
                    assert!(row.is_some(), "{state:?} {fact:?} {is_made}");
                }
            }
        }
    }
}

#[test]
fn no_row_stands_where_none_above_lets_it_come_to_it() {
    for table in [TABLE, UNPROVEN] {
        for (number, row) in table.iter().enumerate() {
            let is_reached = row.states.iter().any(|state| {
                !table[..number].iter().any(|above| {
                    let is_before = above.given == row.given || above.given == Given::Always;
                    let decides = is_before && (above.fact == Fact::Always || above.fact == row.fact);
                    decides && above.states.contains(state)
                })
            });
            assert!(is_reached, "{}", row.says);
        }
    }
}

#[test]
fn what_changes_a_mark_stands_only_where_there_is_one() {
    for row in TABLE.iter().chain(UNPROVEN) {
        let changes_mark = matches!(
            row.action,
            Action::NoteRefusal
                | Action::GoBack
                | Action::PutBack(_)
                | Action::End
                | Action::MarkRest
                | Action::BackOut
                | Action::Withdraw
                | Action::MarkAnew
        );
        let is_marked = !row
            .states
            .iter()
            .any(|state| [State::Open, State::Locked].contains(state));
        assert!(is_marked || !changes_mark, "{}", row.says);
    }
}

fn names(states: &[State]) -> String {
    let names: Vec<String> = states.iter().map(|state| format!("{state:?}")).collect();
    names.join(", ")
}

/// What a reader of the page sees of the table: the states, and what leads from one to another.
fn shown() -> String {
    let mut text = "| state | what it means |\n|---|---|\n".to_owned();
    for state in State::ALL {
        let _ = writeln!(text, "| {state:?} | {} |", state.says());
    }
    text.push_str("\n| from | what leads on | to |\n|---|---|---|\n");
    let mut seen = Vec::new();
    for row in TABLE.iter().chain(UNPROVEN).filter(|row| !row.next.is_empty()) {
        let line = format!("| {} | {} | {} |\n", names(row.states), row.says, names(row.next));
        if !seen.contains(&line) {
            text.push_str(&line);
            seen.push(line);
        }
    }
    text
}

#[test]
fn the_page_on_modes_shows_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let shown = shown();
    if found != shown && std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(&path, format!("{before}{BEGIN}{shown}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, shown,
        "{PAGE} has drifted from src/domain/access/table/machine.rs"
    );
}

#[test]
fn the_alert_on_refused_viewers_names_the_causes_that_refuse_them_and_the_page_of_alerts_all() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [rules, page] = ["deploy/monitoring/rules.yaml", "docs/alerts.md"]
        .map(|path| std::fs::read_to_string(root.join(path)).expect(path));
    let (_, rest) = rules
        .split_once(r#"seconds{status="False",reason=~""#)
        .expect("an alert on reasons");
    let (named, _) = rest.split_once('"').expect("reasons");
    let named: Vec<&str> = named.split('|').collect();
    for cause in Cause::ALL {
        let reason = cause.reason().as_str();
        let refuses = matches!(
            cause,
            Cause::Refused | Cause::NotInForce | Cause::Broken | Cause::KeyMissing
        );
        assert_eq!(named.contains(&reason), refuses, "{cause:?}");
        assert!(page.contains(&format!("`{reason}`")), "{reason}");
    }
}
