// What can be done with a thing, and what commands are called on buttons: by what is done, where many do the same; else by the
// beginning of their help.
import { index } from "./schema.js"
import { may, me } from "./session.js"
import { _ } from "./text.js"

const verbs = {
  create: () => _("New"),
  add: () => _("Add"),
  define: () => _("Define"),
  write: () => _("Write"),
  update: () => _("Edit"),
  assign: () => _("Hand to…"),
  move: () => _("Move to…"),
  tag: () => _("Tag"),
  log: () => _("Log a follow-up"),
  "next-done": () => _("Next step done"),
  undo: () => _("Take back the move"),
  share: () => _("Share"),
  history: () => _("History"),
  done: () => _("Done"),
  deliver: () => _("Deliver"),
  accept: () => _("Accept"),
  reject: () => _("Reject"),
  "registration reject": () => _("Turn down"),
  return: () => _("Return"),
  resubmit: () => _("Submit again"),
  submit: () => _("Submit"),
  cancel: () => _("Cancel"),
  reopen: () => _("Reopen"),
  remove: () => _("Remove"),
  delete: () => _("Delete"),
  revoke: () => _("Revoke"),
  follow: () => _("Follow"),
  invite: () => _("Invite"),
  sign: () => _("Sign"),
  record: () => _("Record"),
  target: () => _("Set a target"),
  evaluate: () => _("Evaluate"),
  answer: () => _("Answer"),
  handle: () => _("Say what was done"),
  decide: () => _("Decide"),
  escalate: () => _("Take further"),
  close: () => _("Close"),
  withdraw: () => _("Take back"),
  approve: () => _("Approve"),
  extend: () => _("Extend"),
  draft: () => _("Draft"),
  edit: () => _("Edit"),
  review: () => _("Look through"),
  propose: () => _("Propose"),
  amend: () => _("Draft a new version"),
  refuse: () => _("Refuse"),
  paid: () => _("Paid"),
  confirm: () => _("Confirm"),
  waive: () => _("Waive"),
  "deal due": () => _("What is due"),
  "log-list": () => _("Follow-ups"),
  "deal register": () => _("Register a lead"),
  "registration check": () => _("Check a customer"),
  duplicates: () => _("Duplicates"),
}

/** A command beside what it is about. */
export const labelOf = (c) => (verbs[c.words] ?? verbs[c.words.split(" ").at(-1)])?.() ?? c.title

const ours = (thing) => thing.company === me.company
const pays = (thing) => thing.payer === me.company
const isPaid = (thing) => thing.payee === me.company

/** When a command has something to do with its thing: in which states of it, for whom; those that are not here have always. The server decides. */
const when = {
  "case close": ["handled decided"],
  "case decide": ["mediation appealed answered negotiation arbitration litigation"],
  "case escalate": ["answered negotiation"],
  "case handle": ["assigned heard considered adopted opened", ours],
  "case assign": ["opened assigned reopened heard mediation", ours],
  "case reopen": ["handled closed decided"],
  "case withdraw": ["opened"],
  "contract amend": ["active"],
  "contract edit": ["draft"],
  "contract end": ["active suspended"],
  "contract propose": ["draft"],
  "contract refuse": ["proposed"],
  "contract resume": ["suspended"],
  "contract review": ["draft proposed"],
  "contract sign": ["proposed"],
  "contract suspend": ["active"],
  "contract withdraw": ["draft proposed"],
  "payment confirm": ["paid", isPaid],
  "payment paid": ["planned due", pays],
  "payment reject": ["paid", isPaid],
  "payment waive": ["planned due", isPaid],
  "registration approve": ["pending", ours],
  "registration extend": ["approved", ours],
  "registration reject": ["pending", ours],
  "registration withdraw": ["pending approved", (thing) => thing.vendor === me.company],
  "report accept": ["submitted"],
  "report resubmit": ["returned"],
  "report return": ["submitted"],
  "task accept": ["delivered"],
  "task cancel": ["open rejected"],
  "task deliver": ["open rejected", (thing) => thing.acceptance],
  "task done": ["open", (thing) => !thing.acceptance],
  "task reject": ["delivered"],
  "task reopen": ["done cancelled"],
}

/** Whether a command has something to do with a thing as it is. A contract has a state, and its newest text one. */
export function fits(c, thing) {
  const [states, whose] = when[c.words] ?? []
  const all = [thing?.state, thing?.text_state].filter(Boolean)
  return !states || all.length === 0 || (all.some((s) => states.split(" ").includes(s)) && (!whose || !!whose(thing)))
}

/** What can be done with a thing of a kind, by its value: the commands whose first argument is one. */
export function actionsOn(kind) {
  return index.commands.filter((c) => c.on === kind && c.words !== `${kind} show` && may(c.permission) && c.method !== index.kinds[kind]?.show)
}

/** Commands that take any thing: comments, files, tasks. */
export const actionsOnAny = () => index.commands.filter((c) => c.on === "*" && may(c.permission))
