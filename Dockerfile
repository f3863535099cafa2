# The image of web, worker and beat. It holds no secret and no AWS identity: both come when it runs.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/bootstrap.txt requirements/runtime.txt /requirements/
RUN python -m venv /venv \
    && python -m pip install --no-cache-dir --require-hashes --requirement /requirements/bootstrap.txt \
    && uv pip sync --no-cache --require-hashes --python /venv/bin/python /requirements/runtime.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent daypass \
    && install --directory --owner 10001 --mode 700 /spool /checkpoints
COPY --from=packages /venv /venv
WORKDIR /srv/daypass
COPY . .
# The settings refuse to start without these; nothing is connected, and the keys made here are gone with this step.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    DAYPASS_ENCRYPTION_KEYS="$(python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())')" \
    ALLOWED_HOSTS=build.invalid \
    DAYPASS_URL=https://build.invalid \
    DATABASE_URL=postgres:///build \
    EMAIL_URL=smtp+tls://build.invalid \
    REDIS_URL=unix:///nowhere \
    sh -c 'python -m portal.catalogues && python manage.py collectstatic --noinput --verbosity 0'
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "docker/healthcheck.py", "http://127.0.0.1:8000/healthz"]
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--forwarder-headers", "", \
     "--access-logfile", "-"]
