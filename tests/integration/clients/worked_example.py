"""The worked example: what is asked, and what every client must be answered, in numbers.

The answers are compared as JSON, which every client can give. Keys are those of the contract
(snake_case); a field with its default value may be absent, as proto3's JSON has it.
"""

import hashlib
import os
import pathlib
import re

TESTDATA = pathlib.Path(os.environ["BANTAM_TESTDATA_DIR"]) / "worked_example"
ICP_FILE = TESTDATA / "icp.yaml"
LEAD_FILE = TESTDATA / "lead.yaml"

ICP = "tenants/example/icps/worked-example"
EVALUATE_TIME = "2026-01-31T00:00:00Z"
SETTINGS = {"icps": [{"name": ICP}], "evaluate_time": EVALUATE_TIME}

# The lead of lead.yaml, as JSON.
LEAD = {
    "id": "worked-example-lead",
    "company": {"industry": "FinTech", "employee_count": "240"},
    "contacts": [{"id": "contact-1"}],
    "events": [{"id": "demo-1", "type": "demo_request", "time": "2026-01-01T00:00:00Z"}] + [
        {"id": f"view-{number}", "type": "page_view", "time": f"2026-01-{day:02}T09:00:00Z"}
        for number, day in enumerate(range(3, 28, 4), start=1)],
    "evidence": [
        {"budget": {"amount": {"currency_code": "EUR", "units": "12000"},
                    "approval": "BUDGET_APPROVAL_PENDING"}},
        {"contact_id": "contact-1", "authority": {"role": "influencer"}},
        {"timeline": {"planned_purchase_time": "2026-03-15T00:00:00Z"}},
    ],
}


def snake(answer):
    """The same JSON with the contract's own field names for keys."""
    if isinstance(answer, dict):
        return {re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), key): snake(value)
                for key, value in answer.items()}
    if isinstance(answer, list):
        return [snake(value) for value in answer]
    return answer


def check_score(test, answer):
    """Checks what Score, and each call above it, must say."""
    evaluation = snake(answer)
    score = evaluation["score"]
    part = lambda name: tuple(score[name][key] for key in ("points", "cap", "range_min", "range_max"))
    test.assertEqual(ICP, evaluation["icp"])
    test.assertRegex(evaluation["icp_revision"], "^[0-9a-f]{32}$")
    test.assertEqual(EVALUATE_TIME, evaluation["evaluate_time"])
    test.assertEqual(59.0, score["total"])
    test.assertEqual((59.0, 76.0), (score["range_min"], score["range_max"]))
    test.assertEqual((30.0, 40.0, 30.0, 40.0), part("fit"))
    test.assertEqual((15.0, 30.0, 15.0, 15.0), part("engagement"))
    test.assertEqual((14.0, 30.0, 14.0, 21.0), part("bant"))
    test.assertEqual(0.76, score["completeness"])
    test.assertEqual(("B", 2, "B2"), (score["grade"], score["level"], score["label"]))
    test.assertEqual("TEMPERATURE_WARM", score["temperature"])
    lines = [(line["rule"], line["status"].removeprefix("RULE_STATUS_"), line.get("points", 0))
             for line in score["trace"]]
    test.assertEqual([
        ("industry", "MATCHED", 15), ("employees", "MATCHED", 15), ("country", "UNKNOWN", 0),
        ("demo_request", "MATCHED", 10), ("page_view", "MATCHED", 5),
        ("budget", "PARTIAL", 5), ("authority", "PARTIAL", 4), ("need", "UNKNOWN", 0),
        ("timeline", "MET", 5)], lines)


def check_qualify(test, answer):
    """Checks what Qualify, and Advance above it, must say."""
    check_score(test, answer)
    evaluation = snake(answer)
    qualification = evaluation["qualification"]
    test.assertEqual("VERDICT_OPEN", evaluation["verdict"])
    test.assertEqual([], evaluation.get("verdict_reasons", []))
    gaps = [(gap["id"], gap["points_at_stake"], gap.get("knockout_possible", False))
            for gap in qualification["gaps"]]
    test.assertEqual([("country", 10.0, True), ("need", 7.0, False), ("budget", 5.0, False),
                      ("authority", 4.0, False)], gaps)
    states = [(bant["dimension"].removeprefix("BANT_DIMENSION_"),
               bant["state"].removeprefix("BANT_STATE_")) for bant in qualification["bant"]]
    test.assertEqual([("BUDGET", "PARTIAL"), ("AUTHORITY", "PARTIAL"), ("NEED", "UNKNOWN"),
                      ("TIMELINE", "MET")], states)
    test.assertNotEqual([], qualification["actions"])


def transition_id(lead_id, from_stage, to_stage):
    """The id as the contract documents it, for a stage whose entry time is absent."""
    texts = [ICP, lead_id, from_stage, to_stage, "@2026-01-31T00:00:00.000000000Z"]
    hashed = "".join(f"{len(text.encode())}:{text}" for text in texts)
    return hashlib.sha256(hashed.encode()).hexdigest()[:32]


def check_advance(test, answer):
    """Checks what Advance as far as possible must say: MQL is reached, SQL is not."""
    check_qualify(test, answer)
    advancement = snake(answer)["advancement"]
    test.assertEqual(("lead", "mql"), (advancement["from_stage"], advancement["to_stage"]))
    test.assertEqual("ADVANCE_REASON_MOVED_FORWARD", advancement["reason"])
    transition = advancement["transition"]
    test.assertEqual(transition_id(LEAD["id"], "lead", "mql"), transition["id"])
    test.assertEqual((LEAD["id"], "lead", "mql", 59.0),
                     tuple(transition[key] for key in ("lead_id", "from_stage", "to_stage", "total")))

    status = lambda result: result["status"].removeprefix("GATE_STATUS_")
    gates = {(gate["from_stage"], gate["to_stage"]): gate for gate in advancement["gates"]}
    test.assertEqual("MET", status(gates["lead", "mql"]))
    into_sql = gates["mql", "sql"]
    test.assertEqual("NOT_MET", status(into_sql))
    conditions = [(condition["condition"], status(condition))
                  for condition in into_sql["conditions"]]
    test.assertEqual([
        ("fit>=50%", "MET"), ("required_criteria_known", "UNKNOWN"), ("budget>=partial", "MET"),
        ("authority>=met", "NOT_MET"), ("conversation", "NOT_MET"),
        ("not_rejected_by_sales", "MET")], conditions)
