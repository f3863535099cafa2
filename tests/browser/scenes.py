"""Every page of the portal in every state that it can be in, and who views it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.urls import reverse

from access import accounts, proving, trust
from access.actions import certifying, comments, deciding, factor_resets, invitations, people, requests, stopping
from access.actions.break_glass import review_break_glass
from access.actions.invitations import Contract
from access.actions.stop_targets import Target
from access.catalogue import changes, importing
from access.ledger.identities import record_challenge_used
from access.ledger.unmanaged import find_statement
from access.lifecycle import Problem
from access.models import (
    Account,
    AuditEvent,
    BreakGlassGrant,
    Contractor,
    HardeningChange,
    Invitation,
    PermissionsSnapshot,
    Request,
    Role,
    RoleChange,
    RoleState,
    Stop,
    UnmanagedStatement,
    User,
)
from access.models.texts import problem_columns
from access.rules.stopping import Scope
from access.texts.text import Text
from tests import break_glass, factories, overviews
from tests.browser.records import (
    MINUTE,
    active,
    as_read,
    ended,
    ritas,
    spoke,
    with_approval_settings,
    with_facts,
    with_test_result,
)
from tests.factories import DAY, HOUR, Cast, update_roles

READING = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"},
        {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"},
    ],
}


@dataclass(frozen=True)
class Scene:
    """A page as one person sees it; nobody in particular when `person` is None."""

    person: User | None
    path: str


def sign_in(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("account_login"))


def sign_out(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.richard, reverse("account_logout"))


def confirm_that_it_is_you(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, reverse("account_reauthenticate"))


def confirm_with_a_code(cast: Cast, _now: datetime) -> Scene:
    return Scene(_enrolled(cast.alice), reverse("mfa_reauthenticate"))


def factor_reset_to_propose(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("factor_reset", args=[cast.alice.public_id]))


def factor_reset_to_confirm(cast: Cast, now: datetime) -> Scene:
    by = factories.user("olga", is_staff=True)
    factor_resets.propose_factor_reset(
        by=by, person=cast.alice, reason="Lost phone; called back.", has_new_factor=True, now=now
    )
    return Scene(cast.ada, reverse("factor_reset", args=[cast.alice.public_id]))


def forgotten_password(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("account_reset_password"))


def forgotten_password_sent(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("account_reset_password_done"))


def sign_up_is_closed(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("account_signup"))


def my_sign_in_without_a_factor(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.richard, reverse("mfa_index"))


def my_sign_in(cast: Cast, _now: datetime) -> Scene:
    return Scene(_enrolled(cast.richard), reverse("mfa_index"))


def set_up_an_app(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.rita, reverse("mfa_activate_totp"))


def add_a_passkey(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.rita, reverse("mfa_add_webauthn"))


def no_passkey_yet(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.rita, reverse("mfa_list_webauthn"))


def remove_the_app(cast: Cast, _now: datetime) -> Scene:
    return Scene(_enrolled(cast.rita), reverse("mfa_deactivate_totp"))


def recovery_codes_used_up(cast: Cast, _now: datetime) -> Scene:
    return Scene(_enrolled(cast.rita), reverse("mfa_generate_recovery_codes"))


def change_my_password(cast: Cast, _now: datetime) -> Scene:
    return Scene(_enrolled(cast.richard), reverse("account_change_password"))


def where_i_am_signed_in(cast: Cast, _now: datetime) -> Scene:
    return Scene(_enrolled(cast.richard), reverse("usersessions_list"))


def personal_data_export(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    return Scene(cast.richard, reverse("personal_data"))


def account_disabled(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("account_inactive"))


def sign_in_elsewhere(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("openid_connect_login", args=["oidc"]))


def sign_in_stopped(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("socialaccount_login_cancelled"))


def sign_in_that_did_not_work(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("openid_connect_callback", args=["oidc"]) + "?code=made-up&state=made-up")


def nothing_there(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.richard, "/nowhere/")


def an_address_that_takes_only_a_form(cast: Cast, now: datetime) -> Scene:
    asked = factories.ask(cast, now=now)
    return Scene(cast.richard, reverse("request_withdraw", args=[asked.public_id]))


def my_access(cast: Cast, now: datetime) -> Scene:
    _everything(cast, now)
    return Scene(cast.richard, reverse("home"))


def my_access_without_any(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.rita, reverse("home"))


def approvals(cast: Cast, now: datetime) -> Scene:
    _everything(cast, now)
    return Scene(cast.alice, reverse("inbox"))


def approvals_all_done(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, reverse("inbox"))


def overview(cast: Cast, now: datetime) -> Scene:
    _everything(cast, now)
    return Scene(cast.ada, reverse("home"))


def overview_of_an_approver(cast: Cast, now: datetime) -> Scene:
    _everything(cast, now)
    return Scene(cast.alice, reverse("home") + "?state=waiting")


def overview_with_everything(cast: Cast, now: datetime) -> Scene:
    overviews.history(cast, now=now)
    overviews.everything(cast, now=now)
    return Scene(cast.ada, reverse("home"))


def overview_list(cast: Cast, now: datetime) -> Scene:
    overviews.everything(cast, now=now)
    return Scene(cast.ada, reverse("overview_list", args=["unmanaged-statements"]))


def overview_without_any(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("home"))


def no_part_in_it(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.mallory, reverse("home"))


def ask_for_access(cast: Cast, _now: datetime) -> Scene:
    other = factories.role("importantproject-read", description="Contractor A reads the reports.", permissions=READING)
    other.contractors.add(*cast.role.contractors.all())
    return Scene(cast.richard, reverse("request_new"))


def choose_a_time_zone(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.richard, reverse("time_zone"))


def ask_without_roles(cast: Cast, _now: datetime) -> Scene:
    cast.role.contractors.clear()
    return Scene(cast.richard, reverse("request_new"))


def aws_identities(cast: Cast, now: datetime) -> Scene:
    names = ("role/teams/a/Deploy", "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_0123456789abcdef")
    for name in ("user/Richard", *names):
        factories.proven(cast.richard, f"arn:aws:iam::222222222222:{name}", now=now)
    factories.vouched(cast.richard, "arn:aws:iam::222222222222:user/richards-robot", by=cast.alice, now=now)
    return Scene(cast.richard, reverse("identities"))


def aws_identities_without_any(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.richard, reverse("identities"))


def prove_an_aws_identity(cast: Cast, now: datetime) -> Scene:
    challenge = proving.challenge(by=cast.richard, now=now)
    return Scene(cast.richard, reverse("identity_prove", args=[challenge.public_id]))


def prove_with_a_command_that_is_used_up(cast: Cast, now: datetime) -> Scene:
    challenge = proving.challenge(by=cast.richard, now=now)
    record_challenge_used(challenge, now=now)
    return Scene(cast.richard, reverse("identity_prove", args=[challenge.public_id]))


def vouch_for_an_aws_identity(cast: Cast, now: datetime) -> Scene:
    factories.vouched(cast.richard, by=cast.alice, now=now)
    return Scene(cast.alice, reverse("identity_vouch"))


def ask_with_an_aws_identity(cast: Cast, now: datetime) -> Scene:
    aws_identities(cast, now)
    return Scene(cast.richard, reverse("request_new"))


def decide_what_somebody_vouches_for(cast: Cast, now: datetime) -> Scene:
    Role.objects.update(allows_vouched=True)
    word = factories.vouched(cast.richard, by=cast.mallory, now=now)
    request = factories.ask(cast, now=now, principal=word)
    return Scene(cast.alice, reverse("approval", args=[request.public_id]))


def request_pending(cast: Cast, now: datetime) -> Scene:
    return _seen_by(cast.richard, factories.ask(cast, now=now))


def request_pending_for_the_approver(cast: Cast, now: datetime) -> Scene:
    return _seen_by(cast.alice, factories.ask(cast, now=now))


def request_denied(cast: Cast, now: datetime) -> Scene:
    request = factories.ask(cast, now=now)
    shown = request.content_hash
    deciding.deny(by=cast.alice, request=request, content_hash=shown, reason="Not this week, sorry.", now=now)
    return _seen_by(cast.richard, request)


def request_withdrawn(cast: Cast, now: datetime) -> Scene:
    request = factories.ask(cast, now=now)
    requests.withdraw(by=cast.richard, request=request, now=now)
    return _seen_by(cast.richard, request)


def request_scheduled(cast: Cast, now: datetime) -> Scene:
    later = {"starts_at": now + 3 * HOUR, "ends_at": now + 5 * HOUR}
    return _seen_by(cast.richard, factories.create_grant(cast, now=now, **later).request)


def request_activating(cast: Cast, now: datetime) -> Scene:
    # A window begins with a whole second, so that until then it is only scheduled.
    return _seen_by(cast.richard, factories.create_grant(cast, now=now - MINUTE).request)


def request_active(cast: Cast, now: datetime) -> Scene:
    return _seen_by(cast.richard, active(cast, now).request)


def request_active_for_the_approver(cast: Cast, now: datetime) -> Scene:
    return _seen_by(cast.alice, active(cast, now).request)


def request_active_through_the_portal(cast: Cast, now: datetime) -> Scene:
    return _seen_by(cast.rita, ritas(cast, now).request)


def why_am_i_denied(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.richard, reverse("denied", args=[active(cast, now).request.public_id]))


def request_blocked(cast: Cast, now: datetime) -> Scene:
    problem = problem_columns(Problem.PRINCIPAL_MISSING, Text("principal_not_in_iam"))
    grant = with_facts(factories.create_grant(cast, now=now), **problem)
    RoleState.objects.update(failures=7)
    return _seen_by(cast.richard, grant.request)


def request_ending(cast: Cast, now: datetime) -> Scene:
    grant = active(cast, now)
    requests.revoke(by=cast.bob, grant=grant, reason="The file is there already.", now=now)
    return _seen_by(cast.richard, grant.request)


def request_ended(cast: Cast, now: datetime) -> Scene:
    return _seen_by(cast.richard, ended(cast, now).request)


def ask_for_an_extension(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.richard, reverse("request_extend", args=[active(cast, now).request.public_id]))


def decide(cast: Cast, now: datetime) -> Scene:
    as_read(cast.role, [ended(cast, now)], now)
    request = factories.ask(cast, now=now, reason="Upload the file.\n\nIt is for the report of November.")
    return Scene(cast.alice, reverse("approval", args=[request.public_id]))


def decide_with_changes(cast: Cast, now: datetime) -> Scene:
    as_read(cast.role, [], now)
    request = factories.ask(cast, now=now, ends_at=now + 4 * HOUR, sources=("203.0.113.0/24",))
    path = reverse("approval", args=[request.public_id])
    return Scene(cast.alice, f"{path}?changes=1&length=1+hour&mfa=on&sources=203.0.113.7")


def decide_with_changes_that_cannot_be(cast: Cast, now: datetime) -> Scene:
    request = factories.ask(cast, now=now)
    path = reverse("approval", args=[request.public_id])
    return Scene(cast.alice, f"{path}?changes=1&length=9+hours&starts_at=2099-01-01T00:00&sources=office")


def decide_what_another_reduced(cast: Cast, now: datetime) -> Scene:
    Role.objects.update(quorum=2)
    request = factories.ask(cast, now=now, ends_at=now + 4 * HOUR)
    less = replace(request.terms(), window=request.window(HOUR))
    deciding.approve(by=cast.bob, request=request, content_hash=request.shown_as(less), terms=less, now=now)
    comments.ask_for_information(by=cast.alice, request=request, text="Is one hour enough for the large file?", now=now)
    comments.answer(by=cast.richard, request=request, text="Yes, the line here is fast.", now=now)
    return Scene(cast.alice, reverse("approval", args=[request.public_id]))


def decide_in_bulk(cast: Cast, now: datetime) -> Scene:
    ended(cast, now)
    first = factories.ask(cast, now=now, reason="The second file, which came in late.")
    second = factories.ask(cast, now=now, by=cast.rita, principal_arn="", reason="Check the uploads.")
    return Scene(cast.alice, f"{reverse('bulk_approval')}?request={first.public_id}&request={second.public_id}")


def questions_and_answers(cast: Cast, now: datetime) -> Scene:
    request = factories.ask(cast, now=now)
    comments.ask_for_information(by=cast.alice, request=request, text="Which file is it, and why today?", now=now)
    return Scene(cast.richard, reverse("comments", args=[request.public_id]))


def request_pending_with_a_question(cast: Cast, now: datetime) -> Scene:
    request = factories.ask(cast, now=now)
    comments.ask_for_information(by=cast.alice, request=request, text="Which file is it, and why today?", now=now)
    return _seen_by(cast.richard, request)


def ask_like_before(cast: Cast, now: datetime) -> Scene:
    rules = {"ticket_pattern": r"CHG-\d{7}", "ticket_example": "CHG-1234567"}
    Role.objects.update(**rules)
    earlier = factories.ask(
        cast, now=now - DAY, ticket="CHG-0000042", sources=("203.0.113.0/24",), asks_mfa=True, reason="The weekly file."
    )
    return Scene(cast.richard, f"{reverse('request_new')}?like={earlier.public_id}")


def decide_about_an_extension(cast: Cast, now: datetime) -> Scene:
    grant = active(cast, now)
    as_read(cast.role, [grant], now - HOUR / 12)
    later = grant.ends_at + HOUR
    request = requests.extend(by=cast.richard, grant=grant, ends_at=later, reason="Not done yet.", now=now)
    return Scene(cast.alice, reverse("approval", args=[request.public_id]))


def decide_what_cannot_be_approved(cast: Cast, now: datetime) -> Scene:
    request = factories.ask(cast, now=now)
    cast.role.contractors.clear()
    return Scene(cast.alice, reverse("approval", args=[request.public_id]))


def roles(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, reverse("roles"))


def roles_without_any(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.mallory, reverse("roles"))


def role_for_the_approver(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    return Scene(cast.alice, _role_path(cast))


def role_with_findings(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    wide = {"Statement": [{"Effect": "Allow", "Action": ["sqs:*", "iam:PassRole"], "Resource": "*"}]}
    comment = {"kind": "WARNING", "code": "BROAD", "sentence": "A wildcard is broad.", "where": "statement 1"}
    managed = {"arn:aws:iam::aws:policy/ExampleAccess": wide}
    PermissionsSnapshot.objects.create(role=cast.role, managed=managed, analysis=[comment], read_at=now)
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    RoleState.objects.filter(pk=cast.role.pk).update(observed_trust={"Statement": [everybody]})
    return Scene(cast.alice, _role_path(cast))


def role_for_the_contractor(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.richard, _role_path(cast))


def people_for_the_administrator(cast: Cast, now: datetime) -> Scene:
    _invited(cast, now)
    people.disable_person_or_company(
        by=cast.ada, what=factories.contractor(factories.user("ron"), sponsor=cast.bob), now=now
    )
    return Scene(cast.ada, reverse("people"))


def people_for_a_sponsor(cast: Cast, _now: datetime) -> Scene:
    return Scene(_sponsor(factories.user("sarah")), reverse("people"))


def invite_a_contractor(cast: Cast, _now: datetime) -> Scene:
    return Scene(_sponsor(cast.alice), reverse("invite"))


def invite_a_colleague(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("invite_colleague"))


def a_contractor(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    ron = Contractor.objects.get(user=cast.richard)
    return Scene(_sponsor(cast.alice), reverse("contractor", args=[ron.public_id]))


def disable_a_company(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    factories.ask(cast, now=now)
    return Scene(cast.ada, reverse("company_disable", args=[factories.company().public_id]))


def answer_an_invitation(cast: Cast, now: datetime) -> Scene:
    return Scene(None, reverse("invitation", args=[invitations.link_of(_invited(cast, now))]))


def an_invitation_that_ended(_cast: Cast, _now: datetime) -> Scene:
    return Scene(None, reverse("invitation", args=["nothing"]))


def accounts_list(cast: Cast, now: datetime) -> Scene:
    with_test_result(cast.role.account, now)
    with_test_result(spoke(cast, now), now, missing="step_builder")
    return Scene(cast.ada, reverse("accounts"))


def accounts_without_any(cast: Cast, _now: datetime) -> Scene:
    cast.role.approvers.clear()
    cast.role.contractors.clear()
    cast.role.delete()
    Account.objects.all().delete()
    return Scene(cast.ada, reverse("accounts"))


def account_connect(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("account_new"))


def account_new_and_not_tested(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.ada, reverse("account", args=[spoke(cast, now).account_id]))


def account_being_tested(cast: Cast, now: datetime) -> Scene:
    account = spoke(cast, now)
    accounts.test_connection(by=cast.ada, account=account, now=now)
    return Scene(cast.ada, reverse("account", args=[account.account_id]))


def account_with_something_missing(cast: Cast, now: datetime) -> Scene:
    account = with_test_result(spoke(cast, now), now, missing="step_builder")
    return Scene(cast.ada, reverse("account", args=[account.account_id]))


def account_connected(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.ada, reverse("account", args=[with_test_result(spoke(cast, now), now).account_id]))


def role_change_of_my_own(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.ada, reverse("role_change", args=[_proposed(cast, now).public_id]))


def role_change_to_confirm(cast: Cast, now: datetime) -> Scene:
    return Scene(factories.user("adam", is_staff=True), reverse("role_change", args=[_proposed(cast, now).public_id]))


def reviews(cast: Cast, now: datetime) -> Scene:
    _everything(cast, now)
    Role.objects.update(is_managed=False)
    return Scene(cast.ada, reverse("reviews"))


def review_granted_access(cast: Cast, now: datetime) -> Scene:
    _everything(cast, now)
    ritas(cast, now)
    return Scene(cast.ada, reverse("review", args=["granted"]))


def review_without_anything(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, reverse("review", args=["unused"]))


def audit_log(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    return Scene(cast.ada, reverse("audit"))


def audit_log_of_an_approver_without_a_match(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    return Scene(cast.alice, f"{reverse('audit')}?kind=grant.refused&day=2026-01-01")


def audit_event_with_a_change(cast: Cast, now: datetime) -> Scene:
    changes.change(by=cast.ada, role=cast.role, fields={"quorum": 2, "permissions": READING}, now=now)
    event = AuditEvent.objects.get(verb="role.changed")
    return Scene(cast.ada, reverse("audit_event", args=[event.sequence]))


def search_results(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    factories.ask(cast, now=now, by=cast.rita, principal_arn="")
    return Scene(cast.ada, f"{reverse('search')}?q=a")


def search_without_a_match(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, f"{reverse('search')}?q=no-such-ticket")


def search_requests(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    return Scene(cast.alice, f"{reverse('search_list', args=['requests'])}?q=file")


def keyboard_shortcuts(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, reverse("shortcuts"))


def review_overly_permissive_roles(cast: Cast, now: datetime) -> Scene:
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    update_roles(is_managed=False, observed_trust={"Statement": [everybody]}, observed_at=now)
    return Scene(cast.ada, reverse("review", args=["overly-permissive"]))


def certify_live_access(cast: Cast, now: datetime) -> Scene:
    grant = active(cast, now)
    ritas(cast, now)
    Role.objects.update(longest_window=30 * DAY)
    factories.create_grant(cast, now=now - 8 * DAY, ends_at=now + DAY, role=Role.objects.get())
    certifying.certify_grant(by=cast.alice, grant=grant, keep=True, comment="", now=now)
    return Scene(cast.ada, reverse("certifications", args=["access"]))


def certify_contracts(cast: Cast, now: datetime) -> Scene:
    ron = Contractor.objects.get(user=cast.richard)
    comment = "Their work on the upload is done; they need only the reports."
    certifying.certify_contractor(by=cast.ada, contractor=ron, keep=False, comment=comment, now=now)
    return Scene(_sponsor(cast.alice), reverse("certifications", args=["contractors"]))


def make_a_role(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("role_new"))


def role_for_the_administrator(cast: Cast, now: datetime) -> Scene:
    _proposed(cast, now)
    fields = {"permissions": READING, "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
    other = factories.role("importantproject-read", description="Contractor A reads the reports.")
    changes.change(by=cast.ada, role=other, fields=fields, now=now)
    answer = {"error": "MalformedPolicyDocument", "message": "Syntax errors in policy."}
    refused = problem_columns(Problem.POLICY_REFUSED, Text("aws_change_refused", answer))
    RoleState.objects.filter(role=other).update(**refused)
    return Scene(cast.ada, reverse("role", args=[other.account.account_id, other.name]))


def role_permissions_form(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("role_permissions", args=[cast.role.account.account_id, cast.role.name]))


def role_version(cast: Cast, now: datetime) -> Scene:
    changes.change(by=cast.ada, role=cast.role, fields={"permissions": READING}, now=now)
    return Scene(cast.ada, reverse("role_version", args=[cast.role.account.account_id, cast.role.name, 2]))


def import_a_role(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("role_import"))


def trust_policy_of_an_imported_role(cast: Cast, now: datetime) -> Scene:
    role = _imported(cast, now)
    facts = {
        "role": role,
        "how": "mfa",
        "statement": {},
        "document": {},
        "document_hash": "x",
        "requested_by": cast.ada,
    }
    settled = {"settled_at": now, "outcome": "superseded", "reason_code": "hardening_changed_meanwhile"}
    HardeningChange.objects.create(**facts, requested_at=now - HOUR, **settled)
    return Scene(cast.ada, reverse("role_trust", args=[role.account.account_id, role.name]))


def _with_statements(cast: Cast, now: datetime) -> UnmanagedStatement:
    """Make an imported role with one unmanaged statement of each kind; return the one that waits."""
    role = _imported(cast, now)
    allow = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}
    kinds = (("Removed", trust.Fate.REMOVED), ("Frozen", trust.Fate.DENY), ("Debug", trust.Fate.HELD))
    for sid, fate in kinds:
        found = find_statement(role, trust.Unmanaged({"Sid": sid, **allow}, fate), by="worker", now=now)
        assert found is not None
    UnmanagedStatement.objects.filter(sid="Removed").update(is_urgent=True, settled_at=now, outcome="removed")
    return UnmanagedStatement.objects.get(sid="Debug")


def overview_with_unmanaged_statements(cast: Cast, now: datetime) -> Scene:
    _with_statements(cast, now)
    return Scene(cast.ada, reverse("home"))


def role_with_unmanaged_statements(cast: Cast, now: datetime) -> Scene:
    role = _with_statements(cast, now).role
    return Scene(cast.ada, reverse("role", args=[role.account.account_id, role.name]))


def accept_a_statement(cast: Cast, now: datetime) -> Scene:
    row = _with_statements(cast, now)
    url = reverse("statement_accept", args=[row.role.account.account_id, row.role.name, row.sha256])
    return Scene(cast.ada, url)


def harden_a_trust_policy(cast: Cast, now: datetime) -> Scene:
    role = _imported(cast, now)
    return Scene(cast.ada, reverse("role_harden", args=[role.account.account_id, role.name, 1, "external_id"]))


def what_was_not_done(cast: Cast, now: datetime) -> Scene:
    role = _imported(cast, now)
    return Scene(cast.ada, reverse("role_harden", args=[role.account.account_id, role.name, 9, "external_id"]))


def limits_of_a_role(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    RoleState.objects.update(can_bypass_expiry=["iam:PutRolePolicy", "iam:DeleteRolePolicy"])
    return Scene(cast.ada, reverse("role_limits", args=[cast.role.account.account_id, cast.role.name]))


def stop_a_role(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    factories.ask(cast, now=now)
    return Scene(cast.ada, reverse("stop_role", args=[cast.role.account.account_id, cast.role.name]))


def stop_everything_that_was_stopped(cast: Cast, now: datetime) -> Scene:
    _stopped(cast, now)
    return Scene(cast.ada, reverse("stop_everything"))


def progress_of_a_stop(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.ada, reverse("stop", args=[_stopped(cast, now).public_id]))


def stops_in_force(cast: Cast, now: datetime) -> Scene:
    stopping.lift(by=cast.ada, stop=_stopped(cast, now), has_new_factor=True, now=now)
    return Scene(cast.ada, reverse("stops"))


def a_stopped_role(cast: Cast, now: datetime) -> Scene:
    _stopped(cast, now)
    return Scene(cast.alice, reverse("role", args=[cast.role.account.account_id, cast.role.name]))


def _stopped(cast: Cast, now: datetime) -> Stop:
    active(cast, now)
    factories.ask(cast, now=now)
    target = Target(Scope.EVERYTHING)
    return stopping.stop(by=cast.ada, target=target, reason="Keys were stolen.", now=now, has_new_factor=True)


def disable_a_role(cast: Cast, now: datetime) -> Scene:
    active(cast, now)
    factories.ask(cast, now=now)
    return Scene(cast.ada, reverse("role_disable", args=[cast.role.account.account_id, cast.role.name]))


def account_change(cast: Cast, now: datetime) -> Scene:
    return Scene(cast.ada, reverse("account_change", args=[spoke(cast, now).account_id]))


def approval_settings_of_a_role(cast: Cast, now: datetime) -> Scene:
    with_approval_settings(cast, now)
    return Scene(cast.ada, f"{_role_path(cast)}rules/")


def auto_approval_policy(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, f"{_role_path(cast)}rules/auto_approval_policies/")


def name_a_delegate(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.alice, reverse("delegation"))


def a_delegate_is_named(cast: Cast, now: datetime) -> Scene:
    with_approval_settings(cast, now)
    return Scene(cast.alice, reverse("delegation"))


def request_pending_in_the_second_stage(cast: Cast, now: datetime) -> Scene:
    with_approval_settings(cast, now)
    request = factories.ask(cast, now=now)
    factories.approve(cast, request, by=cast.bob, now=now)
    return _seen_by(cast.richard, request)


def break_glass_for_the_administrator(cast: Cast, now: datetime) -> Scene:
    _broken(cast, cast.mallory, now)
    break_glass.waiting_policy(cast, cast.bob, now=now)
    old = _broken(cast, cast.bob, now - 30 * HOUR)
    comment = "The approvers slept; the upload went through."
    review_break_glass(by=cast.alice, break_glass_grant=old, is_justified=True, comment=comment, now=now)
    return Scene(cast.ada, reverse("break_glass"))


def break_glass_for_whom_a_policy_names(cast: Cast, now: datetime) -> Scene:
    break_glass.policy(cast, cast.mallory, now=now)
    return Scene(cast.mallory, reverse("break_glass"))


def use_break_glass(cast: Cast, now: datetime) -> Scene:
    return Scene(
        cast.mallory, reverse("break_glass_use", args=[break_glass.policy(cast, cast.mallory, now=now).public_id])
    )


def break_glass_grant_open(cast: Cast, now: datetime) -> Scene:
    used = _broken(cast, cast.mallory, now - MINUTE)
    BreakGlassGrant.objects.update(notified=["ada@example.com", "bob@example.com"], not_notified=["alice@example.com"])
    return Scene(cast.alice, reverse("break_glass_grant", args=[used.request.public_id]))


def break_glass_grant_over(cast: Cast, now: datetime) -> Scene:
    used = _broken(cast, cast.mallory, now - 2 * HOUR)
    return Scene(cast.alice, reverse("break_glass_grant", args=[used.request.public_id]))


def request_that_is_break_glass(cast: Cast, now: datetime) -> Scene:
    used = _broken(cast, cast.mallory, now - MINUTE)
    return _seen_by(cast.mallory, used.request)


def approvals_with_break_glass(cast: Cast, now: datetime) -> Scene:
    _broken(cast, cast.mallory, now - 2 * HOUR)
    factories.ask(cast, now=now)
    return Scene(cast.alice, reverse("inbox"))


def break_glass_policy_make(cast: Cast, _now: datetime) -> Scene:
    return Scene(cast.ada, reverse("break_glass_policy_new"))


def break_glass_policy_to_confirm(cast: Cast, now: datetime) -> Scene:
    waiting = break_glass.waiting_policy(cast, cast.mallory, cast.bob, now=now)
    return Scene(break_glass.adam(), reverse("break_glass_policy", args=[waiting.public_id]))


SCENES: dict[str, Callable[[Cast, datetime], Scene]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        sign_in,
        sign_out,
        confirm_that_it_is_you,
        confirm_with_a_code,
        factor_reset_to_propose,
        factor_reset_to_confirm,
        forgotten_password,
        forgotten_password_sent,
        sign_up_is_closed,
        my_sign_in_without_a_factor,
        my_sign_in,
        set_up_an_app,
        add_a_passkey,
        no_passkey_yet,
        remove_the_app,
        recovery_codes_used_up,
        change_my_password,
        where_i_am_signed_in,
        personal_data_export,
        account_disabled,
        sign_in_elsewhere,
        sign_in_stopped,
        sign_in_that_did_not_work,
        nothing_there,
        an_address_that_takes_only_a_form,
        my_access,
        my_access_without_any,
        approvals,
        approvals_all_done,
        overview,
        overview_of_an_approver,
        overview_with_everything,
        overview_list,
        overview_without_any,
        no_part_in_it,
        ask_for_access,
        choose_a_time_zone,
        keyboard_shortcuts,
        search_results,
        search_without_a_match,
        search_requests,
        ask_without_roles,
        ask_with_an_aws_identity,
        aws_identities,
        aws_identities_without_any,
        prove_an_aws_identity,
        prove_with_a_command_that_is_used_up,
        vouch_for_an_aws_identity,
        request_pending,
        request_pending_for_the_approver,
        request_denied,
        request_withdrawn,
        request_scheduled,
        request_activating,
        request_active,
        request_active_for_the_approver,
        request_active_through_the_portal,
        why_am_i_denied,
        request_blocked,
        request_ending,
        request_ended,
        ask_for_an_extension,
        decide,
        decide_with_changes,
        decide_with_changes_that_cannot_be,
        decide_what_another_reduced,
        decide_in_bulk,
        questions_and_answers,
        request_pending_with_a_question,
        ask_like_before,
        decide_about_an_extension,
        decide_what_cannot_be_approved,
        decide_what_somebody_vouches_for,
        roles,
        roles_without_any,
        role_for_the_approver,
        role_with_findings,
        role_for_the_contractor,
        people_for_the_administrator,
        people_for_a_sponsor,
        invite_a_contractor,
        invite_a_colleague,
        a_contractor,
        disable_a_company,
        answer_an_invitation,
        an_invitation_that_ended,
        accounts_list,
        accounts_without_any,
        account_connect,
        account_new_and_not_tested,
        account_being_tested,
        account_with_something_missing,
        account_connected,
        approval_settings_of_a_role,
        auto_approval_policy,
        name_a_delegate,
        a_delegate_is_named,
        request_pending_in_the_second_stage,
        role_change_of_my_own,
        role_change_to_confirm,
        reviews,
        review_granted_access,
        review_without_anything,
        review_overly_permissive_roles,
        audit_log,
        audit_log_of_an_approver_without_a_match,
        audit_event_with_a_change,
        certify_live_access,
        certify_contracts,
        make_a_role,
        role_for_the_administrator,
        role_permissions_form,
        role_version,
        import_a_role,
        trust_policy_of_an_imported_role,
        harden_a_trust_policy,
        overview_with_unmanaged_statements,
        role_with_unmanaged_statements,
        accept_a_statement,
        what_was_not_done,
        limits_of_a_role,
        disable_a_role,
        stop_a_role,
        stop_everything_that_was_stopped,
        progress_of_a_stop,
        stops_in_force,
        a_stopped_role,
        account_change,
        break_glass_for_the_administrator,
        break_glass_for_whom_a_policy_names,
        use_break_glass,
        break_glass_grant_open,
        break_glass_grant_over,
        request_that_is_break_glass,
        approvals_with_break_glass,
        break_glass_policy_make,
        break_glass_policy_to_confirm,
    )
}


def _broken(cast: Cast, person: User, now: datetime) -> BreakGlassGrant:
    """Return a break-glass grant with which AWS was read back."""
    used = break_glass.new_grant(break_glass.policy(cast, person, now=now), person, now=now)
    with_facts(break_glass.grant_of(used), applied_at=now)
    return used


def _sponsor(person: User) -> User:
    User.objects.filter(pk=person.pk).update(is_sponsor=True)
    return User.objects.get(pk=person.pk)


def _invited(cast: Cast, now: datetime) -> Invitation:
    contract = Contract("Contractor B", now + 90 * DAY, frozenset({cast.role.pk}))
    return invitations.invite(by=_sponsor(cast.alice), email="rob@contractor.example", contract=contract, now=now)


def _enrolled(person: User) -> User:
    """Return somebody with a password and an app that shows codes."""
    person.set_password("correct-horse-battery")
    person.save()
    seal = get_adapter().encrypt
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": seal("JBSWY3DPEHPK3PXP")})
    return person


def _everything(cast: Cast, now: datetime) -> None:
    """Make one of each kind: open, waiting, past."""
    ended(cast, now)
    active(cast, now)
    request_denied(cast, now)
    request_withdrawn(cast, now)
    request_scheduled(cast, now)
    factories.ask(cast, now=now, reason="The second file, which came in late.")
    factories.ask(cast, now=now, by=cast.rita, principal_arn="", reason="Check the uploads of yesterday.")


def _seen_by(person: User, request: Request) -> Scene:
    return Scene(person, reverse("request", args=[request.public_id]))


def _proposed(cast: Cast, now: datetime) -> RoleChange:
    """Return what Ada proposes for a role that is in use."""
    active(cast, now)
    fields = {"permissions": READING, "longest_window": 12 * HOUR, "approvers": [cast.alice], "requires_mfa": True}
    proposal = changes.change(by=cast.ada, role=cast.role, fields=fields, now=now)
    assert proposal is not None
    return proposal


def _imported(cast: Cast, now: datetime) -> Role:
    """Return a role with hand-made statements, as the worker read it."""
    arn = f"arn:aws:iam::{cast.role.account.account_id}:role/legacy/uploads-of-the-important-project"
    role = importing.import_role(by=cast.ada, account=cast.role.account, arn=arn, description="Uploads.", now=now)
    root = {"AWS": f"arn:aws:iam::{cast.role.account.account_id}:root"}
    outside = {"AWS": "arn:aws:iam::222222222222:user/Richard"}
    made = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    role.state.observed_trust = {
        "Version": "2012-10-17",
        "Statement": [{**made, "Principal": root}, {**made, "Principal": outside}],
    }
    role.state.observed_at = now
    role.state.save()
    return role


def _role_path(cast: Cast) -> str:
    return reverse("role", args=[cast.role.account.account_id, cast.role.name])
