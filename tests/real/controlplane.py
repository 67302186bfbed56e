"""A whole control plane on loopback: etcd and kube-apiserver, the controllers and the scheduler, and kwok in place of kubelets."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.real.apiserver import process, running
from tests.real.binaries import found
from tests.stage import free_port


@contextmanager
def whole() -> Iterator[Path]:
    """The kubeconfig of an administrator; nodes that are made become Ready, and pods that are placed run. Skips, naming what is missing."""
    binaries = found("kube-controller-manager", "kube-scheduler", "kwok")
    with running() as kubeconfig, ExitStack() as stack:
        folder = kubeconfig.parent
        for name, arguments in (
            ("kube-controller-manager", [*_own(kubeconfig), f"--service-account-private-key-file={folder / 'sa.key'}", *_QUICK]),
            ("kube-scheduler", _own(kubeconfig)),
            ("kwok", [f"--kubeconfig={kubeconfig}", "--manage-all-nodes", "--node-lease-duration-seconds=40", f"--config={_STAGES}"]),
        ):
            stack.enter_context(process(folder, binaries[name], *arguments))
        yield kubeconfig


_STAGES = Path(__file__).with_name("stages.yaml")
_QUICK = ("--use-service-account-credentials", "--horizontal-pod-autoscaler-sync-period=2s")


def _own(kubeconfig: Path) -> list[str]:
    named = [f"--{flag}={kubeconfig}" for flag in ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")]
    return [*named, "--bind-address=127.0.0.1", f"--secure-port={free_port()}", "--leader-elect=false"]
