"""Refusals about requests, grants and sessions."""

from access.texts.template import N_, N_many, Reader, Sentence

TEMPLATES = {
    "access_method_not_allowed": Sentence(
        N_(
            "This role does not allow the access method that you chose. Choose another access method on the "
            "request's page. If that page offers none, ask an administrator to allow an access method for the role."
        ),
        Reader.REQUESTER,
    ),
    "clock_skew": Sentence(
        N_(
            "The clocks of Daypass, its database and AWS differ by more than 30 seconds, so no new access can be "
            "granted. Ask an administrator to synchronise the clocks. Existing access still ends on time and can "
            "still be revoked."
        ),
        Reader.ANYONE,
    ),
    "confirmation_too_old": Sentence(
        N_(
            "You last confirmed your identity too long ago for this action. Confirm your identity again with a "
            "passkey or a code."
        ),
        Reader.INTERNAL,
    ),
    "evidence_not_allowed": Sentence(
        N_(
            "Contractors cannot download evidence, and no one can download the evidence of their own access. Ask an "
            "approver of the role, the sponsor or an administrator for the evidence."
        ),
        Reader.ANYONE,
    ),
    "extended_grant_changed": Sentence(
        N_(
            "The grant that this request extends has ended or changed since you opened the request. Open the request "
            "again and review it before you approve or deny it."
        ),
        Reader.APPROVER,
    ),
    "extended_grant_over": Sentence(
        N_(
            "The grant that this request extends has ended or is blocked, so its end cannot be changed. Deny "
            "the request. The contractor can request new access."
        ),
        Reader.APPROVER,
    ),
    "extension_beside_another": Sentence(
        N_(
            "Another selected request extends the same grant, and only one of them can be approved. Select the one "
            "that you want to approve."
        ),
        Reader.APPROVER,
    ),
    "extension_end_only": Sentence(
        N_(
            "This request extends an existing grant, so you can change only its end. Choose an "
            "earlier end and leave everything else as requested."
        ),
        Reader.APPROVER,
    ),
    "extension_lacks_conditions": Sentence(
        N_(
            "This grant cannot be extended, because the role now requires conditions that the grant does not have: "
            "{lacks}. Submit a new request instead."
        ),
        Reader.REQUESTER,
    ),
    "extension_outdated": Sentence(
        N_(
            "The end of the access has changed since the extension was requested, so the extension cannot be "
            "approved. The contractor can request another extension."
        ),
        Reader.ANYONE,
    ),
    "extension_without_access": Sentence(
        N_("The access that this request extends has ended. The contractor can request new access."), Reader.ANYONE
    ),
    "grant_blocked": Sentence(
        N_(
            "A problem prevents this grant from being used. Open the request's page to see the problem and how to "
            "solve it."
        ),
        Reader.REQUESTER,
    ),
    "grant_not_extendable": Sentence(
        N_("This grant has ended or is blocked, so it cannot be extended. Request new access instead."),
        Reader.REQUESTER,
    ),
    "grant_not_ready": Sentence(N_("This grant is not ready yet. Try again in a few seconds."), Reader.REQUESTER),
    "grant_not_ready_worker_down": Sentence(
        N_(
            "This grant is not ready, because the worker has not run since {since}. Ask an administrator to check the "
            "worker."
        ),
        Reader.REQUESTER,
    ),
    "grant_not_ready_worker_never_ran": Sentence(
        N_("This grant is not ready, because the worker has not run yet. Ask an administrator to check the worker."),
        Reader.REQUESTER,
    ),
    "grant_not_started": Sentence(
        N_("This grant has not started yet. Wait until the start time on the request's page."), Reader.REQUESTER
    ),
    "grant_over": Sentence(
        N_("This grant has already ended. Open the request's page to see when and why the grant ended."),
        Reader.INTERNAL,
    ),
    "grant_over_for_use": Sentence(
        N_("This grant has ended. If you still need access, submit a new request."), Reader.REQUESTER
    ),
    "grant_propagating": Sentence(
        N_("This grant is not ready yet: it is not yet in effect everywhere in AWS. Try again in a few seconds."),
        Reader.REQUESTER,
    ),
    "not_asked": Sentence(
        N_("Only the requester can answer questions about this request. Ask the requester to answer."), Reader.ANYONE
    ),
    "not_grant_holder": Sentence(
        N_(
            "Only the person who was granted this access can use the access. If you need access too, submit your own "
            "request."
        ),
        Reader.ANYONE,
    ),
    "not_grant_holder_extend": Sentence(
        N_(
            "Only the person who was granted this access can request an extension. Ask that person to request the "
            "extension."
        ),
        Reader.ANYONE,
    ),
    "not_grant_holder_return": Sentence(
        N_("Only the person who was granted this access can return it. To end the access, revoke the grant instead."),
        Reader.ANYONE,
    ),
    "not_requester": Sentence(
        N_(
            "Only the requester can withdraw a request. Ask the requester to withdraw the request, or ask an "
            "approver to deny the request."
        ),
        Reader.ANYONE,
    ),
    "nothing_asked": Sentence(
        N_(
            "No one has asked you a question about this request, so you cannot answer yet. Wait until an approver "
            "asks you a question."
        ),
        Reader.REQUESTER,
    ),
    "placement_changed": Sentence(
        N_(
            "The available capacity has changed since this page was loaded, so Daypass would use a different "
            "role for the grant. Open the request again, check which role the page shows, then approve or "
            "deny the request."
        ),
        Reader.APPROVER,
    ),
    "portal_issued_disabled": Sentence(
        N_(
            "This role no longer allows portal-issued credentials or console sign-in, so a request without "
            "an AWS identity cannot be granted. Deny the request. The contractor can request access with an "
            "AWS identity if the role allows it."
        ),
        Reader.APPROVER,
    ),
    "reason_control_characters": Sentence(
        N_("The text contains invisible control characters. If you pasted the text, type it instead."), Reader.ANYONE
    ),
    "reason_missing": Sentence(N_("The reason or comment is empty. Enter a reason or a comment."), Reader.ANYONE),
    "reason_too_long": Sentence(
        N_many(
            "The text is longer than {most} character. Shorten the text.",
            "The text is longer than {most} characters. Shorten the text.",
        ),
        Reader.ANYONE,
        count="most",
    ),
    "request_closed_for_comments": Sentence(
        N_("This request is already {state}, so you cannot comment on it. Contact the approver directly."),
        Reader.REQUESTER,
    ),
    "request_content_changed": Sentence(
        N_(
            "This request can no longer be approved, because the role or the AWS identity has changed since the "
            "request was submitted. Deny the request, and ask the contractor to submit a new request."
        ),
        Reader.APPROVER,
    ),
    "request_expired": Sentence(
        N_(
            "This request has expired, because its deadline or its requested window has passed. Ask the contractor "
            "to submit a new request."
        ),
        Reader.APPROVER,
    ),
    "request_not_pending": Sentence(
        N_(
            "This request is already {state}, so it can no longer be approved, denied or withdrawn. Open the request "
            "again to see its history."
        ),
        Reader.ANYONE,
    ),
    "request_unknown": Sentence(
        N_("This request does not exist, or you are not allowed to see it. Check the link."), Reader.ANYONE
    ),
    "too_many_comments": Sentence(
        N_many(
            "This request has {count} comment, and no more can be added. An approver must approve or deny the "
            "request, or the requester can withdraw the request and submit a new request.",
            "This request has {count} comments, and no more can be added. An approver must approve or deny the "
            "request, or the requester can withdraw the request and submit a new request.",
        ),
        Reader.ANYONE,
        count="count",
    ),
    "too_many_open_sessions": Sentence(
        N_(
            "You have reached the limit of open sessions for this grant ({count}). Use one of your open sessions, or "
            "wait until one of your open sessions expires."
        ),
        Reader.REQUESTER,
    ),
    "too_many_pending": Sentence(
        N_(
            "You have reached the limit of pending requests ({count}). Withdraw one of your pending requests, or "
            "wait until an approver approves or denies one."
        ),
        Reader.REQUESTER,
    ),
    "too_many_sessions_in_hour": Sentence(
        N_(
            "You have reached the limit of sessions for this grant in one hour ({count}). Use one of your open "
            "sessions, or start another session in an hour."
        ),
        Reader.REQUESTER,
    ),
}
