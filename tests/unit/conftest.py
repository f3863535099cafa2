"""Property tests take as long as they take: this machine may be busy with other things."""

from hypothesis import settings

settings.register_profile("daypass", deadline=None, print_blob=True)
settings.load_profile("daypass")
