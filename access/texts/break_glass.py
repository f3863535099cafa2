"""Refusals about break-glass."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "break_glass_contractor": Sentence(
        N_("Contractors cannot use break-glass access. Request access instead."), Reader.INTERNAL
    ),
    "break_glass_internal_only": Sentence(
        N_("A break-glass policy cannot name contractors. Choose internal users only."), Reader.ADMINISTRATOR
    ),
    "break_glass_length_invalid": Sentence(
        N_("This break-glass policy allows access for {shortest} to {longest}. Choose a duration in that range."),
        Reader.INTERNAL,
    ),
    "break_glass_not_extendable": Sentence(
        N_(
            "Break-glass access cannot be extended. After it has ended and someone else has reviewed "
            "it, you can use break-glass again."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_not_permitted": Sentence(
        N_("This break-glass policy does not name you. Use a policy that does, or ask an administrator to create one."),
        Reader.INTERNAL,
    ),
    "break_glass_own_policy": Sentence(
        N_("You created this break-glass policy, so you cannot confirm it. Ask another administrator to confirm it."),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_own_review": Sentence(
        N_(
            "Break-glass access must be reviewed by an internal user who did not use it. Ask an "
            "approver of the role or an administrator to review it."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_policy_decided": Sentence(
        N_("This break-glass policy has already been confirmed or withdrawn. Reload the page to see its state."),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_end_invalid": Sentence(
        N_(
            "A break-glass policy must end in the future and at most {days} days from now. Choose "
            "another end; when the policy has ended, you can create a new one."
        ),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_length_invalid": Sentence(
        N_("Break-glass access can last {shortest} to {longest}. Choose a duration in that range."),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_names_you": Sentence(
        N_(
            "This break-glass policy names you, so you cannot confirm it. Ask an administrator who "
            "is not named in it to confirm it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "break_glass_policy_not_active": Sentence(
        N_(
            "This break-glass policy is not active: it is unconfirmed, withdrawn or expired. Ask an "
            "administrator to confirm it or to create a new one."
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
            "Your last break-glass access has not been reviewed. Stop it if it is still active, then "
            "ask an approver of the role or an administrator to review it."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_reviewed": Sentence(
        N_("Someone has already reviewed this break-glass access. Reload the page to read the review."), Reader.INTERNAL
    ),
    "break_glass_sources_required": Sentence(
        N_(
            "This role requires a list of source addresses, and break-glass access has none. Use another"
            " role, or ask an administrator to make source addresses optional."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_still_open": Sentence(
        N_(
            "This break-glass access has not ended, so it cannot be reviewed yet. Wait until it ends, or stop it first."
        ),
        Reader.INTERNAL,
    ),
    "break_glass_users_invalid": Sentence(
        N_(
            "A break-glass policy must name at least one person, and everyone it names must have an "
            "active account. Choose active internal users; if the policy already exists, withdraw it "
            "and create a new one."
        ),
        Reader.ADMINISTRATOR,
    ),
    "not_break_glass": Sentence(
        N_("This is not a break-glass grant. To end it, open its request, revoke the grant and give a reason."),
        Reader.INTERNAL,
    ),
}
