"""From a client's arguments and the environment to what its requests share."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypedDict

from .assembly import Context
from .credentials import resolve_secrets
from .dialect import DialectInfo
from .options import ClientOptions, Hooks


class Settings(TypedDict, total=False):
    """What can be set on a client and changed by ``with_options``; see ``ClientOptions``. Times are seconds."""

    timeout: float
    connect_timeout: float
    deadline: float | None
    max_retries: int
    headers: Mapping[str, str]
    hooks: Hooks
    encoding: Literal["auto", "json", "multipart"]


def make_context(
    dialect: DialectInfo,
    *,
    secrets: Mapping[str, str | None],
    base_url: str | None,
    settings: Settings,
    environ: Mapping[str, str],
) -> Context:
    """Return what the requests of one client share.

    The base URL is the argument, else the dialect's environment variable, else the first documented server.
    Raises ValueError for settings that cannot work, or when there is no base URL.
    """
    variable = dialect.environment.get("base_url")
    url = base_url or (environ.get(variable) if variable else None)
    if not url:
        if not dialect.servers:
            msg = f"base_url is needed: {dialect.title} has no server of its own"
            raise ValueError(msg)
        url = dialect.servers[0]
    options = ClientOptions(base_url=url, **settings)
    return Context(dialect, options, resolve_secrets(dialect, secrets, environ))


def change_context(context: Context, settings: Settings) -> Context:
    """Return ``context`` with other settings."""
    return replace(context, options=replace(context.options, **settings))
