//! The rows of a cohort as CSV.

use super::Row;
use crate::study::summary::Finding;

/// One line a stay, with a header. Text fields are quoted where they have to be.
#[must_use]
pub fn to_csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "stay,probability,predicted_label,y_true,raised_most_by,lowered_most_by,rows_skipped,implausible_values,notes,error\n",
    );
    for row in rows {
        let fields = [
            field(&row.name),
            row.probability.map_or_else(String::new, |p| p.to_string()),
            row.predicted_label.map_or_else(String::new, |label| label.to_string()),
            row.label.map_or_else(String::new, |label| label.to_string()),
            field(&names(&row.raising)),
            field(&names(&row.lowering)),
            row.n_skipped.to_string(),
            row.n_implausible.to_string(),
            row.n_notes.to_string(),
            field(row.error.as_deref().unwrap_or_default()),
        ];
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

fn names(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.channel.as_str()).collect::<Vec<_>>().join("; ")
}

/// A text as a CSV field. A leading sign that a spreadsheet would take for a formula is set apart by a quote mark.
pub(crate) fn field(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields_are_quoted_and_harmless() {
        assert_eq!(field("a.csv"), "a.csv");
        assert_eq!(field("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
    }
}
