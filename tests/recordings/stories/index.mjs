import { leadSearch, startedSearch } from "./lead_search.mjs";
import { longRun } from "./long_run.mjs";
import { berlin, flaky, madrid, paris, slow } from "./short_runs.mjs";

export const STORIES = [leadSearch, startedSearch, berlin, paris, madrid, flaky, slow, longRun];
