"""Who may prove an AWS identity, who may vouch for one, and which may be asked with."""

from access.rules.facts import IdentityFacts, PersonFacts, Refused, RequestFacts, RoleSettings

PROOFS_PER_HOUR = 20


def check_can_prove(person: PersonFacts, *, lately: int) -> None:
    """Raise Refused unless this person may prove an AWS identity; `lately` counts his commands of the last hour."""
    if not person.is_active or person.contractor_id is None:
        raise Refused("Only contractors prove an AWS identity. Sign in with your contractor account.")
    if not person.contractor_is_active:
        raise Refused("Your contractor account is disabled. Speak to your sponsor.")
    if lately >= PROOFS_PER_HOUR:
        raise Refused(f"You have asked for {lately} commands in the last hour. Wait a while, then go on.")


def check_can_vouch(person: PersonFacts, *, sponsor_id: int) -> None:
    """Raise Refused unless this person is the sponsor of the contractor for whom he vouches."""
    if not person.is_active or person.contractor_id is not None or person.user_id != sponsor_id:
        raise Refused("Only the sponsor of a contractor vouches for his AWS identity.")


def check_identity(person: PersonFacts | None, role: RoleSettings, identity: IdentityFacts) -> None:
    """Raise Refused unless this role may be asked for with this identity; `person` is who asks, None later on."""
    if person is not None and identity.contractor_id != person.contractor_id:
        raise Refused("This AWS identity is not one of yours. Choose one from the list.")
    if not role.allows_own_identity:
        raise Refused("This role is not assumed from another AWS account. Choose no AWS identity.")
    if not identity.is_proven and identity.voucher_id is None:
        raise Refused("This AWS identity was never proven. Prove it first, then ask with it.")
    if not identity.is_proven and not role.allows_vouched:
        raise Refused("This role needs a proven AWS identity; that somebody vouches for it is not enough. Prove it.")
    if identity.partition != role.partition:
        raise Refused(
            f"This AWS identity is in partition {identity.partition}, and the role in {role.partition}: AWS lets no "
            "one across. Choose an identity of the same partition."
        )
    if role.requires_mfa and identity.kind != "user":
        raise Refused(
            "This role asks for a second factor in AWS, and sessions of roles and of IAM Identity Center carry none: "
            "AWS would always refuse you. Choose an AWS identity that is an IAM user."
        )


def check_is_not_voucher(person: PersonFacts, request: RequestFacts) -> None:
    """Raise Refused when the request rests on this person's own word."""
    if request.identity is not None and person.user_id == request.identity.voucher_id:
        raise Refused("You vouched for the AWS identity of this request, so somebody else decides it.")
