"""What exactly is asked, as one hash."""

import hashlib
import json

from access.models import Request

_BOUND = ("policy_arns", "requires_mfa", "external_id", "allows_console")


def content_hash(request: Request) -> str:
    """Give the SHA-256 of what is asked, as hex; a decision names it, so a yes holds for nothing else."""
    content = {
        "contractor": request.contractor_id,
        "requester": request.requester_id,
        "role": request.role.arn,
        "permissions": request.role.permissions,
        "principal": str(request.principal or ""),
        "extends": request.extends.session_name if request.extends else "",
        "session_name": request.session_name,
        "starts_at": request.starts_at.isoformat(),
        "ends_at": request.ends_at.isoformat(),
        "reason": request.reason,
    }
    if request.standing_rule:
        content["standing_rule"] = str(request.standing_rule.public_id)
    if request.principal and (grounds := request.principal.grounds()):
        content["principal_grounds"] = grounds
    conditions = {"ticket": request.ticket, "asks_mfa": request.asks_mfa, "source_cidrs": request.source_cidrs}
    content |= {name: value for name, value in conditions.items() if value}
    # Whatever of the role a yes opens or limits besides; named where it is set.
    content |= {name: value for name in _BOUND if (value := getattr(request.role, name))}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
