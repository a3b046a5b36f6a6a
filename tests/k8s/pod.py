"""Runs a container of a rendered manifest as a process of this machine: the same command,
arguments, environment and files. What has to be otherwise here, and nothing else:

- Mounted volumes are folders below the test's own; where the manifest names a mount path, the
  process is given that folder. They are filled from the ConfigMaps and Secrets of the rendering, in
  the form in which Kubernetes lays them out (links through ..data), and from StandIns for those that
  a cluster would have from elsewhere.
- Addresses of other pods are replaced as StandIns say.
- The server listens on free ports (port 0, of the same host), and tells them by files.
"""

import base64
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import manifests

# How long things may take that take no time; generous, for sanitizers on a busy machine.
LIMIT_SECONDS = 120


class StandIns:
    """What a cluster would have beside the objects of an overlay.

    `settings`: (kind, name) → {key: text}, before ConfigMaps and Secrets that are rendered.
    `addresses`: text within an environment variable or argument → what replaces it.
    `fields`: value of a fieldRef, by its path.
    """

    def __init__(self, settings=None, addresses=None, fields=None):
        self.settings = settings or {}
        self.addresses = addresses or {}
        self.fields = fields or {}


def wait_until(condition, what):
    """Calls `condition` until it is true; fails after LIMIT_SECONDS."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {LIMIT_SECONDS} s: {what}")
        time.sleep(0.02)


class Container:
    """The one container of a Deployment's or Job's pod, ready to be run."""

    def __init__(self, objects, workload, stand_ins, folder):
        self._objects = objects
        self._stand_ins = stand_ins
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.pod = manifests.pod_of(workload)["spec"]
        [self.spec] = self.pod["containers"]
        self._mounts = {}
        for mount in self.spec.get("volumeMounts", []):
            [volume] = [v for v in self.pod["volumes"] if v["name"] == mount["name"]]
            self._mounts[mount["mountPath"]] = self._make_volume(volume)
        self._variables = {}  # As the manifest has them.
        for entry in self.spec.get("env", []):
            self._variables[entry["name"]] = self._value(entry)
        self.environment = {name: self._stand_in(value) for name, value in self._variables.items()}
        for name, file in (("BANTAM_LISTEN", "port"), ("BANTAM_ADMIN_LISTEN", "admin_port")):
            if name in self.environment:
                host = self.environment[name].rpartition(":")[0]
                self.environment[name] = f"{host}:0"
                self.environment[f"BANTAM_{file.upper()}_FILE"] = str(self.folder / file)
        self.command = [self._stand_in(self._expand(word))
                        for word in self.spec["command"] + self.spec.get("args", [])]
        self.command[0] = os.environ[self.command[0].upper()]

    def path(self, mount_path):
        """The folder that stands for what is mounted there."""
        return self._mounts[mount_path]

    def update(self, mount_path, files):
        """Changes files of a mounted ConfigMap or Secret, as the kubelet does: all in one step."""
        folder = self._mounts[mount_path]
        old = folder / os.readlink(folder / "..data")
        new = folder / f"{old.name}_new"
        new.mkdir()
        for file in old.iterdir():
            text = files.get(file.name, file.read_text(encoding="utf-8"))
            (new / file.name).write_text(text, encoding="utf-8")
        (folder / "..data_tmp").symlink_to(new.name)
        os.rename(folder / "..data_tmp", folder / "..data")
        shutil.rmtree(old)

    def start(self, **options):
        # Of this process' environment it gets what sanitizers need.
        environment = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        return subprocess.Popen(self.command, env={**environment, **self.environment},
                                stdin=subprocess.DEVNULL, cwd="/", **options)

    def run(self):
        """Runs it to its end; what it wrote."""
        with self.start(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            out, err = process.communicate(timeout=LIMIT_SECONDS)
        return subprocess.CompletedProcess(self.command, process.returncode, out, err)

    def run_hook(self, name):
        """Runs a lifecycle hook to its end, as the kubelet does; it must succeed."""
        subprocess.run(self.spec["lifecycle"][name]["exec"]["command"], check=True,
                       timeout=self.pod["terminationGracePeriodSeconds"])

    def _settings(self, kind, name):
        if (kind, name) in self._stand_ins.settings:
            return self._stand_ins.settings[kind, name]
        found = manifests.find(self._objects, kind, name)
        encoded = found.get("data", {})
        if kind == "ConfigMap":
            return encoded
        return {key: base64.b64decode(value).decode() for key, value in encoded.items()}

    def _make_volume(self, volume):
        folder = self.folder / "volumes" / volume["name"]
        folder.mkdir(parents=True)
        if "configMap" in volume:
            files = self._settings("ConfigMap", volume["configMap"]["name"])
        elif "secret" in volume:
            files = self._settings("Secret", volume["secret"]["secretName"])
        elif "persistentVolumeClaim" in volume:
            return folder
        else:
            raise AssertionError(f"volume {volume['name']} is of a kind that is not known here")
        items = volume.get("configMap", volume.get("secret", {})).get("items")
        names = {item["key"]: item["path"] for item in items} if items else {k: k for k in files}
        data = folder / "..2026_01_31"
        data.mkdir()
        (folder / "..data").symlink_to(data.name)
        for key, name in names.items():
            (data / name).write_text(files[key], encoding="utf-8")
            (folder / name).symlink_to(f"..data/{name}")
        return folder

    def _value(self, entry):
        if "value" in entry:
            return self._expand(entry["value"])
        source = entry["valueFrom"]
        if "secretKeyRef" in source:
            reference = source["secretKeyRef"]
            return self._settings("Secret", reference["name"])[reference["key"]]
        return self._stand_ins.fields[source["fieldRef"]["fieldPath"]]

    # As the kubelet does: by variables that stand before.
    def _expand(self, text):
        return re.sub(r"\$\((\w+)\)", lambda m: self._variables.get(m[1], m[0]), text)

    def _stand_in(self, text):
        for mount_path, folder in self._mounts.items():
            text = re.sub(rf"(?<![\w/]){re.escape(mount_path)}(?![\w-])", str(folder), text)
        for address, replacement in self._stand_ins.addresses.items():
            text = text.replace(address, replacement)
        return text


class RunningServer:
    """bantamd as an overlay's Deployment runs it, once its startup and readiness probes say so."""

    def __init__(self, overlay, stand_ins):
        objects = manifests.render(overlay)
        self._resources = contextlib.ExitStack()
        folder = self._resources.enter_context(tempfile.TemporaryDirectory())
        self._log = self._resources.enter_context(
            open(os.path.join(folder, "log"), "w+", encoding="utf-8"))
        self.container = Container(objects, manifests.find(objects, "Deployment", "bantam"),
                                   stand_ins, folder)
        self.process = None

    def __enter__(self):
        self.process = self.container.start(stdout=self._log, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: self._is_up() and self.probe("startupProbe") == 200, "it starts")
            wait_until(lambda: self._is_up() and self.probe("readinessProbe") == 200, "it is ready")
            wait_until((self.container.folder / "port").exists, "it tells its port")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._resources.close()

    def log(self):
        self._log.seek(0)
        return self._log.read()

    @property
    def address(self):
        return f"127.0.0.1:{self._port('port')}"

    def probe(self, name):
        """What the kubelet would be answered; None: it cannot connect."""
        get = self.container.spec[name]["httpGet"]
        [port] = [p["name"] for p in self.container.spec["ports"] if p["name"] == get["port"]]
        return self.get(get["path"], {"admin": "admin_port", "grpc": "port"}[port])[0]

    def get(self, path, port="admin_port"):
        """Status and body of a page; status None: it cannot connect."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port(port)}{path}",
                                        timeout=LIMIT_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return None, ""

    def _port(self, file):
        return (self.container.folder / file).read_text(encoding="utf-8").strip()

    def _is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"it ended with status {self.process.returncode}:\n{self.log()}")
        return (self.container.folder / "admin_port").exists()
