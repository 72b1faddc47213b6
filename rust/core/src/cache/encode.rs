//! From records to a cache file.

use std::io::{self, Write};
use std::path::Path;

use super::file::{
    CHECKSUM, EMPTY, HEADER, MAGIC, RECORD, Record, SLOT, VERSION, algorithm, encoded, home_slot,
};

/// Bytes that are written at a time.
const PIECE: usize = 64 * 1024;

/// The file for the given records, in the order in which a walk will ask for them. Written as a stream, since the records
/// of half a million files are 50 MB.
pub(super) struct Encoding<'a, R> {
    root: &'a [u8],
    records: R,
    count: usize,
}

impl<'a, R: Iterator<Item = Record> + Clone> Encoding<'a, std::iter::Take<R>> {
    pub(super) fn new(root: &'a Path, records: R) -> Self {
        let records = records.take(EMPTY as usize);
        Self { root: encoded(root), count: records.clone().count(), records }
    }
}

impl<R: Iterator<Item = Record> + Clone> Encoding<'_, R> {
    /// In bytes.
    pub(super) fn size(&self) -> u64 {
        let size = HEADER + self.root.len() + self.count * RECORD + self.slots() * SLOT + CHECKSUM;
        size as u64
    }

    pub(super) fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut to = Summed { to, sum: blake3::Hasher::new(), buffer: Vec::new() };
        to.buffer.extend_from_slice(MAGIC);
        to.buffer.extend_from_slice(&VERSION.to_le_bytes());
        let root_length = u32::try_from(self.root.len()).unwrap_or(u32::MAX);
        to.buffer.extend_from_slice(&root_length.to_le_bytes());
        to.buffer.extend_from_slice(&(self.count as u64).to_le_bytes());
        to.buffer.extend_from_slice(&(self.slots() as u64).to_le_bytes());
        to.buffer.extend_from_slice(&algorithm());
        to.buffer.extend_from_slice(self.root);
        let mut table = vec![EMPTY; self.slots()];
        for (index, record) in self.records.clone().enumerate() {
            record.encode(&mut to.buffer);
            to.pass_on()?;
            insert(&mut table, &record, index);
        }
        for index in table {
            to.buffer.extend_from_slice(&index.to_le_bytes());
            to.pass_on()?;
        }
        to.finish()
    }

    /// Half empty, so that probing stays short.
    fn slots(&self) -> usize {
        self.count * 2
    }
}

/// Writes in large pieces, and the checksum of all of it at the end.
struct Summed<'a> {
    to: &'a mut dyn Write,
    sum: blake3::Hasher,
    buffer: Vec<u8>,
}

impl Summed<'_> {
    fn pass_on(&mut self) -> io::Result<()> {
        if self.buffer.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sum.update(&self.buffer);
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.to.write_all(self.sum.finalize().as_bytes())
    }
}

fn insert(table: &mut [u32], record: &Record, index: usize) {
    let slots = table.len();
    let Some(mut slot) = home_slot(record.device, record.inode, slots) else { return };
    while let Some(taken) = table.get_mut(slot) {
        if *taken == EMPTY {
            *taken = u32::try_from(index).unwrap_or(EMPTY);
            break;
        }
        slot = (slot + 1) % slots;
    }
}
