//! What a manifest has to satisfy before anything is computed from it.

use super::model_input::check_inputs;
use super::refusal::{check, wrong};
use super::{
    Calibration, Channel, Delta, Encoding, FORMAT, Gap, Limits, Manifest, Outcome, PredictionKind, Sets, TextInput,
    sense,
};
use crate::Result;
use crate::stay::shown;
use std::collections::HashSet;

/// Largest input that is accepted, in numbers (steps x columns).
const INPUTS_MAX: usize = 1 << 20;

/// Most outcomes that are accepted.
const OUTCOMES_MAX: usize = 100_000;

impl Manifest {
    /// Checks every field; [`Manifest::from_json`] has done so already.
    ///
    /// # Errors
    /// [`Kind::Manifest`](crate::Kind::Manifest) at the first field that is out of range, not finite, given twice or contradicts another, as
    /// a path such as `channels[3].columns[1]`. Every column must belong to exactly one channel.
    pub fn validate(&self) -> Result<()> {
        if self.format != FORMAT {
            return Err(wrong("format", format!("is \"{}\"; write \"{FORMAT}\"", shown(&self.format))));
        }
        check_shape(self.steps, self.columns)?;
        check("step_hours", self.step_hours > 0.0 && self.step_hours.is_finite(), "has to be greater than zero")?;
        // A step must be long beside the benchmark's 1e-6 at its edges, and the last hour a number.
        check("step_hours", (0.001..=1e6).contains(&self.step_hours), "has to lie in 0.001 to 1000000")?;
        self.check_outcomes()?;
        for (index, channel) in self.channels.iter().enumerate() {
            check_channel(channel, &format!("channels[{index}]"))?;
        }
        sense::check_names(self)?;
        self.check_columns()?;
        self.check_static()?;
        check_inputs(&self.inputs, &self.layout)?;
        self.text.as_ref().map_or(Ok(()), |text| check_text(text, self.columns))?;
        self.codes.as_ref().map_or(Ok(()), |codes| codes.validate(self))
    }

    /// Checks that the manifest describes a model of this shape.
    ///
    /// # Errors
    /// [`Kind::Manifest`](crate::Kind::Manifest) at `steps`, `columns` or `outcomes`, with both numbers.
    pub fn check_fits(&self, steps: usize, columns: usize, n_outputs: usize) -> Result<()> {
        let pairs = [
            ("steps", self.steps, steps, "steps"),
            ("columns", self.columns, columns, "columns a step"),
            ("outcomes", self.n_outputs().unwrap_or(usize::MAX), n_outputs, "outputs"),
        ];
        for (field, here, model, noun) in pairs {
            if here != model {
                let message =
                    format!("{here} here, but the model has {model} {noun}; use the manifest made for this model");
                return Err(wrong(field, message));
            }
        }
        Ok(())
    }

    fn check_outcomes(&self) -> Result<()> {
        check("outcomes", !self.outcomes.is_empty(), "is empty; name every output of the model")?;
        for (index, outcome) in self.outcomes.iter().enumerate() {
            check_outcome(outcome, &format!("outcomes[{index}]"))?;
            let Some(calibration) = &outcome.calibration else { continue };
            let path = format!("outcomes[{index}].calibration");
            let is_binary =
                outcome.kind != Some(PredictionKind::Number) && outcome.classes.is_empty() && !outcome.per_step;
            check(&path, is_binary, "is for one probability a stay; leave it out here")?;
            self.check_calibration(calibration, &path)?;
        }
        let is_countable = self.n_outputs().is_some_and(|n_outputs| n_outputs <= OUTCOMES_MAX);
        check("outcomes", is_countable, &format!("name more than {OUTCOMES_MAX} numbers together"))
    }

    /// Bins that rise to 1, each with stays, and sets whose groups share no stay and leave none out.
    fn check_calibration(&self, calibration: &Calibration, path: &str) -> Result<()> {
        check(&format!("{path}.data"), !calibration.data.trim().is_empty(), "is empty")?;
        check(&format!("{path}.networks"), calibration.networks > 0, "has to be greater than zero")?;
        let mut last = 0.0;
        for (index, bin) in calibration.bins.iter().enumerate() {
            let path = |field: &str| format!("{path}.bins[{index}].{field}");
            check(&path("to"), bin.to > last && bin.to <= 1.0, "has to lie above the bin before, and at most at 1")?;
            check(&path("stays"), bin.stays > 0, "has to be greater than zero")?;
            check(&path("events"), bin.events <= bin.stays, "is more than the stays")?;
            last = bin.to;
        }
        check(&format!("{path}.bins"), last >= 1.0, "have to end at 1")?;
        calibration.sets.as_ref().map_or(Ok(()), |sets| self.check_sets(sets, &format!("{path}.sets")))
    }

