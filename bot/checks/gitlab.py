"""GitLab: the token and what it may do in each project. One that could merge to a protected branch is wrong: people would be bypassed."""

from collections.abc import Awaitable, Mapping, Sequence

from bot.checks.tried import Tried, absent, failed, fine, wrong
from bot.settings import GitOpsProject, Settings
from remediation.clients.gitlab import GitLabClient
from remediation.errors import Forbidden, NotFound
from remediation.terms import Json

SYSTEM = "GitLab"
DEVELOPER, MAINTAINER = 30, 40
ROLES: Mapping[int, str] = {10: "Guest", 15: "Planner", 20: "Reporter", 30: "Developer", 40: "Maintainer", 50: "Owner"}
PROTECT = "GitLab → project → Settings → Repository → Protected branches: merge and push for Maintainers."


async def tried(settings: Settings, client: GitLabClient | None) -> Sequence[Tried]:
    """The token, a line for each project, the merge token, the webhook. Raises what the client does."""
    if client is None:
        return [absent(SYSTEM, "GITLAB_TOKEN is not set: no fix is proposed, incidents end with a plan for a person")]
    lines = [await _token(client)]
    if not settings.gitops:
        lines.append(wrong(SYSTEM, "No project is named in `gitops`, so no fix finds its file.", "Name one: docs/settings.md."))
    for project in settings.gitops:
        lines.append(_cluster(project, settings) or await _told(_line(project), _project(client, project)))
        if client.may_merge:
            lines.append(await _told(f"{SYSTEM} merging {project.project}", _merging(client, project)))
    if not client.may_merge:
        lines.append(absent(f"{SYSTEM} merging", "GITLAB_MERGE_TOKEN is not set: people merge, in every environment"))
    return [*lines, _webhook(settings)]


async def _token(client: GitLabClient) -> Tried:
    name, version = await client.me(), await client.version()
    try:
        token = await client.token()
    except NotFound:  # before GitLab 15.5 a token could not be asked about itself
        return fine(SYSTEM, f"{name}, GitLab {version}")
    scopes = list(token.get("scopes") or ())
    if "api" not in scopes:
        cure = "Make another: GitLab → project → Settings → Access tokens, role Developer, scope api."
        return wrong(SYSTEM, f"GITLAB_TOKEN has the scope {', '.join(scopes) or 'none'}, which does not open merge requests.", cure)
    return fine(SYSTEM, f"{name}, GitLab {version}, token until {token.get('expires_at') or 'for ever'}")


async def _told(line: str, question: Awaitable[Tried]) -> Tried:
    """What is asked about one project: an error is its line, and the other projects are asked all the same."""
    try:
        return await question
    except (Forbidden, NotFound) as failure:
        return failed(line, failure)


def _cluster(project: GitOpsProject, settings: Settings) -> Tried | None:
    """What is wrong with the cluster that this project is applied to, if anything."""
    if not project.cluster or project.cluster in settings.clusters:
        return None
    known = ", ".join(settings.clusters) or "none"
    return wrong(_line(project), f"gitops names the cluster {project.cluster}, and `clusters` does not.", f"It knows: {known}.")


async def _project(client: GitLabClient, project: GitOpsProject) -> Tried:
    level, branch = _level(await client.project(project.project)), await client.branch(project.project, project.branch)
    if level < DEVELOPER:
        return wrong(_line(project), f"Suture's user is {_role(level)} there.", "Give it the role Developer.")
    if branch is None:
        return wrong(_line(project), "There is no such branch.", "Mend `branch` in `gitops`.")
    if not branch.get("protected"):
        return wrong(_line(project), "The branch is not protected: whoever may push may change it without a review.", PROTECT)
    if level >= MAINTAINER or branch.get("developers_can_merge") or branch.get("can_push"):
        cure = f"Give it the role Developer. {PROTECT}" if level >= MAINTAINER else PROTECT
        return wrong(_line(project), f"GITLAB_TOKEN ({_role(level)}) may merge there by itself.", cure)
    return fine(_line(project), f"protected; {_role(level)}, cannot merge")


async def _merging(client: GitLabClient, project: GitOpsProject) -> Tried:
    system = f"{SYSTEM} merging {project.project}"
    level = _level(await client.project(project.project, merging=True))
    branch = await client.branch(project.project, project.branch, merging=True) or {}
    if level >= MAINTAINER or branch.get("developers_can_merge") or branch.get("can_push"):
        return fine(system, f"{await client.me(merging=True)} ({_role(level)}) may merge where policy is automatic")
    return wrong(system, f"GITLAB_MERGE_TOKEN ({_role(level)}) may not merge to {project.branch}.", "Give it the role Maintainer.")


def _webhook(settings: Settings) -> Tried:
    system = f"{SYSTEM} webhook"
    if settings.gitlab_webhook_secret.get_secret_value():
        return fine(system, "GITLAB_WEBHOOK_SECRET is set")
    seconds = f"{settings.suture_poll_seconds:g}"
    return absent(system, f"GITLAB_WEBHOOK_SECRET is not set: merges are noticed by looking every {seconds} s, hooks are refused")


def _line(project: GitOpsProject) -> str:
    return f"{SYSTEM} {project.project} {project.branch}"


def _level(project: Mapping[str, Json]) -> int:
    """The token's access level in the project, by itself or by its group; 0 for none."""
    accesses = (project.get("permissions") or {}).values()
    return max((int(access["access_level"]) for access in accesses if access), default=0)


def _role(level: int) -> str:
    return ROLES.get(level, "no member" if not level else f"of level {level}")
