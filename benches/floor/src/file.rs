//! What happens to one file: a status, a read, or a read and a hash.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use lambda_assets_sha256::{Hasher, digest_many, update_many};
use rustix::fs::{AtFlags, Mode, OFlags, StatxFlags};

use crate::pool::{BATCH, Pool};
use crate::run::What;

/// Small enough to stay in the cache of a core, large enough for a batch of common files.
const SLAB: usize = 256 << 10;
const PAGE: usize = 4096;
/// Where files in the slab begin. The kernel copies pages by `rep movsb`, which on some processors (AMD Zen) is four times
/// slower to an address 1 to 31 bytes behind a page's start, where large allocations lie: 2.6 instead of 11.3 GB/s.
const ALIGN: usize = 64;
/// Bytes of one large file between two turns of the others.
const BLOCK: usize = 64 << 10;

/// Buffers and counts of one thread.
pub(crate) struct Worker {
    pub(crate) what: What,
    slab: Vec<u8>,
    /// Where the slab's first page begins.
    base: usize,
    /// Where the files in the slab begin, and their lengths.
    held: Vec<(usize, usize)>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// All digests, so that none can be left out.
    pub(crate) mixed: [u8; 32],
}

impl Worker {
    pub(crate) fn new(what: What) -> Self {
        let slab = vec![0; SLAB + PAGE];
        let base = slab.as_ptr().align_offset(PAGE).min(PAGE);
        let held = Vec::with_capacity(BATCH);
        Self { what, slab, base, held, files: 0, bytes: 0, mixed: [0; 32] }
    }

    /// Looks at one entry that is no directory.
    pub(crate) fn entry(
        &mut self,
        pool: &Pool,
        dir: BorrowedFd<'_>,
        name: &CStr,
        regular: bool,
    ) -> io::Result<()> {
        match self.what {
            What::List => self.files += 1,
            What::Stat | What::Order => {
                let flags = AtFlags::SYMLINK_NOFOLLOW;
                let status = rustix::fs::statx(dir, name, flags, StatxFlags::BASIC_STATS)?;
                self.files += 1;
                self.bytes += status.stx_size;
            }
            _ if regular => self.content(pool, dir, name)?,
            _ => {}
        }
        Ok(())
    }

    fn content(&mut self, pool: &Pool, dir: BorrowedFd<'_>, name: &CStr) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = rustix::fs::openat(dir, name, flags, Mode::empty())?;
        let size = u64::try_from(rustix::fs::fstat(&file)?.st_size).unwrap_or(0);
        self.files += 1;
        let Some(wanted) = usize::try_from(size).ok().filter(|&size| size < SLAB) else {
            pool.add_big(size, file);
            return Ok(());
        };
        // One byte more than there should be: a short answer is the end, without a second read.
        let last = self.held.last().map_or(0, |&(start, length)| start - self.base + length);
        let mut start = last.next_multiple_of(ALIGN);
        if start + wanted + 1 > SLAB || self.held.len() == BATCH {
            self.settle();
            start = 0;
        }
        start += self.base;
        let length = rustix::io::read(&file, &mut self.slab[start..=start + wanted])?;
        self.bytes += length as u64;
        if self.what == What::Settled {
            std::hint::black_box(rustix::fs::fstat(&file)?);
        }
        if self.what != What::Read {
            self.held.push((start, length));
        }
        Ok(())
    }

    /// Hashes what is in the slab.
    pub(crate) fn settle(&mut self) {
        let mut inputs: [&[u8]; BATCH] = [&[]; BATCH];
        let mut digests = [[0; 32]; BATCH];
        for (input, &(start, length)) in inputs.iter_mut().zip(&self.held) {
            *input = &self.slab[start..start + length];
        }
        let count = self.held.len();
        digest_many(&inputs[..count], &mut digests[..count]);
        digests[..count].iter().for_each(|digest| mix(&mut self.mixed, digest));
        self.held.clear();
    }

    /// Reads large files in turns.
    pub(crate) fn big(&mut self, mut files: Vec<OwnedFd>) -> io::Result<()> {
        self.settle();
        let mut hashers = vec![Hasher::new(); files.len()];
        while !files.is_empty() {
            let mut lengths = Vec::with_capacity(files.len());
            for (file, block) in files.iter().zip(self.slab[self.base..].chunks_mut(BLOCK)) {
                lengths.push(rustix::io::read(file.as_fd(), block)?);
            }
            self.bytes += lengths.iter().sum::<usize>() as u64;
            if self.what != What::Read {
                let blocks = self.slab[self.base..].chunks(BLOCK).zip(&lengths);
                let inputs: Vec<&[u8]> = blocks.map(|(block, &length)| &block[..length]).collect();
                update_many(&mut hashers, &inputs);
            }
            for index in (0..files.len()).rev().filter(|&index| lengths[index] == 0) {
                files.swap_remove(index);
                let digest = hashers.swap_remove(index).finalize();
                mix(&mut self.mixed, &digest);
            }
        }
        Ok(())
    }
}

/// Files that can be read in turns.
pub(crate) const MOST_BIG: usize = SLAB / BLOCK;

pub(crate) fn mix(all: &mut [u8; 32], one: &[u8; 32]) {
    all.iter_mut().zip(one).for_each(|(all, one)| *all ^= one);
}
