// run_abc: the first thing a newcomer sees. A lead search with parallel calls, one of which fails.
import { call, failed, reasoning, text } from "../script.mjs";
import { BERLIN, columns } from "./leads.mjs";

const LIST = "lst_berlin_fintech";
const found = columns(BERLIN, "leadId", "name", "title", "company", "domain", "city", "employees");
const chosen = [0, 1, 4, 2, 3].map((index) => BERLIN[index]);

const ANSWER = `## 5 Berlin fintech founders added to your list

I found **8 people**, checked their companies and added the **5 that fit** to [Berlin fintech](https://app.example.com/lists/${LIST}). Your list now has **19 rows**.

| Founder | Company | What they build | Team | Last round | Fit |
|:--|:--|:--|--:|:--|--:|
| Mara Muster | [Kontovogel](https://kontovogel.example) | Cash-flow forecasts for freelancers | 34 | Seed, €4.2 M | **94** |
| Can Beispiel | [Belegbiber](https://belegbiber.example) | Receipt capture for bookkeepers | 58 | Series A, €11 M | **91** |
| Ida Irgendwer | [Ledgerlachs](https://ledgerlachs.example) | Close-the-books automation | 76 | Series A, €18 M | **83** |
| Jule Platzhalter | [Saldo Otter](https://saldo-otter.example) | Multi-bank balances by API | 21 | Seed, €2.8 M | **80** |
| Nils Niemand | [Münzmeise](https://muenzmeise.example) | Savings round-ups for teenagers | 12 | Pre-seed, €900 k | **71** |

### Where I would start

1. **Mara Muster**: Kontovogel has just opened three sales roles, so outbound is on her mind this quarter.
2. **Can Beispiel**: Belegbiber announced a one-click export for bookkeepers last week. A good reason to write.

### Left out

- *Tom Testfeld* (Zinszebra): 9 people, below your minimum of 10
- *Lea Vorlage* (Quittungsqualle): the company is in Potsdam, not in Berlin
- *Emil Exempel* (Tresortukan): head of product, not a founder

> **One thing to check:** the web search for Ledgerlachs timed out. Its team size and funding come from the lead database alone and may be out of date.

To run the same search again:

\`\`\`json
{
  "titles": ["Founder", "Co-founder"],
  "industry": "fintech",
  "city": "Berlin",
  "employees": { "min": 10, "max": 200 }
}
\`\`\`
`;

