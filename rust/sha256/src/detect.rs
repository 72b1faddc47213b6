//! Which engine this machine can run.

/// An implementation of the SHA-256 block function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The `sha2` crate, one stream at a time.
    Plain,
    /// The SHA extensions of x86.
    X86Sha,
    /// The SHA-2 instructions of `ARMv8`.
    Aarch64,
}

impl Engine {
    /// The fastest engine this machine can run.
    #[must_use]
    pub fn detect() -> Self {
        Self::Plain
    }

    /// Every engine this machine can run, fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        vec![Self::Plain]
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
}
