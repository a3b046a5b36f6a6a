"""Several servers that can be told apart by their answers: in each, the ICP has a title, and so a
revision, of its own."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile

import worked_example
from bantamd import Bantamd, lasting_port


class Replicas:
    """That many servers on ports that stay theirs. A context. `target` names them all."""

    def __init__(self, count):
        self._count = count
        self._stack = contextlib.ExitStack()
        self._by_revision = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
            addresses = []
            for number in range(self._count):
                server = stack.enter_context(
                    Bantamd(icp_file(folder, number), port=lasting_port()))
                self._by_revision[revision(server)] = server
                addresses.append(server.address)
            self.target = "ipv4:" + ",".join(addresses)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    @property
    def revisions(self):
        return set(self._by_revision)

    def of_revision(self, name):
        """The server that answers with this revision."""
        return self._by_revision[name]


def icp_file(folder, number):
    text = worked_example.ICP_FILE.read_text(encoding="utf-8")
    changed = text.replace("title: Worked example", f"title: Worked example {number}")
    assert changed != text
    path = folder / f"icp-{number}.yaml"
    path.write_text(changed, encoding="utf-8")
    return path


def revision(server):
    """The revision that a server's ICP has."""
    listed = subprocess.run(
        [os.environ["BANTAM"], "icp", "get", worked_example.ICP, f"--server={server.address}",
         "--json"], capture_output=True, text=True, check=True)
    return json.loads(listed.stdout)["revision"]
