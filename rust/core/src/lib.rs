//! The core of lambda-assets: the directory fingerprint of the AWS CDK, and what belongs to it.
//!
//! A map for reading. `fingerprint` is the main path and calls the rest in order: `root` resolves the argument, `walk`
//! turns a directory into its entries on the workers of `pool`, `content` gives each file its value, `outer` brings all
//! of it into hash order and into the `frame`, and `cache` saves the next run from reading. `copy`, `listing`, `tree` and `zip` are the other jobs on the
//! same walk. `fs` is the one gate to the file system, with a back end for Linux and one on std alone.
//!
//! Nothing here prints, logs or keeps a thread after a call; what is worth knowing comes back as a [`Notice`].

mod cache;
mod content;
mod copy;
mod ctl;
mod error;
mod fingerprint;
mod frame;
mod fs;
mod lexical;
mod listing;
mod name;
mod options;
mod outer;
mod pool;
mod root;
mod sync;
mod tree;
mod walk;
mod zip;

pub use cache::{CacheFileInfo, CachePlace, DigestCache, Notice, clear, info, verify};
pub use content::slow::Slow;
pub use copy::{CopyOptions, CopyReport, copy_directory, fingerprint_and_copy};
pub use ctl::{Ctl, Progress};
pub use error::{Error, Result};
pub use fingerprint::{
    Counts, Detail, EntryValue, Snapshot, SnapshotEntry, Timings, file_content_value, fingerprint,
};
pub use frame::hex;
pub use fs::BACKEND;
pub use lambda_assets_ignore::{Error as PatternError, Matcher, Verdict};
pub use listing::{Listed, ListedKind, list};
pub use options::{
    ALGORITHM, FollowMode, IgnoreMode, Options, ignore_mode_name, parse_ignore_mode,
};
pub use root::Root;
pub use tree::{ContentDigest, content_digest};
pub use zip::{ZipOptions, ZipReport, zip_directory};