    fn check_sets(&self, sets: &Sets, path: &str) -> Result<()> {
        check(&format!("{path}.coverage"), sets.coverage > 0.0 && sets.coverage < 1.0, "has to lie between 0 and 1")?;
        let Some(first) = sets.groups.first() else { return Err(wrong(&format!("{path}.groups"), "is empty")) };
        let mut seen = HashSet::new();
        for (index, group) in sets.groups.iter().enumerate() {
            let path = |field: &str| format!("{path}.groups[{index}].{field}");
            let is_known = |name: &String| self.channels.iter().any(|channel| channel.name == *name);
            let unknown = group.measured.keys().find(|name| !is_known(name));
            let message = format!("\"{}\" is no channel", shown(unknown.map_or("", String::as_str)));
            check(&path("measured"), unknown.is_none(), &message)?;
            let is_alike = group.measured.keys().eq(first.measured.keys());
            check(&path("measured"), is_alike, "names other channels than the first group")?;
            check(&path("measured"), seen.insert(&group.measured), "is an earlier group too")?;
            for (field, bound) in [("event_from", group.event_from), ("none_to", group.none_to)] {
                check(&path(field), (0.0..=1.0).contains(&bound), "is a probability, in 0 to 1")?;
            }
        }
        let n_groups = u32::try_from(first.measured.len()).ok().and_then(|n| 2_usize.checked_pow(n));
        let message = "have to be one for each combination of what was measured and what was not";
        check(&format!("{path}.groups"), n_groups == Some(sets.groups.len()), message)
    }

    /// Every column belongs to exactly one channel, so that no relevance is lost in the picture or drawn twice.
    fn check_columns(&self) -> Result<()> {
        let mut taken = vec![false; self.columns];
        for (index, channel) in self.channels.iter().enumerate() {
            for (place, &column) in channel.columns.iter().enumerate() {
                take(&mut taken, column, || format!("channels[{index}].columns[{place}]"))?;
            }
            if let Some(column) = channel.mask {
                take(&mut taken, column, || format!("channels[{index}].mask"))?;
            }
            if let Some(delta) = &channel.delta {
                take(&mut taken, delta.column, || format!("channels[{index}].delta.column"))?;
            }
        }
        let mut gaps = self.channels.iter().enumerate().filter(|(_, channel)| channel.gap.is_some()).skip(1);
        let field = gaps.next().map(|(index, _)| format!("channels[{index}].gap"));
        check(&field.clone().unwrap_or_default(), field.is_none(), "stands at another channel too; one has it")?;
        let Some(column) = taken.iter().position(|&is_taken| !is_taken) else { return Ok(()) };
        let message =
            format!("column {column} belongs to no channel; give every column to one, as value, mask or delta");
        Err(wrong("channels", message))
    }

    /// The columns of further inputs stand behind those of the sequence.
    fn check_static(&self) -> Result<()> {
        let columns = |channel: &Channel| channel.all_columns().collect::<Vec<_>>();
        let of_sequence = self.channels.iter().filter(|channel| !channel.is_static).flat_map(columns);
        let n_of_sequence = of_sequence.max().map_or(0, |last| last + 1);
        check("channels", n_of_sequence > 0, "are all static; a model reads a sequence beside them")?;
        for (index, channel) in self.channels.iter().enumerate().filter(|(_, channel)| channel.is_static) {
            let is_behind = columns(channel).iter().all(|&column| column >= n_of_sequence);
            let message = format!("is true, but column {} is one of the sequence", n_of_sequence - 1);
            let message = format!("{message}; static columns stand behind all others");
            check(&format!("channels[{index}].static"), is_behind, &message)?;
        }
        Ok(())
    }
}

