//! Locks and threads of one call: who panics has failed the call, so nobody asks whether a lock is poisoned.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::Error;

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Hands an error to `fail` if its owner panics: the others must not wait for ever. The panic goes on its way after that.
pub(crate) struct FailOnPanic<F: Fn(Error)> {
    fail: F,
}

impl<F: Fn(Error)> FailOnPanic<F> {
    pub(crate) fn new(fail: F) -> Self {
        Self { fail }
    }
}

impl<F: Fn(Error)> Drop for FailOnPanic<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.fail)(Error::Internal { message: "a worker panicked".into() });
        }
    }
}
