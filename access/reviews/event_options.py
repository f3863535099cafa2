"""The lists of the audit log's filter. They offer only objects that the reader can name."""

from django.db.models import Exists, OuterRef, Q

from access.models import Account, Company, Request, Role, User
from access.reviews.events import Reader

MOST = 500  # of one list; other objects can be named in the address


def read_options(reader: Reader, user: User) -> dict[str, list[tuple[str, str]]]:
    """Return the value and the text of each option, by the name of the list."""
    roles, companies = Role.objects.all(), Company.objects.all()
    accounts = Account.objects.all()
    if not reader.everything:
        asked = Request.objects.filter(Q(role__in=reader.roles) | Q(contractor__sponsor=user))
        requested = Exists(asked.filter(role=OuterRef("pk")))
        roles = roles.filter(Q(pk__in=reader.roles) | requested)
        accounts = accounts.filter(pk__in=roles.values("account"))
        sponsored = Q(contractors__in=reader.contractors)
        companies = companies.filter(sponsored | Exists(asked.filter(contractor__company=OuterRef("pk")))).distinct()
    named = roles.order_by("name", "account__name").values_list("account__account_id", "name", "account__name")[:MOST]
    return {
        "role": [(f"{number}/{name}", f"{name} ({account})") for number, name, account in named],
        "account": list(accounts.order_by("name").values_list("account_id", "name")[:MOST]),
        "company": [
            (str(key), name) for key, name in companies.order_by("name").values_list("public_id", "name")[:MOST]
        ],
    }