fn check_outcome(outcome: &Outcome, path: &str) -> Result<()> {
    check(&format!("{path}.name"), !outcome.name.trim().is_empty(), "is empty")?;
    let in_range = (0.0..=1.0).contains(&outcome.threshold);
    check(&format!("{path}.threshold"), in_range, "is a probability, in 0 to 1")?;
    let has_unit = outcome.kind == Some(PredictionKind::Number) || outcome.unit.is_empty();
    check(&format!("{path}.unit"), has_unit, "is for kind \"number\"; a probability has none")?;
    check(&format!("{path}.classes"), outcome.classes.len() != 1, "has one entry; leave it out, or name at least two")?;
    check_words(&outcome.classes, &format!("{path}.classes"))
}

/// The tokens of a text model, and that its input has one column, the token.
fn check_text(text: &TextInput, columns: usize) -> Result<()> {
    let TextInput { vocabulary, unknown, padding, .. } = text;
    check("text", columns == 1, "is for models that read one token a step; \"columns\" has to be 1")?;
    // A token is a number in f32, exact up to here.
    check("text.vocabulary", vocabulary.len() <= 1 << 24, "has more than 16777216 words")?;
    check_words(vocabulary, "text.vocabulary")?;
    for (field, token) in [("unknown", unknown), ("padding", padding)] {
        let message = format!("is {token}, but the vocabulary has {} words", vocabulary.len());
        check(&format!("text.{field}"), *token < vocabulary.len(), &message)?;
    }
    check("text.unknown", unknown != padding, "is the padding token too")
}

/// No word is empty or stands there twice.
fn check_words(words: &[String], path: &str) -> Result<()> {
    let mut seen = HashSet::new();
    for (index, word) in words.iter().enumerate() {
        check(&format!("{path}[{index}]"), !word.trim().is_empty(), "is empty")?;
        check(&format!("{path}[{index}]"), seen.insert(word), "stands there twice")?;
    }
    Ok(())
}

fn take(taken: &mut [bool], column: usize, field: impl Fn() -> String) -> Result<()> {
    let n_columns = taken.len();
    match taken.get_mut(column) {
        Some(entry) if *entry => Err(wrong(&field(), format!("column {column} is used twice"))),
        Some(entry) => {
            *entry = true;
            Ok(())
        }
        None => Err(wrong(&field(), format!("column {column} is out of range: the input has {n_columns} columns"))),
    }
}

/// Checks the input's shape alone.
pub(super) fn check_shape(steps: usize, columns: usize) -> Result<()> {
    check("steps", steps > 0, "has to be greater than zero")?;
    check("columns", columns > 0, "has to be greater than zero")?;
    let fits = steps.checked_mul(columns).is_some_and(|n_inputs| n_inputs <= INPUTS_MAX);
    check("steps", fits, &format!("times columns is more than {INPUTS_MAX}, the largest input that is accepted"))
}

fn check_channel(channel: &Channel, path: &str) -> Result<()> {
    check(&format!("{path}.name"), !channel.name.trim().is_empty(), "is empty")?;
    check(&format!("{path}.label"), !channel.label.trim().is_empty(), "is empty")?;
    match &channel.encoding {
        Encoding::Continuous { mean, std, normal } => {
            let path = |field: &str| format!("{path}.encoding.{field}");
            for (field, value) in [("mean", *mean), ("std", *std), ("normal", *normal)] {
                check(&path(field), value.is_finite(), "has to be finite")?;
            }
            check(&path("std"), *std > 0.0, "has to be greater than zero")?;
            check(&path("normal"), channel.encoding.fits(*normal), "is too large for the model once scaled")?;
        }
        Encoding::OneHot { categories, ordinals, normal } => {
            // An empty cell of a record means that nothing was measured.
            check(&format!("{path}.encoding.categories"), !categories.is_empty(), "is empty")?;
            check_words(categories, &format!("{path}.encoding.categories"))?;
            check_ordinals(ordinals, categories.len(), &format!("{path}.encoding.ordinals"))?;
            check(&format!("{path}.encoding.normal"), categories.contains(normal), "is none of the categories")?;
        }
    }
    check_count(channel, &format!("{path}.columns"))?;
    let is_above_zero = channel.noise.is_none_or(|noise| noise > 0.0 && noise.is_finite());
    check(&format!("{path}.noise"), is_above_zero, "has to be greater than zero")?;
    let is_range = channel.normal_range.is_none_or(|[low, high]| low <= high && low.is_finite() && high.is_finite());
    check(&format!("{path}.normal_range"), is_range, "has to be [low, high], both finite, low not above high")?;
    check_delta(channel, &format!("{path}.delta"))?;
    check_gap(channel, &format!("{path}.gap"))?;
    check_precision(channel, &format!("{path}.precision"))?;
    channel.limits.as_ref().map_or(Ok(()), |limits| check_limits(limits, &format!("{path}.limits")))?;
    check_plausible(channel, &format!("{path}.plausible"))?;
    sense::check_scaling(channel, path)
}

