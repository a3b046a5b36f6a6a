#!/usr/bin/env python3
"""What ./dev lint holds against the contract's image: changes that break callers fail, others pass."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"


class BreakingTest(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.proto = pathlib.Path(folder) / "proto"
        shutil.copytree(PROTO, self.proto)

    def change(self, file, pattern, replacement):
        path = self.proto / "bantam" / "v1" / file
        text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), flags=re.M)
        self.assertEqual(1, count, f"{pattern} in {file}")
        path.write_text(text, encoding="utf-8")

    def check(self):
        """As ./dev lint does it. Returns the exit status and what was said."""
        done = subprocess.run(
            [os.environ["BUF"], "breaking", "proto", "--against", PROTO / "bantam.binpb"],
            cwd=self.proto.parent, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def assert_breaks(self, *wanted):
        status, said = self.check()
        self.assertNotEqual(0, status)
        for text in wanted:
            self.assertIn(text, said)

    def test_the_contract_as_it_is_breaks_nobody(self):
        self.assertEqual((0, ""), self.check())

    def test_a_removed_field(self):
        self.change("lead.proto", r"^  optional int64 employee_count = 3;\n", "")
        self.assert_breaks("bantam/v1/lead.proto", 'field "3" with name "employee_count"',
                           '"Company"')

    def test_a_changed_number(self):
        self.change("evaluation.proto", r"^  double range_max = 6;", "  double range_max = 60;")
        self.assert_breaks("bantam/v1/evaluation.proto", 'field "6" with name "range_max"')

    def test_a_changed_type(self):
        self.change("evaluation.proto", r"^  int32 level = 9;", "  string level = 9;")
        self.assert_breaks("bantam/v1/evaluation.proto", '"level"', '"int32" to "string"')

    def test_a_renamed_call(self):
        self.change("qualification_service.proto", r"^  rpc Qualify\(", "  rpc QualifyLead(")
        self.assert_breaks("bantam/v1/qualification_service.proto", 'RPC "Qualify"')

    def test_a_renamed_value(self):
        self.change("value.proto", r"^  VERDICT_OPEN = 5;", "  VERDICT_UNDECIDED = 5;")
        self.assert_breaks("bantam/v1/value.proto", '"VERDICT_OPEN"')

    def test_a_removed_file(self):
        (self.proto / "bantam" / "v1" / "evaluation_case.proto").unlink()
        self.assert_breaks('"bantam/v1/evaluation_case.proto"')

    def test_additions_break_nobody(self):
        self.change("lead.proto", r"^  optional int64 employee_count = 3;",
                    "  optional int64 employee_count = 3;\n  // New.\n  string slogan = 1000;")
        self.change("qualification_service.proto", r"^  rpc Qualify\(",
                    "  rpc Ponder(QualifyRequest) returns (QualifyResponse);\n  rpc Qualify(")
        self.assertEqual((0, ""), self.check())


if __name__ == "__main__":
    unittest.main()
