//! Dates and times of a record before any is placed: zones that some name and some do not, clocks that change, days without a
//! time. What can be read in two ways is asked about where it matters, and said where it does not.

use super::clock::{self, Moment};
use super::options::{DayRule, Mapping, TimeZero};
use crate::error::{Choice, Question};
use crate::{Error, Kind, Place, Result};
use std::collections::{BTreeMap, HashMap};

const DAY: f64 = 86_400.0;
const HOUR: f64 = 3600.0;

/// The dates and times of the rows that are read.
#[derive(Debug, Default)]
pub(super) struct Dates {
    /// Zones that times name, and how many.
    zoned: BTreeMap<String, usize>,
    /// Times that name none, in the order of the record, each with its line.
    local: Vec<(u64, f64)>,
    /// Midnights of dates without a time.
    days: Vec<f64>,
    first_day: u64,
    earliest: Option<f64>,
    /// Starts of the stay, each with its line.
    starts: Vec<(u64, Moment)>,
    /// Values by variable and day: how many have no time of day, and how many have one.
    of_day: HashMap<(String, i64), (usize, usize)>,
    /// The last time of each variable that names no zone.
    last: HashMap<String, f64>,
    back: BackSteps,
}

/// Where times of one variable that name no zone go back.
#[derive(Debug, Default)]
struct BackSteps {
    /// The first line in which they go back from about twelve to about one o'clock of one day.
    at_noon: Option<u64>,
    is_any_other: bool,
}

/// How dates and times become seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct DateRule {
    /// Seconds by which times without a zone are ahead of UTC.
    zone: f64,
    drops_days: bool,
}

impl DateRule {
    /// What the caller says of dates; else times without a zone are in UTC, and days are their midnight.
    ///
    /// # Errors
    /// [`Kind::Argument`] where the zone is none.
    pub(super) fn of(mapping: &Mapping) -> Result<Self> {
        let drops_days = mapping.dates == Some(DayRule::Skip);
        let Some(zone) = &mapping.zone else { return Ok(Self { zone: 0.0, drops_days }) };
        let message = "is no zone; write it as +01:00, -0500 or Z";
        let wrong = || Error::new(Kind::Argument, message).at(Place::Field("mapping.zone".to_owned()));
        Ok(Self { zone: clock::zone(zone).ok_or_else(wrong)?, drops_days })
    }

    /// Seconds by which times without a zone are ahead of UTC.
    pub(super) const fn ahead(self) -> f64 {
        self.zone
    }

    /// What is done to a time that names no zone, for people.
    pub(super) fn said(self, moment: Moment) -> Option<String> {
        let is_open = moment.offset.is_none() && !moment.is_day;
        let zone = if self.zone == 0.0 { "UTC".to_owned() } else { zone_said(self.zone) };
        is_open.then(|| format!("a time without a time zone, taken as {zone}"))
    }

    /// The seconds since 1970 of a start, whose day is its midnight.
    pub(super) fn start(self, moment: Moment) -> f64 {
        moment.seconds - if moment.offset.is_none() { self.zone } else { 0.0 }
    }

    /// Seconds since 1970; else why the row is left out.
    pub(super) fn at(self, moment: Moment) -> Result<f64, String> {
        match moment.offset {
            None if moment.is_day && self.drops_days => {
                Err("a date without a time, left out by the mapping".to_owned())
            }
            _ => Ok(self.start(moment)),
        }
    }
}

impl Dates {
    pub(super) fn count(&self) -> usize {
        self.local.len() + self.days.len() + self.zoned.values().sum::<usize>()
    }

    /// Takes a time of a row that is read, with the name of its variable.
    pub(super) fn see(&mut self, line: u64, moment: Moment, variable: &str) {
        #[expect(clippy::cast_possible_truncation, reason = "days of four-digit years")]
        let day = (moment.seconds / DAY).floor() as i64;
        let of_day = self.of_day.entry((variable.to_owned(), day)).or_default();
        if moment.is_day {
            of_day.0 += 1;
            self.first_day = if self.days.is_empty() { line } else { self.first_day };
            return self.days.push(moment.seconds);
        }
        of_day.1 += 1;
        self.earliest = Some(self.earliest.map_or(moment.seconds, |earliest| earliest.min(moment.seconds)));
        match moment.offset {
            Some(offset) => *self.zoned.entry(zone_said(offset)).or_default() += 1,
            None => self.see_local(line, moment.seconds, variable),
        }
    }

    fn see_local(&mut self, line: u64, seconds: f64, variable: &str) {
        self.local.push((line, seconds));
        let Some(before) = self.last.insert(variable.to_owned(), seconds).filter(|before| seconds < *before) else {
            return;
        };
        let is_one_day = (before / DAY).floor() == (seconds / DAY).floor();
        if is_one_day && hour_of_day(before) >= 11.0 && hour_of_day(seconds) < 3.0 {
            self.back.at_noon = self.back.at_noon.or(Some(line));
        } else {
            self.back.is_any_other = true;
        }
    }

    /// Takes the start of the stay, which is on the clock of the times.
    pub(super) fn see_start(&mut self, line: u64, moment: Moment) {
        self.starts.push((line, moment));
    }

    /// Takes hour zero as the caller gives it, which is on that clock too where it names no zone.
    pub(super) fn see_zero(&mut self, asked: &TimeZero) {
        let TimeZero::At(text) = asked else { return };
        self.starts.extend(clock::parse(text).filter(|moment| moment.offset.is_none()).map(|moment| (0, moment)));
    }

