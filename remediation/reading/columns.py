"""Which column of an exported table says what, by the names that tools have for it."""

import re
from collections.abc import Sequence
from functools import lru_cache

_LETTERS = re.compile(r"[^a-z0-9]+")
_TYPED = re.compile(r"_[sdtgb]$")  # as Azure's tables end the names of columns
_UNIT = re.compile(r"(?<!\s)\s*\[[^\[\]]*\]$")

TIME = ("timestamptime", "timestamp", "timegenerated", "time", "ts", "datetime", "timeunix", "starttime", "starttimemillis", "startdate",
        "eventtime", "date", "logtimestamp", "receivetimestamp", "observedtimestamp", "lastseen", "lasttimestamp", "tsns",
        "timestampunix", "starttimeunix", "collectedat", "epoch")  # fmt: skip
BODY = ("body", "message", "msg", "log", "line", "logmessage", "logentry", "logline", "textpayload", "jsonpayload", "content", "text",
        "jsonpayloadmessage", "rawlog", "raw", "eventmessage")  # fmt: skip
LEVEL = ("severitytext", "level", "severity", "loglevel", "levelname", "lvl", "detectedlevel")
POD = ("pod", "podname", "k8spodname", "kubernetespodname", "kubepodname", "k8pod", "k8spod", "cmdbid", "resourcelabelspodname", "instance")
CONTAINER = ("container", "containername", "k8scontainername", "kubernetescontainername", "resourcelabelscontainername")
NAMESPACE = ("namespace", "podnamespace", "k8snamespacename", "kubernetesnamespacename", "kubernetesnamespace", "namespacename", "ns",
             "resourcelabelsnamespacename", "kubenamespace", "k8snamespace")  # fmt: skip
SERVICE = ("service", "servicename", "app", "application", "appname", "approlename", "deployment", "k8sdeploymentname", "component",
           "workload")  # fmt: skip
ATTRIBUTES = ("resourceattributes", "logattributes", "spanattributes", "attributes", "labels", "tags", "resourcelabels", "kubernetes",
              "customdimensions")  # fmt: skip
METRIC = ("metricname", "metric", "kpiname", "name", "measure", "countername", "series", "field")
VALUE = ("value", "val", "metricvalue", "kpivalue", "countervalue", "average", "avg", "usage")
REASON = ("reason", "eventreason")


@lru_cache(maxsize=65_536)
def plain(title: str) -> str:
    """A column's name without what differs between tools: case, blanks, dots, units and letters for types."""
    return _LETTERS.sub("", _TYPED.sub("", _UNIT.sub("", title)).lower())


def index_of(columns: Sequence[str], names: Sequence[str]) -> int:
    """Where the first of these names stands, -1 where none does."""
    keys = [plain(title) for title in columns]
    return next((keys.index(name) for name in names if name in keys), -1)


def indexes_of(columns: Sequence[str], names: Sequence[str]) -> Sequence[int]:
    """Where any of these names stands."""
    return [at for at, title in enumerate(columns) if plain(title) in names]
