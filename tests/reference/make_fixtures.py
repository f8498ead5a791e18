"""Writes tests/fixtures/lstm, gru, rnn, explain, methods, close, graphs, heads and stays: small seeded ONNX files and records, and what they must give.

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
    if "gru" in families or "rnn" in families:
        import fixtures_gru

        for family in {"gru", "rnn"} & set(families):
            fixtures_gru.write(FIXTURES / family, family)
    if "explain" in families:
        import fixtures_explain

        fixtures_explain.write(FIXTURES / "explain")
    if "methods" in families:
        import fixtures_methods

        fixtures_methods.write(FIXTURES / "methods")
    if "close" in families:
        import fixtures_close

        fixtures_close.write(FIXTURES / "close")
    if "graphs" in families:
        import fixtures_graphs

        fixtures_graphs.write(FIXTURES / "graphs")
    if "heads" in families:
        write_heads(FIXTURES / "heads", FIXTURES / "explain" / "channel_wise.onnx")
    if "stays" in families:
        import fixtures_stays

        fixtures_stays.write(FIXTURES / "stays")


def write_heads(folder, path):
    """The same network without its last sigmoid: its output is a score, not a probability."""
    import onnx

    model = onnx.load(path)
    nodes = model.graph.node
    assert nodes[-1].op_type == "Sigmoid", nodes[-1].op_type
    model.graph.output[0].name = nodes[-1].input[0]
    del nodes[-1]
    onnx.checker.check_model(model, full_check=True)
    folder.mkdir(exist_ok=True)
    onnx.save(model, folder / "score.onnx")


if __name__ == "__main__":
    main(sys.argv[1:] or ["lstm", "gru", "rnn", "explain", "methods", "close", "graphs", "heads", "stays"])
