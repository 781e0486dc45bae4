// The words a recording is scripted in: what the (mock) model says in each step, and what each tool answers.
// They are neutral as to the SDK's version; sdk.mjs turns them into each version's own model output.

export const text = (words) => ({ kind: "text", text: words });
export const reasoning = (words, signature) => ({ kind: "reasoning", text: words, signature });
export const redactedReasoning = (data) => ({ kind: "redacted-reasoning", data });
export const source = (id, url, title) => ({ kind: "source", id, url, title });
export const sourceDocument = (id, mediaType, title, filename) => ({ kind: "source-document", id, mediaType, title, filename });
export const file = (mediaType, data) => ({ kind: "file", mediaType, data });
export const custom = (name, metadata) => ({ kind: "custom", name, metadata });
export const reasoningFile = (mediaType, data) => ({ kind: "reasoning-file", mediaType, data });

/** A tool call and what the tool answers when the SDK executes it; `failed("…")` makes the tool throw. */
export const call = (id, name, input, answer) => ({ kind: "call", id, name, input, answer });
export const failed = (message) => ({ failed: message });
/** A call whose arguments arrive as this very text, which need not be JSON. */
export const rawCall = (id, name, input, answer) => ({ kind: "call", id, name, rawInput: input, answer });
/** A call that no server-side tool answers: the chat client would. */
export const clientCall = (id, name, input) => ({ kind: "call", id, name, input, client: true });
/** A call whose arguments stop in the middle, as when the model's stream breaks (streams only). */
export const cutCall = (id, name, beginning) => ({ kind: "cut-call", id, name, rawInput: beginning });
/** A call the model's provider executes itself, so that call and result both come from the model. */
export const providerCall = (id, name, input, result, isError = false) => ({ kind: "provider-call", id, name, input, result, isError });

export const isCall = (part) => part.kind === "call";
/** Calls, whoever executes them. */
export const calls = (steps) => steps.flat().filter((part) => part.kind === "call" || part.kind === "provider-call");
