//! Units as charts and devices write them -> UCUM, and how one unit becomes another.
//!
//! The grammar and the numbers are those of the Unified Code for Units of Measure 2.1, as far as clinical records use it:
//! terms with `.`, `/`, brackets, exponents, metric prefixes and annotations in braces. Spellings that are no UCUM are in
//! the table of codes.

use std::borrow::Cow;

/// Length, mass, time, temperature, amount of substance, and pH, which is a unit of its own kind.
type Dimensions = [i8; 6];

const LENGTH: Dimensions = [1, 0, 0, 0, 0, 0];
const MASS: Dimensions = [0, 1, 0, 0, 0, 0];
const TIME: Dimensions = [0, 0, 1, 0, 0, 0];
const TEMPERATURE: Dimensions = [0, 0, 0, 1, 0, 0];
const AMOUNT: Dimensions = [0, 0, 0, 0, 1, 0];
const PH: Dimensions = [0, 0, 0, 0, 0, 1];
const PRESSURE: Dimensions = [-1, 1, -2, 0, 0, 0];
const VOLUME: Dimensions = [3, 0, 0, 0, 0, 0];
const NUMBER: Dimensions = [0; 6];

/// `value in metres, grams, seconds, kelvins, moles = factor * value + offset`
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    factor: f64,
    offset: f64,
    dimensions: Dimensions,
}

