#!/usr/bin/env python3
"""haproxy.cfg is accepted as it is and with the line for replicas that speak TLS, and with that line
calls reach them. (Rolling restarts behind it as it is: tests/integration/production.)"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import grpc

import manifests
from authority import Authority
from pod import wait_until

sys.path.append(str(manifests.PROJECT / "tests" / "integration" / "clients"))
from bantamd import LIMIT_SECONDS, Bantamd, lasting_port  # pylint: disable=wrong-import-position

CONFIGURATION = (manifests.FOLDER / "haproxy.cfg").read_text(encoding="utf-8")
AUTHORITY_FILE = "/etc/haproxy/bantam-ca.pem"
HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse with status SERVING.
SCORE = "/bantam.v1.QualificationService/Score"
TOKEN = "a-token-of-the-test"
POLICY = """grants:
  - {identities: ["token:crm"], methods: ["QualificationService/*"], tenants: ["*"]}
  - {identities: ["*"], methods: ["/grpc.health.v1.Health/*"]}
"""


def haproxy():
    return shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")


def over_tls(authority_file):
    """The configuration with the line for TLS in place of the other one."""
    [plain] = re.findall(r"^  default-server .*\n", CONFIGURATION, re.MULTILINE)
    [encrypted] = re.findall(r"^  # (default-server ssl .*\n)", CONFIGURATION, re.MULTILINE)
    assert AUTHORITY_FILE in encrypted
    return CONFIGURATION.replace(plain, "  " + encrypted.replace(AUTHORITY_FILE, authority_file))


class HaproxyTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.authority = Authority()
        self.addCleanup(self.authority.close)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)

    def start_server(self, *flags):
        """A replica that speaks TLS, with the names of overlays/prod; it, and its ports."""
        names = manifests.find(manifests.render("overlays/prod"), "Certificate",
                               "bantam")["spec"]["dnsNames"]
        certificate, key = self.authority.issue([f"DNS:{name}" for name in names])
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        admin_port = self.folder / "admin_port"
        server = self.enterContext(Bantamd(
            manifests.FOLDER / "base" / "icps" / "example.yaml", flags=(
                f"--tls_cert={self.write('tls.crt', certificate)}",
                f"--tls_key={self.write('tls.key', key)}",
                f"--tokens={self.write('tokens', f'crm {digest}')}",
                f"--access_policy={self.write('policy.yaml', POLICY)}",
                "--admin_listen=127.0.0.1:0", f"--admin_port_file={admin_port}",
                *flags)))
        return (server, server.address.rpartition(":")[2],
                admin_port.read_text(encoding="utf-8").strip())

    def start_proxy(self, configuration, port, admin_port):
        """HAProxy in front of that replica; its address."""
        own = lasting_port()
        for old, new in (("bind :7770", f"bind 127.0.0.1:{own}"), (":7770 check", f":{port} check"),
                         ("port 7771", f"port {admin_port}")):
            self.assertIn(old, configuration)
            configuration = configuration.replace(old, new)
        configuration = re.sub(r"bantam-\d\.bantam-headless", "127.0.0.1", configuration)
        log = self.enterContext(open(self.folder / "proxy.log", "w", encoding="utf-8"))
        process = subprocess.Popen(
            [haproxy(), "-db", "-f", self.write("haproxy.cfg", configuration)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return f"127.0.0.1:{own}"

    def ask(self, channel, method, token=None):
        """The answer to an empty request, or the status code."""
        call = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
        metadata = [("authorization", f"Bearer {token}")] if token else []
        try:
            return call(b"", metadata=metadata, timeout=LIMIT_SECONDS, wait_for_ready=True)
        except grpc.RpcError as error:
            return error.code()

    def test_is_accepted(self):
        authority = self.write("ca.crt", self.authority.certificate)
        for name, text in (("as it is", CONFIGURATION), ("over TLS", over_tls(authority))):
            with self.subTest(name):
                # Names of a cluster cannot be looked up here.
                text = re.sub(r"bantam-\d\.bantam-headless", "127.0.0.1", text)
                done = subprocess.run(
                    [haproxy(), "-c", "-f", self.write("check.cfg", text)], capture_output=True,
                    text=True, timeout=LIMIT_SECONDS, check=False)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertNotIn("WARNING", done.stderr)

    def test_calls_reach_replicas_that_speak_tls(self):
        authority = self.write("ca.crt", self.authority.certificate)
        # The delay is longer than a check takes, on a busy machine as well.
        server, *ports = self.start_server("--drain_delay_seconds=5")
        address = self.start_proxy(over_tls(authority), *ports)
        with grpc.insecure_channel(address) as channel:
            self.assertEqual(SERVING, self.ask(channel, HEALTH))
            self.assertEqual(grpc.StatusCode.UNAUTHENTICATED, self.ask(channel, SCORE))
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, self.ask(channel, SCORE, TOKEN))
        server.stop()
        # Its checks have heard, in plaintext, that the replica was going.
        log = self.folder / "proxy.log"
        wait_until(lambda: "code: 503" in log.read_text(encoding="utf-8"), "it was told by a check")

    def test_no_call_reaches_a_replica_of_another_authority(self):
        other = Authority()
        self.addCleanup(other.close)
        _, *ports = self.start_server()
        address = self.start_proxy(over_tls(self.write("ca.crt", other.certificate)), *ports)
        with grpc.insecure_channel(address) as channel:
            self.assertEqual(grpc.StatusCode.UNAVAILABLE, self.ask(channel, HEALTH))

    def test_plaintext_would_not_reach_them(self):
        _, *ports = self.start_server()
        address = self.start_proxy(CONFIGURATION, *ports)
        with grpc.insecure_channel(address) as channel:
            self.assertIsInstance(self.ask(channel, HEALTH), grpc.StatusCode)


if __name__ == "__main__":
    unittest.main()
