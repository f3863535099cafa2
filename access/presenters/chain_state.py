"""How far and when the audit log was verified, for the page of events."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from access import wording
from access.ledger.checkpoints import newest_trusted
from access.ledger.walks import last_walk
from access.models import AuditEvent, AuditHead
from access.texts.text import Listed, Text


@dataclass(frozen=True, slots=True)
class ChainState:
    """What is known of the audit log without verifying it now. `verified_to` is a sequence, 0 where there is none."""

    verified_to: int
    verified_at: datetime | None
    is_complete: bool
    broken_at: list[int]
    last: int
    signed_to: int | None
    signed_at: datetime | None

    @property
    def tone(self) -> str:
        if self.broken_at:
            return "error"
        return "success" if self.is_complete else "info"

    @property
    def sentences(self) -> list[str]:
        """Return the state in sentences."""
        return [*self._verified(), *self._signed()]

    def says_of(self, event: AuditEvent) -> str:
        """Return what is known of one event."""
        if event.sequence in self.broken_at:
            return gettext("The verification failed at this event.")
        if event.sequence > self.verified_to:
            return gettext("The worker has not verified this event yet.")
        if self.broken_at:
            return gettext("The worker verified this event, but the verification failed at another one.")
        return gettext("The worker verified this event.")

    def _verified(self) -> list[str]:
        if self.broken_at:
            return [str(broken(self.broken_at))]
        if self.verified_at is None:
            return [gettext("The worker has not verified the audit log yet. It does so every day.")]
        facts = {"sequence": self.verified_to, "moment": wording.moment(self.verified_at)}
        if not self.is_complete:
            said = gettext("The first verification began on {moment} and has reached event {sequence}.")
            return [said.format(**facts)]
        said = gettext("The worker verified every event up to {sequence} on {moment} and found no change.")
        newer = self.last - self.verified_to
        since = ngettext(
            "{count} newer event waits for the next verification.",
            "{count} newer events wait for the next verification.",
            newer,
        )
        return [said.format(**facts), *([since.format(count=newer)] if newer > 0 else [])]

    def _signed(self) -> list[str]:
        if self.signed_at is None:
            return [gettext("No checkpoint has been signed, so nothing outside the database protects the log.")]
        said = gettext("The latest signed checkpoint covers every event up to {sequence} ({moment}).")
        return [said.format(sequence=self.signed_to, moment=wording.moment(self.signed_at))]


def broken(events: list[int]) -> Text:
    """Return the sentence about the events at which the verification failed, of which it names ten."""
    return Text("audit_chain_broken", {"events": Listed(tuple(events[:10]))})


def build_state() -> ChainState:
    """Return what the last verification found, and what was signed; nothing is verified here."""
    walk, broken = last_walk()
    if walk is not None and walk.sequence == 0:
        walk = None  # it came to the end of a log that had no events
    signed = newest_trusted()
    return ChainState(
        verified_to=walk.sequence if walk else 0,
        verified_at=(walk.ended_at or walk.began_at) if walk else None,
        is_complete=walk is not None and walk.ended_at is not None,
        broken_at=broken,
        last=AuditHead.objects.get(pk=1).sequence,
        signed_to=signed.sequence if signed else None,
        signed_at=signed.at if signed else None,
    )
