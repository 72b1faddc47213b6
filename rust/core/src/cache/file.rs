//! The format of a cache file: header, root, fixed records in walk order, hash table, BLAKE3 of all of it.
//!
//! The file is used as it was read: the next record in walk order is nearly always the one that is wanted, and the
//! table finds it otherwise, so no map is ever built.

use std::io;
use std::path::Path;

use super::Notice;
use crate::fs::buffer::Buffer;
use crate::fs::{Stat, Time};
use crate::options::ALGORITHM;

pub(super) const MAGIC: &[u8; 8] = b"LADIGEST";
pub(super) const VERSION: u32 = 1;
/// magic, version, root length, record count, table slots, algorithm.
pub(super) const HEADER: usize = 8 + 4 + 4 + 8 + 8 + 16;
pub(super) const RECORD: usize = 96;
pub(super) const SLOT: usize = 4;
pub(super) const CHECKSUM: usize = 32;
pub(super) const EMPTY: u32 = u32::MAX;

/// What was true of a file when its bytes were read, and their content value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) raw_size: u64,
    pub(crate) modified_s: i64,
    pub(crate) changed_s: i64,
    pub(crate) modified_ns: u32,
    pub(crate) changed_ns: u32,
    pub(crate) mode: u32,
    /// Rewrites of the file since the entry was last met.
    pub(crate) age: u32,
    /// Normalised size.
    pub(crate) size: u64,
    pub(crate) digest: [u8; 32],
}

impl Record {
    pub(crate) fn new(stat: &Stat, size: u64, digest: [u8; 32]) -> Self {
        Self {
            device: stat.device,
            inode: stat.inode,
            raw_size: stat.size,
            modified_s: stat.modified.seconds,
            changed_s: stat.changed.seconds,
            modified_ns: stat.modified.nanoseconds,
            changed_ns: stat.changed.nanoseconds,
            mode: stat.mode,
            age: 0,
            size,
            digest,
        }
    }

    /// Whether nothing about the file has moved since.
    pub(super) fn describes(&self, stat: &Stat) -> bool {
        let time = |seconds, nanoseconds| Time { seconds, nanoseconds };
        self.device == stat.device
            && self.inode == stat.inode
            && self.raw_size == stat.size
            && self.mode == stat.mode
            && time(self.modified_s, self.modified_ns) == stat.modified
            && time(self.changed_s, self.changed_ns) == stat.changed
    }

    /// Same stamps, other content value.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let value = |record: &Self| (record.size, record.digest);
        let stamps = |record: &Self| Self { age: 0, size: 0, digest: [0; 32], ..*record };
        stamps(self) == stamps(other) && value(self) != value(other)
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        for word in [self.device, self.inode, self.raw_size, self.size] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        for seconds in [self.modified_s, self.changed_s] {
            out.extend_from_slice(&seconds.to_le_bytes());
        }
        for word in [self.modified_ns, self.changed_ns, self.mode, self.age] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&self.digest);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let digest: &[u8; 32] = bytes.get(64..96)?.try_into().ok()?;
        Some(Self {
            device: u64_at(bytes, 0)?,
            inode: u64_at(bytes, 8)?,
            raw_size: u64_at(bytes, 16)?,
            size: u64_at(bytes, 24)?,
            modified_s: u64_at(bytes, 32)?.cast_signed(),
            changed_s: u64_at(bytes, 40)?.cast_signed(),
            modified_ns: u32_at(bytes, 48)?,
            changed_ns: u32_at(bytes, 52)?,
            mode: u32_at(bytes, 56)?,
            age: u32_at(bytes, 60)?,
            digest: *digest,
        })
    }
}

/// Why a cache file was not used.
#[derive(Debug)]
pub(super) enum Problem {
    Absent,
    Io(io::Error),
    /// Owner, mode or kind of the file.
    Untrusted(&'static str),
    Damaged(&'static str),
}

impl Problem {
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Absent => "it does not exist".into(),
            Self::Io(error) => error.to_string(),
            Self::Untrusted(why) => format!("it can't be trusted: {why}"),
            Self::Damaged(why) => format!("it is damaged: {why}"),
        }
    }

    pub(super) fn notice(&self, path: &Path) -> Notice {
        let code = match self {
            Self::Damaged(_) => "cache-damaged",
            Self::Untrusted(_) => "cache-untrusted",
            Self::Absent | Self::Io(_) => "cache-unreadable",
        };
        let message =
            format!("the digest cache '{}' was not used: {}", path.display(), self.describe());
        Notice { code, message }
    }
}

/// A checked cache file, used in place.
#[derive(Default)]
pub(super) struct Loaded {
    bytes: Buffer,
    records: usize,
    count: usize,
    table: usize,
    slots: usize,
}

impl Loaded {
    /// Checks everything before anything is used: a file that was cut, mixed or flipped in one bit is refused.
    pub(super) fn parse(bytes: Buffer, root: &Path) -> Result<Self, Problem> {
        let (loaded, stored_root) = Self::parse_any(bytes)?;
        // Two roots never share a name on purpose; a copied or renamed file is not this root's.
        if stored_root != encoded(root) {
            return Err(Problem::Damaged("it belongs to another directory"));
        }
        Ok(loaded)
    }

