# Two images: `portal` (the default) and `keycloak`, which is Keycloak with the organizations extension.

FROM python:3.11-slim AS base
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1

FROM base AS jars
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY portal portal
COPY keycloak keycloak
RUN python -m portal.demo.artifacts /providers

FROM keycloak/keycloak:26.5.7 AS keycloak
COPY --from=jars /providers/ /opt/keycloak/providers/
COPY theme /opt/keycloak/themes/portal
COPY keycloak/realm-export.json /opt/keycloak/data/import/
RUN /opt/keycloak/bin/kc.sh build --db=postgres --health-enabled=true
# Java 24 and newer must be told that the extension's worker threads may look into java.lang.
ENV JAVA_OPTS_APPEND="--add-opens=java.base/java.lang=ALL-UNNAMED"
CMD ["start", "--optimized", "--import-realm"]

FROM base AS portal
COPY requirements-server.lock ./
RUN pip install --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md ./
COPY portal portal
RUN pip install --no-deps --no-build-isolation . \
    && useradd --system --create-home --home-dir /config portal
USER portal
VOLUME /config
ENV PORTAL_CONFIG=/config/portal.toml
EXPOSE 8000
HEALTHCHECK --start-period=20s --interval=15s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["portal", "serve", "--bind=0.0.0.0:8000"]
