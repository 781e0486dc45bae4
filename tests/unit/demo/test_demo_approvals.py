"""The embedded Puffle waits for a decision, takes it once, and refuses every other."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest

from puffle_jupyter.demo import DEMO_KEY, EmbeddedPuffle
from puffle_jupyter.demo.approvals import STORIES, asking_story
from tests.support.streams import built

NOBODY = "3f2a91c4-0d5e-4b7a-9c1d-2e8f60a7b3c5"


def posted(puffle: EmbeddedPuffle, body: dict[str, Any]) -> httpx.Response:
    """The answer to a POST that begins or goes on with a stream."""
    address = f"{puffle.base_url}/api/agent/chat/stream"
    return httpx.post(address, json=body, headers={"Authorization": f"Bearer {DEMO_KEY}"}, timeout=30)


def data_of(answer: httpx.Response) -> list[str]:
    """The data of each event but the last."""
    assert answer.status_code == 200, answer.text
    events = [event.removeprefix("data: ") for event in answer.text.split("\n\n") if event]
    return [one for one in events if one != "[DONE]"]


def asked(puffle: EmbeddedPuffle, message: str) -> tuple[dict[str, Any], str]:
    """The body of a follow-up request without a decision, and the id of the call that waits."""
    user = {"role": "user", "parts": [{"type": "text", "text": message}]}
    answer = posted(puffle, {"messages": [user]})
    said = built(data_of(answer)).json().python()
    call_id = next(part["toolCallId"] for part in said["parts"] if part.get("state") == "approval-requested")
    body = {"messages": [user, said], "conversationId": answer.headers["x-conversation-id"]}
    return body, call_id


def decided(body: dict[str, Any], call_id: str, approved: bool) -> dict[str, Any]:
    """``body`` with a decision."""
    return {**body, "approvalResponse": {"toolCallId": call_id, "approved": approved}}


@pytest.mark.parametrize("beginning", STORIES)
@pytest.mark.parametrize("approved", [True, False])
def test_a_decision_is_carried_out_once(beginning: str, approved: bool) -> None:
    """Approved: done; denied: not done; a second decision is refused."""
    with EmbeddedPuffle(time_scale=1e6) as puffle:
        body, call_id = asked(puffle, f"{beginning} something")
        answer = posted(puffle, decided(body, call_id, approved))
        message = built(data_of(answer), body["messages"][-1]).json().python()
        (call,) = (part for part in message["parts"] if part.get("toolCallId") == call_id)
        assert call["state"] == ("output-available" if approved else "output-denied")
        assert answer.headers["x-conversation-id"] == body["conversationId"]
        assert posted(puffle, decided(body, call_id, True)).status_code == 409


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"approvalResponse": {"toolCallId": "call_nobody", "approved": True}}, 409),
        ({"approvalResponse": {"toolCallId": "call_02_remove_1"}}, 400),
        ({"approvalResponse": {"toolCallId": "call_02_remove_1", "approved": "true"}}, 400),
        ({"approvalResponse": {"toolCallId": 1, "approved": True}}, 400),
        ({"approvalResponse": True}, 400),
        ({"approvalResponse": None}, 400),
        ({"messages": [{"role": "user", "parts": []}]}, 409),
    ],
)
def test_what_is_no_decision_about_a_waiting_call_is_refused(change: dict[str, Any], code: int) -> None:
    """And the call waits on."""
    with EmbeddedPuffle(time_scale=1e6) as puffle:
        body, call_id = asked(puffle, "Remove them")
        good = decided(body, call_id, True)
        assert posted(puffle, {**copy.deepcopy(good), **change}).status_code == code
        assert posted(puffle, good).status_code == 200


def test_a_call_of_another_conversation_is_not_decided() -> None:
    """Whoever knows the id of a call alone decides nothing."""
    with EmbeddedPuffle(time_scale=1e6) as puffle:
        body, call_id = asked(puffle, "Remove them")
        other, _ = asked(puffle, "Send mails")
        foreign = {**body, "conversationId": other["conversationId"]}
        assert posted(puffle, decided(foreign, call_id, True)).status_code == 409
        assert posted(puffle, decided({**body, "conversationId": NOBODY}, call_id, True)).status_code == 404
        assert json.loads(posted(puffle, decided(foreign, call_id, True)).text)["error"]["code"] == "conflict"


def test_other_messages_ask_nothing() -> None:
    """Only what changes something is asked about."""
    assert asking_story("Find fintech founders in Berlin") is None
    assert asking_story("  SEND   mails ") == "ask_send_campaign"
