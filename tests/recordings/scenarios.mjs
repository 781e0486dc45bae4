// The test fixtures: one small conversation per thing a transcript can hold.
import { call, clientCall, custom, cutCall, failed, file, providerCall, rawCall, reasoning, reasoningFile, redactedReasoning, source, sourceDocument, text } from "./script.mjs";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = "JVBERi0xLjQKJSVFT0YK";
const LEADS = [
  { name: "Mara Muster", company: "Kontovogel", domain: "kontovogel.example", employees: 34, score: 0.92 },
  { name: "Can Beispiel", company: "Belegbiber", domain: "belegbiber.example", employees: 0, score: null },
];

const asks = (words) => ({ question: words, messages: [{ role: "user", content: words }] });

/** Text alone: the answer is a plain Markdown string. */
const plainText = { name: "plain-text", ...asks("Say hello."), system: "You are Puffle, a sales agent.", steps: [[text("Hello! **What** shall I look for?")]] };

const oneCall = {
  name: "one-call",
  ...asks("Find founders in fintech."),
  steps: [
    [text("I'll search."), call("call-1", "search_leads", { query: "founders in fintech" }, LEADS)],
    [text("Two founders:\n\n| Name | Company |\n|---|---|\n| Mara Muster | Kontovogel |\n| Can Beispiel | Belegbiber |")],
  ],
};

const parallelCalls = {
  name: "parallel-calls",
  ...asks("Look at three companies."),
  steps: [
    [
      call("call-a", "web_search", { query: "kontovogel.example" }, [{ title: "Kontovogel", url: "https://kontovogel.example/" }]),
      call("call-b", "web_search", { query: "belegbiber.example" }, []),
      call("call-c", "query_leads_db", { sql: "select count(*) from leads", limit: 9007199254740993n.toString() }, 0),
    ],
    [text("One of them has a site.")],
  ],
};

/** Results that a careless reader takes for "no result". */
const falsyResults = {
  name: "falsy-results",
  ...asks("Call every tool once."),
  steps: [
    [
      call("call-zero", "count_rows", {}, 0),
      call("call-false", "is_member", { id: 7 }, false),
      call("call-empty", "read_note", {}, ""),
      call("call-null", "find_owner", {}, null),
      call("call-list", "list_tags", {}, []),
      call("call-typed", "read_cell", {}, { type: "text", text: "a tool may really return this" }),
    ],
    [text("Done.")],
  ],
};

const failedCall = {
  name: "failed-tool",
  ...asks("Enrich Kontovogel."),
  steps: [
    [
      call("call-ok", "search_leads", { query: "Kontovogel" }, LEADS.slice(0, 1)),
      call("call-bad", "web_search", { query: "kontovogel.example" }, failed("web_search timed out after 20 s")),
    ],
    [text("The web search timed out; the rest is from the lead database.")],
  ],
};

/** v4 throws when a tool throws, so an agent's tool of that time returned its error. */
const failedCallV4 = {
  ...failedCall,
  steps: [
    [
      call("call-ok", "search_leads", { query: "Kontovogel" }, LEADS.slice(0, 1)),
      call("call-bad", "web_search", { query: "kontovogel.example" }, { error: "web_search timed out after 20 s" }),
    ],
    failedCall.steps[1],
  ],
};

/** What the model calls need not exist, and what it passes need not be JSON. */
const invalidCalls = {
  name: "invalid-calls",
  ...asks("Use the right tool."),
  steps: [
    [
      { ...call("call-unknown", "send_pigeon", { to: "Berlin" }), unknown: true },
      rawCall("call-broken", "search_leads", '{"query": "founders in', LEADS),
    ],
    [call("call-good", "search_leads", { query: "founders in fintech" }, LEADS)],
    [text("Third time lucky.")],
  ],
};

const withReasoning = {
  name: "reasoning",
  ...asks("Which of the two is the better lead?"),
  steps: [
    [reasoning("The first has a score.\nThe second has none: compare the team sizes.", "sig-1"), call("call-1", "evaluate_profiles", { ids: [1, 2] }, { best: 1 })],
    [reasoning("So it is the first.", "sig-2"), text("Mara Muster, by a wide margin.")],
  ],
};
const withRedactedReasoning = {
  ...withReasoning,
  name: "redacted-reasoning",
  steps: [[redactedReasoning("ENCRYPTED-REASONING"), reasoning("And in the clear.", "sig-1"), text("Mara Muster.")]],
};

