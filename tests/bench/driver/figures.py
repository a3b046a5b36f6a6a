"""What a figure is, and what the goals are."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Goal:
    """The bound of a figure; `at_most` or else at least."""

    bound: float
    at_most: bool = True

    def holds(self, value):
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self):
        return f"{'≤' if self.at_most else '≥'} {self.bound:,g}"


@dataclasses.dataclass(frozen=True)
class Kind:
    """What is known of a figure before it is measured."""

    name: str
    group: str  # Figures of one group are measured together.
    title: str
    goal: Goal | None = None  # None: reported only.
    is_count: bool = False  # Noise cannot move it, so it may fail a build.
    unit: str = ""

    # The most that a count may be in a build: what has been reached and a little room, so that it
    # is not lost again unnoticed. None: the goal, if there is one.
    limit: float | None = None

    def __post_init__(self):
        assert self.limit is None or self.is_count, "noise may not fail a build"

    def allows(self, value):
        """Whether a build with this value is good."""
        if not self.is_count:
            return True
        if self.limit is not None:
            return value <= self.limit
        return self.goal is None or self.goal.holds(value)


# In the order of the table.
KINDS = [
    Kind("unary_cpu", "unary", "CPU per Qualify without trace ÷ echo", Goal(1.15)),
    Kind("unary_cpu_trace", "unary", "CPU per Qualify ÷ echo", Goal(1.35)),
    Kind("unary_throughput", "unary", "calls/s of Qualify at saturation ÷ echo"),
    Kind("unary_tail", "tail", "99th percentile of Qualify at half load ÷ echo"),
    Kind("bulk_cpu", "bulk", "CPU per lead in the stream without trace ÷ echo", Goal(1.5)),
    Kind("bulk_cpu_trace", "bulk", "CPU per lead in the stream ÷ echo", Goal(1.9)),
    Kind("unary_instructions", "instructions", "user instructions per Qualify without trace ÷ echo",
         is_count=True, limit=1.2),
    Kind("unary_instructions_trace", "instructions", "user instructions per Qualify ÷ echo",
         is_count=True, limit=1.15),
    Kind("bulk_instructions", "instructions", "the same per lead in the stream without trace",
         is_count=True, limit=1.2),
    Kind("bulk_instructions_trace", "instructions", "the same per lead in the stream",
         is_count=True, limit=1.1),
    Kind("evaluation_instructions", "engine",
         "instructions per lead, Score without trace, the answer excluded", Goal(6000), True),
    Kind("evaluation_allocations", "engine", "heap allocations of warm evaluations of every kind",
         Goal(0), True),
    Kind("call_allocations", "allocations", "heap allocations per warm Qualify, our code",
         is_count=True, limit=2),
    Kind("criterion_growth", "engine", "instructions per criterion, with 1,000 ÷ with 10",
         Goal(1.2), True),
    Kind("event_growth", "engine", "instructions per event, with 10,000 ÷ with 10", Goal(1.2),
         True),
    Kind("catalog", "catalog", "CPU per Qualify with many ICPs (Zipf) ÷ one", Goal(1.10)),
    Kind("redis_stopped", "redis", "99th percentile of warm Qualify, Redis stopped ÷ up",
         Goal(1.05)),
    Kind("cores", "cores", "calls/s with the most server cores ÷ one"),
    Kind("definitions", "definitions", "definitions parsed and compiled", unit="MB/s"),
    Kind("definitions_yaml", "definitions", "share of the YAML library in that"),
    Kind("start", "start", "start to SERVING, 1,000 definitions ÷ one"),
    Kind("peer_json_rules_engine", "peers", "time of json-rules-engine ÷ ours",
         Goal(100, at_most=False)),
    Kind("peer_zen", "peers", "time of @gorules/zen-engine ÷ ours", Goal(30, at_most=False)),
    Kind("peer_wire", "wire", "calls per CPU second ÷ those of a Node service",
         Goal(10, at_most=False)),
    Kind("memory_idle", "memory", "resident, idle, one ICP", unit="MB"),
    Kind("memory_icp", "memory", "resident for each further ICP", unit="KB"),
    Kind("memory_connection", "memory", "resident for each connection", unit="KB"),
]
BY_NAME = {kind.name: kind for kind in KINDS}


def is_known(name):
    """Whether the table shows it; the file shows others too."""
    return name in BY_NAME


@dataclasses.dataclass
class Figure:
    """A figure as measured. `spread`: least and greatest ratio of A to A, where there is one."""

    name: str
    value: float
    note: str = ""
    spread: tuple | None = None
    rounds: list | None = None  # The value of each round.

    @property
    def kind(self):
        return BY_NAME.get(self.name) or Kind(self.name, "", "", is_count=True)

    @property
    def verdict(self):
        if self.kind.goal is None:
            return "report"
        return "pass" if self.kind.goal.holds(self.value) else "short"

    def as_json(self):
        goal = self.kind.goal
        return {
            "figure": self.name,
            "title": self.kind.title,
            "value": self.value,
            "unit": self.kind.unit or None,
            "goal": goal.bound if goal else None,
            "goal_is": ("at most" if goal.at_most else "at least") if goal else None,
            "limit": self.kind.limit,
            "verdict": self.verdict,
            "count": self.kind.is_count,
            "a_to_a": list(self.spread) if self.spread else None,
            "rounds": self.rounds,
            "note": self.note,
        }


def ratio(name, a1, a2, b, note=""):
    """B ÷ A from samples taken in turn: the median over the rounds, beside A ÷ A of the same
    rounds. What slows a whole round down is in both sides of its ratio."""
    rounds = [y * 2 / (x1 + x2) for x1, x2, y in zip(a1, a2, b)]
    spread = [x2 / x1 for x1, x2 in zip(a1, a2)]
    return Figure(name, statistics.median(rounds), note, (min(spread), max(spread)), rounds)


def alternate(rounds, sides):
    """Calls each of `sides` (name → function) once a round, in an order that rotates, so that none
    always comes after the same other. Returns name → results."""
    results = {name: [] for name in sides}
    names = list(sides)
    for number in range(rounds):
        for i in range(len(names)):
            name = names[(i + number) % len(names)]
            results[name].append(sides[name]())
    return results


def table(figures):
    """The figures as text, a line for each."""
    def number(value):
        if value >= 1000:
            return f"{value:,.0f}"
        return f"{value:.3g}" if value < 0.1 else f"{value:.{1 if value >= 100 else 2}f}"

    rows = [("figure", "value", "goal", "", "A/A", "measured")]
    for figure in figures:
        kind = figure.kind
        spread = f"{figure.spread[0]:.2f}–{figure.spread[1]:.2f}" if figure.spread else ""
        rows.append((figure.name, f"{number(figure.value)} {kind.unit}".strip(),
                     str(kind.goal) if kind.goal else "", figure.verdict, spread,
                     f"{kind.title}{': ' if figure.note else ''}{figure.note}"))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = []
    for row in rows:
        name, value, goal, verdict, spread, text = row
        lines.append(f"{name:<{widths[0]}}  {value:>{widths[1]}}  {goal:>{widths[2]}}  "
                     f"{verdict:<{widths[3]}}  {spread:<{widths[4]}}  {text}".rstrip())
    return "\n".join(lines)
