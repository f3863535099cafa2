"""All pages of the portal."""

from django.urls import path

from access.views import (
    access,
    accounts,
    approvals,
    changes,
    denied,
    evidence,
    health,
    home,
    invitations,
    mine,
    outsiders,
    proving,
    requests,
    roles,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("approvals/", home.inbox, name="inbox"),
    path("approvals/<uuid:public_id>/", approvals.decide, name="approval"),
    path("requests/new/", requests.create, name="request_new"),
    path("requests/<uuid:public_id>/", requests.show, name="request"),
    path("requests/<uuid:public_id>/state/", requests.state, name="request_state"),
    path("requests/<uuid:public_id>/withdraw/", requests.withdraw, name="request_withdraw"),
    path("requests/<uuid:public_id>/return/", requests.give_back, name="request_return"),
    path("requests/<uuid:public_id>/revoke/", requests.revoke, name="request_revoke"),
    path("requests/<uuid:public_id>/extend/", requests.extend, name="request_extend"),
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
    path("roles/changes/<uuid:public_id>/", changes.show, name="role_change"),
    path("roles/changes/<uuid:public_id>/withdraw/", changes.withdraw, name="role_change_withdraw"),
    path("roles/<str:account_id>/<str:name>/", roles.show, name="role"),
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
    path("accounts/<str:account_id>/", accounts.show, name="account"),
    path("accounts/<str:account_id>/state/", accounts.state, name="account_state"),
    path("accounts/<str:account_id>/test/", accounts.test, name="account_test"),
    path("accounts/<str:account_id>/template/", accounts.template, name="account_template"),
    path("accounts/<str:account_id>/module/", accounts.module, name="account_module"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
