"""Every setting: its name, type, default, meaning, and where to get it. Read once, at start, from the environment and `suture.yaml`.

The environment wins over the file, an empty variable is none, and every secret can also come from a file named in `NAME_FILE`.
A missing or wrong one stops the start by name.
"""

import fnmatch
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as Undecodable

from bot.address import Address, Folder, HostOrAddress
from remediation.errors import RemediationError, Unusable
from remediation.mistakes import mistakes, no_such
from remediation.terms import PRODUCTION, Standing, Target
from remediation.written import parse, text_of

Minutes = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Seconds = Minutes
PerSecond = Minutes
Host = Annotated[str, Field(pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)$")]
Reasoner = Annotated[str, Field(pattern=r"^(rulebook|ollama/.+)$")]


_SAME_ENVIRONMENT = {
    "prod": "production", "prd": "production", "live": "production", "stage": "staging", "stg": "staging", "dev": "development",
}  # fmt: skip


class SettingsError(RemediationError):
    """A setting is missing or wrong; the sentence names it and says where to get it. Several have a line each, and so has the hint."""

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.what, self.what_to_do))) if "\n" in self.what else super().__str__()


_OTHER_TOKENS = {
    "xapp-": "an app-level token, which is SLACK_APP_TOKEN", "xoxe-": "a refresh token", "https://": "an address",
}  # fmt: skip


def _other_token(token: str) -> str:
    """What else of Slack's was pasted for the bot's token; empty for what may be one: xoxb-…, a user's xoxp-…, a rotated xoxe.xoxb-…."""
    return next((what for beginning, what in _OTHER_TOKENS.items() if token.startswith(beginning)), "")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cluster(_Part):
    """One Kubernetes cluster. context: of the kubeconfig; empty for its current one."""

    context: str = ""


class GitOpsProject(_Part):
    """One GitLab project that holds manifests. path: the folder of them. cluster: which cluster they are applied to.

    targets: globs over `namespace/Kind/name` of what comes from it where no owner says so.  urls: other addresses, as owners name it.
    """

    project: str
    branch: str = "main"
    cluster: str = ""
    path: str = "."
    targets: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


class Fetch(_Part):
    """What may be fetched from elsewhere to render with.

    hosts: where bases and charts may come from, none by default; `http://HOST:PORT` for one without TLS.  registries: that may be asked
    whether they know an image.  digests: of charts, `https://REPOSITORY/NAME-VERSION` or `oci://REGISTRY/PATH/NAME:VERSION`, `sha256:…`.
    """

    hosts: tuple[Annotated[str, Field(pattern=r"^(http://)?[A-Za-z0-9.-]+(:[0-9]+)?$")], ...] = ()
    registries: tuple[str, ...] = ()
    digests: dict[str, Annotated[str, Field(pattern=r"^(sha256:)?[0-9a-f]{64}$")]] = Field(default_factory=dict)


class ArgoCD(_Part):
    """How your Argo CD marks what it applies; what is empty is read from its `argocd-cm`.

    namespace: its own.  method: annotation, label or annotation+label.  label: the key of label tracking.  installation: its id.
    """

    namespace: str = "argocd"
    method: Literal["", "annotation", "label", "annotation+label"] = ""
    label: str = ""
    installation: str = ""


class Environment(_Part):
    """Who decides in one environment.

    approvers: Slack user ids, nobody when empty.  escalate_to: a Slack user group's id.  assignee: a GitLab user's name.
    target_branch: empty for the project's own.
    """

    approvers: tuple[str, ...] = ()
    escalate_to: str = ""
    assignee: str = ""
    target_branch: str = ""


class StandingRule(_Part):
    """What settings know of the targets that match `target`, a glob over their path such as `shop/*`; the first match wins."""

    target: str
    environment: str = ""
    team: str = ""
    product: str = ""


