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
/// Bytes of one large file between two turns of the others.
const BLOCK: usize = 64 << 10;

/// Buffers and counts of one thread.
pub(crate) struct Worker {
    what: What,
    slab: Vec<u8>,
    /// Where the files in the slab end.
    ends: Vec<usize>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// All digests, so that none can be left out.
    pub(crate) mixed: [u8; 32],
}

impl Worker {
    pub(crate) fn new(what: What) -> Self {
        let slab = vec![0; SLAB];
        Self { what, slab, ends: Vec::with_capacity(BATCH), files: 0, bytes: 0, mixed: [0; 32] }
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
            What::Stat => {
                let flags = AtFlags::SYMLINK_NOFOLLOW;
                let status = rustix::fs::statx(dir, name, flags, StatxFlags::BASIC_STATS)?;
                self.files += 1;
                self.bytes += status.stx_size;
            }
            What::Read | What::Hash if regular => self.content(pool, dir, name)?,
            What::Read | What::Hash => {}
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
        let mut start = self.ends.last().copied().unwrap_or(0);
        if start + wanted + 1 > SLAB || self.ends.len() == BATCH {
            self.settle();
            start = 0;
        }
        let length = rustix::io::read(&file, &mut self.slab[start..=start + wanted])?;
        self.bytes += length as u64;
        if self.what == What::Hash {
            self.ends.push(start + length);
        }
        Ok(())
    }

    /// Hashes what is in the slab.
    pub(crate) fn settle(&mut self) {
        let mut inputs: [&[u8]; BATCH] = [&[]; BATCH];
        let mut digests = [[0; 32]; BATCH];
        let mut start = 0;
        for (input, &end) in inputs.iter_mut().zip(&self.ends) {
            *input = &self.slab[start..end];
            start = end;
        }
        let count = self.ends.len();
        digest_many(&inputs[..count], &mut digests[..count]);
        digests[..count].iter().for_each(|digest| mix(&mut self.mixed, digest));
        self.ends.clear();
    }

    /// Reads large files in turns.
    pub(crate) fn big(&mut self, mut files: Vec<OwnedFd>) -> io::Result<()> {
        self.settle();
        let mut hashers = vec![Hasher::new(); files.len()];
        while !files.is_empty() {
            let mut lengths = Vec::with_capacity(files.len());
            for (file, block) in files.iter().zip(self.slab.chunks_mut(BLOCK)) {
                lengths.push(rustix::io::read(file.as_fd(), block)?);
            }
            self.bytes += lengths.iter().sum::<usize>() as u64;
            if self.what == What::Hash {
                let blocks = self.slab.chunks(BLOCK).zip(&lengths);
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
