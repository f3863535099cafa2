"""Whom an identity provider admits: for providers that many customers share, conditions must require your own tenant.

Sources: the providers' own pages on AWS, and IAM User Guide, "Create a role for OpenID Connect federation".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from access.explain.finding import Finding, Weight
from access.explain.held import held_to, literal
from access.explain.statements import Statement

_PROVIDER = re.compile(r"arn:[^:]*:iam::[0-9]{12}:(saml|oidc)-provider/(.+)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shared:
    """A provider whose tokens anybody can get: claims that say whose they are, and how a value must begin to do so."""

    host: re.Pattern[str]
    claims: tuple[str, ...]
    begins: re.Pattern[str]
    everybody: str
    fix: str


_SHARED = (
    Shared(
        re.compile(r"token\.actions\.githubusercontent\.com\b"),
        ("sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"),
        re.compile(r"(?:repo:|repository:|job_workflow_ref:)?[\w.@-]+/|(?:repository_(?:owner|owner_id|id):)?[\w-]+\Z"),
        "any repository on GitHub",
        "Add StringLike on the provider's sub, such as repo:OWNER/REPOSITORY:ref:refs/heads/main.",
    ),
    Shared(
        re.compile(r"gitlab\.com\Z"),
        ("sub",),
        re.compile(r"project_path:[\w.-]+/"),
        "any project on gitlab.com",
        "Add StringLike on the provider's sub, such as project_path:GROUP/PROJECT:ref_type:branch:ref:main.",
    ),
    Shared(
        re.compile(r"(?:app\.terraform\.io|agent\.buildkite\.com|api\.pulumi\.com/oidc|app\.harness\.io)\b"),
        ("sub",),
        re.compile(r"(?:.*\b)?(?:organization|org|account)[:/][\w.-]+[:/]"),
        "every customer of this provider",
        "Add StringLike on the provider's sub that begins with your organization.",
    ),
    Shared(
        re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/id/"),
        ("sub",),
        re.compile(r"system:serviceaccount:[\w.-]+:"),
        "every pod of the cluster",
        "Add StringEquals on the provider's sub: system:serviceaccount:NAMESPACE:NAME.",
    ),
)
_OTHERS = ("sub", "aud", "app_id", "user_id", "amr")


def find_open_federation(statement: Statement) -> Iterator[Finding]:
    """Find identity providers that admit all of their users: no condition limits the token to your own tenant."""
    for name in (name for kind, name in statement.principals if kind == "Federated" and statement.allows):
        match = _PROVIDER.match(name)
        provider = match[2] if match else name
        shared = next((one for one in _SHARED if one.host.match(provider)), None)
        if shared and not _is_held(statement, provider, shared):
            said = f"It admits {shared.everybody}: no condition limits the token of {name} to your own."
            yield Finding(Weight.HIGH, "open-federation", said, shared.fix, statement.where)
        elif not shared and not _claims(statement, provider, _OTHERS):
            said = f"It admits everybody whom {name} signs in, whatever the token is for."
            fix = "Add a condition on the provider's aud and sub."
            yield Finding(Weight.HIGH, "open-federation", said, fix, statement.where)


def _is_held(statement: Statement, provider: str, shared: Shared) -> bool:
    return any(
        values and all(shared.begins.match(literal(value)) for value in values)
        for claim in shared.claims
        if (values := held_to(statement, f"{provider}:{claim}"))
    )


def _claims(statement: Statement, provider: str, claims: tuple[str, ...]) -> tuple[str, ...]:
    prefixes = {provider, *(("saml",) if "saml-provider/" in provider or _is_saml(statement) else ())}
    return held_to(statement, *(f"{prefix}:{claim}" for prefix in prefixes for claim in claims))


def _is_saml(statement: Statement) -> bool:
    return any(kind == "Federated" and ":saml-provider/" in name for kind, name in statement.principals)
