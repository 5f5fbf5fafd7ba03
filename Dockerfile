# One image for every role: web, workers, beat, migrations. Runs as an ordinary user.
FROM debian:12-slim AS build
RUN apt-get update \
    && apt-get install --no-install-recommends -y python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
# With face and plate detection, object storage and HEIC: media workers need the first.
COPY requirements/image.txt /build/image.txt
RUN python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r /build/image.txt

FROM debian:12-slim
# Pango and HarfBuzz set the text of PDF files.
RUN apt-get update \
    && apt-get install --no-install-recommends -y python3 \
       libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /home/anliegen anliegen \
    && install -d -o anliegen -g anliegen /data/media /data/sealed /data/static \
        /data/erasures
COPY --from=build /venv /venv
COPY --chown=root:root . /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=backend.settings \
    ANLIEGEN_MEDIA_ROOT=/data/media \
    ANLIEGEN_SEALED_ROOT=/data/sealed \
    ANLIEGEN_STATIC_ROOT=/data/static \
    ANLIEGEN_ERASURE_LIST=/data/erasures/erasures.jsonl
RUN python3 -m compileall -q /app /venv
USER 10001
VOLUME ["/data/media", "/data/sealed", "/data/static", "/data/erasures"]
EXPOSE 8000
ENTRYPOINT ["/app/deploy/compose/role.sh"]
CMD ["web"]