fn check_count(channel: &Channel, path: &str) -> Result<()> {
    let (wanted, noun) = match &channel.encoding {
        Encoding::Continuous { .. } => (1, "one for a continuous channel".to_owned()),
        Encoding::OneHot { categories, .. } => {
            (categories.len(), format!("one for each of {} categories", categories.len()))
        }
    };
    let n_columns = channel.columns.len();
    check(path, n_columns == wanted, &format!("has {n_columns} entries; give {noun}"))
}

fn check_ordinals(ordinals: &[f64], n_categories: usize, path: &str) -> Result<()> {
    let n_ordinals = ordinals.len();
    check(path, n_ordinals == n_categories, &format!("has {n_ordinals} entries for {n_categories} categories"))?;
    for (index, ordinal) in ordinals.iter().enumerate() {
        check(&format!("{path}[{index}]"), ordinal.is_finite(), "has to be finite")?;
    }
    Ok(())
}

fn check_delta(channel: &Channel, path: &str) -> Result<()> {
    let Some(Delta { mean, std, most, .. }) = channel.delta else { return Ok(()) };
    let has_mask = channel.mask.is_some() && !channel.is_static;
    check(path, has_mask, "is for a channel of the sequence with a mask, which says where it was observed")?;
    check(&format!("{path}.mean"), mean.is_finite(), "has to be finite")?;
    check(&format!("{path}.std"), std > 0.0 && std.is_finite(), "has to be greater than zero, and finite")?;
    let is_above_zero = most.is_none_or(|most| most > 0.0 && most.is_finite());
    check(&format!("{path}.most"), is_above_zero, "has to be greater than zero, and finite")
}

fn check_gap(channel: &Channel, path: &str) -> Result<()> {
    let Some(Gap { most, .. }) = channel.gap else { return Ok(()) };
    let is_plain = channel.mask.is_none() && channel.delta.is_none() && !channel.is_static;
    let is_number = matches!(channel.encoding, Encoding::Continuous { .. });
    check(path, is_plain && is_number, "is for a continuous channel of the sequence without mask and delta")?;
    let is_above_zero = most.is_none_or(|most| most > 0.0 && most.is_finite());
    check(&format!("{path}.most"), is_above_zero, "has to be greater than zero, and finite")
}

fn check_limits(limits: &Limits, path: &str) -> Result<()> {
    for (field, [low, high]) in [("value", limits.value), ("change", limits.change)] {
        let is_range = low.is_finite() && high.is_finite() && low <= high;
        check(&format!("{path}.{field}"), is_range, "has to be [low, high] with low <= high, both finite")?;
    }
    let [low, high] = limits.change;
    check(&format!("{path}.change"), low <= 0.0 && high >= 0.0, "has to hold 0, no change")
}

fn check_precision(channel: &Channel, path: &str) -> Result<()> {
    let Some(precision) = channel.precision else { return Ok(()) };
    check(
        path,
        matches!(channel.encoding, Encoding::Continuous { .. }),
        "is for continuous channels; leave it out here",
    )?;
    check(path, precision > 0.0 && precision.is_finite(), "has to be greater than zero")
}

fn check_plausible(channel: &Channel, path: &str) -> Result<()> {
    let Some([low, high]) = channel.plausible else { return Ok(()) };
    check(
        path,
        matches!(channel.encoding, Encoding::Continuous { .. }),
        "is for continuous channels; leave it out here",
    )?;
    check(path, low.is_finite() && high.is_finite() && low < high, "has to be [low, high] with low < high, both finite")
}

#[cfg(test)]
mod tests {
    use super::super::{Bin, Counts, CoverageGroup, Side};
    use super::*;
    use crate::{Kind, Place};
    use std::collections::BTreeMap;

