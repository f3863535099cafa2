"""Refusals about people, companies and invitations."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "account_disabled": Sentence(N_("Your account is disabled. Ask an administrator to enable it."), Reader.ANYONE),
    "administrator_exists": Sentence(
        N_("Daypass already has an administrator. Ask an administrator to invite further users."), Reader.OPERATOR
    ),
    "administrator_only": Sentence(
        N_("Only administrators can perform this action. Ask an administrator for help."), Reader.ANYONE
    ),
    "cannot_disable_yourself": Sentence(
        N_("You cannot disable your own account. Ask another administrator to disable it."), Reader.ADMINISTRATOR
    ),
    "factor_reset_lately": Sentence(
        N_(
            "Your second factor was reset, so you cannot approve, deny or confirm anything until {until}. Ask "
            "someone else to do so. If you did not ask for the reset, contact an administrator immediately."
        ),
        Reader.INTERNAL,
    ),
    "factor_reset_needs_administrators": Sentence(
        N_many(
            "You cannot use this command, because {count} other administrator has a second factor. Ask that "
            "administrator to reset the second factor in the portal.",
            "You cannot use this command, because {count} other administrators have a second factor. Ask two of them "
            "to reset the second factor in the portal.",
        ),
        Reader.OPERATOR,
        count="count",
    ),
    "factor_reset_not_waiting": Sentence(
        N_(
            "This reset of a second factor has already been confirmed or withdrawn, or nobody confirmed it within 24 "
            "hours. If the reset is still needed, propose it again."
        ),
        Reader.ADMINISTRATOR,
    ),
    "factor_reset_settled": Sentence(
        N_("This reset of a second factor has already been confirmed or withdrawn. Reload the page to see its state."),
        Reader.ADMINISTRATOR,
    ),
    "factor_reset_waiting": Sentence(
        N_("A reset of this person's second factor is already awaiting confirmation. Confirm or withdraw that reset."),
        Reader.ADMINISTRATOR,
    ),
    "own_factor_reset": Sentence(
        N_("You cannot reset your own second factor. Ask two other administrators to reset it."), Reader.ADMINISTRATOR
    ),
    "company_disabled": Sentence(
        N_("This company is disabled. Ask an administrator to enable it, or choose another company."), Reader.SPONSOR
    ),
    "contract_end_in_past": Sentence(N_("The contract end is in the past. Choose a later date."), Reader.SPONSOR),
    "contract_ended": Sentence(N_("Your contract has ended. Ask your sponsor to extend it."), Reader.REQUESTER),
    "contract_ends_before_access": Sentence(
        N_("The contractor has access that ends after that date. Revoke that access first, or choose a later date."),
        Reader.SPONSOR,
    ),
    "contract_too_long": Sentence(
        N_many(
            "A contract can end at most {days} day from now. Choose an earlier date; you can extend "
            "the contract later.",
            "A contract can end at most {days} days from now. Choose an earlier date; you can extend "
            "the contract later.",
        ),
        Reader.SPONSOR,
        count="days",
    ),
    "contractor_cannot_hold": Sentence(
        N_(
            "The contractor is disabled, or their contract ends before the requested access ends. Ask the "
            "contractor's sponsor to enable the contractor or to extend the contract. Otherwise, approve the "
            "request with an earlier end, or deny it."
        ),
        Reader.APPROVER,
    ),
    "contractor_disabled": Sentence(
        N_(
            "Your account, your company or your sponsor is disabled in Daypass. Contact your sponsor or an "
            "administrator."
        ),
        Reader.REQUESTER,
    ),
    "contractor_not_eligible": Sentence(
        N_(
            "The role is disabled, or the contractor's contract no longer includes it. Ask an administrator "
            "to enable the role, or ask the sponsor to add the role to the contract. Otherwise, deny the "
            "request."
        ),
        Reader.APPROVER,
    ),
    "contractor_only": Sentence(
        N_(
            "Only contractors can request access. Sign in with a contractor account, or use break-glass "
            "access if a break-glass policy names you."
        ),
        Reader.INTERNAL,
    ),
    "invitation_account_exists": Sentence(
        N_(
            "An account with the address {email} already exists. Enter another email address, or ask an administrator "
            "about the existing account."
        ),
        Reader.SPONSOR,
    ),
    "invitation_address_invalid": Sentence(
        N_("{typed} is not a valid email address. Correct this address, or remove it."), Reader.SPONSOR
    ),
    "invitation_address_twice": Sentence(
        N_("The address {email} appears twice. Remove one of these two addresses."), Reader.SPONSOR
    ),
    "invitation_closed": Sentence(
        N_(
            "This invitation has already been accepted or withdrawn. Reload the page. If the invitation was "
            "withdrawn, you can send a new invitation."
        ),
        Reader.SPONSOR,
    ),
    "invitation_invalid": Sentence(
        N_(
            "This invitation link is not valid: it is wrong, has been used, withdrawn or replaced, or is "
            "older than 72 hours. Use the link in the newest invitation email, or ask the person who invited "
            "you or an administrator for a new invitation."
        ),
        Reader.ANYONE,
    ),
    "invitation_not_sent": Sentence(
        N_(
            "The invitation is saved, but the email to {emails} could not be sent. Under People, send the invitation "
            "again in a minute."
        ),
        Reader.SPONSOR,
    ),
    "invitation_open": Sentence(
        N_(
            "An invitation for {email} is still open. Send that invitation again under People. If "
            "someone else sent the invitation, ask that person or an administrator."
        ),
        Reader.SPONSOR,
    ),
    "invitation_too_many": Sentence(
        N_many(
            "You can invite at most {most} person at the same time. Remove some addresses. Invite those people later.",
            "You can invite at most {most} people at the same time. Remove some addresses. Invite those people later.",
        ),
        Reader.SPONSOR,
        count="most",
    ),
    "invitations_not_sent": Sentence(
        N_(
            "The invitations are saved, but some emails could not be sent: {emails}. Under People, send these "
            "invitations again in a minute."
        ),
        Reader.SPONSOR,
    ),
    "not_a_sponsor": Sentence(
        N_("You are not a sponsor. Ask an administrator to make you a sponsor."), Reader.INTERNAL
    ),
    "not_their_sponsor": Sentence(
        N_(
            "Someone else is responsible for this contractor or invitation. Ask that person or an administrator to "
            "make the change."
        ),
        Reader.SPONSOR,
    ),
    "proposer_not_administrator": Sentence(
        N_(
            "The person who proposed this change is no longer an administrator. Withdraw the proposal, "
            "propose the same change yourself, and ask another administrator to confirm it."
        ),
        Reader.ADMINISTRATOR,
    ),
    "sponsor_internal_only": Sentence(
        N_("Only internal users with an active account can sponsor contractors. Choose such a user as the sponsor."),
        Reader.INTERNAL,
    ),
}
