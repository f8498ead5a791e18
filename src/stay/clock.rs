//! Dates and times of records -> seconds. Written here because a date library costs more bytes than this file, and
//! none reads FHIR's partial dates.

use crate::engine::number::{integer, signed_real, whole};

/// A date, or a date with a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moment {
    /// Since 1970-01-01T00:00:00Z.
    pub(crate) seconds: f64,
    /// A date alone: its midnight stands for it.
    pub(crate) is_day: bool,
    /// Seconds by which its clock is ahead of UTC, where the text says it; else it is read as UTC.
    pub(crate) offset: Option<f64>,
}

const DAY: f64 = 86_400.0;

/// Reads `YYYY-MM-DD`, alone or followed by `T` or blanks, `hh:mm`, optional `:ss` with an optional fraction, and an
/// optional offset, with or without blanks before it: `Z`, `UTC`, `GMT`, `+hh:mm`, `+hhmm` or `+hh`. A year or a month alone is too coarse to place anything in an hour: `None`.
pub(crate) fn parse(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (text, None),
    };
    let midnight = DAY * signed_real(days(date)?);
    let Some(time) = time else { return Some(Moment { seconds: midnight, is_day: true, offset: None }) };
    let (clock, offset) = split_offset(time)?;
    let seconds = midnight + seconds_of_day(clock)? - offset.unwrap_or(0.0);
    Some(Moment { seconds, is_day: false, offset })
}

/// Reads `YYYYMMDD` of the years 1900 to 2199, alone or followed by `hhmm` or `hhmmss`, with or without `T` before it, and an
/// optional fraction and offset: dates as HL7 version 2 and the basic form of ISO 8601 have them.
pub(crate) fn compact(text: &str) -> Option<Moment> {
    let (date, time) = text.trim().split_at_checked(8)?;
    let date = [date.get(..4)?, date.get(4..6)?, date.get(6..)?].join("-");
    if !["19", "20", "21"].iter().any(|century| date.starts_with(century)) {
        return None;
    }
    let time = time.strip_prefix(['T', 't']).unwrap_or(time);
    let n_digits = time.bytes().take_while(u8::is_ascii_digit).count();
    let (clock, rest) = time.split_at(n_digits);
    match n_digits {
        0 if rest.is_empty() => parse(&date),
        4 | 6 => {
            let parts: Vec<&str> = [0..2, 2..4, 4..6].into_iter().filter_map(|part| clock.get(part)).collect();
            parse(&format!("{date}T{}{rest}", parts.join(":")))
        }
        _ => None,
    }
}

/// Seconds by which a zone is ahead of UTC, where a text is one: `Z`, `+01:00`, `+0100` or `+01`. Names of zones are none.
pub(crate) fn zone(text: &str) -> Option<f64> {
    parse(&format!("1970-01-01T00:00:00{}", text.trim()))?.offset
}

/// Whether a text begins as dates of other orders do: `04/05/2031`, `4.5.2031`, `04-MAY-2031`. Which part is the day may not
/// be known.
pub(crate) fn looks_like_a_date(text: &str) -> bool {
    let date = text.trim().split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
    let is_number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = |part: &str| part.len() >= 3 && part.chars().all(char::is_alphabetic);
    parse(date).is_none()
        && matches!(parts.as_slice(), [day, month, year] if is_number(day) && is_number(year) && (is_number(month) || is_month(month)))
}

/// Days since 1970-01-01 in the Gregorian calendar. March is taken as the year's first month, so that the leap day is
/// its last: `days = 365 y + y/4 - y/100 + y/400 + (153 m + 2)/5 + d`, and a constant.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return None;
    }
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 719_469)
}

