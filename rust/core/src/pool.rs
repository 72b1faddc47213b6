//! A set of workers that lives for one call and shares a growing stack of tasks.
//!
//! Each worker keeps its own stack, newest first, which walks a tree depth first and so keeps few directories open; it
//! gives away half of it when another worker has nothing. No thread outlives the call: safe with fork, and nothing
//! to shut down. Any scheme was within 3 % of this one when measured; this one needs no queue bound.

use std::sync::{Condvar, Mutex, MutexGuard};

use crate::sync::{FailOnPanic, locked, wait};
use crate::{Ctl, Result};

/// What the workers do.
pub(crate) trait Work: Sync {
    /// A piece of work; it may lead to more.
    type Task: Send;
    /// What one worker keeps between its tasks: buffers and results.
    type Worker: Send;

    fn worker(&self) -> Self::Worker;

    /// Does one task; follow-up tasks go to `tasks`, the one to be done first last.
    fn run(
        &self,
        worker: &mut Self::Worker,
        task: Self::Task,
        tasks: &mut Tasks<'_, Self::Task>,
    ) -> Result<()>;

    /// Finishes what the worker has put off; called when it runs out of tasks, and at the end.
    fn settle(&self, worker: &mut Self::Worker) -> Result<()>;
}

/// The tasks of one worker, newest last.
pub(crate) struct Tasks<'a, T> {
    own: Vec<T>,
    shared: &'a Shared<T>,
    ctl: &'a Ctl,
}

impl<T> Tasks<'_, T> {
    pub(crate) fn push(&mut self, task: T) {
        self.own.push(task);
    }

    /// Gives tasks away if another worker has none; for use within a task that takes long.
    pub(crate) fn breathe(&mut self) {
        if self.ctl.idle() > 0 && !self.own.is_empty() {
            self.share();
        }
    }

    /// Gives away every other task: both workers go on along the same part of the tree, which keeps what is done in hash
    /// order close together.
    fn share(&mut self) {
        let (mut given, mut kept) = (Vec::new(), Vec::new());
        for (place, task) in self.own.drain(..).rev().enumerate() {
            // The newest first: of one task it is the one to be given, as its owner is busy.
            if place % 2 == 0 { given.push(task) } else { kept.push(task) }
        }
        kept.reverse();
        given.reverse();
        self.own = kept;
        let mut state = self.shared.lock();
        if state.failure.is_none() {
            state.tasks.extend(given);
        }
        self.shared.changed.notify_all();
    }
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    tasks: Vec<T>,
    /// Workers that hold tasks of their own.
    busy: usize,
    failure: Option<crate::Error>,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        locked(&self.state)
    }

    fn fail(&self, error: crate::Error) {
        let mut state = self.lock();
        state.failure.get_or_insert(error);
        state.tasks.clear();
        self.changed.notify_all();
    }
}

/// Runs `work` from `first` until nothing is left; the workers with their results, or the first failure.
pub(crate) fn run<W: Work>(work: &W, first: Vec<W::Task>, ctl: &Ctl) -> Result<Vec<W::Worker>> {
    let shared = Shared {
        state: Mutex::new(State { tasks: first, busy: 0, failure: None }),
        changed: Condvar::new(),
    };
    let mut workers: Vec<W::Worker> = (0..ctl.jobs()).map(|_| work.worker()).collect();
    std::thread::scope(|scope| {
        let mut rest = workers.iter_mut();
        let own = rest.next();
        for worker in rest {
            scope.spawn(|| serve(work, worker, &shared, ctl));
        }
        if let Some(worker) = own {
            serve(work, worker, &shared, ctl);
        }
    });
    match shared.lock().failure.take() {
        Some(error) => Err(error),
        None => Ok(workers),
    }
}

fn serve<W: Work>(work: &W, worker: &mut W::Worker, shared: &Shared<W::Task>, ctl: &Ctl) {
    let _guard = FailOnPanic::new(|error| shared.fail(error));
    let mut tasks = Tasks { own: Vec::new(), shared, ctl };
    let outcome = (|| {
        while let Some(mut task) = take(work, worker, shared, ctl)? {
            loop {
                ctl.check()?;
                work.run(worker, task, &mut tasks)?;
                if ctl.idle() > 0 && tasks.own.len() > 1 {
                    tasks.share();
                }
                match tasks.own.pop() {
                    Some(next) => task = next,
                    None => break,
                }
            }
            shared.lock().busy -= 1;
        }
        Ok(())
    })();
    if let Err(error) = outcome {
        shared.fail(error);
    }
}

/// Waits for a task; None when there will be none. The calling worker counts as busy afterwards.
fn take<W: Work>(
    work: &W,
    worker: &mut W::Worker,
    shared: &Shared<W::Task>,
    ctl: &Ctl,
) -> Result<Option<W::Task>> {
    let mut state = shared.lock();
    let mut settled = false;
    loop {
        if state.failure.is_some() {
            return Ok(None);
        }
        if let Some(task) = state.tasks.pop() {
            state.busy += 1;
            return Ok(Some(task));
        }
        if !settled {
            // Put-off work is done while others may still find new tasks.
            drop(state);
            work.settle(worker)?;
            settled = true;
            state = shared.lock();
            continue;
        }
        if state.busy == 0 {
            shared.changed.notify_all();
            return Ok(None);
        }
        ctl.now_idle(true);
        state = wait(&shared.changed, state);
        ctl.now_idle(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    /// Counts the leaves of a binary tree of the given depth.
    struct Count {
        fail_at: Option<u32>,
    }

    impl Work for Count {
        type Task = u32;
        type Worker = (u64, bool);

        fn worker(&self) -> Self::Worker {
            (0, false)
        }

        fn run(
            &self,
            worker: &mut Self::Worker,
            depth: u32,
            tasks: &mut Tasks<'_, u32>,
        ) -> Result<()> {
            if self.fail_at == Some(depth) {
                return Err(Error::Internal { message: "wanted".into() });
            }
            if depth == 0 {
                *worker = (worker.0 + 1, false);
            } else {
                tasks.push(depth - 1);
                tasks.push(depth - 1);
            }
            Ok(())
        }

        fn settle(&self, worker: &mut Self::Worker) -> Result<()> {
            worker.1 = true;
            Ok(())
        }
    }

    #[test]
    fn every_task_runs_once_and_every_worker_settles() {
        for jobs in [1, 2, 7] {
            let workers = run(&Count { fail_at: None }, vec![12], &Ctl::new(jobs)).unwrap();
            assert_eq!(workers.iter().map(|(leaves, _)| leaves).sum::<u64>(), 1 << 12);
            assert!(workers.iter().all(|(_, settled)| *settled), "{jobs}");
        }
    }

    #[test]
    fn the_first_failure_stops_all() {
        let result = run(&Count { fail_at: Some(3) }, vec![30], &Ctl::new(4));
        assert!(matches!(result, Err(Error::Internal { .. })));
    }

    #[test]
    fn cancellation_stops_all() {
        let ctl = Ctl::new(2);
        ctl.cancel();
        assert!(matches!(run(&Count { fail_at: None }, vec![40], &ctl), Err(Error::Cancelled)));
    }
}
