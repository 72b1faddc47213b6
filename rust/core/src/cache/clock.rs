//! "Now" for the racy rule: from the file system's own clock where that can be had, never later than the first read.

use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use crate::fs::{Stat, Time, place};

/// Stamps of a local file system come from a clock that ticks every 10 ms or faster.
const SAME_DEVICE: Duration = Duration::from_millis(100);

/// Against the wall clock, or where stamps have whole seconds (two on some file systems).
const OTHERWISE: Duration = Duration::from_millis(2500);

/// Set once, before the first byte is read: an early "now" only makes the rule stricter.
#[derive(Default)]
pub(super) struct Clock(OnceLock<Reading>);

struct Reading {
    wall: Time,
    /// Device of the cache directory and the stamp that a file got there.
    probe: Option<(u64, Time)>,
}

impl Clock {
    /// Looks at the clocks, if nobody has yet.
    pub(super) fn start(&self, directory: &Path) {
        self.0.get_or_init(|| Reading {
            wall: Time::from_system(SystemTime::now()),
            probe: place::stamp_in(directory),
        });
    }

    /// Whether everything known about the file is older than any stamp that a write would have got since then.
    pub(super) fn is_past(&self, stat: &Stat) -> bool {
        let Some(reading) = self.0.get() else { return false };
        let coarse = stat.modified.nanoseconds == 0 && stat.changed.nanoseconds == 0;
        match reading.probe {
            Some((device, now)) if device == stat.device && !coarse => {
                stat.touched().plus(SAME_DEVICE) < now
            }
            _ => stat.touched().plus(OTHERWISE) < reading.wall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Kind;

    fn clock(probe: Option<(u64, Time)>) -> Clock {
        let clock = Clock::default();
        let wall = Time { seconds: 1000, nanoseconds: 0 };
        clock.0.get_or_init(|| Reading { wall, probe });
        clock
    }

    fn stat(device: u64, modified: (i64, u32), changed: (i64, u32)) -> Stat {
        let time = |(seconds, nanoseconds)| Time { seconds, nanoseconds };
        Stat {
            kind: Kind::File,
            device,
            inode: 1,
            size: 1,
            mode: 0o100_644,
            modified: time(modified),
            changed: time(changed),
        }
    }

    #[test]
    fn before_the_clock_was_started_nothing_is_past() {
        assert!(!Clock::default().is_past(&stat(1, (1, 1), (1, 1))));
    }

    #[test]
    fn margin_depends_on_whose_clock_it_is() {
        let probe = Some((1, Time { seconds: 1000, nanoseconds: 500_000_000 }));
        for (device, modified, changed, expected, why) in [
            (1, (1000, 399_999_999), (1000, 1), true, "same device, beyond 100 ms"),
            (1, (1000, 400_000_000), (1000, 1), false, "exactly the margin"),
            (1, (1, 1), (1000, 450_000_000), false, "only ctime is fresh"),
            (1, (1000, 450_000_000), (1, 1), false, "only mtime is fresh"),
            (1, (5000, 1), (1, 1), false, "mtime in the future"),
            (1, (999, 0), (999, 0), false, "whole seconds need the larger margin"),
            (1, (997, 0), (997, 0), true, "whole seconds, old enough"),
            (2, (999, 1), (999, 1), false, "other device, wall clock"),
            (2, (997, 1), (997, 1), true, "other device, old enough"),
        ] {
            assert_eq!(clock(probe).is_past(&stat(device, modified, changed)), expected, "{why}");
        }
        assert!(!clock(None).is_past(&stat(1, (999, 1), (999, 1))));
    }
}
