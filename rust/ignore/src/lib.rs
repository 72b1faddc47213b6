//! Exclude patterns as AWS CDK reads them, to the last oddity.
//!
//! A [`Matcher`] is a list of patterns compiled once; it answers whether a path relative to the
//! root of an asset is ignored, and by which pattern. Three syntaxes exist ([`Mode`]); each does
//! what the JavaScript package inside aws-cdk-lib does, since what is ignored decides the hash of
//! an asset. The behaviour is written down in the specification `ignore`; the modules name its
//! sections.
//!
//! | module | holds |
//! |---|---|
//! | `glob` | GLOB: braces, segments, extended globs |
//! | `git`, `docker` | GIT, DOCKER: intake, translation, decision |
//! | `literal` | names of literals and `*`, tested on bytes; nearly every real pattern ends here |
//! | `path` | a tested path, split once |
//! | `regex` | JavaScript expressions in bounded time, for the rest |
//! | `utf16` | JavaScript's view of characters |
//!
//! No I/O happens here, and nothing depends on anything but the arguments.

mod docker;
mod error;
mod git;
mod glob;
mod literal;
mod path;
mod regex;
mod slow;
mod utf16;

use std::fmt;

pub use error::Error;

/// The syntax of a list of patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Globs, the default of AWS CDK.
    Glob,
    /// The lines of a `.gitignore`.
    Git,
    /// The lines of a `.dockerignore`.
    Docker,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Glob => "glob",
            Self::Git => "git",
            Self::Docker => "docker",
        })
    }
}

/// Whether a path is ignored, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Whether the path is left out.
    pub ignored: bool,
    /// The pattern that decided, by its place in the list: the last that set the state, for this
    /// path or for a parent of it. None if no pattern had a say.
    pub by: Option<usize>,
}

/// A compiled list of patterns.
///
/// Paths are relative to the root, normalised, with `/` between names; the root is the empty path.
#[derive(Debug)]
pub struct Matcher(Rules);

#[derive(Debug)]
enum Rules {
    Glob(glob::Glob),
    Git(git::Git),
    Docker(docker::Docker),
}

impl Matcher {
    /// Compiles `patterns`.
    ///
    /// Fails where upstream's constructor throws: for a git pattern that is no expression. Other
    /// bad patterns make the tests fail, as upstream finds them there.
    pub fn compile(mode: Mode, patterns: &[String]) -> Result<Self, Error> {
        Ok(Self(match mode {
            Mode::Glob => Rules::Glob(glob::Glob::compile(patterns)),
            Mode::Git => Rules::Git(git::Git::compile(patterns)?),
            Mode::Docker => Rules::Docker(docker::Docker::compile(patterns)),
        }))
    }

    /// Whether no test can say "ignored" or fail, so that a walk may skip them.
    ///
    /// Never true for git, which refuses some names, nor for docker, which ignores the root.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Rules::Glob(glob) => glob.is_empty(),
            Rules::Git(_) | Rules::Docker(_) => false,
        }
    }

    /// Tests a file, or a link that is not followed.
    pub fn ignores(&self, path: &str) -> Result<Verdict, Error> {
        match &self.0 {
            Rules::Glob(glob) => glob.ignores(path),
            Rules::Git(git) => git.ignores(path, false, true),
            Rules::Docker(docker) => docker.ignores(path),
        }
    }

    /// Tests a directory, or a link to one that is followed: whether nothing in it is wanted.
    pub fn completely_ignores(&self, path: &str) -> Result<Verdict, Error> {
        match &self.0 {
            Rules::Glob(glob) => glob.ignores(path),
            Rules::Git(git) => git.ignores(path, true, true),
            Rules::Docker(docker) => docker.completely_ignores(path),
        }
    }

    /// The same as [`ignores`](Self::ignores) for a walk that has found no parent of `path`
    /// completely ignored; cheaper for git.
    pub fn ignores_below(&self, path: &str) -> Result<Verdict, Error> {
        match &self.0 {
            Rules::Git(git) => git.ignores(path, false, false),
            _ => self.ignores(path),
        }
    }

    /// The same as [`completely_ignores`](Self::completely_ignores) for a walk that has found no
    /// parent of `path` completely ignored; cheaper for git.
    pub fn completely_ignores_below(&self, path: &str) -> Result<Verdict, Error> {
        match &self.0 {
            Rules::Git(git) => git.ignores(path, true, false),
            _ => self.completely_ignores(path),
        }
    }
}

#[cfg(test)]
mod tests;
