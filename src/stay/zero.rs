//! Hour zero of a record with dates: what the caller says, else the start of the stay where the record gives one, else
//! the first observation. Where that would leave most of the record outside the model's hours although another start
//! would not, nothing is guessed: the record is refused with the choices.

use super::clock;
use super::dates::DateRule;
use super::options::TimeZero;
use super::shown;
use crate::error::{Choice, Question, span};
use crate::{Error, Kind, Place, Result};

/// The start of a stay as a record gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Start {
    /// Of what, for people, for example `Encounter/17`.
    pub(super) of: String,
    /// The time as the record writes it.
    pub(super) text: String,
    /// Seconds since 1970.
    pub(super) seconds: f64,
}

/// Hour zero in seconds since 1970, and how to say it.
///
/// `rule`: how a time that names no zone becomes seconds. `starts`: of the stays to which the observations belong. `times`: of the observations, in seconds and in their order.
/// `hours`: how many the model sees.
///
/// # Errors
/// [`Kind::Argument`] where what the caller asks for is not in the record; [`Kind::Record`] with a question where it is
/// open.
pub(super) fn hour_zero(
    asked: &TimeZero,
    rule: DateRule,
    starts: &[Start],
    times: &[f64],
    hours: f64,
) -> Result<(f64, String)> {
    let window = Window { times, seconds: 3600.0 * hours };
    // Without any measurement, reading says why; until then any zero will do.
    let first = times.first().copied().unwrap_or(0.0);
    match asked {
        TimeZero::At(text) => match clock::parse(text) {
            Some(moment) => Ok((rule.start(moment), text.clone())),
            None => Err(wrong(format!("\"{}\" is no date and time", shown(text)))),
        },
        TimeZero::FirstObservation => Ok((first, "the first observation".to_owned())),
        TimeZero::EncounterStart => match starts {
            [start] => Ok((start.seconds, start.said())),
            [] => Err(wrong(
                "the record says of no stay when it began (no Encounter with a start to which the observations belong, no \
                 column); give a date and time, or \"first-observation\"",
            )),
            several => Err(window.ask(several, None, "the record gives several starts of the stay")),
        },
        TimeZero::Auto => match starts {
            [start] => window.check(starts, start.seconds, start.said()),
            [] => window.check(&[], first, "the first observation".to_owned()),
            several => Err(window.ask(several, Some(first), "the record gives several starts of the stay")),
        },
    }
}

/// The times of a record's observations, and the span that the model sees.
struct Window<'t> {
    times: &'t [f64],
    seconds: f64,
}

impl Window<'_> {
    /// Takes a time as hour zero, unless most of the record would fall outside and another start would hold twice as much.
    fn check(&self, starts: &[Start], zero: f64, said: String) -> Result<(f64, String)> {
        let inside = self.inside(zero).len();
        let is_most_outside = 2 * inside < self.times.len();
        let clusters = if is_most_outside { self.clusters() } else { Vec::new() };
        let is_better = |start: &f64| self.inside(*start).len() >= 2 * inside.max(1);
        if !clusters.iter().any(is_better) {
            return Ok((zero, said));
        }
        let (n, all) = (self.times.len() - inside, self.times.len());
        let reason = format!("{n} of {all} values lie outside the {} hours from {said}", self.seconds / 3600.0);
        Err(self.ask(starts, None, &format!("{reason}; which is hour zero")))
    }

    /// The question which of the starts, of `first`, and of the clusters' first times is hour zero.
    fn ask(&self, starts: &[Start], first: Option<f64>, reason: &str) -> Error {
        let of_start = |start: &Start| self.choice(start.seconds, &start.said());
        let clusters = if first.is_none() { self.clusters() } else { Vec::new() };
        let of_time = |time: &f64| self.choice(*time, "the first observation");
        let mut choices: Vec<Choice> = starts.iter().map(of_start).chain(first.iter().map(of_time)).collect();
        for (index, time) in clusters.iter().enumerate() {
            let said = if index == 0 { "the first observation" } else { "the first observation after a gap" };
            choices.push(self.choice(*time, said));
        }
        Question { option: "timeZero".to_owned(), choices }.refuse(reason)
    }

    fn choice(&self, zero: f64, name: &str) -> Choice {
        let inside = self.inside(zero);
        let written = |time: Option<&f64>| time.map_or_else(String::new, |time| clock::instant(*time));
        let span = span(&written(inside.first()), &written(inside.last()));
        Choice { value: clock::instant(zero), name: name.to_owned(), rows: inside.len(), span }
    }

    /// The times that fall into the model's hours from a start on; the hour before it counts into the first step.
    fn inside(&self, zero: f64) -> &[f64] {
        let from = self.times.partition_point(|time| *time < zero - 3600.0);
        let to = self.times.partition_point(|time| *time <= zero + self.seconds);
        self.times.get(from..to.max(from)).unwrap_or_default()
    }

    /// The first times of what lies close together: after them at most a quarter of the model's hours is without any.
    fn clusters(&self) -> Vec<f64> {
        let gap = self.seconds / 4.0;
        let after_gap = self.times.windows(2).filter(|pair| pair[1] - pair[0] > gap).map(|pair| pair[1]);
        self.times.first().copied().into_iter().chain(after_gap).collect()
    }
}

