# ruff: noqa: E501 - a table is read by its rows
"""What mends what was found: the kind of fix, whether it belongs in Git, how near to the source the finding is, and what a person must do.

The words of `fix_kind` are a closed list, published in docs/fix-kinds.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from remediation.calibration import confidence_at
from remediation.terms import Finding


@dataclass(frozen=True, kw_only=True)
class Mend:
    """depth: 0–100, how near to the source of trouble this finding is when it is on the symptom's own object.  advice: filled with the facts."""

    fix_kind: str
    depth: int
    advice: str

    @property
    def in_git(self) -> bool:
        """Whether the mend is a change of a manifest."""
        return not self.fix_kind.startswith("none") and self.fix_kind not in _OUTSIDE


_OUTSIDE = frozenset({"rotate_secret", "scale_nodes", "uncordon_node", "fix_node", "fix_registry", "restart_component"})


def _mends(*rows: tuple[str, str, int, str]) -> dict[str, Mend]:
    return {key: Mend(fix_kind=fix, depth=depth, advice=advice) for key, fix, depth, advice in rows}


_MENDS: Mapping[str, Mend] = _mends(  # kind/cause, or kind for every other cause of it
    ("oom_killed", "raise_memory_limit", 88, "Raise the memory limit of container {container}, which is {memory_limit}, or find what it keeps in memory."),
    ("oom_killed/node", "none_in_gitops_operations", 72, "No limit of container {container} was hit: look at its node {node}, which ran out of memory; add nodes, or request as much as it uses."),
    ("oom_killed/far_below", "none_in_gitops_operations", 70, "Find what killed container {container} far below its limit of {memory_limit}: its node, or a short spike."),
    ("oom_killed/injected", "raise_memory_limit", 86, "Raise the memory limit of the injected container {container} where it is injected from: its annotations, or the injector's settings."),
    ("oom_killed/admission", "none_in_gitops_operations", 86, "Look at what sets the memory limit of container {container} when its pod is admitted, {memory_limit}: its template gives none."),
    ("cpu_throttled", "raise_cpu_limit", 74, "Raise the CPU limit of container {container}, which is {cpu_limit}, or lower its load."),
    ("cpu_throttled/alerted", "raise_cpu_limit", 60, "Look at how much CPU container {container} uses of its limit {cpu_limit}: an alert says that it is throttled, and no metric was seen."),
    ("cpu_throttled/said", "raise_cpu_limit", 42, "Look at how much CPU container {container} uses of its limit {cpu_limit}: an alert says that it is throttled, and no metric was seen."),
    ("memory_near_limit", "raise_memory_limit", 62, "Raise the memory limit of container {container}, which is {memory_limit}, or find what it keeps in memory."),
    ("image_pull_failed", "fix_image_reference", 90, "Set an image of container {container} that exists; {image} cannot be pulled."),
    ("lifecycle_hook_failed", "fix_command", 62, "Mend the {hook} hook of container {container}: {message}"),
    ("variables_skipped", "fix_configuration", 60, "Rename the keys {keys} of {missing} {name}, or hand each on as a variable with a name of its own (valueFrom)."),
    ("class_missing", "fix_manifest", 80, "Name a {wanted} that exists ({classes}) instead of {name}, or create it."),
    ("scaled_against", "fix_manifest", 76, "Let the autoscaler alone write the replicas of {target}: take `replicas` out of its manifest, or stop who else scales it ({writers})."),
    ("image_pull_failed/unauthorized", "fix_pull_secret", 90, "Give the pull secret of container {container} access to {image}, or name a pull secret."),
    ("image_pull_failed/dns", "fix_image_reference", 90, "Mend the registry's host in {image} of container {container}, or the nodes' name resolution."),
    ("image_pull_failed/node_fault", "none_in_gitops_operations", 90, "Look at the node: it cannot store or pull {image}, which others can: {message}"),
    ("image_pull_failed/unreachable", "none_in_gitops_dependency", 90, "Restore the registry of {image}, or the way from the nodes to it."),
    ("image_pull_failed/certificate", "none_in_gitops_operations", 90, "Renew the registry's certificate, or make the nodes trust it; nothing in Git is wrong."),
    ("image_pull_failed/rate_limited", "fix_pull_secret", 90, "Wait, or pull {image} with an account or through a mirror: the registry limits the rate."),
    ("image_pull_failed/wrong_platform", "fix_image_reference", 90, "Use a build of {image} for the nodes' platform, or choose nodes of its platform."),
    ("container_not_created", "fix_command", 88, "Mend how container {container} is started: {message}."),
    ("container_not_created/minimum_memory", "raise_memory_limit", 88, "Raise the memory limit of container {container}: the runtime refuses it as too small."),
    ("container_not_created/runs_as_root", "fix_security_context", 88, "Set a user in the security context of container {container}, or an image that runs as one."),
    ("container_not_created/no_such_user", "fix_security_context", 88, "Name a user in the security context of container {container} that its image has."),
    ("container_not_created/mount_refused", "fix_volume_mount", 88, "Mend the mount of container {container}: {message}."),
    ("container_not_created/wrong_platform", "fix_image_reference", 88, "Use an image of container {container} for the nodes' platform."),
    ("container_not_created/name_taken", "none_in_gitops_operations", 80, "Remove the old container of this name on the node, or restart its runtime."),
    ("container_not_created/unknown", "none_in_gitops_operations", 76, "Look at the runtime on the node of container {container}: {message}."),
    ("container_crashing", "none_in_gitops_application", 40, "Read the previous log of container {container}: it ends with exit code {exit_code}."),
    ("container_crashing/command", "fix_command", 62, "Mend how container {container} is started: `{command}` ends with exit code {exit_code}."),
    ("missing_environment", "add_env_var", 86, "Set the environment variable {variable} of container {container}."),
    ("missing_environment/removed", "restore_env_var", 88, "Set the environment variable {variable} of container {container} again, or roll back."),
    ("certificate_expired", "rotate_secret", 87, "Renew the certificate that container {container} uses, and restart it."),
    ("certificate_expired/peer", "rotate_secret", 87, "Renew the certificate of {host}, which container {container} refuses as expired; that of {container} is not at fault."),
    ("certificate_untrusted", "rotate_secret", 80, "Give container {container} the authority that signed the certificate it sees, or a certificate for that name."),
    ("clock_skewed", "none_in_gitops_operations", 80, "Set the clocks of the nodes by NTP: {said}"),
    ("too_many_connections", "none_in_gitops_dependency", 84, "Free connections of the database, raise its maximum, or shrink the pools of its clients."),
    ("read_only", "none_in_gitops_dependency", 82, "Make what container {container} writes to writable again, or send it to the primary."),
    ("wrong_credentials", "rotate_secret", 85, "Put valid credentials into the Secret that container {container} uses."),
    ("wrong_credentials/outside", "none_in_gitops_dependency", 72, "Ask whoever runs it why it refuses {container}: {said}"),
    ("wrong_credentials/rights", "none_in_gitops_dependency", 85, "Grant the user of container {container} the rights that it lacks there, or give it another user: {said}"),
    ("database_missing", "none_in_gitops_dependency", 80, "Create the database or run its migrations, or mend its name in the environment."),
    ("dns_failure", "none_in_gitops_operations", 68, "Look at the cluster's DNS: {host} cannot be resolved."),
    ("dns_failure/no_such_service", "fix_dependency_address", 78, "Mend the address {host} that container {container} asks for: no Service has that name."),
    ("dns_failure/changed", "fix_dependency_address", 84, "Set {host} back to the address before: its configuration was changed just before that."),
    ("dns_failure/other_namespace", "fix_dependency_address", 83, "Ask for {host} with its namespace: the Service of that name is in another one."),
    ("dns_failure/headless", "none_in_gitops_dependency", 79, "Mend the pods behind the headless Service {host}: none is ready, so the name has no address."),
    ("dns_failure/outside", "fix_dependency_address", 70, "Mend the name {host} that container {container} asks for, or its DNS record."),
    ("dependency_unreachable", "none_in_gitops_dependency", 64, "Restore what {container} depends on: {said}"),
    ("dependency_unreachable/no_such_service", "fix_dependency_address", 78, "Mend the address {host}:{port}, or create that Service: it does not exist."),
    ("dependency_unreachable/changed", "fix_dependency_address", 84, "Set {host} back to the address before: its configuration was changed just before that."),
    ("dependency_unreachable/wrong_port", "fix_dependency_address", 80, "Mend the port {port} of {host}: the Service has another."),
    ("port_in_use", "fix_port", 82, "Give container {container} a port that no other container of its pod listens on."),
    ("port_not_permitted", "fix_security_context", 84, "Let container {container} listen on a port above 1023, or give it NET_BIND_SERVICE."),
    ("disk_full", "increase_pvc_size", 78, "Make the volume of container {container} larger, or clear it."),
    ("disk_full/elsewhere", "none_in_gitops_operations", 72, "Clear the disk of the node of container {container}, or give its emptyDir more room: no claim is full."),
    ("out_of_memory_inside", "raise_memory_limit", 80, "Give the process in container {container} more heap, or less to do."),
    ("out_of_memory_inside/maxmemory", "fix_configuration", 82, "Raise maxmemory of the server, or set its maxmemory-policy: {said}"),
    ("permission_denied", "fix_security_context", 80, "Let the user of container {container} write {path}: fsGroup or its owner on the volume."),
    ("command_not_found", "fix_command", 85, "Mend the command of container {container}: {command} does not exist in its image."),
    ("file_missing", "fix_volume_mount", 68, "Mount {path}, which container {container} reads, or mend its path."),
    ("configuration_invalid", "fix_configuration", 76, "Mend the configuration of container {container}: {said}"),
    ("migration_failed", "none_in_gitops_application", 76, "Mend the migration of container {container}: {said}"),
    ("secret_missing", "fix_secret_reference", 83, "Create the Secret {resource} in its namespace, or name the one that exists: {said}"),
    ("workers_busy", "fix_configuration", 74, "Raise the limit of workers of container {container}, or find what keeps them busy: {said}"),
    ("requests_failing", "none_in_gitops_application", 56, "Find why {container} answers {path} with an error: {said}"),
    ("slow_dependency", "none_in_gitops_application", 58, "Look at the slow calls of {container}: {said}"),
    ("peer_lost", "none_in_gitops_application", 72, "Look at the peer that {container} lost: {said}"),
    ("rate_limited", "none_in_gitops_dependency", 60, "Lower the rate of {container}, or raise the limit of what it calls."),
    ("consumer_lag", "none_in_gitops_application", 44, "Add consumers, or look at why they are slow."),
    ("command_foreign", "fix_command", 86, "Start container {container} with its own command, not with {command}."),
    ("setting_empty", "fix_configuration", 86, "Give ConfigMap {config} the key {key}: {message}"),
    ("setting_empty/read_empty", "fix_configuration", 72, "Look at ConfigMap {config}, of which a setting is read empty: {message}"),
    ("consumers_behind", "none_in_gitops_application", 46, "Look at why group {group} reads topic {topic} so slowly, or add consumers."),
    ("recovered", "none", 20, "Nothing is to be done now: {container} is well again since it said {said}"),
    ("rbac_forbidden", "fix_rbac", 88, "Grant {verb} on {resource} to the service account {account}."),
    ("application_bug", "none_in_gitops_application", 46, "Mend the program in container {container}: {said}"),
    ("application_bug/script", "fix_command", 84, "Mend the script in the command of container {container}: {said}"),
    ("error_logged", "none_in_gitops_application", 38, "Look at what the log of container {container} says again and again: {said}"),
    ("error_logged/once", "none_in_gitops_application", 38, "Look at what the log of container {container} says: {said}"),
    ("error_logged/reconfigured", "fix_configuration", 40, "Look at what was changed in the configuration of container {container} just before: {said}"),
    ("error_logged/tls", "none_in_gitops_operations", 38, "Look at the certificates and TLS settings of container {container}: {said}"),
    ("error_logged/dns", "none_in_gitops_operations", 38, "Look at the name resolution of container {container}: {said}"),
    ("error_logged/permission", "none_in_gitops_operations", 38, "Look at what container {container} may do: {said}"),
    ("error_logged/database", "none_in_gitops_dependency", 38, "Look at the database of container {container}: {said}"),
    ("error_logged/file_system", "none_in_gitops_operations", 38, "Look at the file system of container {container}: {said}"),
    ("error_logged/disk", "none_in_gitops_operations", 38, "Look at the disk of container {container}: {said}"),
    ("error_logged/network", "none_in_gitops_dependency", 38, "Look at the network of container {container}: {said}"),
    ("definition_missing", "install_crd", 84, "Install the definition of {resource}, or use a version of the program that does without it."),
    ("gpu_unavailable", "none_in_gitops_operations", 84, "Mend the GPU driver or device plugin of the node that container {container} runs on: {said}"),
    ("gpu_memory", "none_in_gitops_application", 82, "Give the model of container {container} a larger GPU, or a smaller batch: {said}"),
    ("read_only_filesystem", "fix_security_context", 80, "Mount a writable volume where container {container} writes {path}, or allow a writable root filesystem."),
    ("cloud_denied", "none_in_gitops_operations", 83, "Grant {verb} to the cloud identity of container {container}, or give it credentials: {said}"),
    ("version_mismatch", "fix_image_reference", 84, "Go back to the version of container {container} that its data was written by, or migrate the data."),
    ("data_damaged", "none_in_gitops_operations", 82, "Repair or restore the data of container {container}, or stop what else holds it: {said}"),
    ("database_locked", "none_in_gitops_dependency", 62, "Find what holds the locks of the database: {said}"),
    ("protocol_wrong", "fix_configuration", 76, "Use the protocol that the other side speaks (TLS or plain): {said}"),
    ("file_limit", "none_in_gitops_operations", 78, "Raise the limit of open files or watches on the node, or find the leak in container {container}."),
    ("kernel_setting", "none_in_gitops_operations", 80, "Raise the kernel's limit on the node: {said}"),
    ("cpu_unsupported", "none_in_gitops_operations", 86, "Run container {container} on nodes whose processor has what it needs (or expose it to the virtual machine), or use an image built for older ones: {said}"),
    ("security_refused", "fix_security_context", 84, "Set the user of container {container} in its security context: {said}"),
    ("wrong_platform", "fix_image_reference", 87, "Use an image of container {container} for the nodes' platform."),
    ("argument_invalid", "fix_command", 84, "Mend the arguments of container {container}: {said}"),
    ("script_invalid", "fix_command", 84, "Mend the script that container {container} is started with: {said}"),
    ("client_outdated", "fix_image_reference", 84, "Use a version of container {container} whose client speaks to {host}, or a server of the version before: {said}"),
    ("module_missing", "none_in_gitops_application", 74, "Build {module} into the image of container {container}: {said}"),
    ("reference_missing", "fix_configmap_reference", 88, "Create {missing} {name} in its namespace, or name the one that exists."),
    ("reference_missing/Secret", "fix_secret_reference", 88, "Create the Secret {name} in its namespace, or name the one that exists."),
    ("reference_missing/PersistentVolumeClaim", "fix_pvc", 88, "Create the PersistentVolumeClaim {name} in its namespace, or name the one that exists."),
    ("reference_missing/ServiceAccount", "fix_service_account", 92, "Create the ServiceAccount {name} in its namespace, or name the one that exists."),
    ("probe_failing", "fix_probe", 68, "Look at the {probe} probe of container {container}: {message}."),
    ("probe_failing/wrong_port", "fix_probe", 84, "Set the port of the {probe} probe of container {container} to {listens}; it asks {port}."),
    ("probe_failing/wrong_path", "fix_probe", 80, "Mend the path {path} of the {probe} probe of container {container}."),
    ("probe_failing/wrong_protocol", "fix_probe", 82, "Mend the scheme of the {probe} probe of container {container}."),
    ("probe_failing/application", "fix_probe", 77, "Find why {path} of container {container} answers {status}, or ask another path."),
    ("probe_failing/sealed", "none_in_gitops_operations", 60, "Initialise and unseal it, which only who holds its keys can do: {message}"),
    ("probe_failing/refused", "fix_probe", 58, "Give container {container} more time to start, or mend the port {port} of its {probe} probe."),
    ("probe_failing/slow_start", "fix_probe", 79, "Give container {container} a startup probe, or more time before its {probe} probe: it is killed while it starts."),
    ("probe_failing/timeout", "fix_probe", 64, "Give the {probe} probe of container {container} more than {timeout_seconds} s, or make it answer faster."),
    ("gate_shut", "none_in_gitops_operations", 78, "Look at who opens the readiness gate {gate}: {message}"),
    ("unschedulable", "none_in_gitops_operations", 76, "Look at why no node takes it: {message}"),
    ("unschedulable/resource", "change_resource_request", 84, "Request less {resource} than {requested}, or add nodes that have it."),
    ("unschedulable/resource_unsaid", "change_resource_request", 84, "Request less {resource}, or add nodes that have it."),
    ("unschedulable/unadvertised", "none_in_gitops_operations", 84, "Look at what announces {resource} on its nodes: driver, device plugin or runtime."),
    ("unschedulable/node_selector", "change_node_selector", 86, "Mend the node selector {selector}, or give a node that label."),
    ("unschedulable/taint", "add_toleration", 86, "Tolerate the taint {taint}, or add nodes without it."),
    ("unschedulable/cordoned", "uncordon_node", 84, "Uncordon the nodes, or add others."),
    ("unschedulable/too_many_pods", "scale_nodes", 84, "Add nodes, or run fewer pods."),
    ("unschedulable/anti_affinity", "relax_anti_affinity", 86, "Make the anti-affinity a preference, or add nodes."),
    ("unschedulable/pod_affinity", "change_affinity", 86, "Make the pod affinity a preference, or run the pods that it asks for."),
    ("unschedulable/spread", "change_affinity", 84, "Relax the topology spread constraints, or add nodes in the missing zones."),
    ("unschedulable/host_port", "fix_port", 84, "Take another host port, or none."),
    ("unschedulable/volume", "fix_pvc", 66, "Bind its PersistentVolumeClaim."),
    ("unschedulable/volume_node", "none_in_gitops_operations", 82, "Add a node in the zone of its volume."),
    ("unschedulable/volume_count", "scale_nodes", 80, "Add nodes: these hold as many volumes as they may."),
    ("unschedulable/node_not_ready", "fix_node", 70, "Bring the nodes back."),
    ("unschedulable/pressure", "scale_nodes", 72, "Relieve the nodes' {message}"),
    ("unschedulable/claim_in_use", "change_access_mode", 84, "Run one pod with its claim, or ask for ReadWriteOnce: {message}"),
    ("unschedulable/gated", "none_in_gitops_operations", 80, "Look at what opens its scheduling gates: {message}"),
    ("unschedulable/scale_up_failed", "scale_nodes", 85, "Give the cluster's autoscaler room to add nodes: {message}"),
    ("unschedulable/scheduler_missing", "fix_scheduler_name", 84, "Name a scheduler that runs, or install it: {message}"),
    ("unschedulable/limit", "scale_nodes", 84, "Raise the limit of the node pool, or free some of it: {message}"),
    ("unschedulable/no_nodes", "scale_nodes", 84, "Add nodes."),
    ("claim_unbound", "fix_pvc", 80, "Look at why the claim is not bound: {message}"),
    ("claim_unbound/class_missing", "change_storage_class", 90, "Name a StorageClass that exists ({classes}) instead of {storage_class}, or create it."),
    ("claim_unbound/access_mode", "change_access_mode", 90, "Ask for an access mode that the class offers instead of {access_modes}."),
    ("claim_unbound/capacity", "fix_pvc", 88, "Ask for less than {size}, or add a volume that large."),
    ("claim_unbound/no_volume", "change_storage_class", 86, "Name a StorageClass that makes volumes, or add a PersistentVolume."),
    ("claim_unbound/released", "fix_pvc", 86, "Take the claimRef off the old PersistentVolume, or bind to another: its claim is gone."),
    ("claim_unbound/provisioner", "none_in_gitops_operations", 84, "Look at the provisioner of StorageClass {storage_class}: {message}"),
    ("claim_unbound/quota", "raise_quota", 86, "Raise the namespace's quota of storage, or ask for less."),
    ("claim_unbound/source_not_ready", "none_in_gitops_operations", 88, "Look at {source}, which the volume is to be restored from: {message}"),
    ("claim_unbound/source_missing", "fix_pvc", 88, "Name a source that exists instead of {source}: {message}"),
    ("claim_unbound/waits_for_pod", "none", 10, "Nothing: the claim is bound when its pod is placed."),
    ("volume_trouble", "none_in_gitops_operations", 80, "Look at why the volume cannot be mounted: {message}"),
    ("volume_trouble/full", "increase_pvc_size", 87, "Make the PersistentVolumeClaim {claim} larger than {size}, or clear it."),
    ("volume_trouble/alerted", "increase_pvc_size", 87, "See with df in the pod whether the PersistentVolumeClaim {claim} is as full as an alert has it; if so, make it larger than {size}, or clear it."),
    ("volume_trouble/perhaps_full", "increase_pvc_size", 87, "See with df in the pod what is full: if it is the PersistentVolumeClaim {claim}, make it larger than {size}, or clear it."),
    ("volume_trouble/claim_missing", "fix_pvc", 88, "Create the PersistentVolumeClaim {claim}, or name the one that exists."),
    ("volume_trouble/node_lacks", "fix_node", 86, "Start on the node what mounts such volumes, or install it: {message}"),
    ("volume_trouble/attached_elsewhere", "none_in_gitops_operations", 84, "Wait until the volume is released by its old node, or use the Recreate strategy."),
    ("volume_trouble/rolled_over", "change_rollout_strategy", 86, "Use the Recreate strategy (or a volume that many nodes may have): the old pod holds the volume that the new one waits for."),
    ("volume_trouble/permission", "fix_security_context", 84, "Let the pod write its volume: {message}"),
    ("volume_trouble/path_missing", "fix_volume_mount", 84, "Mend the path of the volume: {message}"),
    ("volume_trouble/resize_waits", "none_in_gitops_operations", 82, "Restart a pod that uses PersistentVolumeClaim {claim}, which ends the resize."),
    ("volume_trouble/resize_failed", "none_in_gitops_operations", 84, "Look at the storage's provider: {message}"),
    ("volume_trouble/not_expandable", "change_storage_class", 88, "Set allowVolumeExpansion in the StorageClass of {claim}, or move to a class that has it."),
    ("evicted", "add_resource_requests", 80, "Request as much as the pod uses, so that it is not the first to go: {message}"),
    ("evicted/ephemeral-storage", "add_ephemeral_storage_request", 82, "Request ephemeral-storage for container {container}, or clear the node's disk."),
    ("evicted/own_limit", "add_ephemeral_storage_request", 82, "Give the pod more room on its disk (the ephemeral-storage limit, or the sizeLimit of its emptyDir), or find what fills it: {message}"),
    ("evicted/pids", "none_in_gitops_operations", 80, "Find what starts so many processes, or raise how many the kubelet allows a pod or its node: {message}"),
    ("evicted/inodes", "none_in_gitops_operations", 80, "Clear the node's disk of many small files, or find what writes them: {message}"),
    ("evicted/taint", "none_in_gitops_operations", 60, "Look at the node that it was put off: {message}"),
    ("evicted/node", "none_in_gitops_operations", 60, "Delete the failed pod once another runs in its place, and look at the node if none does: {message}"),
    ("evicted/devices", "none_in_gitops_operations", 78, "Bring the device plugin of the node back until it offers healthy devices, then delete the failed pod: {message}"),
    ("evicted/memory", "add_resource_requests", 82, "Request as much memory as container {container} uses, or add nodes."),
    ("node_trouble", "fix_node", 86, "Look at the node: {message}"),
    ("node_trouble/not_ready", "fix_node", 89, "Restart the {part} of the node, or replace the node: {message}"),
    ("node_trouble/interrupted", "none_in_gitops_operations", 78, "Nothing in Git: the node was taken away or rebooted: {message}"),
    ("node_trouble/out_of_memory", "none_in_gitops_operations", 82, "Give the node's pods limits and requests that fit it: {message}"),
    ("node_trouble/pressure", "none_in_gitops_operations", 82, "Relieve the node's {condition}: {message}"),
    ("node_trouble/cordoned", "uncordon_node", 49, "Uncordon the node once its maintenance is over."),
    ("node_trouble/kernel", "fix_node", 84, "Drain the node, and mend or replace its disk or the node itself: {message}"),
    ("node_trouble/full", "scale_nodes", 78, "Add nodes or run fewer pods: this one runs {pods} of {most_pods}."),
    ("node_trouble/overloaded", "none_in_gitops_operations", 61, "Add nodes, or move pods away from this one: {message}"),
    ("component_down", "restart_component", 82, "Bring {part} back: {message} {said}"),
    ("component_down/api_unserved", "none_in_gitops_operations", 84, "Bring back what serves {part}: {message}"),
    ("component_down/upstream_silent", "none_in_gitops_operations", 83, "Look at the name server that {part} asks, or name another one: {message}"),
    ("component_down/store_full", "none_in_gitops_operations", 86, "Compact and defragment {part}, disarm its alarm, or raise its quota: {message}"),
    ("component_down/answers_wrongly", "fix_configuration", 87, "Take that out of the Corefile of ConfigMap {part}: {message}"),
    ("component_down/dns_loop", "none_in_gitops_operations", 86, "Point what {part} forwards to at a real name server, in its Corefile or the nodes' resolv.conf."),
    ("component_down/scale_limit", "scale_nodes", 74, "Let {part} add nodes: raise the maximum of the group, or ask for less: {message}"),
    ("component_down/no_pod_range", "none_in_gitops_operations", 86, "Widen the cluster's range of pod addresses, or let {part} allocate it (--allocate-node-cidrs): {message}"),
    ("component_down/api_unreachable", "none_in_gitops_operations", 85, "Mend the way from the pods of that node to the API server's Service (kube-proxy, network plugin, firewall): {message}"),
    ("component_down/metrics_unserved", "none_in_gitops_operations", 45, "Bring metrics-server back, which serves {part}: {message}"),
    ("autoscaler_stuck", "none_in_gitops_operations", 70, "Look at why the autoscaler does not scale: {message}"),
    ("autoscaler_stuck/requests_missing", "add_resource_requests", 84, "Set requests of {resource} for the containers of {target}."),
    ("autoscaler_stuck/metrics_api", "none_in_gitops_operations", 80, "Bring the metrics API (metrics-server) back."),
    ("autoscaler_stuck/contended", "fix_hpa_target", 84, "Let one autoscaler alone scale those pods: {message}"),
    ("autoscaler_stuck/target_missing", "fix_hpa_target", 86, "Mend the target {target} of the autoscaler."),
    ("autoscaler_stuck/at_maximum", "raise_hpa_maximum", 58, "Raise the autoscaler's maximum of {maximum} replicas, or find where the load comes from."),
    ("creation_refused", "raise_quota", 88, "{message}"),
    ("creation_refused/quota", "raise_quota", 90, "Raise ResourceQuota {quota}, or lower what the pods ask for: used {used} of {limited}, requested {requested}."),
    ("creation_refused/overasked", "change_resource_request", 90, "Ask for less than {requested}: ResourceQuota {quota} holds {limited} in all, of which {used} is used."),
    ("creation_refused/must_specify", "add_resource_requests", 88, "Set {resource} in every container: ResourceQuota {quota} requires it."),
    ("creation_refused/must_specify_cpu_limit", "add_cpu_limit", 88, "Set {resource} in every container: ResourceQuota {quota} requires it."),
    ("creation_refused/must_specify_memory_limit", "add_memory_limit", 88, "Set {resource} in every container: ResourceQuota {quota} requires it."),
    ("creation_refused/must_specify_limits", "add_resource_limits", 88, "Set {resource} in every container: ResourceQuota {quota} requires it."),
    ("creation_refused/limit_range", "change_resource_request", 88, "Ask for {resource} within the LimitRange: its {side} is {limited}."),
    ("creation_refused/invalid_request", "change_resource_request", 88, "Lower the request of {resource} to its limit."),
    ("creation_refused/invalid", "fix_manifest", 88, "Mend the manifest: {message}"),
    ("creation_refused/selector", "fix_selector", 88, "Make the selector and the labels of the template the same: {message}."),
    ("creation_refused/service_account", "fix_service_account", 92, "Create the ServiceAccount {account}, or name one that exists."),
    ("creation_refused/pod_security", "fix_security_context", 90, "Set a security context that the namespace's standard allows: {message}"),
    ("creation_refused/webhook_unreachable", "none_in_gitops_operations", 90, "Bring the admission webhook {webhook} back."),
    ("creation_refused/webhook_certificate", "rotate_secret", 90, "Renew the certificate of the admission webhook {webhook}, and the caBundle that vouches for it: {message}"),
    ("creation_refused/too_large", "fix_manifest", 88, "Make the object smaller than what etcd takes, about 1.5 MB: {message}"),
    ("creation_refused/server", "none_in_gitops_operations", 90, "Mend the API server, whose own requests fail: {message}"),
    ("creation_refused/denied_security", "fix_security_context", 88, "Set a security context that the admission webhook {webhook} allows: {message}"),
    ("creation_refused/denied_resources", "add_resource_requests", 88, "Set the requests and limits that the admission webhook {webhook} demands: {message}"),
    ("creation_refused/denied_image", "fix_image_reference", 88, "Use an image that the admission webhook {webhook} allows: {message}"),
    ("creation_refused/webhook_denied", "fix_manifest", 88, "Do what the admission webhook {webhook} demands: {message}"),
    ("creation_refused/namespace_terminating", "none_in_gitops_operations", 90, "Wait until the namespace is gone, or remove what keeps it: {message}"),
    ("creation_refused/priority_class", "fix_priority_class", 88, "Name a PriorityClass that exists."),
    ("rollout_stuck", "roll_back", 30, "Look at the pods of the new ReplicaSet {replica_set}, or roll back."),
    ("rollout_stuck/held_back", "change_rollout_strategy", 72, "Let the strategy update every pod: RollingUpdate without a partition, or delete the old pods."),
    ("rollout_stuck/surge", "change_rollout_strategy", 87, "Let the rollout take an old pod away first: maxUnavailable 1, or the Recreate strategy."),
    ("rollout_stuck/paused", "resume_rollout", 60, "Resume the rollout."),
    ("rollout_stuck/invalid", "fix_manifest", 86, "Mend the manifest: {message}"),
    ("rollout_stuck/analysis", "roll_back", 58, "Go back to the version before, or mend what the analysis measures: {message}"),
    ("rollout_stuck/analysis_error", "none_in_gitops_operations", 68, "Look at where the analysis reads its metric: {message}"),
    ("rollout_stuck/aborted", "roll_back", 60, "Go back in Git to the version that runs, or try again: {message}"),
    ("rollout_stuck/at_step", "resume_rollout", 56, "Promote or abort it, it waits for a person: {message}"),
    ("scaled_to_zero", "scale_replicas", 84, "Give it the replicas that it had before."),
    ("disruption_blocked", "change_disruption_budget", 84, "Allow a disruption in PodDisruptionBudget {budget}, or add replicas."),
    ("disruption_blocked/unhealthy", "change_disruption_budget", 48, "Mend the pods that PodDisruptionBudget {budget} guards: too few of them are ready."),
    ("job_failed", "none_in_gitops_application", 36, "Look at the log of the Job's pods: {message}"),
    ("job_failed/command", "fix_command", 52, "Mend the command of the Job, which ends with an error: `{command}`."),
    ("job_failed/kept_open", "fix_manifest", 82, "Make {command} an init container with restartPolicy Always, or let it end with the work: {message}"),
    ("job_failed/deadline", "raise_job_deadline", 64, "Give the Job more than {deadline_seconds} s, or find why it is slow."),
    ("job_failed/suspended", "resume_cronjob", 80, "Resume the CronJob, if it is not suspended on purpose."),
    ("job_failed/schedule", "fix_schedule", 80, "Mend the CronJob's schedule: {message}"),
    ("job_failed/missed", "fix_schedule", 82, "Set or lower startingDeadlineSeconds of the CronJob, or run it once by hand: {message}"),
    ("job_failed/still_running", "none_in_gitops_application", 74, "Find why the Job before it does not end: {message}"),
    ("service_broken", "fix_selector", 86, "Set the selector of the Service to labels that its pods have: {near}."),
    ("service_broken/target_port", "fix_port", 86, "Set the targetPort of the Service to a port that its pods listen on: {ports}."),
    ("service_broken/selector_broad", "fix_selector", 88, "Narrow the selector of the Service to labels that only the pods of {workload} have: {near}."),
    ("service_broken/local_only", "fix_manifest", 86, "Set internalTrafficPolicy of the Service to Cluster, or run a pod of it on every node that asks it: {message}"),
    ("service_broken/load_balancer", "none_in_gitops_operations", 84, "Look at the cloud's load balancers: {message}"),
    ("service_broken/protocol", "fix_port", 84, "Set the protocol of the Service's port {port} to that of its pods."),
    ("ingress_broken", "fix_ingress_backend", 86, "Send the Ingress to a Service and port that exist: {ports}."),
    ("ingress_broken/class_missing", "fix_ingress_class", 87, "Name an ingress class that exists: {classes}."),
    ("ingress_broken/not_allowed", "fix_ingress_backend", 84, "Put the route into the namespace of its Service, or let the controller serve routes across namespaces: {message}"),
    ("ingress_broken/refused", "none_in_gitops_operations", 82, "Do what the ingress controller demands: {message}"),
    ("ingress_broken/no_endpoints", "none_in_gitops_operations", 44, "Look at the pods that Service {service} selects: none is ready, or its selector picks none."),
    ("ingress_broken/secret_missing", "fix_secret_reference", 78, "Create the TLS secret that the Ingress names."),
    ("route_broken", "fix_ingress_backend", 84, "Look at why the route is not accepted: {message}"),
    ("route_broken/backend_missing", "fix_ingress_backend", 86, "Send the route to a Service that exists instead of {name}: {near}."),
    ("route_broken/port_missing", "fix_ingress_backend", 86, "Send the route to a port that Service {name} has: {ports}."),
    ("route_broken/parent_missing", "fix_ingress_class", 86, "Attach the route to a Gateway and listener that exist instead of {name}: {near}."),
    ("route_broken/class_missing", "fix_ingress_class", 87, "Name a GatewayClass that exists instead of {name}: {near}."),
    ("route_broken/hostname", "fix_ingress_host", 84, "Ask for a host name that the gateway serves and no other route has: {message}"),
    ("route_broken/not_allowed", "fix_ingress_backend", 84, "Allow the reference with a ReferenceGrant or allowedRoutes: {message}"),
    ("route_broken/secret_missing", "fix_secret_reference", 84, "Create the TLS secret that the gateway names: {message}"),
    ("route_broken/no_address", "none_in_gitops_operations", 70, "Look at the gateway's controller: {message}"),
    ("network_blocked", "change_network_policy", 74, "Let NetworkPolicy {policy} allow the {side} that is needed."),
    ("network_blocked/shown", "change_network_policy", 91, "Let NetworkPolicy {policy} allow the {side} that is needed (DNS on port 53 too)."),
    ("dns_policy_wrong", "fix_dns_policy", 87, "Set dnsPolicy to ClusterFirst (with hostNetwork ClusterFirstWithHostNet): {service} is a name of the cluster's."),
    ("ingress_broken/misrouted", "fix_ingress_backend", 66, "Send that path to the Service {service}, if it is meant for it."),
    ("address_wrong", "fix_dependency_address", 80, "Set {variable} to a Service that exists: {near}."),
    ("address_wrong/inward", "fix_dependency_address", 80, "Set {variable} to the Service {near}: {host} is the pod itself."),
    ("address_wrong/host_alias", "fix_dependency_address", 82, "Take {host} out of the hostAliases: the Service {near} has that name."),
    ("revision_changed", "roll_back", 58, "Roll back, or look at what the newest revision changed: {message}"),
    ("revision_changed/image", "roll_back", 66, "Roll back from {now} to {was}: {message}"),
    ("revision_changed/command", "fix_command", 66, "Mend the command of container {container}, {now}; it was {was}."),
    ("revision_changed/variable_removed", "restore_env_var", 80, "Set the environment variable {variable} of container {container} again; it was {was}."),
    ("revision_changed/variable_changed", "fix_configuration", 78, "Set the environment variable {variable} of container {container} back to {was}, or mend it."),
    ("revision_changed/address_changed", "fix_dependency_address", 78, "Set {variable} of container {container} back to {was}, or mend it."),
    ("sync_failed", "none_in_gitops_operations", 82, "Look at why the sync fails: {message}"),
    ("sync_failed/namespace_missing", "fix_namespace_reference", 88, "Set the namespace of {object}: {missing} does not exist."),
    ("sync_failed/kind_missing", "install_crd", 86, "Install the definition of {missing}, or use a version that the cluster has."),
    ("sync_failed/manifest_invalid", "fix_manifest", 86, "Mend the manifest: {message}"),
    ("sync_failed/locked", "none_in_gitops_operations", 84, "Roll the release back to its last good revision, which frees it: {message}"),
    ("sync_failed/waits", "none_in_gitops_operations", 46, "Look at the pods that it waits for: {message}"),
    ("sync_failed/hook", "none_in_gitops_application", 47, "Look at the log of the Job {object} that it runs before or after: {message}"),
    ("sync_failed/source", "none_in_gitops_operations", 84, "Give the GitOps tool access to its source: {message}"),
    ("sandbox_failed", "none_in_gitops_operations", 82, "Look at the network plugin of node {node}: {message}"),
    ("sandbox_failed/no_addresses", "none_in_gitops_operations", 84, "Give the network plugin more addresses: a larger subnet or pool, or fewer pods a node."),
    ("resource_not_ready", "none_in_gitops_operations", 66, "Look at what its controller says: {message}"),
    ("resource_not_ready/unsaid", "none_in_gitops_operations", 50, "Ask its controller's log why it is not ready: {condition}"),
    ("resource_not_ready/wrong_credentials", "rotate_secret", 70, "Give it credentials that are accepted: {message}"),
    ("resource_not_ready/certificate_expired", "rotate_secret", 70, "Renew the certificate that it uses: {message}"),
    ("resource_not_ready/certificate_untrusted", "rotate_secret", 70, "Give it the authority that signed the certificate it sees: {message}"),
    ("resource_not_ready/disk_full", "increase_pvc_size", 70, "Make its volume larger, or clear it: {message}"),
    ("resource_not_ready/rbac_forbidden", "fix_rbac", 72, "Grant its controller what it lacks: {message}"),
    ("resource_not_ready/definition_missing", "install_crd", 72, "Install the definition that it needs: {message}"),
    ("resource_not_ready/waits", "none_in_gitops_operations", 52, "Wait for its controller, or look at what it waits for: {message}"),
    ("resource_not_ready/reference_missing", "fix_manifest", 76, "Create what it names, or name what exists: {message}"),
    ("status_reported", "none_in_gitops_operations", 62, "Bring {member} back: {said}"),
    ("status_reported/odd", "none_in_gitops_operations", 38, "Look at {member}, which stands out: {said}"),
    ("not_broken", "none", 93, "Nothing is to be done."),
    ("not_broken/always_fires", "none", 100, "Nothing is to be done: the alert proves that alerting works."),
    ("not_broken/idle", "none", 70, "Nothing is to be done: its autoscaler starts pods when there is work."),
    ("not_broken/well", "none", 45, "Nothing is to be done: all that is shown is as it should be."),
    ("not_broken/rolled_out", "none", 54, "Nothing is to be done: the rollout goes on."),
    ("not_broken/scaled_down", "none", 54, "Nothing is to be done: fewer pods were wanted."),
    ("not_broken/node_removed", "none", 58, "Nothing is to be done: the node was taken away on purpose."),
    ("not_broken/recovered", "none", 78, "Nothing is to be done."),
    ("not_broken/pinned", "none", 58, "Nothing is to be done: the autoscaler is held at {wanted} replicas on purpose."),
    ("not_broken/past", "none", 28, "Nothing is to be done now: {now}."),
    ("not_broken/completed", "none", 60, "Nothing is to be done."),
    ("namesake", "none", 48, "Nothing is to be done in {here}: the fault is that of {other}, which is another."),
    ("asked_absent", "none_or_clarify", 96, "Say which workload is meant: there is no {name}, but {listed}."),
    ("not_understood", "none_or_clarify", 0, "Report this to Suture's authors: {finder} could not read the evidence ({error})."),
    ("words_found", "none_in_gitops_application", 70, "Look at what the log says: {said}"),
    ("type_missing", "none", 70, "Install {owner}, or use what is there: {instead}."),
    ("fault_injected", "none_in_gitops_operations", 82, "End the experiment, or wait until it is over: {how}."),
    ("fault_injected/route", "fix_configuration", 82, "Take the fault out of the route: {how}."),
    ("fault_injected/flag", "fix_configuration", 80, "Set the flag back: {how}."),
    ("resource_surged", "none_in_gitops_application", 57, "Look at what it does with so much {resource}: {metric} went from {before} to {now}."),
    ("resource_surged/node", "none_in_gitops_operations", 57, "Look at what takes its {resource}: {metric} went from {before} to {now}."),
    ("network_slow/mtu", "none_in_gitops_operations", 80, "Let the pods' network use packets that fit the nodes': {metric} is {now}."),
    ("network_slow/node_loss", "none_in_gitops_dependency", 72, "Look at the network of the node: {metric} is {now}, on others {before}."),
    ("network_slow", "none_in_gitops_dependency", 54, "Look at the network between them: {metric} went from {before} to {now}."),
)  # fmt: skip


