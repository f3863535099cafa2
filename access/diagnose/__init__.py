"""Why am I denied? AWS's sentence is taken apart, and what we know of the grant is checked rather than guessed."""

from access.diagnose.parsing import Refusal, parse
from access.diagnose.reason import Reason
from access.diagnose.reasons import SYMPTOMS, KnownRole, reasons

__all__ = ["SYMPTOMS", "KnownRole", "Reason", "Refusal", "parse", "reasons"]
