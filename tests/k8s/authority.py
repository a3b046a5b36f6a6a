"""Certificates for tests, as an authority in a cluster would issue them."""

import pathlib
import subprocess
import tempfile


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)


class Authority:
    """An authority of its own; `certificate` is its certificate."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._root = pathlib.Path(self._folder.name)
        self._key("ca.key")
        _openssl("req", "-x509", "-new", "-key", self._path("ca.key"), "-subj",
                 "/CN=test authority", "-days", "30", "-out", self._path("ca.crt"))
        self.certificate = self._read("ca.crt")
        self._issued = 0

    def close(self):
        self._folder.cleanup()

    def issue(self, names):
        """A certificate for these names (as DNS:x, IP:x or URI:x), and its key."""
        self._issued += 1
        key, request, certificate, extensions = (
            f"{self._issued}.{end}" for end in ("key", "csr", "crt", "ext"))
        self._key(key)
        (self._root / extensions).write_text(f"subjectAltName={','.join(names)}\n", "utf-8")
        _openssl("req", "-new", "-key", self._path(key), "-subj", "/CN=test", "-out",
                 self._path(request))
        _openssl("x509", "-req", "-in", self._path(request), "-CA", self._path("ca.crt"), "-CAkey",
                 self._path("ca.key"), "-CAcreateserial", "-days", "30", "-extfile",
                 self._path(extensions), "-out", self._path(certificate))
        return self._read(certificate), self._read(key)

    def _key(self, name):
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                 self._path(name))

    def _path(self, name):
        return str(self._root / name)

    def _read(self, name):
        return (self._root / name).read_text(encoding="utf-8")
