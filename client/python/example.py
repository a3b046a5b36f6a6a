#!/usr/bin/env python3
"""Asks Bantam about leads: one of them, a batch, or a whole file. README.md says how to run it.

    example.py qualify FILE     the first lead of FILE: score, verdict, what to do next
    example.py batch FILE       all its leads, in one call
    example.py bulk FILE        all its leads, however many, through a stream

FILE holds one record of a customer database (JSON) on each line; to_lead() turns it into a Lead.
"""

import argparse
import itertools
import json
import pathlib
import random
import sys
import time

import grpc

# What protoc generated from the contract.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "gen"))
from bantam.v1 import error_details_pb2, lead_pb2, value_pb2
from bantam.v1 import qualification_service_pb2 as pb
from bantam.v1 import qualification_service_pb2_grpc as rpc

# Every call has a deadline: the server stops working on it then, and the caller stops waiting.
CALL_SECONDS = 5
BULK_SECONDS = 3600
# At most 64 leads may stand in one message of the stream.
CHUNK_LEADS = 64
# How often in a row a stream may break before we give up.
BULK_ATTEMPTS = 5

# The server may be away for a moment (UNAVAILABLE), end while a call is on its way (CANCELLED; nobody
# sees it if we cancel), or have too much to do (RESOURCE_EXHAUSTED). Nothing else gets better by
# asking again.
RETRYABLE = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED,
             grpc.StatusCode.RESOURCE_EXHAUSTED}

# What gRPC does by itself. It spreads calls over all addresses that the name stands for, and repeats
# those that may be repeated: these methods change nothing, and the same request has the same answer.
# (Never list methods that change something, such as SaveIcp, without having read how to repeat them
# in proto/README.md.) Where the server says how long to wait (grpc-retry-pushback-ms), gRPC does.
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [{
        "name": [{"service": "bantam.v1.QualificationService", "method": method}
                 for method in ("Score", "Qualify", "Advance",
                                "BatchScore", "BatchQualify", "BatchAdvance")],
        "retryPolicy": {
            "maxAttempts": 5,           # The first one included.
            "initialBackoff": "0.1s",   # Each pause is random, up to this, which then doubles.
            "maxBackoff": "2s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED", "RESOURCE_EXHAUSTED"],
        },
    }],
    # While most calls fail, repeating them would only make things worse.
    "retryThrottling": {"maxTokens": 1000, "tokenRatio": 0.1},
}

CHANNEL_OPTIONS = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    # Finds connections that died without a word, while calls wait on them.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
]


def connect(server, tls_ca=None, tls_cert=None, tls_key=None, token_file=None, server_name=None):
    """A channel to `server`; make one and keep it, since it holds the connections.

    With `tls_ca` (PEM) it is encrypted; `tls_cert` and `tls_key` are this caller's own certificate,
    `token_file` holds its token. `server_name` is what the server's certificate says, where
    `server` is a list of addresses.
    """
    if not tls_ca:
        return grpc.insecure_channel(server, CHANNEL_OPTIONS)
    read = lambda path: pathlib.Path(path).read_bytes() if path else None
    credentials = grpc.ssl_channel_credentials(read(tls_ca), read(tls_key), read(tls_cert))
    if token_file:
        token = read(token_file).decode().strip()
        credentials = grpc.composite_channel_credentials(
            credentials, grpc.access_token_call_credentials(token))
    options = list(CHANNEL_OPTIONS)
    if server_name:
        options.append(("grpc.ssl_target_name_override", server_name))
    return grpc.secure_channel(server, credentials, options)


def to_lead(record):
    """A record as our customer database has it → a Lead. This is the part that you write.

    What is not known is left out: absent is neither zero nor "no".
    """
    lead = lead_pb2.Lead(id=record["id"])
    company = lead.company
    company.name = record.get("company", "")
    company.industry = record.get("industry", "")
    company.country = record.get("country", "")
    if "employees" in record:
        company.employee_count = record["employees"]
    contact = record.get("contact", {})
    if contact:
        lead.contacts.add(id=contact["id"], title=contact.get("title", ""))
    if "role" in contact:
        lead.evidence.add(contact_id=contact["id"]).authority.role = contact["role"]
    for event in record.get("events", []):
        lead.events.add(type=event["type"]).time.FromJsonString(event["time"])
    if "budget" in record:
        budget = lead.evidence.add().budget
        budget.amount.currency_code = record["budget"]["currency"]
        budget.amount.units = record["budget"]["amount"]
        budget.approval = (lead_pb2.BUDGET_APPROVAL_APPROVED if record["budget"]["approved"]
                           else lead_pb2.BUDGET_APPROVAL_PENDING)
    if "need" in record:
        lead.evidence.add().need.need = record["need"]
    if "purchase" in record:
        lead.evidence.add().timeline.planned_purchase_time.FromJsonString(record["purchase"])
    return lead


def settings(icp, at=None):
    """What leads are evaluated against: one ICP, as of now or of the instant `at` (RFC 3339)."""
    made = pb.EvaluationSettings(icps=[pb.IcpReference(name=icp)], omit_trace=True)
    if at:
        made.evaluate_time.FromJsonString(at)
    return made


