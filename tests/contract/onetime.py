"""A virtual MFA device and its codes (RFC 6238), computed independently of the code under test."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from tests.contract.sandbox import Sandbox, User

STEP_SECONDS = 30


@dataclass
class Device:
    """A device that belongs to a user; every code is returned once."""

    serial: str
    seed: bytes
    used: int = 0

    @classmethod
    def enabled(cls, sandbox: Sandbox, user: User) -> "Device":
        """Return a new device of the user's, enabled with two consecutive codes."""
        iam = sandbox.admin(user.side)
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=sandbox.name("device"))["VirtualMFADevice"]
        device = cls(made["SerialNumber"], base64.b32decode(made["Base32StringSeed"]))
        step = int(time.time()) // STEP_SECONDS
        iam.enable_mfa_device(
            UserName=user.name,
            SerialNumber=device.serial,
            AuthenticationCode1=device.at(step - 1),
            AuthenticationCode2=device.at(step),
        )
        # Real AWS takes no code a second time, the local one none that an AssumeRole used.
        device.used = step if sandbox.local is None else step - 1
        return device

    def code(self) -> str:
        """Return a code that was not used before, after a wait for the next one when there is none yet."""
        while (step := int(time.time()) // STEP_SECONDS) <= self.used:
            time.sleep(1)
        self.used = step
        return self.at(step)

    def at(self, step: int) -> str:
        digest = hmac.new(self.seed, step.to_bytes(8, "big"), hashlib.sha1).digest()
        start = digest[-1] & 15
        return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"
