#!/usr/bin/env python3
"""Calls go to all servers in turn, and none fails while servers are killed, stopped and started
again; what is repeated is what the contract says, when the server says."""

import concurrent.futures
import itertools
import time
import unittest

import grpc

import worked_example
from examples import RECORD, Example
from python_client_test import generate_client
from replicas import Replicas


class RoundRobinTest(unittest.TestCase):
    def setUp(self):
        self.replicas = self.enterContext(Replicas(2))
        self.example = self.enterContext(Example())
        file = self.example.write("one", RECORD)
        self.calls = self.enterContext(
            self.example.calls("calls", self.replicas.target, worked_example.ICP, file))

    def answers_of(self, revision, count):
        """Waits until so many calls have been answered with `revision`. None may fail."""
        while count > 0:
            _, answer, *failure = self.calls.next()
            self.assertEqual([], failure, answer)
            count -= answer == revision

    def test_calls_go_to_all_servers_in_turn(self):
        for revision in self.replicas.revisions:
            self.answers_of(revision, 1)
        answers = [self.calls.next()[1] for _ in range(100)]
        for revision in self.replicas.revisions:
            self.assertEqual(50, answers.count(revision))

    def test_no_call_fails_when_a_server_is_killed(self):
        self.check_restarts(lambda server: server.kill())

    def test_no_call_fails_when_a_server_is_told_to_end(self):
        self.check_restarts(lambda server: server.stop())

    def check_restarts(self, end):
        for revision in self.replicas.revisions:
            self.answers_of(revision, 10)
        for revision, other in itertools.permutations(self.replicas.revisions):
            end(self.replicas.of_revision(revision))
            self.answers_of(other, 50)
            self.replicas.of_revision(revision).start()
            self.answers_of(revision, 10)


class RetryTest(unittest.TestCase):
    """Against a server of the test's own, which fails as it is told."""

    @classmethod
    def setUpClass(cls):
        cls.example = cls.enterClassContext(Example())
        generated = cls.example.root / "generated"
        generated.mkdir()
        generate_client(generated)
        from bantam.v1 import qualification_service_pb2, qualification_service_pb2_grpc
        cls.pb = qualification_service_pb2
        cls.rpc = qualification_service_pb2_grpc

    def run_against(self, *failures, operation="qualify"):
        """Asks about a lead; the first calls fail so: (code, trailing metadata). Returns the exit
        status, the errors, and when each call came."""
        arrivals = []
        pb = self.pb

        def fail(context):
            arrivals.append(time.monotonic())
            if len(arrivals) <= len(failures):
                code, metadata = failures[len(arrivals) - 1]
                context.set_trailing_metadata(metadata)
                context.abort(code, "as the test says")

        class Fake(self.rpc.QualificationServiceServicer):
            def Qualify(self, request, context):
                fail(context)
                return pb.QualifyResponse(evaluation={"verdict": "VERDICT_OPEN"})

            def BulkEvaluate(self, requests, context):
                fail(context)
                for request in requests:
                    if request.HasField("chunk"):
                        yield pb.BulkEvaluateResponse(
                            number=request.chunk.number,
                            results=[{"evaluation": {"verdict": "VERDICT_OPEN"}}])

        with concurrent.futures.ThreadPoolExecutor() as threads:
            server = grpc.server(threads)
            self.rpc.add_QualificationServiceServicer_to_server(Fake(), server)
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            try:
                status, _, errors = self.example.run(
                    operation, f"--server=127.0.0.1:{port}", self.example.write("one", RECORD))
            finally:
                server.stop(None).wait()
        return status, errors, arrivals

    def test_repeats_what_may_get_better(self):
        for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED,
                     grpc.StatusCode.RESOURCE_EXHAUSTED):
            with self.subTest(code):
                _, errors, arrivals = self.run_against(*[(code, ())] * 4)
                self.assertEqual(("", 5), (errors, len(arrivals)))

    def test_gives_up_after_five_attempts(self):
        status, errors, arrivals = self.run_against(*[(grpc.StatusCode.UNAVAILABLE, ())] * 9)
        self.assertEqual((1, 5), (status, len(arrivals)))
        self.assertEqual("UNAVAILABLE: as the test says\n", errors)

    def test_repeats_nothing_else(self):
        for code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND,
                     grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INTERNAL):
            with self.subTest(code):
                status, errors, arrivals = self.run_against((code, ()))
                self.assertEqual((1, 1), (status, len(arrivals)))
                self.assertEqual(f"{code.name}: as the test says\n", errors)

    def test_waits_as_long_as_the_server_says(self):
        pushback = (("grpc-retry-pushback-ms", "1500"),)
        for operation in ("qualify", "bulk"):
            with self.subTest(operation):
                _, errors, arrivals = self.run_against(
                    (grpc.StatusCode.RESOURCE_EXHAUSTED, pushback), operation=operation)
                self.assertEqual(("", 2), (errors, len(arrivals)))
                self.assertGreater(arrivals[1] - arrivals[0], 1.4)

    def test_does_not_repeat_where_the_server_says_no(self):
        pushback = (("grpc-retry-pushback-ms", "-1"),)
        for operation in ("qualify", "bulk"):
            with self.subTest(operation):
                status, _, arrivals = self.run_against(
                    (grpc.StatusCode.RESOURCE_EXHAUSTED, pushback), operation=operation)
                self.assertEqual((1, 1), (status, len(arrivals)))

    def test_a_bulk_waits_for_a_minute_at_most(self):
        pushback = (("grpc-retry-pushback-ms", "60001"),)
        status, errors, arrivals = self.run_against(
            (grpc.StatusCode.RESOURCE_EXHAUSTED, pushback), operation="bulk")
        self.assertEqual((1, 1), (status, len(arrivals)))
        self.assertEqual("RESOURCE_EXHAUSTED: as the test says\n", errors)

    def test_a_bulk_repeats_after_a_pause_of_its_own_where_the_server_names_none(self):
        failures = [(grpc.StatusCode.UNAVAILABLE, ())] * 2
        _, errors, arrivals = self.run_against(*failures, operation="bulk")
        self.assertEqual(("", 3), (errors, len(arrivals)))


if __name__ == "__main__":
    unittest.main()
