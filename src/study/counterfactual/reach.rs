//! How far a row's readings may go: limits of its values and of their change an hour, the precision with which it is
//! charted, and what is normal.

use crate::engine::number::real;
use crate::stay::manifest::{Encoding, Limits, Manifest};
use crate::stay::{Origin, Stay};

/// What a row may be changed to.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    limits: Limits,
    /// `[low, high]`, what the value is in the well.
    normal: [f64; 2],
    /// The values that are charted.
    grid: Grid,
    /// Whether the manifest gives no limits, so that they are those of the record.
    pub(super) is_of_record: bool,
}

/// The values that a row is charted in.
#[derive(Debug, Clone)]
enum Grid {
    /// Multiples of a precision.
    Every(f64),
    /// The ordinals of its categories.
    Points(Vec<f64>),
}

/// Less than this beyond a limit is rounding.
const ROUNDING: f64 = 1e-9;

/// Finest precision that is looked for in a record, in decimals.
const DECIMALS_MAX: i32 = 6;

impl Reach {
    pub(super) fn of(manifest: &Manifest, stay: &Stay, row: usize) -> Self {
        let channel = &manifest.channels[row];
        let readings = readings(manifest, stay, row);
        let is_plausible = |value: f64| channel.plausible.is_none_or(|[low, high]| (low..=high).contains(&value));
        let plausible: Vec<_> = readings.iter().copied().filter(|(_, value)| is_plausible(*value)).collect();
        let (grid, normal) = match &channel.encoding {
            Encoding::Continuous { normal, .. } => {
                (Grid::Every(manifest.precision(row).unwrap_or_else(|| precision(&plausible))), *normal)
            }
            Encoding::OneHot { ordinals, normal, categories } => {
                let at = categories.iter().position(|category| category == normal);
                (Grid::Points(ordinals.clone()), at.and_then(|at| channel.ordinal(at)).unwrap_or(f64::NAN))
            }
        };
        Self {
            limits: channel.limits.unwrap_or_else(|| limits_of(&plausible, manifest.step_hours)),
            normal: manifest.normal_range(row).unwrap_or([normal, normal]),
            grid,
            is_of_record: channel.limits.is_none(),
        }
    }

    /// Where a value that was measured as `from` may lie: within the limits, or not farther out than it was.
    pub(super) fn around(&self, from: f64) -> [f64; 2] {
        [self.limits.value[0].min(from), self.limits.value[1].max(from)]
    }

    /// What a row may change by in so many hours in which it changed by `change`: within the limits, or as it did.
    pub(super) fn change(&self, hours: f64, change: f64) -> [f64; 2] {
        [(self.limits.change[0] * hours).min(change), (self.limits.change[1] * hours).max(change)]
    }

    /// A share (0..=1) of the way to the nearest normal value.
    pub(super) fn toward_normal(&self, from: f64, share: f64) -> f64 {
        let [low, high] = self.normal;
        share.mul_add(from.max(low).min(high) - from, from)
    }

    /// Whether a charted value is normal.
    pub(super) fn is_normal(&self, value: f64) -> bool {
        let half = if let Grid::Every(precision) = self.grid { precision / 2.0 } else { 0.0 };
        value >= self.normal[0] - half - ROUNDING && value <= self.normal[1] + half + ROUNDING
    }

    /// The charted value within `[low, high]` that is nearest to a wanted one, if there is one.
    pub(super) fn charted(&self, wanted: f64, [low, high]: [f64; 2]) -> Option<f64> {
        let is_inside = |value: &f64| *value >= low - ROUNDING && *value <= high + ROUNDING;
        let wanted = wanted.max(low).min(high);
        match &self.grid {
            Grid::Every(precision) => {
                let place = wanted / precision;
                let places = [place.round(), place.floor(), place.ceil()];
                places.into_iter().map(|place| on_grid(place, *precision)).find(is_inside)
            }
            Grid::Points(ordinals) => {
                let inside = ordinals.iter().copied().filter(is_inside);
                inside.min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()))
            }
        }
    }
}

