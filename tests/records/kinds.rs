//! The kinds of records that parse and could mislead, each with its cases and what becomes of them now.
//! `tests/fixtures/cases/kinds.json` has the cases: what is read has exactly the `values` of the file, and the report or the
//! refusal `says` its words; what another test holds is named with that test. The table stands in `docs/bad-files.md`.

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{ColumnNames, Format, Mapping, Origin, ReadOptions, Stay};
use vitrine::{Error, Place};

#[derive(Deserialize)]
struct Kind {
    kind: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    /// A file beside the table, else the text of the record itself.
    #[serde(default)]
    file: String,
    #[serde(default)]
    text: String,
    /// How the text becomes the bytes of a file.
    #[serde(default)]
    packed: Vec<Packing>,
    #[serde(default)]
    options: Asked,
    /// The option that the refusal asks for.
    #[serde(default)]
    asks: String,
    /// Channels with their hours and values; no other hour of theirs is observed.
    values: Option<BTreeMap<String, Vec<(usize, f64)>>>,
    /// Words of the report, or of the refusal.
    #[serde(default)]
    says: Vec<String>,
    /// Another test, and words of it that are this case.
    test: Option<String>,
    #[serde(default)]
    holds: String,
}

/// How a text becomes a file.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Packing {
    Gzip,
    /// Without its last quarter.
    Cut,
    Utf16,
    Utf16WithoutMark,
    Latin1,
    /// Line ends of one carriage return.
    Returns,
}

