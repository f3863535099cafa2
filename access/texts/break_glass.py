"""Refusals about break-glass."""

from access.texts.template import N_, Reader, Template

TEMPLATES = {
    "break_glass_contractor": Template(
        N_("Contractors cannot use break-glass access. Request access instead."), Reader.INTERNAL
    ),
    "break_glass_internal_only": Template(
        N_("Contractors cannot have break-glass access. Choose internal users."), Reader.INTERNAL
    ),
    "break_glass_length_invalid": Template(
        N_("This policy allows from {shortest} to {longest}. Choose a length in that range."), Reader.INTERNAL
    ),
    "break_glass_not_extendable": Template(
        N_("Break-glass access cannot be extended. Submit a normal request to continue."), Reader.REQUESTER
    ),
    "break_glass_not_permitted": Template(
        N_("No break-glass policy permits you to do this. Request access instead."), Reader.INTERNAL
    ),
    "break_glass_own_policy": Template(
        N_("You created this break-glass policy. Another administrator must confirm it."), Reader.INTERNAL
    ),
    "break_glass_own_review": Template(
        N_("Another internal user must review this break-glass access."), Reader.INTERNAL
    ),
    "break_glass_policy_decided": Template(
        N_("This break-glass policy has already been confirmed or withdrawn."), Reader.INTERNAL
    ),
    "break_glass_policy_end_invalid": Template(
        N_(
            "A break-glass policy must end in the future and within {days} days. Choose another "
            "end; the policy can be created again later."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_policy_length_invalid": Template(
        N_("Break-glass access can last from {shortest} to {longest}. Choose a length in that range."), Reader.INTERNAL
    ),
    "break_glass_policy_names_you": Template(
        N_("This break-glass policy names you. Another administrator must confirm it."), Reader.INTERNAL
    ),
    "break_glass_policy_not_active": Template(
        N_("This break-glass policy is not active: it is unconfirmed, withdrawn or over. Ask an administrator."),
        Reader.INTERNAL,
    ),
    "break_glass_policy_not_pending": Template(
        N_("This break-glass policy is not awaiting confirmation."), Reader.INTERNAL
    ),
    "break_glass_policy_withdrawn": Template(
        N_("This break-glass policy has already been withdrawn."), Reader.INTERNAL
    ),
    "break_glass_review_pending": Template(
        N_("Your last break-glass access has not been reviewed. Someone else must review it first."), Reader.INTERNAL
    ),
    "break_glass_reviewed": Template(N_("Someone has already reviewed this break-glass access."), Reader.INTERNAL),
    "break_glass_sources_required": Template(
        N_("This role requires source addresses, and break-glass access has none. Choose another role."),
        Reader.INTERNAL,
    ),
    "break_glass_still_open": Template(
        N_("This break-glass access is still active. Stop it, or review it after it has ended."), Reader.INTERNAL
    ),
    "break_glass_users_invalid": Template(N_("Choose at least one person, and only active ones."), Reader.INTERNAL),
    "not_break_glass": Template(
        N_("This grant is not a break-glass grant. Revoke it on its own page and give a reason."), Reader.INTERNAL
    ),
}
