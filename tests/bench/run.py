#!/usr/bin/env python3
"""Measures the figures and shows them as a table; README.md explains each.

Usage: run.py [--quick] [--build=FOLDER] [FIGURE…]. Run it by ./dev bench, which builds what it
needs. Exit status: 0; 1 if a count is beyond its limit or could not be taken, or an answer was wrong;
2 if the command line is wrong; 3 if another figure could not be measured. Ratios never fail: machines
differ and are shared.
"""

import argparse
import json
import os
import pathlib
import platform
import sys
import time

sys.dont_write_bytecode = True

from driver import engine, figures, machine, peers, serving, stores  # noqa: E402

NOT_MEASURED = 3

GROUPS = {
    "unary": serving.unary,
    "tail": serving.tail,
    "bulk": serving.bulk,
    "instructions": serving.instructions,
    "engine": engine.engine,
    "allocations": serving.allocations,
    "catalog": stores.catalog,
    "redis": stores.redis,
    "cores": serving.cores,
    "definitions": engine.definitions,
    "start": serving.start,
    "peers": peers.peers,
    "wire": peers.wire,
    "memory": serving.memory,
}


def parse(arguments):
    names = [kind.name for kind in figures.KINDS]
    parser = argparse.ArgumentParser(description="Measures Bantam; tests/bench/README.md.")
    parser.add_argument("--quick", action="store_true", help="a few short rounds")
    parser.add_argument("--build", default="build", help="the build folder [build]")
    parser.add_argument("figures", nargs="*", metavar="FIGURE",
                        help=f"those to measure [all]: {', '.join(names)}")
    parsed = parser.parse_args(arguments)
    unknown = sorted(set(parsed.figures) - set(names))
    if unknown:
        parser.error(f"no figure {', '.join(unknown)}; there are {', '.join(names)}")
    return parsed


def measure(the_machine, wanted):
    """The figures wanted in the order of the table, others that came along, and what kept some from
    being measured."""
    measured, others, failures = [], [], []
    groups = dict.fromkeys(kind.group for kind in figures.KINDS if kind.name in wanted)
    for group in groups:
        begin = time.monotonic()
        print(f"{group} … ", end="", flush=True, file=sys.stderr)
        try:
            for figure in GROUPS[group](the_machine):
                if figure.name in wanted:
                    measured.append(figure)
                elif not figures.is_known(figure.name):
                    others.append(figure)
            print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
        except machine.BenchError as error:
            print("failed", file=sys.stderr)
            is_count = any(kind.is_count for kind in figures.KINDS
                           if kind.group == group and kind.name in wanted)
            failures.append({"group": group, "cause": str(error),
                             "defect": is_count or isinstance(error, machine.WrongAnswer)})
    order = {kind.name: number for number, kind in enumerate(figures.KINDS)}
    return sorted(measured, key=lambda figure: order[figure.name]), others, failures


def describe(the_machine):
    model = next((line.split(":", 1)[1].strip()
                  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": the_machine.quick,
        "processor": model,
        "server_cores": len(the_machine.server_cores),
        "load_cores": len(the_machine.load_cores),
        "load_average": os.getloadavg()[0],
        "rounds": the_machine.rounds,
        "seconds": the_machine.seconds,
    }


def main(arguments):
    parsed = parse(arguments)
    source = pathlib.Path(__file__).resolve().parents[2]
    build = pathlib.Path(parsed.build).resolve()
    the_machine = machine.Machine(source, build, build / "bench", parsed.quick)
    about = describe(the_machine)
    wanted = set(parsed.figures) or {kind.name for kind in figures.KINDS}
    measured, others, failures = measure(the_machine, wanted)
    result = {"about": about, "figures": [figure.as_json() for figure in measured],
              "others": {figure.name: figure.value for figure in others}, "failures": failures}
    file = the_machine.file("bench.json")
    file.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{about['processor']}, {about['server_cores']} + {about['load_cores']} cores for server "
          f"and load, load average {about['load_average']:.1f} before; {about['rounds']} rounds of "
          f"{about['seconds']} s{' (--quick: only counts mean much)' if parsed.quick else ''}\n")
    print(figures.table(measured))
    for failure in failures:
        print(f"\n{failure['group']}: not measured: {failure['cause']}")
    beyond = [figure for figure in measured if not figure.kind.allows(figure.value)]
    for figure in beyond:
        print(f"\n{figure.name} is {figure.value:,.4g} and may be "
              f"{figure.kind.limit or figure.kind.goal.bound:,g} at most. Find what costs more, or "
              "say in driver/figures.py why it must.")
    print(f"\nAll of it: {os.path.relpath(file)}")
    if beyond or any(failure["defect"] for failure in failures):
        return 1
    return NOT_MEASURED if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
