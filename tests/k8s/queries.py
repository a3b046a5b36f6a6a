"""Which metrics a PromQL expression names. Reads as much of the language as the rules and the
dashboard need: strings, matchers in braces, label lists, and names that are followed by a parenthesis
are no metrics."""

import json
import re

import yaml

import manifests

_KEYWORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}


def metrics_of(expression):
    """The metrics that `expression` names, without the suffixes of a histogram."""
    text = re.sub(r'"(?:\\.|[^"\\])*"', '""', expression)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    text = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    names = re.findall(r"(?<![\w:.$])([A-Za-z_:][\w:]*)(?!\s*\(|[\w:])", text)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names
            if name.lower() not in _KEYWORDS}


def labels_of(expression):
    """For each metric that is named with matchers, its labels there, as (metric, label)."""
    found = set()
    for name, matchers in re.findall(r"([A-Za-z_:][\w:]*)\{([^}]*)\}", expression):
        for label in re.findall(r'(\w+)\s*[=!]~?\s*"', matchers):
            found.add((re.sub(r"_(bucket|sum|count)$", "", name), label))
    return found


def alert_groups():
    rule = yaml.safe_load((manifests.FOLDER / "monitoring" / "alerts.yaml").read_text("utf-8"))
    return rule["spec"]["groups"]


def rules():
    return [rule for group in alert_groups() for rule in group["rules"]]


def dashboard():
    return json.loads((manifests.FOLDER / "monitoring" / "dashboard.json").read_text("utf-8"))


def expressions():
    """Every expression of the rules and the dashboard, by where it stands."""
    found = {f"rule {rule.get('alert', rule.get('record'))}": rule["expr"] for rule in rules()}
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            found[f"panel {panel['title']} {target['refId']}"] = target["expr"]
    for variable in dashboard()["templating"]["list"]:
        values = re.fullmatch(r"label_values\((.*), \w+\)", variable["query"])
        if values:
            found[f"variable {variable['name']}"] = values[1]
    return found
