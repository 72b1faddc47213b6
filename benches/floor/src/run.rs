//! Arguments, threads, the walk, and the line that is printed.

use std::error::Error;
use std::ffi::{CStr, CString};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;
use std::time::Instant;

use rustix::fs::{CWD, FileType, Mode, OFlags, RawDir};
use rustix::time::{ClockId, clock_gettime};

use crate::file::{MOST_BIG, Worker, mix};
use crate::pool::{BATCH, Names, Pool, Task};

const USAGE: &str =
    "usage: lambda-assets-floor list|stat|order|read|hash|settled DIRECTORY [--threads N]";

/// How much is done to a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    List,
    Stat,
    Order,
    Read,
    Hash,
    Settled,
}

#[derive(Default)]
struct Totals {
    files: u64,
    bytes: u64,
    mixed: [u8; 32],
}

/// Does what the arguments say and prints one line.
pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let what = match arguments.next().as_ref().and_then(|mode| mode.to_str()) {
        Some("list") => What::List,
        Some("stat") => What::Stat,
        Some("order") => What::Order,
        Some("read") => What::Read,
        Some("hash") => What::Hash,
        Some("settled") => What::Settled,
        _ => return Err(USAGE.into()),
    };
    let top = CString::new(arguments.next().ok_or(USAGE)?.into_vec())?;
    let threads = match (arguments.next(), arguments.next()) {
        (None, _) => std::thread::available_parallelism()?.get(),
        (Some(option), Some(number)) if option == "--threads" => {
            number.to_str().ok_or(USAGE)?.parse::<usize>()?.max(1)
        }
        _ => return Err(USAGE.into()),
    };
    let cpu = cpu_seconds();
    let start = Instant::now();
    let totals = walk(what, &top, threads)?;
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu;
    std::hint::black_box(totals.mixed);
    writeln!(
        io::stdout(),
        r#"{{"wall": {wall}, "cpu": {cpu}, "peak_kib": {}, "result": null, "version": "{}", "files": {}, "bytes": {}}}"#,
        peak_kib()?,
        env!("CARGO_PKG_VERSION"),
        totals.files,
        totals.bytes,
    )?;
    Ok(())
}

fn walk(what: What, top: &CStr, threads: usize) -> io::Result<Totals> {
    let here = Arc::new(open_dir(CWD, c".")?);
    let lanes = lambda_assets_sha256::lanes().clamp(1, MOST_BIG);
    let pool = Pool::new(Task::Dir(here, top.to_owned()), threads, lanes);
    let mut totals = Totals::default();
    let results: Vec<io::Result<Worker>> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(what, &pool))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| Err(lost()))).collect()
    });
    for worker in results {
        let worker = worker?;
        totals.files += worker.files;
        totals.bytes += worker.bytes;
        mix(&mut totals.mixed, &worker.mixed);
    }
    Ok(totals)
}

fn work(what: What, pool: &Pool) -> io::Result<Worker> {
    let mut worker = Worker::new(what);
    let mut buffer = Vec::with_capacity(32 << 10);
    let mut more = Vec::new();
    while let Some(task) = pool.next() {
        let done = match task {
            Task::Dir(parent, name) => {
                directory(&mut worker, pool, &parent, &name, &mut buffer, &mut more)
            }
            Task::Batch(dir, names, from) => batch(&mut worker, pool, &dir, &names, from),
            Task::Big(files) => worker.big(files),
        };
        if let Err(error) = done {
            pool.stop();
            return Err(error);
        }
    }
    worker.settle();
    Ok(worker)
}

fn directory(
    worker: &mut Worker,
    pool: &Pool,
    parent: &OwnedFd,
    name: &CStr,
    buffer: &mut Vec<u8>,
    more: &mut Vec<Task>,
) -> io::Result<()> {
    let dir = Arc::new(open_dir(parent, name)?);
    let mut names = Names::default();
    let mut entries = RawDir::new(&*dir, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        match entry.file_type() {
            FileType::Directory if matches!(name.to_bytes(), b"." | b"..") => {}
            FileType::Directory => more.push(Task::Dir(Arc::clone(&dir), name.to_owned())),
            kind => {
                let start = u32::try_from(names.bytes.len()).map_err(io::Error::other)?;
                names.starts.push((start, kind == FileType::RegularFile));
                names.bytes.extend_from_slice(name.to_bytes_with_nul());
            }
        }
    }
    if matches!(worker.what, What::Order | What::Settled) {
        names.sort();
        pool.outer(&names);
    }
    let names = Arc::new(names);
    for from in (BATCH..names.starts.len()).step_by(BATCH) {
        more.push(Task::Batch(Arc::clone(&dir), Arc::clone(&names), from));
    }
    pool.add(more);
    batch(worker, pool, &dir, &names, 0)
}

fn batch(
    worker: &mut Worker,
    pool: &Pool,
    dir: &OwnedFd,
    names: &Names,
    from: usize,
) -> io::Result<()> {
    for &(start, regular) in names.starts.iter().skip(from).take(BATCH) {
        let name = CStr::from_bytes_until_nul(&names.bytes[start as usize..]);
        worker.entry(pool, dir.as_fd(), name.map_err(io::Error::other)?, regular)?;
    }
    Ok(())
}

fn open_dir(at: impl AsFd, name: &CStr) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(at, name, flags, Mode::empty())?)
}

#[allow(clippy::cast_precision_loss)] // seconds of a run
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

// Not a user's file, and the gate of the core is not there for a program that must stay bare.
#[allow(clippy::disallowed_methods)]
fn peak_kib() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other("no VmHWM in /proc/self/status"))
}

fn lost() -> io::Error {
    io::Error::other("a thread of the floor program ended early")
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::{What, walk};

    #[test]
    #[allow(clippy::disallowed_methods)] // a tree of the test's own
    fn every_file_is_met_once() {
        let place = tempfile::tempdir().unwrap();
        let mut bytes = 0;
        for (dir, count) in [("a", 3), ("a/b", 200), ("c", 65)] {
            std::fs::create_dir(place.path().join(dir)).unwrap();
            for number in 0..count {
                let content = vec![b'x'; number * 3000];
                bytes += content.len() as u64;
                std::fs::write(place.path().join(dir).join(number.to_string()), content).unwrap();
            }
        }
        std::os::unix::fs::symlink("a", place.path().join("link")).unwrap();
        let top = std::ffi::CString::new(place.path().as_os_str().as_bytes()).unwrap();
        let mut mixed = Vec::new();
        for threads in [1, 3] {
            let totals = walk(What::List, &top, threads).unwrap();
            assert_eq!((totals.files, totals.bytes), (269, 0));
            // The link counts with the length of its text.
            for what in [What::Stat, What::Order] {
                let totals = walk(what, &top, threads).unwrap();
                assert_eq!((totals.files, totals.bytes), (269, bytes + 1));
            }
            for what in [What::Read, What::Hash, What::Settled] {
                let totals = walk(what, &top, threads).unwrap();
                assert_eq!((totals.files, totals.bytes), (268, bytes));
                mixed.push(totals.mixed);
            }
        }
        assert_eq!(mixed[0], [0; 32]);
        assert_ne!(mixed[1], [0; 32]);
        assert!([2, 4, 5].into_iter().all(|again| mixed[again] == mixed[1]));
    }
}
