"""``%puffle_approvals``: the tool calls of live watches that wait for a decision, with controls to decide."""

from __future__ import annotations

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from .errors import in_one_line
from .line import without_comment


@magics_class
class ApprovalMagics(Magics):
    """Decide about tool calls: %puffle_approvals."""

    @line_magic
    @in_one_line
    def puffle_approvals(self, line: str) -> None:
        """Show every tool call that waits for your approval, in all chats of this kernel.

        Nothing is approved by showing it. In a notebook each has the controls Deny and Approve; elsewhere it
        says how to decide in Python.
        """
        from ..display.approvals import show_approvals

        if words := without_comment(line):
            raise UsageError(
                f"%puffle_approvals takes no argument, not {ascii(words)[:60]}: to decide, use its controls, "
                "or watch.approve(call_id) and watch.deny(call_id)."
            )
        show_approvals(self.shell)
