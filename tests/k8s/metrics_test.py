#!/usr/bin/env python3
"""Alert rules and dashboard name only metrics, with labels, that a live server exports."""

import re
import subprocess
import os
import tempfile
import unittest

import manifests
import queries
from pod import LIMIT_SECONDS, RunningServer, StandIns, wait_until

# What Prometheus adds to each sample in a cluster.
TARGET_LABELS = {"namespace", "pod", "service", "job", "instance", "container", "endpoint"}


class QueriesTest(unittest.TestCase):
    """The reader of expressions finds what is there, or the test below would prove nothing."""

    def test_metrics(self):
        self.assertEqual({"a_total", "b"}, queries.metrics_of(
            'sum by (le, x) (rate(a_total{le="b_total", y=~"{c}"}[5m])) / on (pod) b > 0.9'))
        self.assertEqual({"h_seconds"}, queries.metrics_of(
            "histogram_quantile(0.99, sum by (le) (rate(h_seconds_bucket[$__rate_interval])))"))
        self.assertEqual({"x:y:z5m", "up"}, queries.metrics_of(
            "x:y:z5m > 14.4 * 0.001 and absent(up) or time() - 7 * 86400 < 1e3"))

    def test_labels(self):
        self.assertEqual({("a", "b"), ("a", "c"), ("h", "d")}, queries.labels_of(
            'a{b="1", c!~"2"} / h_bucket{d="x,e=1"}'))

    def test_every_expression_names_a_metric(self):
        for place, expression in queries.expressions().items():
            with self.subTest(place=place):
                self.assertTrue(queries.metrics_of(expression))


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        server = cls.enterClassContext(RunningServer("overlays/files", StandIns()))
        with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as leads:
            leads.write('{"id": "a", "company": {"industry": "software"}}\n{"id": "b"}\n')
            leads.flush()
            for command, icp in (("advance", "example/software"), ("score", "no/such")):
                subprocess.run(
                    [os.environ["BANTAM"], command, leads.name, f"--server={server.address}",
                     f"--icp={icp}", "--output=ndjson"], capture_output=True, timeout=LIMIT_SECONDS,
                    check=False)
        # What a stream came to is counted when its caller has been told.
        wait_until(lambda: 'grpc_code="NotFound"' in server.get("/metrics")[1], "calls are counted")
        _, cls.text = server.get("/metrics")
        cls.exported = set(re.findall(r"^# TYPE (\S+) ", cls.text, re.MULTILINE))
        cls.labels = set()
        for name, labels in re.findall(r"^(\w+)\{([^}]*)\}", cls.text, re.MULTILINE):
            for label in re.findall(r'(\w+)="', labels):
                cls.labels.add((re.sub(r"_(bucket|sum|count)$", "", name), label))

    def unknown(self, expressions):
        """What of these is not exported, and by which label no sample can be told apart."""
        recorded = {rule["record"] for rule in queries.rules() if "record" in rule}
        found = set()
        for place, expression in expressions.items():
            for metric in queries.metrics_of(expression) - self.exported - recorded:
                found.add((place, metric))
            for metric, label in queries.labels_of(expression):
                has_samples = any(metric == name for name, _ in self.labels)
                if (label not in TARGET_LABELS and metric not in recorded and has_samples and
                        (metric, label) not in self.labels):
                    found.add((place, f"{metric}{{{label}}}"))
        return found

    def test_all_are_exported(self):
        self.assertEqual(set(), self.unknown(queries.expressions()))

    def test_what_is_not_exported_is_found(self):
        self.assertEqual(
            {("x", "bantam_no_such_total"), ("y", "grpc_server_handled_total{grpc_cod}")},
            self.unknown({"x": "rate(bantam_no_such_total[5m]) / bantam_ready",
                          "y": 'rate(grpc_server_handled_total{grpc_cod="OK"}[5m])'}))

    def test_codes_are_spelled_as_the_rules_spell_them(self):
        codes = set(re.findall(r'grpc_server_handled_total\{[^}]*grpc_code="(\w+)"', self.text))
        self.assertLessEqual({"OK", "NotFound"}, codes)


class AlertsTest(unittest.TestCase):
    def test_each_has_a_page_that_says_what_to_do(self):
        readme = (manifests.FOLDER / "README.md").read_text(encoding="utf-8")
        headings = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
                    for heading in re.findall(r"^#+ (.*)$", readme, re.MULTILINE)}
        for rule in queries.rules():
            if "alert" in rule:
                with self.subTest(alert=rule["alert"]):
                    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
                    self.assertTrue(page.endswith("/k8s/README.md"))
                    self.assertIn(anchor, headings)
                    self.assertIn(rule["labels"]["severity"], ("warning", "critical"))


class DashboardTest(unittest.TestCase):
    panels = queries.dashboard()["panels"]

    def test_panels_have_ids_and_places_of_their_own(self):
        self.assertEqual(len(self.panels), len({panel["id"] for panel in self.panels}))
        taken = set()
        for panel in self.panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertEqual(set(), cells & taken, panel["title"])
            taken |= cells

    def test_panels_ask_the_chosen_source_about_the_chosen_namespace(self):
        for panel in self.panels:
            for target in panel.get("targets", []):
                with self.subTest(panel=panel["title"]):
                    self.assertEqual("${datasource}", target["datasource"]["uid"])
                    expression = target["expr"]
                    metrics = re.findall(r"\b(?:bantam|grpc_server|process)[_:][\w:]+", expression)
                    self.assertEqual(len(metrics), expression.count('namespace="$namespace"'))


if __name__ == "__main__":
    unittest.main()
