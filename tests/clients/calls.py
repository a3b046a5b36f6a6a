"""Calls through the functions of client/python/example.py.

    calls.py EXAMPLE calls SERVER ICP FILE SECONDS
        qualifies the first lead of FILE again and again, each time with this deadline, until its
        input ends; a line for each call: the seconds it took, and the ICP's revision or "failed: …"
    calls.py EXAMPLE bulk SERVER ICP FILE SECONDS
        qualifies all leads of FILE; a line for each lead: its id and the ICP's revision. Waits for a
        line of input after the first.
"""

import importlib.util
import sys
import threading
import time

import grpc


def load(path):
    spec = importlib.util.spec_from_file_location("example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call_again_and_again(example, stub, path, asked, seconds):
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set())).start()
    lead = next(example.read_leads(path))
    while not over.is_set():
        start = time.monotonic()
        try:
            outcome = example.qualify(stub, lead, asked, seconds).icp_revision
        except grpc.RpcError as error:
            outcome = f"failed: {example.explain(error)}"
        print(f"{time.monotonic() - start:.3f} {outcome}", flush=True)


def bulk(example, stub, path, asked, _):
    for number, result in enumerate(example.bulk_qualify(stub, path, asked)):
        print(result.lead_id, result.evaluation.icp_revision, flush=number == 0)
        if number == 0:
            sys.stdin.readline()


def main():
    path, operation, server, icp, file, seconds = sys.argv[1:]
    example = load(path)
    with example.connect(server) as channel:
        stub = example.rpc.QualificationServiceStub(channel)
        asked = example.settings(icp, "2026-01-31T00:00:00Z")
        run = bulk if operation == "bulk" else call_again_and_again
        run(example, stub, file, asked, float(seconds))


main()