    /// The built-in manifest with its channels in the order of their columns: 3 is eye opening, 16 is pH.
    fn mimic3() -> Manifest {
        let mut manifest = Manifest::built_in(48, 76, 1).unwrap();
        manifest.channels.sort_by_key(|channel| channel.mask);
        manifest
    }

    /// One change to a good manifest: the field and a word of the error.
    fn check(change: impl Fn(&mut Manifest), field: &str, word: &str) {
        let mut manifest = mimic3();
        change(&mut manifest);
        let error = manifest.validate().unwrap_err();
        assert_eq!(error.kind, Kind::Manifest);
        assert_eq!(error.place, Place::Field(field.to_owned()), "{error}");
        assert!(error.message.contains(word), "{error}");
    }

    fn continuous(mean: f64, std: f64, normal: f64) -> Encoding {
        Encoding::Continuous { mean, std, normal }
    }

    /// The parts of channel 3, Glasgow eye opening.
    fn one_hot(manifest: &mut Manifest) -> (&mut Vec<String>, &mut Vec<f64>, &mut String) {
        match &mut manifest.channels[3].encoding {
            Encoding::OneHot { categories, ordinals, normal } => (categories, ordinals, normal),
            Encoding::Continuous { .. } => unreachable!(),
        }
    }

    #[test]
    fn format_and_shape() {
        check(|m| m.format.push('0'), "format", "vitrine-manifest/10");
        check(|m| m.steps = 0, "steps", "greater than zero");
        check(|m| m.steps = usize::MAX, "steps", "largest input");
        check(|m| m.columns = 0, "columns", "greater than zero");
        check(|m| m.step_hours = 0.0, "step_hours", "greater than zero");
        check(|m| m.step_hours = f64::NAN, "step_hours", "greater than zero");
        check(|m| m.step_hours = 1e-7, "step_hours", "0.001");
    }

    #[test]
    fn outcomes() {
        check(|m| m.outcomes.clear(), "outcomes", "empty");
        check(|m| m.outcomes[0].threshold = 1.5, "outcomes[0].threshold", "0 to 1");
        check(|m| m.outcomes[0].threshold = f64::NAN, "outcomes[0].threshold", "0 to 1");
        check(|m| m.outcomes[0].name = " ".to_owned(), "outcomes[0].name", "empty");
    }

    #[test]
    fn outcomes_with_classes_and_steps() {
        let classes = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        check(|m| m.outcomes[0].classes = classes(&["short"]), "outcomes[0].classes", "at least two");
        check(|m| m.outcomes[0].classes = classes(&["short", "short"]), "outcomes[0].classes[1]", "twice");
        check(|m| m.outcomes[0].classes = classes(&["short", ""]), "outcomes[0].classes[1]", "empty");
        check(|m| m.outcomes[0].unit = "d".to_owned(), "outcomes[0].unit", "number");
        let endless = (0..3000).map(|class| class.to_string()).collect::<Vec<_>>();
        check(
            |m| (m.outcomes[0].per_step, m.outcomes[0].classes) = (true, endless.clone()),
            "outcomes",
            "more than 100000",
        );
    }

    #[test]
    fn static_channels() {
        let mut good = Manifest::built_in(4, 3, 1).unwrap();
        good.channels[2].is_static = true;
        assert_eq!(good.validate(), Ok(()));
        let refused = |which: &[usize]| {
            let mut manifest = Manifest::built_in(4, 3, 1).unwrap();
            which.iter().for_each(|&index| manifest.channels[index].is_static = true);
            manifest.validate().unwrap_err().place
        };
        assert_eq!(refused(&[1]), Place::Field("channels[1].static".to_owned()));
        assert_eq!(refused(&[0, 1, 2]), Place::Field("channels".to_owned()));
    }

