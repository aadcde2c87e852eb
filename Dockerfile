FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/oms \
 && /opt/oms/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
# Copied, not built: nothing is fetched beside what the lock pins.
COPY src/oms_api oms_api
COPY migrations oms_api/_migrations
RUN cp -r oms_api "$(/opt/oms/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/" \
 && /opt/oms/bin/python -m compileall -q /opt/oms

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin oms
COPY --from=build /opt/oms /opt/oms
ENV PATH=/opt/oms/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OMS_HOST=0.0.0.0 \
    OMS_PORT=8000 \
    OMS_HOME=/tmp/oms \
    OMS_LOG_FORMAT=json
USER oms
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"OMS_PORT\"]}/readyz', timeout=2)"]
ENTRYPOINT ["python", "-m", "oms_api"]
CMD ["serve"]
