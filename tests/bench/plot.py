# SPDX-License-Identifier: Apache-2.0
"""Draws the growth of costs as an SVG: one panel per operation, all with the same two logarithmic
axes, so that a flat line is a flat line anywhere. Colours follow the reader's light or dark setting, and
who is who shows without colour too, by dashes and marks.
"""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT, COLUMNS = 260, 190, 3
LEFT, TOP, RIGHT, BOTTOM, LEGEND = 60, 34, 12, 34, 34
STYLE = """
  svg { --page: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d8dee4; --weir: #0969da; --go: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --weir: #58a6ff; --go: #f0883e; }
  }
  .page { fill: var(--page); }
  text { font: 11px system-ui, sans-serif; fill: var(--soft); }
  .title { font-weight: 600; fill: var(--ink); }
  .grid { stroke: var(--line); stroke-width: 1; }
  .curve { fill: none; stroke-width: 2; }
  .weir .curve { stroke: var(--weir); }  .weir .mark { fill: var(--weir); }
  .go .curve { stroke: var(--go); stroke-dasharray: 5 3; }  .go .mark { fill: var(--go); }
"""


def decades(low, high):
    """Powers of ten that enclose low to high, at least two."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** e for e in range(first, max(last, first + 1) + 1)]


def where(value, low, high, start, end):
    return start + (end - start) * math.log(value / low) / math.log(high / low)


def mark(who, x, y):
    if who == "go":
        return f'<rect class="mark" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'
    return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'


def curve(who, points):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (f'<g class="{who}"><polyline class="curve" points="{path}"/>'
            + "".join(mark(who, x, y) for x, y in points) + "</g>")


def label(value):
    return f"{value:,.0f} ns" if value >= 1 else f"{value:g} ns"


def panel(title, curves, sizes, ticks, x0, y0):
    left, right, top, bottom = x0 + LEFT, x0 + WIDTH - RIGHT, y0 + TOP, y0 + HEIGHT - BOTTOM
    parts = [f'<text class="title" x="{x0 + 12}" y="{y0 + 20}">{escape(title)}</text>']
    for tick in ticks:
        y = where(tick, ticks[0], ticks[-1], bottom, top)
        parts.append(f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
                     f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end">{label(tick)}</text>')
    for n in sizes:
        x = where(n, sizes[0], sizes[-1], left + 10, right - 16)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{n:,}</text>')
    for who, values in curves.items():
        points = [(where(n, sizes[0], sizes[-1], left + 10, right - 16),
                   where(v, ticks[0], ticks[-1], bottom, top)) for n, v in zip(sizes, values)]
        parts.append(curve(who.lower(), points))
    return "\n".join(parts)


def legend(names, y):
    parts, x = [], 12
    for who in names:
        parts.append(curve(who.lower(), [(x, y), (x + 28, y)]))
        parts.append(f'<text x="{x + 36}" y="{y + 4}">{escape(who)}</text>')
        x += 90
    parts.append(f'<text x="{x}" y="{y + 4}">cost of one operation over N, both logarithmic</text>')
    return "\n".join(parts)


def growth(panels, sizes):
    """panels: {title: {who: [a cost in ns for each size]}}"""
    costs = [v for curves in panels.values() for values in curves.values() for v in values]
    ticks = decades(min(costs), max(costs))
    names = list(dict.fromkeys(who for curves in panels.values() for who in curves))
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = WIDTH * min(COLUMNS, max(len(panels), 2)), LEGEND + HEIGHT * rows
    drawn = [panel(title, curves, sizes, ticks, WIDTH * (i % COLUMNS), LEGEND + HEIGHT * (i // COLUMNS))
             for i, (title, curves) in enumerate(panels.items())]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img">\n<title>Cost of an operation over the number of goroutines or '
            f"channels</title>\n<style>{STYLE}</style>\n"
            f'<rect class="page" width="{width}" height="{height}"/>\n'
            + "\n".join([legend(names, 20), *drawn]) + "\n</svg>\n")
