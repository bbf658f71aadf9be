# ruff: noqa: E501 - a change stands in one line
"""Deployments to compare with, and ways to change them: for real, and in form alone."""

from __future__ import annotations

COMPOSE = """\
name: shop
services:
  web:
    image: ghcr.io/acme/web:1.4
    ports: ["443:8443"]
    depends_on: [api]
    read_only: true
  api:
    image: ghcr.io/acme/api:2.0
    user: "1000"
    environment:
      DATABASE_URL: postgres://app:hunter2@db:5432/app
      LOG_LEVEL: info
    depends_on: [db, cache]
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
    environment: {POSTGRES_PASSWORD: hunter2}
  cache:
    image: redis:7
volumes: {data: {}}
"""
COMPOSE_REAL = (
    ("ghcr.io/acme/web:1.4", "ghcr.io/acme/web:1.5"), ("postgres:16", "postgres:17"),
    ('    user: "1000"\n', '    user: "0"\n'), ('    user: "1000"\n', ""),
    ("    read_only: true\n", ""), ("    read_only: true\n", "    privileged: true\n"),
    ("443:8443", "8080:8443"), ("    image: redis:7\n", '    image: redis:7\n    ports: ["6379:6379"]\n'),
    ("    image: redis:7\n", "    image: redis:7\n    network_mode: host\n"),
    ("LOG_LEVEL: info", "LOG_LEVEL: debug"), ("@db:5432", "@cache:5432"),
    ("data:/var/lib/postgresql/data", "/var/run/docker.sock:/var/run/docker.sock"),
    ("depends_on: [api]", "depends_on: [api, cache]"), ("depends_on: [db, cache]", "depends_on: [db]"),
    ("  cache:\n    image: redis:7\n", ""), ("volumes: {data: {}}", "  mail:\n    image: postfix:3\n"),
    ("redis:7", "redis:7@sha256:" + "a" * 64), ("    image: postgres:16\n", "    image: postgres:16\n    cap_add: [SYS_ADMIN]\n"),
    ("    image: redis:7\n", "    image: redis:7\n    command: redis-server --protected-mode no\n"),
    ("    image: redis:7\n", "    image: redis:7\n    secrets: [token]\n"),
    ("    read_only: true\n", "    read_only: true\n    pid: host\n"),
)  # fmt: skip
COMPOSE_FORM = (
    ("name: shop\n", "# the shop\nname: shop\n"), ('ports: ["443:8443"]', "ports:\n      - '443:8443'"),
    ("depends_on: [db, cache]", "depends_on: [cache, db]"), ('user: "1000"', "user: '1000'"),
    ("    image: redis:7\n", "    image: redis:7  # cache\n"), ("hunter2", "hunter3"),
    ("      DATABASE_URL: postgres://app:hunter2@db:5432/app\n      LOG_LEVEL: info\n",
     "      LOG_LEVEL: info\n      DATABASE_URL: postgres://app:hunter2@db:5432/app\n"),
    ("  cache:\n    image: redis:7\n", "\n\n  cache: {image: 'redis:7'}\n"),
    ("environment: {POSTGRES_PASSWORD: hunter2}", "environment:\n      POSTGRES_PASSWORD: hunter2"),
)  # fmt: skip
KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: web
          image: ghcr.io/acme/web:1.4
          securityContext: {runAsNonRoot: true, readOnlyRootFilesystem: true}
          ports: [{containerPort: 8443}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: ClusterIP, selector: {app: web}, ports: [{port: 443}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
        - {name: db, image: "postgres:16"}
"""
KUBERNETES_REAL = (
    ("web:1.4", "web:1.5"), ("runAsNonRoot: true", "runAsNonRoot: false"),
    ("readOnlyRootFilesystem: true", "privileged: true"), ("type: ClusterIP", "type: LoadBalancer"),
    ("type: ClusterIP", "type: NodePort"), ("automountServiceAccountToken: false", "automountServiceAccountToken: true"),
    ("      automountServiceAccountToken: false\n", "      hostNetwork: true\n"),
    ("replicas: 2", "replicas: 20"), ("matchLabels: {app: web}}, policyTypes", "matchLabels: {app: db}}, policyTypes"),
    ("policyTypes: [Ingress]", "policyTypes: [Egress]"), ("postgres:16", "postgres:17"),
    ('- {name: db, image: "postgres:16"}', '- {name: db, image: "postgres:16", securityContext: {privileged: true}}'),
    ("containerPort: 8443", "containerPort: 80"), ("ports: [{port: 443}]", "ports: [{port: 80}]"),
    ("namespace: shop}\nspec:\n  replicas", "namespace: public}\nspec:\n  replicas"),
    ("  template:\n    metadata: {labels: {app: db}}\n    spec:\n", "  template:\n    metadata: {labels: {app: db}}\n    spec:\n      hostPID: true\n"),
    ("kind: StatefulSet", "kind: Deployment"), ("selector: {app: web}, ports", "selector: {app: db}, ports"),
    ("      containers:\n        - name: web\n", "      volumes: [{name: s, hostPath: {path: /var/run/docker.sock}}]\n      containers:\n        - name: web\n"),
    ("metadata: {name: db, namespace: shop}", "metadata: {name: data, namespace: shop}"),
)  # fmt: skip
KUBERNETES_FORM = (
    ("---\napiVersion: v1\n", "---\n# the service\napiVersion: v1\n"), ("apiVersion: apps/v1\nkind: Deployment\n", "kind: Deployment\napiVersion: apps/v1\n"),
    ("{runAsNonRoot: true, readOnlyRootFilesystem: true}", "{readOnlyRootFilesystem: true, runAsNonRoot: true}"),
    ("ports: [{containerPort: 8443}]", "ports:\n            - containerPort: 8443"), ("replicas: 2", "replicas: 2   # two"),
    ("---\napiVersion: v1\n", "---\n---\napiVersion: v1\n"), ('image: "postgres:16"', "image: 'postgres:16'"),
)  # fmt: skip
TERRAFORM = """\
{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
 {"address": "aws_db_instance.main", "type": "aws_db_instance", "values": {"name": "main", "storage_encrypted": true, "backup_retention_period": 7, "publicly_accessible": false, "vpc_security_group_ids": ["inner"]}},
 {"address": "aws_s3_bucket.exports", "type": "aws_s3_bucket", "values": {"bucket": "exports", "acl": "private"}},
 {"address": "aws_security_group.inner", "type": "aws_security_group", "values": {"name": "inner", "ingress": [{"from_port": 5432, "cidr_blocks": ["10.0.0.0/8"]}]}},
 {"address": "aws_iam_role.job", "type": "aws_iam_role", "values": {"name": "job", "assume_role_policy": "{}"}}],
 "child_modules": [{"address": "module.fn", "resources": [
 {"address": "module.fn.aws_lambda_function.sync", "type": "aws_lambda_function", "values": {"name": "sync", "runtime": "python3.12", "environment": [{"variables": {"TOKEN": "abc"}}]}}]}]}}}
