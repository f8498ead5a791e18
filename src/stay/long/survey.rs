//! What a table holds, for a choice to be made before it is read.

use super::columns::{Columns, KeyKind, ROLES, Shape};
use super::what::What;
use super::{LongTable, header, is_missing, wrong};
use crate::Result;
use crate::engine::order::sort_by;
use crate::stay::codes::Codes;
use crate::stay::manifest::Manifest;
use crate::stay::mimic3::check_text;
use crate::stay::options::{Mapping, ReadOptions};
use crate::stay::table::Rows;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Most names that a [`TableSurvey`] lists.
const SURVEYED_MAX: usize = 200;

/// What a table holds, for a choice to be made before it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableSurvey {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// What each column is known to be, by `time`, `variable`, `value`, `unit`, `patient`, `encounter`.
    pub roles: BTreeMap<&'static str, String>,
    /// Whether each variable has a column of its own.
    pub is_wide: bool,
    /// The names in the column of the variable, or the columns of a wide table, as far as they are known, the most frequent
    /// first.
    pub variables: Vec<SurveyName>,
    /// The names in the column of the patient, as far as it is known.
    pub patients: Vec<String>,
    /// The unit of times that are numbers, where the column's name says it.
    pub time_unit: Option<&'static str>,
}

/// A name in the column of the variable, or of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SurveyName {
    /// As the record spells it.
    pub name: String,
    /// How many values bear it.
    pub count: usize,
    /// The model's channel that it is known to be.
    pub channel: Option<String>,
    /// The unit that it is known to be in.
    pub unit: Option<String>,
}

/// Looks a table over. What `mapping` says of columns is taken as it says.
///
/// # Errors
/// [`crate::Kind::Record`] where the text is empty or no text, [`crate::Kind::Argument`] where `mapping` names a column that
/// is not there.
pub fn survey(text: &str, manifest: &Manifest, mapping: &Mapping) -> Result<TableSurvey> {
    check_text(text)?;
    let codes = Codes::of(manifest)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = ReadOptions { mapping: mapping.clone(), ..ReadOptions::default() };
    let mut survey = roles(text, &codes, mapping)?;
    let Ok(columns) = header(text, manifest, &codes, &options) else {
        count_alone(&mut survey, text, manifest, &codes, mapping)?;
        return Ok(survey);
    };
    survey.is_wide = matches!(columns.shape, Shape::Wide(_));
    survey.time_unit = columns.time_unit.map(crate::stay::options::TimeUnit::name);
    let table = LongTable { text, columns, codes: &codes };
    let who = table.look()?.who;
    survey.patients = who.values(KeyKind::Patient).into_iter().take(SURVEYED_MAX).collect();
    survey.variables = named(counts(&table)?, &What::new(manifest, &codes, mapping, false));
    Ok(survey)
}

/// The columns alone, and which of them are known.
fn roles(text: &str, codes: &Codes, mapping: &Mapping) -> Result<TableSurvey> {
    let mut rows = Rows::of(text)?;
    let Some(row) = rows.next()? else { return Err(wrong("the record is empty; open a table with a header")) };
    let columns: Vec<String> = row.fields.iter().map(|name| name.trim().to_owned()).collect();
    let fields = Columns::roles(&row, codes, mapping)?;
    let known = ROLES.into_iter().zip(fields).filter_map(|(role, field)| Some((role, columns.get(field?)?.clone())));
    Ok(TableSurvey { roles: known.collect(), columns, ..TableSurvey::default() })
}

/// How many values each name has.
fn counts(table: &LongTable<'_>) -> Result<HashMap<String, usize>> {
    let mut counts = HashMap::new();
    table.each(|_, row| {
        let mut count = |name: &str| match counts.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                counts.insert(name.to_owned(), 1);
            }
        };
        match &table.columns.shape {
            Shape::Long { variable, .. } => count(row.fields.get(*variable).unwrap_or("").trim()),
            Shape::Wide(fields) => {
                for field in fields.iter().filter(|field| !is_missing(row.fields.get(**field).unwrap_or("").trim())) {
                    count(&table.columns.names[*field]);
                }
            }
        }
        Ok(())
    })?;
    Ok(counts)
}

/// Names and patients of a table whose columns are not all known.
fn count_alone(
    survey: &mut TableSurvey,
    text: &str,
    manifest: &Manifest,
    codes: &Codes,
    mapping: &Mapping,
) -> Result<()> {
    let mut rows = Rows::of(text)?;
    let place = |role: &str| {
        let name = survey.roles.get(role)?;
        survey.columns.iter().position(|column| column == name)
    };
    let (variable, patient) = (place("variable"), place("patient"));
    let (mut variables, mut patients) = (HashMap::new(), BTreeMap::new());
    rows.next()?;
    while let Some(row) = rows.next()? {
        let cell =
            |field: Option<usize>| field.and_then(|field| row.fields.get(field)).map(|text| text.trim().to_owned());
        if let Some(name) = cell(variable) {
            *variables.entry(name).or_insert(0) += 1;
        }
        if let Some(name) = cell(patient) {
            patients.insert(name, ());
        }
    }
    survey.variables = named(variables, &What::new(manifest, codes, mapping, false));
    survey.patients = patients.into_keys().take(SURVEYED_MAX).collect();
    Ok(())
}

/// Names with their channels, the most frequent first.
fn named(counts: HashMap<String, usize>, what: &What<'_, '_, '_>) -> Vec<SurveyName> {
    let mut all: Vec<(String, usize)> = counts.into_iter().collect();
    sort_by(&mut all, |(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    all.truncate(SURVEYED_MAX);
    let named = |(name, count): (String, usize)| {
        let (channel, unit) = what.guess(&name);
        SurveyName { name, count, channel, unit }
    };
    all.into_iter().map(named).collect()
}
