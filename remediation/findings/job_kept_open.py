"""A Job that does not complete because a second container of its pods runs on after the one that does the work has ended well."""

from collections.abc import Iterator, Sequence

from remediation.findings.finding import found
from remediation.findings.job_failed import JobFailed
from remediation.observed import Object, Observed, container_statuses, place_of
from remediation.terms import Finding, Target
from remediation.workloads import pod_spec


def job_kept_open(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each Job or CronJob that has such a pod."""
    told: set[str] = set()
    for pod in observed.all("Pod"):
        root = observed.root(pod)
        done, running = _containers(pod) if root.kind in ("Job", "CronJob") else ((), ())
        if done and running and str(root) not in told:
            told.add(str(root))
            message = f"{', '.join(done)} has completed, {', '.join(running)} runs on"
            facts = JobFailed(cause="kept_open", command=", ".join(running), failed=0, backoff_limit=None, deadline_seconds=None,
                              message=message)  # fmt: skip
            text = (
                f"{root.kind} {root.name} does not complete: in pod {place_of(pod)[2]} container {message}, and a Job is over only when "
                "all of its containers are; a sidecar must end with the work, or be an init container with restartPolicy Always"
            )
            yield found("job_failed", str(root), facts, text, observed.cites(pod))


def _containers(pod: Object) -> tuple[Sequence[str], Sequence[str]]:
    """The names of those that ended well, and of those that run; none of an init container, which the pod waits for or ends itself."""
    own = {str(one.get("name")) for one in pod_spec(pod).get("containers") or ()}
    done, running = list[str](), list[str]()
    for status in container_statuses(pod):
        name, state = str(status.get("name") or ""), status.get("state") or {}
        if name and name in own and "running" in state:
            running.append(name)
        elif name and name in own and (state.get("terminated") or {}).get("exitCode") in (0, "0"):
            done.append(name)
    return done, running
