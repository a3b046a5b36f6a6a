#!/usr/bin/env python3
"""A server that hangs costs a caller its deadline and no more; the next call is answered when the
server goes on."""

import unittest

import worked_example
from bantamd import Bantamd
from examples import RECORD, Example

# The deadline, and what a busy machine may add.
SECONDS = 5
SLACK_SECONDS = 20


class DeadlineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Bantamd(worked_example.ICP_FILE))
        cls.example = cls.enterClassContext(Example())
        cls.file = cls.example.write("one", RECORD)

    def check_deadline(self, seconds):
        self.assertGreater(float(seconds), SECONDS - 0.1)
        self.assertLess(float(seconds), SECONDS + SLACK_SECONDS)

    def test_a_server_that_hangs(self):
        with self.example.calls("calls", self.server.address, worked_example.ICP,
                                self.file, seconds=SECONDS) as calls:
            while len(calls.next()) != 2:
                pass  # A busy machine may need more than the deadline to connect.
            self.server.pause()
            try:
                # Calls whose answers were under way may still come.
                while len(line := calls.next()) == 2:
                    pass
            finally:
                self.server.resume()
            seconds, *failure = line
            self.assertEqual(["failed:", "DEADLINE_EXCEEDED:"], failure[:2])
            self.check_deadline(seconds)
            while len(calls.next()) != 2:
                pass  # Another one may have begun before the server went on.


if __name__ == "__main__":
    unittest.main()
