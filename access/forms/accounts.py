"""Connect an account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from access.forms.fields import ArnField, LineField
from access.models import account_id_validator, org_id_validator, region_validator

PARTITIONS = (("aws", "aws"), ("aws-us-gov", _("aws-us-gov (GovCloud)")), ("aws-cn", _("aws-cn (China)")))


class AccountForm(forms.Form):
    """Connect an AWS account."""

    name = LineField(label=_("Name"), max_length=100, help_text=_("Display name for this account."))
    account_id = forms.CharField(label=_("AWS account ID"), max_length=12, validators=[account_id_validator])
    partition = forms.ChoiceField(label=_("Partition"), choices=PARTITIONS)
    region = forms.CharField(label=_("Region"), max_length=30, initial="us-east-1", validators=[region_validator])
    hub_account_id = forms.CharField(
        label=_("Hub account ID"),
        max_length=12,
        required=False,
        validators=[account_id_validator],
        help_text=_(
            "The account in which the hub template is deployed. Leave empty if this is your only account: you "
            "then need no hub, and deploy the template for a single account."
        ),
    )
    org_id = forms.CharField(
        label=_("Organisation ID"),
        max_length=36,
        required=False,
        validators=[org_id_validator],
        help_text=_("For example o-a1b2c3d4e5. If set, only principals of this organisation can manage the account."),
    )
    issuer_arn = ArnField(
        label=_("Issuer ARN"),
        required=False,
        help_text=_(
            "The issuer is the identity that trust policies name for portal access. Leave empty if a template "
            "of Daypass created it."
        ),
    )


class AccountChangeForm(AccountForm):
    """Change an account's details; its AWS account ID and partition cannot change."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["account_id"], self.fields["partition"]
