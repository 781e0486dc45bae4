// Records the demo's transcripts and the test fixtures from the real AI SDK. See README.md.
import { setMaxListeners } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { pin, reseed } from "./deterministic.mjs";

setMaxListeners(100); // one signal serves all steps of a chat
pin();
const { loadSdk, generate } = await import("./sdk.mjs");
const { chat } = await import("./chat.mjs");
const { messageOf } = await import("./stream_message.mjs");
const { modelScenarios, chatScenarios } = await import("./scenarios.mjs");
const { modelShape, chatShape } = await import("./shapes.mjs");
const { STORIES } = await import("./stories/index.mjs");
const { ASKING } = await import("./stories/approvals.mjs");
globalThis.AI_SDK_LOG_WARNINGS = false;

const HERE = new URL("./", import.meta.url);
const TRANSCRIPTS = new URL("../../puffle_jupyter/demo/transcripts/", HERE);
const STREAMS = new URL("../../puffle_jupyter/demo/streams/", HERE);
/** The stories that a message to the demo can be answered with. */
const STREAMED_STORIES = ["run_abc", "run_berlin", "run_paris", "run_madrid", "started"];
const STREAMED = { everything: "stream", approvals: "approval", "model-error": "error", abort: "abort", "preliminary-results": "preliminary" };

const plain = (value) => JSON.parse(JSON.stringify(value));
const write = (place, name, content) => writeFileSync(new URL(name, place), content);
const json = (value) => JSON.stringify(value, null, 1) + "\n";

/** What Puffle documents for `toolCalls`: name and arguments, neither id nor result. */
function puffleToolCalls(result) {
  return result.steps.flatMap((step) => step.toolCalls).map((call) => ({ toolName: call.toolName, args: call.input ?? call.args }));
}

/** All steps' messages; from v7 on `response.messages` holds the last step's alone. */
const saidBy = (sdk, result) => (sdk.version === 7 ? result.responseMessages : result.response.messages);

/** Results as the SDK hands them to a server's code: raw, and a thrown error as a `tool-error`. */
const outcomes = (step) =>
  step.content?.filter((part) => part.type === "tool-result" || part.type === "tool-error") ?? step.toolResults;

async function recordStory(sdk, story) {
  reseed(story.id);
  const messages = [{ role: "user", content: story.user }];
  const result = await generate(sdk, { steps: story.steps, system: story.system, messages });
  const heard = [...(story.system ? [{ role: "system", content: story.system }] : []), ...messages];
  return plain({
    recordedWith: `ai@${sdk.release}`,
    text: result.text,
    messages: [...heard, ...saidBy(sdk, result)],
    toolCalls: puffleToolCalls(result),
  });
}

/** The same story as a stream; version 4 has none that is spoken today, so version 5 tells its stories. */
async function recordStoryStream(sdk, story) {
  reseed(story.id);
  const { streams } = await chat(sdk, { question: story.user, steps: story.steps, system: story.system, metadata: false });
  return streams[0];
}

/** A story that waits for a decision: the stream up to it, and the one that goes on after each decision. */
async function recordAsking(sdk, story, approved) {
  reseed(story.id);
  const { streams } = await chat(sdk, {
    question: story.user,
    steps: [...story.before, approved ? story.approved : story.denied],
    tools: { [story.tool]: { needsApproval: true } },
    answerApprovals: { [story.tool]: { approved } },
    metadata: false,
  });
  return streams;
}

async function recordModelMessages(sdk, scenario) {
  reseed(scenario.name);
  const heard = [...(scenario.keepSystem ? [{ role: "system", content: scenario.system }] : []), ...scenario.messages];
  let result = await generate(sdk, scenario);
  let said = saidBy(sdk, result);
  let steps = result.steps;
  if (scenario.verdicts) {
    // A person answers the open approval requests; the second call executes or denies, and goes on.
    const content = approvalResponses(said, scenario.verdicts);
    const continued = [...scenario.messages, ...said, { role: "tool", content }];
    result = await generate(sdk, { ...scenario, messages: continued, steps: scenario.steps.slice(1), answers: scenario.steps });
    said = [...said, { role: "tool", content }, ...saidBy(sdk, result)];
    steps = [...steps, ...result.steps];
  }
  return plain({
    name: scenario.name,
    text: result.text,
    messages: [...heard, ...said],
    toolCalls: steps.flatMap((step) => step.toolCalls),
    toolResults: steps.flatMap(outcomes),
  });
}

function approvalResponses(messages, verdicts) {
  const parts = messages.flatMap((message) => (Array.isArray(message.content) ? message.content : []));
  return parts.filter((part) => part.type === "tool-approval-request").map((request) => {
    const { toolName } = parts.find((part) => part.type === "tool-call" && part.toolCallId === request.toolCallId);
    return { type: "tool-approval-response", approvalId: request.approvalId, ...verdicts[toolName] };
  });
}

