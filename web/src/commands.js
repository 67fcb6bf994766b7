// What commands are called on buttons: by what is done, where many do the same; else by the beginning of their help.
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
}

/** A command beside what it is about. */
export const labelOf = (c) => verbs[c.words.split(" ").at(-1)]?.() ?? c.title
