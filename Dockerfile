# syntax=docker/dockerfile:1
# Two stages: what builds stays behind, what serves gets the finished environment and the shop's files.
# No setting and no key is in the image; see .env.example and docker-compose.yml.

FROM python:3.11.14-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements/production.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-deps --require-hashes --only-binary :all: -r production.txt \
 && /venv/bin/pip uninstall --yes pip setuptools


FROM python:3.11.14-slim-trixie AS shop

# pg_dump and pg_restore of the server's version, for copies of the database.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/* \
 && pip uninstall --yes pip setuptools wheel \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /app --shell /usr/sbin/nologin shop

ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SHOP_ENV=production BIND=0.0.0.0:8000
COPY --from=build /venv /venv
WORKDIR /app
COPY wsgi.py gunicorn.conf.py ./
COPY migrations migrations
COPY sandboxes sandboxes
COPY shop shop
RUN python -m compileall -q shop sandboxes && mkdir instance && chown shop:shop instance

USER 10001:10001
VOLUME /app/instance
EXPOSE 8000
STOPSIGNAL SIGTERM

# The shop answers to its own names only, so the question carries one.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as ask; host = os.environ.get('TRUSTED_HOSTS', 'localhost').split(',')[0].strip().lstrip('.'); ask.urlopen(ask.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]

CMD ["gunicorn"]
