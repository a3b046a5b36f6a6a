#!/usr/bin/env python3
"""A client generated for Python gets the worked example's answer, call by call and in bulk."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import grpc
from google.protobuf import json_format

import worked_example
from bantamd import LIMIT_SECONDS, Bantamd


def generate_client(folder):
    """Generates the client as proto/README.md shows it, and makes it importable."""
    protos = pathlib.Path(os.environ["BANTAM_SOURCE_DIR"]) / "proto"
    subprocess.run(
        ["protoc", "-I", protos, f"--python_out={folder}", f"--grpc_python_out={folder}",
         f"--plugin=protoc-gen-grpc_python={shutil.which('grpc_python_plugin')}",
         *sorted(protos.glob("bantam/v1/*.proto"))], check=True)
    sys.path.insert(0, str(folder))


class PythonClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        generated = cls.enterClassContext(tempfile.TemporaryDirectory())
        generate_client(generated)
        from bantam.v1 import qualification_service_pb2, qualification_service_pb2_grpc
        cls.pb = qualification_service_pb2
        server = cls.enterClassContext(Bantamd(worked_example.ICP_FILE))
        channel = cls.enterClassContext(grpc.insecure_channel(server.address))
        cls.stub = qualification_service_pb2_grpc.QualificationServiceStub(channel)

    def request(self, kind, **fields):
        return json_format.ParseDict({"settings": worked_example.SETTINGS, **fields}, kind())

    def call(self, method, request):
        return method(request, timeout=LIMIT_SECONDS, wait_for_ready=True)

    def test_score(self):
        request = self.request(self.pb.ScoreRequest, lead=worked_example.LEAD)
        response = self.call(self.stub.Score, request)
        worked_example.check_score(self, json_format.MessageToDict(response.evaluation))

    def test_qualify(self):
        request = self.request(self.pb.QualifyRequest, lead=worked_example.LEAD)
        response = self.call(self.stub.Qualify, request)
        worked_example.check_qualify(self, json_format.MessageToDict(response.evaluation))

    def test_advance(self):
        request = self.request(self.pb.AdvanceRequest, lead=worked_example.LEAD,
                               mode="ADVANCE_MODE_AS_FAR_AS_POSSIBLE")
        response = self.call(self.stub.Advance, request)
        worked_example.check_advance(self, json_format.MessageToDict(response.evaluation))

    def test_batch_answers_each_lead_for_itself(self):
        request = self.request(self.pb.BatchQualifyRequest,
                               leads=[worked_example.LEAD, {"events": [{"type": "Not A Type"}]}])
        good, bad = self.call(self.stub.BatchQualify, request).results
        worked_example.check_qualify(self, json_format.MessageToDict(good.evaluation))
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT.value[0], bad.error.code)

    def test_bulk_stream(self):
        start = {"operation": "BULK_OPERATION_QUALIFY", "settings": worked_example.SETTINGS}
        messages = [{"start": start}] + [
            {"chunk": {"number": str(number), "leads": [worked_example.LEAD] * 64}}
            for number in range(3)]
        requests = [json_format.ParseDict(message, self.pb.BulkEvaluateRequest())
                    for message in messages]
        responses = list(self.call(self.stub.BulkEvaluate, iter(requests)))
        self.assertEqual([0, 1, 2], [response.number for response in responses])
        for response in responses:
            self.assertEqual(list(range(64)), [result.index for result in response.results])
            worked_example.check_qualify(
                self, json_format.MessageToDict(response.results[-1].evaluation))

    def test_an_unknown_icp_is_not_found(self):
        request = self.request(self.pb.ScoreRequest, lead=worked_example.LEAD)
        request.settings.icps[0].name = "tenants/example/icps/no-such-icp"
        with self.assertRaises(grpc.RpcError) as raised:
            self.call(self.stub.Score, request)
        self.assertEqual(grpc.StatusCode.NOT_FOUND, raised.exception.code())


if __name__ == "__main__":
    unittest.main()
