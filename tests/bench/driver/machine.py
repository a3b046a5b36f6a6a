"""Processes and cores: servers on some cores, load on the others."""

import contextlib
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time


class BenchError(Exception):
    """A figure cannot be measured; the text says why."""


class WrongAnswer(BenchError):
    """A server or an engine answered something else than it had to."""


# How the load generator ends if an answer was wrong.
WRONG_ANSWER_STATUS = 5


class Machine:
    """The build, a folder for what is written, and how cores are shared out.

    quick: a few short rounds, for continuous integration.
    """

    def __init__(self, source, build, out, quick):
        self.source = pathlib.Path(source)
        self.build = pathlib.Path(build)
        self.out = pathlib.Path(out)
        self.quick = quick
        self.cores = sorted(os.sched_getaffinity(0))
        # With a single core both sides share it, which the ratios survive.
        self.server_cores = self.cores[:max(1, len(self.cores) // 2)]
        self.load_cores = self.cores[len(self.server_cores):] or self.cores
        self.rounds = 2 if quick else 7
        self.seconds = 0.3 if quick else 1.5
        self.out.mkdir(parents=True, exist_ok=True)

    def binary(self, path):
        file = self.build / path
        if not file.exists():
            raise BenchError(f"{file} is missing; ./dev bench builds it")
        return str(file)

    def standard(self, what):
        """The standard "icp" or "lead"."""
        return self.source / f"tests/testdata/bench/standard_{what}.yaml"

    def file(self, name):
        return self.out / name

    def folder(self, name):
        """A new, empty folder."""
        folder = self.out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def run(self, command, cores=None, **options):
        """The standard output of a command of the bench that must succeed."""
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  preexec_fn=pinned(cores or self.load_cores), **options)
        except FileNotFoundError as error:
            raise BenchError(f"{error.filename} is not installed") from error
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip())[-2000:]
            kind = WrongAnswer if done.returncode == WRONG_ANSWER_STATUS else BenchError
            raise kind(f"{' '.join(map(str, command))} ended with {done.returncode}: {said}")
        return done.stdout

    @contextlib.contextmanager
    def serve(self, name, command, cores=None, environment=None, timeout=120):
        """A server that writes its port to the file that stands for {port_file} in `command`."""
        port_file = self.file(f"{name}.port")
        port_file.unlink(missing_ok=True)
        command = [str(word).replace("{port_file}", str(port_file)) for word in command]
        with open(self.file(f"{name}.log"), "w", encoding="utf-8") as log:
            begin = time.monotonic()
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env={**os.environ, **(environment or {})},
                    preexec_fn=pinned(cores or self.server_cores))
            except FileNotFoundError as error:
                raise BenchError(f"{error.filename} is not installed") from error
            try:
                while not port_file.exists():
                    if process.poll() is not None or time.monotonic() > begin + timeout:
                        raise BenchError(f"{name} did not start; see {log.name}")
                    time.sleep(0.0005)
                yield Server(name, process.pid, int(port_file.read_text()),
                             time.monotonic() - begin)
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def bantamd_command(self, icps, *flags):
        return [self.binary("server/bantamd"), f"--icps={icps}", "--listen=127.0.0.1:0",
                "--port_file={port_file}", *flags]

    def echo_command(self, recording):
        return [self.binary("tests/bench/echo/bantam_echo"), f"--recording={recording}",
                "--port_file={port_file}"]

    def bantamd(self, name, icps, **options):
        """bantamd on a folder of ICPs."""
        return self.serve(name, self.bantamd_command(icps), **options)

    def echo(self, name, recording, **options):
        return self.serve(name, self.echo_command(recording), **options)

    @contextlib.contextmanager
    def callgrind(self, name, command):
        """The server under callgrind, and a function that counts the instructions of the server
        while it calls another one: (its result, [instructions])."""
        folder = self.folder(name)
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no",
                   f"--callgrind-out-file={folder}/out", *command]
        with self.serve(name, command) as server:
            dumps = 0

            def control(*flags):
                self.run(["callgrind_control", *flags, str(server.pid)])

            def count(work):
                nonlocal dumps
                control("--zero")
                control("-i", "on")
                result = work()
                control("-i", "off")
                dumps += 1
                control("--dump")
                totals = re.findall(r"^totals: (\d+)", (folder / f"out.{dumps}").read_text(), re.M)
                return result, [int(totals[0])]

            yield server, count

    def record(self, server, name, lead, icp, method="Qualify", omit_trace=False, chunk_leads=64):
        """Requests and the server's answers, as a file."""
        file = self.file(f"{name}.recording")
        self.run([self.binary("tests/bench/load/bantam_record"), f"--target={server.target}",
                  f"--lead={lead}", f"--icp={icp}", f"--out={file}", f"--method={method}",
                  f"--chunk_leads={chunk_leads}"] + ["--omit_trace"] * omit_trace)
        return file

    def load(self, server, recording, cores=None, **flags):
        """What the load generator saw. Fails where a call failed or an answer was wrong."""
        flags = {"warm_up": 0.2, "seconds": self.seconds, "server_pid": server.pid, **flags}
        command = [self.binary("tests/bench/load/bantam_load_generator"),
                   f"--target={server.target}", f"--recording={recording}"]
        for key, value in flags.items():
            command.append(f"--{key}" if value is True else f"--{key}={value}")
        return json.loads(self.run(command, cores))


class Server:
    """A server that serves. start_seconds: from the start of the process until then."""

    def __init__(self, name, pid, port, start_seconds):
        self.name = name
        self.pid = pid
        self.target = f"127.0.0.1:{port}"
        self.start_seconds = start_seconds

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def pinned(cores):
    """For a child: confines it to these cores, and ends it if this process ends before it."""
    def prepare():
        os.sched_setaffinity(0, cores)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return prepare


def cpu_us(result, per="calls"):
    """Server processor time per call or lead, in microseconds."""
    return result["server_cpu_seconds"] / result[per] * 1e6