class Settings(BaseSettings):
    """Field names are the variables' names in lower case. The descriptions are what `suture check` and a failed start say."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, case_sensitive=False, env_ignore_empty=True)

    database_url: str = Field(default="sqlite:///suture.db", description="where the record is kept")

    slack_bot_token: SecretStr = Field(
        default=SecretStr(""), description="api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token (xoxb-…)"
    )
    slack_signing_secret: SecretStr = Field(
        default=SecretStr(""), description="api.slack.com/apps → your app → Basic Information → Signing Secret"
    )
    slack_app_token: SecretStr = Field(
        default=SecretStr(""), description="only for Socket Mode: Basic Information → App-Level Tokens (xapp-…)"
    )
    slack_api_url: Folder = Field(default="https://slack.com/api/", description="Slack's Web API")
    slack_channel: str = Field(default="", description="the id of the channel for incidents: its details, at the very bottom (C…)")

    gitlab_url: Address = Field(default="https://gitlab.com", description="your GitLab")
    gitlab_token: SecretStr = Field(
        default=SecretStr(""), description="GitLab → project → Settings → Access tokens: role Developer, scope api"
    )
    gitlab_merge_token: SecretStr = Field(default=SecretStr(""), description="only for merging by policy: role Maintainer, scope api")
    gitlab_webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="GitLab → project → Settings → Webhooks → Secret token, or signing token (whsec_…)"
    )

    dd_api_key: SecretStr = Field(default=SecretStr(""), description="Datadog → Organization Settings → API Keys")
    dd_app_key: SecretStr = Field(default=SecretStr(""), description="Datadog → Organization Settings → Application Keys")
    dd_site: Host = Field(default="datadoghq.com", description="your Datadog site, such as datadoghq.eu, without https:// and app.")
    dd_api_url: Address = Field(default="", description="Datadog's API, where it is not https://api.DD_SITE")
    datadog_webhook_token: SecretStr = Field(
        default=SecretStr(""), description="any long random word; put it into the webhook's custom header X-Suture-Token"
    )

    prometheus_url: Address = Field(default="", description="your Prometheus, or what answers like one: its address before /api/v1")
    prometheus_token: SecretStr = Field(default=SecretStr(""), description="only where Prometheus asks for a bearer token")
    prometheus_username: str = Field(default="", description="only where Prometheus asks for a name and password")
    prometheus_password: SecretStr = Field(default=SecretStr(""), description="the password of PROMETHEUS_USERNAME")

    kubeconfig: str = Field(default="", description="a kubeconfig file; inside a cluster the service account is used")
    ollama_host: HostOrAddress = Field(default="http://127.0.0.1:11434", description="Ollama's address")

    suture_actor: Reasoner = Field(default="rulebook", description="who proposes: rulebook, or ollama/MODEL")
    suture_critic: Reasoner = Field(default="rulebook", description="who attacks: rulebook, or ollama/MODEL of another family")
    suture_num_ctx: int = Field(default=8192, ge=1024, description="the context that Ollama is asked to hold, in tokens")
    suture_model_seconds: Seconds = Field(default=120, description="how long a model may take for one answer")
    suture_api_token: SecretStr = Field(
        default=SecretStr(""), description="any long random word; programs send it as a bearer token to /api"
    )
    suture_public_url: Address = Field(default="", description="where people reach this bot, for links")
    suture_answer_minutes: Minutes = Field(default=30, description="how long a card waits before people are called by name")
    suture_soak_minutes: Minutes = Field(default=15, description="how long the alert must stay silent after a fix")
    suture_apply_minutes: Minutes = Field(default=15, description="how long a merged change may take to reach the cluster and settle")
    suture_window_minutes: Minutes = Field(default=60, description="how far back evidence is looked for")
    suture_silence_minutes: Minutes = Field(
        default=0.5, description="before a system that did not answer, and that the cause needs, is asked again; doubled each time"
    )
    suture_silence_looks: int = Field(default=5, ge=0, le=20, description="how often it is asked again before people get the incident")
    suture_poll_seconds: Seconds = Field(default=5, description="how often merge requests, rollouts and waiting rows are looked at")
    suture_source_seconds: Seconds = Field(default=20, description="how long one source of evidence may take")
    suture_slack_per_second: PerSecond = Field(default=1, description="messages a second and channel; Slack allows one")
    suture_token_in_query: bool = Field(default=False, description="take ?token= on webhooks, for senders that know no headers")
    suture_templates: str = Field(default="", description="a folder of your own remedies")
    suture_queries: str = Field(default="", description="a file of your own queries for Prometheus")
    suture_policy: str = Field(default="", description="your policy.yaml; the packaged one otherwise")

    clusters: dict[str, Cluster] = Field(default_factory=dict, description="your clusters by name, the first is the default")
    gitops: tuple[GitOpsProject, ...] = Field(default=(), description="the GitLab projects that hold manifests")
    gitlab_hosts: tuple[str, ...] = Field(default=(), description="other host names of your GitLab, as Argo CD and Flux have them")
    fetch: Fetch = Field(default=Fetch(), description="which bases and charts may be fetched from elsewhere")
    argocd: ArgoCD = Field(default=ArgoCD(), description="how your Argo CD marks what it applies")
    environments: dict[str, Environment] = Field(default_factory=dict, description="who decides where")
    standings: tuple[StandingRule, ...] = Field(default=(), description="which targets are of which environment and team")

    @field_validator("slack_bot_token")
    @classmethod
    def _is_no_other_token(cls, token: SecretStr) -> SecretStr:
        if what := _other_token(token.get_secret_value()):
            raise ValueError(f"is {what}, and Slack takes a bot token here")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _is_no_bot_token(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value().startswith(("xoxb-", "xoxp-", "xoxe")):
            raise ValueError("is no app-level token, which begins with xapp-")
        return token

    @model_validator(mode="before")
    @classmethod
    def _blanks_are_not_set(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A token of blanks is none: whoever needs it names it as missing."""
        return {name: value for name, value in given.items() if not (isinstance(value, str) and value and not value.strip())}

    @field_validator("standings")
    @classmethod
    def _environments_are_named(cls, standings: tuple[StandingRule, ...], others: ValidationInfo) -> tuple[StandingRule, ...]:
        named = others.data.get("environments") or ()  # without any, nothing tells a misspelt one
        known = {cls.environment_of(name) for name in named} | PRODUCTION
        wrong = [rule for rule in standings if named and cls.environment_of(rule.environment) not in known]
        if wrong:
            rule = wrong[0]
            raise ValueError(f"{rule.environment[:80]!r}, of {rule.target[:80]}, is none of `environments`, which has {', '.join(named)}")
        return standings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's own signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then `NAME_FILE`, then the YAML file."""
        return init_settings, env_settings, _SecretFiles(settings_cls), _YamlFile(settings_cls)

    @staticmethod
    def environment_of(name: str) -> str:
        """The configured environment that this word means; what nobody configured keeps its word."""
        word = name.strip().lower()
        return _SAME_ENVIRONMENT.get(word, word)

    def standing_of(self, target: Target, labels: Mapping[str, str]) -> Standing:
        """Settings' word about the target first, the alert's tag second; what is unknown stands like production."""
        rule = next((r for r in self.standings if fnmatch.fnmatchcase(target.path, r.target)), StandingRule(target="*"))
        environment = self.environment_of(rule.environment) or self.environment_of(labels.get("env", "")) or "unknown"
        configured = {self.environment_of(name): people for name, people in self.environments.items()}
        production = environment in PRODUCTION or environment not in configured
        people = configured.get(environment) or configured.get("production" if production else "") or Environment()
        return Standing(
            environment=environment,
            production=production,
            team=rule.team or labels.get("team", ""),
            product=rule.product or rule.team or target.namespace,
            **people.model_dump(),
        )

    @property
    def secrets(self) -> list[str]:
        """Every secret that is set, in the clear."""
        return [value.get_secret_value() for value in vars(self).values() if isinstance(value, SecretStr)]

    @property
    def default_place(self) -> str:
        """The cluster that an alert means when it names none."""
        return next(iter(self.clusters), "")


