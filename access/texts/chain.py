"""What `manage.py audit_verify` finds: operators read it in a terminal, with the code behind it."""

from access.texts.template import N_, N_many, Reader, Sentence

_FINDINGS = {
    "chain_checkpoint_of_unknown_key": N_("{source}: the checkpoint of event {event} is signed by an unknown key."),
    "chain_checkpoint_unreadable": N_("{source} is not a checkpoint."),
    "chain_checkpoint_wrong": N_("{source}: the checkpoint of event {event} has a wrong signature."),
    "chain_checkpoints_contradict": N_(
        "Event {event}: two checkpoints contradict each other, those signed at {first} and at {second}."
    ),
    "chain_event_changed": N_("Event {event}: its content does not match its hash."),
    "chain_event_missing": N_("Event {event} is missing: event {next} follows event {last}."),
    "chain_event_not_signed_one": N_(
        "Event {event} is not the event that was signed at {at}: it or an event after {anchored} was rewritten."
    ),
    "chain_event_unconnected": N_("Event {event} does not continue event {last}."),
    "chain_head_behind": N_("The chain continues to event {event}, but its head is at event {head}."),
    "chain_head_differs": N_("Event {event}: the head of the chain contains another hash for it."),
    "chain_head_missing": N_("The head of the chain is missing after event {last}."),
    "chain_key_replaced": N_(
        "The checkpoint of event {event} was signed at {at} by a key that another key had replaced at event {replaced}."
    ),
    "chain_signed_event_missing": N_(
        "Event {event} is missing: a checkpoint that was signed at {at} is of event {signed}."
    ),
    "chain_spooled_event_missing": N_("The spooled event {key} is marked as chained, but is not in the chain."),
    "chain_tail_missing": N_("Event {event} is missing: the head is at event {head}, and the chain ends at {last}."),
}
_RESULTS = {
    "chain_more_findings": N_many("There is {count} more finding.", "There are {count} more findings."),
    "chain_intact": N_many(
        "The audit chain is intact: it has {count} event.", "The audit chain is intact: it has {count} events."
    ),
    "chain_matches": N_many(
        "It matches {count} checkpoint; the newest, signed at {at}, is of event {event}.",
        "It matches {count} checkpoints; the newest, signed at {at}, is of event {event}.",
    ),
}
TEMPLATES = {
    **{code: Sentence(english, Reader.OPERATOR) for code, english in _FINDINGS.items()},
    **{code: Sentence(english, Reader.OPERATOR, count="count") for code, english in _RESULTS.items()},
    "chain_not_compared": Sentence(
        N_(
            "The chain was not compared with any checkpoint, because no public key is known. Set "
            "DAYPASS_CHECKPOINT_PUBLIC_KEYS, or use --public-key."
        ),
        Reader.OPERATOR,
    ),
}
