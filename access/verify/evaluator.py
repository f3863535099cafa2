"""Evaluate policies as IAM does: can this caller assume the role now, is this session denied now.

Grounds: IAM User Guide, "Policy evaluation logic" and "AWS JSON policy elements: Principal". What cannot be decided is
None, and counts on the unsafe side: such an Allow can admit, such a Deny need not deny. Nothing here raises, whatever
the document.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from access.verify.callers import Caller, Names, names_of, principal_names, session_context
from access.verify.conditions import Context, Question, dates, questions
from access.verify.matching import Answer, all_of, any_of, like

_DAY = timedelta(days=1)
_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"}
)  # of a statement


@dataclass(frozen=True, slots=True)
class Said:
    """What one statement says about AssumeRole, read once to be asked many times.

    `names` are the principals as `principal_names` gives them; `excepts` says that everybody else is meant
    (NotPrincipal); `is_odd` that the statement cannot be read, or says nothing certain about whom or what it means.
    """

    allows: bool
    names: frozenset[str]
    excepts: bool
    is_odd: bool
    asks: tuple[Question, ...]

    def means(self, names: Names) -> Answer:
        """Return whether the statement speaks of the caller whose names these are."""
        if self.is_odd:
            return None
        if self.excepts:
            return self._means_all_but(names)
        if not self.names.isdisjoint(names.certain):
            return True
        return False if self.names.isdisjoint(names.possible) else None

    def _means_all_but(self, names: Names) -> Answer:
        """Return False for a caller who is excepted by their own name, None where only their role or account is."""
        if not self.names.isdisjoint(names.own):
            return False
        return True if self.names.isdisjoint(names.certain | names.possible) else None

    def applies(self, names: Names, context: Context) -> Answer:
        """Return whether it speaks of the caller and its conditions hold."""
        means = self.means(names)
        if means is False:
            return False
        return all_of((means, *(question.answer(context) for question in self.asks)))


_ODD = Said(allows=True, names=frozenset(), excepts=False, is_odd=True, asks=())


def read(document: Any) -> list[Said]:
    """Return what a trust policy says about AssumeRole, statement by statement; an unknown element is an odd Allow."""
    said = [_read(statement) for statement in bodies(document)]
    unknown = isinstance(document, Mapping) and not _DOCUMENT.issuperset(document)
    return [one for one in (*said, _ODD if unknown else None) if one is not None]


def admits(document: Any, caller: Caller, *, at: datetime) -> bool:
    """Return whether a trust policy can let `caller` assume the role at `at`: False only when it certainly does not."""
    return admitted(read(document), caller, at=at)


def admitted(said: Sequence[Said], caller: Caller, *, at: datetime) -> bool:
    """Return the same of a trust policy that was read."""
    names = names_of(caller)
    about_them = _about(said, names)
    return bool(about_them) and _can_admit(about_them, names, caller.context(at))


def surely_admits(document: Any, caller: Caller, *, at: datetime) -> bool:
    """Return whether a trust policy certainly admits `caller` at `at` when they call from their address."""
    names, context = names_of(caller), caller.plain_context(at)
    answers = [(one.allows, one.applies(names, context)) for one in read(document)]
    return any(allows and answer for allows, answer in answers) and all(
        allows or answer is False for allows, answer in answers
    )


def could_admit(document: Any, caller: Caller, *, at: datetime) -> bool:
    """Return whether a trust policy could let the principal of `caller` in, at `at` or later, in any session.

    Only who they are and what the time is count as known. The answer can change only when a date of the document
    passes: so it is asked now, at each of the later dates, between them, and after the last.
    """
    names = names_of(caller)
    about_them = _about(read(document), names)
    return any(_can_admit(about_them, names, caller.open_context(moment)) for moment in _moments(about_them, at))


def denies(document: Any, *, user_id: str, at: datetime) -> bool:
    """Return whether an identity policy certainly denies everything to the session with this `aws:userid` at `at`."""
    return denied(read_denials(document), user_id=user_id, at=at)


def read_denials(document: Any) -> list[tuple[Question, ...]]:
    """Return what an identity policy asks of a session to which it denies everything, statement by statement."""
    return [
        questions(statement.get("Condition", {}))
        for statement in statement_list(document)
        if statement.get("Effect") == "Deny" and statement.get("Action") == "*" and statement.get("Resource") == "*"
    ]


def denied(denials: Sequence[tuple[Question, ...]], *, user_id: str, at: datetime) -> bool:
    """Return whether what was read denies everything to this session at `at`; undecided is not denied."""
    context = session_context(user_id, at=at)
    return any(all_of(question.answer(context) for question in asks) is True for asks in denials)


def with_deleted_principal(document: Any) -> set[str]:
    """Return the Sids of the statements whose principal IAM shows as a bare unique id: it was deleted. [aws.md §1]"""
    bare = ("AIDA", "AROA")
    return {
        str(statement.get("Sid", ""))
        for statement in statement_list(document)
        if isinstance(principal := statement.get("Principal"), Mapping)
        and isinstance(named := principal.get("AWS"), str)
        and named.startswith(bare)
    }


def statement_list(document: Any) -> list[Mapping[str, Any]]:
    """Return the statements that are objects, whether the document has one by itself or a list of them."""
    return [statement for statement in bodies(document) if isinstance(statement, Mapping)]


def bodies(document: Any) -> list[Any]:
    """Return what the document has as statements, objects or not."""
    if not document:
        return []
    body = document.get("Statement", []) if isinstance(document, Mapping) else [document]
    return list(body) if isinstance(body, list) else [body]


def _about(said: Sequence[Said], names: Names) -> list[Said]:
    """Return the statements that speak of the caller, or may; none when no Allow is among them."""
    about_them = [one for one in said if one.means(names) is not False]
    return about_them if any(one.allows for one in about_them) else []


def _can_admit(about_them: Sequence[Said], names: Names, context: Context) -> bool:
    """Return whether some Allow applies or may apply, and no Deny certainly does."""
    answers = [(one.allows, one.applies(names, context)) for one in about_them]
    return any(allows and answer is not False for allows, answer in answers) and not any(
        answer and not allows for allows, answer in answers
    )


def _moments(said: Sequence[Said], at: datetime) -> Iterator[datetime]:
    named = sorted({at, *(moment for one in said for moment in dates(one.asks) if moment > at)})
    yield at
    for before, moment in itertools.pairwise(named):
        yield before + (moment - before) / 2
        yield moment
    yield named[-1] + min(_DAY, datetime.max.replace(tzinfo=at.tzinfo) - named[-1])


def _read(statement: Any) -> Said | None:
    """Return what one statement says, or None when it does not speak of AssumeRole; no object is an odd Allow."""
    if not isinstance(statement, Mapping):
        return _ODD
    speaks = _names_action(statement)
    if speaks is False:
        return None
    excepts = "NotPrincipal" in statement
    names, is_odd = _written_names(statement["NotPrincipal"] if excepts else statement.get("Principal"))
    return Said(
        allows=statement.get("Effect") != "Deny",
        names=names,
        excepts=excepts,
        is_odd=is_odd or speaks is None or _is_odd(statement),
        asks=questions(statement.get("Condition", {})),
    )


def _is_odd(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement has an effect or an element that IAM does not document for a trust policy."""
    pairs = (("Principal", "NotPrincipal"), ("Action", "NotAction"))
    has_both = any(statement.get(one) and statement.get(other) for one, other in pairs)
    return statement.get("Effect") not in ("Allow", "Deny") or has_both or not _ELEMENTS.issuperset(statement)


