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
import math
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
# Where the server asks for a longer pause before the next attempt, we give up as well.
MAX_PAUSE_SECONDS = 60

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
    `server` is a list of addresses. Without `tls_ca` these are refused: whoever names one does not
    mean to send leads in plaintext.
    """
    if not tls_ca:
        if tls_cert or tls_key or token_file or server_name:
            raise ValueError("a certificate, key, token or server name is for TLS, which needs "
                             "--tls-ca; nothing was sent")
        return grpc.insecure_channel(server, CHANNEL_OPTIONS)
    if bool(tls_cert) != bool(tls_key):
        raise ValueError("--tls-cert and --tls-key go together")
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
    one message, so a new stream goes on after the last one that was. A file that cannot be read on
    raises what is wrong with it, after the answers to what was sent.
    """
    answered = 0
    failures = 0
    while True:
        unread = []
        try:
            for response in stub.BulkEvaluate(bulk_requests(path, answered, asked, unread),
                                              timeout=BULK_SECONDS):
                answered, failures = response.number + 1, 0
                yield from response.results
        except grpc.RpcError as error:
            failures += 1
            pause = pause_after(failures, error)
            if error.code() not in RETRYABLE or failures == BULK_ATTEMPTS or pause is None:
                raise
            time.sleep(pause)
            continue
        if unread:
            raise unread[0]
        return


def pause_after(failures, error):
    """Seconds to wait after so many failures in a row: what the server asks for, else at random, so
    that not all come back at once. None: too long, or the server wants no further attempt."""
    asked = dict(error.trailing_metadata() or ()).get("grpc-retry-pushback-ms", "")
    try:
        pause = int(asked) / 1000
    except ValueError:
        return random.uniform(0, 0.2 * 2**failures)
    return pause if 0 <= pause <= MAX_PAUSE_SECONDS else None


def bulk_requests(path, first, asked, unread):
    """What is sent into a stream: what to do, then the chunks of the file from number `first` on.

    gRPC, which calls this from a thread of its own, would swallow an exception: one that ends the
    reading is put into `unread`.
    """
    yield pb.BulkEvaluateRequest(
        start=pb.BulkStart(operation=pb.BULK_OPERATION_QUALIFY, settings=asked))
    try:
        for number, leads in itertools.islice(enumerate(chunks(path)), first, None):
            yield pb.BulkEvaluateRequest(chunk=pb.BulkChunk(number=number, leads=leads))
    except Exception as error:
        unread.append(error)


def read_leads(path):
    """The leads of a file; blank lines are skipped. ValueError names a line that is no record."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                lead = to_lead(json.loads(line))
            except KeyError as error:
                raise ValueError(f"{path}:{number}: {error} is missing") from error
            except (ValueError, TypeError, AttributeError) as error:
                raise ValueError(f"{path}:{number}: {error}") from error
            yield lead


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


def instant(text):
    """For --at: the text, if it is an instant."""
    settings("", text)
    return text


def positive_seconds(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if 0 < value < math.inf:
        return value
    raise argparse.ArgumentTypeError(f"must be a positive number of seconds, not {text}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("operation", choices=["qualify", "batch", "bulk"])
    parser.add_argument("file", help="a record in JSON on each line")
    parser.add_argument("--server", default="127.0.0.1:7770",
                        help="dns:///NAME:PORT (all its addresses), or ipv4:A:PORT,B:PORT")
    parser.add_argument("--icp", default="tenants/sample/icps/b2b-software")
    parser.add_argument("--at", type=instant,
                        help="evaluate as of this instant, such as 2026-06-01T10:00:00Z")
    parser.add_argument("--deadline", type=positive_seconds, default=CALL_SECONDS,
                        help="positive number of seconds that a call may take (not bulk); "
                             "default: %(default)s")
    parser.add_argument("--tls-ca", help="PEM file of who signs the server's certificate")
    parser.add_argument("--tls-cert", help="PEM file of our certificate")
    parser.add_argument("--tls-key", help="PEM file of its key")
    parser.add_argument("--token-file", help="file that holds our token (with TLS only)")
    parser.add_argument("--server-name", help="name in the server's certificate, if not in --server")
    flags = parser.parse_args()
    if not pathlib.Path(flags.file).is_file():
        parser.error(f"there is no file {flags.file}")
    return flags


def run(flags):
    """Asks, and prints the answers. Returns whether every lead had one."""
    asked = settings(flags.icp, flags.at)
    with connect(flags.server, flags.tls_ca, flags.tls_cert, flags.tls_key, flags.token_file,
                 flags.server_name) as channel:
        stub = rpc.QualificationServiceStub(channel)
        if flags.operation == "qualify":
            lead = next(read_leads(flags.file), None)
            if lead is None:
                raise ValueError(f"{flags.file} is empty")
            print(f"{lead.id}: {summary(qualify(stub, lead, asked, flags.deadline))}")
            return True
        return show(bulk_qualify(stub, flags.file, asked) if flags.operation == "bulk" else
                    batch_qualify(stub, list(read_leads(flags.file)), asked, flags.deadline))


def main():
    flags = parse_arguments()
    try:
        return 0 if run(flags) else 1
    except grpc.RpcError as error:
        print(explain(error), file=sys.stderr)
    except (OSError, ValueError) as error:  # What flags or files say, with the place.
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