/// What was measured of a row: step and value.
fn readings(manifest: &Manifest, stay: &Stay, row: usize) -> Vec<(usize, f64)> {
    let cells = stay.cells[row * manifest.steps..][..manifest.steps].iter().enumerate();
    cells.filter(|(_, cell)| cell.origin == Origin::Observed).map(|(step, cell)| (step, cell.value)).collect()
}

/// What a record shows of a row: its lowest and highest value, its fastest fall and rise an hour.
fn limits_of(readings: &[(usize, f64)], step_hours: f64) -> Limits {
    let range = |values: &mut dyn Iterator<Item = f64>, begin: [f64; 2]| {
        values.fold(begin, |[low, high], value| [value.min(low), value.max(high)])
    };
    let mut values = readings.iter().map(|(_, value)| *value);
    let mut changes =
        readings.windows(2).map(|pair| (pair[1].1 - pair[0].1) / (real(pair[1].0 - pair[0].0) * step_hours));
    Limits { value: range(&mut values, [f64::INFINITY, f64::NEG_INFINITY]), change: range(&mut changes, [0.0; 2]) }
}

/// The coarsest of 1, 0.1, 0.01 and so on that all of a record's values are multiples of.
fn precision(readings: &[(usize, f64)]) -> f64 {
    let is_multiple = |value: f64, power: f64| {
        let place = value * power;
        (place - place.round()).abs() <= 1e-6 * place.abs().max(1.0)
    };
    let decimals =
        (0..DECIMALS_MAX).find(|decimals| readings.iter().all(|(_, it)| is_multiple(*it, 10_f64.powi(*decimals))));
    10_f64.powi(-decimals.unwrap_or(DECIMALS_MAX))
}

/// Point number `at` of a grid: dividing by a whole number keeps 7.3 from becoming 7.300000000000001.
fn on_grid(at: f64, precision: f64) -> f64 {
    let parts = (1.0 / precision).round();
    if precision < 1.0 && (parts * precision - 1.0).abs() < ROUNDING { at / parts } else { at * precision }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stay::{Edit, EnteredValue};

    #[test]
    fn a_record_shows_its_own_limits_and_precision() {
        let manifest = Manifest::built_in(10, 1, 1).unwrap();
        let mut stay = Stay::unmeasured(&manifest, "plain");
        for (step, value) in [(1, 2.5), (3, 4.0), (8, -1.0)] {
            stay.edit(&manifest, &Edit::set(0, step, EnteredValue::Value(value))).unwrap();
        }
        let reach = Reach::of(&manifest, &stay, 0);
        assert!(reach.is_of_record);
        assert_eq!((reach.around(0.0), reach.around(9.0)), ([-1.0, 4.0], [-1.0, 9.0]));
        assert_eq!((reach.change(2.0, 0.0), reach.change(1.0, 3.0)), ([-2.0, 1.5], [-1.0, 3.0]));
        assert_eq!(reach.charted(0.123, [-1.0, 4.0]), Some(0.1));
        // The normal value of a plain manifest is 0.
        assert_eq!((reach.toward_normal(4.0, 0.5), reach.is_normal(0.0), reach.is_normal(0.2)), (2.0, true, false));
    }

    #[test]
    fn values_are_charted_inside_of_their_limits() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let row = |name: &str| manifest.channels.iter().position(|channel| channel.name == name).unwrap();
        let reach = |name: &str| Reach::of(&manifest, &Stay::unmeasured(&manifest, "none"), row(name));
        assert_eq!(reach("pH").charted(7.333, [7.0, 7.5]), Some(7.33));
        assert_eq!(reach("pH").charted(7.333, [7.331, 7.5]), Some(7.34));
        assert_eq!(reach("pH").charted(7.333, [7.331, 7.339]), None);
        assert_eq!(reach("Heart Rate").charted(81.6, [0.0, 81.7]), Some(81.0));
        assert_eq!(reach("Glascow coma scale total").charted(6.4, [3.0, 15.0]), Some(6.0));
        assert!(!reach("pH").is_of_record);
        assert!(reach("Capillary refill rate").is_of_record);
    }
}