def _names_action(statement: Mapping[str, Any]) -> Answer:
    if "NotAction" in statement:
        matched = _matches_any(statement["NotAction"])
        return matched if matched is None else not matched
    return _matches_any(statement.get("Action"))


def _matches_any(patterns: Any) -> Answer:
    listed = patterns if isinstance(patterns, list) else [patterns]
    return any_of(like("sts:assumerole", one.lower()) if isinstance(one, str) else None for one in listed)


def _written_names(principal: Any) -> tuple[frozenset[str], bool]:
    """Return the AWS principals of a Principal element, and whether there is something in it that is none."""
    if principal == "*":
        return frozenset({"*"}), False
    if not isinstance(principal, Mapping):
        return frozenset(), True
    named = [one for kind, names in principal.items() if str(kind).lower() == "aws" for one in _listed(names)]
    texts = [name for name in named if isinstance(name, str)]
    others = {str(kind).lower(): _listed(names) for kind, names in principal.items() if str(kind).lower() != "aws"}
    if not {"federated", "service"}.issuperset(others) or any("*" in names for names in others.values()):
        return frozenset(one for name in texts for one in principal_names(name)), True
    is_odd = len(texts) < len(named) or any("*" in name[:-1] or (name != "*" and name.endswith("*")) for name in texts)
    return frozenset(one for name in texts for one in principal_names(name)), is_odd


def _listed(names: Any) -> list[Any]:
    return names if isinstance(names, list) else [names]
