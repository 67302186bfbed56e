"""`suture explain` on a living cluster, and whatever else settings name: it only looks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import settings
from bot.looking import Clients, clients_of, limits_of, sources_of
from bot.own_files import catalogue_of
from bot.settings import Settings
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Forbidden, NotFound, Unusable
from remediation.explaining import Explained, explain_live
from remediation.kinds import ref, ref_called
from remediation.terms import ObjectRef, Target, Window

_KUBECTLS = Path("~/.kube/config")


async def explained_live(target: str, namespace: str, context: str, question: str) -> Explained:
    """What evidence says of a live object, or of a whole namespace where `target` is empty.

    Raises Unusable without a cluster, NotFound, Forbidden, Unreachable, Refused for a kind that Suture does not read.
    """
    known = _with_kubectls_config(settings.read())
    wanted = ref_called(target, namespace) if target else None
    place, clients = _clients(known, context)
    try:
        await _must_be_there(clients.clusters[place], wanted, namespace)
        path = f"{wanted.namespace}/{wanted.kind}/{wanted.name}" if wanted else f"{namespace}//"
        now = datetime.now(UTC)
        window = Window(since=now - timedelta(minutes=known.suture_window_minutes), until=now)
        sources, limits = sources_of(known, clients), limits_of(known)
        broken = Target(kind="workload", place=place, path=path)
        return await explain_live(sources, broken, window, limits, catalogue_of(known), question=question)
    finally:
        await clients.aclose()


def _with_kubectls_config(known: Settings) -> Settings:
    """The file that kubectl reads, where KUBECONFIG names none."""
    path = _KUBECTLS.expanduser()
    return known.model_copy(update={"kubeconfig": str(path)}) if not known.kubeconfig and path.is_file() else known


def _clients(known: Settings, context: str) -> tuple[str, Clients]:
    """The clients, and under which name the cluster stands. context: a name of `clusters`, or a context of the kubeconfig."""
    clients = clients_of(known)
    if not clients.clusters:
        cure = f"Set KUBECONFIG to a kubeconfig file ({_KUBECTLS} is not there either), or name files to read: suture explain DIR."
        raise Unusable("There is no cluster to look at.", cure)
    if not context:
        return next(iter(clients.clusters)), clients
    if context in clients.clusters:
        return context, clients
    return context, replace(clients, clusters={context: KubernetesClient(kubeconfig=known.kubeconfig, context=context)})


async def _must_be_there(cluster: KubernetesClient, wanted: ObjectRef | None, namespace: str) -> None:
    """Raises NotFound for an object or namespace that is not; a namespace that we may not read is believed to be."""
    if wanted is not None:
        await cluster.get(wanted)
        return
    try:
        await cluster.get(ref("Namespace", "", namespace))
    except NotFound as absent:
        raise NotFound(f"There is no namespace {namespace}.", "Check its name, and the context.") from absent
    except Forbidden:
        return
