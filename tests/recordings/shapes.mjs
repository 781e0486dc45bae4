// The demo's runs of one shape each: what a run looks like whose agent speaks one version of the AI SDK.
// They are the test fixtures' conversations, held one after the other; each gets tool call ids of its own.
// `approvals-asked` and `approvals-answered` are that chat while a person is asked, and when that person has answered.
import { chatScenarios, modelScenarios } from "./scenarios.mjs";

const MODEL_MESSAGES = {
  4: ["everything", "redacted-reasoning", "files"],
  5: ["history", "everything"],
  6: ["everything", "approvals"],
  7: ["custom-content", "content-output", "files"],
};
const CHATS = {
  4: ["client-tool", "cut-off", "everything"],
  5: ["client-tool", "cut-off", "document-source", "everything"],
  7: ["custom-content", "approvals-asked", "approvals-answered", "approvals"],
};

export const modelShape = (version) => chosen(modelScenarios(version), MODEL_MESSAGES[version]);
export const chatShape = (version) => chosen(chatScenarios(version), CHATS[version] ?? []);

const chosen = (scenarios, names) => names.map((name) => {
  const scenario = scenarios.find((one) => name === one.name || name.startsWith(`${one.name}-a`));
  const renamed = (part) => (part.id?.startsWith("call-") ? { ...part, id: `${name}-${part.id}` } : part);
  return { ...scenario, moment: name, steps: scenario.steps.map((step) => step.map(renamed)) };
});
