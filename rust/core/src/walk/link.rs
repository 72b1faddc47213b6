//! What a symbolic link means (spec fingerprint (c)): a pure decision over three questions to the disk.

use std::io;
use std::path::{Path, PathBuf};

use super::entry::LinkTarget;
use crate::fs::{self, At, Kind};
use crate::lexical;
use crate::options::FollowMode;

/// The three questions; tests answer them without a disk.
pub(super) trait Disk {
    fn read_link(&self, path: &Path) -> io::Result<String>;
    fn realpath(&self, path: &Path) -> io::Result<PathBuf>;
    /// Follows links to the end.
    fn stat(&self, path: &Path) -> io::Result<Kind>;
}

pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn read_link(&self, path: &Path) -> io::Result<String> {
        fs::read_link(path)
    }

    fn realpath(&self, path: &Path) -> io::Result<PathBuf> {
        fs::realpath(path)
    }

    fn stat(&self, path: &Path) -> io::Result<Kind> {
        Ok(fs::sys::stat(At::Path(path))?.kind)
    }
}

#[cfg_attr(test, derive(Debug, PartialEq))]
pub(super) enum Decision {
    /// Kept as a link.
    Keep(LinkTarget),
    /// A directory: where it is on disk, and its canonical path.
    Dir {
        resolved: PathBuf,
        canonical: PathBuf,
    },
    File(PathBuf),
    Special(&'static str),
}

/// Decides about the link at `path`; fails only if its text can't be read.
pub(super) fn decide(
    disk: &impl Disk,
    root: &Path,
    path: &Path,
    follow: FollowMode,
) -> io::Result<Decision> {
    let text = disk.read_link(path)?;
    let parent = path.parent().unwrap_or(path);
    let target = lexical::resolve(parent, Path::new(&text));
    // The parent of the target is made canonical, its last part is not: it may itself be a link.
    let resolved = match (target.parent(), target.file_name()) {
        (Some(above), Some(name)) => {
            let above = disk.realpath(above).unwrap_or_else(|_| above.to_path_buf());
            lexical::mangle(root, above).join(name)
        }
        _ => target,
    };
    let internal = lexical::is_inside(root, &resolved);
    // A target that can't be looked at, for whatever reason, is not followed.
    let kind = if follow.follows(internal) { disk.stat(&resolved).ok() } else { None };
    Ok(match kind {
        None => Decision::Keep(LinkTarget { text, resolved, internal }),
        Some(Kind::Dir) => {
            let canonical = disk.realpath(&resolved).unwrap_or_else(|_| resolved.clone());
            Decision::Dir { canonical: lexical::mangle(root, canonical), resolved }
        }
        Some(Kind::Special(kind)) => Decision::Special(kind),
        Some(Kind::File | Kind::Link | Kind::Unknown) => Decision::File(resolved),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::collections::HashMap;

    impl std::fmt::Debug for LinkTarget {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{} -> {} ({})", self.text, self.resolved.display(), self.internal)
        }
    }

    impl PartialEq for LinkTarget {
        fn eq(&self, other: &Self) -> bool {
            (&self.text, &self.resolved, self.internal)
                == (&other.text, &other.resolved, other.internal)
        }
    }

    /// A disk of words: link texts, canonical paths where they differ, kinds.
    #[derive(Default)]
    struct Words {
        texts: HashMap<PathBuf, String>,
        real: HashMap<PathBuf, PathBuf>,
        kinds: HashMap<PathBuf, Kind>,
    }

    impl Disk for Words {
        fn read_link(&self, path: &Path) -> io::Result<String> {
            self.texts.get(path).cloned().ok_or(io::ErrorKind::NotFound.into())
        }
        fn realpath(&self, path: &Path) -> io::Result<PathBuf> {
            Ok(self.real.get(path).cloned().unwrap_or_else(|| path.to_path_buf()))
        }
        fn stat(&self, path: &Path) -> io::Result<Kind> {
            self.kinds.get(path).copied().ok_or(io::ErrorKind::NotFound.into())
        }
    }

    fn disk(text: &str, kinds: &[(&str, Kind)]) -> Words {
        Words {
            texts: HashMap::from([(PathBuf::from("/r/l"), text.to_owned())]),
            kinds: kinds.iter().map(|(path, kind)| (PathBuf::from(path), *kind)).collect(),
            ..Words::default()
        }
    }

    #[allow(clippy::unwrap_used)] // the texts are there
    fn decide_on(disk: &Words, follow: FollowMode) -> Decision {
        decide(disk, Path::new("/r"), Path::new("/r/l"), follow).unwrap()
    }

    fn kept(text: &str, resolved: &str, internal: bool) -> Decision {
        Decision::Keep(LinkTarget { text: text.into(), resolved: resolved.into(), internal })
    }

    #[test]
    fn internal_link_follows_by_mode() {
        let disk = disk("./d/..//a/", &[("/r/a", Kind::File)]);
        for follow in [FollowMode::Never, FollowMode::External] {
            assert_eq!(decide_on(&disk, follow), kept("./d/..//a/", "/r/a", true));
        }
        for follow in [FollowMode::Always, FollowMode::InternalOnly] {
            assert_eq!(decide_on(&disk, follow), Decision::File("/r/a".into()));
        }
    }

    #[test]
    fn sibling_with_the_same_prefix_is_external() {
        let disk = disk("../r2/f", &[("/r2/f", Kind::File)]);
        assert_eq!(decide_on(&disk, FollowMode::External), Decision::File("/r2/f".into()));
        assert_eq!(decide_on(&disk, FollowMode::InternalOnly), kept("../r2/f", "/r2/f", false));
    }

    #[test]
    fn parent_is_canonicalised_and_last_part_is_not() {
        let mut disk = disk("ld/f", &[("/ext/f", Kind::Dir)]);
        disk.real.insert("/r/ld".into(), "/ext".into());
        disk.real.insert("/ext/f".into(), "/far".into());
        assert_eq!(
            decide_on(&disk, FollowMode::External),
            Decision::Dir { resolved: "/ext/f".into(), canonical: "/far".into() }
        );
    }

    #[test]
    fn what_cannot_be_looked_at_is_kept() {
        let disk = disk("/nonexistent/x", &[]);
        assert_eq!(
            decide_on(&disk, FollowMode::Always),
            kept("/nonexistent/x", "/nonexistent/x", false)
        );
    }

    #[test]
    fn hashed_text_of_an_absolute_internal_link_is_relative_to_the_root() {
        for (text, resolved, internal, expected) in [
            ("/r/d/a", "/r/d/a", true, "d/a"),
            ("/r", "/r", true, ""),
            ("d/../a", "/r/a", true, "d/../a"),
            ("/x/a", "/x/a", false, "/x/a"),
        ] {
            let target = LinkTarget { text: text.into(), resolved: resolved.into(), internal };
            assert_eq!(target.hashed(Path::new("/r")), expected);
        }
    }
}
