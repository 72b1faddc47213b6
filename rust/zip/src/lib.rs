//! The bytes of a deterministic ZIP archive. It knows no files: the core reads, and brings the pieces together.
//!
//! The same entries give the same bytes on every machine and for any number of threads: names decide the order, every time is
//! 1980-01-01, sizes and checksums stand in the local headers, and the encoder is pinned to one version. `layout` is the
//! format, `deflate` the encoder, `order` decides which entry is packed next so that several threads fill one file.

mod deflate;
mod layout;
mod order;

pub use deflate::{Crc, Level, Packer};
pub use layout::{Directory, Header, Method};
pub use order::Plan;
