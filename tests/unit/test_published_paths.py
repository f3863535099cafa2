"""How many of the published ways to more permissions are found: the recall of each list, in the forms of real policies.

A path is found when it is a high escalation; the few that need what IAM does not show are medium detours.
"""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from access.bypass import LAUNCHERS
from access.explain import find_in_permissions
from access.verify import can_bypass_expiry
from tests.unit.test_bypass import PATHS

TARGET = 0.95
# How many paths of an account pathfinding.cloud has for each service, as of 17 December 2025.
PATHFINDING = {
    "apprunner": 2, "bedrock": 2, "cloudformation": 5, "codebuild": 4, "datapipeline": 1, "ec2": 4, "ecs": 5,
    "glue": 6, "iam": 21, "lambda": 6, "sagemaker": 5, "ssm": 2, "sts": 1,
}  # fmt: skip
LISTS = ("pathfinding.cloud", "Rhino", "cloudsplaining", "Prowler", "PMapper", "HackTricks")
HIGH = [path for path in PATHS if path["finding"] == "high escalation"]


def allow(action: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", **more}


def together(actions: list[str]) -> list[list[dict[str, Any]]]:
    return [[allow(actions)]]


def apart(actions: list[str]) -> list[list[dict[str, Any]]]:
    return [[allow(one) for one in actions]]


def in_small_letters(actions: list[str]) -> list[list[dict[str, Any]]]:
    return [[allow([one.lower() for one in actions])]]


def by_patterns(actions: list[str]) -> list[list[dict[str, Any]]]:
    return [[allow([f"{one[:-1]}?" for one in actions])], [allow([f"{one[:-3]}*" for one in actions])]]


def on_every_service(actions: list[str]) -> list[list[dict[str, Any]]]:
    return [[allow([f"{one.partition(':')[0]}:*" for one in actions])]]


def passed_to_the_service(actions: list[str]) -> list[list[dict[str, Any]]]:
    """Return policies that hold iam:PassRole to each service that starts something with one of the actions."""
    rest = [one for one in actions if one != "iam:PassRole"]
    services = [service for service, names in LAUNCHERS.items() if not set(names).isdisjoint(rest)]
    if "iam:PassRole" not in actions or not rest:
        return together(actions)
    held = [{"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}} for service in services]
    return [[allow("iam:PassRole", Condition=one), allow(rest)] for one in held]


def all_but_others(actions: list[str]) -> list[list[dict[str, Any]]]:
    services = {one.partition(":")[0] for one in actions}
    others = [f"{one}:*" for one in ("cloudtrail", "support", "billing") if one not in services]
    return [[{"Effect": "Allow", "NotAction": others, "Resource": "*"}]]


FORMS = (together, apart, in_small_letters, by_patterns, on_every_service, passed_to_the_service, all_but_others)


@functools.cache  # the lists have many paths in common
def is_found(actions: tuple[str, ...], form: Callable[[list[str]], list[list[dict[str, Any]]]]) -> bool:
    """Return whether the findings and the gate know the path in every policy of the form."""
    policies = [{"Version": "2012-10-17", "Statement": statements} for statements in form(list(actions))]
    return bool(policies) and all(
        any((one.weight, one.rule) == ("high", "escalation") for one in find_in_permissions(policy))
        and can_bypass_expiry([policy], None)
        for policy in policies
    )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@pytest.mark.parametrize("source", LISTS)
def test_published_paths_are_found_in_every_form(source: str, form: Any) -> None:
    paths = [path["actions"] for path in HIGH if any(one.startswith(source) for one in path["sources"])]
    missed = [actions for actions in paths if not is_found(tuple(sorted(actions)), form)]
    assert len(paths) >= 10
    assert len(missed) <= (1 - TARGET) * len(paths), missed


def test_no_path_of_pathfinding_cloud_is_missing_in_the_table() -> None:
    sources = [one for path in PATHS for one in path["sources"] if one.startswith("pathfinding.cloud ")]
    known = {one.removeprefix("pathfinding.cloud ").strip() for source in sources for one in source.split(",")}
    named = {f"{service}-{number:03}" for service, count in PATHFINDING.items() for number in range(1, count + 1)}
    assert named | {"ec2instanceconnect-003"} <= known


def test_four_of_five_paths_of_hacktricks_need_nothing_that_iam_does_not_show() -> None:
    paths = [path for path in PATHS if any(one.startswith("HackTricks") for one in path["sources"])]
    high = [path for path in paths if is_found(tuple(sorted(path["actions"])), together)]
    assert len(high) >= 0.8 * len(paths)
    assert all(path["finding"] == "medium detour" for path in paths if path not in high)
