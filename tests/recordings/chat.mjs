// The user-interface side: a chat client of each version talks to a streamText route through `fetch`, as in an app.
import { callChatApi } from "@ai-sdk/ui-utils";
import { mockModel, scriptedTools, severalSteps, systemText } from "./sdk.mjs";

/**
 * Play one chat and return its UI messages and the raw streams the client read.
 * `data` is a list of data parts the route adds; `answerApprovals` answers the approval requests left open.
 */
export function chat(sdk, scenario) {
  return sdk.version === 4 ? chatV4(sdk, scenario) : chatV5(sdk, scenario);
}

async function chatV4(sdk, { question, steps, system }) {
  const { streamText } = sdk.ai;
  const messages = [{ id: "msg-user", role: "user", content: question, createdAt: new Date(), parts: [{ type: "text", text: question }] }];
  const streams = [];
  const route = async (_url, { body }) => {
    const result = streamText({
      model: mockModel(sdk, steps),
      tools: scriptedTools(sdk, steps),
      system,
      messages: JSON.parse(body).messages,
      toolCallStreaming: true,
      ...severalSteps(sdk),
    });
    return recorded(
      result.toDataStreamResponse({ sendReasoning: true, sendSources: true, getErrorMessage: (error) => error.message }),
      streams,
    );
  };
  let answer;
  await callChatApi({
    api: "/api/chat",
    body: { messages },
    streamProtocol: "data",
    fetch: route,
    generateId: () => "msg-client",
    onUpdate: ({ message }) => { answer = message; },
    onFinish: (message) => { answer = message; },
    restoreMessagesOnFailure: () => {},
    lastMessage: undefined,
  }).catch((error) => {
    if (!answer) throw error;
  });
  return { messages: plain([...messages, answer]), streams };
}

async function chatV5(sdk, { question, files = [], steps, system, tools = {}, data = [], answerApprovals, abortAfter, metadata = true }) {
  const { AbstractChat, DefaultChatTransport, convertToModelMessages, streamText } = sdk.ai;
  const streams = [];
  let stepsSaid = 0;

  const route = async (_url, { body }) => {
    const { messages } = JSON.parse(body);
    const abort = new AbortController();
    const result = streamText({
      model: mockModel(sdk, steps.slice(stepsSaid), {
        onStep: (index) => {
          stepsSaid += 1;
          if (index === abortAfter) abort.abort();
        },
      }),
      tools: scriptedTools(sdk, steps, tools),
      ...systemText(sdk, system),
      messages: await convertToModelMessages(messages),
      abortSignal: abort.signal,
      onError: () => {},
      ...severalSteps(sdk),
    });
    return recorded(response(sdk, result, messages, data, metadata), streams);
  };

  class Chat extends AbstractChat {}
  const numbers = (prefix) => { let last = 0; return () => `${prefix}-${++last}`; };
  const client = new Chat({
    generateId: numbers("msg-client"),
    state: plainState(),
    transport: new DefaultChatTransport({ api: "/api/chat", fetch: route }),
    onError: () => {},
  });
  await client.sendMessage({ parts: [{ type: "text", text: question }, ...files] });
  const asked = plain(client.messages);
  for (const [toolName, verdict] of Object.entries(answerApprovals ?? {})) {
    const pending = client.lastMessage.parts.find((part) => part.type === `tool-${toolName}` && part.state === "approval-requested");
    await client.addToolApprovalResponse({ id: pending.approval.id, ...verdict });
  }
  const answered = plain(client.messages);
  if (answerApprovals) await client.sendMessage();
  return { messages: plain(client.messages), asked, answered, streams };
}

function response(sdk, result, originalMessages, data, metadata) {
  const { createUIMessageStream, createUIMessageStreamResponse } = sdk.ai;
  let last = 0;
  const options = {
    originalMessages,
    generateMessageId: () => `msg-assistant-${++last}`,
    sendReasoning: true,
    sendSources: true,
    onError: (error) => error.message,
    messageMetadata: ({ part }) => (!metadata ? undefined : part.type === "start" ? { model: "mock-model-id" } : part.type === "finish" ? { tokens: 30 } : undefined),
  };
  if (data.length === 0) return result.toUIMessageStreamResponse(options);
  const stream = createUIMessageStream({
    originalMessages,
    generateId: options.generateMessageId,
    execute: ({ writer }) => {
      for (const part of data) writer.write(part);
      writer.merge(result.toUIMessageStream(options));
    },
  });
  return createUIMessageStreamResponse({ stream });
}

/** The state a chat keeps when no user-interface framework is around. */
function plainState() {
  return {
    status: "ready",
    error: undefined,
    messages: [],
    pushMessage(message) { this.messages = [...this.messages, message]; },
    popMessage() { this.messages = this.messages.slice(0, -1); },
    replaceMessage(index, message) { this.messages = this.messages.map((old, at) => (at === index ? message : old)); },
    snapshot: (thing) => structuredClone(thing),
  };
}

async function recorded(answer, streams) {
  const body = await answer.text();
  streams.push(body);
  return new Response(body, { status: answer.status, headers: answer.headers });
}

const plain = (value) => JSON.parse(JSON.stringify(value));
