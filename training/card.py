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
    "calibration_intercept": "calibration intercept (0 is perfect)",
    "mean_predicted": "mean predicted probability",
}
GOAL_AUROC, GOAL_SLOPE = 0.847, (0.9, 1.1)
MODEL_NAMES = {
    "network": "the five together",
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
    groups = {(row["by"], row["group"]): row for row in m["subgroups"]}
    young, old = groups["age", "15 to 44"], groups["age", "80 and over"]
    return {
        "singles_table": _singles_table(m),
        "spread": f"{m['spread']:.3f}",
        "coverage_table": _coverage_table(m["coverage"]),
        "coverage_range": _coverage_range(m["coverage"]),
        "young": f"{_percent(young['mean_predicted']['value'])} predicted, {_percent(young['observed'])} observed",
        "old": f"{_percent(old['mean_predicted']['value'])} predicted, {_percent(old['observed'])} observed",
        "reached": _reached(network),
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
        "all_four": f"{robust['all_four']:.3f}",
        "parts_alone": f"{robust['parts_alone']:.3f}",
        "without_coma_scale": f"{robust['without_coma_scale']:.3f}",
        "without_breathing": f"{robust['total_alone_without_breathing']:.3f}",
        "external": _external(m["external"], network),
        "synthetic_table": _synthetic_table(m["synthetic"]),
        "observed_table": _observed_table(m["observed_share"]),
        "parameters": f"{m['export']['parameters']:,}",
        "files": _files(m["export"]["files"]),
        "export_difference": f"{m['export']['largest_difference']:.0e}",
        "versions": ", ".join(f"{name} {version}" for name, version in m["versions"].items()),
        "settings": ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in settings.items()),
        "minutes": f"{m['minutes']:g}",
        "seeds": ", ".join(map(str, m["training"]["seeds"])),
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
        [row["by"], row["group"], f"{row['n']:,}", str(row["died"]), _interval(row["auroc"]), _interval(row["calibration_slope"], 2), _percent(row["mean_predicted"]["value"]), _percent(row["observed"])]
        for row in rows
    ]
    return _table(["by", "group", "stays", "deaths", "AUROC", "slope", "mean predicted", "observed"], body)


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


def _reached(network: dict) -> str:
    """Whether the two goals stated for the networks are reached."""
    auroc, slope = network["auroc"]["value"], network["calibration_slope"]["value"]
    first = "reached" if auroc >= GOAL_AUROC else f"not reached, by {GOAL_AUROC - auroc:.3f}"
    low, high = GOAL_SLOPE
    second = "reached" if low <= slope <= high else "not reached"
    return f"AUROC {GOAL_AUROC} or more: {first} ({auroc:.4f}); calibration slope {low} to {high}: {second} ({slope:.2f})"


def _singles_table(m: dict) -> str:
    rows = [
        [file["name"], *(_interval(one[key], digits) for key, digits in (("auroc", 3), ("calibration_slope", 2), ("mean_predicted", 3)))]
        for file, one in zip(m["export"]["files"], m["singles"])
    ]
    return _table(["network", "AUROC", "calibration slope", "mean predicted"], rows)


def _files(files: list[dict]) -> str:
    return _table(["file", "bytes", "SHA-256"], [[one["name"], f"{one['bytes']:,}", f"`{one['sha256']}`"] for one in files])


def _coverage_table(rows: list[dict]) -> str:
    def asked(measured):
        return ", ".join(f"{channel}: {'yes' if answer else 'no'}" for channel, answer in measured.items())

    body = [
        [asked(row["measured"]), "died" if row["died"] else "survived", str(row["stays"]), f"{_percent(row['coverage'])} ({_percent(row['low'])} to {_percent(row['high'])})"]
        for row in rows
    ]
    return _table(["ever measured", "outcome", "stays", "covered (95 % of halves)"], body)


def _coverage_range(rows: list[dict]) -> str:
    large = [row["coverage"] for row in rows if row["stays"] >= 100]
    return f"{_percent(min(large))} to {_percent(max(large))}"


EXTERNAL_NAMES = {"eicu-demo": "eICU demo", "mimic3-demo": "MIMIC-III demo"}


def _external(found: dict, own: dict) -> str:
    """A table of all data sets beside the held-back stays, and one of groups and of what is missing for each."""
    names = [name for name in EXTERNAL_NAMES if name in found]
    if not names:
        return "Not measured in this run (the data were not there)."
    head = ["", "held back", *(EXTERNAL_NAMES[name] for name in names)]
    rows = [["stays (deaths)", *(f"{one['n']:,} ({one['died']})" for one in (own, *(found[name] for name in names)))]]
    rows += [[label, *(_interval(one[key]) for one in (own, *(found[name] for name in names)))] for key, label in METRIC_NAMES.items() if key != "log_loss"]
    rows.append(["observed", *(_percent(one["observed"]) for one in (own, *(found[name] for name in names)))])
    parts = [_table(head, rows)]
    for name in names:
        one = found[name]
        never = ", ".join(one["never_measured"]) or "nothing"
        share = ", ".join(
            f"{channel} {_percent(one['observed_share'][channel]['hours'])}" for channel in ("Oxygen saturation", "Respiratory rate", "Fraction inspired oxygen", "pH")
        )
        parts.append(f"**{EXTERNAL_NAMES[name]}.** Never measured there: {never}. Hours with a measurement: {share}.")
        parts.append(f"{_subgroup_table(one['subgroups'])}\n\nIts list names no unit." if one["subgroups"] else "Its list names neither age nor sex nor unit.")
    return "\n\n".join(parts)


def _synthetic_table(stays: list[dict]) -> str:
    rows = [[stay["name"], "died" if stay["trueLabel"] else "survived", _percent(stay["probability"])] for stay in stays]
    return _table(["synthetic stay", "its story's end", "predicted"], rows)


def _observed_table(share: dict) -> str:
    rows = [[name, _percent(value["hours"]), _percent(value["stays"])] for name, value in share.items()]
    return _table(["channel", "hours with a measurement", "stays with any"], rows)


if __name__ == "__main__":
    main()