    #[test]
    fn text() {
        let check = |change: fn(&mut TextInput), field: &str, word: &str| {
            let mut manifest = Manifest::built_in(4, 1, 1).unwrap();
            let vocabulary = ["<pad>", "<unk>", "good"].map(str::to_owned).to_vec();
            let mut text = TextInput { vocabulary, unknown: 1, padding: 0, pad: Side::Left, lowercase: true };
            change(&mut text);
            manifest.text = Some(text);
            let error = manifest.validate().unwrap_err();
            assert_eq!(error.place, Place::Field(field.to_owned()), "{error}");
            assert!(error.message.contains(word), "{error}");
        };
        check(|t| t.vocabulary[2].clear(), "text.vocabulary[2]", "empty");
        check(|t| t.vocabulary[2] = "<unk>".to_owned(), "text.vocabulary[2]", "twice");
        check(|t| t.unknown = 3, "text.unknown", "has 3 words");
        check(|t| t.padding = 9, "text.padding", "is 9");
        check(|t| t.unknown = 0, "text.unknown", "padding token too");
        let mut two_columns = Manifest::built_in(4, 2, 1).unwrap();
        let vocabulary = ["<pad>", "<unk>"].map(str::to_owned).to_vec();
        two_columns.text = Some(TextInput { vocabulary, unknown: 1, padding: 0, pad: Side::Right, lowercase: true });
        assert_eq!(two_columns.validate().unwrap_err().place, Place::Field("text".to_owned()));
    }

    #[test]
    fn columns() {
        check(|m| m.channels[3].columns[1] = 76, "channels[3].columns[1]", "out of range");
        check(|m| m.channels[3].columns[1] = 4, "channels[3].columns[1]", "used twice");
        check(|m| m.channels[3].mask = Some(59), "channels[3].mask", "used twice");
        check(|m| m.channels[16].mask = None, "channels", "column 75 belongs to no channel");
        check(|m| m.columns = 77, "channels", "column 76 belongs to no channel");
        check(|m| m.channels[1].columns.push(76), "channels[1].columns", "one for a continuous channel");
        check(|m| m.channels[3].columns.truncate(7), "channels[3].columns", "8 categories");
    }

    #[test]
    fn deltas() {
        let with = |change: fn(&mut Manifest, &mut Delta)| {
            move |m: &mut Manifest| {
                m.columns = 77;
                let mut delta = Delta { column: 76, counts: Counts::Gap, mean: 0.0, std: 1.0, most: None };
                change(m, &mut delta);
                m.channels[1].delta = Some(delta);
            }
        };
        let mut fine = Manifest::built_in(48, 76, 1).unwrap();
        with(|_, _| ())(&mut fine);
        fine.validate().unwrap();
        assert!(fine.mask_columns()[76] && fine.channel_of_column(76) == Some(1));
        check(with(|_, delta| delta.column = 77), "channels[1].delta.column", "out of range");
        check(with(|_, delta| delta.column = 60), "channels[1].delta.column", "used twice");
        check(with(|_, delta| delta.std = 0.0), "channels[1].delta.std", "greater than zero");
        check(with(|_, delta| delta.mean = f64::NAN), "channels[1].delta.mean", "finite");
        check(with(|_, delta| delta.most = Some(-1.0)), "channels[1].delta.most", "greater than zero");
        let no_mask = with(|m, delta| {
            delta.column = m.channels[1].mask.take().unwrap();
            m.columns = 76;
        });
        check(no_mask, "channels[1].delta", "with a mask");
    }

    #[test]
    fn names() {
        check(|m| m.channels[2].name = "pH".to_owned(), "channels[16].name", "earlier channel");
        check(|m| m.channels[2].name = "PH ".to_owned(), "channels[16].name", "case and spacing aside");
        check(|m| m.channels[2].label = "ph".to_owned(), "channels[16].label", "earlier channel");
        check(|m| m.channels[2].name.clear(), "channels[2].name", "empty");
        check(|m| m.channels[2].label.clear(), "channels[2].label", "empty");
    }

    #[test]
    fn categories() {
        check(|m| one_hot(m).0.clear(), "channels[3].encoding.categories", "empty");
        check(|m| one_hot(m).0[2].clear(), "channels[3].encoding.categories[2]", "empty");
        check(|m| one_hot(m).0[2] = "None".to_owned(), "channels[3].encoding.categories[4]", "twice");
        check(|m| one_hot(m).1.push(1.0), "channels[3].encoding.ordinals", "9 entries for 8 categories");
        check(|m| one_hot(m).1[2] = f64::NAN, "channels[3].encoding.ordinals[2]", "finite");
        check(|m| one_hot(m).2.push('!'), "channels[3].encoding.normal", "none of the categories");
    }