"""
TERRAFORM_REAL = (
    ('"storage_encrypted": true', '"storage_encrypted": false'), ('"backup_retention_period": 7', '"backup_retention_period": 0'),
    ('"publicly_accessible": false', '"publicly_accessible": true'), ('"acl": "private"', '"acl": "public-read"'),
    ("10.0.0.0/8", "0.0.0.0/0"), ("5432", "22"), ('"assume_role_policy": "{}"', '"assume_role_policy": "{\\"a\\": 1}"'),
    ("python3.12", "python3.8"), ('"bucket": "exports"', '"bucket": "all-exports"'), ('"TOKEN": "abc"', '"TOKEN": "abc", "DEBUG": "1"'),
    ("aws_s3_bucket.exports", "aws_s3_bucket.reports"), ('"acl": "private"', '"acl": "private", "force_destroy": true'),
    ('"name": "job"', '"name": "admin"'), ('"vpc_security_group_ids": ["inner"]', '"vpc_security_group_ids": []'),
    ('"type": "aws_lambda_function", "values": {"name": "sync"', '"type": "aws_lambda_function", "values": {"name": "sync", "reserved_concurrent_executions": 1'),
    ('"storage_encrypted": true, ', ""), ('["10.0.0.0/8"]', '["10.0.0.0/8", "192.0.2.0/24"]'),
    ('"backup_retention_period": 7', '"backup_retention_period": 1'), ('"name": "main"', '"name": "prod"'),
    ('"runtime": "python3.12"', '"runtime": "python3.12", "vpc_config": [{"subnet_ids": ["a"]}]'),
)  # fmt: skip
TERRAFORM_FORM = (
    ('"format_version": "1.2", ', ""), ("\n", "\n\n"), ('"bucket": "exports", "acl": "private"', '"acl": "private", "bucket": "exports"'),
    ('"TOKEN": "abc"', '"TOKEN": "xyz"'), ('"backup_retention_period": 7', '"backup_retention_period":   7'),
)  # fmt: skip
ALL = {
    "compose": (COMPOSE, COMPOSE_REAL, COMPOSE_FORM),
    "kubernetes": (KUBERNETES, KUBERNETES_REAL, KUBERNETES_FORM),
    "terraform": (TERRAFORM, TERRAFORM_REAL, TERRAFORM_FORM),
}
