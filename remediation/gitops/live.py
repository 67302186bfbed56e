"""Git against the live object: the same value, and the same owner. Else it is drift, or somebody else's field, and nothing is changed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from remediation import quantities
from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, Item, Path, differences, format_path, get, parse, same
from remediation.kinds import KINDS
from remediation.terms import FieldEdit, Json

# The control plane's own writers: what they set is theirs again after the next sync.
_AUTOSCALERS = frozenset({"kube-controller-manager", "vpa-admission-controller", "vpa-updater", "keda-operator", "keda"})
_GITOPS = re.compile(  # whose sync, or whose pipeline, writes what Git says
    r"argocd|argo-cd|kustomize-controller|helm|flux|before-first-apply|kubectl(?:-(?:client-side-apply|create|replace|last-applied))?$"
)
_NAMED = 5  # fields of a sentence
_VARIABLE = re.compile(r"\$\{[A-Za-z_]")
_AMOUNTS = frozenset({"limits", "requests", "hard", "max", "min", "default", "defaultRequest", "maxLimitRequestRatio", "capacity"})
_AMOUNT_KEYS = frozenset({"storage", "memory", "cpu", "sizeLimit", "ephemeral-storage", "averageValue", "divisor"})
_DEFAULTS: Mapping[str, Json] = {  # what the API server fills in for an absent field, by the field's last key
    "replicas": 1, "imagePullPolicy": "IfNotPresent", "terminationGracePeriodSeconds": 30, "revisionHistoryLimit": 10,
    "progressDeadlineSeconds": 600, "minReadySeconds": 0, "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1,
    "failureThreshold": 3, "initialDelaySeconds": 0, "maxSurge": "25%", "maxUnavailable": "25%", "restartPolicy": "Always",
}  # fmt: skip


def equal(one: Json, other: Json, path: Path) -> bool:
    """Whether two values mean the same at this path: `256Mi` and 268435456 do in a memory limit, not in a label."""
    if same(one, other):
        return True
    is_amount = any(step in _AMOUNTS for step in path[-2:-1]) or (bool(path) and path[-1] in _AMOUNT_KEYS)
    return is_amount and one is not MISSING and other is not MISSING and quantities.equal(one, other)


def check_drift(in_git: Json, live: Mapping[str, Json], edits: Sequence[FieldEdit]) -> None:
    """Raises Refused: drift naming both values and the manager, other_owner naming who sets it, not_found when nothing would change."""
    for edit in edits:
        path = parse(edit.path)
        git_value, live_value = get(in_git, path), get(live, path)
        owners = sorted(set(managers(live, path)))
        differs = not equal(git_value, live_value, path) and not _is_default(git_value, live_value, path)
        if owners and set(owners) <= _AUTOSCALERS:
            what = f"{edit.path} is set by {' and '.join(owners)}, not from Git{_words(git_value, live_value) if differs else ''}."
            raise Refused(what, "Change what it follows (the autoscaler), not the field.", kind="other_owner")
        if differs:
            raise _drift(edit, git_value, live_value, owners)
        if owners and not any(_GITOPS.match(owner.lower()) for owner in owners):
            what = f"{edit.path} was set by {' and '.join(owners)}, not from Git, though both say the same."
            raise Refused(what, "Find out why, and let the GitOps tool own it again (sync with server-side apply).", kind="other_owner")
    if all(equal(get(in_git, parse(edit.path)), MISSING if edit.op == "remove" else edit.value, parse(edit.path)) for edit in edits):
        raise Refused("Git and the cluster have the proposed values already.", "Look for another cause.", kind="not_found")


def check_live(in_git: Json, applied: Json, live: Mapping[str, Json], edits: Sequence[FieldEdit]) -> None:
    """What was applied must say what the cluster says, and the branch must not say something else by now.

    in_git: the object at the branch's head.  applied: at the commit that its owner applied; None for the same. Raises Refused drift, and
    what `check_drift` raises.
    """
    if applied is None:
        check_drift(in_git, live, edits)
        return
    if applied is MISSING:
        what = "The object is in the branch, but not in the commit that its owner applied, though the cluster has it."
        raise Refused(what, "Wait for the sync, or find out who made it.", kind="drift")
    check_drift(applied, live, edits)
    for edit in edits:
        now, then = get(in_git, path := parse(edit.path)), get(applied, path)
        if not equal(now, then, path):
            there, before = map(_word, (now, then))
            what = f"{edit.path}: the branch says {there}, which is not applied yet; what was applied says {before}, as the cluster does."
            raise Refused(what, "Let it be synced, and look again: it may be the fix, or undo it.", kind="drift")


def pending(in_git: Json, applied: Json) -> list[str]:
    """A sentence of what else the next sync brings to the object, where the branch is ahead of what was applied."""
    paths = [format_path(path) for path, _, _ in differences(applied, in_git)] if isinstance(applied, Mapping) else []
    if not paths:
        return []
    named = ", ".join(paths[:_NAMED]) + (f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else "")
    return [f"The branch has changes of the object that are not applied yet and come with the fix: {named}."]


def check_filled_in(in_git: Json, lacking: Sequence[str], edits: Sequence[FieldEdit]) -> None:
    """Raises Refused where what fills the field in is not in Git: encrypted for a Secret, else templated. lacking: what gives variables."""
    for edit in edits:
        value = get(in_git, parse(edit.path))
        if lacking and isinstance(value, str) and _VARIABLE.search(value):
            what = f"{edit.path} is {value[:80]!r} in Git; {' or '.join(lacking)} fills it in and is not readable there."
            kind = "encrypted" if any(each.startswith("Secret/") for each in lacking) else "templated"
            raise Refused(what, "Change it by hand, where that is kept.", kind=kind)


def for_git(in_git: Json, edits: Sequence[FieldEdit]) -> tuple[FieldEdit, ...]:
    """The same edits as Git needs them: what only the server's default gave is added, what Git lacks anyway is not taken away."""
    there = {edit.path: get(in_git, parse(edit.path)) is not MISSING for edit in edits}
    needed = [edit for edit in edits if there[edit.path] or edit.op != "remove"]
    return tuple(edit if there[edit.path] else replace(edit, op="add", expect=None) for edit in needed)


