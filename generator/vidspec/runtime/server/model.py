"""The base of every message model."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A message: unknown properties are kept; wire names and attribute names are both accepted.

    Validators are built at first use, so that importing a dialect is cheap.
    """

    model_config = ConfigDict(
        extra="allow",
        defer_build=True,
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        protected_namespaces=(),
    )