    #[test]
    fn scaling() {
        check(|m| m.channels[16].encoding = continuous(f64::NAN, 1.0, 7.4), "channels[16].encoding.mean", "finite");
        check(
            |m| m.channels[16].encoding = continuous(7.4, 0.0, 7.4),
            "channels[16].encoding.std",
            "greater than zero",
        );
        check(
            |m| m.channels[16].encoding = continuous(7.4, -1.0, 7.4),
            "channels[16].encoding.std",
            "greater than zero",
        );
        check(|m| m.channels[16].encoding = continuous(7.0, 1e-300, 7.4), "channels[16].encoding.normal", "too large");
        let infinite = continuous(7.0, 1.0, f64::INFINITY);
        check(|m| m.channels[16].encoding = infinite.clone(), "channels[16].encoding.normal", "finite");
    }

    /// By a channel's own name, or by a name that the table of names has for it.
    #[test]
    fn labels_of_others() {
        let swapped = |m: &mut Manifest, a: &str, b: &str| {
            let place = |name: &str| m.channels.iter().position(|channel| channel.name == name).unwrap();
            let (a, b) = (place(a), place(b));
            let label = m.channels[a].label.clone();
            m.channels[a].label = std::mem::replace(&mut m.channels[b].label, label);
        };
        for (a, b) in [("Glucose", "Heart Rate"), ("Weight", "Height"), ("Temperature", "Respiratory rate")] {
            let mut manifest = mimic3();
            swapped(&mut manifest, a, b);
            let error = manifest.validate().unwrap_err().to_string();
            assert!(error.contains("label") && error.contains(a) && error.contains(b), "{error}");
        }
        let mut manifest = mimic3();
        let heart = manifest.channels.iter_mut().find(|channel| channel.name == "Heart Rate").unwrap();
        heart.label = "SBP".to_owned();
        let error = manifest.validate().unwrap_err().to_string();
        assert!(error.contains("Systolic blood pressure"), "{error}");
    }

    #[test]
    fn scaling_that_lets_nothing_matter() {
        for (mean, std, field) in [
            (7.4, 1e30, "std"),
            (7.4, 1e-30, "std"),
            (7.4, 1e6, "std"),
            (7.4, 1e-9, "std"),
            (1e38, 1.0, "mean"),
            (-1e38, 1.0, "mean"),
            (1e9, 0.1, "mean"),
        ] {
            for plausible in [Some([6.5, 8.0]), None] {
                let change = |m: &mut Manifest| {
                    m.channels[16].encoding = continuous(mean, std, 7.4);
                    m.channels[16].plausible = plausible;
                };
                // Without a range that is plausible, less can be said.
                let is_far = !(1e-12..=1e12).contains(&std) || f64::abs(mean) > 1e8;
                if plausible.is_some() || is_far {
                    check(change, &format!("channels[16].encoding.{field}"), "pH");
                }
            }
        }
        check(|m| m.channels[16].encoding = continuous(7.4, 0.1, 74.0), "channels[16].encoding.normal", "6.5 to 8");
        // Units in which numbers are large or small, and inputs that are not scaled at all.
        for (mean, std, normal, plausible) in [
            (2.5e11, 9e10, 2.4e11, None),
            (0.0, 1.0, 250_000.0, Some([0.0, 2e6])),
            (0.0, 1.0, 0.0, None),
            (1e-8, 2e-8, 0.0, Some([0.0, 1e-5])),
            (0.0, 300.0, 80.0, Some([0.0, 300.0])),
        ] {
            let mut manifest = mimic3();
            manifest.channels[16].encoding = continuous(mean, std, normal);
            manifest.channels[16].plausible = plausible;
            assert_eq!(manifest.validate(), Ok(()), "{mean} {std}");
        }
    }

    #[test]
    fn plausible() {
        check(|m| m.channels[16].plausible = Some([8.0, 6.5]), "channels[16].plausible", "low < high");
        check(|m| m.channels[16].plausible = Some([6.5, f64::NAN]), "channels[16].plausible", "finite");
        check(|m| m.channels[3].plausible = Some([0.0, 4.0]), "channels[3].plausible", "continuous");
    }

