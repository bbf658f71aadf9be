"""Structured formats, the most specific first: which fields of each tell what.

Field names are those of the vendors' documentation: facts about formats, no text of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undersign.telemetry.logbook.batch import LogFormat
from undersign.telemetry.logbook.structured import outcomes
from undersign.telemetry.logbook.structured.shape import Record, Shape, value_at


def _of_lookup(record: Record) -> Record:
    """Return the event inside a record of `aws cloudtrail lookup-events`."""
    inner = record.get("CloudTrailEvent")
    if not isinstance(inner, str):
        return record
    import orjson

    try:
        found = orjson.loads(inner)
    except orjson.JSONDecodeError:
        return record
    return found if isinstance(found, Mapping) else record


def _of_windows(record: Record) -> Record:
    """Return a Windows event flat: System and EventData of an EVTX record beside each other."""
    event = record.get("Event", record)
    if not isinstance(event, Mapping) or not isinstance(event.get("System"), Mapping):
        return record
    system = event["System"]
    flat: dict[str, Any] = {key: _bare(value) for key, value in system.items()}
    created = value_at(system, "TimeCreated.#attributes.SystemTime")
    if created is not None:
        flat["TimeCreated"] = created
    provider = value_at(system, "Provider.#attributes.Name")
    if provider is not None:
        flat["Provider"] = provider
    data = event.get("EventData")
    if isinstance(data, Mapping):
        flat |= {key: value for key, value in data.items() if key != "#attributes"}
    user = event.get("UserData")
    if isinstance(user, Mapping):
        for inner in user.values():
            if isinstance(inner, Mapping):
                flat |= {k: v for k, v in inner.items() if k != "#attributes"}
    return flat


def _bare(value: object) -> object:
    return value.get("#text", value) if isinstance(value, Mapping) else value


SHAPES: tuple[Shape, ...] = (
    Shape("CloudTrail", 95, (("eventName",), ("eventSource",), ("eventTime",)), ("eventTime",),
          ("eventSource", "eventName", "errorCode"), {
              "actor": ("userIdentity.userName", "userIdentity.sessionContext.sessionIssuer.userName",
                        "userIdentity.arn", "userIdentity.invokedBy", "userIdentity.type"),
              "target": ("requestParameters.userName", "*requestParameters.bucketName",
                         "*requestParameters.roleName", "*requestParameters.groupName",
                         "*requestParameters.instanceId", "*requestParameters.secretId",
                         "*requestParameters.functionName", "*requestParameters.policyArn",
                         "*requestParameters.name", "*requestParameters.keyId",
                         "*requestParameters.roleArn", "*requestParameters.accessKeyId"),
              "address": ("sourceIPAddress",), "region": ("awsRegion",),
              "account": ("recipientAccountId", "userIdentity.accountId"),
              "action": ("eventName",), "error": ("errorCode",), "service": ("eventSource",),
              "file": ("requestParameters.key",),
          }, outcomes.of_cloudtrail, _of_lookup),
    Shape("Windows event log", 95, (("EventID",), ("Channel", "Provider", "ProviderName",
          "Computer", "Hostname", "SourceName")),
          ("TimeCreated", "SystemTime", "UtcTime", "@timestamp", "EventTime", "TimeGenerated",
           "timestamp"),
          ("Channel", "EventID", "Provider", "ProviderName", "SourceName"), {
              "actor": ("SubjectUserName", "User", "AccountName", "UserName", "*TargetOutboundUserName"),
              "target": ("TargetUserName", "*MemberName", "*TargetSid", "*ServiceName", "*ObjectName",
                         "*TargetObject", "*TaskName", "*QueryName", "*TargetServerName"),
              "address": ("IpAddress", "*SourceIp", "*DestinationIp", "*SourceAddress",
                          "*DestAddress", "*ClientAddress"),
              "host": ("Computer", "*WorkstationName", "*Hostname", "*DestinationHostname"),
              "event": ("EventID",), "action": ("EventType", "Category", "Task"),
              "process": ("Image", "*NewProcessName", "*ProcessName", "*ParentImage",
                          "*ParentProcessName", "*SourceImage", "*TargetImage", "*Application"),
              "file": ("TargetFilename", "*ImageLoaded", "*RelativeTargetName", "*ShareName"),
              "hash": ("Hashes", "Hash"), "service": ("ServiceName",),
              "status": ("Status", "*SubStatus", "*FailureCode"), "account": ("SubjectDomainName",
                         "*TargetDomainName"),
          }, outcomes.of_windows, _of_windows),
    Shape("Kubernetes audit", 95, (("auditID",), ("verb",), ("requestURI", "objectRef")),
          ("requestReceivedTimestamp", "stageTimestamp"),
          ("verb", "objectRef.resource", "objectRef.subresource", "stage"), {
              "actor": ("user.username", "*impersonatedUser.username"), "address": ("sourceIPs",),
              "action": ("verb",), "target": ("objectRef.name", "*objectRef.namespace"),
              "service": ("objectRef.resource",), "status": ("responseStatus.code",),
              "error": ("responseStatus.reason",), "file": ("requestURI",),
          }, outcomes.by_status("responseStatus.code")),
    Shape("Google Cloud audit", 95, (("protoPayload.methodName",), ("logName", "timestamp")),
          ("timestamp", "receiveTimestamp"),
          ("protoPayload.serviceName", "protoPayload.methodName", "severity"), {
              "actor": ("protoPayload.authenticationInfo.principalEmail",
                        "protoPayload.authenticationInfo.principalSubject"),
              "address": ("protoPayload.requestMetadata.callerIp",),
              "action": ("protoPayload.methodName",), "service": ("protoPayload.serviceName",),
              "target": ("protoPayload.resourceName",), "account": ("resource.labels.project_id",),
              "region": ("resource.labels.location", "resource.labels.zone"),
              "error": ("protoPayload.status.message",), "status": ("protoPayload.status.code",),
          }, outcomes.by_absence("protoPayload.status.code", zero=True)),
    Shape("Okta system log", 95, (("eventType",), ("actor.alternateId", "actor.displayName"),
          ("published",)), ("published",), ("eventType", "outcome.result", "outcome.reason"), {
              "actor": ("actor.alternateId", "*actor.displayName"),
              "target": ("target.alternateId", "*target.displayName"),
              "address": ("client.ipAddress",), "action": ("eventType",),
              "error": ("outcome.reason",), "region": ("client.geographicalContext.country",),
          }, outcomes.by_words("outcome.result")),
    Shape("Entra sign-in", 95, (("userPrincipalName", "UserPrincipalName", "properties.userPrincipalName"),
          ("appDisplayName", "AppDisplayName", "properties.appDisplayName")),
          ("createdDateTime", "TimeGenerated", "time", "properties.createdDateTime"),
          ("appDisplayName", "AppDisplayName", "properties.appDisplayName", "ResultType",
           "status.errorCode"), {
              "actor": ("userPrincipalName", "UserPrincipalName", "properties.userPrincipalName"),
              "address": ("ipAddress", "IPAddress", "callerIpAddress"),
              "service": ("appDisplayName", "AppDisplayName", "properties.appDisplayName"),
              "target": ("resourceDisplayName", "ResourceDisplayName"),
              "host": ("deviceDetail.displayName",), "region": ("location.countryOrRegion", "Location"),
              "error": ("status.failureReason", "ResultDescription"),
              "status": ("status.errorCode", "ResultType"), "action": ("operationName",
                         "OperationName"),
          }, outcomes.by_absence("status.errorCode", zero=True)),
    Shape("Entra audit", 94, (("activityDisplayName", "properties.activityDisplayName"),
          ("initiatedBy", "properties.initiatedBy")),
          ("activityDateTime", "time", "properties.activityDateTime"),
          ("activityDisplayName", "properties.activityDisplayName", "result"), {
              "actor": ("initiatedBy.user.userPrincipalName", "initiatedBy.app.displayName"),
              "target": ("targetResources.userPrincipalName", "targetResources.displayName"),
              "address": ("initiatedBy.user.ipAddress",), "action": ("activityDisplayName",),
              "error": ("resultReason",),
          }, outcomes.by_words("result", "properties.result")),
    Shape("Azure activity", 94, (("operationName", "operationName.value", "OperationNameValue"),
          ("subscriptionId", "resourceId", "SubscriptionId", "authorization"),
          ("eventTimestamp", "time", "TimeGenerated", "event_timestamp")),
          ("eventTimestamp", "event_timestamp", "time", "TimeGenerated"),
          ("operationName.value", "operation_name.value", "operationName", "status.value",
           "resultType"), {
              "actor": ("caller", "identity.claims.name", "Caller"),
              "address": ("httpRequest.clientIpAddress", "http_request.client_ip_address",
                          "callerIpAddress", "CallerIpAddress"),
              "action": ("operationName.value", "operation_name.value", "operationName"),
              "target": ("resourceId", "resource_id", "authorization.scope"),
              "account": ("subscriptionId", "subscription_id"), "status": ("subStatus.value",),
              "region": ("location",),
          }, outcomes.by_words("status.value", "resultType", "ActivityStatusValue")),
    Shape("Azure activity", 93, (("authorization.action", "operation_name"),
          ("event_timestamp", "eventTimestamp", "submission_timestamp")),
          ("event_timestamp", "eventTimestamp", "submission_timestamp"),
          ("operation_name.value", "authorization.action", "status.value"), {
              "actor": ("caller",), "address": ("http_request.client_ip_address", "claims.ipaddr"),
              "action": ("operation_name.value", "authorization.action"),
              "target": ("resource_id", "authorization.scope"), "account": ("subscription_id",),
          }, outcomes.by_words("status.value")),
    Shape("Microsoft 365 audit", 95, (("CreationTime",), ("Operation",), ("Workload", "RecordType")),
          ("CreationTime",), ("Workload", "Operation", "ResultStatus"), {
              "actor": ("UserId", "*UserKey"), "address": ("ClientIP", "ClientIPAddress",
                        "ActorIpAddress"),
              "action": ("Operation",), "service": ("Workload",), "target": ("ObjectId",
                         "*MailboxOwnerUPN", "*SiteUrl"),
              "file": ("SourceFileName",), "error": ("LogonError",), "account": ("OrganizationId",),
          }, outcomes.by_words("ResultStatus")),
    Shape("GitHub audit", 94, (("action",), ("actor",), ("@timestamp", "created_at"),
          ("org", "repo", "business", "_document_id", "user")), ("@timestamp", "created_at"),
          ("action",), {
              "actor": ("actor",), "address": ("actor_ip",), "action": ("action",),
              "target": ("repo", "*user", "*team", "*name"), "account": ("org", "business"),
              "region": ("actor_location.country_code",), "service": ("programmatic_access_type",),
          }, outcomes.never),
    Shape("Suricata EVE", 95, (("event_type",), ("timestamp",), ("src_ip", "flow_id", "stats")),
          ("timestamp",), ("event_type", "proto", "alert.signature", "dns.rrname", "http.hostname",
          "http.http_method", "tls.sni", "app_proto"), {
              "address": ("src_ip", "*dest_ip"), "event": ("alert.signature_id",),
              "action": ("alert.signature", "event_type"), "host": ("host", "*http.hostname", "*tls.sni",
                         "*dns.rrname"),
              "file": ("http.url", "*fileinfo.filename"), "hash": ("fileinfo.sha256", "*fileinfo.md5"),
              "status": ("http.status",), "service": ("app_proto",),
          }, outcomes.by_words("alert.action")),
    Shape("Zeek", 94, (("ts",), ("uid", "fuid", "id.orig_h", "note", "_path")), ("ts",),
          ("_path", "proto", "service", "conn_state", "query", "method", "note", "host"), {
              "address": ("id.orig_h", "*id.resp_h", "*tx_hosts", "*rx_hosts", "*src", "*dst"),
              "service": ("service", "proto"), "host": ("host", "*query", "*server_name"),
              "actor": ("username", "user", "client"), "file": ("uri", "*filename"),
              "status": ("status_code",), "hash": ("sha256", "*sha1", "*md5", "*ja3"),
              "action": ("method", "note", "_path"), "error": ("error_msg",),
          }, outcomes.by_words("success", "auth_success")),
    Shape("journald", 94, (("__REALTIME_TIMESTAMP",), ("MESSAGE", "_BOOT_ID")),
          ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"),
          ("SYSLOG_IDENTIFIER", "MESSAGE"), {
              "host": ("_HOSTNAME",), "process": ("SYSLOG_IDENTIFIER", "*_EXE", "*_COMM"),
              "service": ("_SYSTEMD_UNIT",),
          }, outcomes.never),
    Shape("plaso", 92, (("data_type",), ("timestamp",), ("timestamp_desc", "parser")),
          ("timestamp", "datetime"), ("timestamp_desc", "message"), {
              "host": ("hostname", "computer_name"), "actor": ("username", "user"),
              "file": ("filename", "path_spec.location"), "event": ("event_identifier",),
              "hash": ("sha256_hash",), "address": ("source_ip", "ip_address", "remote_host"),
          }, outcomes.never),
    Shape("Timesketch", 91, (("message",), ("datetime", "timestamp"), ("timestamp_desc",)),
          ("datetime", "timestamp"), ("timestamp_desc", "message"), {
              "actor": ("actor", "username", "user"), "host": ("host", "hostname"),
              "address": ("address", "ip", "src_ip"), "action": ("action",), "target": ("target",),
              "region": ("region",), "account": ("account",), "event": ("event",),
              "process": ("process",), "file": ("file",), "hash": ("hash",), "error": ("error",),
              "service": ("service",), "status": ("status",),
          }, outcomes.by_words("outcome")),
    Shape("JSON", 10, (("@timestamp", "timestamp", "time", "ts", "datetime", "eventTime", "date",
          "TimeGenerated", "TimeCreated", "created_at", "t", "Timestamp", "start_time", "asctime"),),
          ("@timestamp", "timestamp", "eventTime", "datetime", "time", "ts", "TimeGenerated",
           "TimeCreated", "created_at", "date", "Timestamp", "start_time", "asctime", "t"),
          ("level", "logger", "event", "action", "name", "msg", "message"), {
              "actor": ("user.name", "user", "username", "actor", "principal", "user_name"),
              "address": ("source.ip", "client_ip", "src_ip", "ip", "remote_addr", "remote_ip",
                          "client.ip", "sourceIp"),
              "host": ("host.name", "hostname", "host"), "action": ("event.action", "action",
                       "event", "method"),
              "status": ("status_code", "status", "http.response.status_code"),
              "service": ("service.name", "service", "app", "logger"),
              "error": ("error.message", "error", "err"), "process": ("process.name", "process"),
              "file": ("url.path", "path", "file.path"), "target": ("resource", "target"),
          }, outcomes.by_words("outcome", "event.outcome", "result")),
)  # fmt: skip

STRUCTURED_FORMATS: tuple[LogFormat, ...] = tuple(shape.log_format() for shape in SHAPES)
