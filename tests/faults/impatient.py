"""The portal's Celery application with a queue that gives a message to the next one when nobody acknowledged it within
a second: longer tasks are done again and again, several times at once.
"""

from portal.celery import app

app.conf.broker_transport_options = app.conf.broker_transport_options | {
    "visibility_timeout": 1,
    "unacked_restore_interval": 0.5,
    "unacked_restore_throttle": 1,
}
