"""Runs a bantamd of its own for a test, on a port of the loopback interface."""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

# How long starting and stopping may take; generous, for sanitizers on a busy machine.
LIMIT_SECONDS = 120


def lasting_port():
    """A free port that stays free while a server on it is away: none of those that clients get."""
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Bantamd:
    """A running server that holds the ICPs of the given files. `address` is where it listens.

    `port` 0 is any free one; `flags` are further ones of bantamd. Leaving the context stops it, and
    fails unless it drains and exits with status 0.
    """

    def __init__(self, *icp_files, port=0, flags=()):
        self._folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(self._folder.name)
        icps = root / "icps"
        icps.mkdir()
        for file in icp_files:
            shutil.copy(file, icps)
        self._port_file = root / "port"
        self._log = open(root / "log", "w+", encoding="utf-8")
        self._command = [os.environ["BANTAMD"], f"--icps={icps}", "--strict",
                         f"--listen=127.0.0.1:{port}", f"--port_file={self._port_file}", *flags]
        self._process = None
        self.address = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        with self._folder, self._log:
            self.stop()

    def start(self):
        """Starts it; returns when it serves."""
        self._port_file.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL,
                                         stdout=self._log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + LIMIT_SECONDS
        while not self._port():
            if self._ends_within(0.02) or time.monotonic() > deadline:
                self._process.kill()
                raise AssertionError(f"bantamd did not start:\n{self._read_log()}")
        self.address = f"127.0.0.1:{self._port()}"

    def stop(self):
        """Tells it to end, and waits for it."""
        self._process.send_signal(signal.SIGTERM)
        if not self._ends_within(LIMIT_SECONDS):
            self._process.kill()
            raise AssertionError(f"bantamd did not stop on SIGTERM:\n{self._read_log()}")
        if self._process.returncode != 0:
            raise AssertionError(
                f"bantamd ended with status {self._process.returncode}:\n{self._read_log()}")

    def kill(self):
        """Ends it at once, in the middle of its calls."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        """Lets it hang: its connections stay, and nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        """Lets it go on."""
        self._process.send_signal(signal.SIGCONT)

    def _port(self):
        return self._port_file.read_text().strip() if self._port_file.exists() else ""

    def _ends_within(self, seconds):
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read_log(self):
        self._log.seek(0)
        return self._log.read()
