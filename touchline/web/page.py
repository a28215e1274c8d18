"""A page, or one block of it: the same template serves a plain request and an htmx one."""

from collections.abc import Mapping
from typing import Any

import jinja2
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy


class NoSuchBlock(Exception):
    """A view asks for a block that its template does not have."""


def render(request: HttpRequest, template: str, block: str | None = None, status: int = 200, **context: Any) -> HttpResponse:
    """Answer with a whole page, or with one of its blocks alone (its own or one it inherits).

    Every template knows `request`, `at`, `teammate` (or None), `theme`, `csrf_input` and `csrf_token` beside its own context.
    """
    page = engines["jinja2"].env.get_template(template)  # type: ignore[attr-defined]
    known = {
        "request": request,
        "at": getattr(request, "at", None),
        "theme": request.COOKIES.get("theme", ""),
        "teammate": getattr(request, "teammate", None),
        "csrf_input": csrf_input_lazy(request),
        "csrf_token": csrf_token_lazy(request),
        **context,
    }
    response = HttpResponse(page.render(known) if block is None else block_alone(page, block, known), status=status)
    if request.method == "POST":
        # The address of an action is no page to come back to; htmx would put it in the address bar.
        response["HX-Push-Url"] = "false"
    return response


def block_alone(page: jinja2.Template, name: str, known: Mapping[str, Any]) -> str:
    """One block by its name, with what the template imports and sets at its top in reach."""
    context = page.new_context(dict(known))
    # The first step of the whole page runs its imports and links its blocks with those it inherits; the rest is not wanted.
    next(iter(page.root_render_func(context)), None)
    if name not in context.blocks:
        raise NoSuchBlock(f"{page.name} has no block {name}; it has {', '.join(sorted(context.blocks))}.")
    return "".join(context.blocks[name][0](context))
