"""`make terraform-check`: check that the modules in `deploy/terraform` are formatted and valid.

`init` needs the provider; it is taken from `TF_PLUGIN_DIR`, laid out as a file system mirror, and from nowhere else.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dev.options import ROOT

MODULES = ROOT / "deploy" / "terraform"
WITHOUT_TERRAFORM = "not checked: there is no terraform on PATH"
WITHOUT_PROVIDER = "format only: TF_PLUGIN_DIR names no folder with the AWS provider, and none is downloaded"


def main() -> int:
    """Return how far the modules were checked and return 0, or what is wrong and return 1."""
    terraform = shutil.which("terraform")
    if terraform is None:
        print(f"  {WITHOUT_TERRAFORM}")
        return 0
    wrong = _said(terraform, MODULES, "fmt", "-check", "-diff", "-recursive")
    plugins = os.environ.get("TF_PLUGIN_DIR", "")
    if plugins and Path(plugins).is_dir():
        wrong += "".join(_invalid(terraform, module, plugins) for module in sorted(MODULES.iterdir()))
    else:
        print(f"  {WITHOUT_PROVIDER}")
    print(wrong or "  ok     terraform modules")
    return 1 if wrong else 0


def _invalid(terraform: str, module: Path, plugins: str) -> str:
    """Return what is wrong with one module, seen in a copy of it."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(module, Path(scratch) / module.name))
        said = _said(
            terraform, copy, "init", "-backend=false", "-input=false", f"-plugin-dir={Path(plugins).resolve()}"
        )
        said = said or _said(terraform, copy, "validate")
    return f"--- {module.name}\n{said}" if said else ""


def _said(terraform: str, directory: Path, command: str, *words: str) -> str:
    """Return nothing when the command is passed, else what it said."""
    # A configuration file of the machine could name another source of providers.
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    done = subprocess.run(
        [terraform, command, "-no-color", *words],
        cwd=directory,
        env=environment | {"CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip() + "\n" if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
