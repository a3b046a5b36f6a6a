#!/usr/bin/env python3
"""The image's file system, as k8s/image_root.sh makes it: what the programs need, and little else.

The programs run in it with nothing else to see (chroot), as a user who may not write anywhere.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import manifests
from pod import LIMIT_SECONDS

USER = 65532

# What the Dockerfile puts in: sleep is for the preStop hook.
PROGRAMS = ["bantam", "bantamd", "sleep"]


def find(program):
    """Where it is, also what is for administrators."""
    return shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


class ImageRootTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.root = pathlib.Path(folder, "image")
        subprocess.run(
            [str(manifests.FOLDER / "image_root.sh"), str(cls.root), os.environ["BANTAMD"],
             os.environ["BANTAM"], find("sleep")], check=True, timeout=LIMIT_SECONDS)
        size = sum(file.stat().st_size for file in cls.root.rglob("*")
                   if file.is_file() and not file.is_symlink())
        print(f"figure: the image holds {size / 1e6:.0f} MB", flush=True)

    def run_inside(self, *command):
        if os.geteuid() == 0:
            into = [find("chroot"), f"--userspec={USER}:{USER}", str(self.root)]
            os.chmod(self.root.parent, 0o755)
        else:
            # Root of a name space of its own, which is nobody in particular outside.
            into = [find("unshare"), "--user", "--map-root-user", f"--root={self.root}"]
        return subprocess.run([*into, *command], env={"PATH": "/usr/bin"}, text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_SECONDS)

    def test_the_programs_run(self):
        for program in ("bantamd", "bantam"):
            done = self.run_inside(program, "--version")
            self.assertEqual(0, done.returncode, done.stderr)

    def test_the_hooks_of_the_manifests_run(self):
        for overlay in manifests.SERVERS:
            deployment = manifests.find(manifests.render(overlay), "Deployment", "bantam")
            [container] = manifests.pod_of(deployment)["spec"]["containers"]
            [program, _] = container["lifecycle"]["preStop"]["exec"]["command"]
            done = self.run_inside(program, "0")
            self.assertEqual(0, done.returncode, done.stderr)

    def test_time_zones_are_there(self):
        icp = manifests.PROJECT / "client/samples/icps/b2b_software.yaml"
        target = self.root / "etc/bantam/icps/b2b_software.yaml"
        target.write_bytes(icp.read_bytes())
        self.addCleanup(target.unlink)
        done = self.run_inside("bantam", "icp", "check", "/etc/bantam/icps/b2b_software.yaml")
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("time_zone:", icp.read_text(encoding="utf-8"))

    def test_authorities_are_where_libraries_look(self):
        bundle = self.root / "etc/ssl/certs/ca-certificates.crt"
        self.assertIn("BEGIN CERTIFICATE", bundle.read_text(encoding="utf-8"))
        self.assertEqual("/etc/ssl/certs/ca-certificates.crt",
                         os.readlink(self.root / "usr/lib/ssl/cert.pem"))

    def test_holds_no_shell_and_no_other_tools(self):
        programs = [file.name for file in (self.root / "usr/bin").iterdir()]
        self.assertCountEqual(PROGRAMS, programs)
        libraries = ("usr/lib", "lib", "lib64")
        executable = [file for file in self.root.rglob("*")
                      if file.is_file() and os.access(file, os.X_OK) and
                      not str(file.relative_to(self.root)).startswith(libraries)]
        self.assertCountEqual(PROGRAMS, [file.name for file in executable])

    def test_its_user_can_write_nowhere(self):
        for place in [self.root, *self.root.rglob("*")]:
            if not place.is_symlink():
                self.assertEqual(0, place.stat().st_mode & 0o002, place)

    def test_a_missing_library_is_noticed(self):
        with tempfile.TemporaryDirectory() as folder:
            ldd = pathlib.Path(folder, "ldd")
            ldd.write_text("#!/bin/sh\necho 'libabsent.so.1 => not found'\n", encoding="utf-8")
            ldd.chmod(0o755)
            done = subprocess.run(
                [str(manifests.FOLDER / "image_root.sh"), f"{folder}/image", os.environ["BANTAM"]],
                env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, capture_output=True,
                text=True, timeout=LIMIT_SECONDS, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("libraries are missing", done.stderr)


if __name__ == "__main__":
    unittest.main()
