//! The container: local headers with everything known, central directory, ZIP64 where numbers outgrow the old fields
//! (APPNOTE 6.3.10, 4.3 and 4.5.3).
//!
//! Not used: data descriptors, times other than 1980-01-01, comments, encryption, entries for directories.

/// From here on a value stands in a ZIP64 field, and this marks its old place.
const FULL: u64 = 0xFFFF_FFFF;
const FULL_COUNT: u64 = 0xFFFF;

/// Version 6.3 on Unix, as stock's archives say; readers take modes from the upper half of the attributes for it.
const MADE_BY: u16 = (3 << 8) | 63;
const NEEDS_DEFLATE: u16 = 20;
const NEEDS_ZIP64: u16 = 45;
/// Names are UTF-8.
const FLAGS: u16 = 0x800;
const TIME: u16 = 0;
/// 1980-01-01, the first day there is.
const DATE: u16 = 0x21;

/// How the bytes of an entry are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As they are.
    Stored,
    /// As a deflate stream.
    Deflated,
}

/// What is known of an entry before its bytes are written.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Relative, `/` between names, at most 65,535 bytes.
    pub name: &'a str,
    /// Type and permission bits as Unix has them.
    pub mode: u32,
    /// How the bytes are kept.
    pub method: Method,
    /// CRC-32 of the content.
    pub crc: u32,
    /// Bytes of the content.
    pub size: u64,
    /// Bytes in the archive.
    pub packed: u64,
}

impl Header<'_> {
    fn is_large(&self) -> bool {
        self.size >= FULL || self.packed >= FULL
    }

    /// The fields that local and central header share, from the version to the length of the extra field.
    fn common(&self, needs: u16, extra: usize, out: &mut Vec<u8>) {
        let large = self.is_large();
        let method = match self.method {
            Method::Stored => 0,
            Method::Deflated => 8,
        };
        for value in [needs, FLAGS, method, TIME, DATE] {
            u16le(out, value);
        }
        u32le(out, self.crc);
        u32le(out, if large { u32::MAX } else { low(self.packed) });
        u32le(out, if large { u32::MAX } else { low(self.size) });
        u16le(out, count(self.name.len()));
        u16le(out, count(extra));
    }

    fn local(&self, out: &mut Vec<u8>) {
        let extra = if self.is_large() { 20 } else { 0 };
        let needs = if self.is_large() { NEEDS_ZIP64 } else { NEEDS_DEFLATE };
        u32le(out, 0x0403_4b50);
        self.common(needs, extra, out);
        out.extend_from_slice(self.name.as_bytes());
        if self.is_large() {
            zip64(out, &[self.size, self.packed]);
        }
    }

    fn central(&self, offset: u64, out: &mut Vec<u8>) {
        let mut large = Vec::new();
        if self.is_large() {
            large.extend([self.size, self.packed]);
        }
        if offset >= FULL {
            large.push(offset);
        }
        let extra = if large.is_empty() { 0 } else { 4 + 8 * large.len() };
        u32le(out, 0x0201_4b50);
        u16le(out, MADE_BY);
        self.common(if large.is_empty() { NEEDS_DEFLATE } else { NEEDS_ZIP64 }, extra, out);
        // No comment, the first disk, no internal attributes.
        for value in [0, 0, 0] {
            u16le(out, value);
        }
        u32le(out, self.mode << 16);
        u32le(out, low(offset.min(FULL)));
        out.extend_from_slice(self.name.as_bytes());
        if !large.is_empty() {
            zip64(out, &large);
        }
    }
}

/// The central directory as it grows with the archive.
#[derive(Debug, Default)]
pub struct Directory {
    bytes: Vec<u8>,
    entries: u64,
    /// Bytes of the archive so far.
    offset: u64,
}

impl Directory {
    /// Appends the local header of the next entry to `out`; exactly `header.packed` bytes of content must follow it.
    pub fn entry(&mut self, header: &Header<'_>, out: &mut Vec<u8>) {
        let before = out.len();
        header.local(out);
        header.central(self.offset, &mut self.bytes);
        self.offset += (out.len() - before) as u64 + header.packed;
        self.entries += 1;
    }

    /// The end of the archive.
    #[must_use]
    pub fn end(self) -> Vec<u8> {
        let mut out = self.bytes;
        let (size, start) = (out.len() as u64, self.offset);
        if self.entries >= FULL_COUNT || size >= FULL || start >= FULL {
            u32le(&mut out, 0x0606_4b50);
            // Length of what follows, then: made by, needed, this disk, disk of the directory.
            u64le(&mut out, 44);
            u16le(&mut out, MADE_BY);
            u16le(&mut out, NEEDS_ZIP64);
            u64le(&mut out, 0);
            for value in [self.entries, self.entries, size, start] {
                u64le(&mut out, value);
            }
            u32le(&mut out, 0x0706_4b50);
            u32le(&mut out, 0);
            u64le(&mut out, start + size);
            u32le(&mut out, 1);
        }
        u32le(&mut out, 0x0605_4b50);
        u32le(&mut out, 0);
        let entries = count(usize::try_from(self.entries).unwrap_or(usize::MAX));
        u16le(&mut out, entries);
        u16le(&mut out, entries);
        u32le(&mut out, low(size.min(FULL)));
        u32le(&mut out, low(start.min(FULL)));
        u16le(&mut out, 0);
        out
    }
}

