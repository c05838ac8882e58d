# SPDX-License-Identifier: Apache-2.0
"""One figure: what Upkeep needs, what the bare program beside it needs, and what was promised."""

import dataclasses
import statistics


@dataclasses.dataclass
class Figure:
    """`upkeep` and `bare` are samples in `unit`, the same number of each, taken in turns; `bare` may be missing.

    `most_ratio`, `most` and `least` are promises: of the ratio of the medians, of Upkeep's median. Without one the figure only informs.
    """

    name: str
    unit: str
    upkeep: list
    bare: list = None
    most_ratio: float = None
    most: float = None
    least: float = None

    @property
    def value(self):
        return statistics.median(self.upkeep)

    @property
    def beside(self):
        return statistics.median(self.bare) if self.bare else None

    @property
    def ratio(self):
        return self.value / self.beside if self.bare else None

    @property
    def promise(self):
        if self.most_ratio is not None:
            return f"≤ {self.most_ratio:g} ×"
        if self.most is not None:
            return f"≤ {number(self.most)} {self.unit}"
        return f"≥ {number(self.least)} {self.unit}" if self.least is not None else ""

    @property
    def held(self):
        """True, False, or None when nothing was promised."""
        if self.most_ratio is not None:
            return self.ratio <= self.most_ratio
        if self.most is not None:
            return self.value <= self.most
        return self.value >= self.least if self.least is not None else None

    def as_json(self):
        return {"name": self.name, "unit": self.unit, "upkeep": self.value, "bare": self.beside, "ratio": self.ratio,
                "promise": self.promise or None, "held": self.held, "samples": {"upkeep": self.upkeep, "bare": self.bare}}


def number(value):
    """Three digits that count, and a space between thousands."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def table(figures):
    """The figures as a table that reads well in a terminal and is Markdown."""
    rows = [("figure", "Upkeep", "bare", "ratio", "promise", "")]
    for one in figures:
        word = {True: "held", False: "MISSED", None: ""}[one.held]
        rows.append((one.name, f"{number(one.value)} {one.unit}", f"{number(one.beside)} {one.unit}" if one.bare else "",
                     f"{one.ratio:.2f} ×" if one.bare else "", one.promise, word))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
