//! One listing → the entries of a node: decode, sort, test against the patterns, decide about links.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lambda_assets_ignore::{Error as PatternError, Matcher, Verdict};

use super::entry::{Entry, Frame, Node, What};
use super::link::{Decision, RealDisk, decide};
use super::{Handle, Visit, Walker};
use crate::fs::{self, At, Kind, Listing};
use crate::{Error, Result, name};

/// Directories inside directories, followed links included. Upstream overflows its stack a little earlier.
const MAX_DEPTH: u32 = 4096;

/// A name of the listing, decoded.
struct Listed {
    /// Place in the listing, where names had to be decoded.
    index: usize,
    start: u32,
    end: u32,
    kind: Kind,
    mangled: bool,
}

impl Listed {
    /// A name that is what it is on disk. Its place fits, or the whole listing is refused.
    fn plain((range, kind): (std::ops::Range<usize>, Kind)) -> Self {
        let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (place(range.start), place(range.end));
        Self { index: 0, start, end, kind, mangled: false }
    }
}

impl<V: Visit> Walker<'_, V> {
    /// The node of a listed directory and the frames of the directories to enter, in hash order.
    pub(super) fn read_entries(
        &self,
        frame: Arc<Frame>,
        handle: &Handle,
        listing: &Listing,
        path: &mut String,
    ) -> Result<(Arc<Node>, Vec<Arc<Frame>>)> {
        let (names, listed) = sorted(&frame, listing)?;
        let mut node = Node { frame, names, entries: Vec::with_capacity(listed.len()) };
        let mut children = Vec::new();
        let mut files = 0;
        path.clear();
        path.push_str(&self.rules.prefix);
        if !node.frame.relative.is_empty() {
            path.push_str(&node.frame.relative);
            path.push('/');
        }
        let base = path.len();
        for item in listed {
            path.truncate(base);
            let name = node.names.get(item.start as usize..item.end as usize).unwrap_or_default();
            if self.skips(&node.frame, name) {
                continue;
            }
            path.push_str(name);
            let (what, verdict) =
                self.judge(&node.frame, handle, name, &item, path, &mut children)?;
            if verdict.ignored && !self.rules.keep_ignored && !matches!(what, What::Dir(_)) {
                continue;
            }
            files += u64::from(matches!(what, What::File | What::Followed(_)));
            node.entries.push(Entry {
                start: item.start,
                end: item.end,
                by: verdict.by.and_then(|by| u32::try_from(by + 1).ok()).unwrap_or(0),
                ignored: verdict.ignored,
                mangled: item.mangled,
                what,
            });
        }
        node.entries.shrink_to_fit();
        self.ctl.progress.files_seen.fetch_add(files, Ordering::Relaxed);
        Ok((Arc::new(node), children))
    }

    /// What one entry is and whether the patterns drop it.
    fn judge(
        &self,
        frame: &Arc<Frame>,
        handle: &Handle,
        name: &str,
        item: &Listed,
        path: &str,
        children: &mut Vec<Arc<Frame>>,
    ) -> Result<(What, Verdict)> {
        let at = At::Child { dir: &handle.dir, parent: &frame.path, name };
        let kind = match item.kind {
            // Some file systems do not say the type in the listing.
            Kind::Unknown => {
                let stat = fs::sys::stat(at).map_err(|error| at.error("lstat", error));
                stat.map_err(|error| super::unless_mangled(error, item.mangled))?.kind
            }
            known => known,
        };
        match kind {
            Kind::File => {
                let verdict = self.ignores(path)?;
                // Directory-relative opens have no such limit; upstream, which opens by full path, has.
                if !verdict.ignored && frame.path.as_os_str().len() + name.len() + 1 >= fs::PATH_MAX
                {
                    return Err(Error::TooDeep { path: frame.path.join(name) });
                }
                // What is opened is the decoded name, and that may be a link beside the file that was listed.
                if item.mangled {
                    return Ok((What::Followed(frame.path.join(name).into_boxed_path()), verdict));
                }
                Ok((What::File, verdict))
            }
            Kind::Dir => {
                let child = frame.child(0, name, item.mangled);
                self.enter(child, path, children)
            }
            Kind::Link => self.link(frame, name, item.mangled, path, children),
            Kind::Special(_) | Kind::Unknown => {
                Ok((What::Special, Verdict { ignored: true, by: None }))
            }
        }
    }

    fn link(
        &self,
        frame: &Arc<Frame>,
        name: &str,
        mangled: bool,
        path: &str,
        children: &mut Vec<Arc<Frame>>,
    ) -> Result<(What, Verdict)> {
        let on_disk = frame.path.join(name);
        let decision = decide(&RealDisk, self.rules.root, &on_disk, self.rules.follow)
            .map_err(|error| Error::io("readlink", &on_disk, error))
            .map_err(|error| super::unless_mangled(error, mangled))?;
        match decision {
            Decision::Keep(target) => Ok((What::Link(Box::new(target)), self.ignores(path)?)),
            Decision::File(target) => {
                Ok((What::Followed(target.into_boxed_path()), self.ignores(path)?))
            }
            Decision::Special(kind) => Ok((What::FollowedSpecial(kind), self.ignores(path)?)),
            Decision::Dir { resolved, canonical } => {
                let child = frame.behind_link(0, name, resolved, canonical);
                self.enter(child, path, children)
            }
        }
    }

    /// A directory: closed by the patterns, cut by the cycle guard, or queued.
    fn enter(
        &self,
        mut child: Frame,
        path: &str,
        children: &mut Vec<Arc<Frame>>,
    ) -> Result<(What, Verdict)> {
        let verdict = self.completely_ignores(path)?;
        if verdict.ignored {
            return Ok((What::Closed, verdict));
        }
        let shallow = if self.rules.test_directories { self.ignores(path)?.ignored } else { false };
        child.ignored = shallow;
        let verdict = Verdict { ignored: shallow, by: verdict.by };
        if child.closes_cycle() {
            return Ok((What::Cycle, verdict));
        }
        check_depth(&child)?;
        child.id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let what = What::Dir(child.id);
        children.push(Arc::new(child));
        Ok((what, verdict))
    }

    fn skips(&self, frame: &Frame, name: &str) -> bool {
        let is = |path: &PathBuf| {
            path.file_name() == Some(name.as_ref()) && path.parent() == Some(frame.canonical())
        };
        self.rules.skip.iter().any(is)
    }

    fn ignores(&self, path: &str) -> Result<Verdict> {
        self.ask(path, Matcher::ignores_below, Matcher::ignores)
    }

    fn completely_ignores(&self, path: &str) -> Result<Verdict> {
        self.ask(path, Matcher::completely_ignores_below, Matcher::completely_ignores)
    }

    /// The walk came here through all parents, which makes the first way enough, unless the patterns start further up.
    fn ask(&self, path: &str, below: Test, full: Test) -> Result<Verdict> {
        let matcher = self.rules.matcher;
        if matcher.is_empty() {
            return Ok(Verdict { ignored: false, by: None });
        }
        let test = if self.rules.prefix.is_empty() { below } else { full };
        Ok(test(matcher, path)?)
    }
}

