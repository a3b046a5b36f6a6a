#!/usr/bin/env python3
"""The alert rules fire when they should, and not else: promtool runs alerts_test.yaml."""

import pathlib
import subprocess
import tempfile
import unittest

import yaml

import queries

CASES = pathlib.Path(__file__).with_name("alerts_test.yaml")


def promtool(command, cases):
    """Runs promtool over the rules and these cases, as a file of its form."""
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder, "rules.yaml")
        rules.write_text(yaml.safe_dump({"groups": queries.alert_groups()}), encoding="utf-8")
        file = rules
        if cases is not None:
            file = pathlib.Path(folder, "cases.yaml")
            file.write_text(yaml.safe_dump({"rule_files": [str(rules)], **cases}), encoding="utf-8")
        return subprocess.run(["promtool", *command, str(file)], capture_output=True, text=True,
                              timeout=300, check=False)


def load_cases():
    """The cases in promtool's form."""
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    for test in cases["tests"]:
        # A query that lists the names of what fires, so that labels and texts need not be repeated.
        test["promql_expr_test"] = [
            {"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": time,
             "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in names]}
            for time, names in test.pop("fires").items()]
    return cases


class AlertsTest(unittest.TestCase):
    def test_rules_are_well_formed(self):
        done = promtool(["check", "rules"], None)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_they_fire_when_they_should(self):
        done = promtool(["test", "rules"], load_cases())
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_a_wrong_expectation_is_found(self):
        cases = load_cases()
        cases["tests"][0]["promql_expr_test"][0]["exp_samples"] = [
            {"labels": '{alertname="BantamOverload"}', "value": 1}]
        self.assertNotEqual(0, promtool(["test", "rules"], cases).returncode)

    def test_every_alert_has_a_case(self):
        fired = {name for test in yaml.safe_load(CASES.read_text(encoding="utf-8"))["tests"]
                 for names in test["fires"].values() for name in names}
        self.assertEqual({rule["alert"] for rule in queries.rules() if "alert" in rule}, fired)


if __name__ == "__main__":
    unittest.main()
