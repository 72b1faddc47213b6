//! Which engines this machine can run, and the dispatch to them.

use crate::block::{Block, State};
use crate::plain;

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use crate::aarch64::Sha2;
#[cfg(target_arch = "x86_64")]
use crate::x86::Sha;

/// An implementation of the SHA-256 block function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The `sha2` crate, one stream at a time.
    Plain,
    /// The SHA extensions of `x86_64`.
    X86Sha,
    /// The SHA-2 instructions of `ARMv8`.
    Aarch64,
}

impl Engine {
    /// The fastest engine this machine can run.
    #[must_use]
    pub fn detect() -> Self {
        Kernel::detect().engine()
    }

    /// Every engine this machine can run, fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        match Self::detect() {
            Self::Plain => vec![Self::Plain],
            fast => vec![fast, Self::Plain],
        }
    }

    /// The name to show in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "sha2",
            Self::X86Sha => "x86-sha",
            Self::Aarch64 => "aarch64-sha2",
        }
    }

    /// The lane count that was fastest on messages of mixed lengths.
    pub(crate) fn lanes(self) -> usize {
        match self {
            Self::Plain => 1,
            // Measured on x86, see `lanes`; assumed on ARM, where no machine was at hand.
            Self::X86Sha | Self::Aarch64 => 2,
        }
    }
}

/// An engine together with the proof that this machine can run it.
#[derive(Clone, Copy)]
pub(crate) enum Kernel {
    Plain,
    #[cfg(target_arch = "x86_64")]
    X86(Sha),
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Aarch64(Sha2),
}

impl Kernel {
    /// The fastest kernel. The features are looked up once in the life of the process by `std`.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(sha) = Sha::detect() {
            return Self::X86(sha);
        }
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        if let Some(sha2) = Sha2::detect() {
            return Self::Aarch64(sha2);
        }
        Self::Plain
    }

    /// The kernel of `engine`, or the plain one where this machine can't run it.
    pub(crate) fn of(engine: Engine) -> Self {
        let fastest = Self::detect();
        if fastest.engine() == engine { fastest } else { Self::Plain }
    }

    /// Advances each state by its blocks. All lists must be of the same length.
    pub(crate) fn compress<const N: usize>(self, states: [&mut State; N], blocks: [&[Block]; N]) {
        match self {
            Self::Plain => plain::compress(states, blocks),
            #[cfg(target_arch = "x86_64")]
            Self::X86(sha) => sha.compress(states, blocks),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Aarch64(sha2) => sha2.compress(states, blocks),
        }
    }

    fn engine(self) -> Engine {
        match self {
            Self::Plain => Engine::Plain,
            #[cfg(target_arch = "x86_64")]
            Self::X86(_) => Engine::X86Sha,
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Aarch64(_) => Engine::Aarch64,
        }
    }
}