/// Seconds since 1970-01-01T00:00:00Z as a FHIR instant in UTC, to the second; empty beyond the years 1 to 9999.
pub(crate) fn instant(seconds: f64) -> String {
    let second = seconds.round();
    let day = second.div_euclid(DAY);
    let of_day = whole(second.rem_euclid(DAY));
    let Some((year, month, day)) =
        (day.abs() < 4e6).then(|| date(integer(day))).filter(|(y, ..)| (1..=9999).contains(y))
    else {
        return String::new();
    };
    let (hours, minutes) = (of_day / 3600, of_day / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{:02}Z", of_day % 60)
}

/// Year, month and day of a number of days since 1970-01-01: what [`days`] undoes. An era is 400 years of 146,097 days.
const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + 400 * era + if month <= 2 { 1 } else { 0 };
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

const fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `hh:mm[:ss[.fff]]`, the fraction behind a point or, as ISO 8601 has it, a comma; a second of 60 is a leap second.
fn seconds_of_day(clock: &str) -> Option<f64> {
    let mut parts = clock.split(':');
    let (hours, minutes) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let seconds = parts.next().map_or(Some(0.0), seconds)?;
    let is_clock = hours < 24 && minutes < 60 && seconds < 61.0 && parts.next().is_none();
    is_clock.then_some(signed_real(3600 * hours + 60 * minutes) + seconds)
}

/// `HH:MM` in hours, of any number of hours.
pub(super) fn hours_and_minutes(text: &str) -> Option<f64> {
    let is_number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = text.split_once(':').filter(|(hours, minutes)| is_number(hours) && is_number(minutes))?;
    let (hours, minutes): (f64, f64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60.0).then_some(hours + minutes / 60.0)
}

/// A length of time in hours, to the digits that seconds need: `30:15` and `30:15:00`, `2 days 06:15:00` and
/// `1 day, 6:15:00` as data frames write it, `P1DT6H15M` as ISO 8601 does.
pub(super) fn length(text: &str) -> Option<f64> {
    let days = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<f64>().ok()).flatten();
    let marks = [" days, ", " day, ", " days ", " day "];
    let hours = match (text.strip_prefix('P'), marks.iter().find_map(|mark| text.split_once(mark))) {
        (Some(parts), _) => of_letters(parts)?,
        (None, Some((before, clock))) => days(before)? * 24.0 + of_clock(clock)?,
        (None, None) => of_clock(text)?,
    };
    Some((hours * 10_000.0).round() / 10_000.0)
}

/// `HH:MM`, perhaps with seconds.
fn of_clock(text: &str) -> Option<f64> {
    let Some((at, _)) = text.match_indices(':').nth(1) else { return hours_and_minutes(text) };
    let seconds = seconds(&text[at + 1..]).filter(|seconds| *seconds < 60.0)?;
    Some(hours_and_minutes(&text[..at])? + seconds / 3600.0)
}

/// `1DT6H15M`: the parts of ISO 8601's durations up to days, each at most once and in their order.
fn of_letters(text: &str) -> Option<f64> {
    let (days, clock) = text.split_once('T').unwrap_or((text, ""));
    let of = |mut text: &str, units: &[(char, f64)]| {
        let mut hours = 0.0;
        for (letter, length) in units {
            if let Some((number, rest)) = text.split_once(*letter) {
                number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then_some(())?;
                hours += number.parse::<f64>().ok()? * length;
                text = rest;
            }
        }
        text.is_empty().then_some(hours)
    };
    let hours = of(days, &[('D', 24.0)])? + of(clock, &[('H', 1.0), ('M', 1.0 / 60.0), ('S', 1.0 / 3600.0)])?;
    (!days.is_empty() || !clock.is_empty()).then_some(hours)
}

fn seconds(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once(['.', ',']).map_or((text, "0"), |parts| parts);
    digits(whole, 2)?;
    let is_number = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.replace(',', ".").parse().ok() } else { None }
}

