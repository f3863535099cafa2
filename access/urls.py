"""All pages of the portal."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from access.views import (
    access,
    accounts,
    administering,
    approvals,
    asking,
    away,
    breakglass,
    changes,
    denied,
    evidence,
    health,
    home,
    importing,
    invitations,
    making,
    mine,
    outsiders,
    proving,
    remarks,
    requests,
    reviews,
    role_rules,
    roles,
    standing,
    together,
    unmanaged,
)


class _AccountId(StringConverter):
    regex = "[0-9]{12}"


class _RoleName(StringConverter):
    """What IAM takes as one; no database is asked about anything else."""

    regex = "[A-Za-z0-9_+=,.@-]{1,64}"


class _Number(IntConverter):
    """A number that every database has room for."""

    regex = "[0-9]{1,9}"


class _Sha256(StringConverter):
    regex = "[0-9a-f]{64}"


register_converter(_AccountId, "account")
register_converter(_Sha256, "sha256")
register_converter(_RoleName, "role")
register_converter(_Number, "number")

urlpatterns = [
    path("", home.home, name="home"),
    path("approvals/", home.inbox, name="inbox"),
    path("approvals/together/", together.decide, name="together"),
    path("approvals/<uuid:public_id>/", approvals.decide, name="approval"),
    path("requests/new/", asking.create, name="request_new"),
    path("requests/<uuid:public_id>/", requests.show, name="request"),
    path("requests/<uuid:public_id>/state/", requests.state, name="request_state"),
    path("requests/<uuid:public_id>/remarks/", remarks.remarks, name="remarks"),
    path("requests/<uuid:public_id>/withdraw/", requests.withdraw, name="request_withdraw"),
    path("requests/<uuid:public_id>/return/", requests.give_back, name="request_return"),
    path("requests/<uuid:public_id>/revoke/", requests.revoke, name="request_revoke"),
    path("requests/<uuid:public_id>/extend/", asking.extend, name="request_extend"),
    path("requests/<uuid:public_id>/credentials/", access.issue, name="credentials"),
    path("requests/<uuid:public_id>/console/", access.console, name="console"),
    path("requests/<uuid:public_id>/console/sign-out/", access.sign_out_of_aws, name="console_sign_out"),
    path("requests/<uuid:public_id>/denied/", denied.denied, name="denied"),
    path("requests/<uuid:public_id>/evidence/", evidence.take, name="request_evidence"),
    path("identities/", proving.index, name="identities"),
    path("identities/start/", proving.start, name="identity_start"),
    path("identities/prove/<uuid:public_id>/", proving.prove, name="identity_prove"),
    path("identities/vouch/", proving.vouch, name="identity_vouch"),
    path("roles/", roles.index, name="roles"),
    path("roles/new/", making.new, name="role_new"),
    path("roles/new/make/", making.make, name="role_make"),
    path("roles/new/explain/", making.explained, name="role_explain"),
    path("roles/import/", importing.import_role, name="role_import"),
    path("roles/changes/<uuid:public_id>/", changes.show, name="role_change"),
    path("roles/changes/<uuid:public_id>/withdraw/", changes.withdraw, name="role_change_withdraw"),
    path("roles/<account:account_id>/<role:name>/", roles.show, name="role"),
    path("roles/<account:account_id>/<role:name>/permissions/", making.permissions, name="role_permissions"),
    path(
        "roles/<account:account_id>/<role:name>/permissions/save/", making.set_permissions, name="role_permissions_save"
    ),
    path("roles/<account:account_id>/<role:name>/rename/", making.rename, name="role_rename"),
    path("roles/<account:account_id>/<role:name>/limits/", administering.limits, name="role_limits"),
    *(
        path(
            f"roles/<account:account_id>/<role:name>/switch-{way}/",
            administering.switch,
            {"way": way},
            name=f"role_{way}",
        )
        for way in ("on", "off")
    ),
    path("roles/<account:account_id>/<role:name>/trust/", importing.trust_policy, name="role_trust"),
    path("roles/<account:account_id>/<role:name>/trust/state/", importing.trust_state, name="role_trust_state"),
    path(
        "roles/<account:account_id>/<role:name>/trust/<number:index>/<str:how>/", importing.harden, name="role_harden"
    ),
    path(
        "roles/<account:account_id>/<role:name>/statements/<sha256:sha256>/accept/",
        unmanaged.accept,
        name="statement_accept",
    ),
    path("roles/<account:account_id>/<role:name>/versions/<number:number>/", making.version, name="role_version"),
    path("roles/<account:account_id>/<role:name>/rules/", role_rules.show, name="role_rules"),
    path("roles/<account:account_id>/<role:name>/rules/automatic/", role_rules.make, name="auto_approval_new"),
    path("automatic/<uuid:public_id>/confirm/", role_rules.confirm, name="auto_approval_confirm"),
    path("automatic/<uuid:public_id>/end/", role_rules.end, name="auto_approval_end"),
    path("mine/deputy/", away.deputy, name="deputy"),
    path("mine/deputy/end/", away.end, name="deputy_end"),
    path("mine/", mine.mine, name="mine"),
    path("people/", outsiders.index, name="people"),
    path("people/invite/", invitations.invite, name="invite"),
    path("people/invite/colleague/", invitations.invite_colleague, name="invite_colleague"),
    path("people/contractors/<uuid:public_id>/", outsiders.contractor, name="contractor"),
    path("people/colleagues/<uuid:public_id>/rights/", outsiders.set_rights, name="colleague_rights"),
    *(
        path(f"people/{kind}/<uuid:public_id>/{way}/", view, {"kind": kind}, name=f"{kind}_{name}")
        for kind in ("contractor", "company", "colleague")
        for way, view, name in (
            ("switch-off", outsiders.switch_off, "switch_off"),
            ("switch-on", outsiders.switch_on, "switch_on"),
        )
    ),
    path("invitations/<uuid:public_id>/resend/", invitations.resend, name="invitation_resend"),
    path("invitations/<uuid:public_id>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("invitation/<str:link>/", invitations.accept, name="invitation"),
    path("accounts/", accounts.index, name="accounts"),
    path("accounts/new/", accounts.connect, name="account_new"),
    path("accounts/<account:account_id>/", accounts.show, name="account"),
    path("accounts/<account:account_id>/state/", accounts.state, name="account_state"),
    path("accounts/<account:account_id>/change/", accounts.change, name="account_change"),
    path("accounts/<account:account_id>/test/", accounts.test, name="account_test"),
    path("accounts/<account:account_id>/template/", accounts.template, name="account_template"),
    path("accounts/<account:account_id>/module/", accounts.module, name="account_module"),
    path("break-glass/", breakglass.index, name="emergencies"),
    path("break-glass/uses/<uuid:public_id>/", breakglass.show, name="emergency"),
    path("break-glass/uses/<uuid:public_id>/stop/", breakglass.stop, name="emergency_stop"),
    path("break-glass/uses/<uuid:public_id>/review/", breakglass.review, name="emergency_review"),
    path("break-glass/rules/new/", standing.make, name="standing_rule_new"),
    path("break-glass/rules/<uuid:public_id>/", standing.show, name="standing_rule"),
    path("break-glass/rules/<uuid:public_id>/confirm/", standing.confirm, name="standing_rule_confirm"),
    path("break-glass/rules/<uuid:public_id>/withdraw/", standing.withdraw, name="standing_rule_withdraw"),
    path("break-glass/rules/<uuid:public_id>/use/", breakglass.use, name="break_glass"),
    path("reviews/", reviews.index, name="reviews"),
    path("reviews/<slug:name>/", reviews.show, name="review"),
    path("reviews/<slug:name>/csv/", reviews.export, name="review_export"),
    path("reviews/again/<slug:kind_name>/", reviews.recertify, name="recertify"),
    path("reviews/again/<slug:kind_name>/<str:key>/", reviews.certify, name="certify"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