def mend_of(finding: Finding) -> Mend:
    """What mends a finding; by its cause where that makes a difference."""
    return _MENDS.get(f"{finding.kind}/{_cause(finding)}") or _MENDS.get(finding.kind) or Mend(
        fix_kind="none_in_gitops_operations", depth=30, advice="A person must look."
    )  # fmt: skip


def confidence_of(finding: Finding) -> float:
    """How often a cause of this weight was right, 0–1, in cases that nobody read while the rules were written."""
    return confidence_at(weight_of(finding))


def weight_of(finding: Finding) -> float:
    """How sure the rules are of a cause like this, 0–1: by depth, less where manifests alone show it, it seems to be over or is a guess."""
    depth = mend_of(finding).depth
    base = next(share for least, share in _WEIGHTS if depth >= least)
    unsure = finding.facts.get("over") or finding.facts.get("aside") or finding.facts.get("guessed")
    less = 0.15 * (finding.facts.get("reported") is False) + 0.25 * bool(unsure)
    return round(max(0.1, base - less), 2)


_WEIGHTS = ((86, 0.9), (76, 0.8), (62, 0.7), (50, 0.55), (38, 0.45), (0, 0.3))  # from this depth on


def fix_kinds() -> tuple[str, ...]:
    """Every word that `fix_kind` may be, in alphabetical order."""
    return tuple(sorted({mend.fix_kind for mend in _MENDS.values()}))


