"""Figures of engine and definition, without a server."""

import json
import statistics

from driver.figures import Figure
from driver.machine import BenchError


def engine(machine):
    """What the engine's own bench prints: a line of JSON for each figure, all of them counts."""
    output = machine.run([machine.binary("tests/bench/engine/bantam_engine_bench")])
    for line in output.splitlines():
        told = json.loads(line)
        yield Figure(told["figure"], told["value"])


def definitions(machine):
    count, rounds = (300, 2) if machine.quick else (10_000, 3)
    told = json.loads(machine.run(
        [machine.binary("tests/bench/definitions/bantam_definitions_bench"),
         str(machine.standard("icp")), str(count), str(rounds)],
        machine.load_cores[:1]))
    if len(told["load"]) != rounds:
        raise BenchError("bantam_definitions_bench has not run its rounds")
    speeds = [told["bytes"] / seconds / 1e6 for seconds in told["load"]]
    shares = [yaml / load for yaml, load in zip(told["yaml"], told["load"])]
    yield Figure("definitions", statistics.median(speeds),
                 f"{count:,} standard ICPs, {told['bytes'] / count / 1e3:.1f} KB each", None,
                 speeds)
    yield Figure("definitions_yaml", statistics.median(shares),
                 "time of the library's events alone ÷ all", None, shares)
