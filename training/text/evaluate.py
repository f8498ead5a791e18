"""How right the network is, and whether relevance finds the words that people rated.

The words' ground truth is VADER's lexicon: 7,000 words, each rated by ten people from -4 to 4. Neither training nor the
choice of the vocabulary has seen it. Relevance is that of tests/reference/lrp_reference.py, in float64; a word's is the
sum over its embedding.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tests" / "reference"))

from lrp_reference import Branch, Cell, Layer, Network, Rule, gradient, lrp, run  # noqa: E402

from network import N_EMBEDDING, N_HIDDEN, PADDING, UNKNOWN, encode  # noqa: E402

POLAR = 1.0  # a word rated at least so far from zero is a polar one
ADJECTIVES = {
    1: "good great excellent wonderful beautiful brilliant funny smart perfect enjoyable fresh charming".split(),
    -1: "bad terrible awful boring stupid poor dull silly horrible disappointing weak annoying".split(),
}
FRAMES = ["the film is {} {}", "it was {} {}", "this product is {} {}", "i think the story is {} {}"]


def reference(weights):
    """The trained network's LSTM and head as a reference Network over embedded words."""
    cells = []
    for suffix in ("", "_reverse"):
        part = {name: weights[f"lstm.{name}_l0{suffix}"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        b = part["bias_ih"] + part["bias_hh"]
        gates = {gate: slice(k * N_HIDDEN, (k + 1) * N_HIDDEN) for k, gate in enumerate("ifco")}
        w, u = part["weight_ih"], part["weight_hh"]
        cells.append(
            Cell(
                w={g: w[rows] for g, rows in gates.items()},
                u={g: u[rows] for g, rows in gates.items()},
                b={g: b[rows] for g, rows in gates.items()},
                reverse=bool(suffix),
            )
        )
    branch = Branch(list(range(N_EMBEDDING)), [Layer(cells, "last-state")])
    return Network([branch], [], weights["dense.weight"][0], float(weights["dense.bias"][0]))


class Explainer:
    """Sentences -> tokens, probability, and relevance a word by three methods."""

    def __init__(self, state, words):
        self.weights = {name: value.numpy().astype(np.float64) for name, value in state.items()}
        self.network, self.index = reference(self.weights), {word: n for n, word in enumerate(words)}

    def trace(self, words):
        tokens = encode(words, self.index)
        return tokens, run(self.network, self.weights["embedding.weight"][tokens])

    def relevance(self, trace):
        """{method: relevance a step}."""
        slope = gradient(trace, "score").relevance
        return {
            "LRP, whole score": lrp(trace, "score", Rule()).relevance.sum(axis=1),
            "LRP, the paper's sign mask": lrp(trace, "paper", Rule()).relevance.sum(axis=1),
            "gradient x input": (slope * trace.x).sum(axis=1),
            "squared gradient": (slope**2).sum(axis=1),
        }


def words_found(explainer, rows, lexicon):
    """For every method: how often the most relevant word of a sentence is a polar one of the right sign; and the
    correlation of a word's mean relevance with its rating."""
    hits, chances, by_word = {}, [], {}
    for _, _, words in rows:
        kept = words[-len(encode([], {})) :]
        known = [explainer.index.get(word, UNKNOWN) > UNKNOWN for word in kept]
        tokens, trace = explainer.trace(words)
        side = 1.0 if trace.probability >= 0.5 else -1.0
        right = np.array([k and lexicon.get(w, 0.0) * side >= POLAR for w, k in zip(kept, known)])
        if not right.any():
            continue
        chances.append(right.mean())
        for method, values in explainer.relevance(trace).items():
            values = values[-len(kept) :]
            toward = values if method == "squared gradient" else side * values
            hits.setdefault(method, []).append(bool(right[int(np.argmax(toward))]))
            for word, k, value in zip(kept, known, values):
                if k and word in lexicon:
                    by_word.setdefault(method, {}).setdefault(word, []).append(value)
    result = {"sentences": len(chances), "a word at random": float(np.mean(chances))}
    for method, found in hits.items():
        entry = {"most relevant word is polar, of the right sign": float(np.mean(found))}
        if method != "squared gradient":
            often = {word: values for word, values in by_word[method].items() if len(values) >= 5}
            mean = np.array([np.mean(values) for values in often.values()])
            rating = np.array([lexicon[word] for word in often])
            entry["words seen at least 5 times"] = len(often)
            entry["correlation of mean relevance with the rating"] = float(np.corrcoef(mean, rating)[0, 1])
            entry["sign of mean relevance is the rating's"] = float(np.mean(np.sign(mean) == np.sign(rating)))
        result[method] = entry
    return result


def negation(explainer):
    """Twelve adjectives a side in four frames, plain and after `not`: how often the label is right, and what `not` gets."""
    counts = {"plain": [], "negated": [], "not lowers a negated favourable one": [], "moved the right way": []}
    for side, adjectives in ADJECTIVES.items():
        for adjective in adjectives:
            for frame in FRAMES:
                _, plain = explainer.trace(frame.format("very", adjective).split())
                words = frame.format("not", adjective).split()
                _, negated = explainer.trace(words)
                counts["plain"].append(plain.logit * side > 0)
                counts["negated"].append(negated.logit * side < 0)
                counts["moved the right way"].append((negated.logit - plain.logit) * side < 0)
                if side > 0:
                    r = explainer.relevance(negated)["LRP, whole score"]
                    counts["not lowers a negated favourable one"].append(r[-2] < 0)
    return {name: float(np.mean(values)) for name, values in counts.items()}


def padding_share(explainer, rows):
    """How much of all relevance's magnitude falls on the padding in front of a sentence."""
    shares = []
    for _, _, words in rows[:300]:
        tokens, trace = explainer.trace(words)
        values = np.abs(explainer.relevance(trace)["LRP, whole score"])
        shares.append(values[np.array(tokens) == PADDING].sum() / values.sum())
    return float(np.mean(shares))
