#!/usr/bin/env python3
"""Tests includes.py: what it must report, with the exact line, and what it must let pass."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("includes.py")


class IncludesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, *lines):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run_script(self):
        done = subprocess.run([sys.executable, SCRIPT, self.root], capture_output=True, text=True)
        return done.returncode, done.stdout.splitlines(), done.stderr

    def assert_offences(self, *wanted):
        status, offences, _ = self.run_script()
        self.assertEqual(list(wanted), offences)
        self.assertEqual(1 if wanted else 0, status)

    def test_the_way_down_is_open(self):
        self.write("server/main.cc", '#include "server/server.h"', '#include "server/rpc/call.h"')
        self.write("server/rpc/call.cc", "#include <grpcpp/grpcpp.h>",
                   '#include "server/catalog/catalog.h"', '#include "server/engine/points.h"')
        self.write("server/catalog/catalog.cc", "#include <mutex>",
                   '#include "server/definition/yaml.h"', '#include "bantam/v1/icp.pb.h"')
        self.write("server/definition/yaml.cc", '#include "server/engine/points.h"')
        self.write("server/zones/zones.cc", '#include "server/engine/time_zones.h"')
        self.write("client/main.cc", '#include "server/zones/zones.h"', '#include "client/card.h"')
        self.assert_offences()

    def test_turning_back_is_reported_with_its_place(self):
        self.write("server/engine/points.cc", "// Points.", '#include "server/catalog/catalog.h"')
        self.assert_offences(
            'server/engine/points.cc:2: engine may not include "server/catalog/catalog.h"; '
            "it may include no other room")

    def test_engine_may_not_include_definition(self):
        self.write("server/engine/points.cc", '#include "server/definition/yaml.h"')
        self.assert_offences(
            'server/engine/points.cc:1: engine may not include "server/definition/yaml.h"; '
            "it may include no other room")

    def test_rooms_side_by_side_do_not_know_each_other(self):
        self.write("server/rpc/call.cc", '#include "server/telemetry/metrics.h"')
        self.assert_offences(
            'server/rpc/call.cc:1: rpc may not include "server/telemetry/metrics.h"; '
            "it may include access, catalog, definition, engine, store, zones")

    def test_rooms_do_not_know_the_wiring(self):
        self.write("server/store/directory.cc", '#include "server/options.h"')
        self.assert_offences(
            'server/store/directory.cc:1: store may not include "server/options.h"; '
            "it may include catalog, definition, engine, zones")

    def test_client_knows_engine_and_definition_only(self):
        self.write("client/main.cc", '#include "server/rpc/status.h"')
        self.assert_offences(
            'client/main.cc:1: client may not include "server/rpc/status.h"; '
            "it may include definition, engine, zones")

    def test_only_rpc_and_client_know_grpc(self):
        self.write("server/catalog/catalog.cc", "#include <grpcpp/grpcpp.h>")
        self.write("server/engine/points.cc",
                   '#include "bantam/v1/qualification_service.grpc.pb.h"')
        self.assert_offences(
            'server/catalog/catalog.cc:1: catalog may not know gRPC, but includes '
            '"grpcpp/grpcpp.h"',
            'server/engine/points.cc:1: engine may not know gRPC, but includes '
            '"bantam/v1/qualification_service.grpc.pb.h"')

    def test_pure_rooms_include_no_clock_lock_log_or_file(self):
        headers = ["chrono", "mutex", "fstream", "spdlog/spdlog.h", "hiredis/hiredis.h",
                   "absl/synchronization/mutex.h", "absl/time/clock.h"]
        for room in ("engine", "definition"):
            self.write(f"server/{room}/a.cc", *[f"#include <{header}>" for header in headers])
        self.assert_offences(*[
            f"server/{room}/a.cc:{number}: {room} is pure (no clock, I/O, locks, logs), "
            f'but includes "{header}"'
            for room in ("definition", "engine") for number, header in enumerate(headers, start=1)])

    def test_pure_rooms_use_no_clock_or_environment(self):
        self.write("server/engine/a.cc", "auto now = absl::Now();", 'auto home = getenv("HOME");',
                   "auto t = std::chrono::system_clock::now();")
        self.assert_offences(*[
            f"server/engine/a.cc:{number}: engine is pure (no clock, I/O, locks, logs), "
            f"but uses {used}"
            for number, used in enumerate(["absl::Now", "getenv", "system_clock"], start=1)])

    def test_a_comment_may_speak_of_the_clock(self):
        self.write("server/engine/a.cc", "int x = 0;  // never absl::Now()")
        self.assert_offences()

    def test_a_neighbour_is_named_from_the_root(self):
        self.write("server/engine/points.h", "")
        self.write("server/engine/points.cc", '#include "points.h"')
        self.assert_offences(
            'server/engine/points.cc:1: "points.h" is named from its own folder; '
            "name it from the project's root")

    def test_sources_do_not_include_tests(self):
        self.write("server/rpc/a.cc", '#include "tests/fakes/fake_source.h"')
        self.assert_offences(
            'server/rpc/a.cc:1: "tests/fakes/fake_source.h" belongs to the tests')

    def test_an_unknown_room_is_reported(self):
        self.write("server/utils/a.cc", "")
        self.assert_offences(
            "server/utils/a.cc:1: 'utils' is not a room of server/; "
            "the rooms are in tests/lint/includes.py")

    def test_an_unknown_room_may_not_be_included(self):
        self.write("server/store/a.cc", '#include "server/utils/a.h"')
        self.assert_offences(
            'server/store/a.cc:1: store may not include "server/utils/a.h"; '
            "it may include catalog, definition, engine, zones")

    def test_a_folder_without_sources_is_an_error(self):
        status, offences, error = self.run_script()
        self.assertEqual((2, []), (status, offences))
        self.assertIn("there are no sources below server/ and client/", error)


if __name__ == "__main__":
    unittest.main()
