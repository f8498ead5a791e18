"""Sentences made by a grammar, whose label is known: they teach the network what a negation does.

People's sentences hold few plain negations ("not boring" is rare), and a network trained on them alone reads "not" as
a slightly bad word. The grammar's adjectives and frames are not those of evaluate.py, which measures what was learnt.
"""

import random

N_SENTENCES = 2400
ADJECTIVES = {
    1: "nice amazing fantastic clever fun interesting lovely entertaining solid impressive strong fine easy happy "
    "powerful original worthwhile engaging".split(),
    -1: "lame ugly slow cheap sad wrong useless flat predictable bland tedious ridiculous confusing mess worthless "
    "offensive difficult pointless".split(),
}
VERBS = {1: "like love enjoy recommend trust".split(), -1: "hate regret dislike".split()}
SUBJECTS = "the movie|this film|the plot|the phone|the service|the acting|that song|the camera|this player|it".split(
    "|"
)
PLAIN, NEGATED = ["is", "was", "is really", "is so", "seems"], ["is not", "isn't", "was not", "wasn't", "is never"]
TAILS = ["", "", "", "at all", "to me", "this time", "in the end"]


def sentences(seed=11):
    """[(source, rating, words)] like those of corpus.py: two thirds negated, both sides alike."""
    rng, rows = random.Random(seed), []
    for _ in range(N_SENTENCES):
        side, is_negated = rng.choice((1, -1)), rng.random() < 2 / 3
        if rng.random() < 0.75:
            verb = rng.choice(NEGATED if is_negated else PLAIN)
            words = [rng.choice(SUBJECTS), verb, rng.choice(ADJECTIVES[side]), rng.choice(TAILS)]
        else:
            verb = rng.choice(
                ["i don't", "i do not", "we didn't", "i did not"] if is_negated else ["i", "we", "i really"]
            )
            words = [verb, rng.choice(VERBS[side]), rng.choice(["it", "this one", "the movie", "the product"])]
        rows.append(("grammar", float(-side if is_negated else side), " ".join(words).split()))
    return rows
