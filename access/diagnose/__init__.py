"""Why am I denied? AWS's sentence is taken apart, and what we know of the grant is checked rather than guessed."""

from access.diagnose.reasons import SYMPTOMS, KnownRole, reasons
from access.diagnose.sentences import Reason, Refusal, parse

__all__ = ["SYMPTOMS", "KnownRole", "Reason", "Refusal", "parse", "reasons"]