export const leadSearch = {
  id: "run_abc",
  version: 6,
  user: "Find fintech founders in Berlin, enrich their companies, and add the good ones to my list “Berlin fintech”.",
  steps: [
    [
      reasoning(
        "The user wants founders (not just senior people) of fintech companies in Berlin, enriched, in an existing list.\n\n" +
          "Before searching I should look at the list: which columns it has, who is in it already, and whether it carries criteria for a good fit. The search itself does not depend on that, so both can run at once.",
      ),
      text("I'll look at your list and search for founders at the same time."),
      call("call_01_status", "get_sheet_status", { listId: LIST }, {
        listId: LIST, name: "Berlin fintech", rows: 14, columns: ["name", "title", "company", "domain", "employees", "funding", "fit"],
        criteria: { role: "founder", city: "Berlin", minEmployees: 10, maxEmployees: 200 }, lastChanged: "2026-01-12T16:04:00Z",
      }),
      call("call_02_search", "search_leads", { query: "fintech founders", location: "Berlin, Germany", titles: ["Founder", "Co-founder"], limit: 20 }, found),
    ],
    [
      text("Eight people match. Now I'll check what their companies do today."),
      call("call_03_web", "web_search", { query: "Kontovogel Berlin funding team", domain: "kontovogel.example" }, [
        { title: "Kontovogel raises €4.2 M seed round", url: "https://news.example/kontovogel-seed", published: "2025-11-18", snippet: "The Berlin start-up forecasts cash flow for freelancers and plans to double its team of 34." },
        { title: "Jobs at Kontovogel", url: "https://kontovogel.example/jobs", published: "2026-01-09", snippet: "Open roles: Account Executive (2), Sales Development Representative." },
      ]),
      call("call_04_web", "web_search", { query: "Belegbiber product news", domain: "belegbiber.example" }, [
        { title: "Belegbiber now exports straight to your bookkeeper", url: "https://belegbiber.example/blog/export", published: "2026-01-08", snippet: "One click hands a month of receipts to the bookkeeper." },
      ]),
      call("call_05_web", "web_search", { query: "Ledgerlachs headcount funding", domain: "ledgerlachs.example" }, failed("web_search timed out after 20 s: ledgerlachs.example did not answer")),
      call("call_06_db", "query_leads_db", { fields: ["leadId", "funding", "product"], leadIds: BERLIN.map((lead) => lead.leadId) }, columns(BERLIN, "leadId", "funding", "product")),
    ],
    [
      reasoning(
        "The search for Ledgerlachs timed out. The lead database has its funding and product, enough to score it, but I must say that this was not verified.\n\n" +
          "The list's criteria: founder, Berlin, 10 to 200 employees. Score all eight so that I can explain who was left out.",
      ),
      call("call_07_score", "evaluate_profiles", { listId: LIST, leadIds: BERLIN.map((lead) => lead.leadId), criteria: "founder of a fintech company in Berlin with 10 to 200 employees" }, [
        { leadId: "ld_4101", name: "Mara Muster", fit: 94, verdict: "add", why: "Hiring its first sales team" },
        { leadId: "ld_4102", name: "Can Beispiel", fit: 91, verdict: "add", why: "New product for bookkeepers" },
        { leadId: "ld_4103", name: "Jule Platzhalter", fit: 80, verdict: "add", why: "Sells to developers; CTO decides" },
        { leadId: "ld_4104", name: "Nils Niemand", fit: 71, verdict: "add", why: "Early, but decides alone" },
        { leadId: "ld_4105", name: "Ida Irgendwer", fit: 83, verdict: "add", why: "Strong match, not verified on the web" },
        { leadId: "ld_4106", name: "Tom Testfeld", fit: 38, verdict: "skip", why: "9 employees, minimum is 10" },
        { leadId: "ld_4107", name: "Lea Vorlage", fit: 35, verdict: "skip", why: "Potsdam, not Berlin" },
        { leadId: "ld_4108", name: "Emil Exempel", fit: 12, verdict: "skip", why: "Not a founder" },
      ]),
    ],
    [
      text("Five of the eight fit. Adding them to the list."),
      call("call_08_add", "add_rows", { listId: LIST, rows: columns(chosen, "name", "title", "company", "domain", "employees", "funding") }, {
        added: 5, duplicates: 0, rows: 19, rowIds: ["row_15", "row_16", "row_17", "row_18", "row_19"],
      }),
    ],
    [text(ANSWER)],
  ],
};

/** What a run started by POST says: its user message is replaced by the one that was sent. */
export const startedSearch = {
  id: "started",
  version: 6,
  user: "{message}",
  steps: [
    [text("I'll search the lead database."), call("call_01_search", "search_leads", { query: "{task}", limit: 3 }, found.slice(0, 3))],
    [call("call_02_score", "evaluate_profiles", { leadIds: ["ld_4101", "ld_4102", "ld_4103"] }, [
      { leadId: "ld_4101", name: "Mara Muster", fit: 94 }, { leadId: "ld_4102", name: "Can Beispiel", fit: 91 }, { leadId: "ld_4103", name: "Jule Platzhalter", fit: 80 },
    ])],
    [text(`I searched for “{task}”. This is the **embedded Puffle**: whatever it is asked, it finds these three recorded leads.

| Founder | Company | Team | Fit |
|:--|:--|--:|--:|
| Mara Muster | [Kontovogel](https://kontovogel.example) | 34 | 94 |
| Can Beispiel | [Belegbiber](https://belegbiber.example) | 58 | 91 |
| Jule Platzhalter | [Saldo Otter](https://saldo-otter.example) | 21 | 80 |
`)],
  ],
};
