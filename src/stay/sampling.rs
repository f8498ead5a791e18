//! In what and where a value was measured, by what a record calls it: the pH of urine is none of blood, and the temperature of
//! the skin is not the body's.

use super::codes::{Codes, Variable};
use super::shown;

/// The specimen of a value, and the place or method of its measurement; empty where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sampling {
    pub(super) specimen: String,
    pub(super) site: String,
}

impl Sampling {
    /// Why a value is none of the variable, if so.
    pub(super) fn why_not(&self, codes: &Codes, variable: &Variable) -> Option<String> {
        if has_any(&self.specimen, &codes.fluids) {
            return Some(format!("its specimen is {}, not blood", shown(&self.specimen)));
        }
        let mut said = [&self.site, &self.specimen].into_iter();
        let place = said.find(|place| has_any(place, &variable.elsewhere))?;
        Some(format!("it is of {}, where it is another quantity", shown(place)))
    }

    /// Whether a value counts before others of its minute: of arterial blood before venous.
    pub(super) fn is_preferred(&self, variable: &Variable) -> bool {
        has_any(&self.specimen, &variable.preferred) || has_any(&self.site, &variable.preferred)
    }

    /// Whether it is not known if a specimen is blood.
    pub(super) fn is_doubtful(&self, codes: &Codes) -> bool {
        !self.specimen.is_empty() && !has_any(&self.specimen, &codes.bloods)
    }

    /// Both, for people; empty where nothing is said.
    pub(super) fn label(&self) -> String {
        let parts = [&self.specimen, &self.site].into_iter().filter(|part| !part.is_empty());
        parts.map(|part| shown(part)).collect::<Vec<_>>().join(", ")
    }
}

/// Whether a text has any of some words, or rows of words, as whole words, whatever their case.
fn has_any(text: &str, words: &[String]) -> bool {
    if text.is_empty() {
        return false;
    }
    let plain = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        format!(" {} ", words.collect::<Vec<_>>().join(" ").to_lowercase())
    };
    let text = plain(text);
    words.iter().any(|word| text.contains(&plain(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stay::manifest::Manifest;

    fn check(channel: &str, specimen: &str, site: &str, expected: (bool, bool, bool)) {
        let manifest = Manifest::built_in(48, 76, 1).unwrap();
        let codes = Codes::of(&manifest).unwrap();
        let variable = codes.of_channel(channel).unwrap();
        let sampling = Sampling { specimen: specimen.to_owned(), site: site.to_owned() };
        let got = (
            sampling.why_not(&codes, variable).is_some(),
            sampling.is_preferred(variable),
            sampling.is_doubtful(&codes),
        );
        assert_eq!(got, expected, "{channel}: {specimen:?}, {site:?}");
    }

    #[test]
    fn specimens_and_sites() {
        check("pH", "", "", (false, false, false));
        check("pH", "Urine specimen", "", (true, false, true));
        check("pH", "122575003", "", (true, false, true));
        check("pH", "Arterial blood", "", (false, true, false));
        check("pH", "ART.", "", (false, true, false));
        check("pH", "Venous blood", "", (false, false, false));
        check("pH", "Fluid 7", "", (false, false, true));
        check("Temperature", "", "Skin", (true, false, false));
        check("Temperature", "", "skinner box", (false, false, false));
        check("Temperature", "", "Rectal", (false, true, false));
        check("Heart Rate", "", "skin", (false, false, false));
        check("Systolic blood pressure", "", "arterial line", (false, true, false));
        check("Systolic blood pressure", "", "cuff", (false, false, false));
    }
}
