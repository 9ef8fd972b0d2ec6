"""GitHub and GitHub Enterprise: repositories and what stands in them, cards and buttons.

Source: https://docs.github.com/rest and https://docs.github.com/graphql (REST API version 2022-11-28); each file of
links and of actions names its pages.

    site                what GitHub is, how people sign in
    *_links             kinds of link, a function for each
    *_actions           what buttons do
    threads … runs      what cards say (pure); buttons: which they have
    models, blocked     what GitHub answers
"""

from providers.github import discussion_links, repository_links, run_links, source_links, thread_links
from providers.github.site import github

__all__ = ["discussion_links", "github", "repository_links", "run_links", "source_links", "thread_links"]
