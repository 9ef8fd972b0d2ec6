"""The forge's own pages: what an issue or a pull request says now, for who follows the title of a card."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from .forge import HOME
from .headers import secure
from .sandbox import Sandbox

KINDS = {"issues": "issues", "pull": "pulls"}


def forge_pages_blueprint(sandbox: Sandbox) -> Blueprint:
    forge = sandbox.forge
    pages = Blueprint("forge-pages", __name__, url_prefix=HOME)

    @pages.get("/", defaults={"path": ""})
    @pages.get("/<path:path>")
    def page(path: str) -> Response:
        """Nobody is signed in here by a browser: what is private is not there, as at GitHub."""
        owner, repo, kind, number = (*path.strip("/").split("/"), "", "", "", "")[:4]
        address = f"repos/{owner}/{repo}/{KINDS.get(kind, kind)}/{number}"
        found = forge.replies.find(address) if kind in KINDS and forge.sees(None, address) else None
        shown = make_response(
            render_template("forge_page.html", found=found, at=f"{owner}/{repo}", chat=sandbox.world.server_url)
        )
        shown.status_code = 200 if found is not None else 404
        return secure(shown)

    return pages
