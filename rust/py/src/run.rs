//! Runs core work without the GIL, while the calling thread looks after signals and progress.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use lambda_assets_core::{Ctl, Error, Result};
use pyo3::prelude::*;

/// How often the caller looks up: Ctrl-C is noticed within this time, and asking is free at this rate.
const TICK: Duration = Duration::from_millis(50);

static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// What a call from Python brings along besides its input.
pub(crate) struct Caller {
    pub(crate) jobs: usize,
    pub(crate) progress: Option<Py<PyAny>>,
}

/// Runs `work` on a thread of its own until it is done or a signal handler raises.
pub(crate) fn interruptible<T: Send>(
    py: Python<'_>,
    caller: &Caller,
    work: impl FnOnce(&Ctl) -> Result<T> + Send,
) -> PyResult<T> {
    let ctl = Ctl::new(caller.jobs);
    let done = (Mutex::new(None), Condvar::new());
    let interruption = py.detach(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let outcome = catch_unwind(AssertUnwindSafe(|| work(&ctl)));
                *done.0.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(outcome.unwrap_or_else(|_| Err(panicked())));
                done.1.notify_one();
            });
            watch(&done, &ctl, caller)
        })
    });
    if let Some(error) = interruption {
        return Err(error);
    }
    let outcome = done.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    let outcome = outcome.unwrap_or_else(|| Err(panicked()));
    outcome.map_err(|error| crate::error::to_python(py, &error))
}

/// Waits for the outcome; what a signal handler or the progress callback raised, if anything.
fn watch<T>(done: &(Mutex<Option<T>>, Condvar), ctl: &Ctl, caller: &Caller) -> Option<PyErr> {
    let mut interruption = None;
    let mut outcome = done.0.lock().unwrap_or_else(PoisonError::into_inner);
    while outcome.is_none() {
        let waited = done.1.wait_timeout(outcome, TICK).unwrap_or_else(PoisonError::into_inner);
        outcome = waited.0;
        if outcome.is_none() && interruption.is_none() {
            drop(outcome);
            if let Err(error) = Python::attach(|py| tick(py, ctl, caller)) {
                ctl.cancel();
                interruption = Some(error);
            }
            outcome = done.0.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
    interruption
}

fn tick(py: Python<'_>, ctl: &Ctl, caller: &Caller) -> PyResult<()> {
    py.check_signals()?;
    if let Some(callback) = &caller.progress {
        let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let progress = &ctl.progress;
        let counts = (
            read(&progress.files_seen),
            read(&progress.files_done),
            read(&progress.bytes_done),
            read(&progress.bytes_seen),
        );
        callback.call1(py, counts)?;
    }
    Ok(())
}

/// Panics become exceptions; without this they would also print to stderr.
pub(crate) fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|info| {
        let mut last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
        last.get_or_insert_with(|| info.to_string());
    }));
}

fn panicked() -> Error {
    let last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
    Error::Internal { message: last.unwrap_or_else(|| "no message".into()) }
}
