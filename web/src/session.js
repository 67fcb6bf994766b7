// Who is signed in. The session itself is a cookie that no script sees; what is known here is what WhoAmI answers.
import { beginSession, call, onEnded, read } from "./call.js"
import { draftsOf, drafts, keepOthers } from "./drafts.js"
import { on, tell, tellOthers } from "./events.js"
import { keepLanguage, language } from "./text.js"

/** What WhoAmI answered; null: nobody is signed in; undefined: not known yet. */
export let me
/** The session ended by itself: who signs in again goes on where it was. */
export let hasEnded = false
/** Who asked last who is signed in. */
let turn = 0

function become(who, ended = false) {
  const member = who && `${who.company}/${who.email}`
  const before = me && `${me.company}/${me.email}`
  me = who
  hasEnded = ended
  if (member !== before || !member) draftsOf(member)
  tell("session")
}

/** Finds out who is signed in. */
export async function findSession() {
  const mine = beginSession()
  turn = mine
  try {
    const who = await read("AuthService/WhoAmI")
    if (mine === turn) become(who)
  } catch (e) {
    if (e.code !== "unauthenticated") throw e
    if (mine === turn) become(null)
  }
}

onEnded(() => me && become(null, true))
on("signed elsewhere", () => findSession().catch(() => {}))

/** Opens a session by a method that does: SignIn, Join, SwitchCompany, VerifyTotp. */
export async function openSession(method, request) {
  const answer = await call(method, request)
  await findSession()
  tellOthers("signed elsewhere")
  return answer
}

/** What would be lost by signing out. */
export const unsent = drafts

export async function signOut() {
  await keepOthers(() => call("AuthService/SignOut").catch(() => {}))
  keepLanguage(language)
  turn = beginSession()
  become(null)
  tellOthers("signed elsewhere")
}

/** Whether the caller may use a method of that permission at all; what it may be used for the server says. */
export function may(permission) {
  if (["public", "session", "entry", "account"].includes(permission)) return true
  return (me?.permissions ?? []).some((p) => p === permission || p.startsWith(`${permission}:`))
}
