//! The engine that is loaded, held to stored values of the demo network on demo stays.
//!
//! The values were made on the host, by the same functions (`tests/study/determinism.rs`). Relevance, gradient and picture have
//! to be the same to the last bit; the probability's last sigmoid is tract's, which takes the processor's own
//! instructions, and may differ by [`PROBABILITY_BOUND`].

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::engine::explain::relevance::Relevance;
use crate::engine::explain::{Method, Options};
use crate::engine::number::single;
use crate::picture::colormap::{Colormap, Palette, Rgb};
use crate::picture::grid::{Grid, Part, rows};
use crate::picture::layout::{Layout, LayoutRequest};
use crate::picture::pixmap::{Pixmap, Theme};
use crate::stay::{Format, Stay};
use crate::study::export::sha256;
use crate::{Error, Kind, Model, Place, Result};

/// Says what a file of stored values is, and how they were made.
pub const FORMAT: &str = "vitrine-self-test/1";

/// How far the probability may be from the stored one.
pub const PROBABILITY_BOUND: f64 = 2e-7;

/// The picture that is compared: a width that is no multiple of the hours, rules two pixels thick.
const REQUEST: LayoutRequest = LayoutRequest { width: 640, cell_height: 18, group_gap: 6, line: 2 };
const THEME: Theme = Theme { background: Rgb([0xfc, 0xfb, 0xf9]), ink: Rgb([0x1d, 0x1f, 0x23]) };

/// Stored values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredReference {
    /// [`FORMAT`].
    pub format: String,
    /// The network's file.
    pub model: SourceFile,
    /// What it makes of each stay.
    pub stays: Vec<Values>,
}

/// A file that the values were made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Where it is, relative to the page.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// What the network and the explanation make of one stay. Digests are SHA-256, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// The record.
    pub record: SourceFile,
    /// The first output.
    pub probability: f32,
    /// Of the relevance as JavaScript gets it: single precision, little endian.
    pub lrp: String,
    /// Of the gradient, in the same way.
    pub gradient: String,
    /// Of the relevance as a picture: its RGBA bytes.
    pub picture: String,
}

/// What came of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComparisonOutcome {
    /// Whether every item passed.
    pub passed: bool,
    /// What was compared, file by file.
    pub items: Vec<Item>,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The file that it is about, relative to the page.
    pub file: String,
    /// What was compared.
    pub what: Aspect,
    /// The stored value.
    pub expected: String,
    /// The value that this engine gives.
    pub found: String,
    /// Whether they agree.
    pub passed: bool,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// The file itself: with another one, the other values say nothing about the engine.
    File,
    /// The probability, within [`PROBABILITY_BOUND`].
    Probability,
    /// The relevance, bit by bit.
    Lrp,
    /// The gradient, bit by bit.
    Gradient,
    /// The picture, byte by byte.
    Picture,
}

impl StoredReference {
    /// Reads stored values from JSON.
    ///
    /// # Errors
    /// [`Kind::Argument`] where they are none, or of another version.
    pub fn read(text: &str) -> Result<Self> {
        let reference: Self = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        if reference.format == FORMAT && !reference.stays.is_empty() {
            Ok(reference)
        } else {
            Err(wrong(&format!(
                "is not of the format \"{FORMAT}\" with one stay or more; get the page's files again, all of one build"
            )))
        }
    }

    /// What this engine makes of a network and of records, by their files.
    ///
    /// # Errors
    /// Where a file cannot be read, or the network not explained.
    pub fn made(onnx: (&str, &[u8]), records: &[(&str, &str)]) -> Result<Self> {
        let model = Model::read(onnx.1, None, &HashMap::new())?;
        let stays = records.iter().map(|(file, text)| Values::made(&model, file, text)).collect::<Result<_>>()?;
        Ok(Self { format: FORMAT.to_owned(), model: SourceFile::of(onnx.0, onnx.1), stays })
    }

    /// Compares the stored values with what this engine makes of the same files; `records` are texts by file.
    ///
    /// # Errors
    /// [`Kind::Argument`] where a file is not given; else where one cannot be read, or the network not explained.
    pub fn check(&self, onnx: &[u8], records: &BTreeMap<String, String>) -> Result<ComparisonOutcome> {
        let text_of = |values: &Values| {
            let file = values.record.file.clone();
            let text = records.get(&file).ok_or_else(|| wrong(&format!("names {file}, which was not given")))?;
            Ok((file, text.as_str()))
        };
        let given = self.stays.iter().map(text_of).collect::<Result<Vec<_>>>()?;
        let given: Vec<(&str, &str)> = given.iter().map(|(file, text)| (file.as_str(), *text)).collect();
        let made = Self::made((&self.model.file, onnx), &given)?;
        let stays = self.stays.iter().zip(&made.stays).flat_map(|(expected, found)| expected.compared(found));
        let items: Vec<Item> = std::iter::once(self.model.compared(&made.model)).chain(stays).collect();
        Ok(ComparisonOutcome { passed: items.iter().all(|item| item.passed), items })
    }
}

impl SourceFile {
    fn of(file: &str, bytes: &[u8]) -> Self {
        Self { file: file.to_owned(), sha256: sha256(bytes) }
    }

    fn compared(&self, found: &Self) -> Item {
        same(&self.file, Aspect::File, &self.sha256, &found.sha256)
    }
}

impl Values {
    fn made(model: &Model, file: &str, text: &str) -> Result<Self> {
        let stay = Stay::parse(text, model.manifest(), Format::Auto, file)?;
        let explain = |method| model.explain(&stay.input, &Options { method, ..Options::default() });
        let (lrp, gradient) = (explain(Method::Lrp)?, explain(Method::Gradient)?);
        let probability = model.predict(&stay.input)?.first().copied().unwrap_or(f32::NAN);
        Ok(Self {
            record: SourceFile::of(file, text.as_bytes()),
            probability,
            lrp: digest(&lrp),
            gradient: digest(&gradient),
            picture: sha256(&picture(model, &lrp).rgba),
        })
    }

    fn compared(&self, found: &Self) -> [Item; 5] {
        let file = &self.record.file;
        let distance = (f64::from(self.probability) - f64::from(found.probability)).abs();
        [
            self.record.compared(&found.record),
            Item {
                file: file.clone(),
                what: Aspect::Probability,
                expected: self.probability.to_string(),
                found: found.probability.to_string(),
                passed: distance <= PROBABILITY_BOUND,
            },
            same(file, Aspect::Lrp, &self.lrp, &found.lrp),
            same(file, Aspect::Gradient, &self.gradient, &found.gradient),
            same(file, Aspect::Picture, &self.picture, &found.picture),
        ]
    }
}

fn same(file: &str, what: Aspect, expected: &str, found: &str) -> Item {
    let passed = expected == found;
    Item { file: file.to_owned(), what, expected: expected.to_owned(), found: found.to_owned(), passed }
}

fn digest(relevance: &Relevance) -> String {
    let bytes: Vec<u8> = relevance.values.iter().flat_map(|value| single(*value).to_le_bytes()).collect();
    sha256(&bytes)
}

fn picture(model: &Model, lrp: &Relevance) -> Pixmap {
    let manifest = model.manifest();
    let grid = Grid::relevance(&lrp.values, manifest.columns, &rows(manifest), Part::Both);
    let colormap = Colormap::diverging(Palette::PuOr, THEME.background);
    Pixmap::of_grid(&grid, &Layout::new(manifest, REQUEST), &colormap, grid.limit(), THEME)
}

fn wrong(message: &str) -> Error {
    Error::new(Kind::Argument, message).at(Place::Field("reference".to_owned()))
}