def qualify(stub, lead, asked, seconds=CALL_SECONDS):
    """One lead. Returns its Evaluation."""
    request = pb.QualifyRequest(lead=lead, settings=asked)
    return stub.Qualify(request, timeout=seconds).evaluation


def batch_qualify(stub, leads, asked, seconds=CALL_SECONDS):
    """Up to 1000 leads. Returns a LeadResult for each; a bad lead has an error of its own."""
    request = pb.BatchQualifyRequest(leads=leads, settings=asked)
    return stub.BatchQualify(request, timeout=seconds).results


def bulk_qualify(stub, path, asked):
    """All leads of a file, however many. Yields a LeadResult for each, in the file's order.

    gRPC does not repeat a stream that has begun to answer, but we can: each chunk is answered by
    one message, so a new stream goes on after the last one that was.
    """
    answered = 0
    failures = 0
    while True:
        try:
            for response in stub.BulkEvaluate(bulk_requests(path, answered, asked),
                                              timeout=BULK_SECONDS):
                answered, failures = response.number + 1, 0
                yield from response.results
            return
        except grpc.RpcError as error:
            failures += 1
            if error.code() not in RETRYABLE or failures == BULK_ATTEMPTS:
                raise
            time.sleep(random.uniform(0, 0.2 * 2**failures))


def bulk_requests(path, first, asked):
    """What is sent into a stream: what to do, then the chunks of the file from number `first` on."""
    yield pb.BulkEvaluateRequest(
        start=pb.BulkStart(operation=pb.BULK_OPERATION_QUALIFY, settings=asked))
    for number, leads in itertools.islice(enumerate(chunks(path)), first, None):
        yield pb.BulkEvaluateRequest(chunk=pb.BulkChunk(number=number, leads=leads))


def read_leads(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield to_lead(json.loads(line))


def chunks(path):
    leads = read_leads(path)
    while chunk := list(itertools.islice(leads, CHUNK_LEADS)):
        yield chunk


def explain(error):
    """A failed call, for people: its code, and what is wrong with which field, or else the message."""
    found = []
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details:
        # The messages of google.rpc fit as well, where you have them; these are their twins.
        for detail in error_details_pb2.RpcStatus.FromString(details).details:
            if detail.type_url.endswith("/google.rpc.BadRequest"):
                bad = error_details_pb2.BadRequest.FromString(detail.value)
                found += [f"\n  {each.field}: {each.description}" for each in bad.field_violations]
    return f"{error.code().name}:{''.join(found) or ' ' + error.details()}"


def summary(evaluation):
    """An answer in one line: verdict, score, label, and the next action."""
    verdict = value_pb2.Verdict.Name(evaluation.verdict).removeprefix("VERDICT_")
    score = evaluation.score
    points = f"{score.total:.2f} {score.label}" if evaluation.HasField("score") else "-"
    actions = evaluation.qualification.actions
    return f"{verdict} {points}" + (f", next: {actions[0].title}" if actions else "")


def show(results):
    """Prints a line for each lead. Returns whether all had an answer."""
    good = True
    for result in results:
        if result.HasField("error"):
            good = False
            print(f"{result.lead_id}: {result.error.message}")
        else:
            print(f"{result.lead_id}: {summary(result.evaluation)}")
    return good


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operation", choices=["qualify", "batch", "bulk"])
    parser.add_argument("file", help="a record in JSON on each line")
    parser.add_argument("--server", default="127.0.0.1:7770",
                        help="dns:///NAME:PORT (all its addresses), or ipv4:A:PORT,B:PORT")
    parser.add_argument("--icp", default="tenants/sample/icps/b2b-software")
    parser.add_argument("--at", help="evaluate as of this instant, such as 2026-06-01T10:00:00Z")
    parser.add_argument("--deadline", type=float, default=CALL_SECONDS,
                        help="seconds that a call may take (not bulk); default: %(default)s")
    parser.add_argument("--tls-ca", help="PEM file of who signs the server's certificate")
    parser.add_argument("--tls-cert", help="PEM file of our certificate")
    parser.add_argument("--tls-key", help="PEM file of its key")
    parser.add_argument("--token-file", help="file that holds our token (with TLS only)")
    parser.add_argument("--server-name", help="name in the server's certificate, if not in --server")
    flags = parser.parse_args()
    if not pathlib.Path(flags.file).is_file():
        parser.error(f"there is no file {flags.file}")
    return flags


def main():
    flags = parse_arguments()
    asked = settings(flags.icp, flags.at)
    with connect(flags.server, flags.tls_ca, flags.tls_cert, flags.tls_key, flags.token_file,
                 flags.server_name) as channel:
        stub = rpc.QualificationServiceStub(channel)
        try:
            if flags.operation == "qualify":
                lead = next(read_leads(flags.file), None)
                if lead is None:
                    sys.exit(f"{flags.file} is empty")
                print(f"{lead.id}: {summary(qualify(stub, lead, asked, flags.deadline))}")
                return 0
            results = (bulk_qualify(stub, flags.file, asked) if flags.operation == "bulk" else
                       batch_qualify(stub, list(read_leads(flags.file)), asked, flags.deadline))
            return 0 if show(results) else 1
        except grpc.RpcError as error:
            print(explain(error), file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
