"""Which principals an identity provider admits: a provider with many customers needs a condition on your own tenant.

Sources: the providers' own pages on AWS, and IAM User Guide, "Create a role for OpenID Connect federation".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from access.explain.finding import Finding, Weight, text
from access.explain.held import held_to, literal
from access.explain.statements import Statement

_PROVIDER = re.compile(r"arn:[^:]*:iam::[0-9]{12}:(saml|oidc)-provider/(.+)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shared:
    """A provider whose tokens anybody can get: claims that say whose they are, and how a value must begin to do so."""

    host: re.Pattern[str]
    claims: tuple[str, ...]
    begins: re.Pattern[str]
    whose: str  # the last word of its codes


_SHARED = (
    Shared(
        re.compile(r"token\.actions\.githubusercontent\.com\b"),
        ("sub", "repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"),
        re.compile(r"(?:repo:|repository:|job_workflow_ref:)?[\w.@-]+/|(?:repository_(?:owner|owner_id|id):)?[\w-]+\Z"),
        "github",
    ),
    Shared(
        re.compile(r"gitlab\.com\Z"),
        ("sub",),
        re.compile(r"project_path:[\w.-]+/"),
        "gitlab",
    ),
    Shared(
        re.compile(r"(?:app\.terraform\.io|agent\.buildkite\.com|api\.pulumi\.com/oidc|app\.harness\.io)\b"),
        ("sub",),
        re.compile(r"(?:.*\b)?(?:organization|org|account)[:/][\w.-]+[:/]"),
        "customers",
    ),
    Shared(
        re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/id/"),
        ("sub",),
        re.compile(r"system:serviceaccount:[\w.-]+:"),
        "pods",
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
            said, fix = text(f"open_provider_{shared.whose}", name=name), text(f"fix_{shared.whose}")
            yield Finding(Weight.HIGH, "open-federation", said, fix, statement.where)
        elif not shared and not _claims(statement, provider, _OTHERS):
            said, fix = text("open_provider", name=name), text("fix_add_both")
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
