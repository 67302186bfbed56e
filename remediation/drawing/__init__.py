"""Values drawn from evidence by code: pure functions, one concern a file, named by `x-source` in a remedy's parameters and listed here."""

from collections.abc import Mapping

from remediation.drawing import (
    autoscaling,
    claims,
    environment,
    placement,
    probes,
    quotas,
    references,
    requests,
    revisions,
    scaling,
    services,
)
from remediation.drawing.basis import Basis, Source

__all__ = ["SOURCES", "Basis", "Source"]

SOURCES: Mapping[str, Source] = {
    "container_of_variable": environment.container_of_variable,
    "container_that_requests": requests.container_that_requests,
    "container_without_request": requests.container_without_request,
    "cpu_by_use": requests.cpu_by_use,
    "cpu_limit_before": requests.cpu_limit_before,
    "cpu_target": autoscaling.cpu_target,
    "ephemeral_by_use": requests.ephemeral_by_use,
    "existing_class": claims.existing_class,
    "expandable_class": claims.expandable_class,
    "fields_before": revisions.fields_before,
    "fixed_replicas": autoscaling.fixed_replicas,
    "image_before": revisions.image_before,
    "lower_cpu": requests.lower_cpu,
    "lower_memory": requests.lower_memory,
    "memory_by_use": requests.memory_by_use,
    "memory_limit_before": requests.memory_limit_before,
    "more_replicas": scaling.more_replicas,
    "most_replicas": autoscaling.most_replicas,
    "node_labels": placement.node_labels,
    "probe_failures": probes.probe_failures,
    "probe_path": probes.probe_path,
    "probe_port": probes.probe_port,
    "probe_scheme": probes.probe_scheme,
    "probe_timeout": probes.probe_timeout,
    "pull_secret": references.pull_secret,
    "quota_amounts": quotas.quota_amounts,
    "reference_fields": references.reference_fields,
    "replicas_before": scaling.replicas_before,
    "restarts_wanted": revisions.restarts_wanted,
    "scale_target": scaling.scale_target,
    "service_port": services.service_port,
    "service_protocol": services.service_protocol,
    "service_selector": services.service_selector,
    "spread_key": placement.spread_key,
    "spread_labels": placement.spread_labels,
    "target_port": services.target_port,
    "variable": environment.variable,
    "variable_key": environment.variable_key,
    "variable_object": environment.variable_object,
    "variable_reference": environment.variable_reference,
    "variable_value": environment.variable_value,
}
