"""Horizontal bars as SVG, readable on light and on dark paper."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

LABEL, WIDTH, VALUE, BAR, GAP = 190, 440, 90, 18, 8
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}"
    ".bar{fill:#8c959f}.ours{fill:#0969da}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.ours{fill:#58a6ff}}"
)


def bars(title: str, values: Sequence[tuple[str, float]], *, unit: str, ours: str) -> str:
    """One bar for each (label, value), as long as the value is large; the one labelled `ours` stands out."""
    longest = max((value for _, value in values), default=0.0) or 1.0
    height = 34 + len(values) * (BAR + GAP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + WIDTH + VALUE}" height="{height}" '
        f'viewBox="0 0 {LABEL + WIDTH + VALUE} {height}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="0" y="16">{escape(title)}</text>',
    ]
    for number, (label, value) in enumerate(values):
        top = 30 + number * (BAR + GAP)
        length = max(1.0, value / longest * WIDTH)
        kind = "bar ours" if label == ours else "bar"
        lines += [
            f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(label)}</text>',
            f'<rect class="{kind}" x="{LABEL}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>',
            f'<text x="{LABEL + length + 6:.1f}" y="{top + 14}">{value:.4g} {escape(unit)}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
