"""What a watch offers about its calls that wait for approval: `pending`, `approve`, `deny`, `decisions`."""

from __future__ import annotations

from .. import displayed
from ..errors import ApprovalNeeded
from ..transcript.model import ToolCall
from .approvals import Approvals, Decision


class ApprovalMembers:
    """Deciding about the tool calls of a watched run, from any thread, also while a cell runs.

    Only a streamed chat asks (docs.puffle.ai, "Stream agent chat"). Nothing is approved but by `approve` and
    the control *Approve* of a view.
    """

    _approvals: Approvals

    def _check_deciders(self) -> None:
        """Do not wait for a decision where nobody can make it.

        Raises:
            ApprovalNeeded: a call waits, and this is a notebook or a script that runs without a person.
        """
        waiting = self._approvals.waiting
        if waiting and displayed.nobody_decides():
            first = waiting[0]
            more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
            raise ApprovalNeeded(
                f"{first.name} (call {ascii(first.id)[:80]}){more} waits for approval, and nobody can decide "
                "here, where no person is. Nothing was approved. Decide by code, with --no-block and "
                "watch.approve(call_id) or watch.deny(call_id), or ask from a notebook that you look at."
            )

    @property
    def pending(self) -> tuple[ToolCall, ...]:
        """The calls that wait for a decision now, in the order in which Puffle asked."""
        return self._approvals.waiting

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided so far, oldest first."""
        return self._approvals.decisions

    def approve(self, call_id: str, reason: str | None = None) -> None:
        """Let Puffle carry out the call that waits under ``call_id``, with its arguments as they are.

        Args:
            call_id: the id of a call in `pending`.
            reason: why; kept with the transcript, since Puffle's API takes none.

        Raises:
            NotPending: no call of this id waits: nothing was approved.

        >>> watch.approve(watch.pending[0].id)             # doctest: +SKIP
        """
        self._approvals.decide(call_id, approved=True, reason=reason)

    def deny(self, call_id: str, reason: str | None = None) -> None:
        """Tell Puffle not to carry out the call that waits under ``call_id``.

        Args:
            call_id: the id of a call in `pending`.
            reason: why; kept with the transcript, since Puffle's API takes none.

        Raises:
            NotPending: no call of this id waits: nothing was denied.
        """
        self._approvals.decide(call_id, approved=False, reason=reason)
