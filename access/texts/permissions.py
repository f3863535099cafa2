"""Permissions policies in words. What a statement permits is said in four forms: allowed or denied, each with or
without conditions.
"""

from collections.abc import Iterator

from access.texts.template import N_many, Phrase


def _forms(code: str, allowed: str, denied: str) -> Iterator[tuple[str, Phrase]]:
    yield f"can_{code}", Phrase(f"Can {allowed}.")
    yield f"can_{code}_if", Phrase(f"Can {allowed}, only if {{conditions}}.")
    yield f"never_{code}", Phrase(f"Can never {denied}.")
    yield f"never_{code}_if", Phrase(f"Can never {denied}, when {{conditions}}.")


def _idle(reason: str, because: str) -> Iterator[tuple[str, Phrase]]:
    for effect, does, link in (("allows", "Allows", "even if"), ("denies", "Denies", "when")):
        begins = f"{does} nothing with {{names}} on {{resources}}"
        yield f"{effect}_nothing_{reason}", Phrase(f"{begins}: {because}.")
        yield f"{effect}_nothing_{reason}_if", Phrase(f"{begins}, {link} {{conditions}}: {because}.")


_PLACES = ("at", "from", "in", "of", "on", "to", "with")
_SERVICE, _COUNTED = "in {service} ({name})", "in {service} ({name}, {counted})"
_MANY = "use {counted}, such as {examples}"
_STATEMENTS = dict(
    [
        *_forms("everything", "do EVERYTHING on {place}", "do anything on {place}"),
        *_forms("everything_but", "do EVERYTHING except {names} on {place}", "do anything except {names} on {place}"),
        *_forms("service", f"do EVERYTHING {_SERVICE} on {{place}}", f"do anything {_SERVICE} on {{place}}"),
        *_forms("service_nowhere", f"do EVERYTHING {_SERVICE}", f"do anything {_SERVICE}"),
        *_forms("counted", f"do EVERYTHING {_COUNTED} on {{place}}", f"do anything {_COUNTED} on {{place}}"),
        *_forms("counted_nowhere", f"do EVERYTHING {_COUNTED}", f"do anything {_COUNTED}"),
        *_forms("many", f"{_MANY}, on {{place}}", f"{_MANY}, on {{place}}"),
        *_forms("many_nowhere", _MANY, _MANY),
        *_forms("nowhere", "{actions}", "{actions}"),
        *(form for at in _PLACES for form in _forms(at, f"{{actions}} {at} {{place}}", f"{{actions}} {at} {{place}}")),
        *_idle("unknown_name", "the action is not in AWS's list (it may be newer than the list)"),
        *_idle("no_such_resource", "the action does not support such a resource"),
        *_idle("no_resource", "the action cannot be limited to a resource"),
        *_idle("denied", "another statement denies it everywhere"),
    ]
)
_WHOLE = {
    "by_managed_policy": Phrase("Managed policy {name}: {sentence}"),
    "can_nothing": Phrase("Can do nothing."),
    "managed_policy_unread": Phrase("Also everything that the managed policy {arn} permits."),
    "more_sentences": Phrase(
        N_many(
            "{count} more sentence is not shown. Read the policy itself.",
            "{count} more sentences are not shown. Read the policy itself.",
        ),
        count="count",
    ),
    "nothing_else": Phrase("Nothing else."),
    "cannot_complete": Phrase("Cannot complete {action}: AWS also checks it on {kinds}, and no statement allows that."),
    **{
        f"cannot_{thing}": Phrase(f"Cannot {{verbs}} {thing}.")
        for thing in ("data", "instances", "items", "messages", "objects")
    },
}
# What actions do to a thing, and the thing; verbs of one thing are said together.
THINGS = (
    "all items", "data", "functions", "instances", "items", "messages", "objects", "other roles",
    "roles to services", "the ACLs of objects", "the buckets", "the objects", "the secret's value",
)  # fmt: skip
VERBS = (
    "assume", "change", "decrypt", "delete", "encrypt", "invoke", "list", "pass", "publish", "query", "read", "receive",
    "send", "start", "stop", "terminate", "upload", "write",
)  # fmt: skip
_ACTIONS = {
    **{f"do_{thing}": Phrase(f"{{verbs}} {thing} ({{names}})") for thing in THINGS},
    **{f"verb_{verb}": Phrase(verb) for verb in VERBS},
    "do_described": Phrase("{says} ({name})"),
    "do_use": Phrase("use {names}"),
    "do_matching": Phrase("do what matches {names}"),
    "do_matching_counted": Phrase("do what matches {names} ({counted})"),
    "actions": Phrase(N_many("{count} action: {levels}", "{count} actions: {levels}"), count="count"),
    "actions_of": Phrase(
        N_many("{count} action of {services}: {levels}", "{count} actions of {services}: {levels}"), count="count"
    ),
    "actions_of_none": Phrase("no action of {services} that AWS has"),
    "more_services": Phrase(N_many("{count} more service", "{count} more services"), count="count"),
    **{
        f"count_{level}": Phrase(f"{{count}} {level}")
        for level in ("change permissions", "list", "read", "tag", "write")
    },
}
_RESOURCES = {
    "everything": Phrase("EVERYTHING"),
    "everything_but": Phrase("EVERYTHING except {resources}"),
    "anything_but": Phrase("anything except {resources}"),
    "everything_matching": Phrase("everything that matches {resource}"),
    "bucket": Phrase("bucket {name}"),
    "bucket_every": Phrase("EVERY bucket"),
    "bucket_matching": Phrase("every bucket that matches {name}"),
    "key_of_bucket": Phrase("{key} in bucket {name}"),
    "key_of_bucket_every": Phrase("{key} in EVERY bucket"),
    "key_of_bucket_matching": Phrase("{key} in every bucket that matches {name}"),
}
TEMPLATES: dict[str, Phrase] = {**_STATEMENTS, **_WHOLE, **_ACTIONS, **_RESOURCES}