    /// Asks what is open, and notes what is not: with lines.
    ///
    /// # Errors
    /// [`Kind::Record`] with a question for `mapping.zone` or `mapping.dates`.
    pub(super) fn check(&self, mapping: &Mapping, notes: &mut Vec<(u64, String)>) -> Result<()> {
        if mapping.zone.is_none() {
            self.check_zones()?;
            self.check_change(notes)?;
            self.check_noon()?;
        }
        self.check_days(mapping, notes)
    }

    /// Asks for the zone of a start that names none beside `n` times counted since 1970, which are of UTC, or of `n` times that
    /// are counted on a clock of no zone, as spreadsheets do, beside a start that names one.
    ///
    /// # Errors
    /// [`Kind::Record`] with a question for `mapping.zone`.
    pub(super) fn check_counted(&self, n: usize, is_local: bool, mapping: &Mapping) -> Result<()> {
        let mut counted = Self { starts: self.starts.clone(), ..Self::default() };
        if is_local {
            counted.local = vec![(1, 0.0); n];
        } else {
            counted.zoned.insert(zone_said(0.0), n);
        }
        if mapping.zone.is_none() { counted.check_zones() } else { Ok(()) }
    }

    /// Times that name no zone, beside times that name one.
    fn check_zones(&self) -> Result<()> {
        let is_timed = !(self.local.is_empty() && self.zoned.is_empty());
        let starts = || self.starts.iter().filter(|(_, moment)| is_timed && !moment.is_day);
        let mut zoned = self.zoned.clone();
        for offset in starts().filter_map(|(_, moment)| moment.offset) {
            zoned.entry(zone_said(offset)).or_default();
        }
        let local_start = starts().find(|(_, moment)| moment.offset.is_none()).map(|(line, _)| (*line, 1));
        let local = self.local.first().map(|(line, _)| (*line, self.local.len())).or(local_start);
        let Some((line, n)) = local.filter(|_| !zoned.is_empty()) else { return Ok(()) };
        zoned.entry(zone_said(0.0)).or_default();
        let choice = |(value, rows): (String, usize)| {
            let name = "the zone of the times that name none".to_owned();
            Choice { name, value, rows, span: String::new() }
        };
        let question = Question { option: "mapping.zone".to_owned(), choices: zoned.into_iter().map(choice).collect() };
        if line == 0 {
            return Err(question.refuse("timeZero names no zone, beside times that name one"));
        }
        let said = if n == 1 { "1 time names".to_owned() } else { format!("{n} times name") };
        Err(question.refuse(&format!("{said} no zone, the first in line {line}, beside times that name one")))
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
            return Err(ask_one_clock(&format!(
                "in line {line} the times go back in the night of {date}, in which clocks are set back in many places; give \
                 times with their zone"
            )));
        }
        notes.push((0, format!("the times name no zone and lie on both sides of the night of {date}, in which clocks change in many places; read as of one clock")));
        Ok(())
    }

    /// Times of a clock of twelve hours whose a.m. and p.m. were lost: none is of another hour than 1 to 12, and where they go
    /// back, it is at noon.
    fn check_noon(&self) -> Result<()> {
        let is_twelve = self.local.iter().all(|(_, seconds)| (1.0..13.0).contains(&hour_of_day(*seconds)));
        let Some(line) = self.back.at_noon.filter(|_| is_twelve && !self.back.is_any_other) else { return Ok(()) };
        Err(ask_one_clock(&format!(
            "in line {line} the times of a day go back, and none is later than 12, as where a.m. and p.m. were lost; give \
             times of 24 hours"
        )))
    }

    /// Dates without a time, where hour zero or the order of two values depends on it.
    fn check_days(&self, mapping: &Mapping, notes: &mut Vec<(u64, String)>) -> Result<()> {
        let Some(first) = self.days.iter().copied().min_by(f64::total_cmp) else { return Ok(()) };
        let n = self.days.len();
        if mapping.dates.is_none() {
            // A start with its time is hour zero, whatever the days are.
            let has_start = self.starts.iter().any(|(_, moment)| !moment.is_day);
            let is_first = !has_start && self.earliest.is_some_and(|earliest| first <= earliest);
            let is_twice = self.of_day.values().any(|(days, times)| *days > 0 && days + times > 1);
            if is_first || is_twice {
                return Err(self.ask_days(n, is_first));
            }
        }
        if mapping.dates != Some(DayRule::Skip) {
            let are = if n == 1 { "1 date without a time is" } else { &*format!("{n} dates without a time are") };
            notes.push((self.first_day, format!("{are} taken as midnight")));
        }
        Ok(())
    }

    fn ask_days(&self, n: usize, is_first: bool) -> Error {
        let choice = |rule: DayRule, name: &str| Choice {
            value: rule.name().to_owned(),
            name: name.to_owned(),
            rows: n,
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

fn hour_of_day(seconds: f64) -> f64 {
    seconds.rem_euclid(DAY) / HOUR
}

/// Asks whether all times are of one clock, as they are written.
fn ask_one_clock(reason: &str) -> Error {
    let choice = Choice { value: "Z".to_owned(), name: "as written, on one clock".to_owned(), ..Choice::default() };
    let question = Question { option: "mapping.zone".to_owned(), choices: vec![choice] };
    question.refuse(&format!("{reason}, or say that they are of one clock"))
}

/// A zone by the seconds by which it is ahead of UTC, as the mapping takes it.
fn zone_said(offset: f64) -> String {
    if offset == 0.0 {
        return "Z".to_owned();
    }
    let sign = if offset < 0.0 { '-' } else { '+' };
    let minutes = (offset.abs() / 60.0).round();
    format!("{sign}{:02}:{:02}", (minutes / 60.0).floor(), minutes % 60.0)
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
        if is_sunday && is_change && first < day * DAY + 3.0 * HOUR {
            return Some(day * DAY);
        }
        day += 1.0;
    }
    None
}
