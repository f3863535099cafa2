"""Refusals about break-glass."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "break_glass_contractor": Sentence(
        N_("Contractors cannot use break-glass access. Request access instead."), Reader.REQUESTER
    ),
    "break_glass_internal_only": Sentence(
        N_("A break-glass policy cannot name contractors. Choose internal users only."), Reader.ADMINISTRATOR
    ),
    "break_glass_length_invalid": Sentence(
        N_(
            "Under this break-glass policy, access must last at least {shortest} and at most {longest}. "
            "Choose a duration in that range."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_not_extendable": Sentence(
        N_(
            "Break-glass access cannot be extended. When this access has ended and someone else has reviewed "
            "it, you can use break-glass access again."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_not_permitted": Sentence(
        N_(
            "This break-glass policy does not name you. Choose a policy that names you, or ask an "
            "administrator to create such a policy."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_own_policy": Sentence(
        N_("You created this break-glass policy, so you cannot confirm it. Ask another administrator to confirm it."),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_own_review": Sentence(
        N_(
            "Break-glass access must be reviewed by an internal user other than the person who used the access. Ask "
            "an approver of the role or an administrator to review the access."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_policy_decided": Sentence(
        N_("This break-glass policy has already been confirmed or withdrawn. Reload the page to see its state."),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_end_invalid": Sentence(
        N_many(
            "The end of a break-glass policy must be in the future and at most {days} day from now. "
            "Choose another end. You can create a new policy when this policy has ended.",
            "The end of a break-glass policy must be in the future and at most {days} days from now. "
            "Choose another end. You can create a new policy when this policy has ended.",
        ),
        Reader.ADMINISTRATOR,
        count="days",
    ),
    "break_glass_policy_length_invalid": Sentence(
        N_("Break-glass access must last at least {shortest} and at most {longest}. Choose a duration in that range."),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_names_you": Sentence(
        N_(
            "This break-glass policy names you, so you cannot confirm it. The policy must be confirmed by an "
            "administrator who is not named in it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_not_active": Sentence(
        N_(
            "This break-glass policy is not active. If it is unconfirmed, ask an administrator to confirm it."
            " If it is withdrawn or expired, ask for a new policy."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_policy_not_pending": Sentence(
        N_(
            "This break-glass policy is not awaiting confirmation: it has been confirmed or "
            "withdrawn, or it has expired. Reload the page to see its state."
        ),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_withdrawn": Sentence(
        N_(
            "This break-glass policy has already been withdrawn. To allow this break-glass access "
            "again, create a new policy."
        ),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_review_pending": Sentence(
        N_(
            "Your last break-glass access has not been reviewed. If that access is still active, stop it. Then ask "
            "an approver of the role or an administrator to review the access."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_reviewed": Sentence(
        N_("Someone has already reviewed this break-glass access. Reload the page to read the review."), Reader.INTERNAL
    ),
    "break_glass_sources_required": Sentence(
        N_(
            "This role requires source addresses, but break-glass access cannot be limited to source addresses. Use "
            "another role, or ask an administrator to make source addresses optional."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_still_open": Sentence(
        N_(
            "This break-glass access has not ended, so it cannot be reviewed yet. Wait until the access ends, or "
            "stop the access first."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_users_invalid": Sentence(
        N_(
            "A break-glass policy must name at least one person, and everyone it names must have an active account. "
            "Choose active internal users. If the policy already exists, withdraw the policy and create a new policy."
        ),
        Reader.ADMINISTRATOR,
    ),
    "not_break_glass": Sentence(
        N_(
            "This is not a break-glass grant. To end the grant, open its request, then revoke the grant and enter a "
            "reason."
        ),
        Reader.INTERNAL,
    ),
}
