"""Refusals of the window of a request: its start, its end and its length."""

from access.texts.template import N_, Reader, Sentence

TEMPLATES = {
    "approval_too_late": Sentence(
        N_(
            "It is too late to approve this request, because its access had to start by {latest_start}. Deny the "
            "request, or ask the contractor to submit a new request."
        ),
        Reader.APPROVER,
    ),
    "end_after_contract": Sentence(
        N_(
            "The access would end after your contract ends ({contract_ends_at}). Choose a shorter length or an "
            "earlier end."
        ),
        Reader.REQUESTER,
    ),
    "end_before_start": Sentence(
        N_("The end of the access is not after its start. Choose an end after the start."), Reader.REQUESTER
    ),
    "end_in_past": Sentence(N_("The end of the access is in the past. Choose an end in the future."), Reader.APPROVER),
    "length_missing": Sentence(
        N_("The length of the access is missing. Choose a length from the list, or choose “other” and enter a length."),
        Reader.REQUESTER,
    ),
    "length_not_used": Sentence(
        N_(
            "You chose a length from the list and also entered another length. To use the length that you entered, "
            "choose “other”. Otherwise, clear the length that you entered."
        ),
        Reader.REQUESTER,
    ),
    "outside_hours": Sentence(
        N_(
            "This role can be granted only within these hours: {hours}. Choose a start and an end on the same day, "
            "both within these hours."
        ),
        Reader.REQUESTER,
    ),
    "session_too_late": Sentence(
        N_("Starting the session took too long, so Daypass discarded the session. Start the session again."),
        Reader.REQUESTER,
    ),
    "overlaps_newer_grant": Sentence(
        N_(
            "Since this request was made, the contractor has got access to the same role until {until}. Deny the "
            "request, or approve it with a start after this time."
        ),
        Reader.APPROVER,
    ),
    "start_after_latest": Sentence(
        N_("The access must start by {latest_start}. Choose an earlier start or a shorter access."),
        Reader.APPROVER,
    ),
    "start_before_requested": Sentence(
        N_("The start is earlier than requested. Choose the requested start or a later start."), Reader.APPROVER
    ),
    "start_in_past": Sentence(
        N_("The start of the access is in the past. Choose a later start, or choose “when approved”."),
        Reader.REQUESTER,
    ),
    "start_missing": Sentence(
        N_("The start time is missing. Enter when the access should start, or choose “when approved”."),
        Reader.REQUESTER,
    ),
    "start_not_used": Sentence(
        N_("You entered a start time and chose “when approved”. Choose “at a chosen time”, or clear the start time."),
        Reader.REQUESTER,
    ),
    "start_too_far": Sentence(
        N_(
            "The start is more than {longest} from now. Choose an earlier start, or request access closer to that date."
        ),
        Reader.REQUESTER,
    ),
    "start_too_far_for_approval": Sentence(
        N_("The start is more than {longest} from now. Choose an earlier start."), Reader.APPROVER
    ),
    "times_not_whole_seconds": Sentence(
        N_("The start or the end contains a fraction of a second. Use whole seconds."), Reader.APPROVER
    ),
    "window_longer_than_requested": Sentence(
        N_("The window that you chose is longer than the requested window. Choose an earlier end or a later start."),
        Reader.APPROVER,
    ),
    "window_not_on_approval": Sentence(
        N_(
            "The contractor requested a fixed start, so the access cannot start when you approve the request. Keep "
            "the requested start, or choose a later start."
        ),
        Reader.APPROVER,
    ),
    "window_over": Sentence(
        N_("The requested window has passed. Ask the contractor to submit a new request."), Reader.APPROVER
    ),
    "window_too_long": Sentence(
        N_("This role can be granted for at most {longest}. Choose a shorter length or an earlier end."),
        Reader.REQUESTER,
    ),
}