const withSources = {
  name: "sources",
  ...asks("What is new at Kontovogel?"),
  steps: [[text("They raised a seed round."), source("source-1", "https://news.example/kontovogel-seed?ref=puffle&x=1", "Kontovogel raises seed"), source("source-2", "https://kontovogel.example/press")]],
};
const withDocumentSource = {
  ...withSources,
  name: "document-source",
  steps: [[text("The deck says so."), sourceDocument("source-3", "application/pdf", "Pitch deck", "deck.pdf")]],
};

const withFiles = {
  name: "files",
  question: "Draw their logo and describe mine.",
  files: [{ type: "file", mediaType: "image/png", filename: "logo.png", url: `data:image/png;base64,${PIXEL}` }],
  messages: [{
    role: "user",
    content: [
      { type: "text", text: "Draw their logo and describe mine." },
      { type: "image", image: PIXEL, mediaType: "image/png" },
      { type: "file", data: PDF, mediaType: "application/pdf", filename: "brief.pdf" },
    ],
  }],
  steps: [[text("Here it is."), file("image/png", PIXEL)]],
};
const withFilesV4 = {
  ...withFiles,
  files: [],
  messages: [{
    role: "user",
    content: [
      { type: "text", text: "Draw their logo and describe mine." },
      { type: "image", image: PIXEL, mimeType: "image/png" },
      { type: "file", data: PDF, mimeType: "application/pdf", filename: "brief.pdf" },
    ],
  }],
};

const providerExecuted = {
  name: "provider-executed",
  ...asks("Search the web yourself."),
  steps: [[
    providerCall("srv-1", "web_search", { query: "fintech Berlin" }, [{ title: "Fintech in Berlin", url: "https://news.example/berlin" }]),
    providerCall("srv-2", "web_search", { query: "" }, { code: "invalid_query" }, true),
    text("One article found."),
  ]],
};

const manySteps = {
  name: "many-steps",
  ...asks("Go through the list."),
  steps: [
    ...[1, 2, 3, 4, 5].map((row) => [text(`Row ${row}.`), call(`call-${row}`, "query_sheet", { row }, { row, cells: [`company ${row}`, row * 10] })]),
    [text("All five rows read.")],
  ],
};

/** A conversation that was going on before: every role, and a result the SDK accepted as an error. */
const history = {
  name: "history",
  system: "You are Puffle.",
  question: "And now?",
  messages: [
    { role: "user", content: "Find someone." },
    { role: "assistant", content: [{ type: "text", text: "Searching." }, { type: "tool-call", toolCallId: "old-1", toolName: "search_leads", input: { query: "anyone" } }] },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "old-1", toolName: "search_leads", output: { type: "error-json", value: { code: 503, message: "lead database unavailable" } } }] },
    { role: "assistant", content: "The lead database is unavailable." },
    { role: "user", content: "And now?" },
  ],
  keepSystem: true,
  steps: [[call("new-1", "search_leads", { query: "anyone" }, LEADS)], [text("Two people.")]],
};
const historyV4 = {
  ...history,
  messages: [
    history.messages[0],
    { role: "assistant", content: [{ type: "text", text: "Searching." }, { type: "tool-call", toolCallId: "old-1", toolName: "search_leads", args: { query: "anyone" } }] },
    { role: "tool", content: [{ type: "tool-result", toolCallId: "old-1", toolName: "search_leads", result: { code: 503, message: "lead database unavailable" }, isError: true }] },
    ...history.messages.slice(3),
  ],
};

/** Tools that answer with content parts instead of JSON (v5 and later). */
const contentOutput = (version) => ({
  name: "content-output",
  ...asks("Take a screenshot."),
  tools: {
    screenshot: {
      toModelOutput: () => ({
        type: "content",
        value: [
          { type: "text", text: "The start page:" },
          version === 5 ? { type: "media", data: PIXEL, mediaType: "image/png" }
            : version === 6 ? { type: "image-data", data: PIXEL, mediaType: "image/png" }
            : { type: "file", data: { type: "data", data: PIXEL }, mediaType: "image/png", filename: "start.png" },
          ...(version === 5 ? [] : [{ type: "file-url", url: "https://kontovogel.example/brief.pdf", mediaType: "application/pdf" }]),
        ],
      }),
    },
  },
  steps: [[call("call-1", "screenshot", { url: "https://kontovogel.example/" }, { bytes: 70 })], [text("A bird on a coin.")]],
});

/** A tool that reports while it works (v5 and later): its earlier results are preliminary. */
const preliminaryResults = {
  name: "preliminary-results",
  ...asks("Check three domains."),
  tools: {
    check_domains: {
      execute: async function* () {
        for (const done of [1, 2, 3]) yield { done, of: 3 };
      },
    },
  },
  steps: [[call("call-1", "check_domains", { domains: ["kontovogel.example", "belegbiber.example", "saldo-otter.example"] })], [text("All three answer.")]],
};