impl Packing {
    fn pack(self, bytes: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(bytes);
        let utf16 = || text.encode_utf16().flat_map(u16::to_le_bytes);
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Self::Cut => bytes[..bytes.len() * 3 / 4].to_vec(),
            Self::Utf16 => [0xFF, 0xFE].into_iter().chain(utf16()).collect(),
            Self::Utf16WithoutMark => utf16().collect(),
            Self::Latin1 => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
            Self::Returns => text.replace('\n', "\r").into_bytes(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    format: String,
    patient: Option<String>,
    encounter: Option<String>,
    mapping: AskedMapping,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AskedMapping {
    columns: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    zone: Option<String>,
    #[serde(rename = "timeUnit")]
    time_unit: Option<String>,
    dates: Option<String>,
    statistic: Option<String>,
}

impl Asked {
    fn options(&self) -> ReadOptions {
        let column = |role: &str| self.mapping.columns.get(role).cloned();
        let columns = ColumnNames {
            time: column("time"),
            variable: column("variable"),
            value: column("value"),
            ..Default::default()
        };
        let AskedMapping { variables, units, zone, time_unit, dates, statistic, .. } = &self.mapping;
        let (variables, units, zone) = (variables.clone(), units.clone(), zone.clone());
        let time_unit = time_unit.as_ref().map(|unit| unit.parse().unwrap());
        let dates = dates.as_ref().map(|rule| rule.parse().unwrap());
        let statistic = statistic.clone();
        let mapping = Mapping { columns, variables, units, zone, time_unit, dates, statistic, ..Mapping::default() };
        let format = if self.format == "long" { Format::Long } else { Format::Auto };
        let (patient, encounter) = (self.patient.clone(), self.encounter.clone());
        ReadOptions { format, patient, encounter, mapping, ..ReadOptions::default() }
    }
}

/// The table of all kinds.
pub(crate) fn table() -> String {
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let kinds: Vec<Kind> = serde_json::from_str(&std::fs::read_to_string(fixture("kinds.json")).unwrap()).unwrap();
    let n_cases: usize = kinds.iter().map(|kind| kind.cases.len()).sum();
    let mut text = format!(
        "\n## Kinds\n\n{} kinds of records, manifests, views and pages that could mislead, with {n_cases} cases \
         (`tests/fixtures/cases/kinds.json`), and what becomes of each.\n\n| kind | case | outcome |\n|---|---|---|\n",
        kinds.len()
    );
    for Kind { kind, cases } in kinds {
        for (index, case) in cases.iter().enumerate() {
            let kind = if index == 0 { kind.as_str() } else { "" };
            let outcome = case.outcome(&manifest).replace('|', "\\|").replace('\n', " ");
            let _ = writeln!(text, "| {kind} | {} | {outcome} |", case.id);
        }
    }
    text
}

fn fixture(file: &str) -> String {
    format!("{}/tests/fixtures/cases/{file}", env!("CARGO_MANIFEST_DIR"))
}

impl Case {
    fn outcome(&self, manifest: &Manifest) -> String {
        if let Some(test) = &self.test {
            let path = format!("{}/{test}", env!("CARGO_MANIFEST_DIR"));
            let words = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(words.contains(&self.holds), "{}: {test} has no {:?}", self.id, self.holds);
            return format!("held by `{test}`");
        }
        match Stay::open(&self.bytes(), manifest, &self.options.options()) {
            Ok(stay) => self.read(&stay, manifest),
            Err(error) => self.refused(&error),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let bytes = match self.file.as_str() {
            "" => self.text.clone().into_bytes(),
            file => std::fs::read(fixture(file)).unwrap_or_else(|error| panic!("{file}: {error}")),
        };
        self.packed.iter().fold(bytes, |bytes, packing| packing.pack(&bytes))
    }

    fn read(&self, stay: &Stay, manifest: &Manifest) -> String {
        assert!(self.asks.is_empty(), "{}: read, and not asked for {}: {:#?}", self.id, self.asks, stay.report);
        let observed = observed(stay, manifest);
        if let Some(values) = &self.values {
            let same = |seen: &[(usize, f64)], wanted: &[(usize, f64)]| {
                seen.len() == wanted.len()
                    && seen.iter().zip(wanted).all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= 2e-3 * b.1.abs())
            };
            let of = |name: &str| observed.get(name).map_or(&[][..], Vec::as_slice);
            let is_same = values.iter().all(|(name, hours)| same(of(name), hours));
            assert!(is_same, "{}: {observed:?}, wanted {values:?}; {:#?}", self.id, stay.report);
        }
        let said: Vec<String> = self.says.iter().map(|word| said(stay, word, &self.id)).collect();
        let said = if said.is_empty() { String::new() } else { format!("; said: {}", said.join("; ")) };
        let values: Vec<String> = observed.iter().map(|(name, hours)| format!("{name} {}", listed(hours))).collect();
        format!("read: {}{said}", values.join(", "))
    }

    fn refused(&self, error: &Error) -> String {
        assert!(self.values.is_none(), "{}: {error}", self.id);
        let text = error.to_string();
        for word in &self.says {
            assert!(text.contains(word), "{}: {text}", self.id);
        }
        let asks = error.question.as_ref().map_or("", |question| question.option.as_str());
        assert!(self.asks.is_empty() || asks == self.asks, "{}: asks {asks:?}: {text}", self.id);
        if let Some(question) = &error.question {
            let choices: Vec<&str> = question.choices.iter().map(|choice| choice.value.as_str()).collect();
            return format!("asked for `{}`: {}", question.option, choices.join(", "));
        }
        assert!(
            !self.says.is_empty() || error.place != Place::Whole,
            "{}: refused, and nothing says how: {text}",
            self.id
        );
        format!("refused: `{}`", text.chars().take(200).collect::<String>())
    }
}

fn observed(stay: &Stay, manifest: &Manifest) -> BTreeMap<String, Vec<(usize, f64)>> {
    let rows = stay.cells.chunks_exact(manifest.steps).zip(&manifest.channels);
    let seen = rows.map(|(row, channel)| {
        let hours = row.iter().enumerate().filter(|(_, cell)| cell.origin == Origin::Observed);
        (
            channel.name.clone(),
            hours.map(|(hour, cell)| (hour, (cell.value * 1000.0).round() / 1000.0)).collect::<Vec<_>>(),
        )
    });
    seen.filter(|(_, hours)| !hours.is_empty()).collect()
}

fn listed(hours: &[(usize, f64)]) -> String {
    let shown: Vec<String> = hours.iter().take(4).map(|(hour, value)| format!("{value} (hour {hour})")).collect();
    if hours.len() > 4 { format!("{}, ... in {} hours", shown.join(", "), hours.len()) } else { shown.join(", ") }
}

/// The remark that has a word.
fn said(stay: &Stay, word: &str, id: &str) -> String {
    let report = &stay.report;
    let lists = [&report.rows_skipped, &report.notes, &report.implausible, &report.unused, &report.replaced];
    let remarks = lists.into_iter().flatten().map(|it| (it.channel.as_str(), it.message.as_str()));
    let contradictions = report.contradictions.iter().map(|it| ("", it.message.as_str()));
    let mut all = contradictions.chain(remarks);
    let found = all.find(|(about, message)| message.contains(word) || about.contains(word));
    let (about, message) = found.unwrap_or_else(|| panic!("{id}: nothing says {word:?}: {report:#?}"));
    if about.is_empty() { message.to_owned() } else { format!("{about}: {message}") }
}

#[test]
fn every_case_of_every_kind_has_its_outcome() {
    let table = table();
    assert!(table.lines().filter(|line| line.starts_with('|')).count() > 90, "{table}");
}
