//! Path arithmetic on text alone, before any link is looked at (spec fingerprint (a), (c)).

use std::path::{Component, Path, PathBuf};

use crate::name::decode;

/// `text` made absolute against `base`, with `.`, `..` and repeated slashes removed textually.
pub(crate) fn resolve(base: &Path, text: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in base.join(text).components() {
        match component {
            Component::CurDir => {}
            // At the top `pop` does nothing: the parent of the root is the root.
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// `root` itself or below it, by whole components. Nothing but itself is inside `/`: upstream compares with `"//"`.
pub(crate) fn is_inside(root: &Path, path: &Path) -> bool {
    below(root, path).is_some()
}

/// The part of `path` below `root`, without the separator.
pub(crate) fn below<'a>(root: &Path, path: &'a Path) -> Option<&'a Path> {
    let (root_bytes, bytes) = (encoded(root), encoded(path));
    if bytes == root_bytes {
        return Some(Path::new(""));
    }
    let rest = bytes.strip_prefix(root_bytes)?;
    let separator = *rest.first()?;
    if std::path::is_separator(char::from(separator)) { path.strip_prefix(root).ok() } else { None }
}

/// Undecodable bytes below `root` replaced, as upstream would have them in its strings; the root keeps its own.
pub(crate) fn mangle(root: &Path, path: PathBuf) -> PathBuf {
    if path.to_str().is_some() {
        return path;
    }
    match below(root, &path) {
        Some(rest) => root.join(decode(encoded(rest)).as_ref()),
        None => PathBuf::from(decode(encoded(&path)).into_owned()),
    }
}

/// Relative path from directory `from` to `to`, both absolute and normal; `.` if they are the same.
pub(crate) fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to.components().skip(shared)).collect();
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

fn encoded(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn resolves_textually() {
        for (base, text, expected) in [
            ("/a/b", "c", "/a/b/c"),
            ("/a/b", "../c/", "/a/c"),
            ("/a/b", "./d/..//x", "/a/b/x"),
            ("/a", "../../..", "/"),
            ("/a", "/x/./y//z/", "/x/y/z"),
            ("/a", "", "/a"),
        ] {
            assert_eq!(resolve(Path::new(base), Path::new(text)), Path::new(expected), "{text}");
        }
    }

    #[test]
    fn inside_is_by_component() {
        for (root, path, expected) in [
            ("/r", "/r", true),
            ("/r", "/r/a", true),
            ("/r", "/r2/a", false),
            ("/r", "/", false),
            ("/", "/", true),
            ("/", "/a", false),
        ] {
            assert_eq!(is_inside(Path::new(root), Path::new(path)), expected, "{root} {path}");
        }
    }

    #[test]
    fn relative_goes_up_and_down() {
        for (from, to, expected) in [
            ("/d", "/d", "."),
            ("/d/e", "/d", ".."),
            ("/d/e", "/d/f/g", "../f/g"),
            ("/d", "/d/x", "x"),
        ] {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected));
        }
    }
}
