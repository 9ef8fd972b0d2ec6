"""GitLab, gitlab.com and self-managed: projects and what stands in them, cards and buttons.

Source: https://docs.gitlab.com/api/rest/ (REST API v4); each file of links and of actions names its pages.

    site                what GitLab is, how people sign in
    *_links             kinds of link, a function for each
    *_actions           what buttons do; taking_part: what issues and merge requests share of it
    threads … pipelines what cards say (pure); buttons: which they have
    models, states      what GitLab answers
"""

from providers.gitlab import pipeline_links, project_links, thread_links
from providers.gitlab.site import gitlab

__all__ = ["gitlab", "pipeline_links", "project_links", "thread_links"]
