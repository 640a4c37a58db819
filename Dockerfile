# The image of every Dateline container: `docker compose build`.
# Two stages: what installs (pip, its cache) stays behind.
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv --without-pip /opt/venv
WORKDIR /opt/dateline

# Dependencies change seldom: a layer of their own. Every file is checked against its hash, and
# only wheels are taken, so nothing is compiled here and no compiler is needed.
COPY requirements.lock ./
RUN pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: \
    -r requirements.lock

# Settings look for config/ beside the package, so the checkout's layout is kept and the project is
# installed in place. setuptools comes from the lock file.
COPY pyproject.toml README.md LICENSE ATTRIBUTION.md ./
COPY config/ config/
COPY dateline/ dateline/
COPY producers/ producers/
COPY processors/ processors/
COPY seeds/ seeds/
RUN pip --python /opt/venv/bin/python install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q dateline producers processors \
    # COPY keeps the modes of the checkout, which may be closed to others (umask 077).
    && chmod -R a+rX,go-w /opt/dateline


FROM python:3.13-slim

# A fixed number: bind mounts and volumes keep their owner from one build to the next.
RUN groupadd --gid 10001 dateline \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent dateline \
    && install --directory --owner=10001 --group=10001 --mode=0750 /var/lib/dateline

COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/dateline /opt/dateline

# One thread for linear algebra: a pool of processes with several threads each fights for the cores.
# No .pyc files are written: the code belongs to root and the file system is read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1

USER 10001:10001
WORKDIR /tmp
# A stage serves nothing that could be asked; see docker-compose.yml.
HEALTHCHECK NONE
ENTRYPOINT ["dateline"]
CMD ["--help"]
