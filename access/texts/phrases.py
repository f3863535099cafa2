"""What is no sentence of its own: states, hours and other words that pages and sentences are made with."""

from access.texts.template import N_, N_many, Phrase

TEMPLATES = {
    "and_more": Phrase(N_many("{names} and {count} more", "{names} and {count} more"), count="count"),
    "and_more_actions": Phrase(
        N_many("{names} and {count} more action", "{names} and {count} more actions"), count="count"
    ),
    "day_1": Phrase(N_("Monday")),
    "day_2": Phrase(N_("Tuesday")),
    "day_3": Phrase(N_("Wednesday")),
    "day_4": Phrase(N_("Thursday")),
    "day_5": Phrase(N_("Friday")),
    "day_6": Phrase(N_("Saturday")),
    "day_7": Phrase(N_("Sunday")),
    "days_all": Phrase(N_("every day")),
    "days_span": Phrase(N_("{first} to {last}")),
    "lacks_external_id": Phrase(N_("a different external ID")),
    "lacks_mfa": Phrase(N_("MFA in AWS")),
    "lacks_sources": Phrase(N_("source addresses that the role allows")),
    "level_change_permissions": Phrase(N_("change permissions")),
    "level_list": Phrase(N_("list")),
    "level_read": Phrase(N_("read")),
    "level_tag": Phrase(N_("tag")),
    "level_write": Phrase(N_("write")),
    "office_hours": Phrase(N_("{days}, {opens} to {closes} {zone}")),
    "state_activating": Phrase(N_("activating")),
    "state_active": Phrase(N_("active")),
    "state_approved": Phrase(N_("approved")),
    "state_blocked": Phrase(N_("blocked")),
    "state_cancelled": Phrase(N_("cancelled")),
    "state_denied": Phrase(N_("denied")),
    "state_ended": Phrase(N_("ended")),
    "state_ending": Phrase(N_("ending")),
    "state_expired": Phrase(N_("expired")),
    "state_pending": Phrase(N_("pending")),
    "state_scheduled": Phrase(N_("scheduled")),
    "state_withdrawn": Phrase(N_("withdrawn")),
    "weight_high": Phrase(N_("high")),
    "weight_low": Phrase(N_("low")),
    "weight_medium": Phrase(N_("medium")),
    "weight_note": Phrase(N_("note")),
}
