"""Show line by line what an approval writes to AWS, compared with what the worker last read there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Literal

from django.utils.translation import ngettext

from access import tasks, trust, wording
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
class DocumentDiff:
    """A policy before and after, line by line, and how many of its statements are added, changed, removed or kept."""

    lines: list[Line] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    removed: int = 0
    kept: int = 0

    @property
    def changed_lines(self) -> list[Line]:
        """Return the lines that are added or removed; none where that is the whole document."""
        found = [line for line in self.lines if line.sign != " "]
        return found if len(found) < len(self.lines) else []

    @property
    def is_changed(self) -> bool:
        return any(line.sign != " " for line in self.lines)

    @property
    def summary(self) -> str:
        """Return in words what happens to the statements: "1 statement added, 3 statements unchanged"."""
        said = (
            (self.added, ngettext("{count} statement added", "{count} statements added", self.added)),
            (self.changed, ngettext("{count} statement changed", "{count} statements changed", self.changed)),
            (self.removed, ngettext("{count} statement removed", "{count} statements removed", self.removed)),
            (self.kept, ngettext("{count} statement unchanged", "{count} statements unchanged", self.kept)),
        )
        return wording.listed(words.format(count=count) for count, words in said if count)


@dataclass(frozen=True, slots=True)
class Diff:
    """Both documents of the role that will hold the access; without lines, `problem` says why nothing is written."""

    role: Role
    trust: DocumentDiff
    expiry_policy: DocumentDiff
    starts_when_approved: bool
    is_asked: bool
    problem: Text | None = None

    @property
    def when_approved(self) -> Text:
        """Return what stands for the time of the approval."""
        return WHEN_APPROVED


def build_diff(asked: Request, role: Role, terms: Terms, *, now: datetime) -> Diff:
    """Return what an approval of these terms writes to `role`; asks the worker to read the role if that is long ago."""
    return build_combined_diff([(asked, terms)], role, now=now)


def build_combined_diff(wanted: Sequence[tuple[Request, Terms]], role: Role, *, now: datetime) -> Diff:
    """Return what approvals of all these requests on these terms write to the one `role` that holds their grants."""
    grants, words = {}, {}
    for asked, terms in wanted:
        grant = _grant_to_write(asked, terms, now=now)
        grants[grant.session_name] = grant
        words[grant.session_name] = {} if asked.extends else _words_for_times(terms.window, grant, now=now)
    at_once = any(iam_time(grant.starts_at) in words[name] for name, grant in grants.items())
    is_asked = ask_to_read(role, now=now)
    try:
        plan = foresee(role, tuple(grants.values()), now=now)
    except (VerifierRefused, trust.NotWritable) as error:
        return Diff(role, DocumentDiff(), DocumentDiff(), at_once, is_asked, error.text)
    if left_out := [plan.left_out[name][1] for name in grants if name in plan.left_out]:
        return Diff(role, DocumentDiff(), DocumentDiff(), at_once, is_asked, left_out[0])
    after, expiry = (_with_words(one, words) for one in (plan.trust, plan.expiry_policy))
    expiry_policy = compare_documents(role.state.observed_expiry_policy, expiry) if role.unique_id else DocumentDiff()
    return Diff(role, compare_documents(role.state.observed_trust, after), expiry_policy, at_once, is_asked)


def ask_to_read(role: Role, *, now: datetime) -> bool:
    """Ask the worker for a reading of a role in AWS that is not fresh, and say whether it was asked."""
    if not role.pk or role.to_build or (role.state.observed_at is not None and now - role.state.observed_at <= FRESH):
        return False
    tasks.enqueue(role.pk)
    return True


def compare(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Line]:
    """Return `after` as lines with what of `before` is gone between them; a statement is compared with itself only."""
    return compare_documents(before, after).lines


def compare_documents(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> DocumentDiff:
    """Return both documents line by line, as `compare`, and how many statements differ."""
    old, new = trust.statements(before), trust.statements(after)
    old_texts, new_texts = _texts(old), _texts(new)
    lines = _lines(_head(before), _head(after))
    pairs = SequenceMatcher(None, [*map(_name, old)], [*map(_name, new)], autojunk=False)
    added, removed, changed, kept = 0, 0, 0, 0
    for tag, i, j, k, m in pairs.get_opcodes():
        if tag == "equal":
            for one, other in zip(old_texts[i:j], new_texts[k:m], strict=True):
                compared = _lines(one, other)
                is_kept = all(line.sign == " " for line in compared)
                kept, changed = kept + is_kept, changed + (not is_kept)
                lines += compared
        else:
            removed, added = removed + j - i, added + m - k
            lines += [line for gone in old_texts[i:j] for line in _lines(gone, [])]
            lines += [line for text in new_texts[k:m] for line in _lines([], text)]
    lines += _lines(["  ]", "}"] if before else [], ["  ]", "}"] if after else [])
    return DocumentDiff(lines, added=added, changed=changed, removed=removed, kept=kept)


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


def _with_words(document: trust.Document | None, words: Mapping[str, Mapping[str, str]]) -> trust.Document | None:
    """Return the document with words in place of the times in the statements of these sessions."""
    if document is None or not any(words.values()):
        return document
    statements = []
    for statement in trust.statements(document):
        session = next((name for name in words if name in _name(statement)), "")
        statements.append(_worded(statement, words[session]) if session else statement)
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
