//! What the numbers come to, in three words.

/// How far an explanation can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The numbers bear it out.
    Holds,
    /// They do in part.
    Weak,
    /// They do not.
    Fails,
}

impl Verdict {
    /// In one word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Weak => "weak",
            Self::Fails => "fails",
        }
    }
}

/// What is asked of an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Does taking away what is named first lower the score faster than chance? The part of random orders beaten.
    Deletion,
    /// Does putting back what is named first raise it faster than chance? The part of random orders beaten.
    Insertion,
    /// Does the relevance of a set go with what taking it away does? A correlation.
    SensitivityN,
    /// How far does the picture move under noise the size of a measurement's? Relative to the picture.
    MaxSensitivity,
    /// Is the picture another one when the network has forgotten what it learnt? A rank correlation, by magnitude.
    Randomisation,
    /// Is the picture the same with ten times more and less epsilon? The lower rank correlation.
    Epsilon,
}

impl Question {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 6] =
        [Self::Deletion, Self::Insertion, Self::SensitivityN, Self::MaxSensitivity, Self::Randomisation, Self::Epsilon];

    /// Its name outside.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Insertion => "insertion",
            Self::SensitivityN => "sensitivity-n",
            Self::MaxSensitivity => "max-sensitivity",
            Self::Randomisation => "randomisation",
            Self::Epsilon => "epsilon",
        }
    }

    /// The question of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.name() == name)
    }

    /// Where an answer holds, and where it is weak; beyond it fails. The first is the greater where more is better.
    #[must_use]
    pub const fn bounds(self) -> [f64; 2] {
        match self {
            Self::Deletion | Self::Insertion => [0.95, 0.75],
            Self::SensitivityN => [0.7, 0.3],
            Self::MaxSensitivity => [0.2, 0.5],
            Self::Randomisation => [0.3, 0.6],
            Self::Epsilon => [0.9, 0.6],
        }
    }

    /// The verdict on a number; one that is none fails.
    #[must_use]
    pub fn verdict(self, value: f64) -> Verdict {
        let [holds, weak] = self.bounds();
        let reaches = |bound: f64| if holds > weak { value >= bound } else { value <= bound };
        if reaches(holds) {
            Verdict::Holds
        } else if reaches(weak) {
            Verdict::Weak
        } else {
            Verdict::Fails
        }
    }
}

/// A question with its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// The number that decides.
    pub value: f64,
    /// What it comes to.
    pub verdict: Verdict,
}

impl Answer {
    /// The answer that a number gives.
    #[must_use]
    pub fn new(question: Question, value: f64) -> Self {
        Self { question, value, verdict: question.verdict(value) }
    }
}

/// The worst of all answers; an explanation of which nothing was asked fails.
#[must_use]
pub fn overall(answers: &[Answer]) -> Verdict {
    answers.iter().map(|answer| answer.verdict).max().unwrap_or(Verdict::Fails)
}

#[cfg(test)]
mod tests {
    use super::{Answer, Question, Verdict, overall};

    #[test]
    fn the_worst_answer_decides() {
        let good = Answer::new(Question::Deletion, 1.0);
        let weak = Answer::new(Question::Randomisation, 0.5);
        let bad = Answer::new(Question::MaxSensitivity, 3.0);
        assert_eq!([good.verdict, weak.verdict, bad.verdict], [Verdict::Holds, Verdict::Weak, Verdict::Fails]);
        assert_eq!(overall(&[good]), Verdict::Holds);
        assert_eq!(overall(&[good, weak]), Verdict::Weak);
        assert_eq!(overall(&[good, bad, weak]), Verdict::Fails);
        assert_eq!(overall(&[]), Verdict::Fails);
        assert_eq!(Question::SensitivityN.verdict(f64::NAN), Verdict::Fails);
        assert_eq!(Question::MaxSensitivity.verdict(f64::NAN), Verdict::Fails);
    }
}
