"""Columns for sentences: each stores a code of `access.texts` and its facts, and no words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.validators import MaxLengthValidator
from django.db import models

from access.lifecycle import Problem
from access.rules.facts import REASON_MAX_LENGTH
from access.texts import stored
from access.texts.text import Text

_HELP = "Of a sentence in access/texts."


def problem_columns(problem: Problem, text: Text) -> dict[str, Any]:
    """Return the values of `ProblemColumns`."""
    of_text = stored.dump(text)
    return {"problem": problem, "problem_code": of_text["code"], "problem_facts": of_text["facts"]}


def reason_columns(text: Text | None) -> dict[str, Any]:
    """Return the values of `ReasonColumns`."""
    of_text = stored.dump(text) if text else {"code": "", "facts": {}}
    return {"reason_code": of_text["code"], "reason_facts": of_text["facts"]}


NO_PROBLEM: Mapping[str, Any] = MappingProxyType({"problem": "", "problem_code": "", "problem_facts": {}})


class ProblemColumns(models.Model):
    """What keeps a row from being in AWS as it is here: the word that code reacts to, and a sentence for people."""

    problem = models.CharField(max_length=40, blank=True)
    problem_code = models.CharField(max_length=60, blank=True, help_text=_HELP)
    problem_facts = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    @property
    def problem_text(self) -> Text | None:
        """Return the sentence of the problem, or None without one."""
        return stored.load(self.problem_code, self.problem_facts)


def revocation_columns(reason: str | Text) -> dict[str, Any]:
    """Return the values of `RevocationColumns`: what a person wrote, or a text of Daypass's own."""
    if isinstance(reason, str):
        return {"revoked_reason": reason}
    of_text = stored.dump(reason)
    return {"revoked_code": of_text["code"], "revoked_facts": of_text["facts"]}


class RevocationColumns(models.Model):
    """Why a grant was revoked: what a person wrote, or the code of a reason of Daypass's own."""

    revoked_reason = models.TextField(blank=True, validators=[MaxLengthValidator(REASON_MAX_LENGTH)])
    revoked_code = models.CharField(max_length=60, blank=True, help_text=_HELP)
    revoked_facts = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    @property
    def revoked_because(self) -> Text | str:
        """Return the reason that a person wrote, or Daypass's own."""
        return stored.load(self.revoked_code, self.revoked_facts) or self.revoked_reason


class ReasonColumns(models.Model):
    """Why a row is as it is: a sentence for people, or none."""

    reason_code = models.CharField(max_length=60, blank=True, help_text=_HELP)
    reason_facts = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    @property
    def reason_text(self) -> Text | None:
        """Return the reason, or None without one."""
        return stored.load(self.reason_code, self.reason_facts)
