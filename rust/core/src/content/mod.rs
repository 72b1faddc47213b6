//! From a file to its content value (spec fingerprint (d)).
//!
//! `rule` is the 8 KiB text/binary rule as a state machine over blocks, `plain` its byte-by-byte twin for tests,
//! `read` gets the bytes and makes sure that they belong together, `hash` is the job that a walk runs.

pub(crate) mod hash;
#[cfg(test)]
mod plain;
pub(crate) mod raw;
pub(crate) mod read;
pub(crate) mod rule;
