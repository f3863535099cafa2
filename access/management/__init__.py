"""The commands that Daypass adds to `manage.py`."""
