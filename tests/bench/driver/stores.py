"""Figures of a server whose ICPs come from a database, with a cache before it."""

import contextlib
import json
import statistics
import subprocess

from driver.figures import alternate, ratio
from driver.machine import BenchError, pinned
from driver.serving import STANDARD


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


def redis(machine):
    """Warm calls with Redis up, stopped and hanging, at half of what the server can do."""
    with stores(machine) as there:
        database = f"--icp_source={there.postgres}"
        machine.run([machine.binary("server/bantamd"), "migrate", database])
        command = [machine.binary("server/bantamd"), database, f"--redis={there.redis}",
                   "--listen=127.0.0.1:0", "--port_file={port_file}"]
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
