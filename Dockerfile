# The server, without root: only /data and /tmp are written to, so the rest may be read-only.
#   docker build --tag vision-chat .
#   docker run --rm --publish 127.0.0.1:8000:8000 --volume vision-chat:/data vision-chat
# deploy/compose.yaml has everything around it.

# the version that the tests run on; Debian 13 has the client of PostgreSQL 17
ARG BASE=python:3.11-slim-trixie

FROM ${BASE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /
# wheels alone: no compiler is needed, and nothing of a package runs here
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --only-binary :all: --requirement /requirements.txt \
 && /opt/venv/bin/pip check \
 && /opt/venv/bin/pip uninstall --yes pip setuptools

FROM ${BASE}
# pg_dump and pg_restore for backups; letters for what people write on pictures (fonts-noto-cjk has Chinese,
# Japanese and Korean ones, and 90 MB)
ARG FONTS=fonts-dejavu-core
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 ${FONTS} \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin chat \
 && install --directory --owner chat --group chat --mode 700 /data /backups
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py pyproject.toml LICENSE ./
COPY chatsite chatsite
COPY vision_chat vision_chat
COPY templates templates
COPY static static
# the code belongs to root, and is compiled here, because nobody may write beside it later
RUN /opt/venv/bin/python -m compileall -q /app /opt/venv/lib
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ENV_FILE= \
    DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
# alive, not ready: a database that is away is not mended by a restart
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--host", "0.0.0.0"]
