"""Writes tests/fixtures/lstm, explain and stays: small seeded ONNX files and records, and what they must give.

    python tests/reference/make_fixtures.py            # all
    python tests/reference/make_fixtures.py lstm       # one family

Needs requirements.txt only. The exporters' files come from make_exporters.py, which needs the frameworks.
"""

import sys
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def main(families):
    if "lstm" in families:
        import fixtures_lstm

        fixtures_lstm.write(FIXTURES / "lstm")
    if "explain" in families:
        import fixtures_explain

        fixtures_explain.write(FIXTURES / "explain")
    if "stays" in families:
        import fixtures_stays

        fixtures_stays.write(FIXTURES / "stays")


if __name__ == "__main__":
    main(sys.argv[1:] or ["lstm", "explain", "stays"])
