//! When the rows of a table were: hours, minutes or days by what the column says, or dates. What can be read in two ways
//! is asked about where it matters, and said where it does not.

use super::columns::Columns;
use super::wrong;
use crate::error::{Choice, Question, span};
use crate::stay::clock::{self, Moment};
use crate::stay::number::Marks;
use crate::stay::options::{DayRule, Mapping, TimeUnit};
use crate::stay::shown;
use crate::{Error, Kind, Place, Result};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3600.0;

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
    match (marks.number(text), clock::parse(text)) {
        (Ok(number), _) => Ok(Time::Number(number)),
        (_, Some(moment)) => Ok(Time::Date(moment)),
        (Err(reason), None) => Err(format!("time: {reason}; or a date and time such as 2014-12-05T09:30:00")),
    }
}

/// What the chosen rows' times are, before any is placed.
#[derive(Debug, Default)]
pub(super) struct ChosenTimes {
    numbers: Vec<f64>,
    /// Line, time in seconds, and zone as written, of dates with a time.
    zoned: BTreeMap<String, (u64, usize)>,
    n_local: usize,
    first_local: u64,
    /// Local times in the order of the file.
    local: Vec<(u64, f64)>,
    /// Midnights of dates without a time, with the line, and how many.
    days: Vec<f64>,
    first_day: u64,
    earliest: Option<f64>,
    /// Units that the rows say of their times.
    units: BTreeSet<String>,
    /// Starts of the stay, each with its line and as the table writes it.
    starts: Vec<(u64, Moment, String)>,
    /// Values by channel name and day: how many have no time of day, and how many have one.
    of_day: HashMap<(String, i64), (usize, usize)>,
}

impl ChosenTimes {
    /// Takes a time of a chosen row, with the name of the variable.
    pub(super) fn see(&mut self, line: u64, time: Time, text: &str, variable: &str) -> Result<()> {
        let is_other_kind = match time {
            Time::Number(_) => self.n_dates() > 0,
            Time::Date(_) => !self.numbers.is_empty(),
        };
        if is_other_kind {
            let message = "some times are hours and some are dates; write all in one way";
            return Err(wrong(message).at(Place::Line(line)));
        }
        match time {
            Time::Number(number) => self.numbers.push(number),
            Time::Date(moment) => self.see_date(line, moment, text, variable),
        }
        Ok(())
    }

