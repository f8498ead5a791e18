//! What the numbers come to: one of three words.

use super::effect::Effect;
use super::odds::{HOLDS_FROM, SHAKY_FROM, logit, probability_of};

/// How far an explanation can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It most probably finds what the network goes by.
    Holds,
    /// It may.
    Shaky,
    /// It most probably does not.
    DoesNotHold,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: [Self; 3] = [Self::Holds, Self::Shaky, Self::DoesNotHold];

    /// In one word, or three.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Shaky => "shaky",
            Self::DoesNotHold => "does not hold",
        }
    }

    /// The word for a probability that the map finds what was planted.
    #[must_use]
    pub fn of(probability: f64) -> Self {
        if probability >= HOLDS_FROM {
            Self::Holds
        } else if probability >= SHAKY_FROM {
            Self::Shaky
        } else {
            Self::DoesNotHold
        }
    }
}

/// What is asked of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditQuestion {
    /// Does the score go where the map says when readings are taken away? A correlation, relative to the best picture's.
    Follows,
    /// Are the readings that the map names first those that do most? A part of what the best picture's do.
    Finds,
    /// How far does the picture move when readings err as measurements do? Relative to the picture; it decides nothing.
    Noise,
    /// Is the picture another one when the network has forgotten what it learnt? A rank correlation; it decides nothing.
    Shuffles,
    /// Is the picture the same with ten times more and less epsilon? The lower rank correlation; it decides nothing.
    Epsilon,
}

impl AuditQuestion {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 5] = [Self::Follows, Self::Finds, Self::Noise, Self::Shuffles, Self::Epsilon];

    /// Its name outside.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Follows => "follows",
            Self::Finds => "finds",
            Self::Noise => "noise",
            Self::Shuffles => "shuffles",
            Self::Epsilon => "epsilon",
        }
    }

    /// The question of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.name() == name)
    }

    /// Whether the verdict is made of it. The others are shown beside it: their critics say that they tell good maps from
    /// bad ones poorly, and they have not been measured on networks with known answers.
    #[must_use]
    pub const fn decides(self) -> bool {
        matches!(self, Self::Follows | Self::Finds)
    }
}

/// A question with its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditAnswer {
    /// What was asked.
    pub question: AuditQuestion,
    /// The number, with its interval.
    pub effect: Effect,
}

/// How probable it is that the map finds what the network goes by: an area under the precision-recall curve of at least
/// 0.8, had it been planted. 0 where a deciding question has no answer, or an answer that is no number.
#[must_use]
pub fn probability(answers: &[AuditAnswer]) -> f64 {
    let value = |question| {
        let answer = answers.iter().find(|answer| answer.question == question);
        answer.map_or(f64::NAN, |answer| answer.effect.value)
    };
    probability_of(logit([value(AuditQuestion::Follows), value(AuditQuestion::Finds)]))
}

#[cfg(test)]
mod tests {
    use super::{AuditAnswer, AuditQuestion, Effect, Verdict, probability};

    fn answers(follows: f64, finds: f64) -> Vec<AuditAnswer> {
        let of = |(question, value)| AuditAnswer { question, effect: Effect { value, interval: [value; 2] } };
        [(AuditQuestion::Follows, follows), (AuditQuestion::Finds, finds), (AuditQuestion::Noise, 9.0)].map(of).to_vec()
    }

    #[test]
    fn the_word_goes_with_the_deciding_effects_alone() {
        assert_eq!(Verdict::of(probability(&answers(1.0, 1.0))), Verdict::Holds);
        assert_eq!(Verdict::of(probability(&answers(0.0, 0.1))), Verdict::DoesNotHold);
        assert_eq!(Verdict::of(probability(&answers(-1.0, -1.0))), Verdict::DoesNotHold);
        let mut last = 0.0;
        for step in 0..=10 {
            let p = probability(&answers(f64::from(step) / 10.0, f64::from(step) / 10.0));
            assert!(p > last, "more of both is more probable");
            last = p;
        }
        let without_noise = probability(&answers(0.7, 0.7)[..2]);
        assert!((probability(&answers(0.7, 0.7)) - without_noise).abs() < 1e-15);
        assert_eq!([probability(&answers(f64::NAN, 1.0)), probability(&[])], [0.0, 0.0]);
        assert_eq!(AuditQuestion::ALL.iter().filter(|question| question.decides()).count(), 2);
    }
}
