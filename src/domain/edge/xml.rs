//! Documents of CloudFront, element by element, so that what we do not know is kept as it was read.
//!
//! CloudFront's update replaces the whole configuration. Working on the document itself, in place of the SDK's types,
//! keeps elements newer than the SDK crate.

use std::fmt::Write as _;
pub use xmltree::Element;
use xmltree::{EmitterConfig, XMLNode};

/// Reads an XML document.
///
/// # Errors
/// The parser's message when `text` is not well-formed.
pub fn parse(text: &str) -> Result<Element, String> {
    Element::parse(text.as_bytes()).map_err(|error| error.to_string())
}

/// Writes `element` as an XML document.
///
/// # Errors
/// The writer's message; writing into memory does not fail for elements made by [`parse`] and the builders below.
pub fn write(element: &Element) -> Result<String, String> {
    let mut bytes = Vec::new();
    element
        .write_with_config(&mut bytes, EmitterConfig::new().perform_indent(false))
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// An element that holds text.
#[must_use]
#[allow(
    clippy::needless_pass_by_value,
    reason = "numbers and flags read better by value"
)]
pub fn text(name: &str, value: impl ToString) -> Element {
    let mut element = Element::new(name);
    let value = value.to_string();
    if !value.is_empty() {
        element.children.push(XMLNode::Text(value));
    }
    element
}

/// An element that holds elements.
#[must_use]
pub fn parent(name: &str, children: Vec<Element>) -> Element {
    let mut element = Element::new(name);
    element.children = children.into_iter().map(XMLNode::Element).collect();
    element
}

/// CloudFront's list shape: `Quantity`, then `Items` where there are any.
#[must_use]
pub fn list(name: &str, items: Vec<Element>) -> Element {
    let mut children = vec![text("Quantity", items.len())];
    if !items.is_empty() {
        children.push(parent("Items", items));
    }
    parent(name, children)
}

/// The element at `path` (names separated by `/`, first match each).
#[must_use]
pub fn at<'a>(element: &'a Element, path: &str) -> Option<&'a Element> {
    path.split('/')
        .try_fold(element, |found, name| found.get_child(name))
}

/// The trimmed text at `path`; `None` where it is missing or empty.
#[must_use]
pub fn text_at(element: &Element, path: &str) -> Option<String> {
    at(element, path)?
        .get_text()
        .map(|found| found.trim().to_owned())
        .filter(|found| !found.is_empty())
}

/// The elements of the list at `path`.
#[must_use]
pub fn items_at<'a>(element: &'a Element, path: &str) -> Vec<&'a Element> {
    at(element, path)
        .and_then(|list| list.get_child("Items"))
        .map(|items| items.children.iter().filter_map(XMLNode::as_element).collect())
        .unwrap_or_default()
}

/// The texts of the elements of the list at `path`.
#[must_use]
pub fn texts_at(element: &Element, path: &str) -> Vec<String> {
    items_at(element, path)
        .into_iter()
        .filter_map(|item| item.get_text().map(|found| found.trim().to_owned()))
        .collect()
}

/// Puts `child` in place of the child of the same name. A new one goes before the first child that follows it in
/// `order` (the service model's order), or to the end.
pub fn put(element: &mut Element, child: Element, order: &[&str]) {
    if let Some(index) = element
        .children
        .iter()
        .position(|node| is_named(node, &child.name))
    {
        element.children[index] = XMLNode::Element(child);
        return;
    }
    let followers: &[&str] = order
        .iter()
        .position(|name| *name == child.name)
        .map_or(&[], |index| &order[index + 1..]);
    let index = element
        .children
        .iter()
        .position(|node| followers.iter().any(|name| is_named(node, name)))
        .unwrap_or(element.children.len());
    element.children.insert(index, XMLNode::Element(child));
}

/// Takes the child called `name` out.
pub fn remove(element: &mut Element, name: &str) {
    element.children.retain(|node| !is_named(node, name));
}

/// `a/b/c=value` lines of every leaf: a stable form for hashing.
#[must_use]
pub fn leaves(element: &Element) -> String {
    let mut out = String::new();
    collect_leaves(element, "", &mut out);
    out
}

fn collect_leaves(element: &Element, path: &str, out: &mut String) {
    let path = format!("{path}/{}", element.name);
    let mut any = false;
    for child in element.children.iter().filter_map(XMLNode::as_element) {
        any = true;
        collect_leaves(child, &path, out);
    }
    if !any {
        let value = element.get_text().unwrap_or_default();
        let _ = writeln!(out, "{path}={}", value.trim());
    }
}

fn is_named(node: &XMLNode, name: &str) -> bool {
    node.as_element().is_some_and(|element| element.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_survives_reading_and_writing() {
        let source = "<A><B>1</B><C><D x=\"y\">&lt;</D></C></A>";
        let again = parse(&write(&parse(source).unwrap()).unwrap()).unwrap();
        assert_eq!(again, parse(source).unwrap());
    }

    #[test]
    fn a_new_child_goes_where_the_model_has_it() {
        let mut element = parse("<A><B/><D/></A>").unwrap();
        put(&mut element, text("C", "1"), &["B", "C", "D"]);
        let names: Vec<_> = element
            .children
            .iter()
            .filter_map(XMLNode::as_element)
            .map(|e| e.name.clone())
            .collect();
        assert_eq!(names, ["B", "C", "D"]);
    }

    #[test]
    fn lists_carry_their_quantity() {
        let element = parent(
            "A",
            vec![list("L", vec![text("N", "x"), text("N", "y")]), list("E", vec![])],
        );
        assert_eq!(text_at(&element, "L/Quantity").as_deref(), Some("2"));
        assert_eq!(texts_at(&element, "L"), ["x", "y"]);
        assert!(items_at(&element, "E").is_empty());
    }
}
