#!/usr/bin/env python3
"""Every overlay renders, and fits the schemas of Kubernetes, with unknown keys refused."""

import copy
import json
import os
import pathlib
import subprocess
import unittest

import manifests

# Whose keys are the user's own.
MAPS = {"annotations", "labels", "matchLabels", "data", "stringData", "limits", "requests"}


def problems_of(objects):
    """For each object, what its schema finds wrong with it."""
    script = pathlib.Path(__file__).with_name("schemas.js")
    done = subprocess.run(
        ["node", str(script), os.environ["BANTAM_KUBERNETES_SCHEMAS"]], input=json.dumps(objects),
        capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def places(value, path=()):
    """The paths of all objects within `value` whose keys a schema knows."""
    if isinstance(value, dict):
        # The selector of a Service is a map, that of a Deployment an object.
        is_map = path and (path[-1] in MAPS or path[-1] == "selector" and
                           all(isinstance(inner, str) for inner in value.values()))
        if not is_map:
            yield path
        for key, inner in value.items():
            yield from places(inner, path + (key,))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, path + (i,))


def at(value, path):
    for step in path:
        value = value[step]
    return value


class SchemasTest(unittest.TestCase):
    def test_there_are_overlays(self):
        self.assertLessEqual(set(manifests.SERVERS), set(manifests.OVERLAYS))

    def test_every_object_fits_its_schema(self):
        for overlay in manifests.OVERLAYS:
            objects = manifests.render(overlay)
            for rendered, problems in zip(objects, problems_of(objects)):
                with self.subTest(overlay=overlay, kind=rendered["kind"],
                                  name=rendered["metadata"]["name"]):
                    self.assertEqual([], problems)

    def test_an_unknown_key_is_refused_wherever_it_stands(self):
        for overlay in manifests.OVERLAYS:
            changed, wanted = [], []
            for rendered in manifests.render(overlay):
                for path in places(rendered):
                    bad = copy.deepcopy(rendered)
                    at(bad, path)["noSuchKey"] = "x"
                    changed.append(bad)
                    wanted.append((rendered["kind"], path))
            for (kind, path), problems in zip(wanted, problems_of(changed)):
                with self.subTest(overlay=overlay, kind=kind, path=path):
                    self.assertEqual(1, len(problems), problems)
                    self.assertIn("noSuchKey", problems[0])

    def test_wrong_values_are_refused(self):
        objects = manifests.render("overlays/prod")

        def changed(kind, path, value):
            bad = copy.deepcopy(next(o for o in objects if o["kind"] == kind))
            at(bad, path[:-1])[path[-1]] = value
            return bad

        wrong = [
            changed("Deployment", ("spec", "minReadySeconds"), "five"),
            changed("Deployment", ("spec", "selector"), None),
            changed("Certificate", ("spec", "dnsNames"), "bantam"),
            changed("ServiceMonitor", ("spec", "endpoints"), {}),
            changed("PrometheusRule", ("spec", "groups", 0, "rules", 0, "expr"), ["up"]),
            changed("HorizontalPodAutoscaler", ("spec", "maxReplicas"), "ten"),
            changed("NetworkPolicy", ("kind",), "NetworkPolice"),
        ]
        for bad, problems in zip(wrong, problems_of(wrong)):
            with self.subTest(kind=bad["kind"]):
                self.assertNotEqual([], problems)


if __name__ == "__main__":
    unittest.main()
