// The views that are made by hand, as they stand in the navigation. All else is made of the schema: views/any.jsx. What a
// later view needs is a row here and its file beside: see web/README.md.
import { _ } from "../text.js"
import { Board } from "./board.jsx"
import { Case } from "./case.jsx"
import { Contract, Contracts } from "./contract.jsx"
import { Deal } from "./deal.jsx"
import { Import } from "./import.jsx"
import { Kpis } from "./kpis.jsx"
import { Report, Reports, Resubmit, Review, Submit } from "./reports.jsx"
import { Inbox, Today } from "./today.jsx"

/**
 * path        the first part of the address
 * title       what the navigation says; without it the view is reached by links alone
 * permission  without which the view is of no use
 * also        other paths that belong to it
 * command     the view takes the place of that command's form
 */
export const views = [
  { path: "today", title: () => _("Today"), view: Today },
  { path: "inbox", title: () => _("Inbox"), view: Inbox },
  { path: "pipeline", title: () => _("Pipeline"), permission: "deal.read", also: ["deal"], view: Board },
  { path: "deal", view: Deal },
  { path: "reports", title: () => _("Reports"), permission: "report.read", also: ["report"], view: Reports },
  { path: "report", view: Report },
  { command: "report submit", path: "report-submit", view: Submit },
  { command: "report resubmit", path: "report-resubmit", view: Resubmit },
  { path: "review", title: () => _("Review"), permission: "report.review", view: Review },
  { path: "kpis", title: () => _("KPIs"), permission: "kpi.read", view: Kpis },
  { path: "contracts", title: () => _("Contracts"), permission: "contract.read", also: ["contract"], view: Contracts },
  { path: "contract", view: Contract },
  { path: "case", view: Case },
  { command: "import", path: "import-table", view: Import },
]
