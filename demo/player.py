"""Play one request through the real pages and the real AWS API, and compare every answer with the right one."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from demo import cast, clock, signing, workload_identities
from demo.browser import Page, UnexpectedPage, Visitor

LONG_WINDOW = timedelta(hours=1)
SHORT_WINDOW = timedelta(seconds=90)
PATIENCE = 90  # seconds to wait for the worker
DENIED = "AccessDenied"
# What stops the player when the portal or AWS does not answer, or not to these keys.
UNANSWERED = (BotoCoreError, ClientError, requests.RequestException)
OK = "ok"


@dataclass
class Walkthrough:
    """The six steps; `say` prints, `wrong` counts the answers that were not the right ones."""

    portal: str
    endpoint: str
    notes: dict[str, Any]
    say: Callable[[str], None]
    wrong: int = 0
    session_name: str = ""
    request_path: str = ""
    ends_at: datetime = field(default_factory=lambda: datetime.now(tz=UTC))
    credentials: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.richard, self.alice = Visitor(self.portal), Visitor(self.portal)
        self.movable = clock.can_be_moved(self.endpoint)
        self.length = LONG_WINDOW if self.movable else SHORT_WINDOW

    def play(self) -> int:
        """Run all steps and return the number of wrong answers."""
        self._sign_in()
        self._end_what_is_left()
        steps = (self.nothing, self.ask, self.approve, self.activate, self.use, self.close)
        for number, step in enumerate(steps, start=1):
            self.say(f"{number}. {step.__doc__}")
            step()
        return self.wrong

    def nothing(self) -> None:
        """Richard has no access."""
        self._check("Richard uploads the file", self._put(self._keys("Richard")), DENIED)
        self._check("Richard assumes the role", self._assume("Richard", "richard"), DENIED)

    def ask(self) -> None:
        """Richard proves an AWS identity and requests the role; nothing changes in AWS."""
        before = self._trust()
        self._prove()
        self.richard.open("/requests/new/")
        page = self.richard.ask(
            principal=self._choice_of(self._richards_arn()),
            start="approval",
            starts_at="",
            length="other",
            other_length=f"{int(self.length.total_seconds())} seconds",
            reason=f"Put {cast.FILE} into the bucket.",
        )
        self.request_path = page.url.removeprefix(self.portal.rstrip("/"))
        self._check("the request", "waiting" if "/requests/new/" not in page.url else "refused", "waiting")
        self._check("the trust policy", "as before" if self._trust() == before else "changed", "as before")

    def approve(self) -> None:
        """Alice sees who asks for what, and approves."""
        page = self.alice.open(self.request_path.replace("/requests/", "/approvals/"))
        shown = [self._richards_arn(), cast.ROLE, "s3:PutObject", "Richard", "Contractor A"]
        self._check(
            "Alice sees", "everything" if all(word in page.text for word in shown) else "too little", "everything"
        )
        self.alice.send("content_hash", verdict="approve")
        answer = self.alice.confirm()
        self._check("the approval", OK if answer.url != page.url else "refused", OK)

    def activate(self) -> None:
        """The worker writes the trust policy, and the page says active once AWS was read back."""
        page = self._wait_for("active")
        found = re.search(r"\bdp[a-z2-7]{14}\b", page.text)
        self.session_name = found.group() if found else ""
        (statement,) = [s for s in self._trust()["Statement"] if s.get("Sid") == self.session_name] or [{}]
        condition = statement.get("Condition", {})
        start = _instant(condition.get("DateGreaterThanEquals"))
        self.ends_at = _instant(condition.get("DateLessThan"))
        said = (
            statement.get("Principal", {}).get("AWS"),
            condition.get("StringEquals", {}).get("sts:RoleSessionName"),
            str(self.ends_at - start),
        )
        wanted = (self._richards_arn(), self.session_name, str(self.length))
        self._check("the trust policy names", " ".join(map(str, said)), " ".join(wanted))

    def use(self) -> None:
        """Richard assumes the role and uploads a file; nothing else works, and for nobody else."""
        self._check("Richard assumes the role", self._assume("Richard", self.session_name), OK)
        first = dict(self.credentials)
        self._check("Richard uploads the file", self._put(first), OK)
        self._check("Richard reads it", self._call(first, "get_object", Bucket=cast.BUCKET, Key=cast.FILE), DENIED)
        self._check("Richard lists buckets", self._call(first, "list_buckets"), DENIED)
        self._assume("Richard", self.session_name)
        fresh = self.credentials["aws_access_key_id"] != first["aws_access_key_id"]
        self._check("assuming again gives", "other keys" if fresh else "the same keys", "other keys")
        self._check("Mallory assumes the role", self._assume("Mallory", self.session_name), DENIED)

    def close(self) -> None:
        """The window passes, and AWS ends the access."""
        if self.movable:
            with clock.moved(self.endpoint, seconds=int(LONG_WINDOW.total_seconds()) + 5):
                self._check_closed()
            self._revoke()
        else:
            time.sleep(max(0.0, (self.ends_at - datetime.now(tz=UTC)).total_seconds() + 1))
            self._check_closed()
        self._wait_for("ended")
        sids = [statement.get("Sid") for statement in self._trust()["Statement"]]
        self._check("the statement", "removed" if self.session_name not in sids else "still there", "removed")

    def _check_closed(self) -> None:
        live = dict(self.credentials)
        self._check("after the window Richard assumes the role", self._assume("Richard", self.session_name), DENIED)
        self._check("and uploads the file with the earlier session", self._put(live), DENIED, "ExpiredToken")

    def _prove(self) -> None:
        """Prove Richard's identity through the page, with Richard's own keys, unless an earlier run did."""
        if self._is_proven(self.richard.open("/identities/")):
            return
        self._press(self.richard, "/identities/start/")
        page = self.richard.send("pasted", pasted=signing.sign(self.richard.page, self._keys("Richard")))
        self._check("the AWS identity", "proven" if self._is_proven(page) else "not proven", "proven")

    def _is_proven(self, page: Page) -> bool:
        shown = re.escape(self._richards_arn()) + r"</span>\s*<p[^>]*>\s*Proven by a signed request"
        return re.search(shown, page.text) is not None

    def _choice_of(self, arn: str) -> str:
        """Return the value of the radio button beside this ARN."""
        found = re.search(rf'name="principal" value="(\d+)"[^>]*>\s*{re.escape(arn)}', self.richard.page.text)
        return found.group(1) if found else ""

    def _sign_in(self) -> None:
        for visitor, person in ((self.richard, cast.RICHARD), (self.alice, cast.ALICE)):
            visitor.sign_in(person.email, *cast.secrets_of(person, self.notes), notebook=cast.used_codes_file())

    def _end_what_is_left(self) -> None:
        """End what an earlier run left behind, so that this one begins with no access."""
        page = self.richard.open("/")
        for path in sorted(set(re.findall(r"/requests/[0-9a-f-]{36}/", page.text))):
            page = self.richard.open(path)
            if any(form.action.endswith("/withdraw/") for form in page.forms):
                self._press(self.richard, "/withdraw/")
            elif any(form.action.endswith("/return-access/") for form in page.forms):
                self.request_path = path
                self._press(self.richard, "/return-access/")
                self._wait_for("ended")

    def _revoke(self) -> None:
        self.alice.open(self.request_path)
        self._press(self.alice, "/revoke/", reason="The run is complete.")

    @staticmethod
    def _press(visitor: Visitor, ending: str, **values: str) -> None:
        visitor.page.forms = [form for form in visitor.page.forms if form.action.endswith(ending)]
        visitor.send(**values)
        visitor.confirm()

    def _wait_for(self, state: str) -> Page:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            page = self.richard.open(self.request_path)
            if f'data-state="{state}"' in page.text:
                self._check("the page says", state, state)
                return page
            time.sleep(0.5)
        raise UnexpectedPage("demo_state_missing", path=self.request_path, state=state, seconds=PATIENCE)

    def _check(self, what: str, answer: str, *right: str) -> None:
        good = answer in right
        self.wrong += not good
        self.say(f"   {'✓' if good else '✗'} {what}: {answer}" + ("" if good else f" (should be {' or '.join(right)})"))

    def _richards_arn(self) -> str:
        return f"arn:aws:iam::{self.notes['contractor_account']}:user/Richard"

    def _keys(self, name: str) -> dict[str, str]:
        keys = self.notes["keys"][name]
        return {"aws_access_key_id": keys["access_key_id"], "aws_secret_access_key": keys["secret_access_key"]}

    def _trust(self) -> dict[str, Any]:
        """Return the role's trust policy as the worker's own identity reads it: the player needs no administrator."""
        role = self._client("iam", workload_identities.worker_keys()).get_role(RoleName=cast.ROLE)["Role"]
        return dict(role["AssumeRolePolicyDocument"])

    def _client(self, service: str, keys: dict[str, str]) -> Any:
        config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 2})
        return boto3.client(  # type: ignore[call-overload]
            service, endpoint_url=self.endpoint or None, region_name=self.notes["region"], config=config, **keys
        )

    def _assume(self, name: str, session_name: str) -> str:
        try:
            answer = self._client("sts", self._keys(name)).assume_role(
                RoleArn=self.notes["role_arn"], RoleSessionName=session_name
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        made = answer["Credentials"]
        self.credentials = {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"],
        }
        return OK

    def _put(self, keys: dict[str, str]) -> str:
        return self._call(keys, "put_object", Bucket=cast.BUCKET, Key=cast.FILE, Body=b"from Richard")

    def _call(self, keys: dict[str, str], action: str, **words: Any) -> str:
        try:
            getattr(self._client("s3", keys), action)(**words)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return OK


def _instant(condition: dict[str, str] | None) -> datetime:
    """Return the time of a date condition, and the beginning of time where there is none."""
    said = (condition or {}).get("aws:CurrentTime", "")
    return datetime.fromisoformat(said) if said else datetime.min.replace(tzinfo=UTC)
