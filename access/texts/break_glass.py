"""Refusals about break-glass."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "break_glass_contractor": Sentence(
        N_("Contractors cannot use break-glass access. Request access instead."), Reader.INTERNAL
    ),
    "break_glass_internal_only": Sentence(
        N_("Contractors cannot have break-glass access. Choose internal users."), Reader.INTERNAL
    ),
    "break_glass_length_invalid": Sentence(
        N_("This policy allows from {shortest} to {longest}. Choose a length in that range."), Reader.INTERNAL
    ),
    "break_glass_not_extendable": Sentence(
        N_("Break-glass access cannot be extended. Submit a normal request to continue."), Reader.REQUESTER
    ),
    "break_glass_not_permitted": Sentence(
        N_("No break-glass policy permits you to do this. Request access instead."), Reader.INTERNAL
    ),
    "break_glass_own_policy": Sentence(
        N_("You created this break-glass policy. Another administrator must confirm it."), Reader.INTERNAL
    ),
    "break_glass_own_review": Sentence(
        N_("Another internal user must review this break-glass access."), Reader.INTERNAL
    ),
    "break_glass_policy_decided": Sentence(
        N_("This break-glass policy has already been confirmed or withdrawn."), Reader.INTERNAL
    ),
    "break_glass_policy_end_invalid": Sentence(
        N_(
            "A break-glass policy must end in the future and within {days} days. Choose another "
            "end; the policy can be created again later."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_policy_length_invalid": Sentence(
        N_("Break-glass access can last from {shortest} to {longest}. Choose a length in that range."), Reader.INTERNAL
    ),
    "break_glass_policy_names_you": Sentence(
        N_("This break-glass policy names you. Another administrator must confirm it."), Reader.INTERNAL
    ),
    "break_glass_policy_not_active": Sentence(
        N_("This break-glass policy is not active: it is unconfirmed, withdrawn or over. Ask an administrator."),
        Reader.INTERNAL,
    ),
    "break_glass_policy_not_pending": Sentence(
        N_("This break-glass policy is not awaiting confirmation."), Reader.INTERNAL
    ),
    "break_glass_policy_withdrawn": Sentence(
        N_("This break-glass policy has already been withdrawn."), Reader.INTERNAL
    ),
    "break_glass_review_pending": Sentence(
        N_("Your last break-glass access has not been reviewed. Someone else must review it first."), Reader.INTERNAL
    ),
    "break_glass_reviewed": Sentence(N_("Someone has already reviewed this break-glass access."), Reader.INTERNAL),
    "break_glass_sources_required": Sentence(
        N_("This role requires source addresses, and break-glass access has none. Choose another role."),
        Reader.INTERNAL,
    ),
    "break_glass_still_open": Sentence(
        N_("This break-glass access is still active. Stop it, or review it after it has ended."), Reader.INTERNAL
    ),
    "break_glass_users_invalid": Sentence(N_("Choose at least one person, and only active ones."), Reader.INTERNAL),
    "not_break_glass": Sentence(
        N_("This grant is not a break-glass grant. Revoke it on its own page and give a reason."), Reader.INTERNAL
    ),
}
