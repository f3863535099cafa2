"""Decide about audit events that the worker could not verify, and has set aside in the spool."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from access import clock
from access.ledger import set_aside
from access.ledger.chain import AuditUnavailable
from access.management.refusing import RefusedCommand
from access.models import User
from access.rules.facts import Refused
from access.rules.people import check_can_administer

ACTIONS = {"acknowledge": set_aside.acknowledge, "retry": set_aside.try_again}
DONE = {"acknowledge": "The entry stays out of the audit log.", "retry": "The next sweep tries to add the entry."}


class Command(BaseCommand):
    help = (
        "Without an action: list the entries and files that are set aside. acknowledge NAME: Daypass "
        "does not add the entry to the audit log, and no longer reports the entry. retry NAME: the "
        "worker tries again to add the entry, for example after you have added the earlier secret key to "
        "SECRET_KEY_FALLBACKS. The audit log records both actions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", nargs="?", choices=tuple(ACTIONS))
        parser.add_argument("name", nargs="?", help="the key of an entry, or the name of a file")
        parser.add_argument("--by", metavar="EMAIL", help="the administrator who decides")
        parser.add_argument("--reason", default="")

    def handle(
        self, *args: Any, action: str | None, name: str | None, by: str | None, reason: str, **options: Any
    ) -> None:
        try:
            if action is None:
                self._list()
            else:
                self._decide(action, name or "", by or "", reason.strip())
        except OSError as error:
            raise RefusedCommand("command_spool_unreadable", why=str(error)) from error
        except AuditUnavailable as error:
            raise RefusedCommand("command_audit_unavailable") from error

    def _list(self) -> None:
        found = list(set_aside.listed())
        for one in found:
            self.stdout.write(f"{one.name}  " + ", ".join(f"{key}: {value}" for key, value in one.facts.items()))
        self.stdout.write(f"{len(found)} set aside. Their content is not verified.")

    def _decide(self, action: str, name: str, by: str, reason: str) -> None:
        if not (name and by and reason):
            raise RefusedCommand("command_arguments_missing")
        person = User.objects.filter(email__iexact=by, is_active=True).first()
        try:
            if person is None:
                raise RefusedCommand("command_account_unknown", email=by)
            check_can_administer(person.facts())
            ACTIONS[action](name, by=person, reason=reason, now=clock.now())
        except Refused as error:
            raise RefusedCommand(error.code, **error.text.facts) from error
        except set_aside.NotThere as error:
            raise RefusedCommand("command_name_unknown", name=name) from error
        self.stdout.write(DONE[action])