impl Start {
    fn said(&self) -> String {
        format!("the start of {}, {}", shown(&self.of), shown(&self.text))
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Argument, message).at(Place::Field("timeZero".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::number::real;

    const HOUR: f64 = 3600.0;

    /// Times in hours, as a record of 48 hours has them.
    fn zero(hours: &[f64], starts: &[f64]) -> Result<f64> {
        let times: Vec<f64> = hours.iter().map(|hour| hour * HOUR).collect();
        let start = |hour: &f64| Start { of: "E".into(), text: hour.to_string(), seconds: hour * HOUR };
        let starts: Vec<Start> = starts.iter().map(start).collect();
        hour_zero(&TimeZero::Auto, DateRule::default(), &starts, &times, 48.0).map(|(seconds, _)| seconds / HOUR)
    }

    /// `n` hours in a row.
    fn row(from: f64, n: usize) -> Vec<f64> {
        (0..n).map(|k| from + real(k)).collect()
    }

    #[test]
    fn the_first_observation_counts_where_the_record_is_one_stretch() {
        assert_eq!(zero(&row(7.0, 40), &[]), Ok(7.0));
        assert_eq!(zero(&row(7.0, 400), &[]), Ok(7.0), "a long stay");
        let daily: Vec<f64> = (0..20).map(|k| 24.0 * f64::from(k)).collect();
        assert_eq!(zero(&daily, &[]), Ok(0.0), "no start is better than the first");
        assert_eq!(zero(&[], &[]), Ok(0.0));
    }

    #[test]
    fn a_few_early_ones_are_asked_about() {
        for early in [vec![-8760.0], vec![-60.0, -59.0], vec![-45.0]] {
            let times = [early.clone(), row(0.0, 36)].concat();
            let error = zero(&times, &[]).unwrap_err();
            let question = error.question.unwrap();
            assert_eq!(question.option, "timeZero");
            let values: Vec<f64> =
                question.choices.iter().map(|c| clock::parse(&c.value).unwrap().seconds / HOUR).collect();
            assert_eq!(values, [early[0], 0.0]);
            assert_eq!(question.choices[1].rows, 36);
            assert!(
                error.message.contains("values lie outside the 48 hours from the first observation"),
                "{}",
                error.message
            );
        }
    }

    #[test]
    fn the_start_of_the_stay_counts_where_it_holds_the_record() {
        assert_eq!(zero(&row(7.0, 40), &[5.5]), Ok(5.5));
        assert_eq!(zero(&[vec![-9000.0], row(0.0, 36)].concat(), &[-1.0]), Ok(-1.0), "the early one is before it");
        assert!(zero(&row(0.0, 36), &[8000.0]).unwrap_err().question.is_some(), "a start of another stay");
        assert!(zero(&row(0.0, 36), &[0.0, 4.0]).unwrap_err().question.is_some(), "two starts");
    }
}
