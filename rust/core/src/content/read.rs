//! Bytes that belong together: stat before, read, stat after; again if something moved.

use std::io;
use std::time::Duration;

use crate::fs::{At, File, Kind, Stat, Time, sys};
use crate::{Ctl, Error, Result};

/// Pauses between attempts at a file that changes while it is read.
const PAUSES_MS: [u64; 4] = [1, 4, 16, 64];

/// A stamp as new as the clock that makes stamps can't tell one write from the next: it is waited out, at most so long.
const PATIENCE: Duration = Duration::from_millis(60);

/// A write call stamps when it begins, by a clock that moves on once in so long: a call can be this much younger than its
/// stamp. (The slowest tick that Linux is built with; newer kernels stamp finely, but only what was looked at since.)
const TICK: Duration = Duration::from_millis(10);

/// One that began just before the clock moved has an old stamp and is still writing, so a stamp must be older by more than
/// an ordinary call lasts: this is a call of 10 MiB.
const CALL: Duration = Duration::from_millis(2);
const NAP: Duration = Duration::from_millis(1);

/// A stamp so far ahead of that clock comes from another one.
const FUTURE: Duration = Duration::from_secs(1);

/// Opens `at` and lets `body` read all of it, until the file is the same before and after.
///
/// `body` starts from nothing on each attempt. `regular` refuses everything that is not a regular file.
pub(crate) fn consistently<T>(
    at: At<'_>,
    regular: bool,
    ctl: &Ctl,
    mut body: impl FnMut(&File, &Stat) -> Result<T>,
) -> Result<(T, Stat)> {
    let mut failure = None;
    for pause in [0].into_iter().chain(PAUSES_MS) {
        ctl.check()?;
        if pause > 0 {
            std::thread::sleep(Duration::from_millis(pause));
        }
        match attempt(at, regular, &mut body)? {
            Attempt::Done(done) => return Ok(done),
            Attempt::Moved(kind) => failure = kind,
        }
    }
    Err(match failure {
        Some(Kind::Special(kind)) => Error::Special { path: at.path(), kind },
        _ => Error::Changed { path: at.path() },
    })
}

/// An attempt at a file.
pub(crate) enum Attempt<T> {
    Done(T),
    /// Something else was there, or other bytes afterwards.
    Moved(Option<Kind>),
}

/// An open file, and what was true of it before the first byte was read.
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) stat: Stat,
}

impl Opened {
    /// Opens `at` and waits until its stamps can tell a later write.
    pub(crate) fn new(at: At<'_>, regular: bool) -> Result<Attempt<Self>> {
        let file = match File::open(at) {
            Ok(file) => file,
            // The listing said "file": a link or a special file has taken its place since.
            Err(error) if regular && is_replaced(at, &error) => {
                return Ok(Attempt::Moved(sys::stat(at).ok().map(|stat| stat.kind)));
            }
            Err(error) => return Err(at.error("open", error)),
        };
        let settled = settled(&file).map_err(|error| at.error("fstat", error))?;
        let Some(stat) = settled else { return Ok(Attempt::Moved(None)) };
        if regular && stat.kind != Kind::File {
            return Ok(Attempt::Moved(Some(stat.kind)));
        }
        Ok(Attempt::Done(Self { file, stat }))
    }

    /// Whether it is still the same, now that it was read.
    pub(crate) fn is_unchanged(&self, at: At<'_>) -> Result<bool> {
        // The stamps of a device or pipe move with every read.
        if self.stat.kind != Kind::File {
            return Ok(true);
        }
        let after = self.file.stat().map_err(|error| at.error("fstat", error))?;
        Ok(after == self.stat)
    }
}

fn attempt<T>(
    at: At<'_>,
    regular: bool,
    body: &mut impl FnMut(&File, &Stat) -> Result<T>,
) -> Result<Attempt<(T, Stat)>> {
    let opened = match Opened::new(at, regular)? {
        Attempt::Done(opened) => opened,
        Attempt::Moved(kind) => return Ok(Attempt::Moved(kind)),
    };
    let value = body(&opened.file, &opened.stat)?;
    let unchanged = opened.is_unchanged(at)?;
    Ok(if unchanged { Attempt::Done((value, opened.stat)) } else { Attempt::Moved(None) })
}

fn is_replaced(at: At<'_>, error: &io::Error) -> bool {
    error.kind() != io::ErrorKind::NotFound
        && error.kind() != io::ErrorKind::PermissionDenied
        && sys::stat(at).is_ok_and(|stat| stat.kind != Kind::File)
}

/// A stat whose change time is so old that no write can be under way and any later one must show; None for a file that is
/// written to all the time.
fn settled(file: &File) -> io::Result<Option<Stat>> {
    let mut waited = Duration::ZERO;
    loop {
        let stat = file.stat()?;
        let clock = sys::stamp_clock();
        if stat.kind != Kind::File || !is_new(stat.changed, clock) {
            return Ok(Some(stat));
        }
        if waited >= PATIENCE {
            return Ok(None);
        }
        std::thread::sleep(NAP);
        waited += NAP;
    }
}

/// Whether a stamp may yet be shared by a later write. A clock that was set back leaves stamps in the future, which no
/// waiting makes old.
fn is_new(changed: Time, clock: Time) -> bool {
    changed.plus(TICK + CALL) >= clock && changed < clock.plus(FUTURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stamps_of_now_are_waited_for() {
        let clock = Time { seconds: 1000, nanoseconds: 500 };
        for (seconds, nanoseconds, expected, why) in [
            (999, 988_000_499, false, "older than the clock by more than a tick and a call"),
            (999, 988_000_500, true, "a call that began before the next tick may still be writing"),
            (1000, 500, true, "the same tick"),
            (1000, 900, true, "a finer stamp within the tick"),
            (1001, 499, true, "just below the limit"),
            (1001, 500, false, "from a clock that was set back since"),
            (9999, 0, false, "far in the future"),
        ] {
            assert_eq!(is_new(Time { seconds, nanoseconds }, clock), expected, "{why}");
        }
    }
}
