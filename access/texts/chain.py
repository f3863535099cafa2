"""What `manage.py audit_verify` finds: operators read it in a terminal, with the code behind it."""

from access.texts.template import N_, N_many, Reader, Sentence

_FINDINGS = {
    "chain_checkpoint_of_unknown_key": N_("{source}: the checkpoint of event {event} is signed by an unknown key."),
    "chain_checkpoint_unreadable": N_("{source} is not a valid checkpoint."),
    "chain_checkpoint_wrong": N_("{source}: the checkpoint of event {event} has a wrong signature."),
    "chain_checkpoints_contradict": N_(
        "Event {event}: the checkpoints that were signed at {first} and at {second} contradict each other."
    ),
    "chain_event_changed": N_("The content of event {event} does not match the hash of the event."),
    "chain_event_missing": N_("Event {event} is missing: event {next} follows event {last}."),
    "chain_event_not_signed_one": N_(
        "Event {event} is not the event that was signed at {at}. At least one event after event {anchored}, "
        "up to event {event}, was rewritten."
    ),
    "chain_event_unconnected": N_("Event {event} does not contain the hash of event {last}."),
    "chain_head_behind": N_("The last event in the chain is {event}, but the head of the chain names event {head}."),
    "chain_head_differs": N_("The head of the chain contains a different hash for event {event}."),
    "chain_head_missing": N_("The stored head of the chain is missing. The chain ends with event {last}."),
    "chain_key_replaced": N_(
        "The checkpoint of event {event} was signed at {at} with an old key, although a new key had "
        "replaced this key at event {replaced}."
    ),
    "chain_signed_event_missing": N_(
        "Event {event} is missing: the checkpoint that was signed at {at} covers all events up to event {signed}."
    ),
    "chain_spooled_event_missing": N_("The spooled event {key} is marked as chained, but is not in the chain."),
    "chain_tail_missing": N_(
        "Event {event} is missing: the head is at event {head}, but the chain ends at event {last}."
    ),
}
_RESULTS = {
    "chain_more_findings": N_many(
        "There is {count} more finding, which is not shown.", "There are {count} more findings, which are not shown."
    ),
    "chain_intact": N_many(
        "The audit chain is intact: it has {count} event.", "The audit chain is intact: it has {count} events."
    ),
    "chain_matches": N_many(
        "The chain matches {count} checkpoint. The newest checkpoint was signed at {at} and covers event {event}.",
        "The chain matches {count} checkpoints. The newest checkpoint was signed at {at} and covers event {event}.",
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
