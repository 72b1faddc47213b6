//! A big file as the bytes that reach the hash: read in blocks, normalised by the rule, on this thread or another.

use std::sync::mpsc::{Receiver, channel, sync_channel};

use super::raw::{RawDigests, RawHashers};
use super::rule::{CHUNK, Rule};
use crate::fs::buffer::Buffer;
use crate::fs::{At, File, read_full};
use crate::{Ctl, Error, Result};

/// Files are read in blocks of this size, a multiple of [`CHUNK`]; two of them fit the second-level cache.
const BLOCK: usize = 16 * CHUNK;

/// Blocks between the reading and the hashing thread.
const BETWEEN: usize = 4;

/// A file on its way through the rule.
#[derive(Default)]
pub(super) struct Normalised {
    rule: Rule,
    raw: Option<RawHashers>,
    piece: Piece,
    stage: Stage,
    /// Normalised size; known at the end.
    pub(super) size: u64,
    /// Bytes read so far.
    pub(super) total: u64,
}

#[derive(Default, PartialEq)]
enum Stage {
    #[default]
    Reading,
    /// All was read; what the rule holds back comes last.
    Held,
    Done,
}

/// One block and what became of it.
#[derive(Default)]
struct Piece {
    block: Buffer,
    folded: Vec<u8>,
    length: usize,
    in_folded: bool,
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        let buffer = if self.in_folded { &self.folded } else { self.block.get() };
        buffer.get(..self.length).unwrap_or_default()
    }
}

impl Normalised {
    /// `raw`: also take the digests of the bytes as they are.
    pub(super) fn new(raw: bool) -> Self {
        Self { raw: raw.then(RawHashers::default), ..Self::default() }
    }

    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// The bytes that the last [`Self::advance`] brought.
    pub(super) fn bytes(&self) -> &[u8] {
        self.piece.bytes()
    }

    /// Reads the next block.
    pub(super) fn advance(&mut self, file: &File, at: At<'_>, ctl: &Ctl) -> Result<()> {
        ctl.check()?;
        let piece = &mut self.piece;
        match self.stage {
            Stage::Reading => {
                piece.block.reserve(BLOCK);
                let n = read_full(file, piece.block.get_mut())
                    .map_err(|error| at.error("read", error))?;
                let block = piece.block.get().get(..n).unwrap_or_default();
                if let Some(raw) = &mut self.raw {
                    raw.update(block);
                }
                // A block of nothing would ask an empty file whether it is binary.
                piece.in_folded = n > 0 && self.rule.block(block, &mut piece.folded).is_none();
                piece.length = if piece.in_folded { piece.folded.len() } else { n };
                self.total += n as u64;
                ctl.progress.bytes(n as u64);
                if n < BLOCK {
                    self.stage = Stage::Held;
                }
            }
            Stage::Held => {
                piece.folded.clear();
                self.size = std::mem::take(&mut self.rule).finish(&mut piece.folded);
                (piece.in_folded, piece.length) = (true, piece.folded.len());
                self.stage = Stage::Done;
            }
            Stage::Done => piece.length = 0,
        }
        Ok(())
    }

    /// Gives the rest of the file to `take`, piece by piece; with `beside`, another thread reads while this one takes.
    pub(super) fn rest(
        &mut self,
        file: &File,
        at: At<'_>,
        ctl: &Ctl,
        beside: bool,
        mut take: impl FnMut(&[u8]),
    ) -> Result<()> {
        if beside {
            return self.rest_beside(file, at, ctl, take);
        }
        while !self.is_done() {
            self.advance(file, at, ctl)?;
            take(self.bytes());
        }
        Ok(())
    }

    fn rest_beside(
        &mut self,
        file: &File,
        at: At<'_>,
        ctl: &Ctl,
        mut take: impl FnMut(&[u8]),
    ) -> Result<()> {
        let (full, to_take) = sync_channel::<Piece>(BETWEEN);
        let (used, to_fill) = channel::<Piece>();
        for _ in 0..BETWEEN {
            let _ = used.send(Piece::default());
        }
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                self.fill(file, at, ctl, &to_fill, |piece| full.send(piece).is_ok())
            });
            for piece in to_take {
                take(piece.bytes());
                // The reader may be done.
                let _ = used.send(piece);
            }
            reader.join().map_err(|_| Error::Internal { message: "a reader panicked".into() })?
        })
    }

    fn fill(
        &mut self,
        file: &File,
        at: At<'_>,
        ctl: &Ctl,
        empty: &Receiver<Piece>,
        send: impl Fn(Piece) -> bool,
    ) -> Result<()> {
        while !self.is_done() {
            let Ok(piece) = empty.recv() else { break };
            self.piece = piece;
            self.advance(file, at, ctl)?;
            if !send(std::mem::take(&mut self.piece)) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn raw(&mut self) -> Option<Box<RawDigests>> {
        self.raw.take().map(|raw| Box::new(raw.finish()))
    }
}
