"""What buttons do to a run of a workflow.

Source: https://docs.github.com/rest/actions/workflow-runs
"""

from __future__ import annotations

from collections.abc import Sequence

from providers.github.models import Deployment, Deployments, Job, Run
from providers.github.places import repository_path
from providers.github.site import github
from unfurler.sdk import ActionRefused, Api, Click


@github.action
def rerun_failed(click: Click, api: Api, owner: str, repo: str, run: int) -> str:
    """Run the failed jobs again, and those that depend on them."""
    found = fetch_run(api, owner, repo, run)
    if found.status != "completed":
        return f"Run {found.run_number} is under way already"
    if found.conclusion == "success":
        return f"Nothing in run {found.run_number} has failed"
    api.post(*run_path(owner, repo, run), "rerun-failed-jobs")
    return f"Running the failed jobs of run {found.run_number} again"


@github.action
def rerun(click: Click, api: Api, owner: str, repo: str, run: int) -> str:
    """Run all jobs again."""
    found = fetch_run(api, owner, repo, run)
    if found.status != "completed":
        return f"Run {found.run_number} is under way already"
    api.post(*run_path(owner, repo, run), "rerun")
    return f"Running run {found.run_number} again"


@github.action
def rerun_job(click: Click, api: Api, owner: str, repo: str, run: int, job: int) -> str:
    """Run one job again, and those that depend on it."""
    if fetch_run(api, owner, repo, run).status != "completed":
        return "The run is under way already"
    at = (*repository_path(owner, repo), "actions", "jobs", job)
    found = api.get(*at).parse(Job)
    api.post(*at, "rerun")
    return f"Running {found.name} again"


@github.action(confirm="Cancel this run?")
def cancel(click: Click, api: Api, owner: str, repo: str, run: int) -> str:
    """Stop the run."""
    found = fetch_run(api, owner, repo, run)
    if found.status == "completed":
        return f"Run {found.run_number} is over already"
    api.post(*run_path(owner, repo, run), "cancel")
    return f"Cancelling run {found.run_number}"


@github.action(confirm="Let this run, which comes from outside, run its workflows?")
def approve_run(click: Click, api: Api, owner: str, repo: str, run: int) -> str:
    """Let the run of a first-time contributor begin."""
    found = fetch_run(api, owner, repo, run)
    if found.conclusion != "action_required":
        return f"Run {found.run_number} does not wait for approval"
    api.post(*run_path(owner, repo, run), "approve")
    return f"Approved run {found.run_number}"


@github.action(confirm="Approve the waiting deployments?")
def approve_deployment(click: Click, api: Api, owner: str, repo: str, run: int) -> str:
    """Let the run deploy where it waits for the one who clicked."""
    return _review(api, owner, repo, run, "approved")


@github.action(confirm="Reject the waiting deployments?")
def reject_deployment(click: Click, api: Api, owner: str, repo: str, run: int) -> str:
    """Do not let the run deploy where it waits for the one who clicked."""
    return _review(api, owner, repo, run, "rejected")


def run_path(owner: str, repo: str, run: int) -> tuple[str | int, ...]:
    """Where the API has a run."""
    return (*repository_path(owner, repo), "actions", "runs", run)


def fetch_run(api: Api, owner: str, repo: str, run: int) -> Run:
    """The run as it is now."""
    return api.get(*run_path(owner, repo, run)).parse(Run)


def _review(api: Api, owner: str, repo: str, run: int, state: str) -> str:
    at = (*run_path(owner, repo, run), "pending_deployments")
    waiting = api.get(*at).parse(Deployments).root
    if not waiting:
        return "No deployment of this run waits for approval"
    own = [one for one in waiting if one.current_user_can_approve and one.environment.id]
    if not own:
        raise ActionRefused(f"Others have to approve the deployment to {_names(waiting)}.")
    ids = [one.environment.id for one in own]
    api.post(*at, json={"environment_ids": ids, "state": state, "comment": f"{state.capitalize()} in chat"})
    return f"{state.capitalize()} the deployment to {_names(own)}"


def _names(deployments: Sequence[Deployment]) -> str:
    return ", ".join(one.environment.name for one in deployments)
