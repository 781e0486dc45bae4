// run_long: one agent going through a whole territory, 240 messages.
import { call, failed, reasoning, text } from "../script.mjs";

const ANIMALS = ["Adler", "Biber", "Dachs", "Elch", "Falke", "Gecko", "Hamster", "Igel", "Jaguar", "Kranich", "Lachs", "Marder", "Narwal", "Otter", "Panda", "Quokka", "Reiher"];
const TRADES = ["Fracht", "Logik", "Werk", "Energie", "Cloud", "Labor", "Handel"];
const CITIES = ["Hamburg", "Köln", "Leipzig", "München", "Wien", "Zürich", "Graz"];
const ACCOUNTS = TRADES.flatMap((trade, row) => ANIMALS.map((animal, column) => ({
  company: `${animal} ${trade}`,
  domain: `${animal}-${trade}.example`.toLowerCase(),
  city: CITIES[(row + column) % CITIES.length],
  employees: 11 + ((row * 37 + column * 53) % 480),
  openRoles: (row * 5 + column * 3) % 7,
}))).slice(0, 118);
const FAILS_EVERY = 29;

const failures = ACCOUNTS.filter((_, index) => index % FAILS_EVERY === FAILS_EVERY - 1);
const hiring = ACCOUNTS.filter((account) => account.openRoles >= 5 && !failures.includes(account)).sort((a, b) => b.employees - a.employees);

const remark = (index) => {
  const done = ACCOUNTS.slice(0, index).filter((account) => account.openRoles >= 5).length;
  if (index % 20 === 0 && index > 0) return [text(`**${index} of ${ACCOUNTS.length}** accounts checked; ${done} of them are hiring in sales.`)];
  if (index % 47 === 5) return [reasoning("No answer yet that changes the plan: go on, one account at a time, and keep failures for the end.")];
  return [];
};

const check = (account, index) => [
  ...remark(index),
  call(`call_${String(index + 2).padStart(3, "0")}`, "web_search", { query: `${account.company} sales jobs`, domain: account.domain },
    failures.includes(account)
      ? failed(`web_search timed out after 20 s: ${account.domain} did not answer`)
      : { domain: account.domain, city: account.city, employees: account.employees, openRoles: account.openRoles, url: account.openRoles ? `https://${account.domain}/jobs` : null }),
];

export const longRun = {
  id: "run_long",
  version: 5,
  user: `Check all ${ACCOUNTS.length} accounts of “DACH software” for open sales roles.`,
  steps: [
    [
      text("I'll read the list, then go through it account by account."),
      call("call_001", "query_sheet", { listId: "lst_dach", columns: ["company", "domain", "city"] }, ACCOUNTS.map(({ company, domain, city }) => ({ company, domain, city }))),
    ],
    ...ACCOUNTS.map(check),
    [text(`## ${hiring.length} of ${ACCOUNTS.length} accounts are hiring five or more salespeople

The ten largest:

| Company | City | Team | Open sales roles |
|:--|:--|--:|--:|
${hiring.slice(0, 10).map((account) => `| [${account.company}](https://${account.domain}/jobs) | ${account.city} | ${account.employees} | ${account.openRoles} |`).join("\n")}

**Not checked:** ${failures.length} sites did not answer within 20 s: ${failures.map((account) => account.company).join(", ")}.
`)],
  ],
};
