"""Renders www/models/MODEL_CARD.md from training/metrics.json and training/model_card.template.md, so that no figure drifts.

`python card.py` renders; a test checks that the committed card is what this renders. Standard library alone.
"""

import json
from pathlib import Path
from string import Template

FOLDER = Path(__file__).resolve().parent
CARD = FOLDER.parent / "www/models/MODEL_CARD.md"
METRIC_NAMES = {
    "auroc": "AUROC",
    "auprc": "AUPRC (average precision)",
    "brier": "Brier score",
    "log_loss": "log-loss",
    "calibration_slope": "calibration slope (1 is perfect)",
    "mean_predicted": "mean predicted probability",
}
MODEL_NAMES = {
    "network": "this network",
    "gradient_boosting": "gradient boosting",
    "logistic_regression": "logistic regression",
}


def render() -> str:
    """The card's text."""
    metrics = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))
    template = Template((FOLDER / "model_card.template.md").read_text(encoding="utf-8"))
    return template.substitute(_values(metrics))


def main() -> None:
    """Writes the card."""
    CARD.write_text(render(), encoding="utf-8")


def _values(m: dict) -> dict[str, str]:
    network, data, robust = m["network"], m["data"], m["robustness"]
    settings = m["training"]["settings"]
    return {
        "auroc": _interval(network["auroc"]),
        "auprc": _interval(network["auprc"]),
        "brier": _interval(network["brier"]),
        "slope": _interval(network["calibration_slope"], 2),
        "mean_predicted": _percent(network["mean_predicted"]["value"]),
        "observed": _percent(network["observed"]),
        "n_all": f"{sum(part['stays'] for part in data.values()):,}",
        "n_test": f"{data['test']['stays']:,}",
        "parts": "; ".join(f"{name} {part['stays']:,} stays ({part['died']:,} deaths)" for name, part in data.items()),
        "metrics_table": _metrics_table(m),
        "against": _against(m),
        "subgroup_table": _subgroup_table(m["subgroups"]),
        "reliability_table": _reliability_table(m["reliability"]),
        "confusion": _confusion(m["threshold"]),
        "sensitivity": _percent(m["threshold"]["sensitivity"]),
        "without_total": f"{robust['without_total']:.3f}",
        "without_parts": f"{robust['without_parts']:.3f}",
        "without_coma_scale": f"{robust['without_coma_scale']:.3f}",
        "redrawn": f"{min(robust['parts_redrawn']):.3f} to {max(robust['parts_redrawn']):.3f}",
        "redrawn_sd": f"{robust['parts_redrawn_probability_sd']:.3f}",
        "external": _external(m["mimic3_demo"]),
        "synthetic_table": _synthetic_table(m["synthetic"]),
        "observed_table": _observed_table(m["observed_share"]),
        "parameters": f"{m['export']['parameters']:,}",
        "bytes": f"{m['export']['bytes']:,}",
        "sha256": m["export"]["sha256"],
        "export_difference": f"{m['export']['largest_difference']:.0e}",
        "versions": ", ".join(f"{name} {version}" for name, version in m["versions"].items()),
        "settings": ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in settings.items()),
        "minutes": f"{m['minutes']:g}",
        "seed": str(m["training"]["seed"]),
    }


def _interval(measure: dict, digits: int = 3) -> str:
    return f"{measure['value']:.{digits}f} ({measure['low']:.{digits}f} to {measure['high']:.{digits}f})"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _metrics_table(m: dict) -> str:
    models = [m["network"], m["baselines"]["gradient_boosting"], m["baselines"]["logistic_regression"]]
    rows = [[name, *(_interval(model[key]) for model in models)] for key, name in METRIC_NAMES.items()]
    return _table(["", *MODEL_NAMES.values()], rows)


def _against(m: dict) -> str:
    """One sentence a baseline: ahead or behind, and whether the interval of the difference leaves room for neither."""
    sentences = []
    for name, difference in m["auroc_minus"].items():
        side = "above" if difference["value"] > 0 else "below"
        clear = difference["low"] > 0 or difference["high"] < 0
        verdict = "the difference is beyond chance" if clear else "the interval includes no difference"
        sentences.append(
            f"its AUROC is {abs(difference['value']):.3f} {side} that of {MODEL_NAMES[name]} "
            f"(difference {difference['value']:+.3f}, {difference['low']:+.3f} to {difference['high']:+.3f}: {verdict})"
        )
    return "; ".join(sentences)


def _subgroup_table(rows: list[dict]) -> str:
    body = [
        [row["by"], row["group"], f"{row['n']:,}", str(row["died"]), _interval(row["auroc"]), _percent(row["mean_predicted"]["value"]), _percent(row["observed"])]
        for row in rows
    ]
    return _table(["by", "group", "stays", "deaths", "AUROC", "mean predicted", "observed"], body)


def _reliability_table(bins: list[dict]) -> str:
    rows = [
        [str(number), str(b["n"]), _percent(b["predicted"]), f"{_percent(b['observed'])} ({_percent(b['low'])} to {_percent(b['high'])})"]
        for number, b in enumerate(bins, 1)
    ]
    return _table(["tenth", "stays", "mean predicted", "observed"], rows)


def _confusion(t: dict) -> str:
    rows = [
        ["died", str(t["true_positive"]), str(t["false_negative"])],
        ["survived", str(t["false_positive"]), str(t["true_negative"])],
    ]
    shares = ", ".join(
        f"{label} {_percent(t[key])}"
        for key, label in (("sensitivity", "sensitivity"), ("specificity", "specificity"), ("ppv", "positive predictive value"), ("npv", "negative predictive value"))
    )
    return _table(["", "predicted 1", "predicted 0"], rows) + f"\n\n{shares[0].upper()}{shares[1:]}."


def _external(demo: dict | None) -> str:
    if demo is None:
        return "not measured in this run (the data were not there)"
    return (
        f"{demo['n']} stays ({demo['died']} deaths): AUROC {_interval(demo['auroc'])}, AUPRC {_interval(demo['auprc'])}, "
        f"Brier score {_interval(demo['brier'])}, mean predicted {_percent(demo['mean_predicted']['value'])} against {_percent(demo['observed'])} observed"
    )


def _synthetic_table(stays: list[dict]) -> str:
    rows = [[stay["name"], "died" if stay["trueLabel"] else "survived", _percent(stay["probability"])] for stay in stays]
    return _table(["synthetic stay", "its story's end", "predicted"], rows)


def _observed_table(share: dict) -> str:
    rows = [[name, _percent(value["hours"]), _percent(value["stays"])] for name, value in share.items()]
    return _table(["channel", "hours with a measurement", "stays with any"], rows)


if __name__ == "__main__":
    main()
