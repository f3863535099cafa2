"""What one run generates, and which process gets it."""

from pathlib import Path

from access.signatures import public_key
from dev import wiring
from dev.commands import DAYPASS, environment, management_environment
from dev.options import Options


def test_only_the_worker_gets_the_key_that_signs_checkpoints(tmp_path: Path) -> None:
    options = Options(var=tmp_path, port=8000)
    made = wiring.make(options)
    wiring.write(options, made)
    told = {name: "DAYPASS_CHECKPOINT_KEY_FILE" in environment(name, options, made) for name in DAYPASS}
    assert told == {"web": False, "worker": True, "urgent": False, "revocations": False, "issuer": False, "beat": False}
    assert made.checkpoint_key not in (tmp_path / "env").read_text()
    assert (tmp_path / "checkpoint.key").stat().st_mode & 0o777 == 0o600
    assert management_environment(options, made)["DAYPASS_CHECKPOINT_PUBLIC_KEYS"] == public_key(made.checkpoint_key)


def test_the_next_run_has_the_same_key(tmp_path: Path) -> None:
    options = Options(var=tmp_path, port=8000)
    made = wiring.make(options)
    wiring.write(options, made)
    assert wiring.make(options).checkpoint_key == made.checkpoint_key