_OF_REMEDIES = ("enable_autoscaler", "restart_rollout", "revert_change")  # words of remedies alone: no finding asks for them by itself


def fix_kinds_of_remedies() -> tuple[str, ...]:
    """Every word that a remedy's `fix_kind` may be, in alphabetical order."""
    return tuple(sorted({*fix_kinds(), *_OF_REMEDIES}))


def is_finding_kind(word: str) -> bool:
    """Whether there are findings of this kind."""
    return word in _FOUND


_FOUND = frozenset(key.partition("/")[0] for key in _MENDS)


def for_a_person(finding: Finding) -> str:
    """What a person must do, in one sentence with the facts."""
    advice = mend_of(finding).advice
    for key in (key for key, value in finding.facts.items() if value in (None, "")):
        advice = _without(advice, key)
    advice = advice.format_map(finding.facts).strip().rstrip(":").rstrip()
    advice = advice.removesuffix(": .")
    return advice if advice.endswith((".", "?", "!", '"')) else f"{advice}."


def _without(advice: str, key: str) -> str:
    """The advice without the phrase that names a fact which the evidence does not give; a noun that needs no name keeps its place."""
    for phrase, instead in _PHRASES:
        advice = re.sub(phrase.replace("KEY", rf"\{{{key}\}}"), instead, advice)
    return advice.replace(f"{{{key}}}", _SAID_INSTEAD.get(key, "it"))


