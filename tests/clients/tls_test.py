#!/usr/bin/env python3
"""The example over TLS: with a token, with a certificate of its own, and what it says without."""

import hashlib
import pathlib
import subprocess
import tempfile
import unittest

import worked_example
from bantamd import Bantamd
from examples import RECORD, Example

TOKEN = "a token made up for this test"
POLICY = """grants:
  - identities: ["token:crm-import", "dns:crm.example.com"]
    methods: [Qualify, BatchQualify, BulkEvaluate]
    tenants: [example]
"""


class Authority:
    """A certification authority made up for this test, in a folder."""

    def __init__(self, folder):
        self._folder = folder
        folder.mkdir()
        self.certificate = folder / "ca.pem"
        self._make("ca", "-addext", "basicConstraints=critical,CA:TRUE")

    def issue(self, name, alternative_names):
        """Files of a certificate and its key."""
        self._make(name, "-CA", self.certificate, "-CAkey", self._folder / "ca.key",
                   "-addext", f"subjectAltName={alternative_names}",
                   "-addext", "basicConstraints=CA:FALSE")
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def _make(self, name, *options):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
             "-keyout", self._folder / f"{name}.key", "-out", self._folder / f"{name}.pem",
             *options], check=True, capture_output=True)


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.authority = Authority(folder / "authority")
        cls.stranger = Authority(folder / "stranger")
        cls.token_file = folder / "token"
        cls.token_file.write_text(TOKEN + "\n", encoding="utf-8")
        cls.wrong_token_file = folder / "wrong-token"
        cls.wrong_token_file.write_text("another token\n", encoding="utf-8")
        tokens = folder / "tokens"
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        tokens.write_text(f"crm-import {digest}\n", encoding="utf-8")
        policy = folder / "policy.yaml"
        policy.write_text(POLICY, encoding="utf-8")
        certificate, key = cls.authority.issue("server", "DNS:localhost")
        cls.server = cls.enterClassContext(Bantamd(worked_example.ICP_FILE, flags=(
            f"--tls_cert={certificate}", f"--tls_key={key}",
            f"--tls_client_ca={cls.authority.certificate}", "--tls_client_auth=optional",
            f"--tokens={tokens}", f"--access_policy={policy}")))
        cls.example = cls.enterClassContext(Example())
        cls.file = cls.example.write("one", RECORD)

    def run_example(self, *flags, operation="qualify", authority=None):
        port = self.server.address.rpartition(":")[2]
        return self.example.run(
            operation, f"--server=dns:///localhost:{port}", f"--icp={worked_example.ICP}",
            f"--at={worked_example.EVALUATE_TIME}",
            f"--tls-ca={(authority or self.authority).certificate}", *flags, self.file)

    def assert_answers(self, result):
        status, lines, errors = result
        self.assertEqual((0, ""), (status, errors))
        self.assertRegex(lines[0], r"^worked-example-lead: OPEN 59\.00 B2")

    def assert_fails(self, code, result):
        status, lines, errors = result
        self.assertEqual((1, []), (status, lines))
        # The last line: gRPC's own log may stand before it.
        self.assertEqual(code, errors.splitlines()[-1].split(":")[0], errors)

    def test_a_token(self):
        for operation in ("qualify", "batch", "bulk"):
            self.assert_answers(self.run_example(f"--token-file={self.token_file}",
                                                 operation=operation))

    def test_a_certificate(self):
        certificate, key = self.authority.issue("client", "DNS:crm.example.com")
        self.assert_answers(self.run_example(f"--tls-cert={certificate}", f"--tls-key={key}"))

    def test_a_list_of_addresses(self):
        """Its certificate names none of them: --server-name does."""
        result = self.example.run(
            "qualify", f"--server=ipv4:{self.server.address},{self.server.address}",
            "--server-name=localhost", f"--tls-ca={self.authority.certificate}",
            f"--token-file={self.token_file}", f"--icp={worked_example.ICP}",
            f"--at={worked_example.EVALUATE_TIME}", self.file)
        self.assert_answers(result)

    def test_nothing_shown(self):
        self.assert_fails("UNAUTHENTICATED", self.run_example())

    def test_an_unknown_token(self):
        self.assert_fails("UNAUTHENTICATED",
                          self.run_example(f"--token-file={self.wrong_token_file}"))

    def test_a_name_that_the_policy_does_not_grant(self):
        certificate, key = self.authority.issue("other", "DNS:other.example.com")
        self.assert_fails("PERMISSION_DENIED",
                          self.run_example(f"--tls-cert={certificate}", f"--tls-key={key}"))

    def check_refusal(self, text, *flags):
        for operation in ("qualify", "batch", "bulk"):
            status, lines, errors = self.example.run(
                operation, f"--server={self.server.address}", *flags, self.file)
            self.assertEqual((1, []), (status, lines))
            self.assertIn(text, errors)
            self.assertEqual(1, len(errors.splitlines()), errors)

    def test_nothing_is_sent_in_plaintext_by_mistake(self):
        certificate, key = self.authority.issue("plain", "DNS:crm.example.com")
        for flags in ((f"--tls-cert={certificate}", f"--tls-key={key}"),
                      (f"--tls-cert={certificate}",), (f"--tls-key={key}",),
                      (f"--token-file={self.token_file}",), ("--server-name=localhost",)):
            with self.subTest(flags):
                self.check_refusal("is for TLS, which needs --tls-ca", *flags)

    def test_a_certificate_without_its_key(self):
        certificate, key = self.authority.issue("half", "DNS:crm.example.com")
        for flag in (f"--tls-cert={certificate}", f"--tls-key={key}"):
            with self.subTest(flag):
                self.check_refusal("--tls-cert and --tls-key go together",
                                   f"--tls-ca={self.authority.certificate}", flag)

    def test_a_server_that_is_not_the_one(self):
        result = self.run_example(f"--token-file={self.token_file}", authority=self.stranger)
        self.assert_fails("UNAVAILABLE", result)


if __name__ == "__main__":
    unittest.main()
