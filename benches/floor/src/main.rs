//! The physical limit of hashing a directory, as a yardstick for the benchmarks.
//!
//!     lambda-assets-floor list|stat|order|read|hash|settled DIRECTORY [--threads N]
//!
//! | mode | does |
//! |---|---|
//! | `list` | lists every directory |
//! | `stat` | and asks for the status of every entry that is no directory: what a warm hash can't avoid |
//! | `order` | and sorts the names of each directory, and feeds them with a digest each to one SHA-256: what the outer hash is made of |
//! | `read` | lists, opens, asks for the size, reads and closes every file |
//! | `hash` | and takes the raw SHA-256 of every file, several streams a core: what a cold hash can't avoid |
//! | `settled` | and asks for the status of every file again after reading it, with `order`: what a right hash can't avoid, as bytes must belong together |
//!
//! No patterns, no followed links, no content rule, no result. One JSON line says
//! how long it took, in the form that all contenders of `benches/suite.py` print.

#[cfg(target_os = "linux")]
mod file;
#[cfg(target_os = "linux")]
mod pool;
#[cfg(target_os = "linux")]
mod run;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    run::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    Err("the floor program needs Linux".into())
}