    /// As [`Self::parse`] for whatever root the file names; its path as encoded bytes.
    pub(super) fn parse_any(buffer: Buffer) -> Result<(Self, Vec<u8>), Problem> {
        const SHORT: Problem = Problem::Damaged("it is cut short");
        let bytes = buffer.get();
        if bytes.get(..8) != Some(MAGIC) {
            return Err(Problem::Damaged("it is no digest cache"));
        }
        if u32_at(bytes, 8) != Some(VERSION) || bytes.get(32..48) != Some(&algorithm()) {
            return Err(Problem::Damaged("it was written by another version"));
        }
        let body = bytes.len().checked_sub(CHECKSUM).ok_or(SHORT)?;
        let checksum = blake3::hash(bytes.get(..body).ok_or(SHORT)?);
        if bytes.get(body..) != Some(checksum.as_bytes()) {
            return Err(Problem::Damaged("its checksum does not fit"));
        }
        let number = |at| u64_at(bytes, at).and_then(|n| usize::try_from(n).ok()).ok_or(SHORT);
        let root_length = u32_at(bytes, 12).ok_or(SHORT)? as usize;
        let (count, slots) = (number(16)?, number(24)?);
        let records = HEADER.checked_add(root_length).ok_or(SHORT)?;
        let table = count.checked_mul(RECORD).and_then(|n| n.checked_add(records)).ok_or(SHORT)?;
        let end = slots.checked_mul(SLOT).and_then(|n| n.checked_add(table)).ok_or(SHORT)?;
        if end != body || slots < count {
            return Err(Problem::Damaged("its lengths do not fit"));
        }
        let root = bytes.get(HEADER..records).ok_or(SHORT)?.to_vec();
        Ok((Self { bytes: buffer, records, count, table, slots }, root))
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, index: usize) -> Option<Record> {
        Record::decode(self.raw(index)?)
    }

    fn raw(&self, index: usize) -> Option<&[u8]> {
        if index >= self.count {
            return None;
        }
        let start = self.records + index * RECORD;
        self.bytes.get().get(start..start + RECORD)
    }

    /// Index of the record of an inode: the expected one, or by the table.
    pub(super) fn find(&self, device: u64, inode: u64, expected: usize) -> Option<usize> {
        let fits = |index| {
            let record = self.raw(index)?;
            (u64_at(record, 8)? == inode && u64_at(record, 0)? == device).then_some(index)
        };
        if let Some(index) = fits(expected) {
            return Some(index);
        }
        let mut slot = home_slot(device, inode, self.slots)?;
        for _ in 0..self.slots {
            let index = u32_at(self.bytes.get(), self.table + slot * SLOT)?;
            if index == EMPTY {
                return None;
            }
            if let Some(found) = fits(index as usize) {
                return Some(found);
            }
            slot = (slot + 1) % self.slots;
        }
        None
    }
}

pub(super) fn home_slot(device: u64, inode: u64, slots: usize) -> Option<usize> {
    // Inode numbers are dense: multiplication by an odd constant spreads them over the high bits.
    let mixed = (inode ^ device.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let slots = u128::try_from(slots).ok().filter(|slots| *slots > 0)?;
    usize::try_from((u128::from(mixed) * slots) >> 64).ok()
}

pub(super) fn algorithm() -> [u8; 16] {
    let mut name = [0; 16];
    for (to, from) in name.iter_mut().zip(ALGORITHM.bytes()) {
        *to = from;
    }
    name
}

pub(super) fn encoded(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::encode::Encoding;
    use super::*;
    use proptest::prelude::*;

    fn record(inode: u64) -> Record {
        Record {
            device: 7,
            inode,
            raw_size: inode * 3,
            modified_s: -5,
            changed_s: 1 << 40,
            modified_ns: 999_999_999,
            changed_ns: 1,
            mode: 0o100_755,
            age: 0,
            size: inode,
            digest: [u8::try_from(inode % 251).unwrap(); 32],
        }
    }

    fn sample(count: u64) -> Vec<u8> {
        let encoding = Encoding::new(Path::new("/r"), (0..count).map(|i| record(i * 17)));
        let mut bytes = Vec::new();
        encoding.write(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, encoding.size());
        bytes
    }

    #[test]
    fn finds_what_was_written_expected_or_not() {
        let loaded = Loaded::parse(sample(1000).into(), Path::new("/r")).unwrap();
        assert_eq!(loaded.len(), 1000);
        for i in 0..1000_usize {
            for expected in [i, 0, 999, 5000] {
                let index = loaded.find(7, i as u64 * 17, expected).unwrap();
                assert_eq!(loaded.get(index), Some(record(i as u64 * 17)));
            }
        }
        assert_eq!(loaded.find(7, 3, 0), None);
        assert_eq!(loaded.find(8, 17, 1), None);
    }

    #[test]
    fn empty_file_is_sound() {
        let loaded = Loaded::parse(sample(0).into(), Path::new("/r")).unwrap();
        assert_eq!((loaded.len(), loaded.find(1, 1, 0)), (0, None));
    }

    #[test]
    fn every_prefix_and_another_root_are_refused() {
        let bytes = sample(3);
        for cut in 0..bytes.len() {
            assert!(Loaded::parse(bytes[..cut].to_vec().into(), Path::new("/r")).is_err(), "{cut}");
        }
        assert!(Loaded::parse(bytes.clone().into(), Path::new("/s")).is_err());
        assert!(Loaded::parse([bytes, vec![0]].concat().into(), Path::new("/r")).is_err());
    }

    proptest! {
        #[test]
        fn every_flipped_bit_is_refused(at in 0_usize..100_000, bit in 0_u8..8) {
            let mut bytes = sample(5);
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            prop_assert!(Loaded::parse(bytes.into(), Path::new("/r")).is_err());
        }

        #[test]
        fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let with_magic = [MAGIC.to_vec(), bytes.clone()].concat();
            prop_assert!(Loaded::parse(bytes.into(), Path::new("/r")).is_err());
            prop_assert!(Loaded::parse(with_magic.into(), Path::new("/r")).is_err());
        }
    }
}
