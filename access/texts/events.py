"""What Daypass itself writes into the audit log as a reason: for an end of access, an approval or a review."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "approved_by_policy": Sentence(
        N_("The auto-approval policy that {made_by} created and {confirmed_by} confirmed covers this request."),
        Reader.ANYONE,
    ),
    "break_glass_justified": Sentence(
        N_("The reviewer found the break-glass access justified: {comment}"), Reader.INTERNAL
    ),
    "break_glass_not_justified": Sentence(
        N_("The reviewer found the break-glass access not justified: {comment}"), Reader.INTERNAL
    ),
    "revoked_by_review": Sentence(N_("A reviewer rejected the grant in an access review: {comment}"), Reader.ANYONE),
    "revoked_disabled": Sentence(N_("{name} was disabled."), Reader.ANYONE),
    "revoked_policy_withdrawn": Sentence(N_("The break-glass policy was withdrawn."), Reader.ANYONE),
    "revoked_returned": Sentence(N_("The contractor returned the access."), Reader.ANYONE),
    "revoked_stopped": Sentence(N_("The break-glass access was stopped."), Reader.ANYONE),
}
