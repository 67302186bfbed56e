"""The nouns: what Suture talks about. One meaning each, the same in code, tables, messages and docs.

Everything here is a frozen dataclass that the serializer can write and read back: plain types, tuples and dicts, no unions of dataclasses,
and a default on every field that was added after the first release, so that incidents in flight survive an upgrade.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = Any  # what json.loads gives: dict, list, str, int, float, bool, None

Severity = Literal["critical", "high", "medium", "low", "unknown"]
AlertState = Literal["firing", "recovered", "ignored"]
EvidenceKind = Literal["alert", "monitor", "objects", "events", "logs", "metrics", "changes", "probe"]
Level = Literal["N1", "N2", "N3"]  # reads; reversible change; always a person
Gate = Literal["automatic", "agreed", "one_person", "two_people"]  # from the loosest to the tightest
Phase = Literal["investigate", "settle", "deliver", "verify", "remember", "close", "done"]
Status = Literal[
    "detected", "diagnosing", "solution_proposed", "awaiting_approval", "mitigating", "verifying", "resolved", "failed", "escalated"
]
OutcomeName = Literal["fixed", "not_fixed", "rolled_back", "self_healed", "false_positive", "handed_over", "inconclusive"]

PRODUCTION = frozenset({"production", "prod", "prd", "live", "", "unknown"})  # what is not known is treated as production


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is broken, with its place.

    kind: workload, host, container, service, model, agent.  place: a cluster, inventory or broker named in settings; empty when the
    alert names none.
    path: where in that place: `shop/Deployment/api` for a workload (namespace/Kind/name), `web-3/nginx` for a service of a host.
    """

    kind: str
    place: str
    path: str

    @property
    def namespace(self) -> str:
        """A workload's namespace; empty for other kinds."""
        return self.path.split("/")[0] if self.kind == "workload" else ""

    @property
    def object_kind(self) -> str:
        """A workload's Kubernetes kind; `Pod` may stand here until its owner is known."""
        return self.path.split("/")[1] if self.kind == "workload" else ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.split("/")[-1]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What settings know of a target. approvers: Slack user ids, nobody when empty. escalate_to: a Slack user group's id."""

    environment: str = "unknown"
    production: bool = True
    team: str = ""
    product: str = ""
    approvers: tuple[str, ...] = ()
    escalate_to: str = ""
    assignee: str = ""  # a GitLab user name
    target_branch: str = ""  # empty: the project's configured branch


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One notification from a source, normalised and masked.

    alert_id: a digest of the delivery, the same for a repeated one.  cycle: what joins a recovery with what it recovers.
    labels: cluster, namespace, pod, deployment, statefulset, daemonset, job, container, service, host, env, team; only those that the
    alert names.
    transition: the source's own word.  started_at: aware, UTC.
    """

    alert_id: str
    source: str
    cycle: str
    state: AlertState
    transition: str
    title: str
    text: str
    started_at: datetime
    severity: Severity = "unknown"
    monitor_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    metric: str = ""
    query: str = ""
    value: float | None = None
    threshold: float | None = None
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A span of time to look at; both ends aware, UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Series:
    """One metric over time. points: (epoch seconds, value), oldest first."""

    metric: str
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One numbered item. Says where it came from and when; a source that did not answer is an item with `failed`.

    item: `E1`, `E2`, …; empty until numbered.  text: what people and models read, masked and capped.
    objects: API objects as the server gave them (masked), for findings and rehearsal.  left_out: how many lines or objects the cap cut.
    commits: those that moved fields of the incident's object, as far as Git's history was rendered.
    unanswered: of a failed one why its system, which may answer later, did not.  needed: whether the cause can hardly be found without it.
    absent: the system answered that what the incident is about does not exist, which its title says.
    """

    kind: EvidenceKind
    source: str
    title: str
    at: datetime
    text: str
    item: str = ""
    objects: tuple[Mapping[str, Json], ...] = ()
    series: tuple[Series, ...] = ()
    failed: bool = False
    left_out: int = 0
    commits: tuple["Commit", ...] = ()
    unanswered: str = ""
    needed: bool = False
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a pure function read off the evidence for certain.

    kind: a word of the closed list in docs/findings.md, such as `oom_killed`.  subject: `Kind/namespace/name[/container]`,
    cluster-scoped `Kind//name`.
    facts: typed scalars by name, from the finding's own dataclass.  cites: evidence items.  text: one sentence for people.
    """

    finding_id: str
    kind: str
    subject: str
    text: str
    cites: tuple[str, ...]
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Precedent:
    """A remembered incident like this one.

    likeness: 0–1.  track_record: (successes + 1) / (tries + 2), weighted by age, of this remedy on this leading finding.
    """

    incident_id: str
    likeness: float
    finding: str  # kind of its leading finding
    subject: str
    summary: str
    remedy: str = ""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    outcome: str = ""
    cause_confirmed: str = "unknown"
    reason: str = ""
    ended_at: datetime | None = None
    minutes_to_fix: float | None = None
    track_record: float = 0.5
    tries: int = 0
    refused: bool = False  # a person rejected it, or closed its merge request; `reason` says why


@dataclass(frozen=True, kw_only=True)
class Action:
    """What the server derives from a plan, never the model.

    Shown beside it as action_command, action_type, action_level, is_safe, kubernetes_changes.
    """

    command: str
    type: str
    level: Level
    is_safe: bool
    kubernetes_changes: tuple[Mapping[str, Json], ...] = ()  # {resource, action, changes: {path: value}}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One remedy on one target with its parameters. priority: 1 is best. confidence: 0–1. cites: evidence items."""

    plan_id: str
    title: str
    priority: int
    remedy: str
    target: Target
    parameters: Mapping[str, Json]
    justification: str
    cites: tuple[str, ...]
    confidence: float
    risks: tuple[str, ...] = ()
    rollback: str = ""
    expected_result: str = ""
    estimated_minutes: int = 0
    action: Action | None = None


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """The actor's analysis, in the field's usual words."""

    root_cause: str
    severity: Severity
    affected_services: tuple[str, ...] = ()
    estimated_impact: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelCall:
    """One call of a language model: what it cost and how it ended (`answered`, `repaired`, or the error's sentence)."""

    model: str
    role: str
    prompt_digest: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    seconds: float
    ended: str


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The actor's answer: cause, confidence, up to three plans, best first; none when nothing fits.

    finding: id of the leading finding, empty when there is none (then the incident is inconclusive).  by: who reasoned (`rulebook`,
    `ollama/…`).
    for_a_person: where no remedy fits, what a person must do, in one sentence.  note: why another reasoner answered than the one
    configured.
    """

    cause: str
    confidence: float
    plans: tuple[Plan, ...]
    analysis: Analysis
    by: str
    finding: str = ""
    logs_summary: str = ""
    for_a_person: str = ""
    note: str = ""
    calls: tuple[ModelCall, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Critique:
    """The critic's answer. checks: whitelist_valid, diagnostic_justified, no_collateral_risk, action_coherent; APPROVED needs all four."""

    plan_id: str
    cause: str
    decision: Literal["APPROVED", "REJECTED", "ESCALATE"]
    checks: Mapping[str, bool]
    confidence: float
    reason: str
    by: str
    alternative: str = ""
    cites: tuple[str, ...] = ()
    note: str = ""
    calls: tuple[ModelCall, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ObjectRef:
    """A Kubernetes object by group (empty for core), kind, namespace (empty when cluster-scoped) and name."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class FieldEdit:
    """One intended change of one field.

    path: `spec.template.spec.containers[name=api].resources.limits.memory`; dots in a key are escaped by a backslash.
    expect: the value that must stand there now (None with op `add`).  value: None with op `remove`.
    """

    path: str
    op: Literal["replace", "add", "remove"]
    expect: Json
    value: Json


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file as it will be.

    line: 1-based, where the first edit stands in the new file. blob: Git's id of the bytes it replaces, empty for a new file.
    gone: it is taken away; content is empty then.
    """

    path: str
    line: int
    blob: str
    content: bytes
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class NewObject:
    """One object that is not there yet. value: its whole manifest, as the cluster will have it."""

    object: ObjectRef
    value: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Act:
    """What will be done, complete: for `git`, the edits of one object. undoes: the receipt key that this act reverts, else empty.

    restores: the files that the reverted act touched, as they were before; empty where one of them changed since.
    creates: objects that are made beside it, in the same change.  removes: those that the reverted act had made.
    branch: the target branch that settings name for the incident's environment; empty for the one that its owner follows.
    """

    kind: str
    target: Target
    object: ObjectRef
    remedy: str
    title: str
    parameters: Mapping[str, Json]
    edits: tuple[FieldEdit, ...]
    level: Level
    undoes: str = ""
    place: str = ""  # the place in Git that a person chose of several
    restores: tuple[FileChange, ...] = ()
    creates: tuple[NewObject, ...] = ()
    removes: tuple[ObjectRef, ...] = ()
    branch: str = ""


@dataclass(frozen=True, kw_only=True)
class Move:
    """One field of one object that differs between base and head; None where it is absent."""

    object: ObjectRef
    path: str
    old: Json
    new: Json


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit with the fields of one object that it moved, masked. at: when it reached its branch."""

    project: str
    sha: str
    title: str
    at: datetime
    moves: tuple[Move, ...]


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What the API server said of the resulting object; `not_rehearsed` when it was not asked or we may not ask it, with the reason."""

    state: Literal["passed", "refused", "not_rehearsed"]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A merge request of this fix, whatever its values, that a person closed. reason: what was said there last, empty for nothing."""

    url: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """The act before anyone is asked.

    project, branch, base_sha: where it will be merged.  files: the bytes as they will be.  diff: unified, passes `git apply`.
    moves: the object diff.  head, live: the resulting and the live object.  surroundings: ResourceQuotas, LimitRanges and HPAs of its
    namespace.
    fingerprint: of project, object, fields and remedy; names the branch.  digest: what an approval binds to.  unknown: what could not be
    read, a sentence each.  closed: a person's no to this very fix, as GitLab tells it now.  origin: who applies the object from where, a
    sentence.  rendered: how many renderings that use the touched files were compared.
    """

    act: Act
    project: str
    branch: str
    base_sha: str
    files: tuple[FileChange, ...]
    diff: str
    moves: tuple[Move, ...]
    dry_run: DryRun
    fingerprint: str
    digest: str
    rehearsed_at: datetime
    expires_at: datetime
    head: Mapping[str, Json] = field(default_factory=dict)
    live: Mapping[str, Json] = field(default_factory=dict)
    surroundings: tuple[Mapping[str, Json], ...] = ()
    unknown: tuple[str, ...] = ()
    closed: Closed | None = None
    origin: str = ""
    rendered: int = 0


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """One policy rule's answer. gate: what this rule demands at least, when it passes but tightens."""

    rule: str
    passed: bool
    reason: str
    gate: Gate = "automatic"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The sum of all rulings. clamped: which parameters were bounded before rehearsal, a sentence each (then status is MODIFIED)."""

    status: Literal["APPROVED", "DENIED", "MODIFIED"]
    rulings: tuple[Ruling, ...]
    level: Level
    gate: Gate
    clamped: tuple[str, ...] = ()

    @property
    def denied(self) -> bool:
        """Whether any rule said no."""
        return self.status == "DENIED"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Policy's or a person's answer to one digest. by: `policy`, a Slack user id, or `gitlab:NAME` for who merged or closed there."""

    digest: str
    answer: Literal["approved", "rejected", "escalated"]
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was done: for `git`, an open merge request. key: of the effect, so that it is found again before it is made again.

    sha: the commit that was proven.  target_branch, blobs: where it is merged, and Git's id of the bytes that each touched file must
    still have there (by path).
    """

    kind: str
    key: str
    project: str
    iid: int
    url: str
    branch: str
    sha: str
    target_branch: str = ""
    blobs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where the act stands.

    waiting: for people or a pipeline; applied: merged; refused: closed by a person; lost: it is not there any more.

    pipeline: GitLab's word, empty when there is none.  ready: it could be merged now.  by: who merged or closed.  notes: people's words
    since.
    """

    state: Literal["waiting", "applied", "refused", "lost"]
    ready: bool = False
    pipeline: str = ""
    approved_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    by: str = ""
    reason: str = ""
    sha: str = ""
    head: str = ""  # of the source branch
    blocked: str = ""  # GitLab's word for what holds it back besides its pipeline, such as `conflict`


@dataclass(frozen=True, kw_only=True)
class Instead:
    """What was merged where somebody pushed to the branch since it was approved.

    by: who pushed, as far as that is certain.  moves: those of the rehearsal, each to its value in Git now.  unread: why they are not
    known, a sentence; empty where they are.
    """

    by: str
    moves: tuple[Move, ...] = ()
    unread: str = ""

    def __str__(self) -> str:
        told = ", ".join(f"{move.path} {'taken away' if move.new is None else move.new}" for move in self.moves)
        return f"{self.by} pushed to its branch before the merge: {told or self.unread}"


@dataclass(frozen=True, kw_only=True)
class Health:
    """What the cluster says after the merge. applied: the live object shows the change. settled: its rollout is complete and healthy.

    paused: its rollout waits by its own word, which says nothing against the fix.  promote: the command by which a person lets it go on;
    empty where it goes on by itself.
    """

    applied: bool
    settled: bool
    failed: bool = False  # the rollout reported that it cannot proceed
    paused: bool = False
    promote: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The monitor's metric at its worst while it was broken, and now; None where it cannot be asked, or nothing was reported."""

    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How the incident ended."""

    name: OutcomeName
    reason: str
    cause_confirmed: Literal["yes", "no", "unknown"] = "unknown"


@dataclass(frozen=True, kw_only=True)
class ThreadRef:
    """A Slack thread: its channel's id and the head's ts."""

    channel: str
    ts: str


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What wakes an incident; a row before it was acknowledged.

    kind: press, alert, merge_request, health.  body: per kind; a press has action, user, digest, reason; the others hold an Alert,
    Progress or Health as JSON.
    """

    seq: int
    incident_id: str
    kind: Literal["press", "alert", "merge_request", "health"]
    body: Mapping[str, Json]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came for a waiting incident, or None when nothing did until `at`."""

    signal: Signal | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PastFix:
    """A fix that was tried or refused before. result: merged, failed, rejected, closed."""

    incident_id: str
    remedy: str
    subject: str
    fingerprint: str
    parameters: Mapping[str, Json]
    result: Literal["merged", "failed", "rejected", "closed"]
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class History:
    """What the record knows of a target when a fix for it is judged. incidents_last_hour: of this target, this one included."""

    fixes: tuple[PastFix, ...] = ()
    incidents_last_hour: int = 0


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a reasoner is given; everything masked. objections: of the critic in earlier rounds."""

    incident_id: str
    target: Target
    standing: Standing
    alerts: tuple[Alert, ...]
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    precedents: tuple[Precedent, ...]
    objections: tuple[Critique, ...] = ()
