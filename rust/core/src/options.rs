//! Options of a fingerprint and of a copy, validated once at the edge (spec fingerprint (e)).

use crate::{Error, Result};
pub use lambda_assets_ignore::Mode as IgnoreMode;

/// Names the rule set: the walk, framing and content value of aws-cdk-lib 2.273 and later.
pub const ALGORITHM: &str = "cdk-2.273";

/// What to do with symbolic links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowMode {
    /// Keep every link.
    Never,
    /// Follow every link that leads somewhere.
    Always,
    /// Follow links that leave the root.
    External,
    /// Follow links that stay inside the root.
    InternalOnly,
}

impl FollowMode {
    /// The name on the wire, which is also what gets hashed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Always => "always",
            Self::External => "external",
            Self::InternalOnly => "internal-only",
        }
    }

    /// Upstream hashes an unknown string and treats it as `never`; here it is an error.
    pub fn parse(value: &str) -> Result<Self> {
        [Self::Never, Self::Always, Self::External, Self::InternalOnly]
            .into_iter()
            .find(|mode| mode.as_str() == value)
            .ok_or_else(|| Error::Option {
                name: "follow",
                value: value.into(),
                allowed: "never, always, external, internal-only",
            })
    }

    /// Whether a link is followed, given whether its target lies inside the root.
    #[must_use]
    pub(crate) fn follows(self, internal: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::External => !internal,
            Self::InternalOnly => internal,
        }
    }
}

/// The name of an ignore mode on the wire.
#[must_use]
pub fn ignore_mode_name(mode: IgnoreMode) -> &'static str {
    match mode {
        IgnoreMode::Glob => "glob",
        IgnoreMode::Git => "git",
        IgnoreMode::Docker => "docker",
    }
}

/// Upstream fails on an unknown mode at the first tested entry; here it is an error at once.
pub fn parse_ignore_mode(value: &str) -> Result<IgnoreMode> {
    [IgnoreMode::Glob, IgnoreMode::Git, IgnoreMode::Docker]
        .into_iter()
        .find(|mode| ignore_mode_name(*mode) == value)
        .ok_or_else(|| Error::Option {
            name: "ignore_mode",
            value: value.into(),
            allowed: "glob, git, docker",
        })
}

/// Everything but the root that decides a fingerprint.
#[derive(Debug, Clone)]
pub struct Options {
    /// Hashed before anything else; empty if there is none.
    pub extra_hash: String,
    /// Hashed, and decides about links.
    pub follow: FollowMode,
    /// Hashed unless GLOB, and decides how `exclude` is read.
    pub ignore_mode: IgnoreMode,
    /// Patterns; never hashed themselves.
    pub exclude: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            extra_hash: String::new(),
            follow: FollowMode::External,
            ignore_mode: IgnoreMode::Glob,
            exclude: Vec::new(),
        }
    }
}
