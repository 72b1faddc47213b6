//! From a file to its content value (spec fingerprint (d)).
//!
//! `rule` is the 8 KiB text/binary rule as a state machine over blocks, `plain` its byte-by-byte twin for tests,
//! `read` gets the bytes and makes sure that they belong together, `normalised` reads a big file through the rule.
//! `hash` is the job that a walk runs, `big` the part of it for big files, `value` what it brings.

mod big;
pub(crate) mod hash;
mod normalised;
#[cfg(test)]
mod plain;
pub(crate) mod raw;
pub(crate) mod read;
mod rule;
pub(crate) mod slow;
pub(crate) mod value;
