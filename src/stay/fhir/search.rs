//! What a record says of itself as the answer to a search: whether that is whole, and what the server complained of.

use super::given::{given, list};
use crate::stay::report::Notes;
use crate::stay::shown;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};

/// What became of the searches and requests whose answers the Bundles are.
#[derive(Debug, Default)]
pub(super) struct Searches {
    /// How many resources are on the pages of searches of several pages that found so many in all.
    found: BTreeMap<u64, usize>,
    /// How many were found and how many are there, for pages that stand alone and hold less.
    short: Vec<(u64, usize)>,
    /// Addresses of the pages that are there, and of those that follow them.
    here: HashSet<String>,
    next: Vec<String>,
    /// Line and words of what the server reported.
    complaints: Vec<(u64, String)>,
    /// Deletions of what a search would have to find.
    open_deletions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    total: Option<u64>,
    #[serde(deserialize_with = "list")]
    link: Vec<SearchLink>,
    #[serde(deserialize_with = "list")]
    entry: Vec<SearchMatch>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchLink {
    #[serde(deserialize_with = "given")]
    relation: String,
    #[serde(deserialize_with = "given")]
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchMatch {
    #[serde(deserialize_with = "given")]
    search: Mode,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Mode {
    #[serde(deserialize_with = "given")]
    mode: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OperationOutcome {
    #[serde(deserialize_with = "list")]
    issue: Vec<OutcomeIssue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct OutcomeIssue {
    #[serde(deserialize_with = "given")]
    severity: String,
    #[serde(deserialize_with = "given")]
    code: String,
    #[serde(deserialize_with = "given")]
    diagnostics: String,
    #[serde(deserialize_with = "given")]
    details: Details,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "given")]
    text: String,
}

impl Searches {
    /// A Bundle: a page of a search where it says so.
    pub(super) fn add_page(&mut self, text: &str) {
        let page: Page = serde_json::from_str(text).unwrap_or_default();
        let n_matches = page.entry.iter().filter(|entry| matches!(&*entry.search.mode, "" | "match")).count();
        let is_one_of_several = page.link.iter().any(|link| matches!(&*link.relation, "next" | "previous" | "prev"));
        match page.total {
            Some(total) if is_one_of_several => *self.found.entry(total).or_default() += n_matches,
            Some(total) if total > n_matches as u64 => self.short.push((total, n_matches)),
            _ => {}
        }
        for SearchLink { relation, url } in page.link {
            match &*relation {
                "self" => {
                    self.here.insert(url);
                }
                "next" => self.next.push(url),
                _ => {}
            }
        }
    }

    /// A server's answer to one request of a batch.
    pub(super) fn add_answer(&mut self, line: u64, status: &str, outcome: Option<&RawValue>) {
        if status.starts_with(['4', '5']) {
            self.complaints.push((line, format!("the server answered a request with {}", shown(status))));
        }
        if let Some(outcome) = outcome {
            self.add_outcome(line, outcome.get());
        }
    }

    /// An `OperationOutcome`.
    pub(super) fn add_outcome(&mut self, line: u64, text: &str) {
        let outcome: OperationOutcome = serde_json::from_str(text).unwrap_or_default();
        if outcome.issue.is_empty() {
            self.complaints.push((line, "the server reported something without words".to_owned()));
        }
        for OutcomeIssue { severity, code, diagnostics, details } in outcome.issue {
            let words = [severity, code, details.text, diagnostics];
            let words: Vec<String> = words.iter().filter(|word| !word.is_empty()).map(|word| shown(word)).collect();
            self.complaints.push((line, format!("the server reported: {}", words.join(", "))));
        }
    }

    pub(super) fn add_open_deletion(&mut self, url: &str) {
        self.open_deletions.push(shown(url));
    }

    /// What the server reported, without the lines.
    pub(super) fn complaints(&self) -> impl Iterator<Item = String> {
        self.complaints.iter().map(|(_, words)| words.clone())
    }

    /// Notes what is missing, and what the server reported.
    pub(super) fn note(&self, notes: &mut Notes) {
        let short =
            self.found.iter().map(|(total, here)| (*total, *here)).filter(|(total, here)| *total > *here as u64);
        for (total, here) in short.chain(self.short.iter().copied()) {
            notes.push(0, "", || {
                format!(
                    "the search found {total} resources, and {here} of them are in the record; the others are not read"
                )
            });
        }
        let is_whole = self.found.iter().any(|(total, here)| *total <= *here as u64);
        if !is_whole && self.next.iter().any(|url| !self.here.contains(url)) {
            notes.push(0, "", || {
                "the Bundle is not the last page of its search; what stands on the others is not read".to_owned()
            });
        }
        for (line, words) in &self.complaints {
            notes.push(*line, "OperationOutcome", || format!("{words}; the record may not be whole"));
        }
        for url in &self.open_deletions {
            notes.push(0, "", || format!("the record deletes what {url} finds; what that is cannot be known here"));
        }
    }
}
