"""What surrounds the jobs: models and characters."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from vidspec.contract.model import Operation
from vidspec.mock.characters import Character
from vidspec.mock.desk import JobDesk
from vidspec.mock.examples import example_reply
from vidspec.mock.identity import id_maker
from vidspec.mock.params import RequestReader
from vidspec.source import pointer_get
from vidspec_server._runtime.calls import Call


class Extras:
    """Answers the operations that hold no job, out of the specification's examples."""

    def __init__(self, desk: JobDesk) -> None:
        self._desk = desk

    def handler(self, operation: Operation) -> Callable[[Call], Awaitable[Response]]:
        """Return what answers ``operation``."""
        if operation.role == "character_create":
            return self._character_create(operation)
        if operation.role == "character":
            return self._character(operation)
        if operation.role == "model":
            return self._model(operation)
        return self._example(operation)

    def _example(self, operation: Operation) -> Callable[[Call], Awaitable[Response]]:
        text = json.dumps(example_reply(operation))

        async def answer(call: Call) -> Response:
            if operation.paid:
                self._desk.store.count_paid()
            return self._desk.reply(operation, json.loads(text), call)

        return answer

    def _character_create(self, operation: Operation) -> Callable[[Call], Awaitable[Response]]:
        desk = self._desk
        reader = RequestReader(desk.dialect, operation)
        example = _object(example_reply(operation))
        make_id = id_maker(str(example.get("id") or "char_0123456789abcdef01234567"))

        async def create(call: Call) -> Response:
            body = call.body if isinstance(call.body, Mapping) else None
            name = str(reader.read(body).get("character_name", ""))
            wall = desk.options.clock.wall()
            character = Character(make_id(), name, wall)
            desk.store.characters.add(desk.name, character)
            if operation.paid:
                desk.store.count_paid()
            return desk.reply(operation, _shown(example, character), call)

        return create

    def _character(self, operation: Operation) -> Callable[[Call], Awaitable[Response]]:
        desk = self._desk
        example = _object(example_reply(operation))
        parameter = operation.parameter("character_id")

        async def retrieve(call: Call) -> Response:
            identity = str(call.path.get(parameter.name, "")) if parameter else ""
            character = desk.store.characters.get(desk.name, identity)
            if character is None and desk.options.lenient_ids:
                character = Character(identity, str(example.get("name", "")), 0.0)
            if character is None:
                message = f"There is no character '{identity}'."
                desk.refuse(
                    operation, "not_found", message, param=parameter.name if parameter else None
                )
            return desk.reply(operation, _shown(example, character), call)

        return retrieve

    def _model(self, operation: Operation) -> Callable[[Call], Awaitable[Response]]:
        desk = self._desk
        parameter = operation.parameter("model_id")
        catalogue = desk.dialect.by_role("models", operation.surface)
        known = [] if catalogue is None else pointer_get(
            example_reply(catalogue), catalogue.items or "", []
        )  # fmt: skip
        models = {m["id"]: m for m in known if isinstance(m, dict) and "id" in m}
        own = example_reply(operation)

        async def retrieve(call: Call) -> Response:
            identity = str(call.path.get(parameter.name, "")) if parameter else ""
            if parameter is not None and models and identity not in models:
                message = f"There is no model '{identity}'."
                desk.refuse(operation, "not_found", message, param=parameter.name)
            return desk.reply(operation, dict(models.get(identity, own)), call)

        return retrieve


def _object(example: Any) -> dict[str, Any]:
    return dict(example) if isinstance(example, Mapping) else {}


def _shown(example: Mapping[str, Any], character: Character) -> dict[str, Any]:
    """Write the character's values over the example; a time of 0 leaves the example's."""
    values = {"id": character.id, "name": character.name}
    if character.created_at:
        return {**example, **values, "created_at": int(character.created_at)}
    return {**example, **values}