/// Code, whether it takes prefixes, factor, offset, dimensions.
type Atom = (&'static str, bool, f64, f64, Dimensions);

const ATOMS: [Atom; 24] = [
    ("m[Hg]", true, 133_322_000.0, 0.0, PRESSURE),
    ("m[H2O]", true, 9_806_650.0, 0.0, PRESSURE),
    ("mol", true, 1.0, 0.0, AMOUNT),
    ("min", false, 60.0, 0.0, TIME),
    ("bar", true, 1e8, 0.0, PRESSURE),
    ("Cel", false, 1.0, 273.15, TEMPERATURE),
    ("[degF]", false, 5.0 / 9.0, 273.15 - 160.0 / 9.0, TEMPERATURE),
    ("[in_i]", false, 0.0254, 0.0, LENGTH),
    ("[ft_i]", false, 0.3048, 0.0, LENGTH),
    ("[lb_av]", false, 453.592_37, 0.0, MASS),
    ("[oz_av]", false, 28.349_523_125, 0.0, MASS),
    ("[stone_av]", false, 6_350.293_18, 0.0, MASS),
    ("[pH]", false, 1.0, 0.0, PH),
    ("Pa", true, 1000.0, 0.0, PRESSURE),
    ("Hz", true, 1.0, 0.0, [0, 0, -1, 0, 0, 0]),
    ("m", true, 1.0, 0.0, LENGTH),
    ("g", true, 1.0, 0.0, MASS),
    ("s", true, 1.0, 0.0, TIME),
    ("h", false, 3600.0, 0.0, TIME),
    ("d", false, 86_400.0, 0.0, TIME),
    ("K", true, 1.0, 0.0, TEMPERATURE),
    ("L", true, 0.001, 0.0, VOLUME),
    ("l", true, 0.001, 0.0, VOLUME),
    ("%", false, 0.01, 0.0, NUMBER),
];

/// Without mega: in charts `Mg/dL` is a milligram that was written carelessly.
const PREFIXES: [(&str, f64); 10] = [
    ("da", 10.0),
    ("k", 1e3),
    ("h", 1e2),
    ("d", 1e-1),
    ("c", 1e-2),
    ("m", 1e-3),
    ("u", 1e-6),
    ("\u{b5}", 1e-6),
    ("n", 1e-9),
    ("p", 1e-12),
];

impl Unit {
    /// Reads a UCUM code; `None` where it is none that records use.
    pub(super) fn parse(code: &str) -> Option<Self> {
        let mut rest = code;
        let unit = term(&mut rest, 0)?;
        (rest.is_empty() && !code.is_empty()).then_some(unit)
    }

    /// Factor and offset from this unit to another; `None` where they measure different things, or mere numbers.
    pub(super) fn to(self, other: Self) -> Option<(f64, f64)> {
        let is_same_kind = self.dimensions == other.dimensions && self.dimensions != NUMBER;
        is_same_kind.then_some((self.factor / other.factor, (self.offset - other.offset) / other.factor))
    }

    /// The unit to a whole power.
    fn power(self, exponent: i8) -> Option<Self> {
        let mut dimensions = self.dimensions;
        for dimension in &mut dimensions {
            *dimension = dimension.checked_mul(exponent)?;
        }
        let is_shifted = self.offset != 0.0 && exponent != 1;
        (!is_shifted).then_some(Self { factor: self.factor.powi(exponent.into()), offset: self.offset, dimensions })
    }

    fn times(self, other: Self) -> Option<Self> {
        let mut dimensions = self.dimensions;
        for (dimension, more) in dimensions.iter_mut().zip(other.dimensions) {
            *dimension = dimension.checked_add(more)?;
        }
        // A scale with a zero of its own stands alone.
        let is_shifted = self.offset != 0.0 || other.offset != 0.0;
        (!is_shifted).then_some(Self { factor: self.factor * other.factor, offset: 0.0, dimensions })
    }
}

/// Deepest brackets that are read.
const DEPTH_MAX: usize = 8;

/// `term = [/] component { (. | /) component }`
fn term(rest: &mut &str, depth: usize) -> Option<Unit> {
    let mut is_divided = take(rest, "/");
    let first = component(rest, depth)?;
    let mut unit = if is_divided { first.power(-1)? } else { first };
    loop {
        is_divided = rest.starts_with('/');
        if !is_divided && !rest.starts_with('.') {
            return Some(unit);
        }
        *rest = &rest[1..];
        let next = component(rest, depth)?;
        unit = unit.times(if is_divided { next.power(-1)? } else { next })?;
    }
}

/// `component = ( term ) | number | [prefix] atom [exponent] [annotation] | annotation`
fn component(rest: &mut &str, depth: usize) -> Option<Unit> {
    if take(rest, "(") {
        let inner = (depth < DEPTH_MAX).then(|| term(rest, depth + 1))??;
        return take(rest, ")").then_some(inner);
    }
    let number = |factor| Unit { factor, offset: 0.0, dimensions: NUMBER };
    if annotation(rest) {
        return Some(number(1.0));
    }
    let unit = if take(rest, "10*") || take(rest, "10^") {
        number(10.0).power(exponent(rest))?
    } else if let n_digits @ 1.. = rest.bytes().take_while(u8::is_ascii_digit).count() {
        let digits = rest.get(..n_digits)?.parse().ok()?;
        *rest = rest.get(n_digits..)?;
        number(digits)
    } else {
        let unit = simple(rest)?;
        unit.power(exponent(rest))?
    };
    annotation(rest);
    Some(unit)
}

/// An atom, or an atom that takes one with a prefix; the longest that fits.
fn simple(rest: &mut &str) -> Option<Unit> {
    let whole = ATOMS.iter().map(|atom| (atom.0.len(), 1.0, *atom)).filter(|(_, _, atom)| rest.starts_with(atom.0));
    let prefixed = PREFIXES.iter().flat_map(|(prefix, factor)| {
        let behind = rest.strip_prefix(prefix);
        let fits = move |atom: &&Atom| atom.1 && behind.is_some_and(|behind| behind.starts_with(atom.0));
        ATOMS.iter().filter(fits).map(move |atom| (prefix.len() + atom.0.len(), *factor, *atom))
    });
    let (length, prefix, (_, _, factor, offset, dimensions)) =
        whole.chain(prefixed).max_by_key(|(length, ..)| *length)?;
    *rest = rest.get(length..)?;
    Some(Unit { factor: prefix * factor, offset, dimensions })
}

/// A whole number behind an atom, 1 where there is none.
fn exponent(rest: &mut &str) -> i8 {
    let n_sign = usize::from(rest.starts_with(['+', '-']));
    let n_digits = rest.bytes().skip(n_sign).take_while(u8::is_ascii_digit).count();
    match rest.get(..n_sign + n_digits).and_then(|text| text.parse().ok()) {
        Some(exponent) if n_digits > 0 => {
            *rest = rest.get(n_sign + n_digits..).unwrap_or("");
            exponent
        }
        _ => 1,
    }
}

fn annotation(rest: &mut &str) -> bool {
    let end = rest.strip_prefix('{').and_then(|inner| inner.find('}'));
    match end {
        Some(end) => {
            *rest = rest.get(end + 2..).unwrap_or("");
            true
        }
        None => false,
    }
}

fn take(rest: &mut &str, start: &str) -> bool {
    match rest.strip_prefix(start) {
        Some(behind) => {
            *rest = behind;
            true
        }
        None => false,
    }
}

/// A code without its annotations, which change nothing; `{score}` alone stays.
pub(super) fn plain(code: &str) -> Cow<'_, str> {
    if !code.contains('{') || (code.starts_with('{') && code.find('}') == Some(code.len() - 1)) {
        return Cow::Borrowed(code);
    }
    let mut kept = String::new();
    let mut depth = 0_usize;
    for character in code.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(character),
            _ => {}
        }
    }
    Cow::Owned(kept)
}

