# The service in one small image: web, worker and release are commands of it (compose.yaml, Procfile).

FROM python:3.13-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.txt /
RUN /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /requirements.txt \
    && /venv/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin unfurler
COPY --from=packages /venv /venv
WORKDIR /app
COPY gunicorn.conf.py Procfile LICENSE ./
COPY providers/ providers/
COPY unfurler/ unfurler/
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN PYTHONDONTWRITEBYTECODE= python -m compileall -q /app
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8080') + '/healthz', timeout=2)"]
CMD ["gunicorn", "unfurler.web.app:serve()"]
