// What Puffle asks about before it does it: rows that are removed, mails that are sent. Each has two ends.
import { call, text } from "../script.mjs";
import { BERLIN, columns } from "./leads.mjs";

const LIST = "lst_berlin_fintech";
const leaving = [BERLIN[5], BERLIN[6], BERLIN[7]];
const kept = [BERLIN[0], BERLIN[1]];

const removal = {
  id: "ask_remove_rows",
  version: 6,
  user: "Remove the leads that no longer fit from my list “Berlin fintech”.",
  tool: "remove_rows",
  before: [
    [call("call_01_sheet", "query_sheet", { listId: LIST, where: "fit < 50" }, columns(leaving, "leadId", "name", "company"))],
    [
      text("Three leads no longer fit. Removing them changes your list, so I ask first."),
      call("call_02_remove", "remove_rows", { listId: LIST, rows: columns(leaving, "leadId", "name", "company") }, { removed: 3, rowsLeft: 16 }),
    ],
  ],
  approved: [text("Done: I removed **3 leads**. Your list now has **16 rows**.")],
  denied: [text("I removed nothing. The three leads are still in your list.")],
};

const campaign = {
  id: "ask_send_campaign",
  version: 6,
  user: "Send the founders in my list “Berlin fintech” our invitation.",
  tool: "send_campaign",
  before: [
    [call("call_01_sheet", "query_sheet", { listId: LIST, where: "title contains founder" }, columns(kept, "leadId", "name", "company"))],
    [
      text("Two founders have an address. A mail cannot be taken back, so I ask first."),
      call("call_02_send", "send_campaign", {
        subject: "Breakfast for fintech founders, 12 March",
        recipients: kept.map((lead) => ({ leadId: lead.leadId, name: lead.name, company: lead.company })),
      }, { sent: 2, failed: 0 }),
    ],
  ],
  approved: [text("Sent: **2 invitations**. I'll report the answers when you ask for them.")],
  denied: [text("I sent nothing. The invitation is kept as a draft.")],
};

export const ASKING = [removal, campaign];
