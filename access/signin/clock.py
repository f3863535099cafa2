"""Make allauth and Django check codes, confirmations, sign-ins and links with the database's clock. See ADR 46."""

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from access import clock


class DatabaseTime:
    """Stands for the module `time` in modules that ask it for the time and nothing else."""

    @staticmethod
    def time() -> float:
        """Return the database's time in seconds since 1970."""
        return clock.now().timestamp()


def use_database_time(*, sso: bool) -> None:
    """Let allauth, and Django for links for a new password, ask the database; they have no setting for this.

    `sso` says that allauth's single sign-on is installed.
    """
    # Its modules need the models, so they are imported once these are loaded.
    from allauth.account import models  # noqa: PLC0415
    from allauth.account.internal import stagekit  # noqa: PLC0415
    from allauth.account.internal.flows import login, reauthentication  # noqa: PLC0415
    from allauth.mfa.recovery_codes.internal import auth as recovery_codes  # noqa: PLC0415
    from allauth.mfa.totp.internal import auth as totp  # noqa: PLC0415

    modules = [models, stagekit, login, reauthentication, recovery_codes, totp]
    if sso:
        from allauth.socialaccount.internal import statekit  # noqa: PLC0415

        modules.append(statekit)
    for module in modules:
        vars(module)["time"] = DatabaseTime
    PasswordResetTokenGenerator._now = _now  # type: ignore[method-assign, assignment]  # noqa: SLF001


def _now(_generator: PasswordResetTokenGenerator) -> datetime:
    """Return the database's time as Django's tokens count it: in UTC, naive."""
    return clock.now().replace(tzinfo=None)
