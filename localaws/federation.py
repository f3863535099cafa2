"""AWS's sign-in endpoint: `/federation` (getSigninToken, login), and the sign-out address `/oauth`.

IAM User Guide, "Enabling custom identity broker access to the AWS console".
"""

import json
import secrets
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from localaws import callers, pages
from localaws.answers import Refused, Response, as_html, as_json
from localaws.calls import Call
from localaws.clock import stamp
from localaws.inside import MODULES, SESSIONS, new_secret, new_session_key, new_session_token
from localaws.requests import Request
from localaws.world import World

TOKEN_SECONDS = 15 * 60
DURATION = range(900, 43_201)
COOKIE = "local-aws-console"
SESSION_PARTS = ("sessionId", "sessionKey", "sessionToken")


class Federation:
    """Turns live temporary credentials into a sign-in token, and a sign-in token into a console session."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, request: Request) -> Response:
        """Return the answer to `/federation` and `/oauth`; refusals are 400 with a sentence, as AWS's are."""
        try:
            if request.path == "/oauth":
                return self._logout(request)
            action = request.form.get("Action", "")
            if action == "getSigninToken":
                return self._signin_token(request.form)
            if action == "login" and request.method == "GET":
                return self._login(request)
            raise Refused("BadRequest", "Action must be getSigninToken or login")
        except Refused as refusal:
            return as_html(pages.refusal(refusal.message), refusal.status)

    def call(self, request: Request) -> Call:
        """Return the log entry of a getSigninToken call, still without its outcome."""
        try:
            caller = callers.identify(str(json.loads(request.form.get("Session", ""))["sessionId"]))
        except (ValueError, KeyError, TypeError):
            caller = callers.ANONYMOUS
        return Call("signin", "GetSigninToken", caller.arn, caller.account, request.form)

    def session_of(self, request: Request) -> dict[str, Any] | None:
        """Return the console session of a browser that is signed in and not over yet, or None."""
        key = self._world.consoles.get(_cookie(request), {}).get("key", "")
        session = SESSIONS.get(str(key))
        return session if session is not None and session["Expiration"] > self._world.clock.time() else None

    def key_of(self, request: Request) -> str:
        return str(self._world.consoles[_cookie(request)]["key"])

    def details_of(self, request: Request) -> Mapping[str, Any]:
        """Return what the login link said: issuer and destination."""
        return self._world.consoles[_cookie(request)]

    def _signin_token(self, form: Mapping[str, str]) -> Response:
        key, session = self._live_session(form.get("Session", ""))
        seconds = form.get("SessionDuration")
        if seconds is not None:
            _check_duration(seconds, session)
        token = secrets.token_urlsafe(64)
        self._world.remember_secrets(token)
        self._world.signins[token] = {
            "key": key,
            "until": self._world.clock.time() + TOKEN_SECONDS,
            "seconds": int(seconds) if seconds is not None else None,
        }
        self._world.dirty = True
        return as_json({"SigninToken": token})

    def _live_session(self, written: str) -> tuple[str, dict[str, Any]]:
        """Return the session that the JSON names, when its three parts are right and it is not over."""
        try:
            key, secret, token = (json.loads(written)[name] for name in SESSION_PARTS)
        except (ValueError, KeyError, TypeError):
            raise Refused("BadRequest", "Session must be JSON with sessionId, sessionKey and sessionToken") from None
        session = SESSIONS.get(key) if isinstance(key, str) else None
        if session is None or (session["SecretAccessKey"], session["SessionToken"]) != (secret, token):
            raise Refused("BadRequest", "The credentials in your request were invalid")
        if session["Expiration"] <= self._world.clock.time():
            raise Refused("BadRequest", "The credentials in your request have expired")
        return key, session

    def _login(self, request: Request) -> Response:
        form = request.form
        signin = self._world.signins.get(form.get("SigninToken", ""))
        if signin is None or signin["until"] < self._world.clock.time():
            raise Refused("BadRequest", "The sign-in token is not valid or older than 15 minutes")
        if not form.get("Destination"):
            raise Refused("BadRequest", "Destination is missing")
        source = SESSIONS[signin["key"]]
        present = self.session_of(request)
        if present is not None and present["AccountId"] != source["AccountId"]:
            return as_html(pages.other_account(request, present["AccountId"]))
        cookie, session = self._open(source, signin["seconds"], form)
        headers = {"Set-Cookie": f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax", "Referrer-Policy": "no-referrer"}
        return as_html(pages.console(session, form.get("Issuer", ""), form["Destination"]), headers=headers)

    def _open(self, source: dict[str, Any], seconds: int | None, form: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """Return the cookie and the console's own session: other keys, the same `aws:userid`, perhaps a longer life."""
        key, cookie = new_session_key(), secrets.token_urlsafe(32)
        session = {
            **source,
            "SecretAccessKey": new_secret(),
            "SessionToken": new_session_token(),
            "Expiration": source["Expiration"] if seconds is None else self._world.clock.time() + seconds,
        }
        MODULES["sts"].register_session(key, session)
        self._world.consoles[cookie] = {
            "key": key,
            "issuer": form.get("Issuer", ""),
            "destination": form["Destination"],
        }
        self._world.remember_secrets(cookie)
        self._world.dirty = True
        return cookie, session

    def _logout(self, request: Request) -> Response:
        if request.form.get("Action") != "logout":
            raise Refused("BadRequest", "Action must be logout")
        target = request.form.get("redirect_uri", "")
        if target and urlsplit(target).netloc != request.headers.get("host"):
            raise Refused("BadRequest", "redirect_uri must lead back to this sign-in endpoint")
        self._world.consoles.pop(_cookie(request), None)
        self._world.dirty = True
        headers = {"Set-Cookie": f"{COOKIE}=; Path=/; Max-Age=0", "Referrer-Policy": "no-referrer"}
        if not target:
            return as_html(pages.signed_out(), headers=headers)
        return 302, {**headers, "Location": target, "Cache-Control": "no-store"}, b""


def _check_duration(seconds: str, session: Mapping[str, Any]) -> None:
    """SessionDuration is 900 to 43200, and refused for chained credentials and federation tokens."""
    if not seconds.isdecimal() or int(seconds) not in DURATION:
        raise Refused("BadRequest", "SessionDuration must be between 900 and 43200 seconds")
    if session.get("Chained") or session["PrincipalType"] == "FederatedUser":
        raise Refused("BadRequest", "SessionDuration is not allowed for credentials from role chaining or federation")


def _cookie(request: Request) -> str:
    found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    return found.value if found else ""


def whoami(session: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the console page names, for a test to read."""
    return {
        "arn": session["Arn"],
        "userid": session["UserId"],
        "account": session["AccountId"],
        "expires": stamp(session["Expiration"]),
        "issuer": details["issuer"],
        "destination": details["destination"],
    }
