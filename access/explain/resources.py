"""Describe the resources of a statement."""

import re
from collections.abc import Sequence

from access.explain.wildcards import has_wildcard
from access.texts.text import Listed, Text

SHOWN = 6  # resources that a sentence names; more of them are counted

_ALL_OBJECTS = re.compile(r"[*?/]*\*\Z")
# `instance/i-*` is every instance: ids of EC2 begin so. `domain/*/` ends in a name, if in an empty one.
_ALL_OF_A_KIND = re.compile(r"(?:[a-z-]+[/:])?(?:(?:ami|eni|i|lt|sg|snap|subnet|vol|vpc)-)?[*?/:]*\*\Z")
_BUCKET = re.compile(r"arn:[^:]*:s3:::(.*)\Z", re.DOTALL)


def resources_in_words(resources: Sequence[str], not_resources: Sequence[str], *, allows: bool) -> Text | Listed:
    """Return where the actions can be done; a wildcard is in capitals."""
    if not_resources:
        return Text("everything_but" if allows else "anything_but", {"resources": _listed(not_resources)})
    return _listed(resources or ("*",))


def is_everything(resource: str) -> bool:
    """Return whether a resource names no thing of its own: `*`, or an ARN that ends in wildcards (`…:secret:*`)."""
    if resource == "*":
        return True
    _, _, service, *rest = f"{completed(resource)}:::".split(":", 5)
    end = rest[-1].removesuffix(":::")
    return bool((_ALL_OBJECTS if service == "s3" else _ALL_OF_A_KIND).match(end))


def completed(resource: str) -> str:
    """Return an ARN with the stars that AWS puts for the parts that are missing: `arn:aws:s3` is all of S3.

    [aws.md §10, "Short ARNs"]
    """
    missing = 5 - resource.count(":")
    return resource + ":*" * missing if resource.startswith("arn:") and missing > 0 else resource


def _listed(resources: Sequence[str]) -> Text | Listed:
    """Return the resources, those with wildcards last and under one head, and no more of them than SHOWN."""
    if "*" in resources:
        return Text("everything")
    resources = [completed(resource) for resource in resources]
    plain = [resource for resource in resources if _is_plain(resource)]
    wide = [resource for resource in resources if resource not in plain]
    words: list[Text | str] = [*dict.fromkeys(map(_plain, plain)), *wide]
    shown, more = words[:SHOWN], len(words) - SHOWN
    first = len(words) - len(wide)
    if len(shown) > first:
        shown[first] = Text("everything_matching", {"resource": shown[first]})
    listed = Listed(tuple(shown), "plain")
    return Text("and_more", {"names": listed, "count": more}) if more > 0 else listed


def _is_plain(resource: str) -> bool:
    """Return whether a resource is said in words, or has no wildcard that would have to be explained."""
    bucket = _BUCKET.match(resource)
    return _is_split_for_certain(*_bucket_and_key(bucket[1])) if bucket else not has_wildcard(resource)


def _is_split_for_certain(name: str, key: str) -> bool:
    """Return whether a pattern is about the buckets of a name and their keys: a star takes in slashes too.

    `*-logs` also is every key that ends so, and `a-*/b` the key `c/b` of the bucket `a-1`.
    """
    is_prefix = name.endswith("*") and not has_wildcard(name[:-1])
    return not has_wildcard(name) or (is_prefix and key == "*")


def _bucket_and_key(text: str) -> tuple[str, str]:
    """Split at the first slash that is not inside a variable, as in `${aws:PrincipalTag/team}`; no key is `*`."""
    for place, character in enumerate(text):
        if character == "/" and text.rfind("${", 0, place) <= text.rfind("}", 0, place):
            return text[:place], text[place + 1 :] or "*"
    return text, "*"


def _plain(resource: str) -> Text | str:
    bucket = _BUCKET.match(resource)
    if bucket is None:
        return resource
    name, key = _bucket_and_key(bucket[1])
    kind = "_every" if name == "*" else "_matching" if has_wildcard(name) else ""
    if not _is_split_for_certain(name, key):
        return resource
    named = {} if name == "*" else {"name": name}
    return Text(f"bucket{kind}", named) if key == "*" else Text(f"key_of_bucket{kind}", named | {"key": key})
