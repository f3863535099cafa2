"""The URLs of all pages of the portal."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from access.views import (
    access,
    accounts,
    administering,
    again,
    approval_settings,
    approvals,
    asking,
    audit,
    branding,
    break_glass,
    break_glass_policies,
    bulk_approval,
    changes,
    comments,
    contractors,
    delegations,
    denied,
    evidence,
    factor_resets,
    favourites,
    form_drafts,
    health,
    home,
    importing,
    invitations,
    making,
    overview,
    personal_data,
    proving,
    requests,
    reviews,
    roles,
    schedules,
    search,
    shortcuts,
    stopping,
    unmanaged,
    zones,
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
    path("overview/<slug:name>/", overview.show_list, name="overview_list"),
    path("logo/<str:version>/", branding.logo, name="logo"),
    path("approvals/", home.inbox, name="inbox"),
    path("approvals/bulk/", bulk_approval.decide, name="bulk_approval"),
    path("approvals/<uuid:public_id>/", approvals.decide, name="approval"),
    path("requests/new/", asking.create, name="request_new"),
    path("requests/<uuid:public_id>/", requests.show, name="request"),
    path("requests/<uuid:public_id>/state/", requests.state, name="request_state"),
    path("requests/<uuid:public_id>/comments/", comments.show_comments, name="comments"),
    path("requests/<uuid:public_id>/withdraw/", requests.withdraw, name="request_withdraw"),
    path("requests/<uuid:public_id>/return-access/", requests.return_access, name="return_access"),
    path("requests/<uuid:public_id>/revoke/", requests.revoke, name="request_revoke"),
    path("requests/<uuid:public_id>/again/", again.again, name="request_again"),
    path("requests/<uuid:public_id>/extend/", asking.extend, name="request_extend"),
    path("requests/<uuid:public_id>/credentials/", access.issue, name="credentials"),
    path("requests/<uuid:public_id>/console/", access.console, name="console"),
    path("requests/<uuid:public_id>/console/sign-out/", access.sign_out_of_aws, name="console_sign_out"),
    path("requests/<uuid:public_id>/denied/", denied.denied, name="denied"),
    path("requests/<uuid:public_id>/calendar.ics", schedules.calendar_file, name="calendar_file"),
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
    path("roles/<account:account_id>/<role:name>/schedule/", schedules.of_role, name="role_schedule"),
    path("roles/<account:account_id>/<role:name>/favourite/", favourites.mark, name="role_favourite"),
    path("roles/<account:account_id>/<role:name>/permissions/", making.edit_permissions, name="role_permissions"),
    path(
        "roles/<account:account_id>/<role:name>/permissions/save/", making.set_permissions, name="role_permissions_save"
    ),
    path("roles/<account:account_id>/<role:name>/rename/", making.rename, name="role_rename"),
    path("roles/<account:account_id>/<role:name>/limits/", administering.limits, name="role_limits"),
    *(
        path(
            f"roles/<account:account_id>/<role:name>/switch-{way}/",
            administering.enable_or_disable,
            {"way": way},
            name=f"role_{way}",
        )
        for way in ("enable", "disable")
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
    path("roles/<account:account_id>/<role:name>/approval-settings/", approval_settings.show, name="approval_settings"),
    path(
        "roles/<account:account_id>/<role:name>/approval-settings/auto-approvals/",
        approval_settings.make,
        name="auto_approval_policy_new",
    ),
    path("auto-approvals/<uuid:public_id>/confirm/", approval_settings.confirm, name="auto_approval_policy_confirm"),
    path("auto-approvals/<uuid:public_id>/end/", approval_settings.end, name="auto_approval_policy_end"),
    path("delegation/", delegations.delegation, name="delegation"),
    path("delegation/end/", delegations.end, name="delegation_end"),
    path("personal-data/", personal_data.personal_data_page, name="personal_data"),
    path("people/", contractors.index, name="people"),
    path("people/invite/", invitations.invite, name="invite"),
    path("people/invite/colleague/", invitations.invite_colleague, name="invite_colleague"),
    path("people/contractors/<uuid:public_id>/", contractors.contractor, name="contractor"),
    path("people/colleagues/<uuid:public_id>/rights/", contractors.set_rights, name="colleague_rights"),
    *(
        path(f"people/{kind}/<uuid:public_id>/{way}/", view, {"kind": kind}, name=f"{kind}_{name}")
        for kind in ("contractor", "company", "colleague")
        for way, view, name in (
            ("disable", contractors.disable, "disable"),
            ("enable", contractors.enable, "enable"),
        )
    ),
    path("people/<uuid:public_id>/factor-reset/", factor_resets.propose, name="factor_reset"),
    path("factor-resets/<uuid:public_id>/confirm/", factor_resets.confirm, name="factor_reset_confirm"),
    path("factor-resets/<uuid:public_id>/withdraw/", factor_resets.withdraw, name="factor_reset_withdraw"),
    path("invitations/<uuid:public_id>/resend/", invitations.resend, name="invitation_resend"),
    path("invitations/<uuid:public_id>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("invitation/<str:link>/", invitations.accept, name="invitation"),
    path("accounts/", accounts.index, name="accounts"),
    path("accounts/new/", accounts.connect, name="account_new"),
    path("accounts/<account:account_id>/", accounts.show, name="account"),
    path("accounts/<account:account_id>/schedule/", schedules.of_account, name="account_schedule"),
    path("accounts/<account:account_id>/state/", accounts.state, name="account_state"),
    path("accounts/<account:account_id>/change/", accounts.change, name="account_change"),
    path("accounts/<account:account_id>/disconnect/", accounts.disconnect, name="account_disconnect"),
    path("accounts/<account:account_id>/reconnect/", accounts.reconnect, name="account_reconnect"),
    path("accounts/<account:account_id>/test/", accounts.test, name="account_test"),
    path("accounts/<account:account_id>/template/", accounts.template, name="account_template"),
    path("accounts/<account:account_id>/module/", accounts.module, name="account_module"),
    path("break-glass/", break_glass.index, name="break_glass"),
    path("break-glass/grants/<uuid:public_id>/", break_glass.show, name="break_glass_grant"),
    path("break-glass/grants/<uuid:public_id>/stop/", break_glass.stop, name="break_glass_grant_stop"),
    path("break-glass/grants/<uuid:public_id>/review/", break_glass.review, name="break_glass_grant_review"),
    path("break-glass/policies/new/", break_glass_policies.make, name="break_glass_policy_new"),
    path("break-glass/policies/<uuid:public_id>/", break_glass_policies.show, name="break_glass_policy"),
    path(
        "break-glass/policies/<uuid:public_id>/confirm/",
        break_glass_policies.confirm,
        name="break_glass_policy_confirm",
    ),
    path(
        "break-glass/policies/<uuid:public_id>/withdraw/",
        break_glass_policies.withdraw,
        name="break_glass_policy_withdraw",
    ),
    path("break-glass/policies/<uuid:public_id>/use/", break_glass.use_policy, name="break_glass_use"),
    path("drafts/save/", form_drafts.save, name="draft_save"),
    path("drafts/discard/", form_drafts.discard, name="draft_discard"),
    path("time-zone/", zones.choose, name="time_zone"),
    path("shortcuts/", shortcuts.shortcuts, name="shortcuts"),
    path("stops/", stopping.index, name="stops"),
    path("stops/new/role/<account:account_id>/<role:name>/", stopping.role, name="stop_role"),
    path("stops/new/account/<account:account_id>/", stopping.account, name="stop_account"),
    path("stops/new/company/<uuid:public_id>/", stopping.company, name="stop_company"),
    path("stops/new/person/<uuid:public_id>/", stopping.person, name="stop_person"),
    path("stops/new/sponsor/<uuid:public_id>/", stopping.sponsor, name="stop_sponsor"),
    path("stops/new/everything/", stopping.everything, name="stop_everything"),
    path("stops/<uuid:public_id>/", stopping.show, name="stop"),
    path("stops/<uuid:public_id>/state/", stopping.state, name="stop_state"),
    path("stops/<uuid:public_id>/lift/", stopping.lift, name="stop_lift"),
    path("reviews/", reviews.index, name="reviews"),
    path("reviews/<slug:name>/", reviews.show, name="review"),
    path("reviews/<slug:name>/csv/", reviews.export, name="review_export"),
    path("reviews/certify/<slug:kind_name>/", reviews.certifications, name="certifications"),
    path("reviews/certify/<slug:kind_name>/<str:key>/", reviews.certify, name="certify"),
    path("search/", search.search, name="search"),
    path("search/suggestions/", search.suggest, name="search_suggestions"),
    path("search/<slug:kind>/", search.show_list, name="search_list"),
    path("audit/", audit.index, name="audit"),
    path("audit/events/<number:sequence>/", audit.show, name="audit_event"),
    path("audit/export/", audit.export, name="audit_export"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