/// A time of day, and the seconds by which its clock is ahead of UTC.
fn split_offset(time: &str) -> Option<(&str, Option<f64>)> {
    for utc in ["Z", "z", "UTC", "GMT"] {
        if let Some(clock) = time.strip_suffix(utc) {
            return Some((clock.trim_end(), Some(0.0)));
        }
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, None)) };
    let (clock, offset) = time.split_at(at);
    let (hours, minutes) = match offset[1..].split_once(':') {
        Some(parts) => parts,
        None => offset[1..].split_at_checked(2)?,
    };
    let minutes = if minutes.is_empty() && !offset.contains(':') { 0 } else { digits(minutes, 2)? };
    let hours = digits(hours, 2)?;
    let ahead = signed_real(3600 * hours + 60 * minutes);
    let offset = if offset.starts_with('-') { -ahead } else { ahead };
    (hours <= 14 && minutes < 60).then_some((clock.trim_end(), Some(offset)))
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counted by hand, day by day, from 1970 on and back.
    #[test]
    fn days_are_those_of_counting() {
        let mut count = days("1850-01-01").unwrap();
        assert_eq!(days("1970-01-01"), Some(0));
        for year in 1850..2250 {
            for month in 1..=12 {
                for day in 1..=days_of(year, month) {
                    assert_eq!(days(&format!("{year:04}-{month:02}-{day:02}")), Some(count), "{year}-{month}-{day}");
                    assert_eq!(date(count), (year, month, day));
                    count += 1;
                }
            }
        }
    }

    #[test]
    fn an_instant_is_read_again() {
        for text in ["2030-01-02T23:59:59Z", "1969-12-31T00:00:01Z", "2000-02-29T12:30:00Z"] {
            assert_eq!(instant(parse(text).unwrap().seconds), text);
        }
        assert_eq!([instant(f64::NAN), instant(1e15)], [String::new(), String::new()]);
        for day in (-40_000..120_000).step_by(7) {
            let seconds = f64::from(day) * DAY + 45_296.0;
            assert_eq!(parse(&instant(seconds)).unwrap().seconds, seconds, "{day}");
        }
    }

    fn check(text: &str, seconds: f64) {
        assert_eq!(parse(text).map(|moment| moment.seconds), Some(seconds), "{text}");
    }

    /// Seconds as `date -d TEXT +%s` gives them.
    #[test]
    fn moments() {
        check("1970-01-01T00:00:00Z", 0.0);
        check("2014-12-05T09:30:10+01:00", 1_417_768_210.0);
        check("2014-12-05T08:30:10.250Z", 1_417_768_210.25);
        check("2101-10-20 19:08:00", 4_159_278_480.0);
        check("1999-07-02", 930_873_600.0);
        check("2000-02-29T23:59-05:00", 951_886_740.0);
        for zone in ["+01:00", "+0100", "+01", " +01:00", " +01"] {
            check(&format!("2014-12-05 09:30:10{zone}"), 1_417_768_210.0);
            check(&format!("2014-12-05T09:30:10.000{zone}"), 1_417_768_210.0);
        }
        for zone in ["Z", "z", "+00", "-00", "+0000", "-00:00", " UTC", "GMT"] {
            check(&format!("2014-12-05 08:30:10{zone}"), 1_417_768_210.0);
            assert!(parse(&format!("2014-12-05 08:30{zone}")).unwrap().offset.is_some(), "{zone}");
        }
        check("2014-12-05T04:00:10-0430", 1_417_768_210.0);
        check(" 2014-12-05  08:30:10.123456Z ", 1_417_768_210.123_456);
        assert!(parse("1999-07-02").unwrap().is_day);
        assert_eq!(parse("2101-10-20 19:08:00").unwrap().offset, None);
        assert_eq!(parse("2101-10-20T19:08:00-05:00").unwrap().offset, Some(-18_000.0));
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2014",
            "2014-12",
            "2014-13-01",
            "2014-02-29",
            "2014-1-5",
            "14-12-05",
            "2014-12-05T",
            "2014-12-05T9:30",
            "2014-12-05T24:00",
            "2014-12-05T10:60",
            "2014-12-05T10:00:61.5",
            "2014-12-05T10:00:1",
            "2014-12-05T10:00:10.",
            "2014-12-05T10:00+1",
            "2014-12-05T10:00+",
            "2014-12-05T10:00+01:",
            "2014-12-05T10:00+01:0",
            "2014-12-05T10:00+010",
            "2014-12-05T10:00+01000",
            "2014-12-05T10:00+0160",
            "2014-12-05T10:00+é",
            "2014-12-05T10:00 CET",
            "2014-12-05T10:00+15:00",
            "2014-12-05T10:00:00.1e3",
            "05.12.2014",
            "2014-12-05-01",
            "0x14-12-05",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
