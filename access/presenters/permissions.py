"""What a role permits and who can assume it, in words, and findings for administrators and approvers."""

from collections.abc import Mapping, Sequence
from typing import Any

from access import explain
from access.explain import Finding, Weight
from access.models import PermissionsSnapshot, Role
from access.texts.text import Text

SHOWN = 3  # findings that are shown open; the others are folded away

# As AWS weighs its own findings. [Access Analyzer ValidatePolicyFinding]
_WEIGHTS = {"ERROR": Weight.HIGH, "SECURITY_WARNING": Weight.HIGH, "WARNING": Weight.MEDIUM}


def in_words(role: Role) -> list[Text]:
    """Return the role's permissions as sentences; managed policies are described as the worker last read them."""
    managed = _managed(role)
    attached = list(dict.fromkeys([*role.policy_arns, *managed]))
    return explain.permissions_in_words(role.permissions, attached=attached, documents=managed)


def findings(role: Role) -> dict[str, Any]:
    """Return what `components/findings.html` shows of the role's permissions: the weightiest first, the rest folded."""
    snapshot = _snapshot(role)
    remarks = snapshot.analysis if snapshot is not None and snapshot.analysis else []
    found = [*explain.find_in_role(role.permissions, managed=_managed(role)), *map(_remark, remarks)]
    return shown(found) | {"analyzed": snapshot is not None and snapshot.analysis is not None, "snapshot": snapshot}


def weightiest(role: Role) -> Weight | None:
    """Return the weight of the weightiest finding of a role, whose snapshot is read already; None without findings."""
    found: list[Finding] = findings(role)["first"]
    return found[0].weight if found else None


def chosen(policy: Mapping[str, Any], policy_arns: Sequence[str]) -> dict[str, Any]:
    """Return what permissions mean that no role has yet, in words and with findings.

    A managed policy is described by what the worker last read of it on any role; one that none has is named only.
    """
    known = {arn: document for arn in policy_arns if (document := _last_read(arn)) is not None}
    words = explain.permissions_in_words(policy, attached=policy_arns, documents=known)
    return {"permissions": words, "findings": shown(explain.find_in_role(policy, managed=known))}


def _last_read(arn: str) -> dict[str, Any] | None:
    snapshot = PermissionsSnapshot.objects.filter(managed__has_key=arn).order_by("-read_at").first()
    return snapshot.managed[arn] if snapshot else None


def trust(role: Role) -> dict[str, Any]:
    """Return who may assume the role, as AWS was last read, in words and with findings."""
    document, account_id = role.state.observed_trust or {}, role.account.account_id
    found = explain.find_in_trust(document, account_id=account_id)
    return {"words": explain.trust_in_words(document, account_id=account_id), "findings": shown(found)}


def shown(found: list[Finding]) -> dict[str, Any]:
    """Return findings as `components/findings.html` takes them: the weightiest first."""
    ordered = sorted(dict.fromkeys(found), key=lambda finding: finding.weight.rank)
    return {"first": ordered[:SHOWN], "others": ordered[SHOWN:]}


def _remark(remark: Mapping[str, str]) -> Finding:
    fix = Text("finding_analyzer_fix", {"code": remark["code"]})
    said = Text("finding_analyzer", {"said": remark["sentence"]})
    weight = _WEIGHTS.get(remark["kind"], Weight.NOTE)
    return Finding(weight, "access-analyzer", said, fix, remark["where"])


def _managed(role: Role) -> dict[str, dict[str, Any]]:
    """Return the managed policies beside the role's own one, which is attached too and would be described twice."""
    snapshot = _snapshot(role)
    read = dict(snapshot.managed) if snapshot is not None else {}
    return {arn: document for arn, document in read.items() if document != role.permissions}


def _snapshot(role: Role) -> PermissionsSnapshot | None:
    """Return what the worker read last, or None when it has not read yet."""
    return getattr(role, "snapshot", None)