def check_expected(in_git: Json, live: Mapping[str, Json], edits: Sequence[FieldEdit]) -> None:
    """Raises Refused drift when what the act was planned against stands no more in the cluster, or (where that is not known) in Git."""
    for edit in edits:
        path = parse(edit.path)
        expected = MISSING if edit.op == "add" else edit.expect
        now = get(live or in_git, path)
        if not equal(expected, now, path):
            then, word = map(_word, (expected, now))
            where = "the cluster" if live else "Git"
            if equal(MISSING if edit.op == "remove" else edit.value, now, path):
                raise Refused(f"{edit.path} is {word} in {where} already: somebody made this change by hand.", "Look again.", kind="drift")
            raise Refused(f"{edit.path} was {then} when the fix was planned; {where} says {word} now.", "Look again.", kind="drift")


def _is_default(git_value: Json, live_value: Json, path: Path) -> bool:
    return git_value is MISSING and live_value is not MISSING and path[-1] in _DEFAULTS and same(live_value, _DEFAULTS[str(path[-1])])


def _drift(edit: FieldEdit, git_value: Json, live_value: Json, owners: Sequence[str]) -> Refused:
    by = f", set by {' and '.join(owners)}" if owners else ""
    commit = "take it out of Git" if live_value is MISSING else f"put {_word(live_value)} into Git"
    sync = "let a sync take it out of the cluster" if git_value is MISSING else f"sync the cluster to {_word(git_value)}"
    advice = f"Nothing was changed. If the cluster is right, {commit}; if Git is, {sync}."
    if git_value is MISSING and not owners:
        advice = "Something at admission may have filled it in: a LimitRange, a webhook. " + advice
    return Refused(f"{edit.path}{_words(git_value, live_value)} (drift){by}.", advice, kind="drift")


def _words(git_value: Json, live_value: Json) -> str:
    return f": Git says {_word(git_value)}, the cluster says {_word(live_value)}"


def _word(value: Json) -> str:
    return "nothing" if value is MISSING else repr(value)[:200]


def mutators(live: Mapping[str, Json], configurations: Sequence[Mapping[str, Json]]) -> list[str]:
    """The mutating webhooks that are asked when an object of this kind, or its pods, is written, as `CONFIGURATION/WEBHOOK`."""
    group = str(live.get("apiVersion", "")).rpartition("/")[0]
    plural = KINDS[str(live.get("kind"))].plural if str(live.get("kind")) in KINDS else ""
    return [
        f"{(configuration.get('metadata') or {}).get('name')}/{webhook.get('name')}"
        for configuration in configurations
        for webhook in configuration.get("webhooks") or ()
        if any(_asked(rule, group, plural) for rule in webhook.get("rules") or ())
    ]


def _asked(rule: Mapping[str, Json], group: str, plural: str) -> bool:
    groups, resources = rule.get("apiGroups") or (), rule.get("resources") or ()
    written = {"*", "CREATE", "UPDATE"} & set(rule.get("operations") or ())
    return bool(written) and (group in groups or "*" in groups) and any(each in (plural, "*", "*/*") for each in resources)


def with_mutators(refusal: Refused, live: Mapping[str, Json], edits: Sequence[FieldEdit], named: Sequence[str]) -> Refused:
    """The drift with who may have made it at admission: where nobody but the GitOps tool, or nobody at all, owns the fields."""
    owners = {owner for edit in edits for owner in managers(live, parse(edit.path))}
    if refusal.kind != "drift" or not named or any(not _GITOPS.match(owner.lower()) for owner in owners):
        return refusal
    what = f"{refusal.what} If it is in sync, it was changed at admission: {', '.join(named[:3])} may do that."
    return Refused(what, f"Change what the webhook is set up with. Else: {refusal.what_to_do}", kind="drift")


def managers(live: Mapping[str, Json], path: Path) -> Iterator[str]:
    """Who owns the field by `managedFields`: names such as `argocd-controller`; with `/scale` when it came by the scale subresource."""
    for entry in (live.get("metadata") or {}).get("managedFields") or ():
        if _owns(entry.get("fieldsV1"), path, live):
            yield str(entry.get("manager", "unknown"))


def _owns(fields: Json, path: Path, value: Json) -> bool:
    """Whether a fieldsV1 tree names the path, or a leaf above it."""
    for step in path:
        if not isinstance(fields, Mapping):
            return False
        if not fields:
            return True  # an atomic value above the field
        value = get(value, (step,))
        key = _field_key(fields, step, value)
        if key is None:
            return False
        fields = fields[key]
    return isinstance(fields, Mapping)


def _field_key(fields: Mapping[str, Json], step: str | int | Item, value: Json) -> str | None:
    """The key of the tree for this step: `f:name`, or `k:{…}` whose fields the item has."""
    if isinstance(step, str):
        return f"f:{step}" if f"f:{step}" in fields else None
    item = value if isinstance(value, Mapping) else {}
    for key in fields:
        if key.startswith("k:") and _matches(key[2:], item):
            return key
    return None


def _matches(key: str, item: Mapping[str, Json]) -> bool:
    wanted = msgspec.json.decode(key)
    return all(item.get(name) == value for name, value in wanted.items())
