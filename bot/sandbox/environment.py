"""What points a bot at the sandbox on one port: its tokens, its kubeconfig, its settings file, the `export` lines.

Everything here is a pure function of the port (and of the user and the temporary directory, for the two files),
so that `--print-env` says the same before, while and after a sandbox runs there.
"""

import getpass
import hashlib
import os
import shlex
import shutil
import socket
import stat
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SLACK_CHANNEL = "C0INCIDENTS"
_KEPT = 86_400  # seconds that a port's files stay when nothing runs there

SETTINGS: dict[str, Any] = {
    "clusters": {"sandbox": {"context": "sandbox"}},
    "gitlab_hosts": ["gitlab.shop.example"],
    "gitops": [
        {"project": "platform/shop", "branch": "main", "cluster": "sandbox", "path": ".", "targets": ["shop/*", "shop-staging/*"]},
        {"project": "platform/kustomize-shop", "branch": "main", "cluster": "sandbox", "path": "."},
        {"project": "platform/helm-payments", "branch": "main", "cluster": "sandbox", "path": "."},
        {"project": "platform/flux-fleet", "branch": "main", "cluster": "sandbox", "path": "clusters/production"},
    ],
    "environments": {
        "production": {"approvers": ["U_ALICE", "U_BOB"], "escalate_to": "S_ONCALL", "assignee": "alice"},
        "staging": {"approvers": ["U_ALICE", "U_CAROL"], "escalate_to": "S_ONCALL", "assignee": "carol"},
    },
    "standings": [
        {"target": "shop/*", "environment": "production", "team": "shop", "product": "Shop"},
        {"target": "shop-staging/*", "environment": "staging", "team": "shop", "product": "Shop"},
        {"target": "storefront/*", "environment": "production", "team": "storefront", "product": "Shop"},
        {"target": "storefront-staging/*", "environment": "staging", "team": "storefront", "product": "Shop"},
        {"target": "payments/*", "environment": "production", "team": "payments", "product": "Payments"},
        {"target": "payments-staging/*", "environment": "staging", "team": "payments", "product": "Payments"},
        {"target": "notifications/*", "environment": "production", "team": "notifications", "product": "Notifications"},
    ],
}


POLICY: dict[str, Any] = {"incidents_per_hour": 1000}
"""Stories may be played again and again here; five incidents an hour of one workload would otherwise go to a person."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The secrets that the sandbox's systems ask for. They open nothing but a sandbox on this machine."""

    slack_bot_token: str
    slack_signing_secret: str
    gitlab_token: str
    gitlab_merge_token: str
    gitlab_webhook_secret: str
    dd_api_key: str
    dd_app_key: str
    datadog_webhook_token: str
    kubernetes_token: str
    kubernetes_developer_token: str
    api_token: str

    @classmethod
    def of(cls, port: int) -> "Credentials":
        """The secrets of the sandbox on `port`: the same port, the same secrets."""

        def secret(name: str, length: int = 32) -> str:
            return hashlib.sha256(f"suture sandbox {port} {name}".encode()).hexdigest()[:length]

        return cls(
            slack_bot_token=f"xoxb-sandbox-{secret('slack bot', 24)}",
            slack_signing_secret=secret("slack signing"),
            gitlab_token=f"glpat-{secret('gitlab', 20)}",
            gitlab_merge_token=f"glpat-{secret('gitlab merge', 20)}",
            gitlab_webhook_secret=secret("gitlab hook"),
            dd_api_key=secret("datadog api"),
            dd_app_key=secret("datadog application", 40),
            datadog_webhook_token=secret("datadog webhook"),
            kubernetes_token=secret("kubernetes", 40),
            kubernetes_developer_token=secret("kubernetes developer", 40),
            api_token=secret("suture api"),
        )


def folder_of(port: int) -> Path:
    """Where the files of this port's environment lie: one folder a user, readable by that user alone."""
    return Path(tempfile.gettempdir()) / f"suture-sandbox-{getpass.getuser()}" / str(port)


