"""What the exported network is worth: figures for metrics.json, all from stays that it was not trained on."""

import numpy as np

import measures
from channels import EYE, INDEX, MOTOR, TOTAL, VERBAL
from discretise import encode

BOOTSTRAP_SEED = 2012
AGE_BANDS = ((15, 45), (45, 65), (65, 80), (80, 200))
BREATHING = [INDEX["Respiratory rate"], INDEX["Oxygen saturation"]]
ICU = {1: "coronary care", 2: "cardiac surgery recovery", 3: "medical", 4: "surgical"}
SUMMARY = ("auroc", "auprc", "brier", "log_loss", "calibration_slope", "calibration_intercept", "mean_predicted")
ONE_BY_ONE = {
    "auroc": measures.auroc,
    "auprc": measures.auprc,
    "brier": measures.brier,
    "log_loss": measures.log_loss,
    "mean_predicted": lambda died, score: float(measures.sigmoid(score).mean()),
}


def onnx_scores(session, x: np.ndarray) -> np.ndarray:
    """Scores (the logit of the probability) of x [N, 48, 76], one stay at a time, as the page runs it."""
    probability = np.array([session.run(None, {"input": stay[None]})[0][0, 0] for stay in x], np.float64)
    return np.log(probability) - np.log1p(-probability)


def mean_score(scores) -> np.ndarray:
    """The score of the mean probability of several networks, `scores` [networks, N]."""
    probability = measures.sigmoid(np.asarray(scores)).mean(axis=0)
    return np.log(probability) - np.log1p(-probability)


def summary(died, score, names=SUMMARY) -> dict:
    """Each measure with its 95 % bootstrap interval: `{name: {"value", "low", "high"}}`."""

    def measure(died, score):
        found = {name: ONE_BY_ONE[name](died, score) for name in names if name in ONE_BY_ONE}
        if "calibration_slope" in names:
            found["calibration_slope"], found["calibration_intercept"] = measures.recalibration(died, score)
        return np.array([found[name] for name in names])

    out = {"n": len(died), "died": int(np.sum(died)), "observed": float(np.mean(died))}
    limits = np.transpose(measures.interval(measure, died, score, seed=BOOTSTRAP_SEED))
    for name, value, (low, high) in zip(names, measure(died, score), limits):
        out[name] = {"value": float(value), "low": float(low), "high": float(high)}
    return out


def at_threshold(died, score, threshold=0.5) -> dict:
    """The confusion table and its shares where a probability above the threshold counts as a predicted death."""
    alarm, died = measures.sigmoid(score) > threshold, np.asarray(died) > 0.5
    tp, fp, fn, tn = (int(np.sum(cell)) for cell in (alarm & died, alarm & ~died, ~alarm & died, ~alarm & ~died))
    shares = {"sensitivity": tp / (tp + fn), "specificity": tn / (tn + fp), "ppv": tp / max(1, tp + fp), "npv": tn / max(1, tn + fn)}
    return {"threshold": threshold, "true_positive": tp, "false_positive": fp, "false_negative": fn, "true_negative": tn} | shares


def compare(died, score, other) -> dict:
    """The difference in AUROC between two scores of the same stays, with a paired bootstrap interval."""

    def difference(died, score, other):
        return measures.auroc(died, score) - measures.auroc(died, other)

    low, high = measures.interval(difference, died, score, other, seed=BOOTSTRAP_SEED)
    return {"value": difference(died, score, other), "low": low, "high": high}


def subgroups(stays: dict, score: np.ndarray) -> list[dict]:
    """AUROC and mean prediction beside the observed share by sex, age, kind of ICU and ventilation."""
    rows = [("sex", "female", stays["sex"] == 0), ("sex", "male", stays["sex"] == 1)]
    for low, high in AGE_BANDS:
        name = f"{low} to {high - 1}" if high < 200 else f"{low} and over"
        rows.append(("age", name, (stays["age"] >= low) & (stays["age"] < high)))
    rows += [("ICU", name, stays["icu"] == code) for code, name in ICU.items()]
    rows += [("ventilation charted", name, stays["ventilated"] == code) for code, name in ((1, "yes"), (0, "no"))]
    names = ("auroc", "mean_predicted", "calibration_slope")
    return [{"by": by, "group": group} | summary(stays["died"][chosen], score[chosen], names) for by, group, chosen in rows]


def robustness(codes: np.ndarray, died: np.ndarray, scaling: np.ndarray, run) -> dict:
    """AUROC when the chart differs from `codes`, which hold the coma scale in full: all of it, its parts alone, none of it, and no
    respiratory rate and oxygen saturation."""
    out = {"all_four": measures.auroc(died, run(encode(codes, scaling)))}
    without = {"parts_alone": [TOTAL], "without_coma_scale": [EYE, MOTOR, TOTAL, VERBAL], "total_alone_without_breathing": [EYE, MOTOR, VERBAL, *BREATHING]}
    for name, channels in without.items():
        changed = codes.copy()
        changed[:, :, channels] = np.nan
        out[name] = measures.auroc(died, run(encode(changed, scaling)))
    return out


def reliability_svg(bins: list[dict], died, score) -> str:
    """Observed share against mean predicted probability by tenth of the test stays, with 95 % intervals; a histogram below."""
    size, left, top, top_value = 300, 46, 12, 0.8

    def x(value):
        return round(left + size * value / top_value, 1)

    def y(value):
        return round(top + size * (1 - value / top_value), 1)

    marks = [
        f'<line x1="{x(b["predicted"])}" y1="{y(b["low"])}" x2="{x(b["predicted"])}" y2="{y(min(top_value, b["high"]))}"/>'
        f'<circle cx="{x(b["predicted"])}" cy="{y(b["observed"])}" r="3.5"/>'
        for b in bins
    ]
    ticks = [
        f'<text x="{x(v)}" y="{top + size + 62}" text-anchor="middle">{v:.1f}</text><text x="{left - 6}" y="{y(v) + 4}" text-anchor="end">{v:.1f}</text>'
        for v in (0, 0.2, 0.4, 0.6, 0.8)
    ]
    counts, edges = np.histogram(measures.sigmoid(score), bins=32, range=(0, top_value))
    bars = [
        f'<rect x="{x(edge)}" y="{round(top + size + 46 - 36 * np.sqrt(n / counts.max()), 1)}" width="{size / 32 - 1:.1f}" height="{round(36 * np.sqrt(n / counts.max()), 1)}"/>'
        for edge, n in zip(edges, counts)
    ]
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + size + 14} {top + size + 86}" font-family="system-ui, sans-serif" font-size="11">
<title>Reliability of the demo network on {len(died)} held-back stays</title>
<rect width="100%" height="100%" fill="#fff"/>
<g stroke="#888" fill="none"><rect x="{left}" y="{top}" width="{size}" height="{size}"/><line x1="{x(0)}" y1="{y(0)}" x2="{x(top_value)}" y2="{y(top_value)}" stroke-dasharray="4 4"/></g>
<g fill="#444">{"".join(ticks)}<text x="{left + size / 2}" y="{top + size + 80}" text-anchor="middle">predicted probability (bars: stays, square-root scale)</text>
<text transform="translate(12 {top + size / 2}) rotate(-90)" text-anchor="middle">observed share of deaths</text></g>
<g fill="#b9c3d0">{"".join(bars)}</g>
<g stroke="#5b3a8c" stroke-width="1.5" fill="#5b3a8c">{"".join(marks)}</g>
</svg>
"""
