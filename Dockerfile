# capsync as a container: mount the project at /project.
#   docker build -t capsync .
#   docker run --rm -v "$PWD:/project" -e CAPSYNC_KEY -e CAPSYNC_SECRET capsync plan -e uat
FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY capsync capsync
COPY schemas schemas
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[remote-state]"

FROM python:3.11-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl \
    && useradd --create-home --uid 1000 capsync
USER 1000
WORKDIR /project
ENTRYPOINT ["capsync"]
CMD ["--help"]
