"""Show line by line what an approval writes to AWS, compared with what the worker last read there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Literal

from access import tasks, trust
from access.actions import contents
from access.lifecycle import GrantFacts
from access.models import Request, Role
from access.reconcile.plan import VerifierRefused, foresee
from access.rules.facts import Terms
from access.rules.windows import AnyWindow, Window
from access.texts.text import Text
from access.trust.documents import iam_time

FRESH = timedelta(seconds=60)  # an older reading is asked for again
WHEN_APPROVED = Text("time_of_approval")

# Show keys in the order in which people write IAM policies, because the database does not keep the order.
_ORDER = ("Version", "Id", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document: added (+), removed (-) or as it was (a blank)."""

    sign: Literal["+", "-", " "]
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """Both documents of the role that will hold the access; without lines, `problem` says why nothing is written."""

    role: Role
    trust: list[Line]
    expiry_policy: list[Line]
    starts_when_approved: bool
    is_asked: bool
    problem: Text | None = None

    @property
    def when_approved(self) -> Text:
        """Return what stands for the time of the approval."""
        return WHEN_APPROVED


def build_diff(asked: Request, role: Role, terms: Terms, *, now: datetime) -> Diff:
    """Return what an approval of these terms writes to `role`; asks the worker to read the role if that is long ago."""
    new_grant = _grant_to_write(asked, terms, now=now)
    words = {} if asked.extends else _words_for_times(terms.window, new_grant, now=now)
    at_once = iam_time(new_grant.starts_at) in words
    is_asked = ask_to_read(role, now=now)
    try:
        plan = foresee(role, new_grant, now=now)
    except (VerifierRefused, trust.NotWritable) as error:
        return Diff(role, [], [], at_once, is_asked, error.text)
    if new_grant.session_name in plan.left_out:
        return Diff(role, [], [], at_once, is_asked, plan.left_out[new_grant.session_name][1])
    after, expiry = (_with_words(one, new_grant.session_name, words) for one in (plan.trust, plan.expiry_policy))
    expiry_policy = compare(role.state.observed_expiry_policy, expiry) if role.unique_id else []
    return Diff(role, compare(role.state.observed_trust, after), expiry_policy, at_once, is_asked)


def ask_to_read(role: Role, *, now: datetime) -> bool:
    """Ask the worker for a reading of a role in AWS that is not fresh, and say whether it was asked."""
    if not role.pk or role.to_build or (role.state.observed_at is not None and now - role.state.observed_at <= FRESH):
        return False
    tasks.enqueue(role.pk)
    return True


def compare(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Line]:
    """Return `after` as lines with what of `before` is gone between them; a statement is compared with itself only."""
    old, new = trust.statements(before), trust.statements(after)
    old_texts, new_texts = _texts(old), _texts(new)
    lines = _lines(_head(before), _head(after))
    pairs = SequenceMatcher(None, [*map(_name, old)], [*map(_name, new)], autojunk=False)
    for tag, i, j, k, m in pairs.get_opcodes():
        if tag == "equal":
            for one, other in zip(old_texts[i:j], new_texts[k:m], strict=True):
                lines += _lines(one, other)
        else:
            lines += [line for gone in old_texts[i:j] for line in _lines(gone, [])]
            lines += [line for added in new_texts[k:m] for line in _lines([], added)]
    return lines + _lines(["  ]", "}"] if before else [], ["  ]", "}"] if after else [])


def statement_lines(statement: Mapping[str, Any]) -> list[Line]:
    """Return one statement as lines, in the order in which people write IAM's documents."""
    return [Line(" ", text) for text in _json(statement)]


def _grant_to_write(asked: Request, terms: Terms, *, now: datetime) -> GrantFacts:
    """Return the grant as it will be: a new one, or the one that lives with its end moved."""
    if asked.extends is not None:
        return replace(asked.extends.facts(), ends_at=terms.window.if_approved(now=now).ends_at)
    return contents.new_grant(asked, terms=terms, now=now).facts()


def _words_for_times(window: AnyWindow, grant: GrantFacts, *, now: datetime) -> dict[str, str]:
    """Return what to show in place of the grant's times, because the time of the approval is not known yet."""
    if isinstance(window, Window):
        return {iam_time(grant.starts_at): str(WHEN_APPROVED)} if window.starts_at <= now else {}
    end = str(Text("time_after_approval", {"length": window.length}))
    return {iam_time(grant.starts_at): str(WHEN_APPROVED), iam_time(grant.ends_at): end}


def _with_words(document: trust.Document | None, session_name: str, words: Mapping[str, str]) -> trust.Document | None:
    """Return the document with words in place of the times in the statements of one session."""
    if document is None or not words:
        return document
    statements = [
        _worded(statement, words) if session_name in _name(statement) else statement
        for statement in trust.statements(document)
    ]
    return {**document, "Statement": statements}


def _worded(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _worded(one, words) for key, one in value.items()}
    return words.get(value, value) if isinstance(value, str) else value


def _name(statement: Mapping[str, Any]) -> str:
    """Return what a statement is recognised by: its Sid, or the session that it closes."""
    tested = statement.get("Condition", {}).get("StringEquals", {})
    return str(statement.get("Sid") or tested.get("aws:userid") or json.dumps(statement, sort_keys=True))


def _head(document: Mapping[str, Any] | None) -> list[str]:
    """Return the lines before the first statement."""
    if not document:
        return []
    rest = {key: value for key, value in document.items() if key != "Statement"}
    *lines, _ = _json({**rest, "Statement": ""})
    return [*lines[:-1], '  "Statement": [']


def _texts(statements: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return each statement as lines, with the comma between it and the next."""
    texts = [[f"    {line}" for line in _json(statement)] for statement in statements]
    return [[*text[:-1], f"{text[-1]},"] for text in texts[:-1]] + texts[-1:]


def _json(value: Mapping[str, Any]) -> list[str]:
    return json.dumps(_ordered(value), indent=2, ensure_ascii=False).splitlines()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (_ORDER.index(key) if key in _ORDER else len(_ORDER), key))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(one) for one in value] if isinstance(value, list) else value


def _lines(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """Compare line by line; a comma at the end, which only says that something follows, makes no difference."""
    lines: list[Line] = []
    bare_old, bare_new = [text.rstrip(",") for text in old], [text.rstrip(",") for text in new]
    for tag, i, j, k, m in SequenceMatcher(None, bare_old, bare_new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line(" ", text) for text in new[k:m]]
        else:
            lines += [*(Line("-", text) for text in old[i:j]), *(Line("+", text) for text in new[k:m])]
    return lines
