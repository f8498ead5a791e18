//! Long work in small units, so that whoever runs it can say how far it is, and can stop.

use crate::error::Result;

/// Work that is done unit by unit. Dropping it cancels it.
pub trait Job {
    /// What there is at the end.
    type Output;

    /// Does the next unit, which takes some milliseconds at most, and returns whether the job is done. Once it is,
    /// further calls do nothing.
    ///
    /// # Errors
    /// Those of the work itself. A job that has failed is of no further use.
    fn advance(&mut self) -> Result<bool>;

    /// How far the job is.
    fn progress(&self) -> Progress;

    /// The result of a job that is done.
    ///
    /// # Errors
    /// Those of putting the result together.
    fn finish(self) -> Result<Self::Output>;
}

/// How much of a job is done, in units that mean something to people: stays, runs, measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Units done.
    pub done: usize,
    /// Units in all.
    pub total: usize,
}

impl Progress {
    /// In 0..=1; an empty job is done.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no job has 2^53 parts")]
    pub fn fraction(self) -> f64 {
        if self.total == 0 { 1.0 } else { self.done.min(self.total) as f64 / self.total as f64 }
    }
}

/// Several jobs of one kind, one after the other.
#[derive(Debug)]
pub struct InTurn<J> {
    jobs: Vec<J>,
    at: usize,
}

impl<J> InTurn<J> {
    /// Of at least one job.
    #[must_use]
    pub const fn new(jobs: Vec<J>) -> Self {
        Self { jobs, at: 0 }
    }
}

impl<J: Job> Job for InTurn<J> {
    type Output = Vec<J::Output>;

    fn advance(&mut self) -> Result<bool> {
        if let Some(job) = self.jobs.get_mut(self.at)
            && job.advance()?
        {
            self.at += 1;
        }
        Ok(self.at == self.jobs.len())
    }

    fn progress(&self) -> Progress {
        let of = |sum: Progress, job: &J| {
            let Progress { done, total } = job.progress();
            Progress { done: sum.done + done, total: sum.total + total }
        };
        self.jobs.iter().fold(Progress { done: 0, total: 0 }, of)
    }

    fn finish(self) -> Result<Vec<J::Output>> {
        self.jobs.into_iter().map(Job::finish).collect()
    }
}

/// Does all of a job at once.
///
/// # Errors
/// Those of the job.
pub fn run<J: Job>(mut job: J) -> Result<J::Output> {
    while !job.advance()? {}
    job.finish()
}

#[cfg(test)]
mod tests {
    use super::{Job, Progress, Result, run};

    struct Count {
        at: usize,
        to: usize,
    }

    impl Job for Count {
        type Output = usize;

        fn advance(&mut self) -> Result<bool> {
            self.at += usize::from(self.at < self.to);
            Ok(self.at == self.to)
        }

        fn progress(&self) -> Progress {
            Progress { done: self.at, total: self.to }
        }

        fn finish(self) -> Result<usize> {
            Ok(self.at)
        }
    }

    #[test]
    fn a_job_runs_to_its_end() {
        assert_eq!(run(Count { at: 0, to: 7 }), Ok(7));
        assert_eq!(run(Count { at: 0, to: 0 }), Ok(0));
    }

    #[test]
    fn progress_is_a_fraction() {
        let fraction = |done, total| Progress { done, total }.fraction();
        assert_eq!([fraction(0, 4), fraction(1, 4), fraction(4, 4), fraction(0, 0)], [0.0, 0.25, 1.0, 1.0]);
    }
}
