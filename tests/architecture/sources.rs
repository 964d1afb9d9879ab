//! All sources of the product, and what each imports, by their syntax.

use super::ALLOWED;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;
use syn::{Attribute, Item, ItemUse, Macro, UseTree};

/// All sources, and what each imports.
pub struct Sources {
    /// By path below `src`: the paths of the files that it imports.
    pub files: BTreeMap<String, BTreeSet<String>>,
}

impl Sources {
    pub fn read() -> Self {
        let mut paths = rust_files(&root());
        paths.retain(|path| !is_of_tests(path));
        let names = paths.iter().map(|path| {
            let name = path.strip_prefix(root()).unwrap();
            name.to_str().unwrap().to_owned()
        });
        let names: Vec<String> = names.collect();
        // The binary's own root has no modules that others name.
        let modules = names.iter().filter(|name| *name != "main.rs");
        let modules: BTreeMap<_, _> = modules.map(|name| (module(name), name.clone())).collect();
        let files = names.iter().map(|name| {
            let text = std::fs::read_to_string(root().join(name)).unwrap();
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut imports = Imports {
                modules: &modules,
                here: module(name),
                found: BTreeSet::new(),
            };
            imports.visit_file(&file);
            imports.found.remove(name);
            (name.clone(), imports.found)
        });
        Self {
            files: files.collect(),
        }
    }

    pub fn arrows(&self) -> impl Iterator<Item = (&String, &String)> {
        let all = self.files.iter();
        all.flat_map(|(from, to)| to.iter().map(move |to| (from, to)))
    }

    /// The folder in which a file stands, or whose root it is.
    pub fn directory<'a>(&self, file: &'a str) -> &'a str {
        let stem = file.trim_end_matches(".rs");
        let own = format!("{stem}/");
        if self.files.keys().any(|other| other.starts_with(&own)) {
            return stem;
        }
        file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The folder of a file, or the one beside it that has its name, or the file itself where the table names it; a folder that
    /// the table does not name belongs to that above it.
    pub fn folder(&self, file: &str) -> String {
        let stem = file.trim_end_matches(".rs");
        let own = format!("{stem}/");
        let is_named = ALLOWED.iter().any(|(known, _)| *known == stem);
        let has_folder = is_named || self.files.keys().any(|other| other.starts_with(&own));
        let mut folder = match file.rsplit_once('/') {
            _ if has_folder => stem,
            Some((folder, _)) => folder,
            None => "src",
        };
        while !ALLOWED.iter().any(|(known, _)| *known == folder) {
            match folder.rsplit_once('/') {
                Some((above, _)) => folder = above,
                None => break,
            }
        }
        folder.to_owned()
    }
}

/// What one file imports.
struct Imports<'a> {
    modules: &'a BTreeMap<Vec<String>, String>,
    /// The module in which the code stands that is looked at.
    here: Vec<String>,
    found: BTreeSet<String>,
}

impl Imports<'_> {
    /// Notes the file of the module that a path leads to, where it is one of ours.
    fn note(&mut self, path: &[String]) {
        let mut at = match path.first().map(String::as_str) {
            Some("crate" | "palisade") => vec![],
            Some("self" | "super") => self.here.clone(),
            // A child of a module that stands in a folder.
            Some(first)
                if self
                    .modules
                    .contains_key(&[self.here.clone(), vec![first.to_owned()]].concat()) =>
            {
                self.here.clone()
            }
            _ => return,
        };
        for name in path {
            match name.as_str() {
                "crate" | "palisade" | "self" => {}
                "super" => drop(at.pop()),
                name => {
                    let next = [at.clone(), vec![name.to_owned()]].concat();
                    if !self.modules.contains_key(&next) {
                        break;
                    }
                    at = next;
                }
            }
        }
        // Inline modules belong to the file around them.
        while !self.modules.contains_key(&at) {
            at.pop();
        }
        self.found.insert(self.modules[&at].clone());
    }

    fn note_tree(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.note_tree(&step.tree, path);
                path.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(tree, path)),
            UseTree::Name(last) => self.note(&[path.clone(), vec![last.ident.to_string()]].concat()),
            UseTree::Rename(last) => self.note(&[path.clone(), vec![last.ident.to_string()]].concat()),
            UseTree::Glob(_) => self.note(path),
        }
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, inline: &'ast syn::ItemMod) {
        self.here.push(inline.ident.to_string());
        syn::visit::visit_item_mod(self, inline);
        self.here.pop();
    }

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        self.note_tree(&import.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if names.len() > 1 {
            self.note(&names);
        }
        syn::visit::visit_path(self, path);
    }

    /// Who may see an item is no import.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    /// What stands in a macro is text: its whole paths are found all the same.
    fn visit_macro(&mut self, call: &'ast Macro) {
        let text = call.tokens.to_string().replace(' ', "");
        for start in ["crate::", "super::"] {
            for (at, _) in text.match_indices(start) {
                let is_over = |letter: char| !(letter.is_alphanumeric() || "_:".contains(letter));
                let path = text[at..].split(is_over).next().unwrap_or_default();
                self.note(&path.split("::").map(ToOwned::to_owned).collect::<Vec<_>>());
            }
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let mut all = attributes.iter();
    all.any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    })
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files of Rust in a folder and below.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Whether a file is compiled for tests alone.
fn is_of_tests(path: &Path) -> bool {
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let is_named_so = stem == "tests" || stem.ends_with("_tests") || stem.ends_with("_fixtures");
    is_named_so || path.parent().is_some_and(|folder| folder.ends_with("tests"))
}

/// The module that a file is.
fn module(file: &str) -> Vec<String> {
    let mut names: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(ToOwned::to_owned)
        .collect();
    if ["mod", "lib", "main"].contains(&names.last().unwrap().as_str()) {
        names.pop();
    }
    names
}
