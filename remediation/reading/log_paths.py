"""Whose log a file is, by where it lies in a tree that a tool wrote: a support bundle, a dump of a cluster, a node's own folders."""

import re
from collections.abc import Mapping
from pathlib import PurePath

_NAME = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_LAYOUTS = tuple(
    re.compile(layout)
    for layout in (
        # must-gather, and what a kubelet links: the container's folder twice
        rf"namespaces/(?P<namespace>{_NAME})/pods/(?P<pod>{_NAME})/(?P<container>{_NAME})/[^/]+/logs/(?P<which>\w+)[\w.-]*\.log$",
        rf"(?:^|/)(?P<namespace>[a-z0-9-]{{1,63}})_(?P<pod>{_NAME})_[^/_]+/(?P<container>{_NAME})/\d+\.log$",  # below /var/log/pods
        rf"(?:^|/)(?P<pod>{_NAME})_(?P<namespace>[a-z0-9-]{{1,63}})_(?P<container>{_NAME})-[0-9a-f]{{12,64}}\.log$",  # /var/log/containers
        # kubectl cluster-info dump
        rf"(?:^|/)(?P<namespace>[a-z0-9-]{{1,63}})/(?P<pod>{_NAME}-(?:[b-df-hj-np-tv-z2-9]{{5}}|\d{{1,4}}))/logs\.txt$",
        rf"/logs/(?P<namespace>[a-z0-9-]{{1,63}})/(?P<pod>{_NAME})/(?P<container>[a-z0-9][a-z0-9.-]{{0,252}}?)(?:-(?P<which>previous))?\.(?:log|txt)$",
    )
)


def place_of(path: PurePath) -> Mapping[str, str]:
    """Pod, container, namespace and whether it is of the container before, as `Part.place` has them; empty where nothing tells."""
    match = next((found for layout in _LAYOUTS if (found := layout.search(path.as_posix())) is not None), None)
    if match is None:
        return {}
    told = {key: value or "" for key, value in match.groupdict().items()}
    return {**told, "previous": "yes" if told.pop("which", "").startswith("prev") else ""}
