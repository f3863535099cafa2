"""`make lock`: compile the lock files again, newest versions that fit, with hashes and without index addresses."""

import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
# The order matters: earlier files constrain later ones, so that all packages fit into one environment.
NAMES = ("bootstrap", "runtime", "demo", "dev", "localaws")
OPTIONS = (
    "--quiet", "--upgrade", "--universal", "--python-version", "3.11",
    "--generate-hashes", "--no-emit-index-url", "--custom-compile-command", "make lock",
)  # fmt: skip


def main() -> None:
    """Write every lock file; stop at the first that cannot be resolved."""
    uv = Path(sys.executable).with_name("uv")
    for name in NAMES:
        command = [str(uv), "pip", "compile", *OPTIONS, f"{name}.in", "--output-file", f"{name}.txt"]
        subprocess.run(command, cwd=REQUIREMENTS, check=True)
        print(f"requirements/{name}.txt")


if __name__ == "__main__":
    main()