/** Two calls wait for a person: one is approved, the other denied (v6 and later). */
const approvals = {
  name: "approvals",
  ...asks("Add both, remove the old ones."),
  tools: { add_rows: { needsApproval: true }, remove_rows: { needsApproval: true } },
  verdicts: { add_rows: { approved: true }, remove_rows: { approved: false, reason: "Keep the old rows for now." } },
  steps: [
    [
      text("This changes your list, so I ask first."),
      call("call-add", "add_rows", { rows: LEADS }, { added: 2 }),
      call("call-remove", "remove_rows", { olderThan: "2025-01-01" }, { removed: 14 }),
    ],
    [text("Two rows added, none removed.")],
  ],
};

const customContent = {
  name: "custom-content",
  ...asks("Think in pictures."),
  steps: [[
    reasoning("A sketch helps."),
    reasoningFile("image/png", PIXEL),
    custom("mock.citation-card", { mock: { card: "kontovogel", rank: 1 } }),
    text("Sketched."),
  ]],
};

/** Everything a version knows, in one conversation: what the recorded streams hold. */
const everything = (version) => ({
  name: "everything",
  question: "Find one founder, check the company and show me a logo.",
  messages: [{ role: "user", content: "Find one founder, check the company and show me a logo." }],
  system: "You are Puffle.",
  data: version === 4 ? [] : [
    { type: "data-progress", id: "progress", data: { done: 1, of: 3 } },
    { type: "data-progress", id: "progress", data: { done: 3, of: 3 } },
    { type: "data-notice", data: { level: "info", words: "cached for an hour" }, transient: true },
  ],
  steps: [
    [
      reasoning("Search first, then verify.", "sig-1"),
      text("I'll look."),
      call("call-1", "search_leads", { query: "founder, fintech, Berlin" }, LEADS),
      call("call-2", "web_search", { query: "kontovogel.example" }, version === 4 ? { error: "timed out" } : failed("web_search timed out after 20 s")),
    ],
    [
      ...(version === 4 ? [] : [providerCall("srv-1", "code_execution", { code: "1 + 1" }, { stdout: "2\n", exitCode: 0 })]),
      source("source-1", "https://news.example/kontovogel", "Kontovogel in the news"),
      file("image/png", PIXEL),
      text("**Mara Muster**, Kontovogel. The web search timed out."),
    ],
  ],
});

const modelError = {
  name: "model-error",
  ...asks("Fail half-way."),
  steps: [[text("I had just begun"), { kind: "model-error", message: "overloaded, try again later" }]],
};

/** The browser is to answer this call, and has not yet. */
const clientTool = {
  name: "client-tool",
  ...asks("Where am I?"),
  steps: [[text("Let me ask your browser."), clientCall("call-1", "get_location", { precise: false })]],
};

const cutOff = {
  name: "cut-off",
  ...asks("Search for long."),
  steps: [[text("Searching."), cutCall("call-1", "search_leads", '{"query": "fintech founders in Berlin, wit'), { kind: "model-error", message: "connection to the model lost" }]],
};

const aborted = {
  name: "abort",
  ...asks("Take your time."),
  abortAfter: 1,
  steps: [[text("Step one."), call("call-1", "search_leads", { query: "anyone" }, LEADS)], [text("never read")]],
};

export function modelScenarios(version) {
  const common = [plainText, oneCall, parallelCalls, falsyResults, withReasoning, withSources, manySteps];
  if (version === 4) return [...common, failedCallV4, withRedactedReasoning, withFilesV4, historyV4, everything(4)];
  return [
    ...common, failedCall, invalidCalls, withDocumentSource, withFiles, history, providerExecuted, contentOutput(version), preliminaryResults,
    ...(version >= 6 ? [approvals] : []),
    ...(version >= 7 ? [customContent] : []),
    everything(version),
  ];
}

export function chatScenarios(version) {
  const common = [plainText, oneCall, parallelCalls, falsyResults, withReasoning, withSources, manySteps];
  if (version === 4) return [...common, failedCallV4, withRedactedReasoning, withFilesV4, clientTool, cutOff, everything(4)];
  return [
    ...common, failedCall, invalidCalls, withDocumentSource, withFiles, clientTool, providerExecuted, preliminaryResults,
    ...(version >= 6 ? [approvals] : []),
    ...(version >= 7 ? [customContent] : []),
    modelError, cutOff, aborted, everything(version),
  ];
}
