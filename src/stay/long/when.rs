//! When the rows of a table were: hours, minutes or days by what the column says, or dates. What can be read in two ways
//! is asked about where it matters, and said where it does not.

use super::columns::Columns;
use super::wrong;
use crate::error::{Choice, Question, span};
use crate::stay::clock::{self, Moment};
use crate::stay::dates::{DateRule, Dates};
use crate::stay::number::Marks;
use crate::stay::options::{Mapping, TimeUnit};
use crate::stay::shown;
use crate::{Error, Place, Result};
use std::collections::BTreeSet;

/// A time of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Time {
    /// In the unit of the column.
    Number(f64),
    Date(Moment),
}

/// Reads a cell.
pub(super) fn read(text: &str, marks: Marks) -> Result<Time, String> {
    if super::is_missing(text) {
        return Err("it has no time".to_owned());
    }
    if let Some(moment) = clock::parse(text).or_else(|| clock::compact(text)) {
        return Ok(Time::Date(moment));
    }
    match marks.number(text) {
        Ok(number) => Ok(Time::Number(number)),
        Err(_) if clock::looks_like_a_date(text) => {
            let message = "is no date that can only be read in one way; write it as 2014-12-05T09:30:00";
            Err(format!("time: \"{}\" {message}", shown(text)))
        }
        Err(reason) => Err(format!("time: {reason}; or a date and time such as 2014-12-05T09:30:00")),
    }
}

/// What the chosen rows' times are, before any is placed.
#[derive(Debug, Default)]
pub(super) struct ChosenTimes {
    numbers: Vec<f64>,
    pub(super) dates: Dates,
    /// Units that the rows say of their times.
    units: BTreeSet<String>,
    /// Zones that the rows say of their times by a name, which gives no offset.
    zones: BTreeSet<String>,
    /// Starts of the stay without a time of day, each with its line and as the table writes it.
    start_days: Vec<(u64, String)>,
}

impl ChosenTimes {
    /// Takes a time of a chosen row, with the name of the variable.
    pub(super) fn see(&mut self, line: u64, time: Time, variable: &str) -> Result<()> {
        let is_other_kind = match time {
            Time::Number(_) => self.dates.count() > 0,
            Time::Date(_) => !self.numbers.is_empty(),
        };
        if is_other_kind {
            let message = "some times are hours and some are dates; write all in one way";
            return Err(wrong(message).at(Place::Line(line)));
        }
        match time {
            Time::Number(number) => self.numbers.push(number),
            Time::Date(moment) => self.dates.see(line, moment, variable),
        }
        Ok(())
    }

    /// Takes what a row says of the unit of its time.
    pub(super) fn see_unit(&mut self, unit: &str) {
        see_once(&mut self.units, unit);
    }

    /// Takes what a row says of the zone of its time.
    pub(super) fn see_zone(&mut self, zone: &str) {
        if clock::zone(zone).is_none() {
            see_once(&mut self.zones, zone);
        }
    }

    /// Takes the start of the stay, which is on the clock of the times.
    pub(super) fn see_start(&mut self, line: u64, moment: Moment, text: &str) {
        if moment.is_day {
            self.start_days.push((line, text.to_owned()));
        }
        self.dates.see_start(line, moment);
    }

    /// The unit that all rows say, where they say one; several, or one that is none, are a question.
    fn unit_of_rows(&self, name: &str) -> Result<Option<TimeUnit>> {
        let mut units = self.units.iter();
        let (Some(unit), other) = (units.next(), units.next()) else { return Ok(None) };
        let small = unit.to_lowercase();
        match TimeUnit::of_code(&small).or_else(|| TimeUnit::of_word(&small)).filter(|_| other.is_none()) {
            Some(unit) => Ok(Some(unit)),
            None => Err(self.ask_unit(&format!(
                "the rows say \"{}\" of the times of {}, and not all one unit",
                shown(unit),
                shown(name)
            ))),
        }
    }

    /// How times become hours or seconds, and what is to be said of that.
    pub(super) fn decide(&self, columns: &Columns, mapping: &Mapping) -> Result<(Clock, Vec<(u64, String)>)> {
        if self.dates.count() == 0 {
            self.decide_numbers(columns, mapping)
        } else {
            self.decide_dates(columns, mapping)
        }
    }

