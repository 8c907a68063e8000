"""The application for a WSGI server: `gunicorn --preload portal.wsgi:app`."""

import gc

from portal import create_app

app = create_app()

# What is loaded now stays for good. Without this the collector would touch, and so copy, it in every worker.
gc.collect()
gc.freeze()
