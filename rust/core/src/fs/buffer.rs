//! Memory to read into.

use std::io::{self, Read};

/// A buffer begins at a page. The kernel copies into the first bytes behind the start of a page, where the allocator puts
/// large vectors, four to five times slower than elsewhere (AMD EPYC; 2.6 instead of 12 GB/s for 128 KiB).
const PAGE: usize = 4096;

/// Pieces that are packed into one buffer begin at multiples of this.
pub(crate) const ALIGNED: usize = 64;

/// Zeroed memory of a fixed size, allocated when it is first used.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    size: usize,
}

impl Buffer {
    /// Makes sure that there are at least `size` bytes.
    pub(crate) fn reserve(&mut self, size: usize) {
        if self.size < size {
            self.bytes = vec![0; size + PAGE];
            // Where it can't be said, any start is right and only slower.
            self.start = self.bytes.as_ptr().align_offset(PAGE).min(PAGE);
            self.size = size;
        }
    }

    /// All of a file of ours.
    pub(crate) fn of_file(mut file: impl Read, size: u64) -> io::Result<Self> {
        let too_large = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let wanted = usize::try_from(size).map_err(too_large)?;
        let mut buffer = Self::default();
        buffer.reserve(wanted);
        file.read_exact(buffer.get_mut())?;
        Ok(buffer)
    }

    pub(crate) fn get(&self) -> &[u8] {
        self.bytes.get(self.start..self.start + self.size).unwrap_or_default()
    }

    pub(crate) fn get_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.start + self.size).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { start: 0, size: bytes.len(), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_at_a_page_and_grows() {
        let mut buffer = Buffer::default();
        assert!(buffer.get().is_empty());
        for size in [1, 5000, 300_000] {
            buffer.reserve(size);
            assert_eq!(buffer.get().len(), size);
            assert_eq!(buffer.get_mut().as_ptr().align_offset(PAGE), 0);
        }
        buffer.reserve(10);
        assert_eq!(buffer.get().len(), 300_000);
    }
}
