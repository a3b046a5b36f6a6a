#!/usr/bin/env python3
"""What schemas cannot say: rights of pods, names that must fit together, times that must add up."""

import re
import unittest

import manifests

README = (manifests.FOLDER / "README.md").read_text(encoding="utf-8")


def containers(workload):
    return manifests.pod_of(workload)["spec"]["containers"]


def value_of(container, name):
    return next((e.get("value") for e in container.get("env", []) if e["name"] == name), None)


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


class EveryPodTest(unittest.TestCase):
    """Of bantamd's own and of the stores of the overlay for development."""

    def each(self):
        for overlay in manifests.OVERLAYS:
            self.rendered = manifests.render(overlay)
            for workload in manifests.workloads(self.rendered):
                with self.subTest(overlay=overlay, name=workload["metadata"]["name"]):
                    yield workload, manifests.pod_of(workload)["spec"]

    def test_has_no_rights(self):
        for workload, pod in self.each():
            security = pod["securityContext"]
            self.assertIs(True, security["runAsNonRoot"])
            self.assertGreater(security["runAsUser"], 0)
            self.assertEqual({"type": "RuntimeDefault"}, security["seccompProfile"])
            self.assertIs(False, pod["automountServiceAccountToken"])
            self.assertIs(False, pod["enableServiceLinks"])
            for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
                self.assertNotIn(forbidden, pod)
            for container in containers(workload):
                self.assertEqual({"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                  "capabilities": {"drop": ["ALL"]}}, container["securityContext"])

    def test_has_bounds_and_a_pinned_image(self):
        for workload, _ in self.each():
            for container in containers(workload):
                self.assertIn("cpu", container["resources"]["requests"])
                self.assertIn("memory", container["resources"]["requests"])
                self.assertIn("memory", container["resources"]["limits"])
                self.assertRegex(container["image"], r":[0-9][^:/]*$")

    def test_mounts_what_it_has_and_whole_directories(self):
        for workload, pod in self.each():
            volumes = {volume["name"] for volume in pod.get("volumes", [])}
            mounted = {mount["name"] for container in containers(workload)
                       for mount in container.get("volumeMounts", [])}
            self.assertEqual(volumes, mounted)
            for container in containers(workload):
                for mount in container.get("volumeMounts", []):
                    self.assertNotIn("subPath", mount)

    def test_finds_its_settings_in_the_overlay_or_in_the_readme(self):
        """ConfigMaps and Secrets that an overlay does not make are listed where one looks."""
        for overlay in manifests.OVERLAYS:
            objects = manifests.render(overlay)
            made = {(o["kind"], o["metadata"]["name"]) for o in objects}
            made |= {("Secret", o["spec"]["secretName"]) for o in objects
                     if o["kind"] == "Certificate"}
            if "/" in overlay.removeprefix("overlays/"):  # Applied beside the overlay above.
                above = manifests.render(overlay.rsplit("/", 1)[0])
                made |= {(o["kind"], o["metadata"]["name"]) for o in above}
                made |= {("Secret", o["spec"]["secretName"]) for o in above
                         if o["kind"] == "Certificate"}
            for workload in manifests.workloads(objects):
                pod = manifests.pod_of(workload)["spec"]
                wanted = set()
                for volume in pod.get("volumes", []):
                    if "configMap" in volume:
                        wanted.add(("ConfigMap", volume["configMap"]["name"]))
                    if "secret" in volume:
                        wanted.add(("Secret", volume["secret"]["secretName"]))
                for container in containers(workload):
                    for entry in container.get("env", []):
                        if "secretKeyRef" in entry.get("valueFrom", {}):
                            wanted.add(("Secret", entry["valueFrom"]["secretKeyRef"]["name"]))
                for kind, name in wanted - made:
                    with self.subTest(overlay=overlay, kind=kind, name=name):
                        self.assertIn(f"| {kind} `{name}` |", README)


    def test_of_bantam_reaches_and_is_reached_by_name_only(self):
        for workload, _ in self.each():
            labels = manifests.pod_of(workload)["metadata"]["labels"]
            if labels["app.kubernetes.io/name"] != "bantam":
                continue
            policies = [o["spec"] for o in self.rendered if o["kind"] == "NetworkPolicy" and
                        selects(o["spec"]["podSelector"]["matchLabels"], labels)]
            self.assertEqual({"Ingress", "Egress"},
                             {kind for policy in policies for kind in policy["policyTypes"]})
            for rule in [r for policy in policies
                         for r in policy.get("ingress", []) + policy.get("egress", [])]:
                self.assertTrue(rule["ports"])


class ServerTest(unittest.TestCase):
    def each(self):
        for overlay in manifests.SERVERS:
            objects = manifests.render(overlay)
            with self.subTest(overlay=overlay):
                yield objects, manifests.find(objects, "Deployment", "bantam")

    def test_has_time_to_drain(self):
        for _, deployment in self.each():
            [container] = containers(deployment)
            [program, seconds] = container["lifecycle"]["preStop"]["exec"]["command"]
            self.assertEqual("sleep", program)
            self.assertGreaterEqual(int(seconds), 5)
            end = (int(seconds) + int(value_of(container, "BANTAM_DRAIN_DELAY_SECONDS")) +
                   int(value_of(container, "BANTAM_DRAIN_SECONDS")))
            grace = manifests.pod_of(deployment)["spec"]["terminationGracePeriodSeconds"]
            self.assertGreaterEqual(grace, end + 10)
            # The proxies must have heard before the server stops taking calls: by readiness, too.
            readiness = container["readinessProbe"]
            heard = readiness["periodSeconds"] * readiness["failureThreshold"]
            if value_of(container, "BANTAM_DRAIN_DELAY_SECONDS") != "0":
                self.assertGreater(int(value_of(container, "BANTAM_DRAIN_DELAY_SECONDS")), heard)

    def test_is_replaced_without_a_gap(self):
        for _, deployment in self.each():
            self.assertEqual({"type": "RollingUpdate",
                              "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
                             deployment["spec"]["strategy"])

    def test_is_scaled_by_the_processors_that_it_uses(self):
        bounds = []
        for objects, _ in self.each():
            scaler = manifests.find(objects, "HorizontalPodAutoscaler", "bantam")["spec"]
            [metric] = scaler["metrics"]
            self.assertEqual(("cpu", {"type": "Utilization", "averageUtilization": 70}),
                             (metric["resource"]["name"], metric["resource"]["target"]))
            # Pods are added at once, and taken away only when the need has been over for a while.
            self.assertEqual(0, scaler["behavior"]["scaleUp"]["stabilizationWindowSeconds"])
            self.assertGreaterEqual(
                scaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"], 300)
            budget = manifests.find(objects, "PodDisruptionBudget", "bantam")["spec"]
            self.assertEqual(1, budget["maxUnavailable"])
            bounds.append((scaler["minReplicas"], scaler["maxReplicas"]))
        self.assertEqual([(1, 1), (2, 10), (3, 20)], bounds)  # In the order of SERVERS.

    def test_listens_on_the_ports_that_it_names(self):
        for _, deployment in self.each():
            [container] = containers(deployment)
            ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
            self.assertEqual({
                "grpc": value_of(container, "BANTAM_LISTEN").rpartition(":")[2],
                "admin": value_of(container, "BANTAM_ADMIN_LISTEN").rpartition(":")[2],
            }, ports)
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                self.assertEqual("admin", container[probe]["httpGet"]["port"])

    def test_is_found_by_what_refers_to_it(self):
        for objects, deployment in self.each():
            labels = manifests.pod_of(deployment)["metadata"]["labels"]
            self.assertTrue(selects(deployment["spec"]["selector"]["matchLabels"], labels))
            for name in ("bantam", "bantam-headless"):
                service = manifests.find(objects, "Service", name)
                self.assertTrue(selects(service["spec"]["selector"], labels), name)
                ports = {port["name"] for port in containers(deployment)[0]["ports"]}
                self.assertLessEqual({p["targetPort"] for p in service["spec"]["ports"]}, ports)
            self.assertEqual(
                "None", manifests.find(objects, "Service", "bantam-headless")["spec"]["clusterIP"])
            budget = manifests.find(objects, "PodDisruptionBudget", "bantam")
            self.assertTrue(selects(budget["spec"]["selector"]["matchLabels"], labels))
            for constraint in manifests.pod_of(deployment)["spec"]["topologySpreadConstraints"]:
                self.assertTrue(selects(constraint["labelSelector"]["matchLabels"], labels))
            target = manifests.find(objects, "HorizontalPodAutoscaler",
                                    "bantam")["spec"]["scaleTargetRef"]
            self.assertEqual(("apps/v1", "Deployment", "bantam"),
                             (target["apiVersion"], target["kind"], target["name"]))
            # Else each `kubectl apply` would undo what the autoscaler decided.
            self.assertNotIn("replicas", deployment["spec"])

    def test_is_not_selected_by_services_of_others(self):
        for objects, deployment in self.each():
            labels = manifests.pod_of(deployment)["metadata"]["labels"]
            self.assertEqual(
                {"bantam", "bantam-headless"},
                {o["metadata"]["name"] for o in objects
                 if o["kind"] == "Service" and selects(o["spec"]["selector"], labels)})

    def test_is_monitored_in_production(self):
        objects = manifests.render("overlays/prod")
        monitor = manifests.find(objects, "ServiceMonitor", "bantam")["spec"]
        selected = [o for o in objects if o["kind"] == "Service" and
                    selects(monitor["selector"]["matchLabels"], o["metadata"]["labels"])]
        self.assertEqual(["bantam-headless"], [o["metadata"]["name"] for o in selected])
        self.assertIn(monitor["endpoints"][0]["port"],
                      [port["name"] for port in selected[0]["spec"]["ports"]])

    def test_has_a_certificate_for_both_services(self):
        objects = manifests.render("overlays/prod")
        names = manifests.find(objects, "Certificate", "bantam")["spec"]["dnsNames"]
        for service in ("bantam", "bantam-headless"):
            namespace = manifests.find(objects, "Service", service)["metadata"]["namespace"]
            for name in (service, f"{service}.{namespace}", f"{service}.{namespace}.svc"):
                self.assertIn(name, names)


def peers_of(rule, key):
    """Whom a rule of a policy names, as one text each."""
    named = []
    for peer in rule.get(key, [{}]):
        if "ipBlock" in peer:
            named.append(peer["ipBlock"]["cidr"])
        for selector in ("namespaceSelector", "podSelector"):
            if selector in peer:
                labels = peer[selector].get("matchLabels", {"all": "here"})
                named += [f"{name}={value}" for name, value in labels.items()]
        if not peer:
            named.append("anybody")
    return named


class NetworkPolicyTest(unittest.TestCase):
    """Who reaches the server, and whom it reaches; nothing more and nothing less."""

    DNS = {("kubernetes.io/metadata.name=kube-system", 53), ("169.254.0.0/16", 53)}
    STORES = {
        "overlays/dev": {("app.kubernetes.io/name=bantam-postgres", 5432),
                         ("app.kubernetes.io/name=bantam-redis", 6379)},
        "overlays/files": set(),
        "overlays/prod": {("10.0.0.0/8", 5432), ("10.0.0.0/8", 6379)},
    }

    def ways(self, overlay, direction, key):
        objects = manifests.render(overlay)
        deployment = manifests.find(objects, "Deployment", "bantam")
        labels = manifests.pod_of(deployment)["metadata"]["labels"]
        return {(peer, port["port"]) for o in objects if o["kind"] == "NetworkPolicy"
                and selects(o["spec"]["podSelector"]["matchLabels"], labels)
                for rule in o["spec"].get(direction, [])
                for peer in peers_of(rule, key) for port in rule["ports"]}

    def test_callers_reach_the_grpc_port_and_monitoring_the_other(self):
        for overlay in manifests.SERVERS:
            with self.subTest(overlay=overlay):
                self.assertEqual({("all=here", "grpc"), ("bantam-caller=true", "grpc"),
                                  ("kubernetes.io/metadata.name=monitoring", "admin")},
                                 self.ways(overlay, "ingress", "from"))

    def test_it_reaches_names_and_stores(self):
        for overlay in manifests.SERVERS:
            with self.subTest(overlay=overlay):
                self.assertEqual(self.DNS | self.STORES[overlay],
                                 self.ways(overlay, "egress", "to"))

    def test_a_rule_for_anybody_would_be_seen(self):
        self.assertEqual(["anybody"], peers_of({"ports": [{"port": 1}]}, "from"))


class RescoreTest(unittest.TestCase):
    def test_has_a_pod_for_each_shard(self):
        for overlay in ("overlays/dev/rescore", "overlays/prod/rescore"):
            job = manifests.find(manifests.render(overlay), "Job", "bantam-rescore")
            [container] = containers(job)
            self.assertEqual("Indexed", job["spec"]["completionMode"])
            self.assertEqual(str(job["spec"]["completions"]), value_of(container, "SHARDS"))

    def test_leaves_file_and_answers_where_they_are(self):
        """What is deleted with the Job has no claim; the claim, and the pod to copy by, fit it."""
        for overlay in ("overlays/dev/rescore", "overlays/prod/rescore"):
            with self.subTest(overlay=overlay):
                objects = manifests.render(overlay)
                self.assertNotIn("PersistentVolumeClaim", [o["kind"] for o in objects])
                beside = manifests.render(f"{overlay}/volume")
                claim = manifests.find(beside, "PersistentVolumeClaim", "bantam-rescore")
                self.assertEqual(["ReadWriteMany"], claim["spec"]["accessModes"])
                job = manifests.find(objects, "Job", "bantam-rescore")
                self.assertEqual(job["metadata"]["namespace"], claim["metadata"]["namespace"])
                copy = manifests.find(beside, "Pod", "bantam-rescore-copy")
                places = []
                for workload in (job, copy):
                    pod = manifests.pod_of(workload)["spec"]
                    [volume] = [v["name"] for v in pod["volumes"] if v.get(
                        "persistentVolumeClaim") == {"claimName": claim["metadata"]["name"]}]
                    [container] = pod["containers"]
                    [path] = [m["mountPath"] for m in container["volumeMounts"]
                              if m["name"] == volume]
                    places.append((path, pod["securityContext"]))
                self.assertEqual(places[0], places[1])

    def test_uses_only_variables_that_it_declares(self):
        for overlay in ("overlays/dev/rescore", "overlays/prod/rescore"):
            [container] = containers(
                manifests.find(manifests.render(overlay), "Job", "bantam-rescore"))
            used = re.findall(r"\$\((\w+)\)", " ".join(container["command"] + container["args"]))
            self.assertEqual(set(used), {entry["name"] for entry in container["env"]})


class ReadmeTest(unittest.TestCase):
    """What the README has one type is there."""

    def test_applies_overlays_that_are_there_in_namespaces_that_it_makes(self):
        applied = re.findall(r"^    kubectl apply -k k8s/(\S+)", README, re.MULTILINE)
        self.assertLessEqual(set(manifests.SERVERS), set(applied))
        for overlay in applied:
            with self.subTest(overlay=overlay):
                self.assertIn(overlay, manifests.OVERLAYS)
                spaces = {o["metadata"]["namespace"] for o in manifests.render(overlay)}
                [namespace] = spaces
                self.assertIn(f"    kubectl create namespace {namespace}\n", README)

    def test_tries_only_images_that_it_builds(self):
        self.assertIn(" -t bantam:0.1.0 ", README)
        for overlay in ("overlays/dev", "overlays/files"):
            deployment = manifests.find(manifests.render(overlay), "Deployment", "bantam")
            self.assertEqual(["bantam:0.1.0"], [c["image"] for c in containers(deployment)])

    def test_waits_for_jobs_as_long_as_they_may_take(self):
        jobs = {o["metadata"]["name"]: o for overlay in manifests.OVERLAYS
                for o in manifests.render(overlay) if o["kind"] == "Job"}
        waits = re.findall(r"--for=condition=complete --timeout=(\d+)m job/(\S+)", README)
        self.assertLessEqual({"bantam-import", "bantam-migrate"}, {name for _, name in waits})
        for minutes, name in waits:
            with self.subTest(job=name):
                self.assertLessEqual(jobs[name]["spec"]["activeDeadlineSeconds"], 60 * int(minutes))

    def test_replaces_the_placeholder_of_every_alert(self):
        [command] = re.findall(r"^    sed -i '?s,([^,]*),([^,]*),'? k8s/monitoring/alerts.yaml$",
                               README, re.MULTILINE)
        alerts = (manifests.FOLDER / "monitoring" / "alerts.yaml").read_text(encoding="utf-8")
        self.assertIn(command[0], alerts)
        self.assertNotIn("example.com", alerts.replace(*command))


class StoresForDevelopmentTest(unittest.TestCase):
    def test_postgres_is_asked_where_others_ask_it(self):
        """The server that sets up the cluster listens on a socket only, and goes again."""
        database = manifests.find(manifests.render("overlays/dev"), "Deployment", "bantam-postgres")
        [container] = containers(database)
        self.assertIn("--host=127.0.0.1", container["readinessProbe"]["exec"]["command"])


class DockerfileTest(unittest.TestCase):
    lines = [line.strip() for line in
             (manifests.FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
             if line.strip() and not line.startswith("#")]

    def test_runs_without_rights(self):
        users = [line.split()[1] for line in self.lines if line.startswith("USER")]
        self.assertTrue(users)
        self.assertRegex(users[-1], r"^[1-9][0-9]*:[1-9][0-9]*$")
        # As the manifests say, too.
        for overlay in manifests.SERVERS:
            deployment = manifests.find(manifests.render(overlay), "Deployment", "bantam")
            security = manifests.pod_of(deployment)["spec"]["securityContext"]
            self.assertEqual(users[-1], f"{security['runAsUser']}:{security['runAsGroup']}")

    def test_starts_from_pinned_images_and_ends_in_an_empty_one(self):
        bases = [line.split()[1] for line in self.lines if line.startswith("FROM")]
        self.assertEqual("scratch", bases[-1])
        for base in bases[:-1]:
            self.assertRegex(base, r":[a-z0-9.-]+$")
            self.assertFalse(base.endswith(":latest"), base)

    def test_ships_nothing_but_what_was_put_together(self):
        last = [i for i, line in enumerate(self.lines) if line.startswith("FROM")][-1]
        self.assertEqual(["COPY --from=build /image /"],
                         [line for line in self.lines[last:]
                          if line.startswith(("COPY", "ADD", "RUN"))])

    def test_puts_in_what_the_hooks_need(self):
        [put_together] = [line.split() for line in self.lines if "image_root.sh /image" in line]
        self.assertEqual(["build/server/bantamd", "build/client/bantam", "/usr/bin/sleep"],
                         put_together[put_together.index("/image") + 1:])

    def test_exposes_the_ports_of_the_manifests(self):
        [exposed] = [line.split()[1:] for line in self.lines if line.startswith("EXPOSE")]
        [container] = containers(
            manifests.find(manifests.render("overlays/prod"), "Deployment", "bantam"))
        self.assertEqual(sorted(exposed),
                         sorted(str(port["containerPort"]) for port in container["ports"]))


if __name__ == "__main__":
    unittest.main()
