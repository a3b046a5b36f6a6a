"""Figures of the running server: bantamd beside the echo server, or beside itself."""

import contextlib
import mmap
import shutil
import statistics
import struct
import threading

from driver.figures import Figure, alternate, ratio
from driver.machine import cpu_us

STANDARD = "tenants/bench/icps/standard"
CHUNK_LEADS = 64  # As bantam_record makes them.


def standard_icps(machine):
    """A folder with the standard ICP alone."""
    folder = machine.folder("standard_icps")
    shutil.copy(machine.standard("icp"), folder)
    return folder


def many_icps(machine, name, text, count):
    """A folder with `count` ICPs called as that of `text` is, with -0, -1 … behind it."""
    folder = machine.folder(name)
    for number in range(count):
        part = folder / str(number // 1000)
        part.mkdir(parents=True, exist_ok=True)
        (part / f"{number}.yaml").write_text(text(number), encoding="utf-8")
    return folder


def standard_text(machine):
    """number → the standard ICP with that number behind its name."""
    text = machine.standard("icp").read_text(encoding="utf-8")
    before, after = text.split(f"name: {STANDARD}\n")
    return lambda number: f"{before}name: {STANDARD}-{number}\n{after}"


@contextlib.contextmanager
def beside_echo(machine, omit_trace):
    """bantamd with the standard ICP, two echo servers, and the recording that they all answer."""
    name = "standard_no_trace" if omit_trace else "standard"
    with contextlib.ExitStack() as stack:
        bantamd = stack.enter_context(machine.bantamd("bantamd", standard_icps(machine)))
        recording = machine.record(bantamd, name, machine.standard("lead"), STANDARD,
                                   omit_trace=omit_trace)
        echo1 = stack.enter_context(machine.echo("echo1", recording))
        echo2 = stack.enter_context(machine.echo("echo2", recording))
        yield bantamd, echo1, echo2, recording


def compare(machine, servers, recording, **flags):
    """Rounds of the same load on bantamd ("b") and both echo servers ("a1", "a2")."""
    bantamd, echo1, echo2 = servers
    sides = {"a1": echo1, "b": bantamd, "a2": echo2}
    return alternate(machine.rounds, {
        name: (lambda server=server: machine.load(server, recording, **flags))
        for name, server in sides.items()})


def sides_of(results, measure):
    return [[measure(result) for result in results[name]] for name in ("a1", "a2", "b")]


def microseconds(a1, a2, b):
    return f"{statistics.median(b):.1f} ÷ {statistics.median(a1 + a2):.1f} µs"


def generator(results, machine):
    """How busy the load generator was: near 100 % it was the bottleneck, not the server."""
    busy = max(result["own_cpu_seconds"] / result["seconds"]
               for side in results.values() for result in side)
    return f"generator at most {100 * busy / len(machine.load_cores):.0f} % busy"


def unary(machine):
    for omit_trace, name in ((True, "unary_cpu"), (False, "unary_cpu_trace")):
        with beside_echo(machine, omit_trace) as (*servers, recording):
            results = compare(machine, servers, recording)
        cpu = sides_of(results, cpu_us)
        yield ratio(name, *cpu, note=microseconds(*cpu))
    calls = sides_of(results, lambda result: result["calls_per_second"])
    yield ratio("unary_throughput", *calls,
                note=f"with trace, {statistics.median(calls[2]):,.0f} ÷ "
                f"{statistics.median(calls[0] + calls[1]):,.0f}; {generator(results, machine)}")


def tail(machine):
    with beside_echo(machine, omit_trace=False) as (*servers, recording):
        most = machine.load(servers[0], recording)["calls_per_second"]
        rate = round(most / 2)
        results = compare(machine, servers, recording, rate=rate)
    p99 = sides_of(results, lambda result: result["p99_us"])
    late = max(result["late_p99_us"] for side in results.values() for result in side)
    yield ratio("unary_tail", *p99, note=f"with trace, {rate:,} calls/s, {microseconds(*p99)}; "
                f"calls began at most {late:.0f} µs late (p99)")


def bulk(machine):
    for omit_trace, name in ((True, "bulk_cpu"), (False, "bulk_cpu_trace")):
        with beside_echo(machine, omit_trace) as (*servers, recording):
            results = compare(machine, servers, recording, stream=True, in_flight=4,
                              connections=4)
        cpu = sides_of(results, lambda result: cpu_us(result, "leads"))
        leads = statistics.median(result["leads_per_second"] for result in results["b"])
        yield ratio(name, *cpu, note=f"chunks of 64, {microseconds(*cpu)}, {leads:,.0f} leads/s")


def cores(machine):
    """Servers on one core, two and so on, each with the load on all others."""
    most = max(1, len(machine.cores) - 1)
    recording = None
    with contextlib.ExitStack() as stack:
        sides = {}
        for count in range(1, most + 1):
            server_cores, load_cores = machine.cores[:count], machine.cores[count:]
            server = stack.enter_context(machine.bantamd(
                f"cores{count}", standard_icps(machine), cores=server_cores))
            recording = recording or machine.record(server, "cores", machine.standard("lead"),
                                                    STANDARD)
            sides[count] = (lambda server=server, load_cores=load_cores: machine.load(
                server, recording, cores=load_cores or None))
        results = alternate(machine.rounds, sides)
    medians = {count: statistics.median(result["calls_per_second"] for result in results[count])
               for count in sides}
    busy = max(result["own_cpu_seconds"] / result["seconds"] for result in results[most])
    note = ", ".join(f"{count}: {calls:,.0f}" for count, calls in medians.items())
    load_cores = max(1, len(machine.cores) - most)
    yield Figure("cores", medians[most] / medians[1],
                 f"with trace, calls/s by cores {note}; generator {100 * busy / load_cores:.0f} % "
                 f"busy with {most} server cores")


def start(machine):
    count = 50 if machine.quick else 1000
    text = standard_text(machine)
    one = many_icps(machine, "start_one", text, 1)
    many = many_icps(machine, "start_many", text, count)

    def seconds(name, folder):
        with machine.bantamd(name, folder) as server:
            return server.start_seconds

    results = alternate(machine.rounds, {"a1": lambda: seconds("start1", one),
                                         "b": lambda: seconds("start_many", many),
                                         "a2": lambda: seconds("start2", one)})
    a1, a2, b = (results[name] for name in ("a1", "a2", "b"))
    yield ratio("start", a1, a2, b, note=f"{count:,} standard ICPs {statistics.median(b):.3f} s, "
                f"one {statistics.median(a1 + a2):.3f} s")


def memory(machine):
    count = 100 if machine.quick else 1000
    text = standard_text(machine)
    with machine.bantamd("memory_one", many_icps(machine, "memory_one", text, 1)) as server:
        one = server.resident_bytes()
        recording = machine.record(server, "memory", machine.standard("lead"), f"{STANDARD}-0",
                                   chunk_leads=0)
        few_connections, many_connections = (10, 110) if machine.quick else (10, 510)
        few = resident_under_load(machine, server, recording, few_connections)
        many = resident_under_load(machine, server, recording, many_connections)
    with machine.bantamd("memory_many", many_icps(machine, "memory_many", text, count)) as server:
        icps = server.resident_bytes()
    yield Figure("memory_idle", one / 1e6, "with the standard ICP, after start")
    yield Figure("memory_icp", (icps - one) / (count - 1) / 1e3, f"{count:,} standard ICPs of "
                 f"{len(text(0)) / 1e3:.0f} KB of YAML")
    connections = many_connections - few_connections
    yield Figure("memory_connection", (many - few) / connections / 1e3,
                 f"{connections} connections, each with a call a second")


def resident_under_load(machine, server, recording, connections):
    """Resident bytes of the server while each of the connections makes a call a second."""
    seen = []
    ended = threading.Event()

    def watch():
        while not ended.wait(0.05):
            seen.append(server.resident_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        machine.load(server, recording, connections=connections, rate=connections, seconds=2)
    finally:
        ended.set()
        watcher.join()
    return max(seen)


def commands(machine, recording):
    """How to start bantamd with the standard ICP, and the echo server; the former without looking
    through the folder now and then, which would be counted."""
    return {
        "bantamd": machine.bantamd_command(standard_icps(machine), "--reload_poll_seconds=3600"),
        "echo": machine.echo_command(recording),
    }


def per_call(machine, server, recording, lengths, counted, **flags):
    """What one more call costs, by two loads of so many calls, one at a time: what connecting
    costs is in both. `counted`: calls a function and returns its result and the numbers counted
    meanwhile. Gives as many numbers."""
    def load(calls):
        return machine.load(server, recording, calls=calls, in_flight=1, chunks_in_flight=1,
                            connections=1, threads=1, warm_up=0, check_every=0,
                            **flags)["all_calls"]

    load(lengths[0])  # Warms up.
    (few, low), (many, high) = [counted(lambda: load(calls)) for calls in lengths]
    return [(y - x) / (many - few) for x, y in zip(low, high)]


def instructions(machine):
    """Instructions in user mode by callgrind: of the whole server, which no noise moves."""
    for omit_trace in (True, False):
        counts = {}
        with machine.bantamd("bantamd", standard_icps(machine)) as server:
            recording = machine.record(server, "instructions", machine.standard("lead"), STANDARD,
                                       omit_trace=omit_trace)
        for name, command in commands(machine, recording).items():
            with machine.callgrind(f"callgrind_{name}", command) as (server, counted):
                counts[name] = {
                    "unary": per_call(machine, server, recording, (100, 300), counted)[0],
                    "bulk": per_call(machine, server, recording, (10, 20), counted,
                                     stream=True)[0] / CHUNK_LEADS,
                }
        for kind in ("unary", "bulk"):
            ours, echo = counts["bantamd"][kind], counts["echo"][kind]
            yield Figure(f"{kind}_instructions{'' if omit_trace else '_trace'}", ours / echo,
                         f"{ours:,.0f} ÷ {echo:,.0f}")


def allocations(machine):
    """Heap allocations for a further warm call, by who asked for them."""
    counts = {}
    counter = machine.binary("tests/bench/allocations/libbantam_allocations.so")
    with machine.bantamd("bantamd", standard_icps(machine)) as server:
        recording = machine.record(server, "allocations", machine.standard("lead"), STANDARD)
    for name, command in commands(machine, recording).items():
        file = machine.file(f"allocations_{name}.counts")
        file.write_bytes(bytes(8 * len(OWNERS)))
        environment = {"LD_PRELOAD": counter, "BANTAM_ALLOCATIONS": str(file)}
        with machine.serve(f"allocations_{name}", command, environment=environment) as server:
            def counted(work):
                before = read_counts(file)
                result = work()
                return result, [y - x for x, y in zip(before, read_counts(file))]

            counts[name] = dict(zip(OWNERS, per_call(machine, server, recording, (1000, 5000),
                                                     counted)))
    ours = counts["bantamd"]
    yield Figure("call_allocations", round(ours["program"], 1),
                 f"with trace; echo {counts['echo']['program']:.1f}; beside ours "
                 f"protobuf {ours['protobuf']:.1f}, gRPC {ours['gRPC']:.1f}")


# As in allocations/count_allocations.cc.
OWNERS = ("program", "protobuf", "gRPC", "nobody")


def read_counts(file):
    with open(file, "r+b") as opened, mmap.mmap(opened.fileno(), 0) as shared:
        return struct.unpack(f"={len(OWNERS)}Q", shared[:8 * len(OWNERS)])