    fn decide_numbers(&self, columns: &Columns, mapping: &Mapping) -> Result<(Clock, Vec<(u64, String)>)> {
        self.check_alone(columns)?;
        let name = &columns.names[columns.time];
        let said = match columns.time_unit {
            Some(unit) => Some(unit),
            None => self.unit_of_rows(name)?,
        };
        let rule = DateRule::of(mapping)?;
        // What is counted since 1970 is of UTC; a spreadsheet's days are on the clock of the times that name no zone.
        let counted = |name: &str, seconds: f64, since: f64, is_local: bool| {
            self.dates.check_counted(self.numbers.len(), is_local, mapping)?;
            let since = since - if is_local { rule.ahead() } else { 0.0 };
            let [first, last] = self.ends().map(|number| clock::instant(number * seconds + since));
            let note = (0, format!("times read as {name}: {}", span(&first, &last)));
            Ok((Clock { is_dates: true, unit: seconds, since, dates: rule }, vec![note]))
        };
        if said == Some(TimeUnit::SpreadsheetDays) {
            return counted("days of a spreadsheet", DAY, SPREADSHEET_ZERO, true);
        }
        if let Some((unit, seconds)) = epoch(&self.numbers, said) {
            return counted(&format!("{unit} since 1970"), seconds, 0.0, false);
        }
        let unit = match said {
            Some(unit) => unit,
            None => self.unit_unsaid(name)?,
        };
        let notes = self.said_numbers(unit, said.is_none()).map(|said| (0, said));
        Ok((Clock { unit: unit.hours(), ..Clock::default() }, notes.into_iter().collect()))
    }

    fn decide_dates(&self, columns: &Columns, mapping: &Mapping) -> Result<(Clock, Vec<(u64, String)>)> {
        let mut notes = Vec::new();
        if let Some((line, text)) = self.start_days.first() {
            let text = shown(text);
            notes.push((*line, format!("the start of the stay, {text}, has no time of day, and is not hour zero")));
        }
        if !columns.beside_time.is_empty() {
            let others: Vec<String> = columns.beside_time.iter().map(|&field| shown(&columns.names[field])).collect();
            let (time, others) = (shown(&columns.names[columns.time]), others.join(", "));
            notes.push((0, format!("the times are those of the column {time}, and not of {others}")));
        }
        notes.extend(self.zone_said()?.map(|said| (0, said)));
        self.dates.check(mapping, &mut notes)?;
        Ok((Clock { is_dates: true, dates: DateRule::of(mapping)?, ..Clock::default() }, notes))
    }

    /// What is to be said of a zone that the rows name: the times are on its clock. Of several the offsets are not known.
    fn zone_said(&self) -> Result<Option<String>> {
        let names: Vec<String> = self.zones.iter().take(6).map(|zone| shown(zone)).collect();
        match names.as_slice() {
            [] => Ok(None),
            [zone] => Ok(Some(format!("times that name no offset are on the clock of {zone}"))),
            several => Err(wrong(format!(
                "the rows name several zones of their times, whose offsets are not known here ({}); write the offset behind \
                 each time, as 2014-12-05T09:30:00+01:00",
                several.join(", ")
            ))),
        }
    }

    /// A number beside another column that may be the time, or the day of it, may be a part of the time only.
    fn check_alone(&self, columns: &Columns) -> Result<()> {
        if self.numbers.is_empty() || columns.beside_time.is_empty() {
            return Ok(());
        }
        let choice = |&field: &usize| {
            let name = &columns.names[field];
            let rows = self.numbers.len();
            Choice { name: format!("{} alone", shown(name)), value: name.clone(), rows, span: String::new() }
        };
        let choices = [columns.time].iter().chain(&columns.beside_time).map(choice).collect();
        let names: Vec<String> = columns.beside_time.iter().map(|&field| shown(&columns.names[field])).collect();
        let (time, others) = (shown(&columns.names[columns.time]), names.join(" and "));
        let reason = format!(
            "the time may be in the column {time} or in {others}, or in both together; where both are parts of it, put them \
             into one column"
        );
        Err(Question { option: "mapping.columns.time".to_owned(), choices }.refuse(&reason))
    }

    /// Where nothing says the unit: hours, unless the numbers look like minutes or days.
    fn unit_unsaid(&self, name: &str) -> Result<TimeUnit> {
        if !(looks_like_minutes(&self.numbers) || looks_like_days(&self.numbers)) {
            return Ok(TimeUnit::Hours);
        }
        Err(self.ask_unit(&format!("nothing says in which unit the times of the column {} are", shown(name))))
    }

