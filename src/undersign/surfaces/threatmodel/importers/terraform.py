"""A Terraform plan as JSON (`terraform show -json`): resources, what is open, what is encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from undersign.surfaces.threatmodel.importers.imported import Imported, Item, mapping, of_json, rows

_KINDS = {
    "aws_s3_bucket": "store.object", "google_storage_bucket": "store.object",
    "azurerm_storage_account": "store.object", "aws_db_instance": "store.sql",
    "aws_rds_cluster": "store.sql", "google_sql_database_instance": "store.sql",
    "azurerm_mssql_server": "store.sql", "aws_dynamodb_table": "store.document",
    "aws_elasticache_cluster": "store.cache", "aws_sqs_queue": "store.queue",
    "aws_lambda_function": "cloud.function", "google_cloudfunctions_function": "cloud.function",
    "aws_instance": "process", "google_compute_instance": "process",
    "aws_ecs_service": "container", "aws_eks_cluster": "k8s.cluster",
    "google_container_cluster": "k8s.cluster", "aws_lb": "web.proxy", "aws_alb": "web.proxy",
    "aws_api_gateway_rest_api": "web.api", "aws_apigatewayv2_api": "web.api",
    "aws_secretsmanager_secret": "store.secret", "aws_cloudwatch_log_group": "store.log",
    "aws_cognito_user_pool": "identity.provider", "aws_ecr_repository": "ci.registry",
    "aws_codebuild_project": "ci.runner", "aws_bedrockagent_agent": "ai.agent",
    "aws_sagemaker_endpoint": "ai.model",
}  # fmt: skip
_EVERYWHERE = ("0.0.0.0/0", "::/0")


def read(text: str) -> Imported:
    """Read a plan; resources of types that are not known are compared, and not drawn."""
    data = mapping(of_json(text), "a plan")
    planned = mapping(data.get("planned_values") or {}, "planned_values")
    root = mapping(planned.get("root_module") or {}, "root_module")
    made = Imported("Terraform plan")
    own = made.boundary("cloud", "Cloud account")
    resources = list(_resources(root))
    open_groups = {str(v.get("name") or a) for a, t, v in resources if _is_open(t, v)}
    public = {str(v.get("bucket")) for _, t, v in resources if t == "aws_s3_bucket_acl"
              and str(v.get("acl", "")).startswith("public")}  # fmt: skip
    for address, kind, values in resources:
        if kind not in _KINDS:
            made.specs[address] = dict(values)
            continue
        facts = _facts(kind, values)
        if str(values.get("bucket")) in public:
            facts["public"] = True
        found = made.component(address, str(values.get("name") or address), _KINDS[kind],
                               boundary=own, **facts)  # fmt: skip
        made.specs[found] = dict(values)
        if _is_reached(values, open_groups):
            made.from_internet(found)
    drawn = len(made.components)
    made.notes.append(f"{len(resources) - drawn} resources of types without rules")
    return made


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    waiting = [module]
    while waiting:
        one = waiting.pop(0)
        for raw in rows(one.get("resources")):
            resource = mapping(raw, "a resource")
            values = mapping(resource.get("values") or {}, "values")
            yield str(resource.get("address")), str(resource.get("type")), values
        waiting += [mapping(m, "a module") for m in rows(one.get("child_modules"))]


def _facts(kind: str, values: Mapping[str, Any]) -> Item:
    found: Item = {}
    for name in ("storage_encrypted", "encrypted", "kms_encrypted"):
        if isinstance(values.get(name), bool):
            found["encrypted_at_rest"] = values[name]
    if "backup_retention_period" in values:
        found["backup"] = str(values["backup_retention_period"] or 0) not in ("0", "0.0")
    if kind == "aws_s3_bucket" and values.get("acl"):
        found["public"] = str(values["acl"]).startswith("public")
    if "publicly_accessible" in values:
        found["private_network"] = not values["publicly_accessible"]
    return found


def _is_open(kind: str, values: Mapping[str, Any]) -> bool:
    if kind not in ("aws_security_group", "google_compute_firewall"):
        return False
    ranges = [
        r
        for rule in rows(values.get("ingress"))
        for r in rows(mapping(rule, "a rule").get("cidr_blocks"))
    ]
    return any(one in _EVERYWHERE for one in (*ranges, *rows(values.get("source_ranges"))))


def _is_reached(values: Mapping[str, Any], open_groups: set[str]) -> bool:
    groups = {str(one) for name in ("security_groups", "vpc_security_group_ids")
              for one in rows(values.get(name))}  # fmt: skip
    if groups & open_groups or values.get("publicly_accessible") is True:
        return True
    return values.get("internal") is False
