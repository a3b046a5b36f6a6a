#!/usr/bin/env python3
"""The example gives the answers that its README shows and that the worked example has, and tells
what is wrong with a request."""

import json
import unittest

import worked_example
from bantamd import Bantamd
from examples import PROJECT, RECORD, Example, readme_blocks

OPERATIONS = "qualify", "batch", "bulk"
WORKED_EXAMPLE = f"--icp={worked_example.ICP}", f"--at={worked_example.EVALUATE_TIME}"
WANTED = "worked-example-lead: OPEN 59.00 B2, next: "


class AnswersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        samples = PROJECT / "client" / "samples" / "icps"
        cls.server = cls.enterClassContext(
            Bantamd(worked_example.ICP_FILE, *samples.glob("*.yaml")))
        cls.example = cls.enterClassContext(Example())

    def run_example(self, operation, *arguments):
        return self.example.run(operation, f"--server={self.server.address}", *arguments)

    def test_the_readme_is_true(self):
        """Its commands, with the server's address added, print what it says."""
        commands, output = [
            block.splitlines() for block in readme_blocks()
            if "crm.ndjson" in block or block.startswith("4711: ")]
        lines = []
        for command in commands:
            _, script, *arguments = command.split()
            self.assertEqual(self.example.script, self.example.root / script)
            status, printed, errors = self.run_example(*arguments)
            self.assertEqual((0, ""), (status, errors))
            lines.append(printed)
        self.assertEqual(3, len(commands))
        self.assertEqual(output, lines[0])
        self.assertEqual(lines[1], lines[2])
        self.assertEqual(lines[0], lines[1][:1])
        self.assertEqual(4, len(lines[1]))

    def test_one_lead(self):
        status, lines, errors = self.run_example(
            "qualify", *WORKED_EXAMPLE, self.example.write("one", RECORD))
        self.assertEqual((0, ""), (status, errors))
        self.assertEqual([WANTED], [line[:len(WANTED)] for line in lines])

    def test_more_leads_than_a_chunk_of_the_stream_holds(self):
        records = [{**RECORD, "id": f"lead-{number}"} for number in range(150)]
        wanted = [WANTED.replace("worked-example-lead", record["id"]) for record in records]
        file = self.example.write("many", *records)
        for operation in ("batch", "bulk"):
            status, lines, errors = self.run_example(operation, *WORKED_EXAMPLE, file)
            self.assertEqual((0, ""), (status, errors))
            self.assertEqual(wanted, [line[:len(text)] for line, text in zip(lines, wanted)])
            self.assertEqual(len(wanted), len(lines))

    def test_a_bad_request_names_every_bad_field(self):
        bad = {**RECORD, "employees": -5, "events": [{**RECORD["events"][0], "type": "No Type"}]}
        status, lines, errors = self.run_example(
            "qualify", *WORKED_EXAMPLE, self.example.write("bad", bad))
        self.assertEqual((1, []), (status, lines))
        code, *fields = errors.splitlines()
        self.assertEqual("INVALID_ARGUMENT:", code)
        self.assertEqual(["  lead.company.employee_count", "  lead.events[0].type"],
                         [line.split(":")[0] for line in fields])

    def test_a_bad_lead_does_not_spoil_the_others(self):
        file = self.example.write("mixed", {**RECORD, "id": "bad", "employees": -5}, RECORD)
        for operation in ("batch", "bulk"):
            status, lines, errors = self.run_example(operation, *WORKED_EXAMPLE, file)
            self.assertEqual((1, ""), (status, errors))
            self.assertEqual(2, len(lines))
            self.assertRegex(lines[0], r"^bad: .*\.company\.employee_count: must be ")
            self.assertEqual(WANTED, lines[1][:len(WANTED)])

    def test_an_unknown_icp_is_told_by_all(self):
        file = self.example.write("known", RECORD)
        for operation in OPERATIONS:
            status, lines, errors = self.run_example(
                operation, "--icp=tenants/example/icps/unheard-of", file)
            self.assertEqual((1, []), (status, lines))
            self.assertRegex(errors, "^NOT_FOUND: .*tenants/example/icps/unheard-of")

    def check_refusal(self, text, result):
        """It says what is wrong, in a few lines."""
        status, lines, errors = result
        self.assertIn(status, (1, 2), errors)
        self.assertEqual([], lines)
        self.assertIn(text, errors)
        self.assertNotIn("Traceback", errors)
        self.assertNotIn("    at ", errors)
        self.assertNotIn("iterating requests", errors)

    def test_a_missing_file_is_named(self):
        for operation in OPERATIONS:
            self.check_refusal("no-such-file.ndjson",
                               self.run_example(operation, "no-such-file.ndjson"))

    def test_a_line_that_is_no_record_is_named(self):
        lines = {
            "no JSON": '{"id": "a"', "no record": "7", "no id": '{"company": "Acme"}',
            "no time": json.dumps({"id": "a", "purchase": "next year"}),
            "no zone": json.dumps({"id": "a", "purchase": "2026-01-01T00:00:00"}),
        }
        for what, line in lines.items():
            file = self.example.write("lines")
            file.write_text(f"\n{line}\n", encoding="utf-8")
            for operation in OPERATIONS:
                with self.subTest(what, operation=operation):
                    self.check_refusal(f"{file}:2: ", self.run_example(operation, file))

    def test_a_bulk_gives_the_answers_before_a_line_that_is_no_record(self):
        file = self.example.write("late", *[RECORD] * 150)
        with file.open("a", encoding="utf-8") as lines:
            lines.write("no JSON\n")
        status, lines, errors = self.run_example("bulk", *WORKED_EXAMPLE, file)
        self.assertEqual(1, status)
        self.assertEqual(128, len(lines))  # Two chunks.
        self.assertRegex(errors, f"^{file}:151: ")

    def test_blank_lines_are_skipped(self):
        file = self.example.write("gaps")
        file.write_text(f"\n{json.dumps(RECORD)}\n \n\n{json.dumps(RECORD)}\n\n", encoding="utf-8")
        for operation, count in zip(OPERATIONS, (1, 2, 2)):
            status, lines, errors = self.run_example(operation, *WORKED_EXAMPLE, file)
            self.assertEqual((0, ""), (status, errors))
            self.assertEqual([WANTED] * count, [line[:len(WANTED)] for line in lines])

    def test_a_file_without_records_is_named(self):
        file = self.example.write("blank")
        file.write_text("\n", encoding="utf-8")
        self.check_refusal(str(file), self.run_example("qualify", file))

    def test_flags_that_make_no_sense_are_refused(self):
        file = self.example.write("one", RECORD)
        for text in ("yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z"):
            for operation in OPERATIONS:
                with self.subTest(at=text, operation=operation):
                    self.check_refusal(text, self.run_example(operation, f"--at={text}", file))
        for text in ("abc", "0", "-1", "nan", "inf", ""):
            with self.subTest(deadline=text):
                self.check_refusal(f"must be a positive number of seconds, not {text}",
                                   self.run_example("qualify", f"--deadline={text}", file))


if __name__ == "__main__":
    unittest.main()
