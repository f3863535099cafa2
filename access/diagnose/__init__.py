"""Explain why AWS denied access: parse its error message, and check it against the facts of the grant."""

from access.diagnose.parsing import Refusal, parse
from access.diagnose.reason import Reason
from access.diagnose.reasons import SYMPTOMS, KnownRole, reasons

__all__ = ["SYMPTOMS", "KnownRole", "Reason", "Refusal", "parse", "reasons"]
