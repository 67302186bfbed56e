"""A real kube-apiserver: the one of SUTURE_REAL_KUBECONFIG, else etcd and kube-apiserver started here on loopback, and stopped at the end."""

import os
import secrets
import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from tests.real.binaries import found
from tests.stage import free_port

_READY_WITHIN = 90.0  # seconds
_ADMIN = "admin"


@contextmanager
def running() -> Iterator[Path]:
    """The kubeconfig of an administrator. Skips, naming what is missing, where there is neither an address nor the binaries."""
    named = os.environ.get("SUTURE_REAL_KUBECONFIG", "")
    if named:
        yield Path(named).expanduser()
        return
    binaries = found("etcd", "kube-apiserver")
    folder = Path(tempfile.mkdtemp(prefix="suture-real-"))
    try:
        with ExitStack() as stack:
            yield _started(stack, folder, binaries["etcd"], binaries["kube-apiserver"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(stack: ExitStack, folder: Path, etcd: str, apiserver: str) -> Path:
    clients, peers, port, token = free_port(), free_port(), free_port(), secrets.token_hex(16)
    subprocess.run(["openssl", "genrsa", "-out", folder / "sa.key", "2048"], check=True, capture_output=True)
    tokens = folder / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text(f"{token},{_ADMIN},{_ADMIN},system:masters\n")
    store = f"http://127.0.0.1:{clients}"
    stack.enter_context(process(folder, etcd, *_etcd(folder, store, f"http://127.0.0.1:{peers}")))
    server = stack.enter_context(process(folder, apiserver, *_apiserver(folder, store, port)))
    _until_ready(server, f"https://127.0.0.1:{port}/readyz", token, folder / "kube-apiserver.log")
    return kubeconfig(folder / "kubeconfig", f"https://127.0.0.1:{port}", folder / "certs" / "apiserver.crt", token)


def kubeconfig(path: Path, server: str, authority: Path, token: str) -> Path:
    """A kubeconfig of one context for whoever has this token."""
    cluster = {"server": server, "certificate-authority": str(authority)}
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "real",
        "clusters": [{"name": "real", "cluster": cluster}], "users": [{"name": "real", "user": {"token": token}}],
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": "real"}}],
    }  # fmt: skip
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config))
    return path


def _etcd(folder: Path, clients: str, peers: str) -> list[str]:
    return [
        f"--data-dir={folder / 'etcd'}", "--unsafe-no-fsync", f"--listen-client-urls={clients}", f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=default={peers}",
    ]  # fmt: skip


def _apiserver(folder: Path, store: str, port: int) -> list[str]:
    key = folder / "sa.key"
    return [
        f"--etcd-servers={store}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", f"--secure-port={port}",
        f"--cert-dir={folder / 'certs'}", "--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
        "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}", f"--token-auth-file={folder / 'tokens.csv'}", "--authorization-mode=RBAC",
    ]  # fmt: skip


@contextmanager
def process(folder: Path, binary: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs while the block does, its words in a file beside its data."""
    with (folder / f"{Path(binary).name}.log").open("wb") as log:
        process = subprocess.Popen([binary, *arguments], stdout=log, stderr=log, cwd=folder)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until_ready(server: subprocess.Popen[bytes], url: str, token: str, log: Path) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # our own, and not written yet
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - https, and ours
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    until = time.monotonic() + _READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            with opener.open(request, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"kube-apiserver was not ready in {_READY_WITHIN:g} s:\n{log.read_text(errors='replace')[-2000:]}")
