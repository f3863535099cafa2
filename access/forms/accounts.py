"""Connect an account."""

from typing import Any

from django import forms

from access.forms.fields import ArnField, LineField
from access.models import account_id_validator, org_id_validator, region_validator

PARTITIONS = (("aws", "aws"), ("aws-us-gov", "aws-us-gov (GovCloud)"), ("aws-cn", "aws-cn (China)"))


class AccountForm(forms.Form):
    """Connect an AWS account of ours."""

    name = LineField(label="Name", max_length=100, help_text="As people here call it.")
    account_id = forms.CharField(label="AWS account id", max_length=12, validators=[account_id_validator])
    partition = forms.ChoiceField(label="Partition", choices=PARTITIONS)
    region = forms.CharField(label="Region", max_length=30, initial="us-east-1", validators=[region_validator])
    hub_account_id = forms.CharField(
        label="Account id of the hub",
        max_length=12,
        required=False,
        validators=[account_id_validator],
        help_text="The account with the hub's template. Empty when Daypass's own keys are keys of the account above.",
    )
    org_id = forms.CharField(
        label="Organisation",
        max_length=36,
        required=False,
        validators=[org_id_validator],
        help_text="Like o-a1b2c3d4e5. When given, nobody outside it can be the account's worker or builder.",
    )
    issuer_arn = ArnField(
        label="ARN of the issuer",
        required=False,
        help_text="Empty when the hub's template made it. Trust policies of portal-issued access name it.",
    )


class AccountChangeForm(AccountForm):
    """Change what is known of an account; which one it is stays as it is."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["account_id"], self.fields["partition"]