    fn ask_unit(&self, reason: &str) -> Error {
        let choice = |unit: TimeUnit| Choice {
            value: unit.name().to_owned(),
            name: format!("a stay of {}", self.span_in(unit)),
            rows: self.numbers.len(),
            span: self.span_in(unit),
        };
        let small = [TimeUnit::Milliseconds, TimeUnit::Seconds].into_iter();
        // Numbers below an hour's are no stay in so small a unit.
        let small = small.filter(|unit| self.ends()[1] * unit.hours() >= 0.999);
        let units = small.chain([TimeUnit::Minutes, TimeUnit::Hours, TimeUnit::Days]);
        let mut choices: Vec<Choice> = units.map(choice).collect();
        // From 1954 to 2119.
        if self.numbers.iter().all(|number| (20_000.0..80_000.0).contains(number)) {
            let [first, last] = self.ends().map(|number| clock::instant(number * DAY + SPREADSHEET_ZERO));
            let span = span(&first, &last);
            let name = format!("days of a spreadsheet, {span}");
            choices.push(Choice {
                value: TimeUnit::SpreadsheetDays.name().to_owned(),
                name,
                span,
                rows: self.numbers.len(),
            });
        }
        Question { option: "mapping.timeUnit".to_owned(), choices }.refuse(reason)
    }

    fn span_in(&self, unit: TimeUnit) -> String {
        let [first, last] = self.ends();
        let hours = |number: f64| (number * unit.hours() * 100.0).round() / 100.0;
        span(&format!("hour {}", hours(first)), &format!("hour {}", hours(last)))
    }

    fn ends(&self) -> [f64; 2] {
        let least = self.numbers.iter().copied().min_by(f64::total_cmp);
        let most = self.numbers.iter().copied().max_by(f64::total_cmp);
        [least.unwrap_or(0.0), most.unwrap_or(0.0)]
    }

    fn said_numbers(&self, unit: TimeUnit, is_unsaid: bool) -> Option<String> {
        let taken = if is_unsaid { ", their unit not being said" } else { "" };
        let read = format!("times read as {}{taken}: {}", unit.name(), self.span_in(unit));
        (!self.numbers.is_empty()).then_some(read)
    }
}

/// Takes what a cell says, where it says something.
fn see_once(all: &mut BTreeSet<String>, cell: &str) {
    if !super::is_missing(cell) && !all.contains(cell) {
        all.insert(cell.to_owned());
    }
}

/// How the times of a table become hours, or seconds where they are dates.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Clock {
    pub(super) is_dates: bool,
    /// Hours in a unit of the numbers; seconds, where they count from a date.
    unit: f64,
    /// That date, in seconds since 1970.
    since: f64,
    pub(super) dates: DateRule,
}

impl Clock {
    pub(super) fn at(&self, time: Time) -> Result<f64, String> {
        match time {
            Time::Number(number) => Ok(number * self.unit + self.since),
            Time::Date(moment) => self.dates.at(moment),
        }
    }
}

const DAY: f64 = 86_400.0;

/// 30 December 1899, from which spreadsheets count days, in seconds since 1970.
const SPREADSHEET_ZERO: f64 = -25_569.0 * DAY;

/// Units of numbers that count from 1970 on, with their length in seconds.
const EPOCHS: [(&str, f64); 4] =
    [("seconds", 1.0), ("milliseconds", 1e-3), ("microseconds", 1e-6), ("nanoseconds", 1e-9)];

/// The unit of numbers that all lie from 1973 to 2286 where they count from 1970: from the start of a stay they would be
/// three years at the least. `said` is the unit that the column is known to be in.
fn epoch(numbers: &[f64], said: Option<TimeUnit>) -> Option<(&'static str, f64)> {
    let is_of = |unit: &str| said.is_none_or(|said| said.name() == unit);
    let fits = |seconds: f64| numbers.iter().all(|number| (1e8..1e10).contains(&(number * seconds)));
    EPOCHS.into_iter().find(|(unit, seconds)| !numbers.is_empty() && is_of(unit) && fits(*seconds))
}

/// Whole numbers, at least three, that all are multiples of five, as offsets in minutes are; or more than six weeks.
fn looks_like_minutes(numbers: &[f64]) -> bool {
    let mut distinct: Vec<f64> = numbers.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let is_of_five = distinct.len() >= 3 && distinct.iter().all(|number| number % 5.0 == 0.0);
    is_of_five || distinct.last().is_some_and(|last| *last > 1008.0)
}

/// Within a month, whole hours as parts of days: at least three that are no quarters.
fn looks_like_days(numbers: &[f64]) -> bool {
    let is_quarter = |number: f64| (number * 4.0).fract() == 0.0;
    let is_hour_of_day = |number: f64| (number * 24.0 - (number * 24.0).round()).abs() < 0.02;
    let n_odd = numbers.iter().filter(|number| !is_quarter(**number)).count();
    n_odd >= 3 && numbers.iter().all(|number| is_hour_of_day(*number) && *number < 31.0)
}