_SAID_INSTEAD = {
    "message": "", "said": "", "part": "kubelet or container runtime", "path": "the file", "image": "the image", "side": "traffic",
}  # fmt: skip
_NOUN = r"(?!that|which)[A-Za-z]+"
_PHRASES = (  # around a name, the longest first
    (r"[,:;] (?:which (?:is|allows only|has only) )?KEY(?=[.,;:]|$)", ""),
    (r" \(KEY\)|: `KEY`|, `KEY`", ""),
    (rf",? (?:in|on|of|to|than|for|from|instead of|at|by) (?:the )?(?:{_NOUN} )?KEY(?: s\b)?", ""),
    (rf"\b((?:the|a|its|new|injected) (?:{_NOUN} )?{_NOUN}) KEY", r"\1"),
    (r"\b([A-Z]\w+(?:Account|Budget|Claim|Class|Policy|Quota|Set)|Service|container|group|topic) KEY", r"the \1"),
)


def _cause(finding: Finding) -> str:  # noqa: PLR0911 - one line a kind
    """The fact that decides: the cause, for some kinds another one."""
    facts = finding.facts
    match finding.kind:
        case "reference_missing":
            return str(facts.get("missing"))
        case "evicted":
            return "own_limit" if facts.get("own_limit") else str(facts.get("resource"))
        case "error_logged" if not facts.get("cause"):
            return "once" if facts.get("count") == 1 else ""
        case "unschedulable" if facts.get("cause") == "resource" and not facts.get("requested"):
            return "resource_unsaid"
        case "probe_failing" if facts.get("slow_start"):
            return "slow_start"
        case "network_blocked":
            return "shown" if facts.get("symptom") else ""
        case "creation_refused" if facts.get("cause") == "must_specify":
            return _must_specify(str(facts.get("resource")))
        case "container_crashing":
            own = bool(facts.get("command")) and facts.get("exit_code") in (1, 2, 126, 127) and facts.get("short")
            return "command" if own or facts.get("exit_code") in (126, 127) else ""
        case "job_failed" if facts.get("cause") in ("backoff_limit", "failed"):
            return "command" if facts.get("command") else ""
    return str(facts.get("cause") or "")


_AMOUNT = re.compile(r"(?:limits|requests)\.[\w-]+|\b(?:cpu|memory)\b(?! for)")


def _must_specify(resource: str) -> str:
    """Which of its amounts a quota asks for."""
    named = set(_AMOUNT.findall(resource))
    if named == {"limits.cpu", "limits.memory"}:
        return "must_specify_limits"
    if named == {"limits.cpu"}:
        return "must_specify_cpu_limit"
    return "must_specify_memory_limit" if named == {"limits.memory"} else "must_specify"
