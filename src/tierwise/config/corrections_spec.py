"""What a person may write under `corrections:` in the project file: `off`, or the codes of those not to be made."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class CorrectionsSpec(BaseModel):
    """Which corrections are not made; codes are checked where they are known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    without: tuple[str, ...] = ()
