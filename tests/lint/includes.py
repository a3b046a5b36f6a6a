#!/usr/bin/env python3
"""Checks the include rules of the house: who may include whom, and what pure rooms may not touch.

Usage: includes.py ROOT. Prints a line for every offence, as `file:line: message`. Exit status: 0 if
there is none, 1 if there are some, 2 if ROOT is not the project.

System headers hide a wrong link list, so the #include lines are read themselves.
"""

import pathlib
import re
import sys

# Room → the rooms beside itself that it may include. The way is one: main → server → {rpc,
# telemetry} → access → store → catalog → {engine, definition} → proto; skipping rooms is fine,
# turning back is not. definition may use engine. zones stands above engine and is not pure: it reads
# the system's time zones. The generated messages (bantam/v1) are open to all.
CORE = {"engine", "definition", "zones"}
MAY_INCLUDE = {
    "engine": set(),
    "definition": {"engine"},
    "zones": {"engine"},
    "catalog": CORE,
    "store": CORE | {"catalog"},
    "access": CORE | {"catalog", "store"},
    "rpc": CORE | {"catalog", "store", "access"},
    "telemetry": CORE | {"catalog", "store", "access"},
    "server": CORE | {"catalog", "store", "access", "rpc", "telemetry"},
    "client": CORE,
}

# No clock, I/O, locks, logs, flags or environment.
PURE = {"engine", "definition"}
IMPURE_HEADER = re.compile(
    r"(grpc|hiredis|libpq|spdlog|prometheus|absl/(synchronization|flags|log)/|absl/time/clock\.h"
    r"|google/protobuf/io/zero_copy_stream_impl\.h"
    r"|(chrono|ctime|time\.h|fstream|iostream|cstdio|stdio\.h|filesystem|mutex|shared_mutex|thread"
    r"|condition_variable|atomic|unistd\.h|random)$)")
IMPURE_USE = re.compile(
    r"\b(absl::Now|absl::LoadTimeZone|absl::LocalTimeZone|absl::Mutex|system_clock|steady_clock"
    r"|getenv|thread_local|std::rand|fopen)\b")

# Rooms that know gRPC: rpc and the client. The root of server/ wires and starts it.
KNOWS_GRPC = {"rpc", "client", "server"}
GRPC_HEADER = re.compile(r"grpc|bantam/v1/.*\.grpc\.pb\.h$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    """The room of a file or an included path, such as "engine"; None outside the rooms."""
    parts = pathlib.PurePosixPath(path).parts
    if parts[0] == "client":
        return "client"
    if parts[0] == "server":
        return parts[1] if len(parts) > 2 else "server"
    return None


def check_include(room, bracket, included, directory):
    """Yields what is wrong with one #include in a file of `room` that lies in `directory`."""
    target = room_of(included)
    if bracket == '"' and (directory / included).exists() and target is None:
        yield f'"{included}" is named from its own folder; name it from the project\'s root'
    if included.startswith("tests/"):
        yield f'"{included}" belongs to the tests'
    if target and target != room and target not in MAY_INCLUDE[room]:
        allowed = ", ".join(sorted(MAY_INCLUDE[room])) or "no other room"
        yield f'{room} may not include "{included}"; it may include {allowed}'
    if GRPC_HEADER.search(included) and room not in KNOWS_GRPC:
        yield f'{room} may not know gRPC, but includes "{included}"'
    elif room in PURE and IMPURE_HEADER.match(included):
        yield f'{room} is pure (no clock, I/O, locks, logs), but includes "{included}"'


def check_file(root, path):
    """Yields (line number, message) for every offence of one file."""
    name = path.relative_to(root).as_posix()
    room = room_of(name)
    if room not in MAY_INCLUDE:
        yield 1, f"'{room}' is not a room of server/; the rooms are in tests/lint/includes.py"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        code = line.split("//")[0]
        include = INCLUDE.match(line)
        if include:
            for message in check_include(room, include[1], include[2], path.parent):
                yield number, message
        elif room in PURE and IMPURE_USE.search(code):
            used = IMPURE_USE.search(code)[0]
            yield number, f"{room} is pure (no clock, I/O, locks, logs), but uses {used}"


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[0])
    files = sorted(path for top in ("server", "client") for path in (root / top).rglob("*")
                   if path.suffix in (".h", ".cc"))
    if not files:
        print(f"{root}: there are no sources below server/ and client/", file=sys.stderr)
        return 2
    offences = [f"{path.relative_to(root)}:{number}: {message}"
                for path in files for number, message in check_file(root, path)]
    print("\n".join(offences), end="\n" if offences else "")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