def environment(port: int) -> dict[str, str]:
    """The variables that point `suture serve` at the sandbox on `port`, in reading order."""
    root = f"http://127.0.0.1:{port}"
    secrets, folder = Credentials.of(port), folder_of(port)
    return {
        "SLACK_BOT_TOKEN": secrets.slack_bot_token,
        "SLACK_SIGNING_SECRET": secrets.slack_signing_secret,
        "SLACK_API_URL": f"{root}/slack/api/",
        "SLACK_CHANNEL": SLACK_CHANNEL,
        "GITLAB_URL": f"{root}/gitlab",
        "GITLAB_TOKEN": secrets.gitlab_token,
        "GITLAB_MERGE_TOKEN": secrets.gitlab_merge_token,
        "GITLAB_WEBHOOK_SECRET": secrets.gitlab_webhook_secret,
        "DD_API_KEY": secrets.dd_api_key,
        "DD_APP_KEY": secrets.dd_app_key,
        "DD_API_URL": f"{root}/datadog",
        "DATADOG_WEBHOOK_TOKEN": secrets.datadog_webhook_token,
        "KUBECONFIG": str(folder / "kubeconfig"),
        "OLLAMA_HOST": f"{root}/ollama",
        "SUTURE_API_TOKEN": secrets.api_token,
        "SUTURE_CONFIG": str(folder / "suture.yaml"),
        "SUTURE_POLICY": str(folder / "policy.yaml"),
        "SUTURE_SOAK_MINUTES": "0.05",
        "SUTURE_ANSWER_MINUTES": "15",
        "SUTURE_POLL_SECONDS": "0.5",
        "SUTURE_SLACK_PER_SECOND": "20",
    }


def export_lines(port: int) -> str:
    """`export NAME='value'` for a shell to evaluate, one variable a line."""
    return "".join(f"export {name}={_quoted(value)}\n" for name, value in environment(port).items())


def write_files(port: int) -> None:
    """Write the kubeconfig and the settings file that `environment` names, readable by this user alone.

    Raises PermissionError when somebody else made the folder first.
    """
    folder = folder_of(port)
    for private in (folder.parent, folder):
        private.mkdir(mode=0o700, exist_ok=True)
        _refuse_a_strangers(private)
    _forget_old(folder)
    _write(folder / "kubeconfig", yaml.safe_dump(_kubeconfig(port), sort_keys=False))
    _write(folder / "suture.yaml", yaml.safe_dump(SETTINGS, sort_keys=False))
    _write(folder / "policy.yaml", yaml.safe_dump(POLICY, sort_keys=False))


def _kubeconfig(port: int) -> dict[str, Any]:
    """A developer's file: the current context is theirs; the bot's settings name the context of its own account."""
    credentials = Credentials.of(port)
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "developer",
        "clusters": [{"name": "sandbox", "cluster": {"server": f"http://127.0.0.1:{port}/kubernetes"}}],
        "users": [
            {"name": "alice", "user": {"token": credentials.kubernetes_developer_token}},
            {"name": "suture", "user": {"token": credentials.kubernetes_token}},
        ],
        "contexts": [
            {"name": "developer", "context": {"cluster": "sandbox", "user": "alice"}},
            {"name": "sandbox", "context": {"cluster": "sandbox", "user": "suture"}},
        ],
    }


def _quoted(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def _refuse_a_strangers(folder: Path) -> None:
    """A folder in a shared temporary directory may be a trap: it must be ours, real, and closed to others."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        message = f"{folder} belongs to somebody else. Set TMPDIR to a directory of your own and try again."
        raise PermissionError(message)
    folder.chmod(0o700)


def _forget_old(ours: Path) -> None:
    """Remove the folders of other ports that were written a day ago or more, and where nothing listens any more."""
    for other in ours.parent.iterdir():
        with suppress(FileNotFoundError):  # another sandbox that starts now removes them, too
            old = time.time() - other.stat().st_mtime > _KEPT
            if old and other != ours and other.name.isdigit() and not _listened_at(int(other.name)):
                shutil.rmtree(other, ignore_errors=True)


def _listened_at(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _write(path: Path, text: str) -> None:
    """Replace the file whole, so that a bot that reads it meanwhile sees the old one or the new one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
