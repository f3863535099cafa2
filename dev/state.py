"""Keep the database and the local AWS consistent: if one of them starts empty, empty the other too."""

import shutil

from dev.options import Options
from dev.steps import note


def forget_aws_without_portal(options: Options) -> None:
    """Before AWS starts: drop its kept state when the portal's own database is gone."""
    database, state = options.sqlite_file, options.local_aws_state
    if state and database and state.exists() and not database.exists():
        shutil.rmtree(state)
        note("The portal's database does not exist, so the local AWS also starts empty.")


def forget_portal_without_aws(options: Options) -> None:
    """After a local AWS has come up empty: drop the portal's own database; one that was given is never touched."""
    database = options.sqlite_file
    if database is None:
        note("The local AWS is empty, but the database keeps its data. Some of its roles may no longer exist in AWS.")
    elif database.exists():
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink()
        note("The local AWS has lost its state, so the portal's database is also created again.")
