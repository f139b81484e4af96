"""The server stub of a dialect, rendered from its view."""

from vidspec.emit.names import PythonIdentifier
from vidspec.emit.rendering import Templates
from vidspec.emit.view import DialectView

_FILES = ("__init__.py", "_dialect.py", "app.py", "service.py")


def server_files(view: DialectView, templates: Templates) -> dict[str, str]:
    """Return the package's Python files by name, not yet formatted."""
    rendered = {name: templates.render(f"server/{name}.jinja", view=view) for name in _FILES}
    return rendered | {"models.py": view.models}


def server_root_files(names: list[str], templates: Templates) -> dict[str, str]:
    """Return the top-level files of the package that holds all stubs."""
    modules = [(name, PythonIdentifier.of(name, fallback="dialect")) for name in names]
    return {"__init__.py": templates.render("server/root.py.jinja", modules=modules)}
