"""Renders templates as Home Assistant does: with its engine, in its sandbox.

Reads a JSON list of [template, payload, state] and writes that of the results.
What would be logged as undefined there fails here.
"""
import json
import math
import sys

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment


def is_number(value):
    try:
        return math.isfinite(float(value))
    except (ValueError, TypeError):
        return False


env = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
env.globals["is_number"] = env.filters["is_number"] = is_number
results = []
for template, payload, state in json.load(sys.stdin):
    variables = {"value": payload, "this": {"state": state}}
    try:
        variables["value_json"] = json.loads(payload)
    except ValueError:
        pass
    results.append(env.from_string(template).render(variables).strip())
json.dump(results, sys.stdout)
