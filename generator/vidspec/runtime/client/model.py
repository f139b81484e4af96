"""The base of all emitted models."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A message as it came; fields that the specification does not name are kept (``model_extra``).

    Numbers are taken where text is documented and the other way round, since gateways differ in just that.
    """

    model_config = ConfigDict(
        extra="allow",
        coerce_numbers_to_str=True,
        protected_namespaces=(),
        validate_by_alias=True,
        validate_by_name=True,
    )
