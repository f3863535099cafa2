"""Rita, a contractor without an AWS account: what Rita does at the portal, and what AWS allows Rita to do with it."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError
from django.test import Client
from django.utils import timezone

from access.models import Grant, Issuance, Role
from tests.factories import CONTRACTOR_ACCOUNT, HOST_ACCOUNT
from tests.integration import pages
from tests.integration.environment import Environment
from tests.localaws.server import Credentials, LocalAws
from tests.signin import sign_in

PASSWORD = "correct-horse-battery"
JSON = {"Accept": "application/json"}


@dataclass
class Rita:
    """Rita is signed in, has just typed the password, and has a role with a bucket to request."""

    env: Environment
    bucket: str
    client: Client

    @classmethod
    def at(cls, env: Environment) -> "Rita":
        bucket = env.aws.fresh("bucket")
        env.aws.root(HOST_ACCOUNT, "s3").create_bucket(Bucket=bucket)
        allow = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        env.aws.root().put_role_policy(RoleName=env.role.name, PolicyName="put", PolicyDocument=document)
        unique_id = env.aws.root().get_role(RoleName=env.role.name)["Role"]["RoleId"]
        Role.objects.filter(pk=env.role.pk).update(unique_id=unique_id, allows_console=True)
        env.cast.rita.set_password(PASSWORD)
        env.cast.rita.save()
        rita = cls(env, bucket, pages.visitor(env.cast.rita))
        rita.confirms()
        return rita

    @property
    def aws(self) -> LocalAws:
        return self.env.aws

    def confirms(self) -> None:
        """Have Rita type the password again."""
        sign_in(self.client, self.env.cast.rita)

    def gets_grant(self, *, length: timedelta = timedelta(hours=1), **different: Any) -> Grant:
        """Return a grant of so much time from now, approved, and read back from AWS."""
        wishes: dict[str, Any] = {"by": self.env.cast.rita, "principal_arn": ""}
        grant = self.env.create_grant(**wishes | different, ends_at=self.env.clock() + length)
        self.env.reconcile()
        return Grant.objects.select_related("role__account", "request").get(pk=grant.pk)

    def asks(self, grant: Grant, **form: str) -> Any:
        """Press "Get credentials"; a program would get this JSON."""
        return self.client.post(pages.of(grant.request, "credentials"), form, headers=JSON)

    def sees(self, grant: Grant) -> Any:
        """Press "Get credentials" in the browser."""
        return self.client.post(pages.of(grant.request, "credentials"))

    def opens_console(self, grant: Grant, **form: str) -> Any:
        return self.client.post(pages.of(grant.request, "console"), form)

    def gets(self, grant: Grant, **form: str) -> Credentials:
        """Return the credentials that Rita receives."""
        answer = self.asks(grant, **form)
        assert answer.status_code == 200, answer.content
        return credentials(answer)

    def can_upload(self, who: Credentials) -> bool:
        """Return whether AWS lets these credentials put an object into the bucket now."""
        try:
            self.aws.as_(who, "s3").put_object(Bucket=self.bucket, Key="file.txt", Body=b"important")
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] not in {"AccessDenied", "ExpiredToken"}:
                raise
            return False
        return True

    def richards(self, grant: Grant) -> Credentials:
        """Return a session that Richard opens with their own long-term keys, for the default length of STS."""
        iam, name = self.aws.root(CONTRACTOR_ACCOUNT), grant.principal_arn.rsplit("/", 1)[1]
        allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": grant.role.arn}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=document)
        keys = Credentials.of(iam.create_access_key(UserName=name))
        opened = self.aws.as_(keys, "sts").assume_role(RoleArn=grant.role.arn, RoleSessionName=grant.session_name)
        return Credentials.of(opened)

    def assumed(self, grant: Grant) -> list[str]:
        """Return the outcomes of what the issuer asked STS for this access."""
        return [
            call["outcome"]
            for call in self.aws.calls()
            if call["action"] == "AssumeRole"
            and call["params"].get("RoleSessionName") == grant.session_name
            and "daypass-issuer" in call["caller"]
        ]


def credentials(answer: Any) -> Credentials:
    given = answer.json()
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def outcomes() -> list[tuple[str, str]]:
    """Return what became of every issue, in order: the outcome and the code of its reason."""
    return list(Issuance.objects.order_by("pk").values_list("outcome", "reason_code"))


def ended(grant: Grant) -> timedelta:
    """Return how long it is from now until a second after the end of the access."""
    return grant.ends_at - timezone.now() + timedelta(seconds=1)
