"""What kubectl makes of k8s/."""

import functools
import os
import pathlib
import subprocess

import yaml

PROJECT = pathlib.Path(os.environ.get("BANTAM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
FOLDER = PROJECT / "k8s"

# Whatever can be applied.
OVERLAYS = sorted(str(file.parent.relative_to(FOLDER))
                  for file in (FOLDER / "overlays").rglob("kustomization.yaml"))

# Those that run the server.
SERVERS = ["overlays/dev", "overlays/files", "overlays/prod"]


@functools.lru_cache(maxsize=None)
def _rendered(overlay):
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER / overlay)], capture_output=True,
                          text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{overlay} does not render:\n{done.stderr}")
    return done.stdout


def render(overlay):
    """The objects of an overlay, as a list."""
    return list(yaml.safe_load_all(_rendered(overlay)))


def find(objects, kind, name):
    """The one object of this kind and name."""
    found = [o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} objects are {kind} {name}, not one")
    return found[0]


def pod_of(workload):
    """The pod template of a Deployment or Job; a Pod itself."""
    return workload if workload["kind"] == "Pod" else workload["spec"]["template"]


def workloads(objects):
    return [o for o in objects if o["kind"] in ("Deployment", "Job", "Pod", "StatefulSet")]
