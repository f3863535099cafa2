"""The WSGI entry point; it refuses unsafe settings."""

import os

from django.core.wsgi import get_wsgi_application

from portal.starting import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
refuse_unsafe()
application = get_wsgi_application()
