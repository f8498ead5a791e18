//! Rows that name nobody and whose times begin again: another stay may begin there.

use crate::Error;
use crate::error::{Choice, Question, span};
use crate::stay::shown;
use std::collections::HashMap;

/// The times of each variable, or of the rows of a wide table, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    of: HashMap<String, Runs>,
    n_rows: usize,
    ends: Option<[f64; 2]>,
}

/// Times as runs that go forward.
#[derive(Debug)]
struct Runs {
    n_runs: usize,
    /// How many times the last run has.
    length: usize,
    last: f64,
    /// The first and the second time of the first run.
    first: f64,
    second: f64,
    /// Where the second run begins.
    line: u64,
    /// Whether each run has several times, and each later one begins nearer to the first time than to the second.
    is_whole: bool,
}

impl Runs {
    const fn new(time: f64) -> Self {
        Self { n_runs: 1, length: 1, last: time, first: time, second: f64::INFINITY, line: 0, is_whole: true }
    }

    fn see(&mut self, line: u64, time: f64) {
        if time < self.last {
            self.is_whole &= self.length > 1 && time - self.first < (self.second - self.first) / 2.0;
            self.line = if self.n_runs == 1 { line } else { self.line };
            (self.n_runs, self.length) = (self.n_runs + 1, 1);
        } else if time > self.last {
            self.second = if self.n_runs == 1 && self.length == 1 { time } else { self.second };
            self.length += 1;
        }
        self.last = time;
    }

    const fn is_again(&self) -> bool {
        self.n_runs > 1 && self.is_whole && self.length > 1
    }
}

impl Restarts {
    /// Takes the time of a row that is a number, with the name of its variable.
    pub(super) fn see(&mut self, line: u64, time: f64, variable: &str) {
        self.n_rows += 1;
        self.ends = self.ends.map_or(Some([time; 2]), |[first, last]| Some([first.min(time), last.max(time)]));
        match self.of.get_mut(variable) {
            Some(runs) => runs.see(line, time),
            None => {
                self.of.insert(variable.to_owned(), Runs::new(time));
            }
        }
    }

    /// Asks whether the rows are of one stay, where the times of every variable that go back begin again as a whole.
    ///
    /// # Errors
    /// [`crate::Kind::Record`] with a question for the option `patient`.
    pub(super) fn check(&self) -> Result<(), Error> {
        let back = || self.of.iter().filter(|(_, runs)| runs.n_runs > 1);
        let first = back().min_by_key(|(_, runs)| runs.line).filter(|_| back().all(|(_, runs)| runs.is_again()));
        let Some((variable, Runs { line, .. })) = first else { return Ok(()) };
        let span = self.ends.map_or_else(String::new, |[first, last]| span(&first.to_string(), &last.to_string()));
        let name = "all rows, as of one stay".to_owned();
        let choice = Choice { value: String::new(), name, rows: self.n_rows, span };
        let of = if variable.is_empty() { String::new() } else { format!(" of \"{}\"", shown(variable)) };
        Err(Question { option: "patient".to_owned(), choices: vec![choice] }.refuse(&format!(
            "in line {line} the times{of} begin again, as where another stay begins, and no column says whose a row is; keep \
             one stay a file, or say that they are of one"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[(f64, &str)], is_asked: bool) {
        let mut restarts = Restarts::default();
        for (line, (time, variable)) in (2..).zip(rows) {
            restarts.see(line, *time, variable);
        }
        assert_eq!(restarts.check().is_err(), is_asked, "{rows:?}");
    }

    #[test]
    fn times_that_begin_again_are_asked_about() {
        check(&[(0.0, ""), (1.0, ""), (2.0, ""), (0.0, ""), (1.0, "")], true);
        check(&[(0.0, "HR"), (0.0, "SBP"), (1.0, "HR"), (0.4, "HR"), (2.0, "HR"), (0.0, "SBP")], true);
    }

    #[test]
    fn any_other_order_is_not() {
        check(&[(0.0, ""), (1.0, ""), (2.0, "")], false);
        check(&[(2.0, ""), (1.0, ""), (0.0, "")], false);
        check(&[(0.0, ""), (2.0, ""), (1.0, ""), (3.0, "")], false);
        // One variable behind the other, and a row that stands in the wrong place.
        check(&[(0.0, "HR"), (1.0, "HR"), (0.0, "SBP"), (1.0, "SBP")], false);
        check(&[(1.0, ""), (2.0, ""), (0.0, "")], false);
        // Many variables of one time.
        check(&[(0.0, ""), (0.0, ""), (1.0, ""), (1.0, "")], false);
    }
}
