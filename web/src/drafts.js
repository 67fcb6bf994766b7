// What somebody wrote and the server has not got yet. It is kept in the browser until the server said that it was done: a
// bad line, a closed tab or an ended session loses nothing. Each is sent under one request_id, so that it is done once.
import { Failure, call, newId } from "./call.js"
import { on, tell, tellAll } from "./events.js"

/** Whose drafts these are, "acme/sales@acme.example"; null while nobody is signed in. Others' are not shown. */
let who = null
let database

function open() {
  database ??= new Promise((resolve) => {
    const asked = indexedDB.open("jiayi", 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" })
    asked.onsuccess = () => {
      // A sign-out has the browser take it away.
      asked.result.onclose = () => (database = undefined)
      resolve(asked.result)
    }
    // Where a browser keeps nothing, this tab does; one that is just forgetting all keeps what comes next.
    asked.onerror = () => {
      database = undefined
      resolve(null)
    }
  })
  return database
}
const memory = new Map()

async function inStore(mode, work) {
  const db = await open()
  if (!db) return undefined
  try {
    return await inDatabase(db, mode, work)
  } catch (e) {
    // The browser took it away under our hands.
    if (!["InvalidStateError", "AbortError", "UnknownError"].includes(e?.name)) throw e
    database = undefined
    const anew = await open()
    return anew ? inDatabase(anew, mode, work) : undefined
  }
}

function inDatabase(db, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction("drafts", mode)
    const asked = work(transaction.objectStore("drafts"))
    transaction.oncomplete = () => resolve(asked.result)
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? asked.error ?? new DOMException("closed", "AbortError"))
  })
}

async function put(draft) {
  memory.set(draft.key, draft)
  await inStore("readwrite", (s) => s.put(draft))
}

/** The key of what is written for a command about a thing. */
export const draftKey = (words, subject = "") => `${who}|${words}|${subject}`

/** One of mine; undefined where there is none. */
export async function getDraft(key) {
  return (await inStore("readonly", (s) => s.get(key))) ?? memory.get(key)
}

/** All that is kept here, whoever's. */
const everything = async () => (await inStore("readonly", (s) => s.getAll())) ?? [...memory.values()]

/** All of mine: open ones, and those that wait for the line. */
export async function drafts() {
  return (await everything()).filter((d) => d.who === who && d.method).sort((a, b) => a.at - b.at)
}

/** What else I keep here: filters of a list by their names, until I sign out. */
export async function keptFilters(list) {
  return (await everything()).filter((d) => d.who === who && d.list === list).sort((a, b) => (a.name < b.name ? -1 : 1))
}

export async function keepFilters(list, name, query) {
  await put({ key: draftKey(`filters of ${list}`, name), who, list, name, query })
  tellAll("filters")
}

/**
 * Keeps what is being written.
 *
 * @param draft  key, method, words, request, hash: where it is written
 */
export async function keepDraft(draft) {
  const before = await getDraft(draft.key)
  if (!who || before?.state === "waiting") return
  await put({ ...draft, who, state: "open", id: before?.id ?? newId(), at: before?.at ?? Date.now() })
  tellAll("drafts")
}

export async function dropDraft(key) {
  memory.delete(key)
  await inStore("readwrite", (s) => s.delete(key))
  tellAll("drafts")
  tellAll("filters")
}

/** None of mine is kept any more. */
export async function dropAll() {
  for (const d of await drafts()) await dropDraft(d.key)
}

/**
 * Does something that has the browser forget all that the page kept, as a sign-out does; what others wrote here, whose
 * session had ended, is kept for them all the same.
 */
export async function keepOthers(forget) {
  const all = await everything()
  await forget()
  for (const d of all.filter((one) => one.who !== who)) await put(d)
}

/* Sending. */

const asking = new Map() // by key: who waits in this tab for what became of it
let timer = 0
let pause = 1000

/** What became of a draft: an answer, or why it was refused. In every tab. */
function settle({ key, answer, failure }) {
  const wait = asking.get(key)
  asking.delete(key)
  if (!wait) return
  if (failure) wait.reject(new Failure(failure.code, failure.message, failure))
  else wait.resolve(answer)
}
on("settled", settle)

/**
 * Sends a change, now or when there is a line. Resolves with the answer once the server has it; rejects where it refuses.
 *
 * @param draft  as for keepDraft()
 */
export async function send(draft) {
  const before = await getDraft(draft.key)
  const answer = new Promise((resolve, reject) => asking.set(draft.key, { resolve, reject }))
  // What may have been done under the name is asked again as it was.
  const kept = before?.state === "waiting" ? before : { ...before, ...draft, who, state: "waiting", id: before?.id ?? newId(), at: before?.at ?? Date.now() }
  await put(kept)
  tellAll("drafts")
  sendAll()
  return answer
}

/** One draft. Returns false where those behind it have to wait as well. */
async function sendOne(draft) {
  try {
    const answer = await call(draft.method, draft.request, { id: draft.id })
    await dropDraft(draft.key)
    // Of many changes who waits for them says when lists are to be read again.
    const isTold = !draft.isOneOfMany || !asking.has(draft.key)
    tellAll("settled", { key: draft.key, answer })
    if (isTold) tellAll("changed", draft.method)
    return true
  } catch (e) {
    if (!(e instanceof Failure)) throw e
    if (e.code === "unauthenticated") return false
    if (e.isOpen) {
      tell("waits", draft.key)
      timer = setTimeout(sendAll, e.retryMs ?? pause * (0.75 + Math.random() / 2))
      pause = Math.min(pause * 2, 30000)
      return false
    }
    // Refused: it was not done, and what is sent next is another change.
    await put({ ...draft, state: "open", id: newId(), refused: e.message })
    tellAll("settled", { key: draft.key, failure: { code: e.code, message: e.message, fields: e.fields, version: e.version } })
    tellAll("drafts")
    return true
  }
}

/** Sends all that waits, the oldest first; one tab at a time. */
export function sendAll() {
  clearTimeout(timer)
  if (!who) return Promise.resolve()
  return navigator.locks.request("jiayi-outbox", async () => {
    for (;;) {
      const next = (await drafts()).find((d) => d.state === "waiting")
      if (!next || !(await sendOne(next))) return
      pause = 1000
    }
  })
}
addEventListener("online", () => {
  pause = 1000
  sendAll()
})

/** Somebody signed in, or nobody is any more: null. */
export function draftsOf(member) {
  who = member
  for (const { reject } of asking.values()) reject(new Failure("canceled", ""))
  asking.clear()
  tell("drafts")
  if (who) sendAll()
}
