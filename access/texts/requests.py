"""Refusals about requests, grants and sessions."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "access_method_not_allowed": Sentence(
        N_("This role does not allow this access method. Choose the other one on the request's page."), Reader.REQUESTER
    ),
    "clock_skew": Sentence(
        N_(
            "The clocks of Daypass, its database and AWS differ by more than 30 seconds, so no access "
            "can be granted. An administrator must correct them. Access still ends and can be revoked."
        ),
        Reader.ANYONE,
    ),
    "confirmation_too_old": Sentence(N_("Confirm with a passkey or a code again."), Reader.INTERNAL),
    "end_after_contract": Sentence(N_("The end is after your contract ends. Choose an earlier end."), Reader.REQUESTER),
    "end_before_start": Sentence(N_("The end must be after the start. Choose another end."), Reader.REQUESTER),
    "end_in_past": Sentence(N_("The end is in the past. Choose a later one."), Reader.APPROVER),
    "evidence_not_allowed": Sentence(
        N_("Only approvers, the sponsor and administrators can download the evidence."), Reader.REQUESTER
    ),
    "extended_grant_changed": Sentence(
        N_("The grant to be extended has ended or changed in the meantime."), Reader.INTERNAL
    ),
    "extended_grant_over": Sentence(
        N_(
            "The grant that this request extends has ended or is blocked, so its end cannot change. Deny "
            "the request; the contractor can request new access."
        ),
        Reader.REQUESTER,
    ),
    "extension_end_only": Sentence(
        N_("This grant is already active. An approver can only choose an earlier end for its extension."),
        Reader.APPROVER,
    ),
    "extension_lacks_conditions": Sentence(
        N_("The role now requires more than this grant has: {lacks}. It cannot be extended; request new access."),
        Reader.APPROVER,
    ),
    "grant_blocked": Sentence(
        N_("A problem keeps this grant from working; the request's page describes it."), Reader.REQUESTER
    ),
    "grant_not_extendable": Sentence(
        N_("This grant has ended or is blocked. Request new access instead."), Reader.REQUESTER
    ),
    "grant_not_ready": Sentence(N_("This grant is not ready yet. Try again in a few seconds."), Reader.REQUESTER),
    "grant_not_started": Sentence(N_("This grant has not started yet. Come back at its start."), Reader.REQUESTER),
    "grant_over": Sentence(N_("This grant has already ended."), Reader.INTERNAL),
    "grant_over_for_use": Sentence(N_("This grant has ended. Request new access."), Reader.REQUESTER),
    "grant_propagating": Sentence(
        N_("This grant is not ready yet: the change has not reached all of AWS. Try again in a few seconds."),
        Reader.REQUESTER,
    ),
    "not_asked": Sentence(N_("Only the requester can answer questions about this request."), Reader.ANYONE),
    "not_grant_holder": Sentence(N_("Only the person who holds this grant can use it."), Reader.REQUESTER),
    "not_grant_holder_extend": Sentence(
        N_("Only the person who holds this grant can ask to extend it."), Reader.REQUESTER
    ),
    "not_grant_holder_return": Sentence(N_("Only the person who holds this grant can return it."), Reader.ANYONE),
    "not_requester": Sentence(N_("Only the requester can withdraw a request."), Reader.REQUESTER),
    "nothing_asked": Sentence(N_("No one has asked you a question about this request."), Reader.ANYONE),
    "outside_hours": Sentence(
        N_("This role can be granted only within these hours: {hours}. Choose a start and an end on one such day."),
        Reader.REQUESTER,
    ),
    "placement_changed": Sentence(
        N_("This grant no longer fits the role that the page showed. Review it again."), Reader.APPROVER
    ),
    "portal_issued_disabled": Sentence(
        N_("This role no longer allows portal-issued credentials. Deny the request."), Reader.REQUESTER
    ),
    "reason_control_characters": Sentence(
        N_("The reason contains control characters. Type it again without them."), Reader.REQUESTER
    ),
    "reason_missing": Sentence(N_("Enter the reason why you need access."), Reader.REQUESTER),
    "reason_too_long": Sentence(N_("The reason is longer than {most} characters. Shorten it."), Reader.REQUESTER),
    "request_closed_for_comments": Sentence(
        N_("This request is already {state}, so comments are closed."), Reader.ANYONE
    ),
    "request_content_changed": Sentence(
        N_(
            "The role or the AWS identity has changed since this was requested. You can "
            "only deny it; ask for a new request."
        ),
        Reader.APPROVER,
    ),
    "request_expired": Sentence(
        N_("This request has expired: the time to decide it or the requested window is over."), Reader.REQUESTER
    ),
    "request_not_pending": Sentence(N_("This request is already {state}."), Reader.INTERNAL),
    "request_unknown": Sentence(N_("This request does not exist."), Reader.REQUESTER),
    "session_too_late": Sentence(
        N_("Opening the session took too long, so it was discarded. Try again."), Reader.REQUESTER
    ),
    "start_before_requested": Sentence(
        N_("The start is earlier than requested. Choose the requested start or a later one."), Reader.APPROVER
    ),
    "start_in_past": Sentence(
        N_("The start is in the past. Choose a later one, or leave it empty to start when approved."), Reader.REQUESTER
    ),
    "start_too_far": Sentence(
        N_("The start is more than {longest} away. Choose an earlier start, or request access closer to the date."),
        Reader.REQUESTER,
    ),
    "start_too_far_for_approval": Sentence(
        N_("The start is more than {longest} away. Choose an earlier start."), Reader.APPROVER
    ),
    "times_not_whole_seconds": Sentence(N_("Use start and end times without fractions of a second."), Reader.APPROVER),
    "too_many_comments": Sentence(
        N_(
            "This request already has {count} comments, which is the limit. Decide it, or "
            "withdraw it and request access again."
        ),
        Reader.ANYONE,
    ),
    "too_many_open_sessions": Sentence(
        N_("You have {count} open sessions, which is the limit. Wait until one expires."), Reader.REQUESTER
    ),
    "too_many_pending": Sentence(
        N_("You have {count} pending requests, which is the limit. Withdraw one, or wait until one is decided."),
        Reader.REQUESTER,
    ),
    "too_many_sessions_in_hour": Sentence(
        N_("You opened {count} sessions in the last hour, which is the limit. Use one of those."), Reader.REQUESTER
    ),
    "window_longer_than_requested": Sentence(
        N_("The window would be longer than requested. It can be moved or shortened; choose an earlier end."),
        Reader.APPROVER,
    ),
    "window_over": Sentence(
        N_("The requested window is over. Ask the contractor for a new request."), Reader.REQUESTER
    ),
    "window_too_long": Sentence(
        N_("This role can be granted for at most {longest}. Choose an earlier end."), Reader.REQUESTER
    ),
}
