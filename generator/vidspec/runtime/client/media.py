"""Putting a picture or a video into a request in the form its dialect takes."""

from typing import Any

from .dialect import MediaInfo
from .errors import Unsupported
from .files import FileInput, as_file, is_file, to_base64, to_data_url
from .limits import check_file
from .pointers import is_array, is_object, wrap


def shape_media(value: Any, field: str, info: MediaInfo, *, multipart: bool) -> Any:
    """Return ``value`` (or each item of a list) as the field takes it.

    A file becomes a file part where the body may be multipart, else base64 or a data URL; an http(s) or data URL goes where
    the field keeps URLs. What is already an object, or an id, passes unchanged.
    Raises Unsupported when the dialect has no place for a file there.
    """
    if is_array(value):
        shaped = [shape_media(item, field, info, multipart=multipart) for item in value]
        # A field that is an array makes one of each item; together they are one array.
        return [part for item in shaped for part in (item if is_array(item) else [item])]
    if is_file(value):
        return _shape_file(value, field, info, multipart=multipart)
    if isinstance(value, str):
        return _shape_text(value, info)
    return value


def _shape_file(value: FileInput, field: str, info: MediaInfo, *, multipart: bool) -> Any:
    file = check_file(as_file(value), field, info.max_bytes)
    if multipart and info.binary:
        return file
    if "base64" in info.forms:
        return place_media(to_base64(file), info, "base64")
    if "data_url" in info.forms:
        return place_media(to_data_url(file), info, "data_url")
    msg = f"{field}: this API takes no file here, only {', '.join(sorted(info.forms)) or 'text'}"
    raise Unsupported(msg)


def _shape_text(value: str, info: MediaInfo) -> Any:
    if value.startswith(("http://", "https://")) and "url" in info.forms:
        return place_media(value, info, "url")
    if value.startswith("data:"):
        if "data_url" in info.forms:
            return place_media(value, info, "data_url")
        if "base64" in info.forms and ";base64," in value:
            return place_media(value.partition(";base64,")[2], info, "base64")
    return value


def place_media(value: Any, info: MediaInfo, form: str) -> Any:
    """Return ``value`` where the field keeps media of that form, with the field's constant parts around it."""
    placed = wrap(value, info.forms[form])
    return placed if info.template is None else fill(info.template, placed)


def fill(template: Any, value: Any) -> Any:
    """Return ``template`` with ``value`` in the place of the string ``{value}``."""
    if template == "{value}":
        return value
    if is_object(template):
        return {name: fill(item, value) for name, item in template.items()}
    if is_array(template):
        return [fill(item, value) for item in template]
    return template
