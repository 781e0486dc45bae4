"""Items of OpenAI's Responses API: messages, and calls and results next to them without a role."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..calls.observed import Approval, ApprovalObservation, Draft, DraftPart, Outcome, ToolObservation
from ..model import DataPart, FilePart, NotePart, ReasoningPart
from .fields import WireMessage, WirePart, boolean_of, has_some, present, read_arguments, some, text_of
from .keys import TEXT, Keys
from .openai_chat import read_citations
from .parts import ReadPart, by_type, failure, joined_texts, read_content, read_file, read_text, success

NAME = "OpenAI Responses item"
KEYS: Keys = {"phase": TEXT}


def recognises(message: WireMessage) -> bool:
    """Whether ``message`` is certainly in this format."""
    if message.role is not None:
        return not message.types.isdisjoint(_PARTS.keys() - {"text", "refusal"})
    return (text_of(message.fields, "type") or "") in _ITEMS


def read(message: WireMessage) -> Draft:
    """Read a message; see `WireFormat.read`."""
    item_id = text_of(message.fields, "id")
    if message.role is None:
        item = WirePart(message.raw)
        read_one = read_item(item)
        role = "tool" if item.type.endswith("_output") else "assistant"
        return Draft(role, [] if read_one is None else [read_one], message.raw, NAME, item_id)
    parts = read_content(message, read_part)
    for part in message.content or ():
        parts += read_citations(part.fields.get("annotations"))
    return Draft(message.role, parts, message.raw, NAME, item_id)


def read_part(part: WirePart) -> DraftPart | None:
    """Read a part; None when it is none of this format."""
    return by_type(part, _PARTS)


def read_item(item: WirePart) -> DraftPart | None:
    """Read an item of a response; None when it is none of this format."""
    return by_type(item, _ITEMS)


def read_listed(item: WirePart) -> ToolObservation | None:
    """A call or result item in the top-level ``toolCalls``."""
    read = read_item(item)
    return read if isinstance(read, ToolObservation) else None


def _function_call(item: WirePart) -> ToolObservation | None:
    name = text_of(item.fields, "name")
    if name is None:
        return None
    value = present(item.fields, "arguments", "input")
    arguments, notes = read_arguments(value, always_json="arguments" in item.fields)
    call_id = text_of(item.fields, "call_id", "id")
    return ToolObservation(item.raw, name, call_id, is_call=True, arguments=arguments, notes=notes)


def _function_output(item: WirePart) -> ToolObservation:
    return _output(item, text_of(item.fields, "name") or "", "output")


def _hosted_output(result: str) -> Callable[[WirePart], ToolObservation]:
    """A reader for what came of `_hosted`, where it is an item of its own that has its ``result`` there."""

    def read_output(item: WirePart) -> ToolObservation:
        # One that ran at the provider has no call id: it is known by its name.
        return _output(item, item.type.removesuffix("_output").removesuffix("_call"), result)

    return read_output


def _output(item: WirePart, name: str, result: str) -> ToolObservation:
    value = item.fields.get(result)
    said = None if value is None else joined_texts(value)
    has_failed = text_of(item.fields, "status") == "failed" or has_some(item.fields, "error")
    return ToolObservation(
        raw=item.raw,
        name=name,
        id=text_of(item.fields, "call_id"),
        is_call=False,
        outcome=failure(some(item.fields, "error") or said) if has_failed else success(said),
    )


def _hosted(arguments: tuple[str, ...], results: tuple[str, ...]) -> Callable[[WirePart], ToolObservation]:
    """A reader for the call of a tool that OpenAI defines.

    Args:
        arguments: the key that they stand under, the first that there is.
        results: the same for the result of a tool that OpenAI runs itself; none where the result follows as
            an item of its own.
    """

    def read_hosted(item: WirePart) -> ToolObservation:
        return ToolObservation(
            raw=item.raw,
            name=item.type.removesuffix("_call"),
            id=text_of(item.fields, "call_id", "id"),
            is_call=True,
            arguments=present(item.fields, *arguments),
            outcome=_hosted_outcome(item, results),
            provider_executed=bool(results) or text_of(item.fields, "execution") == "server",
        )

    return read_hosted


def _hosted_outcome(item: WirePart, results: tuple[str, ...]) -> Outcome | None:
    if text_of(item.fields, "status") == "failed" or has_some(item.fields, "error"):
        return failure(item.fields.get("error"))
    result = present(item.fields, *results)
    if not results:
        return None  # it follows as an item of its own
    if result is None and text_of(item.fields, "status") != "completed":
        return None
    return success(result)


def _mcp_call(item: WirePart) -> ToolObservation:
    arguments, notes = read_arguments(item.fields.get("arguments"), always_json=True)
    return ToolObservation(
        raw=item.raw,
        name=text_of(item.fields, "name") or "mcp",
        id=text_of(item.fields, "id"),
        is_call=True,
        arguments=arguments,
        outcome=_hosted_outcome(item, ("output",)),
        provider_executed=True,
        notes=notes,
    )


def _mcp_approval_request(item: WirePart) -> ToolObservation:
    arguments, notes = read_arguments(item.fields.get("arguments"), always_json=True)
    name, request_id = text_of(item.fields, "name") or "mcp", text_of(item.fields, "id")
    return ToolObservation(item.raw, name, request_id, True, arguments, None, Approval(), notes=notes)


def _mcp_approval_response(item: WirePart) -> ApprovalObservation:
    approval = Approval(boolean_of(item.fields, "approve"), text_of(item.fields, "reason"))
    return ApprovalObservation(item.raw, None, text_of(item.fields, "approval_request_id"), approval)


def _listed_tools(item: WirePart) -> DataPart:
    server = text_of(item.fields, "server_label")
    label = f"tools of the MCP server {server}" if server else "tools of an MCP server"
    is_whole = "tools" in item.fields and not has_some(item.fields, "error")
    return DataPart(label, item.fields["tools"] if is_whole else item.raw, item.raw)


def _compaction(item: WirePart) -> NotePart | None:
    if text_of(item.fields, "encrypted_content") is None:
        return None
    return NotePart("compaction", "what was said before is kept by the provider, encrypted", item.raw)


def _reasoning(item: WirePart) -> ReasoningPart | None:
    if item.fields.keys().isdisjoint({"summary", "content", "encrypted_content"}):
        return None
    values = [value for key in ("summary", "content") if (value := item.fields.get(key)) is not None]
    texts = [text_of(block.members(), "text") for value in values for block in value.items()]
    text = "\n\n".join(text for text in texts if text)
    return ReasoningPart(text, item.raw, redacted=not text)


def _refusal(part: WirePart) -> NotePart | None:
    text = text_of(part.fields, "refusal")
    return None if text is None else NotePart("refusal", text, part.raw)


def _file(part: WirePart) -> FilePart:
    data = present(part.fields, "image_url", "file_data", "file_url")
    return read_file(part.raw, part.fields, data, "image" if part.type == "input_image" else None)


_ITEMS: Mapping[str, ReadPart] = {
    "function_call": _function_call,
    "function_call_output": _function_output,
    "custom_tool_call": _function_call,
    "custom_tool_call_output": _function_output,
    "computer_call": _hosted(("action", "actions"), ()),
    "computer_call_output": _function_output,
    "local_shell_call": _hosted(("action",), ()),
    "local_shell_call_output": _function_output,
    "shell_call": _hosted(("action",), ()),
    "shell_call_output": _hosted_output("output"),
    "apply_patch_call": _hosted(("operation",), ()),
    "apply_patch_call_output": _hosted_output("output"),
    "tool_search_call": _hosted(("arguments",), ()),
    "tool_search_output": _hosted_output("tools"),
    "tool_search_call_output": _hosted_output("output"),
    "mcp_list_tools": _listed_tools,
    "compaction": _compaction,
    "web_search_call": _hosted(("action",), ("results",)),
    "file_search_call": _hosted(("queries",), ("results",)),
    "code_interpreter_call": _hosted(("code",), ("outputs",)),
    "image_generation_call": _hosted(("revised_prompt",), ("result",)),
    "mcp_call": _mcp_call,
    "mcp_approval_request": _mcp_approval_request,
    "mcp_approval_response": _mcp_approval_response,
    "reasoning": _reasoning,
}
_PARTS: Mapping[str, ReadPart] = {
    "input_text": read_text,
    "output_text": read_text,
    "summary_text": read_text,
    "text": read_text,
    "refusal": _refusal,
    "input_image": _file,
    "input_file": _file,
}
