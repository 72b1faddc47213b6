//! What kept links are in an archive (spec publish 3.4).
//!
//! Stock copies first, then zips the copy and follows every link there. So a link leads to what the *copy* has at that
//! place: what the patterns leave out is not reached through a link either.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::collect::{Found, Link};
use super::{Item, What, ZipReport};
use crate::options::FollowMode;
use crate::{Ctl, Error, Result};

/// Links on the way to one file: the kernel opens no more.
const MAX_LINKS: usize = 40;

/// All items of the archive, in no order.
pub(super) fn place(
    mut found: Found,
    follow: FollowMode,
    report: &mut ZipReport,
    ctl: &Ctl,
) -> Result<Vec<Item>> {
    report.skipped = found.skipped;
    if follow == FollowMode::Never {
        let kept = found.links.into_iter();
        found.files.extend(kept.map(|link| Item { name: link.name, what: What::Link(link.text) }));
        return Ok(found.files);
    }
    if found.links.is_empty() {
        return Ok(found.files);
    }
    found.files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    found.links.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let tree = Tree { files: &found.files, links: &found.links, ctl };
    let mut more = Vec::new();
    for link in tree.links {
        let mut open = vec![Open { base: String::new(), dir: directory_of(&link.name) }];
        report.skipped += tree.expand(link, &link.name, &mut open, &mut more)?;
    }
    found.files.extend(more);
    Ok(found.files)
}

/// Directories that are open on the way to a link: `base`, `dir` and those between. What leads back to one goes in circles.
struct Open<'a> {
    /// Where the way began: the root, or what a link led to.
    base: String,
    /// The directory that the next link on the way is in.
    dir: &'a str,
}

impl Open<'_> {
    fn has(&self, directory: &str) -> bool {
        is_in(directory, &self.base) && is_in(self.dir, directory)
    }
}

/// The tree of the copy, each list in the order of its names.
struct Tree<'a> {
    files: &'a [Item],
    links: &'a [Link],
    ctl: &'a Ctl,
}

impl<'a> Tree<'a> {
    /// Adds what is behind `link` under the name `at`: the number of links that have nothing behind them.
    fn expand(
        &self,
        link: &'a Link,
        at: &str,
        open: &mut Vec<Open<'a>>,
        out: &mut Vec<Item>,
    ) -> Result<u64> {
        self.ctl.check()?;
        if open.len() > MAX_LINKS {
            return Err(Error::TooDeep { path: Path::new(at).to_path_buf() });
        }
        let Some(target) = self.resolve(link) else { return Ok(1) };
        if let Some(file) = find(self.files, file_name, &target) {
            out.push(copy_of(file, at.to_owned()));
            return Ok(0);
        }
        let files = self.files.get(below(self.files, file_name, &target)).unwrap_or_default();
        let links = self.links.get(below(self.links, link_name, &target)).unwrap_or_default();
        if (files.is_empty() && links.is_empty()) || open.iter().any(|open| open.has(&target)) {
            return Ok(1);
        }
        // A directory that is open may be further down in this one.
        let bases = open.iter().map(|open| open.base.clone());
        let inner: Vec<String> = bases.filter(|base| is_in(base, &target)).collect();
        let is_new = |name: &str| !inner.iter().any(|base| is_in(name, base));
        let skip = if target.is_empty() { 0 } else { target.len() + 1 };
        let name = |name: &str| format!("{at}/{}", name.get(skip..).unwrap_or_default());
        for file in files.iter().filter(|file| is_new(&file.name)) {
            out.push(copy_of(file, name(&file.name)));
        }
        let mut skipped = 0;
        for link in links.iter().filter(|link| is_new(&link.name)) {
            open.push(Open { base: target.clone(), dir: directory_of(&link.name) });
            skipped += self.expand(link, &name(&link.name), open, out)?;
            open.pop();
        }
        Ok(skipped)
    }

    /// Where a link ends, other links on the way resolved; None if it leads out or in circles.
    fn resolve(&self, link: &Link) -> Option<String> {
        let mut target = target_of(link)?;
        for _ in 0..MAX_LINKS {
            let mut ends = target.match_indices('/').map(|(at, _)| at).chain([target.len()]);
            let through = ends.find_map(|end| {
                let link = find(self.links, link_name, target.get(..end)?)?;
                Some((link, end))
            });
            let Some((link, end)) = through else { return Some(target) };
            let rest = target.get(end..)?.trim_start_matches('/');
            target = match (target_of(link)?, rest) {
                (next, rest) if next.is_empty() => rest.to_owned(),
                (next, "") => next,
                (next, rest) => format!("{next}/{rest}"),
            };
        }
        None
    }
}

/// Where the text of a link leads to in the copy; None if out of it.
fn target_of(link: &Link) -> Option<String> {
    if Path::new(&link.text).is_absolute() {
        return None;
    }
    let mut parts: Vec<&str> = directory_of(&link.name).split('/').collect();
    parts.retain(|part| !part.is_empty());
    for part in link.text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn copy_of(file: &Item, name: String) -> Item {
    let what = match &file.what {
        What::File { node, entry, size } => {
            What::File { node: Arc::clone(node), entry: *entry, size: *size }
        }
        What::Link(text) => What::Link(text.clone()),
    };
    Item { name, what }
}

fn file_name(item: &Item) -> &str {
    &item.name
}

fn link_name(link: &Link) -> &str {
    &link.name
}

fn find<'a, T>(sorted: &'a [T], name: fn(&T) -> &str, wanted: &str) -> Option<&'a T> {
    let at = sorted.binary_search_by(|item| name(item).cmp(wanted)).ok()?;
    sorted.get(at)
}

/// The items below a directory.
fn below<T>(sorted: &[T], name: fn(&T) -> &str, directory: &str) -> Range<usize> {
    if directory.is_empty() {
        return 0..sorted.len();
    }
    let prefix = format!("{directory}/");
    let start = sorted.partition_point(|item| name(item) < prefix.as_str());
    let rest = sorted.get(start..).unwrap_or_default();
    start..start + rest.partition_point(|item| name(item).starts_with(&prefix))
}

/// Whether a path is that of a directory, or below it.
fn is_in(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    directory.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn directory_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(directory, _)| directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_leads_from_where_its_link_is() {
        for (name, text, expected) in [
            ("l", "a", Some("a")),
            ("l", ".", Some("")),
            ("d/e/l", "../f//g/", Some("d/f/g")),
            ("d/e/l", "../..", Some("")),
            ("d/l", "../../root/a", None),
            ("l", "..", None),
            ("l", "/a", None),
        ] {
            let link = Link { name: name.into(), text: text.into() };
            assert_eq!(target_of(&link).as_deref(), expected, "{name} -> {text}");
        }
    }

    #[test]
    fn a_directory_is_open_only_on_the_way() {
        let open = |base: &str, dir, directory| Open { base: base.into(), dir }.has(directory);
        for (base, dir, directory, expected) in [
            ("", "", "", true),
            ("", "a/b", "a", true),
            ("", "a/b", "a/b", true),
            ("", "a/b", "a/bc", false),
            ("", "a", "a/b", false),
            ("a/b", "a/b/c", "a/b/c", true),
            ("a/b", "a/b/c", "a", false),
        ] {
            assert_eq!(open(base, dir, directory), expected, "{base} to {dir}: {directory}");
        }
    }
}
