"""The web server's entry: ``granian --interface wsgi palier.config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "palier.config.settings")
application = get_wsgi_application()

from palier.interfaces.ui import errors  # noqa: E402 - after setup: it draws pages

errors.prepare()
