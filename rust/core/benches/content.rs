//! The content value of one file by kind, and a tree of small files cold and warm; `cargo bench -p lambda-assets-core`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // a benchmark's own files

use std::path::PathBuf;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use lambda_assets_core::{
    CachePlace, Ctl, Detail, DigestCache, Options, Root, file_content_value, fingerprint,
};
use tempfile::TempDir;

const SIZE: usize = 16 << 20;
const FILES: usize = 4000;

fn main() {
    divan::main();
}

/// Text in which the rule finds nothing to do, characters that blocks cut, and line ends to fold.
#[divan::bench(args = ["binary", "ascii", "utf-8", "crlf"], sample_count = 20)]
fn content_value(bencher: Bencher<'_, '_>, kind: &str) {
    let unit: &[u8] = match kind {
        "binary" => b"\0some bytes",
        "ascii" => b"some words and a line end\n",
        "utf-8" => "some w\u{f6}rds and \u{6f22}\u{5b57}\n".as_bytes(),
        _ => b"some words and a line end\r\n",
    };
    let place = TempDir::new().unwrap();
    let path = place.path().join("file");
    let content: Vec<u8> = unit.iter().copied().cycle().take(SIZE).collect();
    std::fs::write(&path, content).unwrap();
    let root = Root::resolve(&path).unwrap();
    // One thread, so that it is the rule and the hash that are measured.
    let ctl = Ctl::new(1);
    bencher
        .counter(BytesCount::of_many::<u8>(SIZE))
        .bench(|| file_content_value(black_box(&root), &ctl).unwrap());
}

#[divan::bench(args = [1, 2], sample_count = 20)]
fn cold_tree(bencher: Bencher<'_, '_>, jobs: usize) {
    let (_place, path) = tree();
    let root = Root::resolve(&path).unwrap();
    let (options, ctl) = (Options::default(), Ctl::new(jobs));
    bencher.counter(ItemsCount::new(FILES)).bench(|| {
        fingerprint(&root, &options, DigestCache::disabled, Detail::Digest, &ctl).unwrap().digest
    });
}

#[divan::bench(args = [1, 2], sample_count = 20)]
fn warm_tree(bencher: Bencher<'_, '_>, jobs: usize) {
    let (place, path) = tree();
    let root = Root::resolve(&path).unwrap();
    let (options, ctl) = (Options::default(), Ctl::new(jobs));
    let cache = CachePlace::new(place.path().join("cache"), None, CachePlace::MAX_BYTES);
    let open = || DigestCache::open(&cache, &root);
    // What was written just now is not recorded.
    std::thread::sleep(std::time::Duration::from_millis(300));
    fingerprint(&root, &options, open, Detail::Digest, &ctl).unwrap();
    bencher.counter(ItemsCount::new(FILES)).bench(|| {
        let snapshot = fingerprint(&root, &options, open, Detail::Digest, &ctl).unwrap();
        assert_eq!(snapshot.counts.cached, FILES as u64);
        snapshot.digest
    });
}

fn tree() -> (TempDir, PathBuf) {
    let place = TempDir::new().unwrap();
    let root = place.path().join("root");
    for number in 0..FILES {
        let directory = root.join((number / 50).to_string());
        std::fs::create_dir_all(&directory).unwrap();
        let content = "some words\n".repeat(number % 200);
        std::fs::write(directory.join(format!("file-{number}.js")), content).unwrap();
    }
    (place, root)
}
