"""The connected AWS accounts, and how Daypass reaches each of them."""

import secrets
from enum import StrEnum

from django.db import models

from access.models.names import coded_pattern
from access.workload_identities import AwsTarget

account_id_validator = coded_pattern(r"\A[0-9]{12}\Z", "account_id_invalid")
partition_validator = coded_pattern(r"\Aaws(?:-us-gov|-cn)?\Z", "partition_invalid")
region_validator = coded_pattern(r"\A[a-z]{2}(?:-[a-z]+){1,2}-[0-9]\Z", "region_invalid")
org_id_validator = coded_pattern(r"\Ao-[a-z0-9]{10,32}\Z", "organisation_id_invalid")


def new_external_id() -> str:
    """Return an external id that nobody else has: 128 random bits, in characters that no shell or form minds."""
    return secrets.token_hex(16)


class TestState(StrEnum):
    """What is known about the connection of an account, the best first."""

    PASSED = "passed"
    TESTING = "testing"
    UNTESTED = "untested"
    FAILED = "failed"


class Account(models.Model):
    """An AWS account of ours, the way to reach it, and what the last test of that way found."""

    name = models.CharField(max_length=100)
    account_id = models.CharField("AWS account id", max_length=12, unique=True, validators=[account_id_validator])
    partition = models.CharField(max_length=20, default="aws", validators=[partition_validator])
    region = models.CharField(max_length=30, default="us-east-1", validators=[region_validator])
    issuer_arn = models.CharField(
        max_length=512, blank=True, help_text="The portal's own identity that portal-issued statements name."
    )
    boundary_arn = models.CharField(
        max_length=512, blank=True, help_text="The permissions boundary of every role that Daypass makes here."
    )
    external_id = models.CharField(
        max_length=64, blank=True, help_text="Made by Daypass; empty when our identities are in the account themselves."
    )
    hub_account_id = models.CharField(
        max_length=12, blank=True, validators=[account_id_validator], help_text="The account that Daypass runs in."
    )
    org_id = models.CharField(max_length=36, blank=True, validators=[org_id_validator])
    unreachable_at = models.DateTimeField(null=True, blank=True, help_text="When AWS last did not answer for it.")
    test_asked_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_steps = models.JSONField(default=list, blank=True, help_text="Codes and facts that the last test found.")
    trust_quota = models.PositiveIntegerField(default=2048, help_text="Characters of a trust policy, as IAM says.")
    trust_quota_read_at = models.DateTimeField(null=True, blank=True)
    throttled_at = models.DateTimeField(null=True, blank=True, help_text="When AWS last answered with throttling.")
    next_write_at = models.DateTimeField(null=True, blank=True, help_text="While throttled, writes take turns.")
    disconnected_at = models.DateTimeField(null=True, blank=True, help_text="Since then, Daypass does not call it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_id_is_12_digits", condition=models.Q(account_id__regex=r"^[0-9]{12}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    @property
    def is_testing(self) -> bool:
        """Return whether a connection test was requested and is not done."""
        asked, done = self.test_asked_at, self.tested_at
        return asked is not None and (done is None or done < asked)

    @property
    def is_connected(self) -> bool:
        """Return whether Daypass works in the account."""
        return self.disconnected_at is None

    @property
    def test_state(self) -> TestState:
        """Return what the last connection test found."""
        if self.is_testing:
            return TestState.TESTING
        if self.tested_at is None:
            return TestState.UNTESTED
        return TestState.PASSED if all(step["ok"] for step in self.test_steps) else TestState.FAILED

    def aws_target(self) -> AwsTarget:
        """Return the frozen facts that AWS is asked with."""
        return AwsTarget(self.account_id, self.partition, self.region, self.external_id)
