"""The same rules over the same leads in other rule engines, in process and over the wire."""

import contextlib
import json
import random
import shutil
import statistics

from driver.figures import alternate, ratio
from driver.machine import BenchError, WrongAnswer, cpu_us

ICP = "tenants/bench/icps/peers"


def rules_file(machine):
    return machine.source / "tests/bench/peers/rules.json"


def icp_text(machine, suffix=""):
    """rules.json as an ICP: a criterion for each rule, which JSON is YAML enough for."""
    def test(rule):
        test = {"attribute": rule["attribute"]}
        if "in" in rule:
            test["in"] = rule["in"]
        elif "contains" in rule:
            test["contains_any"] = [rule["contains"]]
        elif "is" in rule:
            test["is"] = rule["is"]
        else:
            test["range"] = {key: rule[key] for key in ("min", "max") if key in rule}
        return test

    rules = json.loads(rules_file(machine).read_text(encoding="utf-8"))
    return json.dumps({
        "name": ICP + suffix,
        "caps": {"fit": 100, "engagement": 0, "bant": 0},
        "fit": {"criteria": [{"id": rule["id"], "points": rule["points"], "test": test(rule)}
                             for rule in rules]},
    })


def leads():
    """64 leads, the same ones each time: most facts are known and most rules hold for some."""
    pick = random.Random(20260601)

    def lead(number):
        company = {
            "name": f"Company {number}",
            "industry": pick.choice(["software", "logistics", "retail", "mining"]),
            "employee_count": pick.choice([20, 120, 420, 3000]),
            "country": pick.choice(["DE", "AT", "FR"]),
            "region": pick.choice(["Hamburg", "Bavaria", "Tyrol"]),
            "city": pick.choice(["Hamburg", "Munich", "Innsbruck"]),
            "technologies": pick.sample(["kubernetes", "postgresql", "terraform", "redis"], 2),
            "founded_year": pick.randint(1980, 2020),
            "ownership": pick.choice(["private", "public"]),
            "revenue_rank": pick.randint(1, 1000),
        }
        contact = {
            "id": "c1",
            "seniority": pick.choice(["c_level", "director", "junior"]),
            "department": pick.choice(["it", "sales"]),
            "language": pick.choice(["de", "fr"]),
            "free_email_domain": pick.random() < 0.3,
        }
        # A third of the leads lacks some facts.
        if number % 3 == 0:
            for fact in pick.sample(sorted(set(company) - {"name"}), 3):
                del company[fact]
            del contact["department"]
        return {
            "id": f"lead-{number}",
            "company": company,
            "contacts": [contact],
            "source": {"channel": pick.choice(["inbound", "outbound"]), "medium": "online"},
            "custom": {"open_positions": pick.randint(0, 12), "offices": pick.randint(1, 30)},
        }

    return [lead(number) for number in range(64)]


def first_lead(machine):
    """A file with one of them, of which all facts are known."""
    file = machine.file("peers_lead.yaml")
    file.write_text(json.dumps(leads()[1]), encoding="utf-8")
    return file


def node_folder(machine):
    """Our scripts beside the packages that they import."""
    folder = machine.build / "bench-node"
    if not (folder / "node_modules").exists():
        raise BenchError(f"{folder}/node_modules is missing; ./dev bench installs it")
    for script in (machine.source / "tests/bench/peers").glob("*.js"):
        shutil.copy(script, folder)
    return folder


def peers(machine):
    """In process: each engine alone on one core."""
    icp = machine.file("peers_icp.yaml")
    icp.write_text(icp_text(machine), encoding="utf-8")
    leads_file = machine.file("peers_leads.json")
    leads_file.write_text(json.dumps(leads()), encoding="utf-8")
    core = machine.load_cores[:1]
    seconds = machine.seconds
    node = node_folder(machine)

    def ours():
        return json.loads(machine.run(
            [machine.binary("tests/bench/peers/bantam_peers_bench"), icp, leads_file,
             str(seconds)], core))["bantam"]

    def theirs():
        return json.loads(machine.run(
            ["node", node / "in_process.js", rules_file(machine), leads_file, str(seconds)], core))

    results = alternate(3 if machine.quick else 5, {"a1": ours, "b": theirs, "a2": ours})
    wanted = results["a1"][0]["totals"]
    for engine in results["b"][0]:
        for number, (total, want) in enumerate(zip(results["b"][0][engine]["totals"], wanted)):
            if total != want:
                raise WrongAnswer(f"{engine} gives lead {number} {total} points, we {want}")
    our_ns = [[result["ns"] for result in results[side]] for side in ("a1", "a2")]

    def figure(name, engines):
        their_ns = [min(result[engine]["ns"] for engine in engines) for result in results["b"]]
        note = " ".join(f"{engine} {statistics.median(r[engine]['ns'] for r in results['b']):,.0f}"
                        for engine in engines)
        return ratio(name, *our_ns, their_ns,
                     note=f"{note}; ours {statistics.median(our_ns[0] + our_ns[1]):,.0f} ns a lead "
                     "(Score without trace)")

    yield figure("peer_json_rules_engine", ["json_rules_engine"])
    yield figure("peer_zen", ["zen_table", "zen_expression"])


def wire(machine):
    """Over the wire: Score, without trace."""
    folder = machine.folder("peers_icps")
    (folder / "peers.yaml").write_text(icp_text(machine), encoding="utf-8")
    node = ["node", node_folder(machine) / "server.js", machine.source / "proto",
            rules_file(machine), "{port_file}"]
    with contextlib.ExitStack() as stack:
        bantamd = [stack.enter_context(machine.bantamd(f"bantamd{i}", folder)) for i in (1, 2)]
        service = stack.enter_context(machine.serve("node_service", node))
        recording = machine.record(bantamd[0], "peers", first_lead(machine), ICP, method="Score",
                                   omit_trace=True, chunk_leads=0)
        sides = {"a1": bantamd[0], "b": service, "a2": bantamd[1]}
        # The service says the total only; ours says it with all else.
        results = alternate(machine.rounds, {
            side: (lambda server=server: machine.load(server, recording, check="total"))
            for side, server in sides.items()})
    cpu = [[cpu_us(result) for result in results[side]] for side in ("a1", "a2", "b")]
    yield ratio("peer_wire", *cpu,
                note=f"Score without trace, {statistics.median(cpu[2]):.0f} ÷ "
                f"{statistics.median(cpu[0] + cpu[1]):.1f} µs a call")
