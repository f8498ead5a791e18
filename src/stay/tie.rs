//! Rows of one stay that belong together: a total and its parts, values of which one is never below another.

use super::codes::Codes;
use super::contradiction::Relations;
use super::manifest::Manifest;
use super::{Origin, Stay};
use crate::Result;

/// What holds between the rows of a manifest, by their indices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// `total = sum of parts`
    sums: Vec<(usize, Vec<usize>)>,
    /// `upper >= lower`
    orders: Vec<(usize, usize)>,
}

/// Differences below this are rounding: values are charted far more coarsely.
const ROUNDING: f64 = 1e-9;

impl Manifest {
    /// What holds between its rows, as its table of codes says it (`relations`), or the built-in one.
    ///
    /// # Errors
    /// [`crate::Kind::Manifest`] where the table cannot be read.
    pub fn ties(&self) -> Result<Ties> {
        Ok(Ties::of(self, &Codes::of(self)?.relations))
    }
}

impl Ties {
    fn of(manifest: &Manifest, relations: &Relations) -> Self {
        let row = |name: &String| manifest.channels.iter().position(|channel| channel.name == *name);
        let rows = |names: &[String]| names.iter().map(row).collect::<Option<Vec<_>>>();
        let sums = relations.sums.iter().filter_map(|sum| Some((row(&sum.total)?, rows(&sum.parts)?)));
        let orders = relations.orders.iter().filter_map(|order| Some((row(&order.upper)?, row(&order.lower)?)));
        Self { sums: sums.collect(), orders: orders.collect() }
    }

    /// All rows, each with those that it is tied to, in their order; a row without ties stands alone.
    #[must_use]
    pub fn bundles(&self, n_rows: usize) -> Vec<Vec<usize>> {
        let mut of_row: Vec<usize> = (0..n_rows).collect();
        let of_sums = self.sums.iter().flat_map(|(total, parts)| parts.iter().map(move |part| (*total, *part)));
        for (a, b) in of_sums.chain(self.orders.iter().copied()) {
            let (from, to) = (of_row[a].max(of_row[b]), of_row[a].min(of_row[b]));
            of_row.iter_mut().filter(|bundle| **bundle == from).for_each(|bundle| *bundle = to);
        }
        let rows_of = |bundle: usize| (0..n_rows).filter(|row| of_row[*row] == bundle).collect::<Vec<_>>();
        (0..n_rows).map(rows_of).filter(|rows| !rows.is_empty()).collect()
    }

    /// The parts that a row is the total of; none where it is no total.
    #[must_use]
    pub fn parts(&self, row: usize) -> &[usize] {
        self.sums.iter().find(|(total, _)| *total == row).map_or(&[], |(_, parts)| parts)
    }

    /// What a total's parts add up to in a step, where all of them are known.
    #[must_use]
    pub fn sum(&self, manifest: &Manifest, stay: &Stay, row: usize, step: usize) -> Option<f64> {
        let parts = self.parts(row);
        let known = parts.iter().map(|part| known(manifest, stay, *part, step));
        known.sum::<Option<f64>>().filter(|_| !parts.is_empty())
    }

    /// Whether nothing that is known of a stay contradicts itself more than it did before.
    #[must_use]
    pub fn are_kept(&self, manifest: &Manifest, before: &Stay, after: &Stay) -> bool {
        (0..manifest.steps).all(|step| {
            let pairs = self.gaps(manifest, before, step).zip(self.gaps(manifest, after, step));
            pairs.into_iter().all(|(before, after)| after <= before + ROUNDING)
        })
    }

    /// By how much each tie is broken in a step.
    fn gaps<'a>(&'a self, manifest: &'a Manifest, stay: &'a Stay, step: usize) -> impl Iterator<Item = f64> + 'a {
        let value = move |row: usize| known(manifest, stay, row, step);
        let of_sums = move |total: usize| Some((value(total)? - self.sum(manifest, stay, total, step)?).abs());
        let of_orders = move |upper: usize, lower: usize| Some((value(lower)? - value(upper)?).max(0.0));
        let sums = self.sums.iter().map(move |(total, _)| of_sums(*total));
        sums.chain(self.orders.iter().map(move |(upper, lower)| of_orders(*upper, *lower)))
            .map(Option::unwrap_or_default)
    }
}

/// What is known of a row in a step: measured there or carried forward.
fn known(manifest: &Manifest, stay: &Stay, row: usize, step: usize) -> Option<f64> {
    let cell = stay.cells.get(row * manifest.steps + step)?;
    (cell.origin != Origin::Normal).then_some(cell.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stay::{Edit, EnteredValue};

    fn row(manifest: &Manifest, name: &str) -> usize {
        manifest.channels.iter().position(|channel| channel.name == name).unwrap()
    }

    #[test]
    fn the_coma_scale_and_the_pressures_are_tied() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let bundles = manifest.ties().unwrap().bundles(manifest.channels.len());
        let names =
            |rows: &Vec<usize>| rows.iter().map(|row| manifest.channels[*row].label.as_str()).collect::<Vec<_>>();
        let tied: Vec<_> = bundles.iter().filter(|rows| rows.len() > 1).map(names).collect();
        assert_eq!(
            tied,
            [vec!["GCS eye", "GCS motor", "GCS verbal", "GCS total"], vec!["Systolic BP", "Mean BP", "Diastolic BP"]]
        );
        assert_eq!(bundles.iter().map(Vec::len).sum::<usize>(), 17);
        let plain = Manifest::built_in(3, 2, 1).unwrap();
        assert_eq!(plain.ties().unwrap().bundles(2), [vec![0], vec![1]]);
    }

    #[test]
    fn a_tie_is_kept_unless_it_is_broken_further() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let ties = manifest.ties().unwrap();
        let (systolic, mean) = (row(&manifest, "Systolic blood pressure"), row(&manifest, "Mean blood pressure"));
        let at = |systolic_is: f64, mean_is: f64| {
            let mut stay = Stay::unmeasured(&manifest, "pressures");
            for (row, value) in [(systolic, systolic_is), (mean, mean_is)] {
                stay.edit(&manifest, &Edit::set(row, 3, EnteredValue::Value(value))).unwrap();
            }
            stay
        };
        let kept = |before: &Stay, after: &Stay| ties.are_kept(&manifest, before, after);
        assert!(kept(&at(120.0, 80.0), &at(80.0, 80.0)));
        assert!(!kept(&at(120.0, 80.0), &at(79.0, 80.0)));
        // A record that contradicts itself may go on to, and no further.
        assert!(kept(&at(70.0, 80.0), &at(72.0, 80.0)));
        assert!(!kept(&at(70.0, 80.0), &at(69.0, 80.0)));
    }

    #[test]
    fn a_sum_is_known_where_all_parts_are() {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let ties = manifest.ties().unwrap();
        let total = row(&manifest, "Glascow coma scale total");
        let mut stay = Stay::unmeasured(&manifest, "coma");
        for (index, part) in ties.parts(total).iter().enumerate() {
            assert_eq!(ties.sum(&manifest, &stay, total, 5), None);
            let category = manifest.channels[*part].nearest([2.0, 3.0, 4.0][index]);
            stay.edit(&manifest, &Edit::set(*part, 4, category)).unwrap();
        }
        assert_eq!(ties.sum(&manifest, &stay, total, 5), Some(9.0));
        assert_eq!(ties.sum(&manifest, &stay, total, 3), None);
        assert_eq!(ties.sum(&manifest, &stay, 0, 5), None);
    }
}
