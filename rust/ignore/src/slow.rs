//! A switch that makes tests compile everything to expressions, to compare with the shortcuts.

#[cfg(test)]
thread_local! {
    static FORCED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Whether shortcuts are off; never, outside this crate's unit tests.
#[cfg(test)]
pub(crate) fn is_forced() -> bool {
    FORCED.get()
}

/// Whether shortcuts are off; never, outside this crate's unit tests.
#[cfg(not(test))]
pub(crate) const fn is_forced() -> bool {
    false
}

/// Runs `action` without shortcuts.
#[cfg(test)]
pub(crate) fn forced<T>(action: impl FnOnce() -> T) -> T {
    FORCED.set(true);
    let result = action();
    FORCED.set(false);
    result
}
