"""Play one request from start to end against the running stack."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from access.management.refusing import RefusedCommand
from demo import cast
from demo.browser import UnexpectedPage
from demo.guard import check_is_demo
from demo.player import UNANSWERED, Walkthrough


class Command(BaseCommand):
    help = "Run one request in six steps through the pages and the AWS API of the running stack (make run)."

    def handle(self, *args: Any, **options: Any) -> None:
        check_is_demo()
        run = Path(settings.VAR_DIR) / "run.json"
        if not run.exists() or not cast.notes_file().exists():
            raise RefusedCommand("demo_not_running")
        portal = json.loads(run.read_text())["portal"]
        try:
            wrong = Walkthrough(portal, settings.AWS_ENDPOINT_URL, cast.read_notes(), self.stdout.write).play()
        except UnexpectedPage as error:
            raise RefusedCommand("demo_story_stopped", why=error.text) from error
        except UNANSWERED as error:
            raise RefusedCommand("demo_story_unanswered", why=str(error), file=str(run)) from error
        if wrong:
            raise RefusedCommand("demo_answers_wrong", count=wrong)
        self.stdout.write(self.style.SUCCESS("All six steps gave the expected answers."))
