"""Refusals about people, companies and invitations."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "account_disabled": Sentence(N_("Your account is disabled. Ask an administrator."), Reader.REQUESTER),
    "administrator_exists": Sentence(
        N_("There already is an administrator, who can invite others."), Reader.ADMINISTRATOR
    ),
    "administrator_only": Sentence(N_("Only administrators can do this."), Reader.ADMINISTRATOR),
    "cannot_disable_yourself": Sentence(
        N_("You cannot disable your own account. Ask another administrator."), Reader.ADMINISTRATOR
    ),
    "company_disabled": Sentence(N_("This company is disabled. An administrator can enable it."), Reader.ADMINISTRATOR),
    "contract_end_in_past": Sentence(N_("The contract end is in the past. Choose a later date."), Reader.ADMINISTRATOR),
    "contract_ended": Sentence(N_("Your contract has ended. Contact your sponsor."), Reader.REQUESTER),
    "contract_ends_before_access": Sentence(
        N_("Some access ends after that date. Revoke it first, or choose a later date."), Reader.ADMINISTRATOR
    ),
    "contract_too_long": Sentence(
        N_("A contract can run for at most {days} days from now. Choose an earlier date; it can be extended later."),
        Reader.ADMINISTRATOR,
    ),
    "contractor_cannot_hold": Sentence(
        N_("The contractor is disabled, or their contract ends before the window does."), Reader.REQUESTER
    ),
    "contractor_disabled": Sentence(N_("Your contractor account is disabled. Contact your sponsor."), Reader.REQUESTER),
    "contractor_not_eligible": Sentence(N_("This contractor is no longer eligible for this role."), Reader.REQUESTER),
    "contractor_only": Sentence(
        N_("Only contractors can request access. Sign in with your contractor account."), Reader.REQUESTER
    ),
    "invitation_account_exists": Sentence(
        N_("An account with this email address already exists."), Reader.ADMINISTRATOR
    ),
    "invitation_closed": Sentence(N_("This invitation has already been accepted or withdrawn."), Reader.ADMINISTRATOR),
    "invitation_invalid": Sentence(
        N_(
            "This invitation has been used or withdrawn, or is older than 72 hours. Ask the "
            "person who invited you for a new one."
        ),
        Reader.ADMINISTRATOR,
    ),
    "invitation_open": Sentence(
        N_("An invitation for this email address is already open. Send it again instead."), Reader.ADMINISTRATOR
    ),
    "not_a_sponsor": Sentence(N_("You are not a sponsor. An administrator can make you one."), Reader.ADMINISTRATOR),
    "not_their_sponsor": Sentence(N_("Another sponsor is responsible for this contractor."), Reader.ADMINISTRATOR),
    "proposer_not_administrator": Sentence(
        N_(
            "The person who proposed this is no longer an administrator. Propose it yourself, "
            "and let another administrator confirm it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "sponsor_internal_only": Sentence(N_("Only internal users can sponsor contractors."), Reader.ADMINISTRATOR),
}
