"""Ask IAM Access Analyzer about policies, as the worker. If it is not available, everything continues without it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from botocore.parsers import ResponseParserError

from access.aws.clients import WorkloadIdentity, analyzer
from access.aws.errors import AwsError, translated
from access.workload_identities import AwsTarget

log = structlog.get_logger(__name__)

_TRUST_POLICY = "AWS::IAM::AssumeRolePolicyDocument"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding of Access Analyzer; `kind` is ERROR, SECURITY_WARNING, WARNING or SUGGESTION, as AWS has it."""

    kind: str
    code: str
    sentence: str
    where: str


def analyze(
    *, target: AwsTarget, policies: Sequence[Mapping[str, Any]], trust: Mapping[str, Any] | None
) -> tuple[Remark, ...] | None:
    """Return what Access Analyzer finds in a role's policies and its trust policy, or None when it does not answer.

    An account without it, an identity without the permission, an endpoint without this service: all of that is None.
    [Access Analyzer ValidatePolicy, CheckNoPublicAccess]
    """
    try:
        with translated():
            client = analyzer(WorkloadIdentity.WORKER, target)
            found = [remark for policy in policies for remark in _validated(client, policy, "IDENTITY_POLICY", {})]
            if trust is not None:
                of_trust = {"validatePolicyResourceType": _TRUST_POLICY}
                found += _validated(client, trust, "RESOURCE_POLICY", of_trust)
                found += _public(client, trust)
    except (AwsError, ResponseParserError, KeyError) as error:
        log.info("analyzer.silent", reason=f"{type(error).__name__}: {error}"[:200])
        return None
    return tuple(dict.fromkeys(found))


def _validated(client: Any, policy: Mapping[str, Any], kind: str, more: Mapping[str, str]) -> Iterator[Remark]:
    pages = client.get_paginator("validate_policy").paginate(policyDocument=json.dumps(policy), policyType=kind, **more)
    for page in pages:
        for finding in page["findings"]:
            yield Remark(finding["findingType"], finding["issueCode"], finding["findingDetails"], _where(finding))


def _where(finding: Mapping[str, Any]) -> str:
    """Return the statement that the finding points at, or "" for the document. [Access Analyzer Location,
    PathElement]
    """
    path: list[Any] = next((location["path"] for location in finding["locations"]), [])
    index = next((part["index"] for part in path if "index" in part), None)
    return "" if index is None else f"statement {index + 1}"


def _public(client: Any, trust: Mapping[str, Any]) -> list[Remark]:
    answer = client.check_no_public_access(policyDocument=json.dumps(trust), resourceType=_TRUST_POLICY)
    if answer["result"] == "PASS":
        return []
    reasons = " ".join(reason.get("description", "") for reason in answer.get("reasons", []))
    said = f"{answer.get('message', '')} {reasons}".strip() or "The trust policy allows public access."
    return [Remark("SECURITY_WARNING", "PUBLIC_ACCESS", said, "trust policy")]
