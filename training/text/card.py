"""www/models/SENTIMENT.md from training/text/metrics.json, so that no figure drifts."""

import json
from pathlib import Path

CARD = Path(__file__).resolve().parent.parent.parent / "www/models/SENTIMENT.md"


def percent(x):
    return f"{100 * x:.1f} %"


def render(m):
    words, test, negation = m["words"], m["test"], m["negation"]
    found, match = "most relevant word is polar, of the right sign", "correlation of mean relevance with the rating"
    sources = "\n".join(f"| {s} | {v['sentences']} | {percent(v['accuracy'])} |" for s, v in test["by source"].items())
    methods = "\n".join(
        f"| {name} | {percent(v[found])} | {f'{v[match]:.2f}' if match in v else ''} |"
        for name, v in words.items()
        if isinstance(v, dict)
    )
    lrp = words["LRP, whole score"]
    return f"""# Model card: sentiment of a sentence, bidirectional LSTM (text demo of Vitrine)

Every figure is written by `training/text/card.py` from `training/text/metrics.json`.

> **Research and education only.** A small network on short sentences; it judges nobody's writing. Relevance is not causation.

- **File:** `sentiment.onnx`, {m["file"]["bytes"]:,} bytes, SHA-256 `{m["file"]["sha256"]}`, {m["parameters"]:,} parameters
- **What it is:** the paper's other system, small: embedding of 16, bidirectional LSTM of 20 units a direction, the last state of each direction, one sigmoid. 32 words, padding in front; {m["vocabulary"] - 2:,} words known, the most frequent of the training part.
- **Data:** the rated sentences in the source distribution of the Python package vaderSentiment 3.3.2 (MIT licence): film reviews, product reviews, newspaper editorials, tweets, each rated by 20 people from -4 to 4. C. J. Hutto and E. Gilbert, *VADER*, ICWSM 2014. Sentences rated within 0.5 of zero are left out. {m["sentences"]["training"]:,} for training, {m["sentences"]["validation"]:,} for validation, {m["sentences"]["test"]:,} for the test, split by blocks of fifty neighbours, so that sentences of one review stay together. No sentence is in this repository. Beside them {m["sentences"]["grammar"]:,} sentences made by a grammar (`training/text/grammar.py`) teach what a negation does.
- **Made by:** `training/text/train.py`, seeded, PyTorch's TorchScript exporter.

## How right it is

Test part: accuracy {percent(test["accuracy"])}, cross-entropy {test["cross-entropy"]:.3f}; always the more frequent label: {percent(max(m["favourable share of the test part"], 1 - m["favourable share of the test part"]))}. {percent(m["known share of the test part's words"])} of its words are known to the network.

| source | sentences | accuracy |
|---|---|---|
{sources}

Negation: of 96 made-up sentences such as "the film is very good", with adjectives and frames that the grammar does not have, {percent(negation["plain"])} get the right label; with "not" in the place of "very", {percent(negation["negated"])}. "not" moves the score the right way in {percent(negation["moved the right way"])}, and in {percent(negation["not lowers a negated favourable one"])} of the negated favourable ones its own relevance lowers the score. Trained on people's sentences alone, the same network gets 12.5 % of the negated ones right.

## Does relevance find the words that people rated?

Ground truth is VADER's lexicon, words rated by ten people, which training never saw. In the {words["sentences"]:,} test sentences that hold a word rated at least 1 on the predicted side, is the most relevant word such a word? A word drawn at random is one in {percent(words["a word at random"])}. And how does a word's mean relevance correlate with its rating, over the {lrp["words seen at least 5 times"]} rated words seen at least five times?

| method | most relevant word is one | correlation |
|---|---|---|
{methods}

The sign of a word's mean relevance (LRP, whole score) is its rating's for {percent(lrp["sign of mean relevance is the rating's"])} of these words. The padding in front of a sentence gets {percent(m["padding's share of relevance"])} of the magnitude of all relevance. A word's relevance is the sum over its embedding; epsilon 0.01, bias factor 0, 2017 form, float64 reference.
"""


def write_card(metrics):
    CARD.write_text(render(metrics), encoding="utf-8")


if __name__ == "__main__":
    write_card(json.loads(Path(__file__).with_name("metrics.json").read_text(encoding="utf-8")))
