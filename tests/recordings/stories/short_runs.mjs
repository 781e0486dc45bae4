// The smaller runs: a newcomer can wait on several at once.
import { call, failed, reasoning, text } from "../script.mjs";
import { BERLIN, MADRID, PARIS, columns } from "./leads.mjs";

export const berlin = {
  id: "run_berlin",
  version: 7,
  user: "Who at Kontovogel should I write to, and about what?",
  steps: [
    [
      reasoning("One company, one question: the people there, then what is new."),
      call("call_01", "search_leads", { company: "Kontovogel", limit: 5 }, [
        { name: "Mara Muster", title: "Co-founder & CEO", email: null, since: 2022 },
        { name: "Ole Ohnenamen", title: "Head of Sales", email: "ole@kontovogel.example", since: 2025 },
      ]),
      call("call_02", "web_search", { query: "Kontovogel news", limit: 1 }, [
        { title: "Kontovogel raises €4.2 M seed round", url: "https://news.example/kontovogel-seed", published: "2025-11-18" },
      ]),
    ],
    [text(`Write to **Ole Ohnenamen**, Head of Sales since last year. He is building the team that the [seed round](https://news.example/kontovogel-seed) pays for.

- *Opening:* the three sales roles on their jobs page
- *Offer:* a list of freelancers' associations in Berlin
- *Not:* Mara Muster; no address is known for her
`)],
  ],
};

export const paris = {
  id: "run_paris",
  version: 5,
  system: "You are Puffle, a sales agent. Use the tools to find facts, never invent them, and say what you could not verify.",
  user: "Which of my Paris accounts are hiring salespeople right now?",
  steps: [
    [call("call_01", "query_sheet", { listId: "lst_paris", columns: ["name", "company", "domain"] }, columns(PARIS, "name", "company", "domain"))],
    [
      call("call_02", "web_search", { query: "sales jobs", domain: "cafe-comptoir.example" }, { openRoles: 6, url: "https://cafe-comptoir.example/jobs" }),
      call("call_03", "web_search", { query: "sales jobs", domain: "lumiere-libre.example" }, { openRoles: 3, url: "https://lumiere-libre.example/jobs" }),
      call("call_04", "web_search", { query: "sales jobs", domain: "papier-panda.example" }, { openRoles: 0, url: null }),
    ],
    [text(`**Two of three** are hiring:

| Account | Open sales roles | Your contact |
|:--|--:|:--|
| [Café Comptoir](https://cafe-comptoir.example/jobs) | 6 | Camille Exemple |
| [Lumière Libre](https://lumiere-libre.example/jobs) | 3 | Hugo Quelquun |
| Papier Panda | 0 | Inès Personne |

Café Comptoir posted all six roles within the last month.
`)],
  ],
};

export const madrid = {
  id: "run_madrid",
  version: 4,
  user: "Clean up my Madrid list.",
  steps: [
    [text("Reading the list first."), call("call_01", "query_sheet", { listId: "lst_madrid" }, MADRID)],
    [call("call_02", "review_profiles", { listId: "lst_madrid" }, { duplicates: [["ld_6301", "ld_6304"]], parkedDomains: ["taller-tejon.example"], complete: 3 })],
    [call("call_03", "remove_rows", { listId: "lst_madrid", leadIds: ["ld_6304"] }, { removed: 1, rows: 3 })],
    [text(`Your Madrid list is clean: **4 rows became 3**.

- Removed **Leo Ninguno**: Energía Erizo was listed twice, Lucía Ejemplo stays
- Flagged **Taller Tejón**: \`taller-tejon.example\` is parked, so e-mail will bounce
`)],
  ],
};

export const flaky = {
  id: "run_flaky",
  version: 6,
  user: "Enrich “Nordic logistics” with team size and funding.",
  steps: [
    [call("call_01", "get_sheet_status", { listId: "lst_nordic" }, { listId: "lst_nordic", name: "Nordic logistics", rows: 4, missing: ["employees", "funding"] })],
    [
      call("call_02", "add_column", { listId: "lst_nordic", name: "employees", type: "number" }, { columnId: "col_7", name: "employees" }),
      call("call_03", "add_column", { listId: "lst_nordic", name: "funding", type: "text" }, failed("add_column: a column named “funding” exists already")),
    ],
    [call("call_04", "query_leads_db", { domains: ["fjordfracht.example", "elch-express.example", "polarpaket.example", "lachs-logistik.example"], fields: ["employees", "funding"] }, [
      { domain: "fjordfracht.example", employees: 210, funding: "Series B, €24 M" },
      { domain: "elch-express.example", employees: 48, funding: "Seed, €3 M" },
      { domain: "polarpaket.example", employees: 0, funding: null },
      { domain: "lachs-logistik.example", employees: 1340, funding: "listed" },
    ])],
    [text(`All four rows of **Nordic logistics** have a team size now, and three have funding.

| Company | Team | Funding |
|:--|--:|:--|
| Fjordfracht | 210 | Series B, €24 M |
| Elch Express | 48 | Seed, €3 M |
| Polarpaket | 0 | *nothing on record* |
| Lachs Logistik | 1,340 | listed |

The column *funding* existed already, so I filled it instead of adding another. Polarpaket reports **0 employees**: probably dissolved, worth a look before you write.
`)],
  ],
};

const STEPS = [
  { step: 1, day: 0, subject: "The three sales roles on your jobs page", goal: "Be relevant" },
  { step: 2, day: 4, subject: "How Fjordfracht filled its pipeline in six weeks", goal: "Show proof" },
  { step: 3, day: 11, subject: "Shall I close your file?", goal: "Get a yes or a no" },
];

export const slow = {
  id: "run_slow",
  version: 5,
  user: "Draft a three-step campaign for “Berlin fintech” and personalise every first line.",
  steps: [
    [
      reasoning("A campaign needs its readers first: read the list, then write one angle for all and a first line for each."),
      call("call_01", "query_sheet", { listId: "lst_berlin_fintech", columns: ["name", "company", "product"] }, columns(BERLIN.slice(0, 5), "name", "company", "product")),
    ],
    [call("call_02", "review_profiles", { listId: "lst_berlin_fintech", sample: 5 }, { angle: "Young sales teams without an outbound process", confidence: 0.82, sample: 5 })],
    [call("call_03", "add_column", { listId: "lst_berlin_fintech", name: "first_line", type: "text" }, { columnId: "col_8", filled: 5, failed: 0 })],
    [text(`## A three-step campaign for *Berlin fintech*

The angle: **young sales teams without an outbound process**.

| Step | Day | Subject | Goal |
|--:|--:|:--|:--|
${STEPS.map((mail) => `| ${mail.step} | ${mail.day} | ${mail.subject} | ${mail.goal} |`).join("\n")}

A first line for all five people is in the new column \`first_line\`. Mara Muster's, for example:

> Three sales roles and a seed round within two months: that usually means the pipeline has to grow faster than the team.

**Before you send:** nothing has been sent. Switch on *stop on reply*, and leave out the weekend.
`)],
  ],
};
