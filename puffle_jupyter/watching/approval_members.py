"""What a watch offers about its calls that wait for approval: `pending`, `approve`, `deny`, `decisions`."""

from __future__ import annotations

import threading

from ..errors import ApprovalNeeded
from ..transcript.model import ToolCall
from .approvals import Approvals, Decision


class ApprovalMembers:
    """Deciding about the tool calls of a watched run, from any thread, also while a cell runs.

    Only a streamed chat asks (docs.puffle.ai, "Stream agent chat"). Nothing is approved but by `approve` and
    the control *Approve* of a view.
    """

    _approvals: Approvals

    def _refuse_to_wait_for_a_person(self) -> None:
        """Do not wait for a decision on the main thread: while it waits, it takes no click and no line.

        Raises:
            ApprovalNeeded: a call waits.
        """
        waiting = self._approvals.waiting
        if waiting and threading.current_thread() is threading.main_thread():
            first = waiting[0]
            more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
            raise ApprovalNeeded(
                f"{first.name} (call {ascii(first.id)[:80]}){more} waits for your decision, which nobody can "
                "make while this waits. Nothing was approved. Decide with watch.approve(call_id), "
                "watch.deny(call_id) or %puffle_approvals, then wait again. In a notebook that "
                "runs without a person, ask with --no-block and decide in a later cell."
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
            InvalidSetting: the reason is no text, or longer than 2,000 characters: nothing was approved.

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
