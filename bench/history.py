"""A year of history in the database: requests and grants of many people, as a portal has them that is in use."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from access.models import Account, Company, Contractor, Heartbeat, Role, RoleState, User

REQUESTS = 100_000
COMPANIES, CONTRACTORS, ROLES, ACCOUNTS = 20, 300, 40, 3
MINUTES = 365 * 24 * 60
_REQUESTS = """
INSERT INTO access_request (public_id, session_name, contractor_id, requester_id, role_id, length, latest_start,
    latest_end, reason, ticket, asks_mfa, source_cidrs, content_hash, submitted_at, state, settled_at, expires_at,
    times_notified)
SELECT gen_random_uuid(), 'dp' || translate(lpad(i::text, 14, '0'), '0189', 'abcd'), c.id, c.user_id, r.id,
    length, at + interval '8 hours', at + interval '8 hours' + length, 'Upload the file.', '', false, '[]',
    md5(i::text), at, state,
    CASE state WHEN 'pending' THEN NULL WHEN 'expired' THEN at + interval '1 day'
        ELSE at + (1 + i %% 90) * interval '1 minute' END,
    at + interval '1 day', 0
FROM (
    SELECT i, now() - (%(requests)s - i) * %(apart)s * interval '1 minute' - interval '2 minutes' AS at,
        CASE WHEN i > %(requests)s - %(waiting)s THEN 'pending' WHEN i %% 20 = 0 THEN 'denied'
            WHEN i %% 33 = 0 THEN 'expired' ELSE 'approved' END AS state,
        CASE WHEN i > %(requests)s - %(waiting)s - %(open)s THEN interval '30 days'
            ELSE interval '2 hours' END AS length
    FROM generate_series(1, %(requests)s) AS i
) AS made
JOIN (SELECT row_number() OVER (ORDER BY id) AS n, id, user_id FROM access_contractor) AS c
    ON c.n = 1 + i %% %(contractors)s
JOIN (SELECT row_number() OVER (ORDER BY id) AS n, id FROM access_role) AS r ON r.n = 1 + (i / 7) %% %(roles)s
"""
_GRANTS = """
INSERT INTO access_grant (request_id, role_id, contractor_id, session_name, principal_arn, principal_unique_id,
    portal_issued, external_id, requires_mfa, source_cidrs, starts_at, ends_at, applied_at, removed_at, problem,
    problem_code, problem_facts, revoked_reason, revoked_code, revoked_facts)
SELECT id, role_id, contractor_id, session_name, '', '', true, '', false, '[]', settled_at, settled_at + length,
    settled_at, CASE length WHEN interval '2 hours' THEN settled_at + length END, '', '', '{}', '', '', '{}'
FROM access_request WHERE state = 'approved'
"""


def fill(requests: int = REQUESTS) -> tuple[User, User]:
    """Store a year with so many requests, and return an administrator, and an approver of every fourth role."""
    now = timezone.now()
    ada = User.objects.create(email="ada@example.com", name="Ada", is_staff=True)
    alice = User.objects.create(email="alice@example.com", name="Alice")
    accounts = Account.objects.bulk_create(
        Account(name=f"Account {number}", account_id=f"{number:012}") for number in range(ACCOUNTS)
    )
    companies = Company.objects.bulk_create(Company(name=f"Company {number}") for number in range(COMPANIES))
    people = User.objects.bulk_create(
        User(email=f"contractor-{number}@contractor.example", name=f"Contractor {number}")
        for number in range(CONTRACTORS)
    )
    Contractor.objects.bulk_create(
        Contractor(
            user=person, company=companies[index % COMPANIES], sponsor=alice, contract_ends_at=now + timedelta(days=365)
        )
        for index, person in enumerate(people)
    )
    roles = Role.objects.bulk_create(
        Role(account=accounts[index % ACCOUNTS], name=f"role-{index}") for index in range(ROLES)
    )
    RoleState.objects.bulk_create(RoleState(role=role, observed_at=now, reconciled_at=now) for role in roles)
    for role in roles[::4]:
        role.approvers.add(alice)
    Heartbeat.objects.bulk_create([Heartbeat(name="worker", at=now), Heartbeat(name="revocations", at=now)])
    numbers = {
        "requests": requests,
        "open": requests // 200,
        "waiting": requests // 500,
        "contractors": CONTRACTORS,
        "roles": ROLES,
        "apart": MINUTES / requests,
    }
    with connection.cursor() as cursor:
        for statement in (_REQUESTS, _GRANTS):
            cursor.execute(statement, numbers)
        cursor.execute("ANALYZE")
    return ada, alice
