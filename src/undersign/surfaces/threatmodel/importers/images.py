"""What a container image is, by its name."""

from __future__ import annotations

import re

_KINDS = (
    (r"postgres|postgis|mysql|mariadb|mssql|oracle|cockroach|timescale", "store.sql"),
    (r"mongo|couch|elastic|opensearch|cassandra|dynamodb", "store.document"),
    (r"redis|valkey|memcached|keydb", "store.cache"),
    (r"rabbitmq|kafka|nats|activemq|pulsar|redpanda", "store.queue"),
    (r"minio|s3|azurite", "store.object"),
    (r"vault|infisical", "store.secret"),
    (r"loki|fluentd|fluent-bit|graylog|logstash", "store.log"),
    (r"nginx|traefik|envoy|haproxy|caddy|kong", "web.proxy"),
    (r"keycloak|authelia|authentik|dex|hydra|zitadel", "identity.provider"),
    (r"qdrant|weaviate|milvus|chroma|pgvector", "ai.rag_store"),
    (r"ollama|vllm|llama|text-generation-inference|localai", "ai.model"),
    (r"litellm", "ai.gateway"),
    (r"registry|harbor|nexus|artifactory", "ci.registry"),
    (r"jenkins|gitlab-runner|actions-runner|drone|woodpecker", "ci.runner"),
)


def kind_of(image: str, default: str) -> str:
    """Return the kind of component that runs an image."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    return next((kind for pattern, kind in _KINDS if re.search(pattern, name)), default)


def is_pinned(image: str) -> bool:
    """Say whether an image is named by its digest."""
    return "@sha256:" in image
