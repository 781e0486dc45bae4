// One door to the AI SDK's versions 4 to 7: mock model, tools, generateText and streamText.
import "./without-test-runner.mjs";
import { readFileSync } from "node:fs";
import { calls, isCall } from "./script.mjs";

const MODELS = { 4: "MockLanguageModelV1", 5: "MockLanguageModelV2", 6: "MockLanguageModelV3", 7: "MockLanguageModelV4" };
const STEP_LIMIT = 500;

export async function loadSdk(version) {
  const ai = await import(`ai${version}`);
  const { [MODELS[version]]: MockModel, convertArrayToReadableStream } = await import(`ai${version}/test`);
  const manifest = new URL(`node_modules/ai${version}/package.json`, import.meta.url);
  return { version, ai, MockModel, toStream: convertArrayToReadableStream, release: JSON.parse(readFileSync(manifest)).version };
}

/** A model that says the next step of the script each time it is asked. */
export function mockModel(sdk, steps, { onStep } = {}) {
  let asked = 0;
  const next = () => {
    const step = steps[asked++];
    if (!step) throw new Error(`the script has ${steps.length} steps, the model was asked for step ${asked}`);
    return step;
  };
  return new sdk.MockModel({
    doGenerate: async () => (sdk.version === 4 ? outputV4(next()) : output(sdk.version, next())),
    doStream: async () => {
      onStep?.(asked);
      const step = next();
      const chunks = sdk.version === 4 ? chunksV4(step) : streamChunks(sdk.version, step);
      return { stream: sdk.toStream(chunks), rawCall: { rawPrompt: null, rawSettings: {} } };
    },
  });
}

/** Real tools: the SDK validates their input, calls them, and packs what they return or throw. */
export function scriptedTools(sdk, steps, extra = {}) {
  const answers = new Map(calls(steps).map((part) => [part.id, part.answer]));
  const known = calls(steps).filter((part) => !part.unknown);
  const executed = new Set(known.filter((part) => isCall(part) && !part.client).map((part) => part.name));
  const schema = sdk.ai.jsonSchema({ type: "object", properties: {}, additionalProperties: true });
  const schemaKey = sdk.version === 4 ? "parameters" : "inputSchema";
  const tools = {};
  for (const { name } of known) {
    if (!executed.has(name)) {
      tools[name] = { [schemaKey]: schema }; // the provider or the chat client executes it
      continue;
    }
    tools[name] = {
      description: `Puffle tool ${name}`,
      [schemaKey]: schema,
      execute: async (_input, { toolCallId }) => {
        const answer = answers.get(toolCallId);
        if (answer?.failed) throw new Error(answer.failed);
        return answer ?? null;
      },
      ...extra[name],
    };
  }
  return tools;
}

export const severalSteps = (sdk) =>
  sdk.version === 4 ? { maxSteps: STEP_LIMIT } : { stopWhen: (sdk.ai.isStepCount ?? sdk.ai.stepCountIs)(STEP_LIMIT) };

/** v7 calls it `instructions`; a system message among the messages needs its explicit consent there. */
export const systemText = (sdk, words) => (words ? { [sdk.version === 7 ? "instructions" : "system"]: words } : {});

export async function generate(sdk, { steps, answers = steps, messages, tools = {}, system }) {
  return sdk.ai.generateText({
    model: mockModel(sdk, steps),
    tools: scriptedTools(sdk, answers, tools),
    messages,
    experimental_download: async (requests) => requests.map(() => null), // "the model reads URLs itself": no download
    ...systemText(sdk, system),
    ...severalSteps(sdk),
  });
}

// ---- what the models say, version by version -------------------------------------------------------------

const inputText = (part) => part.rawInput ?? JSON.stringify(part.input);
const finish = (step) => (step.some(isCall) ? "tool-calls" : "stop");

function outputV4(step) {
  const of = (...kinds) => step.filter((part) => kinds.includes(part.kind));
  return {
    rawCall: { rawPrompt: null, rawSettings: {} },
    finishReason: finish(step),
    usage: { promptTokens: 10, completionTokens: 20 },
    text: of("text").map((part) => part.text).join("\n\n") || undefined,
    reasoning: of("reasoning", "redacted-reasoning").map((part) =>
      part.kind === "reasoning" ? { type: "text", text: part.text, signature: part.signature } : { type: "redacted", data: part.data }),
    sources: of("source").map(({ id, url, title }) => ({ sourceType: "url", id, url, title })),
    files: of("file").map(({ mediaType, data }) => ({ mimeType: mediaType, data })),
    toolCalls: of("call").map((part) => ({ toolCallType: "function", toolCallId: part.id, toolName: part.name, args: inputText(part) })),
  };
}

