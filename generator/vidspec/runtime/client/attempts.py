"""What hooks are told of a sending; made only when there is a hook to tell it to."""

from .assembly import Context, origin
from .options import Attempt
from .pointers import is_object
from .replies import parse
from .requests import Form, Json, Request


def attempt_of(context: Context, request: Request, number: int) -> Attempt:
    """Return the view of the ``number``-th sending of ``request``."""
    _, host, port = context.home if request.url is None else origin(request.url)
    return Attempt(
        operation_id=request.operation_id,
        method=request.method,
        route=request.path,
        number=number,
        paid=request.paid,
        dialect=context.dialect.name,
        host=host,
        port=port,
        model=_model(context, request),
    )


def _model(context: Context, request: Request) -> str | None:
    """Return what the request says where the dialect keeps the name of the model."""
    operation = context.dialect.operations.get(request.operation_id)
    names = [f.name for f in operation.fields if f.meaning == "model"] if operation else []
    said = {**request.path_params, **dict(request.query)}
    if names and isinstance(request.body, Form):
        said |= {name: part for name, part in request.body.parts if isinstance(part, str)}
    elif names and isinstance(request.body, Json):
        body = parse(request.body.content)
        said |= body if is_object(body) else {}
    found = (said[name] for name in names if isinstance(said.get(name), str))
    return next(found, None)
