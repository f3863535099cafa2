"""All pages of the portal."""

from django.urls import path

from access.views import access, approvals, denied, health, home, requests, roles

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
    path("roles/", roles.index, name="roles"),
    path("roles/<str:account_id>/<str:name>/", roles.show, name="role"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
