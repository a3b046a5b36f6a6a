#!/usr/bin/env python3
"""The Deployment of every overlay is run as it is rendered, and probed over its probes."""

import hashlib
import json
import os
import re
import signal
import ssl
import subprocess
import tempfile
import time
import unittest

import grpc

import manifests
from authority import Authority
from pod import LIMIT_SECONDS, Container, RunningServer, StandIns, wait_until

HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse with status SERVING.
SCORE = "/bantam.v1.QualificationService/Score"
TOKENS = {"crm": "a-token-of-the-test", "rescore": "another-token-of-the-test"}
INDEX = "metadata.annotations['batch.kubernetes.io/job-completion-index']"


def ask(channel, method, token=None):
    """Calls a method with an empty request; the answer's bytes, or the status code."""
    call = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
    metadata = [("authorization", f"Bearer {token}")] if token else []
    try:
        return call(b"", metadata=metadata, timeout=LIMIT_SECONDS)
    except grpc.RpcError as error:
        return error.code()


class Stores:
    """A PostgreSQL with an empty database and a Redis."""

    def __init__(self):
        self._process = subprocess.Popen([os.environ["BANTAM_STORES"]], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        urls = json.loads(self._process.stdout.readline())
        user, place = urls["postgres"].removeprefix("postgres://").split("@")
        self.user, self.password = user.split(":")
        self.postgres = f"postgres://{self.user}@{place}"
        self.redis = urls["redis"]

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(LIMIT_SECONDS)


    def url_of(self, role):
        return self.postgres.replace(f"//{self.user}@", f"//{role}@")

    def run(self, command, **variables):
        """Runs a command of the shell with these variables in its environment."""
        done = subprocess.run(["sh", "-ec", command], env={**os.environ, **variables}, text=True,
                              capture_output=True, timeout=LIMIT_SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)


def readme_grants():
    """The command of the README that gives the server its rights."""
    text = (manifests.FOLDER / "README.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^    psql .*?^    END$", text, re.MULTILINE | re.DOTALL)
    return "\n".join(line[4:] for line in command.splitlines())


class DeploymentTest(unittest.TestCase):
    def run_job(self, overlay, name, stand_ins):
        objects = manifests.render(overlay)
        with tempfile.TemporaryDirectory() as folder:
            done = Container(objects, manifests.find(objects, "Job", name), stand_ins, folder).run()
        self.assertEqual(0, done.returncode, done.stderr)

    def check_drain(self, server, still_answers):
        """The preStop hook: all goes on. SIGTERM: not ready at once, calls are taken until the delay
        is over, and then the end."""
        server.container.run_hook("preStop")
        self.assertEqual(200, server.probe("readinessProbe"))
        if still_answers is not None:
            still_answers()
        delay = int(server.container.environment["BANTAM_DRAIN_DELAY_SECONDS"])
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        if delay > 0:
            wait_until(lambda: server.probe("readinessProbe") == 503, "it reports not ready")
            self.assertLess(time.monotonic() - started, delay)
            self.assertEqual(200, server.probe("livenessProbe"))
            still_answers()
            self.assertIsNone(server.process.poll())
        grace = server.container.pod["terminationGracePeriodSeconds"]
        self.assertEqual(0, server.process.wait(grace), server.log())
        self.assertGreaterEqual(time.monotonic() - started, delay)

    def check_probes(self, server):
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.assertEqual(200, server.probe(probe), probe)
        self.assertIn("bantam_ready 1", server.get("/metrics")[1])

    def check_page(self, server, *texts):
        """What a person is shown, who opens the admin port in a browser."""
        status, page = server.get("/")
        self.assertEqual(200, status)
        version = subprocess.run([os.environ["BANTAMD"], "--version"], capture_output=True,
                                 text=True, timeout=LIMIT_SECONDS, check=True).stdout.split()[-1]
        for text in (f"version {version}", "Known to be current", "Cache in memory", *texts):
            self.assertTrue(text in page, f"the status page does not say: {text}")

    @staticmethod
    def certificate_of(server):
        host, port = server.address.split(":")
        return ssl.get_server_certificate((host, int(port)), timeout=LIMIT_SECONDS)

    def list_icps(self, server):
        listed = subprocess.run(
            [os.environ["BANTAM"], "icp", "list", f"--server={server.address}"],
            capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
        self.assertEqual(0, listed.returncode, listed.stderr)
        return listed.stdout

    def save_example(self, server, authority):
        """As the policy lets the editor of ICPs do, and nobody else."""
        certificate, key = authority.issue(["URI:spiffe://example.org/ns/bantam/sa/icp-editor"])
        with tempfile.TemporaryDirectory() as folder:
            options = []
            texts = {"ca": authority.certificate, "cert": certificate, "key": key}
            for option, text in texts.items():
                path = os.path.join(folder, option)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                options.append(f"--tls-{option}={path}")
            command = [os.environ["BANTAM"], "icp", "put", f"--server={server.address}",
                       "--author=test", str(manifests.FOLDER / "base/icps/example.yaml")]
            for credentials, succeeds in ((options[:1], False), (options, True)):
                done = subprocess.run(command + credentials, capture_output=True, text=True,
                                      timeout=LIMIT_SECONDS, check=False)
                self.assertEqual(succeeds, done.returncode == 0, done.stderr)

    def check_refused_database(self, stand_ins):
        """A server without rights ends, and says what it lacks."""
        objects = manifests.render("overlays/prod")
        with tempfile.TemporaryDirectory() as folder:
            done = Container(objects, manifests.find(objects, "Deployment", "bantam"), stand_ins,
                             folder).run()
        self.assertEqual(1, done.returncode, done.stderr)
        readme = (manifests.FOLDER / "README.md").read_text(encoding="utf-8")
        text = 'this role may not read the schema "bantam"; grant it what '
        self.assertIn(text, "\n".join(json.loads(line)["message"]
                                      for line in done.stderr.splitlines()))
        self.assertIn(text.rstrip(), readme)

    def rescore(self, server, stand_ins):
        """A pod of the Job, over TLS and with its own token."""
        objects = manifests.render("overlays/prod/rescore")
        stand_ins.addresses["bantam:7770"] = server.address
        stand_ins.addresses["SET-AN-INSTANT"] = "2026-01-31T00:00:00Z"
        stand_ins.fields[INDEX] = "0"
        with tempfile.TemporaryDirectory() as folder:
            container = Container(objects, manifests.find(objects, "Job", "bantam-rescore"),
                                  stand_ins, folder)
            data = container.path("/data")
            (data / "leads.ndjson").write_text('{"id": "a"}\n{"id": "b"}\n', encoding="utf-8")
            done = container.run()
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertIn('"a"', (data / "answers-0.ndjson").read_text(encoding="utf-8"))

    def test_files(self):
        with RunningServer("overlays/files", StandIns()) as server:
            self.check_probes(server)
            self.assertIn("tenants/example/icps/software", self.list_icps(server))
            self.check_page(server, "tenants/example/icps/software")
            text = (manifests.FOLDER / "base/icps/example.yaml").read_text(encoding="utf-8")
            server.container.update("/etc/bantam/icps", {
                "example.yaml": text.replace("icps/software", "icps/edited")})
            wait_until(lambda: "tenants/example/icps/edited" in self.list_icps(server),
                       "an edited ConfigMap is in service")
            server.container.update("/etc/bantam/icps", {"example.yaml": "name: [broken\n"})
            wait_until(lambda: "ready, degraded" in server.get("/")[1], "the page tells of a bad ICP")
            self.check_page(server, "tenants/example/icps/edited", "1 ICPs have a bad definition")
            server.container.update("/etc/bantam/icps", {"example.yaml": text})
            wait_until(lambda: "ready, degraded" not in server.get("/")[1], "the page is well again")
            with grpc.insecure_channel(server.address) as channel:
                self.assertEqual(SERVING, ask(channel, HEALTH))
                self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, ask(channel, SCORE))
                self.check_drain(server, lambda: self.assertEqual(
                    grpc.StatusCode.INVALID_ARGUMENT, ask(channel, SCORE)))

    def test_dev(self):
        stores = Stores()
        self.addCleanup(stores.close)
        stand_ins = StandIns(
            settings={("Secret", "bantam-postgres"): {"password": stores.password}},
            addresses={"postgres://bantam@bantam-postgres:5432/bantam": stores.postgres,
                       "redis://bantam-redis:6379/0": stores.redis})
        self.run_job("overlays/dev", "bantam-migrate", stand_ins)
        with RunningServer("overlays/dev", stand_ins) as server:
            self.check_probes(server)
            stand_ins.addresses["bantam:7770"] = server.address
            self.run_job("overlays/dev", "bantam-import", stand_ins)
            self.assertIn("tenants/example/icps/software", self.list_icps(server))
            self.check_page(server, "PostgreSQL", "Redis", "tenants/example/icps/software")
            self.check_drain(server, None)

    def test_prod(self):
        authority = Authority()
        self.addCleanup(authority.close)
        stores = Stores()
        self.addCleanup(stores.close)
        names = manifests.find(manifests.render("overlays/prod"), "Certificate",
                               "bantam")["spec"]["dnsNames"]
        certificate, key = authority.issue(["IP:127.0.0.1"] + [f"DNS:{name}" for name in names])
        owner = {"icp_source": stores.postgres, "pgpassword": stores.password}
        secret = {"icp_source": stores.url_of("bantamd"), "pgpassword": "of-the-server",
                  "redis": stores.redis}
        stand_ins = StandIns(settings={
            ("Secret", "bantam-tls"): {"tls.crt": certificate, "tls.key": key,
                                       "ca.crt": authority.certificate},
            ("ConfigMap", "bantam-client-ca"): {"ca.crt": authority.certificate},
            ("Secret", "bantam-tokens"): {
                "tokens": "".join(f"{name} {hashlib.sha256(token.encode()).hexdigest()}\n"
                                  for name, token in TOKENS.items())},
            ("Secret", "bantam-rescore-token"): {"token": TOKENS["rescore"]},
            ("Secret", "bantam-stores"): secret,
            ("Secret", "bantam-stores-owner"): owner})
        stores.run('psql "$URL" -c "CREATE ROLE bantamd LOGIN PASSWORD \'of-the-server\'"',
                   URL=stores.url_of("postgres"))
        self.run_job("overlays/prod/migrate", "bantam-migrate", stand_ins)
        self.check_refused_database(stand_ins)
        as_owner = {"OWNER_URL": stores.postgres, "PGPASSWORD": stores.password}
        for _ in range(2):  # Repeated after an upgrade.
            stores.run(readme_grants(), **as_owner)
        # As a later version may do.
        stores.run('psql "$OWNER_URL" -c "CREATE TABLE bantam.later (number int)"', **as_owner)
        stores.run('psql "$URL" -c "SELECT * FROM bantam.later"', URL=secret["icp_source"],
                   PGPASSWORD=secret["pgpassword"])
        with RunningServer("overlays/prod", stand_ins) as server:
            self.check_probes(server)
            with grpc.insecure_channel(server.address) as plaintext:
                self.assertEqual(grpc.StatusCode.UNAVAILABLE, ask(plaintext, HEALTH))
            trust = {"root_certificates": authority.certificate.encode()}
            with grpc.secure_channel(server.address,
                                     grpc.ssl_channel_credentials(**trust)) as channel:
                self.assertEqual(SERVING, ask(channel, HEALTH))
                self.assertEqual(grpc.StatusCode.UNAUTHENTICATED, ask(channel, SCORE))
                self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT,
                                 ask(channel, SCORE, TOKENS["crm"]))
            self.save_example(server, authority)
            self.rescore(server, stand_ins)
            renewed, renewed_key = authority.issue(["IP:127.0.0.1"])
            server.container.update("/etc/bantam/tls",
                                    {"tls.crt": renewed, "tls.key": renewed_key})
            wait_until(lambda: self.certificate_of(server) == renewed, "a renewed certificate")
            own, own_key = authority.issue(["URI:spiffe://example.org/ns/crm/sa/importer"])
            with grpc.secure_channel(server.address, grpc.ssl_channel_credentials(
                    **trust, private_key=own_key.encode(),
                    certificate_chain=own.encode())) as channel:
                self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, ask(channel, SCORE))
                self.check_drain(server, lambda: self.assertEqual(
                    grpc.StatusCode.INVALID_ARGUMENT, ask(channel, SCORE)))


if __name__ == "__main__":
    unittest.main()
