"""A browser without a screen: follows sign-in links, keeps the cookie, does not follow redirects by itself."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from typing import Any

from tests.localaws.server import Credentials, LocalAws

DESTINATION = "https://us-east-1.console.aws.amazon.com/s3/buckets/importantprojectbucket"
ISSUER = "https://portal.example/access"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Page:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class Browser:
    """One browser of one person."""

    aws: LocalAws
    jar: CookieJar = field(default_factory=CookieJar)

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Page:
        """Return the page at a path of the local AWS; a form makes it a POST."""
        url = path if path.startswith("http") else self.aws.url + path
        body = urllib.parse.urlencode(form).encode() if form is not None else None
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), _Stay())
        request = urllib.request.Request(url, data=body, headers=headers)
        try:
            answer = opener.open(request, timeout=30)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return Page(
                answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.headers.items()}
            )

    def signin_token(self, who: Credentials, **rest: str) -> Page:
        session = {"sessionId": who.access_key, "sessionKey": who.secret_key, "sessionToken": who.token}
        return self.ask("/federation", {"Action": "getSigninToken", "Session": json.dumps(session), **rest})

    def link(self, who: Credentials, **rest: str) -> str:
        """Return the path of a sign-in link for these credentials."""
        token = self.signin_token(who, **rest).json["SigninToken"]
        asked = {"Action": "login", "Issuer": ISSUER, "Destination": DESTINATION, "SigninToken": token}
        return "/federation?" + urllib.parse.urlencode(asked)

    def whoami(self) -> Page:
        return self.ask("/console/session")

    def act(self, action: str, bucket: str, key: str = "hello.txt") -> dict[str, Any]:
        """Return what a button of the console answers."""
        form = {"action": action, "bucket": bucket, "key": key}
        return self.ask("/console/act", form, Accept="application/json").json