/// A spelling without what people write in different ways: case, blanks, full stops, and the sign of a degree or what a
/// wrong encoding leaves of it.
pub(super) fn folded(spelling: &str) -> String {
    let kept =
        spelling.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '°' | 'º' | '?' | '\u{fffd}' | 'Â'));
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `value` of one unit is `expected` of another, to a part in 1e9.
    fn check(value: f64, from: &str, to: &str, expected: f64) {
        let (factor, offset) = Unit::parse(from).unwrap().to(Unit::parse(to).unwrap()).unwrap();
        let got = factor * value + offset;
        assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{value} {from} = {got} {to}");
    }

    /// By the definitions of the units: a foot has 12 inches, a stone 14 pounds, 0 degrees Celsius are 32 Fahrenheit.
    #[test]
    fn one_unit_becomes_another() {
        check(100.0, "Cel", "[degF]", 212.0);
        check(98.6, "[degF]", "Cel", 37.0);
        check(5.0, "[ft_i]", "[in_i]", 60.0);
        check(1.0, "[stone_av]", "[lb_av]", 14.0);
        check(1.0, "[lb_av]", "[oz_av]", 16.0);
        check(1.0, "g/L", "mg/dL", 100.0);
        check(5.5, "umol/mL", "mmol/L", 5.5);
        check(1.5, "/s", "/min", 90.0);
        check(1.5, "Hz", "{beats}/min", 90.0);
        check(133.322, "hPa", "mm[Hg]", 100.0);
        check(10.0, "cm[H2O]", "kPa", 0.980_665);
        check(1.0, "kg.m/s2/m2", "Pa", 1.0);
        check(3.0, "10*3.g", "kg", 3.0);
        check(2.0, "mg/(10.cm3)", "mg/dL", 20.0);
    }

    #[test]
    fn what_is_no_unit_or_another_kind() {
        for text in ["", "bpm", "mmHg", "KG", "m//s", "kg)", "(kg", "{", "Cel2", "Cel/min", "kmin", "/", "5 mg"] {
            assert_eq!(Unit::parse(text), None, "{text}");
        }
        let unit = |code| Unit::parse(code).unwrap();
        assert_eq!(unit("kg").to(unit("m")), None);
        assert_eq!(unit("mmol/L").to(unit("mg/dL")), None, "needs the molar mass");
        assert_eq!(unit("%").to(unit("1")), None, "numbers have to be named");
    }

    #[test]
    fn spellings_are_folded() {
        for text in ["Deg. C", "deg C", "DEGC", "°degC", "?deg c", "\u{fffd}DegC"] {
            assert_eq!(folded(text), "degc", "{text}");
        }
        assert_eq!(plain("{Beats}/min"), "/min");
        assert_eq!(plain("mm[Hg]{arterial}"), "mm[Hg]");
        assert_eq!(plain("{score}"), "{score}");
    }
}
