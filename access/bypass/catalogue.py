"""The complete list, in the order in which pages show it: actions on IAM first."""

from collections.abc import Callable

from access.bypass.admitting import ACCESS, ACCESS_NEEDS
from access.bypass.entry import Bypass, BypassKind, entries
from access.bypass.helping import HELP
from access.bypass.identities import IDENTITY, IDENTITY_NEEDS, PASSING, RIGHTS
from access.bypass.running import CODE, CODE_NEEDS

BYPASSES = (
    *entries(BypassKind.RIGHTS, RIGHTS, {}),
    *entries(BypassKind.IDENTITY, IDENTITY, IDENTITY_NEEDS),
    *entries(BypassKind.PASSING, PASSING, {}),
    *entries(BypassKind.ACCESS, ACCESS, ACCESS_NEEDS),
    *entries(BypassKind.CODE, CODE, CODE_NEEDS),
)
HELPERS = (*entries(BypassKind.HELP, HELP, {}),)
# Actions that are sufficient without any other action.
ESCAPES = tuple(one.action for one in BYPASSES if not one.needs)

_BY_NAME = {one.action.lower(): one for one in (*BYPASSES, *HELPERS)}


def bypass_of(action: str) -> Bypass | None:
    """Return the entry of an action, whatever its capitals, or None."""
    return _BY_NAME.get(action.lower())


def completed(allows: Callable[[str], bool]) -> list[str]:
    """Return the actions that can bypass expiry where `allows` answers for single actions; [] is what we want."""
    return [one.action for one in BYPASSES if allows(one.action) and all(map(allows, one.needs))]
