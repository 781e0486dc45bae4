// `ai5/test` re-exports a test server that imports msw and vitest. The mock models need neither, so both
// resolve to empty stand-ins here instead of being installed.
import { register } from "node:module";

const STAND_IN = `
  const nothing = () => {};
  export const http = {}, HttpResponse = {}, setupServer = nothing;
  export const beforeAll = nothing, beforeEach = nothing, afterAll = nothing;
`;

const hook = `
  const names = new Set(["msw", "msw/node", "vitest"]);
  export async function resolve(specifier, context, next) {
    if (!names.has(specifier)) return next(specifier, context);
    return { url: "data:text/javascript," + encodeURIComponent(${JSON.stringify(STAND_IN)}), shortCircuit: true };
  }
`;

register("data:text/javascript," + encodeURIComponent(hook));
