//! Values as Rust shows them, taken apart: whatever the product has of answers, all of it is compared in one way.

use std::iter::Peekable;
use std::str::Chars;

#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// `None`, or JSON's null.
    Nothing,
    Text(String),
    /// Of a list, or of a map with names that its users give.
    Items(Vec<Shown>),
    /// Of a structure, or of a document. A name may come twice.
    Members(Vec<(String, Shown)>),
}

impl Shown {
    /// What `{:?}` has written.
    pub fn read(text: &str) -> Self {
        Reader(text.chars().peekable()).value()
    }

    /// `null`, `empty` or `value`.
    pub fn how(&self) -> &'static str {
        match self {
            Self::Nothing => "null",
            Self::Text(text) if text.is_empty() => "empty",
            Self::Items(items) if items.is_empty() => "empty",
            Self::Members(members) if members.is_empty() => "empty",
            _ => "value",
        }
    }

    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            other => format!("{other:?}"),
        }
    }
}

struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    fn value(&mut self) -> Shown {
        self.space();
        if self.0.peek() == Some(&'"') {
            return Shown::Text(self.quoted());
        }
        let name = self.bare();
        match (name.as_str(), self.0.peek()) {
            // What only wraps another value says nothing of its own.
            (_, Some('(')) => {
                let mut items: Vec<_> = self.entries(')').into_iter().map(|(_, value)| value).collect();
                if items.len() == 1 {
                    items.remove(0)
                } else {
                    Shown::Items(items)
                }
            }
            (_, Some('[')) | ("", Some('{')) => {
                let end = if self.0.peek() == Some(&'[') { ']' } else { '}' };
                Shown::Items(self.entries(end).into_iter().map(|(_, value)| value).collect())
            }
            (_, Some('{')) => element(self.entries('}')),
            ("None" | "Null", _) => Shown::Nothing,
            (_, Some('"')) => Shown::Text(self.quoted()),
            _ => Shown::Text(name),
        }
    }

    /// What stands up to the bracket `end`; what has no name of its own has an empty one.
    fn entries(&mut self, end: char) -> Vec<(String, Shown)> {
        self.0.next();
        let mut found = Vec::new();
        loop {
            self.space();
            match self.0.peek() {
                Some(',') => {
                    self.0.next();
                }
                Some(next) if *next != end => {
                    let first = self.value();
                    self.space();
                    if self.0.next_if_eq(&':').is_some() {
                        found.push((first.text(), self.value()));
                    } else {
                        found.push((String::new(), first));
                    }
                }
                _ => break,
            }
        }
        self.0.next();
        found
    }

    fn space(&mut self) {
        while self.0.next_if(|next| next.is_whitespace()).is_some() {}
    }

    fn bare(&mut self) -> String {
        let mut found = String::new();
        while let Some(next) = self.0.peek().copied() {
            // A moment has colons, too, with no space after them.
            let ends = match next {
                ':' => self.0.clone().nth(1).is_none_or(char::is_whitespace),
                next => ",(){}[]\"".contains(next),
            };
            if ends {
                break;
            }
            found.extend(self.0.next());
        }
        found.trim().to_owned()
    }

    fn quoted(&mut self) -> String {
        self.0.next();
        let mut found = String::new();
        while let Some(next) = self.0.next() {
            match next {
                '"' => break,
                '\\' => found.extend(self.0.next()),
                next => found.push(next),
            }
        }
        found
    }
}

/// A structure; an element of a document has its children as members.
fn element(members: Vec<(String, Shown)>) -> Shown {
    let of = |name: &str| {
        members
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    };
    let (Some(Shown::Items(children)), Some(_)) = (of("children"), of("namespace")) else {
        return Shown::Members(members);
    };
    let named = |child: &Shown| match child {
        Shown::Members(inner) if inner.len() == 1 => inner.first().cloned(),
        other => Some((String::new(), other.clone())),
    };
    let name = of("name").cloned().map(Shown::text).unwrap_or_default();
    let inner = match children.as_slice() {
        [] => Shown::Text(String::new()),
        [Shown::Text(text)] => Shown::Text(text.clone()),
        children => Shown::Members(children.iter().filter_map(named).collect()),
    };
    Shown::Members(vec![(name, inner)])
}

#[test]
fn what_rust_shows_is_taken_apart() {
    let document = serde_json::json!({"Name": "a \"b\"", "None": null, "Rules": [], "At": {"Deep": 1}});
    let shown = format!(
        "{:?}",
        (
            Some(String::new()),
            document,
            std::collections::BTreeMap::from([("k", [1, 2])])
        )
    );
    let text = |text: &str| Shown::Text(text.to_owned());
    let Shown::Items(found) = Shown::read(&shown) else {
        panic!("{shown}");
    };
    assert_eq!(found[0], text(""));
    let members = Shown::Members(vec![
        ("Name".to_owned(), text("a \"b\"")),
        ("None".to_owned(), Shown::Nothing),
        ("Rules".to_owned(), Shown::Items(vec![])),
        (
            "At".to_owned(),
            Shown::Members(vec![("Deep".to_owned(), text("1"))]),
        ),
    ]);
    assert_eq!(found[1], members);
    assert_eq!(
        found[2],
        Shown::Items(vec![Shown::Items(vec![text("1"), text("2")])])
    );
    let element = palisade::domain::edge::xml::parse("<A><B/><C><D>1</D></C></A>").unwrap();
    let inner = vec![
        ("B".to_owned(), text("")),
        ("C".to_owned(), Shown::Members(vec![("D".to_owned(), text("1"))])),
    ];
    let whole = Shown::Members(vec![("A".to_owned(), Shown::Members(inner))]);
    assert_eq!(Shown::read(&format!("{element:?}")), whole);
    assert_eq!(
        Shown::read("At { when: 2026-01-02T03:04:05Z, .. }").how(),
        "value"
    );
}
