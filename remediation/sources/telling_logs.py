"""Which logs of which containers are worth reading. Pure."""

from collections.abc import Sequence

from remediation.observed import Object, container_statuses
from remediation.sources.surroundings import fails

_NO_LOG = ("ContainerCreating", "PodInitializing", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError")


def telling(pods: Sequence[Object], most: int) -> list[tuple[Object, str, bool]]:
    """(pod, container, previous) of the logs worth reading: of what fails, each container once; of the newest pod when nothing does."""
    telling: dict[tuple[str, bool], tuple[Object, str, bool]] = {}
    for pod in pods:
        for status in container_statuses(pod):
            if _never_ran(status) or not (fails(status) or (pod is pods[-1] and not telling)):
                continue
            for previous in (True, False) if status.get("restartCount") else (False,):
                telling.setdefault((status["name"], previous), (pod, status["name"], previous))
    return list(telling.values())[:most]


def _never_ran(status: Object) -> bool:
    waiting = (status.get("state") or {}).get("waiting") or {}
    return waiting.get("reason") in _NO_LOG and not status.get("restartCount")
