"""Writes the results into docs/performance.md, and the plot beside it."""

import html
import platform
import re
import subprocess
from datetime import datetime, timezone

import plan as plans
from programs import ROOT

PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "images" / "performance.svg"
COLOURS = {"PostgreSQL": "#336791", "SQLite": "#e08a1e"}


def git(*arguments):
    return subprocess.run(["git", "-C", ROOT, *arguments], text=True, capture_output=True).stdout.strip()


def commit():
    # The results themselves are no change.
    changed = git("status", "--porcelain", "--", ".", ":!docs/performance.md", ":!docs/images/performance.svg")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def header(facts):
    """Describes the run. `facts` are more lines of the table."""
    facts = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "processor": processor(),
        **facts,
    }
    return ["| run | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts.items())]


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def requests_table(plan):
    engines = list(plan.found)
    titles = [title for engine in engines for title in (f"{engine}, requests/s", "service ÷ it")]
    yield "| | | " + " | ".join(titles) + " |"
    yield "|---|---|" + "---:|" * len(titles)
    last = None
    for row in plan.rows.values():
        if row.route in (plans.READS, plans.FLOODED):
            continue
        cells = []
        for engine in engines:
            value, service = row.median(engine), plan.median(row.route, plans.SERVICE, engine)
            cells += [number(value), number(service / value) if value and row.subject != plans.SERVICE else ""]
        yield f"| {row.route if row.route != last else ''} | {row.subject} | " + " | ".join(cells) + " |"
        last = row.route


def cell(value, reached):
    mark = {True: " ✓", False: " ✗", None: ""}[reached]
    return number(value) + mark


def ratios_table(plan):
    engines = list(plan.found)
    yield "| ratio | goal | " + " | ".join(engines) + " |"
    yield "|---|---|" + "---:|" * len(engines)
    for ratio in plans.ratios(plan):
        sign = "≤" if ratio.is_maximum else "≥"
        goals = [ratio.goals[engine] for engine in engines if engine in ratio.goals]
        goal = f"{sign} " + " / ".join(str(goal) for goal in dict.fromkeys(goals)) if goals else ""
        cells = (cell(ratio.values.get(engine), ratio.reaches(engine)) for engine in engines)
        yield f"| {ratio.name} | {goal} | " + " | ".join(cells) + " |"


def bounds_table(engines, bounds):
    """`bounds` are lines of name, unit, goal and values by database."""
    yield "| | goal | " + " | ".join(engines) + " |"
    yield "|---|---|" + "---:|" * len(engines)
    for name, unit, goal, values in bounds:
        cells = (
            cell(values.get(engine), None if goal is None or engine not in values else values[engine] <= goal)
            for engine in engines
        )
        yield f"| {name}, {unit} | {'' if goal is None else f'≤ {goal}'} | " + " | ".join(cells) + " |"


def plot(ratios, engines):
    """Returns bars of the ratios that have a goal, as parts of the goal."""
    left, width, bar, gap, top = 330, 360, 9, 10, 34
    ratios = [ratio for ratio in ratios if ratio.goals]
    largest = 2.0
    lines, y = [], top
    for ratio in ratios:
        shown = [engine for engine in engines if engine in ratio.goals and engine in ratio.values]
        middle = y + len(shown) * bar / 2 + 4
        lines.append(f'<text x="{left - 8}" y="{middle:.0f}" text-anchor="end">{html.escape(ratio.name)}</text>')
        for engine in shown:
            value, goal = ratio.values[engine], ratio.goals[engine]
            part = goal / value if ratio.is_maximum else value / goal
            length = min(part, largest) / largest * width
            lines.append(f'<rect x="{left}" y="{y}" width="{length:.0f}" height="{bar - 1}" fill="{COLOURS[engine]}"/>')
            lines.append(f'<text x="{left + length + 4:.0f}" y="{y + bar - 1}" font-size="9">{value:.2f} of {goal}</text>')
            y += bar
        y += gap
    goal = left + width / largest
    legend = " ".join(f'<tspan fill="{COLOURS[engine]}">■</tspan> {engine}' for engine in engines)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 90}" height="{y + 6}" font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left}" y="16">{legend}, in proportion to the goal (line); longer is better</text>',
        f'<line x1="{goal:.0f}" y1="{top - 10}" x2="{goal:.0f}" y2="{y}" stroke="black"/>',
        *lines,
        "</svg>", "",
    ])


def write(section, lines):
    """Replaces the text between the markers of a section of docs/performance.md."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    text = PAGE.read_text()
    if begin not in text or end not in text:
        raise SystemExit(f"bench: {PAGE} has no markers {begin} and {end}")
    inside = begin + "\n\n" + "\n".join(lines) + "\n\n" + end
    PAGE.write_text(re.sub(f"{re.escape(begin)}.*{re.escape(end)}", lambda _: inside, text, flags=re.DOTALL))