type Test = fn(&Matcher, &str) -> std::result::Result<Verdict, PatternError>;

/// Decoded names in one buffer, and their order: by UTF-16 code units, equal decoded names by their bytes on disk (Node
/// lists a directory in that order before upstream sorts it).
fn sorted(frame: &Frame, listing: &Listing) -> Result<(String, Vec<Listed>)> {
    let (names, mut listed) = match listing.ascii() {
        Some(names) => (names.to_owned(), listing.ranges().map(Listed::plain).collect()),
        None => decoded(listing),
    };
    if u32::try_from(names.len()).is_err() {
        let message = format!("more than 4 GiB of names in '{}'", frame.path.display());
        return Err(Error::Internal { message });
    }
    if listed.iter().any(|item| item.mangled) {
        let raw: Vec<&[u8]> = listing.iter().map(|(raw, _)| raw).collect();
        listed.sort_by_key(|item| raw.get(item.index).copied());
    }
    sort_by_name(&names, &mut listed);
    Ok((names, listed))
}

/// One by one, since what was cut out of a name must not be joined by the next.
fn decoded(listing: &Listing) -> (String, Vec<Listed>) {
    let mut names = String::new();
    let mut listed = Vec::with_capacity(listing.len());
    for (index, (raw, kind)) in listing.iter().enumerate() {
        let decoded = name::decode(raw);
        let start = names.len();
        names.push_str(&decoded);
        let mangled = matches!(decoded, std::borrow::Cow::Owned(_));
        listed.push(Listed { index, mangled, ..Listed::plain((start..names.len(), kind)) });
    }
    names.shrink_to_fit();
    (names, listed)
}

/// Most comparisons end at the first eight bytes, which are kept beside the item. The order of bytes is that of code units
/// unless a character of three or four bytes is in play.
fn sort_by_name(names: &str, listed: &mut [Listed]) {
    let text = |item: &Listed| names.get(item.start as usize..item.end as usize).unwrap_or("");
    if names.bytes().any(|byte| byte >= name::FIRST_UNORDERED) {
        listed.sort_by(|a, b| name::utf16_cmp(text(a), text(b)));
        return;
    }
    listed.sort_by_cached_key(|item| {
        let text = text(item).as_bytes();
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(text) {
            *to = *from;
        }
        (u64::from_be_bytes(head), text)
    });
}

fn check_depth(child: &Frame) -> Result<()> {
    if child.depth > MAX_DEPTH || child.path.as_os_str().len() >= fs::PATH_MAX {
        return Err(Error::TooDeep { path: PathBuf::from(&child.path) });
    }
    Ok(())
}
