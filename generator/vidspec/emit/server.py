"""The server stub of a dialect, rendered from its view."""

from vidspec.emit.names import PythonIdentifier
from vidspec.emit.text import environment
from vidspec.emit.view import DialectView
from vidspec.resources import template_root

_FILES = ("__init__.py", "_dialect.py", "app.py", "service.py")


def server_files(view: DialectView) -> dict[str, str]:
    """Return the package's Python files by name, not yet formatted."""
    templates = environment(template_root())
    rendered = {
        name: templates.get_template(f"server/{name}.jinja").render(view=view) for name in _FILES
    }
    return rendered | {"models.py": view.models}


def server_root_files(names: list[str]) -> dict[str, str]:
    """Return the top-level files of the package that holds all stubs."""
    template = environment(template_root()).get_template("server/root.py.jinja")
    modules = [(name, PythonIdentifier.of(name, fallback="dialect")) for name in names]
    return {"__init__.py": template.render(modules=modules)}
