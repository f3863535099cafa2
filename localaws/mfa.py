"""Virtual MFA devices with real one-time codes (RFC 6238, the device's clock is the real one)."""

import base64
import time
from typing import Any

import pyotp  # type: ignore[import-not-found] # lives beside ministack

from localaws.answers import Refused, Response
from localaws.iam import Handler, Params, text
from localaws.inside import IAM_HANDLERS, MFA_DEVICES
from localaws.world import World

STEP_SECONDS = 30
WINDOW_STEPS = 1  # a code is good one step early or late
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
WRONG_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
INCOMPLETE = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."


class Mfa:
    """Codes are good once each; the last step used is kept with the device."""

    def __init__(self, world: World) -> None:
        self._world = world

    def install(self) -> None:
        IAM_HANDLERS["CreateVirtualMFADevice"] = self._create(IAM_HANDLERS["CreateVirtualMFADevice"])
        IAM_HANDLERS["EnableMFADevice"] = self._enable(IAM_HANDLERS["EnableMFADevice"])

    def check(self, params: dict[str, str], user: str, account: str) -> bool:
        """Return whether the call proved a second factor; `AccessDenied` when it tried to and failed."""
        serial, code = params.get("SerialNumber", ""), params.get("TokenCode", "")
        if not serial and not code:
            return False
        if not serial or not code:
            raise Refused("AccessDenied", INCOMPLETE, 403)
        device = MFA_DEVICES.get_scoped(account, None, serial)
        if device is None or not user or device["User"] != user:
            raise Refused("AccessDenied", WRONG_DEVICE, 403)
        step = _step_of(device, code)
        if step is None or step <= device.get("LastStep", 0):
            raise Refused("AccessDenied", WRONG_CODE, 403)
        device["LastStep"] = step
        return True

    def _create(self, handler: Handler) -> Handler:
        def create(params: Params) -> Response:
            before = set(MFA_DEVICES.keys())
            response = handler(params)
            for serial in set(MFA_DEVICES.keys()) - before:
                made_up = MFA_DEVICES[serial]["Base32StringSeed"]  # hexadecimal, no authenticator could read it
                MFA_DEVICES[serial]["Base32StringSeed"] = seed = pyotp.random_base32(64)
                self._world.remember_secrets(seed)
                status, headers, body = response
                response = status, headers, body.replace(_blob(made_up), _blob(seed))
            return response

        return create

    def _enable(self, handler: Handler) -> Handler:
        """EnableMFADevice takes two consecutive codes (IAM API reference, InvalidAuthenticationCode)."""

        def enable(params: Params) -> Response:
            device = MFA_DEVICES.get(text(params, "SerialNumber"))
            if device is not None and device["User"] is None:
                first, second = (_step_of(device, text(params, f"AuthenticationCode{n}"), window=10) for n in (1, 2))
                if first is None or second is None or second != first + 1:
                    message = "Authentication code for device is not valid."
                    raise Refused("InvalidAuthenticationCode", message, 403)
            return handler(params)

        return enable


def _blob(seed: str) -> bytes:
    return base64.b64encode(seed.encode())


def _step_of(device: dict[str, Any], code: str, *, window: int = WINDOW_STEPS) -> int | None:
    """Return the time step that a code belongs to, or None when it is none of those that are good now."""
    totp = pyotp.TOTP(device["Base32StringSeed"])
    present = int(time.time()) // STEP_SECONDS
    steps = range(present - window, present + window + 1)
    return next((step for step in steps if totp.at(step * STEP_SECONDS) == code), None)
