//! What is on screen, to be taken away: as a table, as a picture made of shapes, and as a file that loads back. Each
//! says what it was made from.

pub mod csv;
mod how;
pub mod risk_assessment;
pub mod snapshot;

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::study::table::footer;

/// What stands under everything that is taken away.
pub const NOTICE: &str = "Research and education only. Not a medical device; relevance is not causation.";

/// The SHA-256 of some bytes, as 64 hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = write!(text, "{byte:02x}");
        text
    })
}

/// What an export was made from, and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provenance {
    /// The model's name as people read it.
    pub model: String,
    /// SHA-256 of the model's file.
    pub model_sha256: String,
    /// What the model says about itself: what it was trained on and for, and what it is not for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model_card: String,
    /// The record's name.
    pub data: String,
    /// SHA-256 of the record's text; empty for many records.
    pub data_sha256: String,
    /// So many edits were made to the record.
    #[serde(default)]
    pub n_edits: usize,
    /// The method with its options, for people.
    pub method: String,
    /// The score explained minus everything accounted for; nothing for a method that decomposes nothing. Many records
    /// have one each, and the footer names none.
    #[serde(default)]
    pub residual: Option<f64>,
    /// This program's version.
    #[serde(default = "version")]
    pub version: String,
}

/// This program's version.
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

impl Provenance {
    /// The footer, line by line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let edits = match self.n_edits {
            0 => String::new(),
            1 => ", changed by 1 edit".to_owned(),
            n => format!(", changed by {n} edits"),
        };
        let is_many = self.data_sha256.is_empty();
        let residual = match self.residual {
            _ if is_many => String::new(),
            Some(residual) => format!("; residual {residual:.1e}"),
            None => "; residual none (nothing is decomposed)".to_owned(),
        };
        let card = self.model_card.split_whitespace().collect::<Vec<_>>().join(" ");
        let card = if card.is_empty() { "the model says nothing about its training" } else { &card };
        let digest = if is_many { String::new() } else { format!(" (SHA-256 {})", self.data_sha256) };
        let lines = [
            format!("Model: {} (SHA-256 {})", self.model, self.model_sha256),
            format!("Model card: {card}"),
            format!("Data: {}{digest}{edits}", self.data),
            format!("Method: {}{residual}", self.method),
            format!("Vitrine {}. {NOTICE}", self.version),
        ];
        // A name may hold line ends and marks that hide: a line of the footer is one line that can be seen.
        lines.map(|line| crate::stay::visible(&line).replace(['\n', '\r', '\t'], " ")).to_vec()
    }

    /// The footer under a table: every line begins with `#`, and none holds what a spreadsheet would compute.
    #[must_use]
    pub fn comments(&self) -> String {
        footer(self.lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_digests() {
        // FIPS 180-2, appendix B.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn the_footer_says_what_and_how() {
        let mut provenance = Provenance {
            model: "tiny".into(),
            model_sha256: "aa".into(),
            model_card: "Trained on nothing.\n  For tests only.".into(),
            data: "a.csv".into(),
            data_sha256: "bb".into(),
            n_edits: 2,
            method: "lrp".into(),
            residual: Some(1.2e-9),
            version: "1.0.0".into(),
        };
        assert_eq!(
            provenance.lines(),
            [
                "Model: tiny (SHA-256 aa)",
                "Model card: Trained on nothing. For tests only.",
                "Data: a.csv (SHA-256 bb), changed by 2 edits",
                "Method: lrp; residual 1.2e-9",
                "Vitrine 1.0.0. Research and education only. Not a medical device; relevance is not causation.",
            ]
        );
        (provenance.model_card, provenance.data_sha256, provenance.n_edits) = Default::default();
        assert_eq!(provenance.lines()[2], "Data: a.csv");
        assert_eq!(provenance.lines()[1], "Model card: the model says nothing about its training");
        provenance.residual = None;
        assert_eq!(provenance.lines()[3], "Method: lrp", "many records have many residuals, and that is not none");
    }
}
