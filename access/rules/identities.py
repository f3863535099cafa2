"""Checks for proving an AWS identity, vouching for one, and requesting access with one."""

from access.rules.facts import IdentityFacts, PersonFacts, Refused, RequestFacts, RoleSettings

PROOFS_PER_HOUR = 20


def check_can_prove(person: PersonFacts, *, lately: int) -> None:
    """Raise Refused unless this person can prove an AWS identity; `lately` counts their commands of the last hour."""
    if not person.is_active or person.contractor_id is None:
        raise Refused("proof_contractor_only")
    if not person.contractor_is_active:
        raise Refused("contractor_disabled")
    if lately >= PROOFS_PER_HOUR:
        raise Refused("proof_commands_used_up", count=lately)


def check_can_vouch(person: PersonFacts, *, sponsor_id: int) -> None:
    """Raise Refused unless this person is the sponsor of the contractor for whom they vouch."""
    if not person.is_active or person.contractor_id is not None or person.user_id != sponsor_id:
        raise Refused("vouch_sponsor_only")


def check_identity(person: PersonFacts | None, role: RoleSettings, identity: IdentityFacts) -> None:
    """Raise Refused unless this role can be requested with this identity; `person` is who asks, None later on."""
    if person is not None and identity.contractor_id != person.contractor_id:
        raise Refused("identity_not_yours", field="principal")
    if not role.allows_own_identity:
        raise Refused("identity_not_used", field="principal")
    if not identity.is_proven and identity.voucher_id is None:
        raise Refused("identity_unverified", field="principal")
    if not identity.is_proven and not role.allows_vouched:
        raise Refused("identity_proof_required", field="principal")
    if identity.partition != role.partition:
        raise Refused("identity_partition_differs", field="principal", identity=identity.partition, role=role.partition)
    if role.requires_mfa and identity.kind != "user":
        raise Refused("identity_without_mfa", field="principal")


def check_is_not_voucher(person: PersonFacts, request: RequestFacts) -> None:
    """Raise Refused when this person vouched for the identity of the request."""
    if request.identity is not None and person.user_id == request.identity.voucher_id:
        raise Refused("own_vouch")
