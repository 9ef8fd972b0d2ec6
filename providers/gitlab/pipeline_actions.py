"""What buttons do to a pipeline or a job.

Source: https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/jobs/
"""

from __future__ import annotations

from providers.gitlab.models import Job, Pipeline
from providers.gitlab.places import project_path
from providers.gitlab.site import gitlab
from providers.gitlab.states import RETRIABLE, UNDER_WAY
from unfurler.sdk import Api, Click


@gitlab.action
def retry_pipeline(click: Click, api: Api, project: str, pipeline: int) -> str:
    """Run the failed and cancelled jobs again."""
    found = fetch_pipeline(api, project, pipeline)
    if found.status in UNDER_WAY:
        return f"Pipeline {pipeline} is under way already"
    if found.status not in RETRIABLE:
        return f"Nothing in pipeline {pipeline} has failed"
    api.post(*pipeline_path(project, pipeline), "retry")
    return f"Running the failed jobs of pipeline {pipeline} again"


@gitlab.action(confirm="Cancel this pipeline?")
def cancel_pipeline(click: Click, api: Api, project: str, pipeline: int) -> str:
    """Stop all jobs of the pipeline."""
    if fetch_pipeline(api, project, pipeline).status not in UNDER_WAY:
        return f"Pipeline {pipeline} is over already"
    api.post(*pipeline_path(project, pipeline), "cancel")
    return f"Cancelling pipeline {pipeline}"


@gitlab.action
def retry_job(click: Click, api: Api, project: str, job: int) -> str:
    """Run the job again."""
    found = fetch_job(api, project, job)
    if found.status in UNDER_WAY:
        return f"{found.name} is under way already"
    api.post(*job_path(project, job), "retry")
    return f"Running {found.name} again"


@gitlab.action
def play_job(click: Click, api: Api, project: str, job: int) -> str:
    """Run the job that waits for somebody to start it."""
    found = fetch_job(api, project, job)
    if found.status != "manual":
        return f"{found.name} does not wait to be started"
    api.post(*job_path(project, job), "play")
    return f"Started {found.name}"


@gitlab.action(confirm="Cancel this job?")
def cancel_job(click: Click, api: Api, project: str, job: int) -> str:
    """Stop the job."""
    found = fetch_job(api, project, job)
    if found.status not in UNDER_WAY:
        return f"{found.name} is over already"
    api.post(*job_path(project, job), "cancel")
    return f"Cancelling {found.name}"


def pipeline_path(project: str, pipeline: int) -> tuple[str | int, ...]:
    """Where the API has a pipeline."""
    return (*project_path(project), "pipelines", pipeline)


def job_path(project: str, job: int) -> tuple[str | int, ...]:
    """Where the API has a job."""
    return (*project_path(project), "jobs", job)


def fetch_pipeline(api: Api, project: str, pipeline: int) -> Pipeline:
    """The pipeline as it is now."""
    return api.get(*pipeline_path(project, pipeline)).parse(Pipeline)


def fetch_job(api: Api, project: str, job: int) -> Job:
    """The job as it is now."""
    return api.get(*job_path(project, job)).parse(Job)
