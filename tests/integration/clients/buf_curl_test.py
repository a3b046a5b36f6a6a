#!/usr/bin/env python3
"""`buf curl`, which knows the contract from the server's reflection only, gets the worked example's
answer."""

import json
import os
import subprocess
import unittest

import worked_example
from bantamd import LIMIT_SECONDS, Bantamd

SERVICE = "bantam.v1.QualificationService"


class BufCurlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Bantamd(worked_example.ICP_FILE))

    def curl(self, method, **fields):
        request = {"lead": worked_example.LEAD, "settings": worked_example.SETTINGS, **fields}
        done = subprocess.run(
            [os.environ["BUF"], "curl", "--protocol=grpc", "--http2-prior-knowledge",
             "--data=@-", f"http://{self.server.address}/{SERVICE}/{method}"],
            input=json.dumps(request), capture_output=True, text=True, timeout=LIMIT_SECONDS)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)["evaluation"]

    def test_score(self):
        worked_example.check_score(self, self.curl("Score"))

    def test_qualify(self):
        worked_example.check_qualify(self, self.curl("Qualify"))

    def test_advance(self):
        answer = self.curl("Advance", mode="ADVANCE_MODE_AS_FAR_AS_POSSIBLE")
        worked_example.check_advance(self, answer)


if __name__ == "__main__":
    unittest.main()
