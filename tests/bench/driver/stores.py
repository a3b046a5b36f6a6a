"""Figures of a server whose ICPs come from a database, be it with a cache before it."""

import contextlib
import json
import statistics
import subprocess

from driver import peers
from driver.figures import alternate, ratio
from driver.machine import BenchError, cpu_us, pinned
from driver.serving import STANDARD, microseconds, sides_of


class Stores:
    """A PostgreSQL and a Redis of our own. postgres, redis: their URLs."""

    def __init__(self, process):
        self._process = process
        told = json.loads(self._line())
        self.postgres = told["postgres"]
        self.redis = told["redis"]

    def tell(self, command):
        """As stores_main.cc says; returns when it is done."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        self._line()

    def _line(self):
        line = self._process.stdout.readline()
        if not line:
            raise BenchError("PostgreSQL or Redis did not start, or did not do as told")
        return line


@contextlib.contextmanager
def stores(machine):
    process = subprocess.Popen(
        [machine.binary("tests/bench/stores/bantam_stores")], text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, preexec_fn=pinned(machine.load_cores))
    try:
        yield Stores(process)
    finally:
        process.stdin.close()
        process.wait(60)


@contextlib.contextmanager
def migrated(machine):
    """A PostgreSQL, a Redis, and the option that makes the former the source of ICPs."""
    with stores(machine) as there:
        source = f"--icp_source={there.postgres}"
        machine.run([machine.binary("server/bantamd"), "migrate", source])
        yield there, source


def database_command(machine, source, *flags):
    return [machine.binary("server/bantamd"), source, "--listen=127.0.0.1:0",
            "--port_file={port_file}", *flags]


# All of 100,000 ICPs of 20 criteria take a good half of it.
CATALOG_MIB = 8192


def catalog(machine):
    """A server that holds many ICPs beside two that hold one, all of the same database."""
    count = 1000 if machine.quick else 100_000
    text = machine.file("catalog_icp.yaml")
    text.write_text(peers.icp_text(machine), encoding="utf-8")
    with contextlib.ExitStack() as stack:
        there, source = stack.enter_context(migrated(machine))
        there.tell(f"icps {count} {peers.ICP} {text}")
        # What is not asked for is not loaded.
        one = database_command(machine, source, "--preload=none")
        few1 = stack.enter_context(machine.serve("one1", one))
        few2 = stack.enter_context(machine.serve("one2", one))
        much = stack.enter_context(machine.serve("many", database_command(
            machine, source, "--preload=all", "--preload_seconds=600",
            f"--cache_mib={CATALOG_MIB}"), timeout=900))
        if f"icps={count}\n" not in machine.file("many.log").read_text(encoding="utf-8"):
            raise BenchError(f"not all ICPs were loaded in advance; see {machine.file('many.log')}")
        recording = machine.record(few1, "catalog", peers.first_lead(machine), f"{peers.ICP}-0",
                                   chunk_leads=0)
        sides = {"a1": (few1, 1), "b": (much, count), "a2": (few2, 1)}
        results = alternate(machine.rounds, {
            side: (lambda server=server, icps=icps:
                   machine.load(server, recording, icps=icps, zipf=1))
            for side, (server, icps) in sides.items()})
        gigabytes = much.resident_bytes() / 1e9
    cpu = sides_of(results, cpu_us)
    yield ratio("catalog", *cpu, note=f"{count:,} ICPs of 20 criteria from PostgreSQL, exponent 1, "
                f"with trace, {microseconds(*cpu)}; {gigabytes:.1f} GB resident, started in "
                f"{much.start_seconds:.0f} s")


def redis(machine):
    """Warm calls with Redis up, stopped and hanging, at half of what the server can do."""
    with migrated(machine) as (there, source):
        command = database_command(machine, source, f"--redis={there.redis}")
        with machine.serve("bantamd_stores", command) as server:
            machine.run([machine.binary("client/bantam"), "icp", "put",
                         f"--server={server.target}", "--author=bench", machine.standard("icp")])
            recording = machine.record(server, "stores", machine.standard("lead"), STANDARD,
                                       chunk_leads=0)
            rate = round(machine.load(server, recording)["calls_per_second"] / 2)

            def side(before, after):
                if before:
                    there.tell(before)
                result = machine.load(server, recording, rate=rate)
                if after:
                    there.tell(after)
                return result

            results = alternate(machine.rounds, {
                "a1": lambda: side(None, None),
                "stopped": lambda: side("redis stop", "redis start"),
                "a2": lambda: side(None, None),
                "hanging": lambda: side("redis pause", "redis continue"),
            })
    p99 = {name: [result["p99_us"] for result in results[name]] for name in results}
    stopped = ratio("redis_stopped", p99["a1"], p99["a2"], p99["stopped"])
    hanging = ratio("redis_stopped", p99["a1"], p99["a2"], p99["hanging"])
    stopped.note = (f"{rate:,} calls/s, {statistics.median(p99['stopped']):.0f} ÷ "
                    f"{statistics.median(p99['a1'] + p99['a2']):.0f} µs; hanging instead of "
                    f"stopped: {hanging.value:.2f}")
    yield stopped
