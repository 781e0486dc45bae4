// The people and companies of the stories. All invented; every domain ends in .example and resolves nowhere.
export const BERLIN = [
  { leadId: "ld_4101", name: "Mara Muster", title: "Co-founder & CEO", company: "Kontovogel", domain: "kontovogel.example", city: "Berlin", employees: 34, funding: "Seed, €4.2 M (2025)", product: "Cash-flow forecasts for freelancers" },
  { leadId: "ld_4102", name: "Can Beispiel", title: "Founder", company: "Belegbiber", domain: "belegbiber.example", city: "Berlin", employees: 58, funding: "Series A, €11 M (2024)", product: "Receipt capture for bookkeepers" },
  { leadId: "ld_4103", name: "Jule Platzhalter", title: "Co-founder & CTO", company: "Saldo Otter", domain: "saldo-otter.example", city: "Berlin", employees: 21, funding: "Seed, €2.8 M (2025)", product: "Multi-bank balances by API" },
  { leadId: "ld_4104", name: "Nils Niemand", title: "Founder & CEO", company: "Münzmeise", domain: "muenzmeise.example", city: "Berlin", employees: 12, funding: "Pre-seed, €900 k (2025)", product: "Savings round-ups for teenagers" },
  { leadId: "ld_4105", name: "Ida Irgendwer", title: "Co-founder & COO", company: "Ledgerlachs", domain: "ledgerlachs.example", city: "Berlin", employees: 76, funding: "Series A, €18 M (2023)", product: "Close-the-books automation" },
  { leadId: "ld_4106", name: "Tom Testfeld", title: "Founder", company: "Zinszebra", domain: "zinszebra.example", city: "Berlin", employees: 9, funding: "Bootstrapped", product: "Interest comparison widget" },
  { leadId: "ld_4107", name: "Lea Vorlage", title: "Co-founder & CEO", company: "Quittungsqualle", domain: "quittungsqualle.example", city: "Potsdam", employees: 17, funding: "Seed, €1.9 M (2024)", product: "Paperless receipts at the till" },
  { leadId: "ld_4108", name: "Emil Exempel", title: "Head of Product", company: "Tresortukan", domain: "tresortukan.example", city: "Berlin", employees: 240, funding: "Series C, €60 M (2022)", product: "Treasury for mid-size companies" },
];

export const PARIS = [
  { leadId: "ld_5201", name: "Camille Exemple", title: "VP Sales", company: "Café Comptoir", domain: "cafe-comptoir.example", city: "Paris", employees: 180, openRoles: 6 },
  { leadId: "ld_5202", name: "Hugo Quelquun", title: "Head of Revenue", company: "Lumière Libre", domain: "lumiere-libre.example", city: "Paris", employees: 95, openRoles: 3 },
  { leadId: "ld_5203", name: "Inès Personne", title: "Sales Director", company: "Papier Panda", domain: "papier-panda.example", city: "Paris", employees: 420, openRoles: 0 },
];

export const MADRID = [
  { leadId: "ld_6301", name: "Lucía Ejemplo", title: "CEO", company: "Energía Erizo", domain: "energia-erizo.example", city: "Madrid", employees: 64, domainStatus: "ok" },
  { leadId: "ld_6302", name: "Pablo Nadie", title: "CTO", company: "Nube Nutria", domain: "nube-nutria.example", city: "Madrid", employees: 31, domainStatus: "ok" },
  { leadId: "ld_6303", name: "Vega Cualquiera", title: "COO", company: "Taller Tejón", domain: "taller-tejon.example", city: "Madrid", employees: 112, domainStatus: "parked" },
  { leadId: "ld_6304", name: "Leo Ninguno", title: "CEO", company: "Energía Erizo", domain: "energia-erizo.example", city: "Madrid", employees: 64, domainStatus: "ok" },
];

/** Rows with only some of their columns, in the order named. */
export const columns = (rows, ...names) => rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