    #[test]
    fn noise_and_limits() {
        check(|m| m.channels[16].noise = Some(0.0), "channels[16].noise", "greater than zero");
        check(|m| m.channels[16].noise = Some(f64::NAN), "channels[16].noise", "greater than zero");
        check(|m| m.channels[16].precision = Some(0.0), "channels[16].precision", "greater than zero");
        check(|m| m.channels[3].precision = Some(1.0), "channels[3].precision", "continuous");
        check(|m| m.channels[16].normal_range = Some([2.0, 1.0]), "channels[16].normal_range", "low not above high");
        let limits = |value, change| Some(Limits { value, change });
        let good = limits([7.0, 7.6], [-0.1, 0.1]);
        let mut manifest = mimic3();
        (manifest.channels[16].limits, manifest.channels[3].limits) = (good, limits([0.0, 4.0], [-1.0, 1.0]));
        assert_eq!(manifest.validate(), Ok(()));
        check(|m| m.channels[16].limits = limits([7.6, 7.0], [-0.1, 0.1]), "channels[16].limits.value", "low <= high");
        let endless = limits([7.0, f64::INFINITY], [-0.1, 0.1]);
        check(|m| m.channels[16].limits = endless, "channels[16].limits.value", "finite");
        check(|m| m.channels[16].limits = limits([7.0, 7.6], [0.1, 0.2]), "channels[16].limits.change", "no change");
    }

    fn calibration() -> Calibration {
        let bins = [(0.2, 3), (1.0, 6)].map(|(to, events)| Bin { to, stays: 10, events }).to_vec();
        let group = |is_measured| CoverageGroup {
            measured: BTreeMap::from([("pH".to_owned(), is_measured)]),
            stays: [5, 5],
            event_from: 0.1,
            none_to: 0.9,
        };
        let sets = Some(Sets { coverage: 0.9, groups: vec![group(true), group(false)] });
        Calibration { data: "20 stays".to_owned(), networks: 5, bins, sets }
    }

    /// One change to a good calibration.
    fn check_calibration(change: impl Fn(&mut Calibration), field: &str, word: &str) {
        let mut changed = calibration();
        change(&mut changed);
        let field = format!("outcomes[0].calibration{field}");
        check(|m| m.outcomes[0].calibration = Some(changed.clone()), &field, word);
    }

    #[test]
    fn calibrations() {
        let mut manifest = mimic3();
        manifest.outcomes[0].calibration = Some(calibration());
        assert_eq!(manifest.validate(), Ok(()));
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(Manifest::from_json(&text), Ok(manifest.clone()));
        manifest.outcomes[0].kind = Some(PredictionKind::Number);
        assert!(manifest.validate().unwrap_err().message.contains("one probability"));
        check_calibration(|c| c.data.clear(), ".data", "empty");
        check_calibration(|c| c.networks = 0, ".networks", "greater than zero");
        check_calibration(|c| c.bins.clear(), ".bins", "end at 1");
        check_calibration(|c| c.bins[1].to = 0.9, ".bins", "end at 1");
        check_calibration(|c| c.bins[1].to = 0.2, ".bins[1].to", "above the bin before");
        check_calibration(|c| c.bins[0].stays = 0, ".bins[0].stays", "greater than zero");
        check_calibration(|c| c.bins[0].events = 11, ".bins[0].events", "more than the stays");
    }

    #[test]
    fn calibrations_of_sets() {
        let check = |change: fn(&mut Sets), field: &str, word: &str| {
            check_calibration(|c| change(c.sets.as_mut().unwrap()), &format!(".sets.{field}"), word);
        };
        check(|s| s.coverage = 1.0, "coverage", "between 0 and 1");
        check(|s| s.groups.clear(), "groups", "empty");
        check(|s| s.groups.truncate(1), "groups", "each combination");
        check(|s| s.groups[1] = s.groups[0].clone(), "groups[1].measured", "earlier group");
        check(|s| s.groups[1].measured = BTreeMap::new(), "groups[1].measured", "other channels");
        check(|s| s.groups[0].measured = BTreeMap::from([("ph".to_owned(), true)]), "groups[0].measured", "no channel");
        check(|s| s.groups[0].event_from = f64::NAN, "groups[0].event_from", "0 to 1");
        check(|s| s.groups[1].none_to = 1.5, "groups[1].none_to", "0 to 1");
    }

    #[test]
    fn fits() {
        assert_eq!(mimic3().check_fits(48, 76, 1), Ok(()));
        for (steps, columns, n_outputs, field) in
            [(24, 76, 1, "steps"), (48, 75, 1, "columns"), (48, 76, 2, "outcomes")]
        {
            let error = mimic3().check_fits(steps, columns, n_outputs).unwrap_err();
            assert_eq!(error.place, Place::Field(field.to_owned()));
        }
    }
}
