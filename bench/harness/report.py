"""The table, and what is kept of a run."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .peers import ACK, TERRAFORM, peers
from .processes import ROOT

RESULTS = ROOT / "bench" / "results"


@dataclass
class Figure:
    """One measured value."""

    name: str
    n: int
    value: float
    # At most this; None where it is printed only.
    target: float | None = None
    digits: int = 0
    note: str = ""

    @property
    def missed(self) -> bool:
        return self.target is not None and round(self.value, max(self.digits, 2)) > self.target


@dataclass
class Report:
    figures: list[Figure] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, n: int, value: float, target: float | None = None, digits: int = 0, note: str = "") -> None:
        self.figures.append(Figure(name, n, value, target, digits, note))

    def missed(self) -> list[Figure]:
        return [figure for figure in self.figures if figure.missed]

    def add_calls(self, title: str, n: int, calls: Counter[str]) -> None:
        rows = [[operation, str(count), f"{count / n:.2f}"] for operation, count in sorted(calls.items(), key=lambda row: (-row[1], row[0]))]
        self.details.append((title, table(["AWS call", "all", "an object"], rows)))

    def markdown(self, what: str) -> str:
        parts = [f"# {what}\n", *self.conditions, ""]
        if self.figures:
            parts.append(self.table())
        for title, text in self.details:
            parts.append(f"\n## {title}\n\n{text}")
        return "\n".join(parts) + "\n"

    def table(self) -> str:
        head = ["", "objects", "Palisade", "target", f"{TERRAFORM} (ratio)", f"{ACK} (ratio)", ""]
        return table(head, [self._row(figure) for figure in self.figures])

    def _row(self, figure: Figure) -> list[str]:
        number = f"{figure.value:,.{figure.digits}f}"
        target = "" if figure.target is None else f"{'MISSED' if figure.missed else 'met'}: ≤ {figure.target:,.{figure.digits}f}"
        known = peers(figure.name, figure.n)

        def cell(peer: str) -> str:
            if peer not in known:
                return ""
            value, is_measured = known[peer]
            ratio = f" ({value / figure.value:,.1f}×)" if figure.value else ""
            return f"{'' if is_measured else '~'}{value:,.0f}{ratio}"

        return [figure.name, str(figure.n), number, target, cell(TERRAFORM), cell(ACK), figure.note]

    def write(self, what: str) -> Path:
        RESULTS.mkdir(parents=True, exist_ok=True)
        path = RESULTS / f"{datetime.date.today().isoformat()}-{what}.md"
        path.write_text(self.markdown(f"make bench: {what.replace('-', ', ')}"))
        content = {
            "commit": commit(),
            "conditions": self.conditions,
            "figures": [{**asdict(figure), "missed": figure.missed, "peers": peers(figure.name, figure.n)} for figure in self.figures],
        }
        path.with_suffix(".json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return path


def table(head: list[str], rows: list[list[str]]) -> str:
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    numeric = [column > 0 and all(not row[column] or row[column][0].isdigit() or row[column][0] == "~" for row in rows) for column in range(len(head))]

    def line(row: list[str]) -> str:
        return "| " + " | ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numeric, strict=True)) + " |"

    rule = ["-" * (width - 1) + ":" if right else "-" * width for width, right in zip(widths, numeric, strict=True)]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def commit() -> str:
    answer = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True)
    return answer.stdout.strip()


def surroundings() -> str:
    load = os.getloadavg()
    return f"At commit {commit()}, {len(os.sched_getaffinity(0))} cores, load average {load[0]:.1f} (1 min) and {load[2]:.1f} (15 min)."
