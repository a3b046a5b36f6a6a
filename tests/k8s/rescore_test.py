#!/usr/bin/env python3
"""The Indexed Job's command, run for each index against a live server, scores each lead once."""

import json
import pathlib
import sys
import tempfile
import unittest

import manifests
from pod import Container, StandIns

sys.path.append(str(manifests.PROJECT / "tests" / "integration" / "clients"))
from bantamd import Bantamd  # pylint: disable=wrong-import-position

LEADS = 1000
INSTANT = {"SET-AN-INSTANT": "2026-01-31T00:00:00Z"}
INDEX = "metadata.annotations['batch.kubernetes.io/job-completion-index']"


class RescoreTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(
            Bantamd(manifests.FOLDER / "base" / "icps" / "example.yaml"))
        objects = manifests.render("overlays/dev/rescore")
        cls.objects = objects
        cls.job = manifests.find(objects, "Job", "bantam-rescore")

    def run_shard(self, index, leads, folder):
        """Runs the pod of this index on a volume that holds `leads`; its end, and its answers."""
        container = Container(
            self.objects, self.job,
            StandIns(addresses={"bantam:7770": self.server.address, **INSTANT},
                     fields={INDEX: str(index)}),
            folder)
        data = container.path("/data")
        (data / "leads.ndjson").write_text(leads, encoding="utf-8")
        done = container.run()
        self.assertEqual("", done.stdout)
        self.assertEqual({"leads.ndjson", f"answers-{index}.ndjson"},
                         {file.name for file in data.iterdir()}, done.stderr)
        text = (data / f"answers-{index}.ndjson").read_text(encoding="utf-8")
        return done, [json.loads(line) for line in text.splitlines()]

    def run_all(self, leads):
        shards = []
        for index in range(self.job["spec"]["completions"]):
            with tempfile.TemporaryDirectory() as folder:
                shards.append(self.run_shard(index, leads, folder))
        return shards

    def test_scores_each_lead_once(self):
        leads = "".join(
            json.dumps({"id": f"lead-{i}",
                        "company": {"industry": "software", "employee_count": i}}) + "\n"
            for i in range(LEADS))
        shards = self.run_all(leads)
        for done, _ in shards:
            self.assertEqual(0, done.returncode, done.stderr)
        answers = [answer for _, shard in shards for answer in shard]
        self.assertCountEqual([f"lead-{i}" for i in range(LEADS)], [a["lead_id"] for a in answers])
        totals = {a["lead_id"]: a["evaluation"]["score"]["fit"]["points"] for a in answers}
        self.assertEqual((20, 40, 40, 20),
                         tuple(totals[f"lead-{i}"] for i in (49, 50, 999, 1)))
        # No pod has much more to do than another.
        sizes = [len(shard) for _, shard in shards]
        self.assertLessEqual(max(sizes) - min(sizes), 1)

    def test_tells_of_bad_leads_once_and_is_not_tried_again(self):
        shards = self.run_all('{"id": "good"}\n{"idd": "bad"}\n{"id": "too", "company": 7}\n')
        codes = [done.returncode for done, _ in shards]
        self.assertEqual([0, 1, 1] + [0] * (len(codes) - 3), codes)
        self.assertEqual([[(0, "good")], [(1, "")], [(2, "too")]] + [[]] * (len(codes) - 3),
                         [[(a["index"], a["lead_id"]) for a in shard] for _, shard in shards])
        for index in (1, 2):
            place = f"leads.ndjson:{index + 1}: "
            self.assertIn(place, shards[index][0].stderr)
            self.assertIn(place, shards[index][1][0]["error"]["message"])
        [rule] = [r for r in self.job["spec"]["podFailurePolicy"]["rules"] if "onExitCodes" in r]
        self.assertEqual("FailIndex", rule["action"])
        self.assertIn(1, rule["onExitCodes"]["values"])
        # What another attempt can mend is tried again: no server.
        self.assertNotIn(3, rule["onExitCodes"]["values"])

    def test_shards_never_take_an_instant_of_their_own(self):
        for instant in ("SET-AN-INSTANT", "now"):
            with tempfile.TemporaryDirectory() as folder:
                container = Container(
                    self.objects, self.job,
                    StandIns(addresses={"bantam:7770": self.server.address,
                                        "SET-AN-INSTANT": instant}, fields={INDEX: "0"}), folder)
                data = pathlib.Path(container.path("/data"))
                (data / "leads.ndjson").write_text('{"id": "a"}\n', encoding="utf-8")
                done = container.run()
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertIn("such as", done.stderr)
                self.assertEqual(["leads.ndjson"], [file.name for file in data.iterdir()])

    def test_the_answers_of_a_lost_pod_are_not_half_there(self):
        with tempfile.TemporaryDirectory() as folder:
            container = Container(
                self.objects, self.job,
                StandIns(addresses={"bantam:7770": "127.0.0.1:1", **INSTANT}, fields={INDEX: "0"}),
                folder)
            data = pathlib.Path(container.path("/data"))
            (data / "leads.ndjson").write_text('{"id": "a"}\n{"id": "b"}\n', encoding="utf-8")
            self.assertEqual(3, container.run().returncode)
            self.assertEqual(["leads.ndjson"], [file.name for file in data.iterdir()])


if __name__ == "__main__":
    unittest.main()
