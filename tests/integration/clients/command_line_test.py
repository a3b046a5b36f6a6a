#!/usr/bin/env python3
"""`bantam score`, `qualify` and `advance` get the worked example's answer from a running server."""

import json
import os
import subprocess
import unittest

import worked_example
from bantamd import LIMIT_SECONDS, Bantamd


class CommandLineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Bantamd(worked_example.ICP_FILE))

    def bantam(self, command, *options):
        return subprocess.run(
            [os.environ["BANTAM"], command, f"--server={self.server.address}", *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_SECONDS)

    def evaluate(self, command, *options):
        done = self.bantam(command, f"--icp={worked_example.ICP}", "--output=json",
                           f"--at={worked_example.EVALUATE_TIME}", *options,
                           worked_example.LEAD_FILE)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def test_score(self):
        worked_example.check_score(self, self.evaluate("score"))

    def test_qualify(self):
        worked_example.check_qualify(self, self.evaluate("qualify"))

    def test_advance(self):
        worked_example.check_advance(self, self.evaluate("advance", "--as-far-as-possible"))

    def test_health(self):
        done = self.bantam("health")
        self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
