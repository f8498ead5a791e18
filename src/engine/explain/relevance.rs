//! What an explanation is: one number an input, and an account of everything else.

use crate::engine::graph::Link;

/// Relevance of every input column of every step, with its account.
#[derive(Debug, Clone, PartialEq)]
pub struct Relevance {
    /// `[n_steps * n_columns]`, row-major like the input.
    pub values: Vec<f64>,
    /// What was decomposed: the relevance that entered at the top. Equal to the logit when the whole score is
    /// explained; the sum of the products that the paper's sign mask keeps otherwise. For a gradient, the
    /// differentiated output.
    pub score: f64,
    /// The target's score, before the sigmoid, whatever part of it was decomposed.
    pub logit: f64,
    /// The output as the model gives it (after the sigmoid, where there is one).
    pub probability: f64,
    /// Whether the output is a probability.
    pub is_probability: bool,
    /// What the score is counted in.
    pub unit: ScoreUnit,
    /// Where the score went; `None` for a method that decomposes nothing: a gradient, occlusion.
    pub ledger: Option<Ledger>,
    /// Why something is missing, where a method stopped before it was done.
    pub note: Option<Note>,
}

/// What a score is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreUnit {
    /// Log-odds, of which a sigmoid makes the output.
    LogOdds,
    /// The score of one class, of which a softmax makes the output together with those of the others: what all of them gain
    /// alike moves no output.
    Class,
    /// The output itself: a number, or a probability of which no sigmoid comes last, as of one that is clamped.
    Output,
}

impl From<&Link> for ScoreUnit {
    fn from(link: &Link) -> Self {
        match link {
            Link::Sigmoid => Self::LogOdds,
            Link::Softmax { .. } => Self::Class,
            Link::Identity => Self::Output,
        }
    }
}

/// Why an explanation misses more of what it explains than it set out to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Note {
    /// The derivatives that were allowed are used up.
    Derivatives {
        /// So many.
        count: usize,
        /// What is missing of the difference.
        missing: f64,
    },
    /// The score jumps at this place of the line from the reference (0) to the input (1), which no derivative sees.
    Jump {
        /// In 0..=1.
        at: f64,
        /// By so much.
        by: f64,
    },
    /// What is missing is less than the rounding of the runs in single precision: the difference is small beside the scores.
    Rounding {
        /// So much is missing.
        missing: f64,
    },
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Derivatives { count, missing } => {
                write!(f, "{count} derivatives were not enough, and {missing:.2e} of the difference is missing")
            }
            Self::Rounding { missing } => write!(
                f,
                "{missing:.2e} of the difference is missing, no more than the rounding of a run in single precision"
            ),
            Self::Jump { at, by } => write!(
                f,
                "the score jumps by {by:.2e} at {at:.3} of the line from the reference, as where a step begins to be masked, and no derivative sees that"
            ),
        }
    }
}

/// Where the explained score went. Everything but the residual is relevance that some rule put there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ledger {
    /// Sum over all input columns.
    pub inputs: f64,
    /// Kept by bias terms (nothing at bias factor 1) and by other constants of the model file.
    pub biases: f64,
    /// Arrived at initial hidden and cell states.
    pub initial_states: f64,
    /// Kept by the stabiliser (nothing under the 2017 form, which spreads it), and by sums that are exactly zero where
    /// there is no stabiliser.
    pub epsilon: f64,
    /// The score of the reference, for methods that explain the difference from one; else 0.
    pub reference: f64,
}

impl Ledger {
    /// Everything accounted for.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.inputs + self.biases + self.initial_states + self.epsilon + self.reference
    }
}

impl Relevance {
    /// The explained score minus everything accounted for; zero up to rounding for a conserving rule, and what
    /// the quadrature misses for integrated gradients. NaN for a method that decomposes nothing.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.ledger.map_or(f64::NAN, |ledger| self.score - ledger.total())
    }

    /// Sum over all steps of the columns that are marked, `[n_columns]`.
    #[must_use]
    pub fn sum_of_columns(&self, marked: &[bool]) -> f64 {
        self.values.iter().zip(marked.iter().cycle()).filter(|(_, marked)| **marked).map(|(r, _)| r).sum()
    }
}
