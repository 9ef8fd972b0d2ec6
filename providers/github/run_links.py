"""Links to what GitHub Actions runs.

Source: https://docs.github.com/rest/actions/workflow-runs, https://docs.github.com/rest/actions/workflow-jobs
"""

from __future__ import annotations

from collections.abc import Sequence

from providers.github.asking import optional
from providers.github.checks import PAGE
from providers.github.models import Deployment, Deployments, Job, Jobs, Run
from providers.github.places import repository_path
from providers.github.run_actions import fetch_run, run_path
from providers.github.runs import job_card, run_card
from providers.github.site import github
from unfurler.sdk import Api, Card, Link


@github.link("/<owner>/<repo>/actions/runs/<int:run>")
@github.link("/<owner>/<repo>/actions/runs/<int:run>/workflow")
@github.link("/<owner>/<repo>/actions/runs/<int:run>/usage")
def run(link: Link, api: Api, owner: str, repo: str, run: int) -> Card:
    """A run of a workflow: its state, its jobs and the first that failed, what waits for approval."""
    at, found = run_path(owner, repo, run), fetch_run(api, owner, repo, run)
    jobs = optional(api, Jobs, *at, "jobs", per_page=PAGE)
    return run_card(f"{owner}/{repo}", found, jobs, _waiting(api, at, found))


@github.link("/<owner>/<repo>/actions/runs/<int:run>/attempts/<int:attempt>")
def attempt(link: Link, api: Api, owner: str, repo: str, run: int, attempt: int) -> Card:
    """One attempt of a run: its state, its jobs and the first that failed."""
    at = (*run_path(owner, repo, run), "attempts", attempt)
    found = api.get(*at).parse(Run)
    return run_card(f"{owner}/{repo}", found, optional(api, Jobs, *at, "jobs", per_page=PAGE), ())


@github.link("/<owner>/<repo>/actions/runs/<int:run>/job/<int:job>")
def job(link: Link, api: Api, owner: str, repo: str, run: int, job: int) -> Card:
    """A job of a run: its state and the step that failed."""
    found = api.get(*repository_path(owner, repo), "actions", "jobs", job).parse(Job)
    whole = fetch_run(api, owner, repo, run)
    return job_card(f"{owner}/{repo}", whole, found, _waiting(api, run_path(owner, repo, run), whole))


def _waiting(api: Api, at: tuple[str | int, ...], found: Run) -> Sequence[Deployment]:
    if found.status != "waiting":
        return ()
    deployments = optional(api, Deployments, *at, "pending_deployments")
    return deployments.root if deployments else ()
