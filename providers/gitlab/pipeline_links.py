"""Links to what GitLab runs: pipelines, jobs.

Source: https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/jobs/
"""

from __future__ import annotations

from providers.gitlab.asking import optional
from providers.gitlab.models import Jobs
from providers.gitlab.parts import PAGE
from providers.gitlab.pipeline_actions import fetch_job, fetch_pipeline, job_path, pipeline_path
from providers.gitlab.pipelines import job_card, pipeline_card
from providers.gitlab.site import gitlab
from unfurler.sdk import Api, Card, Link, UnfurlError


@gitlab.link("/<path:project>/-/pipelines/<int:pipeline>")
@gitlab.link("/<path:project>/-/pipelines/<int:pipeline>/builds")
@gitlab.link("/<path:project>/-/pipelines/<int:pipeline>/failures")
@gitlab.link("/<path:project>/-/pipelines/<int:pipeline>/test_report")
def pipeline(link: Link, api: Api, project: str, pipeline: int) -> Card:
    """A pipeline: its state, its stages, the jobs that failed or wait for somebody."""
    found = fetch_pipeline(api, project, pipeline)
    jobs = optional(api, Jobs, *pipeline_path(project, pipeline), "jobs", per_page=PAGE)
    return pipeline_card(project, found, jobs.root if jobs else ())


@gitlab.link("/<path:project>/-/jobs/<int:job>")
def job(link: Link, api: Api, project: str, job: int) -> Card:
    """A job: its state, why it failed, its last lines then."""
    found = fetch_job(api, project, job)
    log = _log(api, project, job) if found.status == "failed" else ""
    return job_card(project, found, log, f"{api.site_url}/{project}/-/jobs/{job}/artifacts/download")


def _log(api: Api, project: str, job: int) -> str:
    try:
        return api.get(*job_path(project, job), "trace").text
    except UnfurlError:
        return ""
