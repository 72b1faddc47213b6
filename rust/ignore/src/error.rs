//! What can go wrong with a pattern or a path.
//!
//! Upstream throws in these places too; the texts are our own. Which errors come from
//! [`Matcher::compile`](crate::Matcher::compile) and which from a test is told there.

use crate::Mode;

/// A pattern that can't be used, or a path that can't be tested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The pattern has no meaning in its mode, e.g. it translates to an invalid regular expression.
    #[error("{mode} pattern {index} '{pattern}' is invalid: {reason}")]
    Pattern {
        /// The syntax the pattern was read in.
        mode: Mode,
        /// Place in the list given to `compile`.
        index: usize,
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A glob of more UTF-16 code units than [`Error::MAX_GLOB_UNITS`].
    #[error("{mode} pattern {index} is too long: {units} UTF-16 code units")]
    TooLong {
        /// The syntax the pattern was read in.
        mode: Mode,
        /// Place in the list given to `compile`.
        index: usize,
        /// Its length.
        units: usize,
    },
    /// A path that the mode refuses to test: in git mode the root and names of dots only.
    #[error("{mode} patterns can't test the path '{path}': {reason}")]
    Path {
        /// The syntax of the patterns.
        mode: Mode,
        /// The path as tested (git tests directories with a slash at the end).
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The test would take more steps than allowed; upstream would not come back.
    #[error("{mode} pattern {index} '{pattern}' takes too many steps on the path '{path}'")]
    Steps {
        /// The syntax the pattern was read in.
        mode: Mode,
        /// Place in the list given to `compile`.
        index: usize,
        /// The pattern as given.
        pattern: String,
        /// The path as given.
        path: String,
    },
}

impl Error {
    /// The longest glob that upstream accepts, in UTF-16 code units.
    pub const MAX_GLOB_UNITS: usize = 65_536;
}
