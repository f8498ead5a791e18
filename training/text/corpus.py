"""Labelled sentences that a package ships: the rated snippets in the source distribution of vaderSentiment 3.3.2 (MIT).

C. J. Hutto and E. Gilbert, VADER, ICWSM 2014: 23,703 sentences from film reviews, product reviews, newspaper editorials
and tweets, each with the mean of 20 people's ratings from -4 to 4; and a lexicon of rated words, which training never
sees and which serves as ground truth for the words.
"""

import hashlib
import io
import random
import re
import subprocess
import sys
import tarfile
from pathlib import Path

PACKAGE, SHA256 = "vaderSentiment==3.3.2", "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
RESOURCES = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
LEXICON = "vaderSentiment-3.3.2/vaderSentiment/vader_lexicon.txt"
SOURCES = ("movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets", "tweets")
CLEAR = 0.5  # sentences rated nearer to zero are left out: neither label would be right
# A word is a run of letters with apostrophes inside; `!` and `?` stand alone; all else separates. The engine's
# tokeniser (src/stay/text.rs) does the same.
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[!?]")


def words_of(sentence):
    return WORD.findall(sentence.lower().replace("\u2019", "'"))


def archive(cache):
    """The package's source distribution, downloaded once through pip, checked, and never run."""
    path = Path(cache) / "vaderSentiment-3.3.2.tar.gz"
    if not path.exists():
        command = ["download", "--no-deps", "--no-binary", ":all:", "--dest", str(cache), PACKAGE]
        subprocess.run([sys.executable, "-m", "pip", *command], check=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{path}: SHA-256 is {digest}, not {SHA256}; delete the file and run again")
    return tarfile.open(path)


def sentences(cache):
    """[(source, mean rating, words)], in the order of the files."""
    inner = tarfile.open(fileobj=io.BytesIO(archive(cache).extractfile(RESOURCES).read()))
    rows = []
    for source in SOURCES:
        text = inner.extractfile(f"hutto_ICWSM_2014/{source}_GroundTruth.txt").read().decode("utf8", "replace")
        for line in text.splitlines():
            _, rating, sentence = line.split("\t", 2)
            rows.append((source, float(rating), words_of(sentence)))
    return rows


def lexicon(cache):
    """{word: mean rating of ten people, -4 to 4}, of entries that are single words."""
    text = archive(cache).extractfile(LEXICON).read().decode("utf8", "replace")
    entries = (line.split("\t")[:2] for line in text.splitlines() if line.strip())
    return {word: float(rating) for word, rating in entries if words_of(word) == [word]}


def document(source, index):
    """Snippets of one review or article stay together: neighbours in the file, in blocks of fifty."""
    return f"{source}/{index // 50}"


def split(rows, seed=2017):
    """(training, validation, test) rows that are clearly rated, 80 : 10 : 10 by document."""
    counters, keyed = {}, []
    for row in rows:
        counters[row[0]] = counters.get(row[0], -1) + 1
        if abs(row[1]) > CLEAR and row[2]:
            keyed.append((document(row[0], counters[row[0]]), row))
    documents = sorted({key for key, _ in keyed})
    random.Random(seed).shuffle(documents)
    cuts = int(0.8 * len(documents)), int(0.9 * len(documents))
    part = {key: 0 if n < cuts[0] else 1 if n < cuts[1] else 2 for n, key in enumerate(documents)}
    return [[row for key, row in keyed if part[key] == p] for p in range(3)]
