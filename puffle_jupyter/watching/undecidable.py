"""What is said of a call that waits, and about which nobody can decide: then nothing is approved."""

from __future__ import annotations

from ..errors import PuffleError
from ..transcript.model import ToolCall


def without_id(call: ToolCall) -> PuffleError:
    """A decision names a call by its id."""
    return PuffleError(
        f"Puffle asks about a call of {_shown(call.name)} that has no id, so it cannot be decided. "
        "Nothing was approved."
    )


def sharing_id(call: ToolCall) -> PuffleError:
    """A decision about one would be one about another."""
    return PuffleError(
        f"Puffle asks about several calls under the id {_shown(call.id)}, so none of them can be decided. "
        "Nothing was approved for them."
    )


def asked_again(call: ToolCall) -> PuffleError:
    """It was decided before, and a decision is sent once."""
    return PuffleError(
        f"Puffle asks once more about the call {_shown(call.id)}, which was decided. A decision is sent once."
    )


def changed(call: ToolCall) -> PuffleError:
    """What was decided is not what would be sent."""
    return PuffleError(
        f"The call {_shown(call.id)} changed after it was decided. The decision was not sent, and nothing "
        "was done for it."
    )


def _shown(text: str | None) -> str:
    return ascii(text or "")[1:-1][:80]