class _SecretFiles(PydanticBaseSettingsSource):
    """`NAME_FILE` for every secret, as Docker and Kubernetes mount them."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(_file_variable(field_name)) if field.annotation is SecretStr else None
        return (_secret_in(path, _file_variable(field_name)) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class _YamlFile(PydanticBaseSettingsSource):
    """`SUTURE_CONFIG`, else `suture.yaml` beside us when it is there. Its keys are the settings' names in any case."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's own signature
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        named = os.environ.get("SUTURE_CONFIG")
        path = Path(named or "suture.yaml")
        if not named and not path.exists():
            return {}
        try:
            content = parse(text_of(path), str(path)) or {}
        except Unusable as wrong:
            raise SettingsError(f"SUTURE_CONFIG: {wrong.what}", "Name a YAML file; docs/settings.md shows one.") from wrong
        if not isinstance(content, dict):
            raise SettingsError(f"SUTURE_CONFIG: {path} is not a mapping of settings.", "docs/settings.md shows one.")
        return {str(key).lower(): value for key, value in content.items()}


def variables() -> frozenset[str]:
    """The name of every variable that is read."""
    secrets = {_file_variable(name) for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    return frozenset({name.upper() for name in Settings.model_fields} | secrets | {"SUTURE_CONFIG"})


def _file_variable(field_name: str) -> str:
    return f"{field_name.upper()}_FILE"


def _secret_in(path: str, variable: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as missing:
        raise SettingsError(f"{variable} cannot be read: {missing.strerror} ({path}).", "Name a readable file.") from missing
    except UnicodeDecodeError:
        raise SettingsError(f"{variable} is not text: {path}.", "Name a file that holds the secret and nothing else.") from None


SERVE_NEEDS = ("slack_bot_token", "slack_signing_secret", "slack_channel", "suture_api_token")


def read(needs: tuple[str, ...] = ()) -> Settings:
    """The settings. Raises SettingsError naming every one of `needs` that is missing, and the first that is wrong."""
    try:
        settings = Settings()
    except ValidationError as wrong:
        raise SettingsError(_said(wrong), "docs/settings.md explains every setting.") from None
    except Undecodable as wrong:
        raise SettingsError(_not_json(wrong)) from None  # its cause holds the value
    absent = missing(settings, needs)
    if absent:
        lines = [f"{name} is missing. Get it here: {where}." for name, where in absent.items()]
        raise SettingsError("\n".join(lines), "`suture check` tries each of them. To look around without any account: suture demo.")
    return settings


def missing(settings: Settings, needs: tuple[str, ...]) -> dict[str, str]:
    """Those of `needs` that are not set, by the variable's name, and where to get each."""
    names = [name for name in needs if not _value(settings, name)]
    if "slack_signing_secret" in names and settings.slack_app_token.get_secret_value():
        names.remove("slack_signing_secret")  # Socket Mode needs none
    return {name.upper(): str(type(settings).model_fields[name].description) for name in names}


def _not_json(wrong: Undecodable) -> str:
    """The sentence for a variable that should hold JSON; pydantic names the field in a sentence only."""
    name = next((name for name in Settings.model_fields if f'"{name}"' in str(wrong)), "")
    field = Settings.model_fields[name]
    return f"{name.upper()}: is not JSON, and as an environment variable it must be ({field.description}). suture.yaml is the easier place."


def _value(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _said(wrong: ValidationError) -> str:
    """One line a mistake: the setting's name, what is wrong, what it is for. Never the value, which may be a secret."""
    unknown = {mistake["loc"] for mistake in wrong.errors() if mistake["type"] == "extra_forbidden"}
    file = os.environ.get("SUTURE_CONFIG") or "suture.yaml"  # only there can a key be that nothing has
    lines = []
    for place, clause in mistakes(wrong, Settings).items():
        first, *rest = (str(part) for part in place)
        field = Settings.model_fields.get(first)
        name = ".".join([first.upper() if field is not None else first, *rest])
        where = f"the variable {first.upper()}" if first.upper() in os.environ else file
        what = no_such(f"setting in {where}", place, Settings) if place in unknown else clause
        lines.append(f"{name}: {what}" + (f" ({field.description})" if field is not None else ""))
    return "\n".join(lines)
