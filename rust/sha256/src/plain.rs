//! The `sha2` crate's block function, one stream after the other.
//!
//! It makes its own choice at run time, so it's the engine for every machine without a kernel here.

use crate::block::{Block, State};

/// Advances each state by its blocks.
pub(crate) fn compress<const N: usize>(states: [&mut State; N], blocks: [&[Block]; N]) {
    for (state, blocks) in states.into_iter().zip(blocks) {
        sha2::block_api::compress256(state, blocks);
    }
}
