# hwr-edge with its desk, for amd64 and arm64: docker build -t hwr-edge .
FROM python:3.12-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/hwr-edge
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY edge edge
RUN /opt/hwr-edge/bin/pip install --no-cache-dir --no-compile ".[desk,events]"

FROM python:3.12-slim-bookworm
COPY --from=build /opt/hwr-edge /opt/hwr-edge
RUN useradd --system --uid 10001 --no-create-home --home-dir /data hwr-edge \
    && install -d -o hwr-edge -g hwr-edge -m 0700 /data /data/watched
ENV PATH=/opt/hwr-edge/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    STATE_DIRECTORY=/data
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8482
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8482/api/health', timeout=4)"]
ENTRYPOINT ["hwr-edge"]
CMD ["desk", "/data/desk", "--host", "0.0.0.0", "--no-browser"]