async function recordChat(sdk, scenario, { streamsToo = true } = {}) {
  reseed(scenario.name);
  const { messages, asked, answered, streams } = await chat(sdk, { ...scenario, answerApprovals: scenario.verdicts });
  const kind = STREAMED[scenario.name];
  if (streamsToo && kind && sdk.version >= 5) {
    streams.forEach((stream, index) => write(HERE, `ai${sdk.version}-${kind}${index ? `-${index + 1}` : ""}.sse`, stream));
  }
  const entry = { name: scenario.name, messages };
  if (!scenario.verdicts) return [entry];
  return [{ name: `${scenario.name}-asked`, messages: asked }, { name: `${scenario.name}-answered`, messages: answered }, entry];
}

/** Each stream of a chat, and the message that the SDK itself builds from it; `base` is the message it goes on with. */
async function recordStreams(sdk, scenario) {
  reseed(scenario.name);
  const { answered, streams } = await chat(sdk, { ...scenario, answerApprovals: scenario.verdicts });
  const entries = [];
  for (const [index, stream] of streams.entries()) {
    const base = index ? answered.at(-1) : undefined;
    const kind = STREAMED[scenario.name];
    const held = kind ? { file: `ai${sdk.version}-${kind}${index ? `-${index + 1}` : ""}.sse` } : { stream };
    const message = plain(await messageOf(sdk, stream, base && plain(base)));
    entries.push({ name: scenario.name, ...(base ? { base } : {}), ...held, message });
  }
  return entries;
}

/** The chat at the moment it is to be shown at. */
async function recordShownChat(sdk, scenario) {
  const moments = await recordChat(sdk, scenario, { streamsToo: false });
  return moments.filter((entry) => entry.name === scenario.moment);
}

/** Conversations held one after the other, as the one run that Puffle would answer with. */
function oneRun(sdk, conversations) {
  const messages = conversations.flatMap((conversation) => conversation.messages);
  const last = messages.findLast((message) => message.role === "assistant");
  const texts = (last.parts ?? [last.content].flat()).map((part) => part.text ?? part).filter((words) => typeof words === "string");
  return {
    recordedWith: `ai@${sdk.release}`,
    text: texts.at(-1), // what the last step says
    messages,
    toolCalls: conversations.flatMap((conversation) => conversation.toolCalls ?? calledIn(conversation.messages)).map(
      (call) => ({ toolName: call.toolName, args: call.input ?? call.args })),
  };
}

/** The calls of UI messages; a name and arguments are all that is told of them. */
const calledIn = (messages) => messages.flatMap((message) => message.parts).flatMap(
  ({ toolInvocation: call, ...part }) => (call ? [call] : part.toolCallId ? [{ toolName: part.type.slice("tool-".length), ...part }] : []));

mkdirSync(TRANSCRIPTS, { recursive: true });
mkdirSync(STREAMS, { recursive: true });
for (const version of [4, 5, 6, 7]) {
  const sdk = await loadSdk(version);
  const recordings = [];
  for (const scenario of modelScenarios(version)) recordings.push(await recordModelMessages(sdk, scenario));
  write(HERE, `ai${version}.json`, json({ sdk: `ai@${sdk.release}`, recordings }));

  const conversations = [];
  for (const scenario of modelShape(version)) conversations.push(await recordModelMessages(sdk, scenario));
  write(TRANSCRIPTS, `run_shape_ai_sdk_${version}.json`, json(oneRun(sdk, conversations)));

  const chats = [];
  for (const scenario of chatScenarios(version)) chats.push(...(await recordChat(sdk, scenario)));
  write(HERE, `ai${version}-ui.json`, json({ sdk: `ai@${sdk.release}`, recordings: chats }));

  if (version >= 5) {
    const streams = [];
    for (const scenario of chatScenarios(version)) streams.push(...(await recordStreams(sdk, scenario)));
    write(HERE, `ai${version}-streams.json`, json({ sdk: `ai@${sdk.release}`, recordings: streams }));
  }

  const shown = [];
  for (const scenario of chatShape(version)) shown.push(...(await recordShownChat(sdk, scenario)));
  if (shown.length) write(TRANSCRIPTS, `run_shape_ui_${version}.json`, json(oneRun(sdk, shown)));

  for (const story of STORIES.filter((story) => story.version === version)) {
    write(TRANSCRIPTS, `${story.id}.json`, json(await recordStory(sdk, story)));
  }
  for (const story of STORIES.filter((story) => Math.max(story.version, 5) === version && STREAMED_STORIES.includes(story.id))) {
    write(STREAMS, `${story.id}.sse`, await recordStoryStream(sdk, story));
  }
  for (const story of ASKING.filter((story) => story.version === version)) {
    for (const approved of [true, false]) {
      const [asked, rest] = await recordAsking(sdk, story, approved);
      write(STREAMS, `${story.id}.sse`, asked);
      write(STREAMS, `${story.id}_${approved ? "approved" : "denied"}.sse`, rest);
    }
  }
  console.log(`ai@${sdk.release}: ${recordings.length} conversations, ${chats.length} chats`);
}
