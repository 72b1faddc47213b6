//! A directory as one archive, the same bytes on every machine: the walk of a copy, packed instead of written out.
//!
//! What is in it is what stock publishes for the same asset (spec publish 3.4): files alone, each link as what it leads to
//! in the *staged* tree, links that lead nowhere left out. Other than stock: names in byte order, modes 0644 and 0755
//! whatever the umask was, no name dropped or merged silently, and with follow mode NEVER links stay links.
//! `collect` finds the entries, `links` puts what kept links lead to in their place, `pack` reads, deflates and writes.

mod archive;
mod collect;
mod links;
mod pack;

use std::path::Path;
use std::sync::Arc;

use lambda_assets_ignore::Matcher;
use lambda_assets_zip::Level;

use crate::fs::output::Output;
use crate::options::{FollowMode, IgnoreMode};
use crate::walk::{self, Node, Rules};
use crate::{Ctl, Error, Result, Root, fs, name, root};

/// Options of an archive.
#[derive(Debug, Clone)]
pub struct ZipOptions {
    /// What to do with links.
    pub follow: FollowMode,
    /// How `exclude` is read.
    pub ignore_mode: IgnoreMode,
    /// Patterns.
    pub exclude: Vec<String>,
    /// How hard to compress: 0 not at all, 1 fast, 6 usual, 12 smallest.
    pub level: u8,
}

/// What was archived.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZipReport {
    /// Entries that are files.
    pub files: u64,
    /// Entries that are links.
    pub links: u64,
    /// Links that are not in the archive: they lead nowhere, to a FIFO, socket or device, or back to a directory above.
    pub skipped: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Bytes of the archive.
    pub size: u64,
    /// SHA-256 of the archive.
    pub sha256: [u8; 32],
}

/// One entry of the archive.
struct Item {
    /// As it stands in the archive.
    name: String,
    what: What,
}

enum What {
    /// Where it is on disk, and the size it had when the tree was walked.
    File { node: Arc<Node>, entry: usize, size: u64 },
    /// A link with its text.
    Link(String),
}

/// Archives the directory `src` as `target`, which appears when it is complete.
pub fn zip_directory(
    src: &Path,
    target: &Path,
    options: &ZipOptions,
    ctl: &Ctl,
) -> Result<ZipReport> {
    let level = Level::new(options.level).ok_or_else(|| Error::Option {
        name: "level",
        value: options.level.to_string(),
        allowed: "0 to 12",
    })?;
    let matcher = Matcher::compile(options.ignore_mode, &options.exclude)?;
    let source = Root::resolve(src)?;
    if !source.is_dir() {
        return Err(Error::io("scandir", src, std::io::ErrorKind::NotADirectory.into()));
    }
    let target = canonical_target(target)?;
    let output = Output::begin(&target).map_err(|error| Error::io("open", &target, error))?;
    let rules = Rules {
        // The archive is no part of itself, neither the one that is being made nor the one that it replaces.
        skip: vec![output.temporary().to_path_buf(), target],
        ..walk::rules_for(source.path(), options.follow, &matcher)
    };
    let found = collect::collect(source.path(), &rules, ctl)?;
    let mut report = ZipReport::default();
    let items = links::place(found, options.follow, &mut report, ctl)?;
    pack::pack(&named(items)?, level, output, &mut report, ctl)?;
    Ok(report)
}

/// The target with the links of its directory resolved, so that a walk can recognise it.
fn canonical_target(target: &Path) -> Result<std::path::PathBuf> {
    let target = root::absolute(target)?;
    let (Some(above), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(Error::io("open", &target, std::io::ErrorKind::IsADirectory.into()));
    };
    let above = fs::realpath(above).map_err(|error| Error::io("realpath", above, error))?;
    Ok(above.join(name))
}

/// Items under the names that they get in the archive, in the order of their bytes.
fn named(mut items: Vec<Item>) -> Result<Vec<Item>> {
    for item in &mut items {
        // As stock, which takes every backslash for a separator.
        item.name = name::key(std::mem::take(&mut item.name));
        let odd = |part: &str| matches!(part, "" | "." | "..");
        let reason = if item.name.len() > usize::from(u16::MAX) {
            "it is longer than 65,535 bytes"
        } else if item.name.split('/').any(odd) {
            "it would lead to another place"
        } else {
            continue;
        };
        return Err(Error::ArchiveName { name: std::mem::take(&mut item.name), reason });
    }
    items.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let twice = items.windows(2).find(|pair| matches!(pair, [a, b] if a.name == b.name));
    if let Some(item) = twice.and_then(<[Item]>::first) {
        let reason = "two files have it, one of them with a backslash";
        return Err(Error::ArchiveName { name: item.name.clone(), reason });
    }
    Ok(items)
}