function chunksV4(step) {
  const chunks = step.flatMap((part) => {
    switch (part.kind) {
      case "text": return pieces(part.text).map((textDelta) => ({ type: "text-delta", textDelta }));
      case "reasoning": return [
        ...pieces(part.text).map((textDelta) => ({ type: "reasoning", textDelta })),
        { type: "reasoning-signature", signature: part.signature ?? "signature" },
      ];
      case "redacted-reasoning": return [{ type: "redacted-reasoning", data: part.data }];
      case "source": return [{ type: "source", source: { sourceType: "url", id: part.id, url: part.url, title: part.title } }];
      case "file": return [{ type: "file", mimeType: part.mediaType, data: part.data }];
      case "call": {
        const about = { toolCallType: "function", toolCallId: part.id, toolName: part.name };
        return [
          ...pieces(inputText(part)).map((argsTextDelta) => ({ type: "tool-call-delta", ...about, argsTextDelta })),
          { type: "tool-call", ...about, args: inputText(part) },
        ];
      }
      case "cut-call": return pieces(part.rawInput).map((argsTextDelta) => (
        { type: "tool-call-delta", toolCallType: "function", toolCallId: part.id, toolName: part.name, argsTextDelta }));
      case "model-error": return [{ type: "error", error: new Error(part.message) }];
      default: throw new Error(`version 4 has no ${part.kind}`);
    }
  });
  return [...chunks, { type: "finish", finishReason: finish(step), usage: { promptTokens: 10, completionTokens: 20 } }];
}

function usage(version) {
  if (version === 5) return { inputTokens: 10, outputTokens: 20, totalTokens: 30 };
  return {
    inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 20, text: 20, reasoning: 0 },
  };
}

const finishReason = (version, step) => (version === 5 ? finish(step) : { unified: finish(step), raw: undefined });
const fileData = (version, data) => (version === 7 ? { type: "data", data } : data);

function content(version, part) {
  switch (part.kind) {
    case "text": return [{ type: "text", text: part.text }];
    case "reasoning": return [{ type: "reasoning", text: part.text }];
    case "source": return [{ type: "source", sourceType: "url", id: part.id, url: part.url, title: part.title }];
    case "source-document": return [{ type: "source", sourceType: "document", id: part.id, mediaType: part.mediaType, title: part.title, filename: part.filename }];
    case "file": return [{ type: "file", mediaType: part.mediaType, data: fileData(version, part.data) }];
    case "custom": return [{ type: "custom", kind: part.name, providerMetadata: part.metadata }];
    case "reasoning-file": return [{ type: "reasoning-file", mediaType: part.mediaType, data: fileData(version, part.data) }];
    case "call": return [{ type: "tool-call", toolCallId: part.id, toolName: part.name, input: inputText(part) }];
    case "provider-call": return [
      { type: "tool-call", toolCallId: part.id, toolName: part.name, input: inputText(part), providerExecuted: true },
      { type: "tool-result", toolCallId: part.id, toolName: part.name, result: part.result, isError: part.isError, providerExecuted: true },
    ];
    default: throw new Error(`version ${version} has no ${part.kind}`);
  }
}

function output(version, step) {
  return {
    content: step.flatMap((part) => content(version, part)),
    finishReason: finishReason(version, step),
    usage: usage(version),
    warnings: [],
  };
}

function streamChunks(version, step) {
  let block = 0;
  const chunks = step.flatMap((part) => {
    if (part.kind === "text" || part.kind === "reasoning") {
      const id = String(block++);
      return [
        { type: `${part.kind}-start`, id },
        ...pieces(part.text).map((delta) => ({ type: `${part.kind}-delta`, id, delta })),
        { type: `${part.kind}-end`, id },
      ];
    }
    if (part.kind === "call") {
      return [
        { type: "tool-input-start", id: part.id, toolName: part.name },
        ...pieces(inputText(part)).map((delta) => ({ type: "tool-input-delta", id: part.id, delta })),
        { type: "tool-input-end", id: part.id },
        ...content(version, part),
      ];
    }
    if (part.kind === "cut-call") {
      return [
        { type: "tool-input-start", id: part.id, toolName: part.name },
        ...pieces(part.rawInput).map((delta) => ({ type: "tool-input-delta", id: part.id, delta })),
      ];
    }
    if (part.kind === "model-error") return [{ type: "error", error: new Error(part.message) }];
    return content(version, part);
  });
  return [
    { type: "stream-start", warnings: [] },
    ...chunks,
    { type: "finish", finishReason: finishReason(version, step), usage: usage(version) },
  ];
}

/** Cut a text as a model streams it: a few words at a time. */
function pieces(words, size = 48) {
  const letters = [...words];
  return Array.from({ length: Math.ceil(letters.length / size) }, (_, index) => letters.slice(index * size, (index + 1) * size).join(""));
}