fn zip64(out: &mut Vec<u8>, values: &[u64]) {
    u16le(out, 1);
    u16le(out, count(8 * values.len()));
    for value in values {
        u64le(out, *value);
    }
}

/// A number that is known to fit, or marks that it stands elsewhere.
fn low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn count(value: usize) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn u16le(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn u32le(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn u64le(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Header<'_> = Header {
        name: "a/é",
        mode: 0o100_644,
        method: Method::Stored,
        crc: 0x1234_5678,
        size: 3,
        packed: 3,
    };

    fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
        bytes[at..at + width].iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte))
    }

    #[test]
    fn an_empty_archive_is_22_bytes() {
        let end = Directory::default().end();
        assert_eq!(end.len(), 22);
        assert_eq!(&end[..4], b"PK\x05\x06");
        assert!(end[4..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn every_field_of_a_local_header() {
        let mut out = Vec::new();
        Directory::default().entry(&SMALL, &mut out);
        let fields = [(0, 4), (4, 2), (6, 2), (8, 2), (10, 2), (12, 2), (14, 4), (18, 4), (22, 4)];
        let found: Vec<u64> = fields.iter().map(|(at, width)| number(&out, *at, *width)).collect();
        assert_eq!(found, [0x0403_4b50, 20, 0x800, 0, 0, 0x21, 0x1234_5678, 3, 3]);
        assert_eq!((number(&out, 26, 2), number(&out, 28, 2)), (4, 0));
        assert_eq!(&out[30..], "a/é".as_bytes());
    }

    #[test]
    fn every_field_of_the_end() {
        let (mut directory, mut out) = (Directory::default(), Vec::new());
        directory.entry(&SMALL, &mut out);
        directory.entry(&Header { mode: 0o100_755, method: Method::Deflated, ..SMALL }, &mut out);
        let end = directory.end();
        // Second central header: made by, method, mode, offset of the local header.
        let second = 46 + 4;
        assert_eq!(number(&end, second + 4, 2), (3 << 8) | 63);
        assert_eq!(number(&end, second + 10, 2), 8);
        assert_eq!(number(&end, second + 38, 4), 0o100_755 << 16);
        assert_eq!(number(&end, second + 42, 4), 30 + 4 + 3);
        let last = end.len() - 22;
        assert_eq!((number(&end, last + 8, 2), number(&end, last + 10, 2)), (2, 2));
        assert_eq!((number(&end, last + 12, 4), number(&end, last + 16, 4)), (100, 74));
    }

    #[test]
    fn large_files_have_their_sizes_in_the_extra_field() {
        for (size, packed) in [(FULL, 5), (FULL - 1, FULL), (1 << 40, 1 << 33)] {
            let (mut directory, mut out) = (Directory::default(), Vec::new());
            directory.entry(&Header { size, packed, ..SMALL }, &mut out);
            assert_eq!((number(&out, 4, 2), number(&out, 28, 2)), (45, 20));
            assert_eq!((number(&out, 18, 4), number(&out, 22, 4)), (FULL, FULL));
            assert_eq!((number(&out, 34, 2), number(&out, 36, 2)), (1, 16));
            assert_eq!((number(&out, 38, 8), number(&out, 46, 8)), (size, packed));
        }
        let mut out = Vec::new();
        Directory::default().entry(&Header { size: FULL - 1, packed: FULL - 1, ..SMALL }, &mut out);
        assert_eq!((number(&out, 4, 2), number(&out, 18, 4)), (20, FULL - 1));
    }

    #[test]
    fn far_offsets_and_the_end_of_a_large_archive() {
        let (mut directory, mut out) = (Directory::default(), Vec::new());
        directory.entry(&Header { size: FULL, packed: FULL, ..SMALL }, &mut out);
        directory.entry(&SMALL, &mut out);
        let start = directory.offset;
        let end = directory.end();
        let second = 46 + 4 + 20;
        assert_eq!(number(&end, second + 42, 4), FULL);
        assert_eq!(number(&end, second + 30, 2), 12);
        assert_eq!(number(&end, second + 46 + 4 + 4, 8), FULL + 30 + 4 + 20);
        let zip64 = end.len() - 22 - 20 - 56;
        assert_eq!(number(&end, zip64, 4), 0x0606_4b50);
        assert_eq!((number(&end, zip64 + 24, 8), number(&end, zip64 + 32, 8)), (2, 2));
        assert_eq!(number(&end, zip64 + 40, 8), zip64 as u64);
        assert_eq!(number(&end, zip64 + 48, 8), start);
        assert_eq!(number(&end, zip64 + 56, 4), 0x0706_4b50);
        assert_eq!(number(&end, zip64 + 64, 8), start + zip64 as u64);
    }

    #[test]
    fn many_entries_need_zip64() {
        for (entries, length) in [(0xFFFE_u64, 0), (0xFFFF, 76)] {
            let directory = Directory { entries, ..Directory::default() };
            assert_eq!(directory.end().len(), 22 + length);
        }
    }
}