    /// Takes what a row says of the unit of its time.
    pub(super) fn see_unit(&mut self, unit: &str) {
        if !super::is_missing(unit) && !self.units.contains(unit) {
            self.units.insert(unit.to_owned());
        }
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

    /// Takes the start of the stay, which is on the clock of the times.
    pub(super) fn see_start(&mut self, line: u64, moment: Moment, text: &str) {
        self.starts.push((line, moment, text.to_owned()));
    }

    fn n_dates(&self) -> usize {
        self.n_local + self.days.len() + self.zoned.values().map(|(_, count)| count).sum::<usize>()
    }

    fn see_date(&mut self, line: u64, moment: Moment, text: &str, variable: &str) {
        #[expect(clippy::cast_possible_truncation, reason = "days of four-digit years")]
        let day = (moment.seconds / DAY).floor() as i64;
        let of_day = self.of_day.entry((variable.to_owned(), day)).or_default();
        if moment.is_day {
            of_day.0 += 1;
            self.days.push(moment.seconds);
            self.first_day = if self.days.len() == 1 { line } else { self.first_day };
            return;
        }
        of_day.1 += 1;
        self.earliest = Some(self.earliest.map_or(moment.seconds, |earliest| earliest.min(moment.seconds)));
        if moment.is_zoned {
            self.zoned.entry(zone_of(text).to_owned()).or_insert((line, 0)).1 += 1;
        } else {
            self.n_local += 1;
            self.first_local = if self.n_local == 1 { line } else { self.first_local };
            self.local.push((line, moment.seconds));
        }
    }

    /// How times become hours or seconds, and what is to be said of that.
    pub(super) fn decide(&self, columns: &Columns, mapping: &Mapping) -> Result<(Clock, Vec<(u64, String)>)> {
        let mut notes = Vec::new();
        if self.n_dates() == 0 {
            self.check_alone(columns)?;
            let name = &columns.names[columns.time];
            let said = match columns.time_unit {
                Some(unit) => Some(unit),
                None => self.unit_of_rows(name)?,
            };
            if let Some((unit, seconds)) = epoch(&self.numbers, said) {
                let [first, last] = self.ends().map(|number| clock::instant(number * seconds));
                notes.push((0, format!("times read as {unit} since 1970: {}", span(&first, &last))));
                return Ok((Clock { is_dates: true, hours: seconds, ..Clock::default() }, notes));
            }
            let unit = match said {
                Some(unit) => unit,
                None => self.unit_unsaid(name)?,
            };
            if let Some(said) = self.said_numbers(unit, said.is_none()) {
                notes.push((0, said));
            }
            return Ok((Clock { hours: unit.hours(), ..Clock::default() }, notes));
        }
        if let Some((line, _, text)) = self.starts.iter().find(|(_, moment, _)| moment.is_day) {
            let text = shown(text);
            notes.push((*line, format!("the start of the stay, {text}, has no time of day, and is not hour zero")));
        }
        if !columns.beside_time.is_empty() {
            let others: Vec<String> = columns.beside_time.iter().map(|&field| shown(&columns.names[field])).collect();
            let (time, others) = (shown(&columns.names[columns.time]), others.join(", "));
            notes.push((0, format!("the times are those of the column {time}, and not of {others}")));
        }
        let zone = self.zone(mapping, &mut notes)?;
        let drops_days = self.days_rule(mapping, &mut notes)?;
        Ok((Clock { is_dates: true, hours: 1.0, zone, drops_days }, notes))
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
        let units = [TimeUnit::Minutes, TimeUnit::Hours, TimeUnit::Days];
        Question { option: "mapping.timeUnit".to_owned(), choices: units.map(choice).to_vec() }.refuse(reason)
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

    /// The zone of times that name none, in seconds ahead of UTC.
    fn zone(&self, mapping: &Mapping, notes: &mut Vec<(u64, String)>) -> Result<f64> {
        if let Some(zone) = &mapping.zone {
            let message = "is no zone; write it as +01:00, -0500 or Z";
            let offset = zone_seconds(zone);
            return offset
                .ok_or_else(|| Error::new(Kind::Argument, message).at(Place::Field("mapping.zone".to_owned())));
        }
        let is_timed = self.n_local > 0 || !self.zoned.is_empty();
        let starts = || self.starts.iter().filter(|(_, moment, _)| is_timed && !moment.is_day);
        let mut zoned: BTreeMap<&str, usize> =
            self.zoned.iter().map(|(zone, (_, rows))| (zone.as_str(), *rows)).collect();
        for (.., text) in starts().filter(|(_, moment, _)| moment.is_zoned) {
            zoned.entry(zone_of(text)).or_default();
        }
        let local_start = starts().find(|(_, moment, _)| !moment.is_zoned).map(|(line, ..)| (*line, 1));
        let local = if self.n_local > 0 { Some((self.first_local, self.n_local)) } else { local_start };
        if let Some((line, n)) = local.filter(|_| !zoned.is_empty()) {
            let mut choices: Vec<Choice> =
                zoned.iter().map(|(zone, rows)| in_zone((*zone).to_owned(), *rows)).collect();
            if !zoned.keys().any(|zone| zone_seconds(zone) == Some(0.0)) {
                choices.push(in_zone("Z".to_owned(), 0));
            }
            let question = Question { option: "mapping.zone".to_owned(), choices };
            let said = if n == 1 { "1 time names".to_owned() } else { format!("{n} times name") };
            return Err(
                question.refuse(&format!("{said} no zone, the first in line {line}, beside times that name one"))
            );
        }
        if self.n_local > 0 {
            self.check_change(notes)?;
        }
        Ok(0.0)
    }

    /// Local times over a night in which clocks change in Europe or North America.
    fn check_change(&self, notes: &mut Vec<(u64, String)>) -> Result<()> {
        let ends = |pick: fn(f64, f64) -> f64| self.local.iter().map(|(_, seconds)| *seconds).reduce(pick);
        let (Some(first), Some(last)) = (ends(f64::min), ends(f64::max)) else { return Ok(()) };
        let Some(night) = night_of_change(first, last) else { return Ok(()) };
        let date = clock::instant(night);
        let date = date.get(..10).unwrap_or_default();
        let is_back = |pair: &&[(u64, f64)]| {
            let [(_, before), (_, after)] = pair else { return false };
            let is_at_night = |seconds: f64| (0.0..3.0 * HOUR + 1.0).contains(&(seconds - night));
            after < before && before - after <= HOUR && is_at_night(*before) && is_at_night(*after)
        };
        if let Some([_, (line, _)]) = self.local.windows(2).find(is_back) {
            let choice =
                Choice { value: "Z".to_owned(), name: "as written, on one clock".to_owned(), ..Choice::default() };
            let question = Question { option: "mapping.zone".to_owned(), choices: vec![choice] };
            return Err(question.refuse(&format!(
                "in line {line} the times go back in the night of {date}, in which clocks are set back in many places; give \
                 times with their zone, or say that they are of one clock"
            )));
        }
        notes.push((0, format!("the times name no zone and lie on both sides of the night of {date}, in which clocks change in many places; read as of one clock")));
        Ok(())
    }

    /// Whether dates without a time are left out; else they are their midnight.
    fn days_rule(&self, mapping: &Mapping, notes: &mut Vec<(u64, String)>) -> Result<bool> {
        let Some(first) = self.days.iter().copied().min_by(f64::total_cmp) else { return Ok(false) };
        let n = self.days.len();
        let count =
            if n == 1 { "1 date without a time is".to_owned() } else { format!("{n} dates without a time are") };
        match mapping.dates {
            Some(DayRule::Midnight) => {}
            Some(DayRule::Skip) => return Ok(true),
            None => {
                let is_first = self.earliest.is_some_and(|earliest| first <= earliest);
                let is_twice = self.of_day.values().any(|(days, times)| *days > 0 && days + times > 1);
                if is_first || is_twice {
                    return Err(self.ask_days(n, is_first));
                }
            }
        }
        notes.push((self.first_day, format!("{count} taken as midnight")));
        Ok(false)
    }

    fn ask_days(&self, n: usize, is_first: bool) -> Error {
        let choice = |rule: DayRule, name: &str| Choice {
            value: rule.name().to_owned(),
            name: name.to_owned(),
            rows: self.days.len(),
            span: String::new(),
        };
        let choices =
            vec![choice(DayRule::Midnight, "they count as their midnight"), choice(DayRule::Skip, "they are not read")];
        let why = if is_first { "hour zero depends" } else { "which value of a day counts depends" };
        let (plural, line) = (if n == 1 { "" } else { "s" }, self.first_day);
        let reason = format!("{n} date{plural} without a time, the first in line {line}, and {why} on the time");
        Question { option: "mapping.dates".to_owned(), choices }.refuse(&reason)
    }
}

/// How the times of a table become hours, or seconds where they are dates.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Clock {
    pub(super) is_dates: bool,
    /// Hours in a unit of the numbers; seconds, where they count from 1970.
    hours: f64,
    /// Seconds by which times without a zone are ahead of UTC.
    zone: f64,
    drops_days: bool,
}

impl Clock {
    pub(super) fn at(&self, time: Time) -> Result<f64, String> {
        match time {
            Time::Number(number) => Ok(number * self.hours),
            Time::Date(moment) if moment.is_day && self.drops_days => {
                Err("a date without a time, left out by the mapping".to_owned())
            }
            Time::Date(moment) if moment.is_zoned => Ok(moment.seconds),
            Time::Date(moment) => Ok(moment.seconds - self.zone),
        }
    }
}

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

fn in_zone(zone: String, rows: usize) -> Choice {
    Choice { name: "the zone of the times that name none".to_owned(), value: zone, rows, span: String::new() }
}

/// What stands behind the clock of a date and time.
fn zone_of(text: &str) -> &str {
    let clock = text.trim().get(10..).unwrap_or("");
    clock.find(['+', '-', 'Z', 'z', 'U', 'G']).and_then(|at| clock.get(at..)).unwrap_or("Z")
}

/// Seconds by which a zone is ahead of UTC.
fn zone_seconds(zone: &str) -> Option<f64> {
    let there = clock::parse(&format!("2000-01-01T12:00:00{zone}")).filter(|moment| moment.is_zoned)?;
    Some(clock::parse("2000-01-01T12:00:00Z")?.seconds - there.seconds)
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

/// The midnight before clocks change between two local times: the last Sundays of March and October, the second of March and
/// the first of November. Later than 2100 dates are shifted ones.
fn night_of_change(first: f64, last: f64) -> Option<f64> {
    let mut day = (first / DAY).floor();
    while day * DAY + HOUR <= last {
        let written = clock::instant(day * DAY);
        let part = |range: std::ops::Range<usize>| written.get(range).and_then(|text| text.parse::<u32>().ok());
        let (year, month, date) = (part(0..4)?, part(5..7)?, part(8..10)?);
        // 1 January 1970 was a Thursday.
        let is_sunday = (day + 4.0).rem_euclid(7.0) == 0.0;
        if year > 2100 {
            return None;
        }
        let is_change = matches!((month, date), (3, 8..=14 | 25..=31) | (10, 25..=31) | (11, 1..=7));
        if is_sunday && is_change && first < day * DAY + 2.0 * HOUR {
            return Some(day * DAY);
        }
        day += 1.0;
    }
    None
}
