"""Draws the tables of docs/known-answers.md as bars: docs/figures/toy.svg, planted.svg, mass.svg.

    python training/figures.py      # the last step of `make answers`; reads the document, computes nothing
"""

import re
import sys
from html import escape
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1b1b1b } .quiet { fill: #5c5c5c } .axis { stroke: #8a8a8a }
.bar0 { fill: #2166ac } .bar1 { fill: #b2182b } .range { stroke: #1b1b1b; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #eaeaea } .quiet { fill: #b0b0b0 } .axis { stroke: #8a8a8a }
  .bar0 { fill: #6fb1e8 } .bar1 { fill: #f08a7a } .range { stroke: #eaeaea }
}
"""
LEFT, WIDTH, BAR, GAP = 290, 420, 11, 12


def table(mark):
    """-> (column names, [(row name, [cell text, ...]), ...])"""
    text = (DOCS / "known-answers.md").read_text(encoding="utf-8")
    lines = text.split(f"<!-- {mark} -->\n")[1].split(f"<!-- end of {mark} -->")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return cells[0][1:], [(row[0], row[1:]) for row in cells[2:]]


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def bars(name, title, names, rows, low, high):
    """rows: (name, one [value, low, high] or None a column)"""
    at = lambda value: LEFT + (value - low) / (high - low) * WIDTH  # noqa: E731
    step = len(names) * BAR + GAP
    height = 64 + step * len(rows)
    out = [f'<text x="0" y="16">{escape(title)}</text>']
    for k, label in enumerate(names):
        out.append(f'<rect class="bar{k}" x="{LEFT + 190 * k}" y="28" width="11" height="11"/><text class="quiet" x="{LEFT + 16 + 190 * k}" y="38">{escape(label)}</text>')
    for place, (label, values) in enumerate(rows):
        top = 52 + place * step
        out.append(f'<text x="{LEFT - 8}" y="{top + len(names) * BAR / 2 + 5}" text-anchor="end">{escape(label)}</text>')
        for k, value in enumerate(values):
            y = top + k * BAR
            if value is None:
                out.append(f'<text class="quiet" x="{at(max(low, 0)) + 4}" y="{y + 10}">{"refused" if k == 0 else ""}</text>')
                continue
            ends = sorted([at(max(low, min(0, high))), at(value[0])])
            out.append(f'<rect class="bar{k}" x="{ends[0]:.1f}" y="{y}" width="{ends[1] - ends[0]:.1f}" height="{BAR - 2}"/>')
            if len(value) == 3:
                out.append(f'<path class="range" d="M{at(value[1]):.1f} {y + 4.5}H{at(value[2]):.1f}"/>')
    for tick in [low, (low + high) / 2, high]:
        out.append(f'<text class="quiet" x="{at(tick)}" y="{height - 2}" text-anchor="middle">{tick:g}</text>')
    zero = at(max(low, 0))
    out.append(f'<path class="axis" d="M{zero} 48V{height - 16}"/>')
    size = f"0 0 {LEFT + WIDTH + 20} {height}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img" aria-label="{escape(title)}"><style>{STYLE}</style>{"".join(out)}</svg>\n'
    (DOCS / "figures").mkdir(exist_ok=True)
    (DOCS / "figures" / f"{name}.svg").write_text(svg, encoding="utf-8")


def main():
    names, rows = table("toy")
    pick = [2, 3]
    signed = [(label, [numbers(cells[k])[:1] for k in pick]) for label, cells in rows]
    bars("toy", "Subtraction: correlation of relevance with each number, in %", [names[k] for k in pick], signed, -100, 100)
    names, rows = table("planted")
    values = [(label, [numbers(cell) or None for cell in cells[1:]]) for label, cells in rows]
    bars("planted", "Finding what was planted: area under the precision-recall curve", names[1:], values, 0, 1)
    names, rows = table("mass")
    ends = [(label, [numbers(cells[k]) for k in (1, len(cells) - 1)]) for label, cells in rows]
    bars("mass", "Share of all absolute relevance, in %", ["first six hours", "last six hours"], ends, 0, 50)
    return 0


if __name__ == "__main__":
    sys.exit(main())
