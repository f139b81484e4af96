"""What the site needs of MkDocs that its configuration cannot say."""

from typing import Any

from markdown.extensions.toc import slugify


def on_config(config: Any) -> None:
    """Let no heading's anchor begin with a digit: the theme's script looks anchors up as CSS selectors, and breaks off."""
    config["mdx_configs"]["toc"]["slugify"] = _anchor


def _anchor(heading: str, separator: str) -> str:
    anchor = slugify(heading, separator)
    return f"at{separator}{anchor}" if anchor[:1].isdigit() else anchor
