"""A model for something in a reply, which forgives what the other system leaves out or gets wrong."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, field_validator


class Part(BaseModel, frozen=True):
    """Something in a reply. What is missing, null or odd has its default; only a field without one is needed."""

    @field_validator("*", mode="wrap")
    @classmethod
    def _default_for_odd(cls, value: object, read: ValidatorFunctionWrapHandler, about: ValidationInfo) -> object:
        try:
            return read(value)
        except ValidationError:
            field = cls.model_fields[str(about.field_name)]
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)
