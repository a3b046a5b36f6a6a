"""The status page in a real browser: what it says, and that it looks like a page.

Usage: status_page_browser_test.py SAMPLE_STATUS_SERVER
"""

import html
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.request
import zlib

WIDTHS = (360, 400, 800, 1200)


def chromium(*arguments):
    """Runs headless Chromium with a profile of its own; returns what it wrote."""
    program = shutil.which("chromium")
    if program is None:
        raise AssertionError("chromium is missing: install Debian's packages chromium and "
                             "fonts-dejavu-core (./dev test does)")
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--hide-scrollbars",
             f"--user-data-dir={profile}", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=240, check=False)
    if run.returncode != 0:
        raise AssertionError(f"chromium ended with {run.returncode}: "
                             f"{run.stderr.decode(errors='replace')}")
    return run.stdout.decode()


class Picture:
    """A PNG as Chromium writes it: 8 bits per channel, not interlaced."""

    def __init__(self, data):
        assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG"
        packed, at = b"", 8
        while at < len(data):
            length, kind = struct.unpack(">I4s", data[at:at + 8])
            body = data[at + 8:at + 8 + length]
            if kind == b"IHDR":
                self.width, self.height, depth, color, _, _, interlaced = struct.unpack(
                    ">IIBBBBB", body)
                assert (depth, interlaced) == (8, 0) and color in (2, 6), body
                self._size = 3 if color == 2 else 4
            elif kind == b"IDAT":
                packed += body
            at += 12 + length
        self._rows = self._unfilter(zlib.decompress(packed))

    def _unfilter(self, raw):
        stride, size, rows = self.width * self._size, self._size, []
        above = bytearray(stride)
        for y in range(self.height):
            kind = raw[y * (stride + 1)]
            row = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
            for x in range(stride if kind else 0):
                left = row[x - size] if x >= size else 0
                corner = above[x - size] if x >= size else 0
                if kind == 1:
                    guess = left
                elif kind == 2:
                    guess = above[x]
                elif kind == 3:
                    guess = (left + above[x]) // 2
                else:
                    paeth = left + above[x] - corner
                    guess = min((left, above[x], corner), key=lambda value: abs(paeth - value))
                row[x] = (row[x] + guess) & 255
            rows.append(row)
            above = row
        return rows

    def pixel(self, x, y):
        return tuple(self._rows[y][x * self._size:x * self._size + 3])

    def colors(self):
        """How many pixels of each colour there are, looking at every third one of each line."""
        counts = {}
        for y in range(self.height):
            for x in range(0, self.width, 3):
                color = self.pixel(x, y)
                counts[color] = counts.get(color, 0) + 1
        return counts


def brightness(color):
    return sum(color) / 3


class StatusPageBrowserTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        cls.url = f"http://127.0.0.1:{int(cls.server.stdout.readline())}/"

    @classmethod
    def tearDownClass(cls):
        cls.server.stdin.close()
        cls.server.stdout.close()
        cls.server.wait(timeout=60)
        cls.folder.cleanup()

    def take_picture(self, *arguments):
        file = pathlib.Path(self.folder.name) / "page.png"
        chromium(f"--screenshot={file}", *arguments, self.url)
        return Picture(file.read_bytes())

    def test_says_what_people_want_to_know(self):
        dom = chromium("--dump-dom", self.url)
        for text in ("ready, degraded", "version 0.1.0", "up 3 d 3 h",
                     "the cache cannot be reached", "PostgreSQL at db.example:5432/bantam",
                     "89.4 MiB of 256.0 MiB", "BulkEvaluate", "Qualified", "in 5 d 0 h",
                     "newest is bad", "Redis stream bantam:decisions",
                     "tenants/acme-00/icps/enterprise-software-000", "And at least 734 more."):
            self.assertIn(text, dom)

    def test_markup_in_a_title_stays_text(self):
        dom = chromium("--dump-dom", self.url)
        self.assertIn("&lt;script&gt;alert('x')&lt;/script&gt;", dom)
        self.assertNotIn("<script", dom)
        self.assertNotIn("<img", dom)

    def test_nothing_is_wider_than_the_screen(self):
        with urllib.request.urlopen(self.url, timeout=30) as answer:
            page = html.escape(answer.read().decode())
        frames = "".join(
            f"<iframe style='border:0;width:{width}px;height:500px' srcdoc=\"{page}\" onload='"
            f"widths.append(`{width}:` + contentDocument.documentElement.scrollWidth + ` `)'>"
            "</iframe>" for width in WIDTHS)
        wrapper = pathlib.Path(self.folder.name) / "wrapper.html"
        wrapper.write_text("<!DOCTYPE html><meta charset=utf-8><pre id=widths></pre>" + frames,
                           encoding="utf-8")
        dom = chromium("--dump-dom", wrapper.as_uri())
        found = dom.split("<pre id=\"widths\">")[1].split("</pre>")[0]
        self.assertEqual(sorted(found.split()), sorted(f"{width}:{width}" for width in WIDTHS))

    def check_picture(self, picture, width, dark):
        self.assertEqual((picture.width, picture.height), (width, 900))
        colors = picture.colors()
        self.assertGreater(len(colors), 100, "letters have many shades")
        common = max(colors, key=colors.get)
        self.assertLess(colors[common], 0.9 * sum(colors.values()), "it is nearly all one colour")
        background = brightness(picture.pixel(2, 2))
        if dark:
            self.assertLess(background, 80)
            self.assertTrue(any(brightness(color) > 200 for color in colors), "no light letters")
        else:
            self.assertGreater(background, 200)
            self.assertTrue(any(brightness(color) < 80 for color in colors), "no dark letters")

    def test_looks_like_a_page_on_a_light_screen(self):
        self.check_picture(self.take_picture("--window-size=1200,900"), 1200, dark=False)

    def test_looks_like_a_page_on_a_dark_phone(self):
        picture = self.take_picture("--window-size=400,900",
                                    "--blink-settings=preferredColorScheme=0")
        self.check_picture(picture, 400, dark=True)


if __name__ == "__main__":
    SERVER = sys.argv.pop()
    unittest.main()
