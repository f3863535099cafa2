#!/usr/bin/env python3
"""Django's command line for Daypass."""

import os
import sys

from django.core.management import execute_from_command_line

from portal.starting import refuse_unsafe

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] != ["check"]:  # which says the same, with the hints of other checks
        refuse_unsafe()
    execute_from_command_line(sys.argv)
