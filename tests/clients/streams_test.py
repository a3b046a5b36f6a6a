#!/usr/bin/env python3
"""A bulk stream whose server is killed goes on at another one: every lead is answered once, in
order."""

import unittest

import worked_example
from examples import RECORD, Example
from replicas import Replicas

# Too many for their answers to be under way all at once.
LEADS = 30000


class StreamsTest(unittest.TestCase):
    def test_a_stream_survives_its_server(self):
        replicas = self.enterContext(Replicas(2))
        example = self.enterContext(Example())
        file = example.write("many", *({**RECORD, "id": f"lead-{number}"}
                                       for number in range(LEADS)))
        with example.calls("bulk", replicas.target, worked_example.ICP, file) as calls:
            first = calls.next()
            replicas.of_revision(first[1]).kill()
            calls.tell()
            lines = [first, *calls.rest()]
        replicas.of_revision(first[1]).start()
        self.assertEqual([f"lead-{number}" for number in range(LEADS)],
                         [lead_id for lead_id, _ in lines])
        self.assertEqual(replicas.revisions, {revision for _, revision in lines})


if __name__ == "__main__":
    unittest.main()
