// A call: a POST of JSON to the method's name, as docs/PROTOCOL.md has it under Connect.
import { tell } from "./events.js"
import { unpack } from "./protobuf.js"
import { tag } from "./text.js"

/** What google.rpc says of a failure. */
const details = {
  "google.rpc.BadRequest": { 1: ["violations", "Violation", true] },
  Violation: { 1: ["field", "string"], 2: ["description", "string"] },
  "google.rpc.ErrorInfo": { 1: ["reason", "string"], 3: ["metadata", "Entry", true] },
  Entry: { 1: ["key", "string"], 2: ["value", "string"] },
}

/** Why a call came to nothing. */
export class Failure extends Error {
  constructor(code, message, more = {}) {
    super(message)
    /** As Connect spells it, such as "not_found"; "no_line" where there was no answer. */
    this.code = code
    /** What is wrong with which field. */
    this.fields = more.fields ?? {}
    /** Of a change that came too late, the version that there is. */
    this.version = more.version
    /** When to ask again; undefined: never. */
    this.retryMs = more.retryMs
  }
  /** It may have been done, or may be done yet: it is to be asked again under the same request_id. */
  get isOpen() {
    return ["no_line", "unavailable", "deadline_exceeded", "canceled"].includes(this.code) || this.retryMs !== undefined
  }
}

function readFailure(answer, body) {
  const more = { fields: {} }
  for (const d of body.details ?? []) {
    if (!details[d.type]) continue
    const bytes = Uint8Array.from(atob(d.value), (c) => c.charCodeAt(0))
    const said = unpack(bytes, details, d.type)
    for (const v of said.violations ?? []) more.fields[v.field] ??= v.description
    for (const m of said.metadata ?? []) if (m.key === "current_version") more.version = Number(m.value)
  }
  const after = answer.headers.get("retry-after")
  if (after) more.retryMs = Number(after) * 1000
  return new Failure(body.code ?? "unknown", body.message ?? answer.statusText, more)
}

/** A new name for a change. */
export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("")

/** What opens a session, which is kept where no script reaches it: the browser has it as a cookie. */
const opensSession = /^(AuthService\/(SignIn|Join|LinkCompany|SwitchCompany)|TotpService\/VerifyTotp)$/

const listeners = new Set()
/** Which session of this tab it is. */
let session = 0

/** Calls @f when a call finds that the session is over. */
export const onEnded = (f) => listeners.add(f)

/** Another session begins, or none: what calls of the one before find out is not about it. */
export const beginSession = () => ++session

function end(began) {
  if (began === session) listeners.forEach((f) => f())
}

/**
 * Calls a method, such as "DealService/GetDeal".
 *
 * @param options.id       the request_id of a change
 * @param options.timeout  in milliseconds; the answer is waited for a little longer
 */
export async function call(method, request = {}, { id, timeout = 20000, signal } = {}) {
  let answer, body
  const began = session
  const over = AbortSignal.timeout(timeout + 5000)
  try {
    answer = await fetch(`/jiayi.v1.${method}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "connect-protocol-version": "1",
        "connect-timeout-ms": String(timeout),
        "accept-language": tag(),
        ...(id && { "jiayi-request-id": id }),
        ...(opensSession.test(method) && { "jiayi-session": "cookie" }),
      },
      body: JSON.stringify(request),
      signal: signal ? AbortSignal.any([signal, over]) : over,
      cache: "no-store",
      credentials: "same-origin",
    })
    body = await answer.json()
  } catch (e) {
    if (signal?.aborted) throw e
    throw new Failure("no_line", "")
  }
  if (answer.ok) return body
  const failure = readFailure(answer, body)
  if (failure.code === "unauthenticated" && !opensSession.test(method)) end(began)
  throw failure
}

/** The longest silence of a stream: the server says twice a minute that it is there. */
const SILENCE_MS = 75000

/** A message as a stream has it: flags, its length, JSON. */
function envelope(request) {
  const json = new TextEncoder().encode(JSON.stringify(request))
  const bytes = new Uint8Array(5 + json.length)
  new DataView(bytes.buffer).setUint32(1, json.length)
  bytes.set(json, 5)
  return bytes
}

/** The answers of a method that streams, one after another; ends by throwing. */
export async function* stream(method, request, signal) {
  const silence = new AbortController()
  const began = session
  let timer
  const heard = () => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), SILENCE_MS)
  }
  const lost = () => new Failure("no_line", "")
  try {
    heard()
    const answer = await fetch(`/jiayi.v1.${method}`, {
      method: "POST",
      headers: { "content-type": "application/connect+json", "connect-protocol-version": "1", "accept-language": tag() },
      body: envelope(request),
      signal: AbortSignal.any([signal, silence.signal]),
      cache: "no-store",
      credentials: "same-origin",
    }).catch(() => { throw lost() })
    if (!answer.ok) throw readFailure(answer, await answer.json().catch(() => ({})))
    const reader = answer.body.getReader()
    let bytes = new Uint8Array(0)
    for (;;) {
      const { value, done } = await reader.read().catch(() => { throw lost() })
      if (done) throw lost()
      heard()
      const more = new Uint8Array(bytes.length + value.length)
      more.set(bytes)
      more.set(value, bytes.length)
      bytes = more
      for (;;) {
        const length = bytes.length < 5 ? Infinity : new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
        if (bytes.length < 5 + length) break
        const said = JSON.parse(new TextDecoder().decode(bytes.subarray(5, 5 + length)))
        const isEnd = bytes[0] & 2
        bytes = bytes.slice(5 + length)
        if (!isEnd) yield said
        else if (said.error) {
          if (said.error.code === "unauthenticated") end(began)
          throw readFailure(answer, said.error)
        } else throw lost()
      }
    }
  } finally {
    clearTimeout(timer)
    silence.abort()
  }
}

/** A READ, which is asked again where the line breaks. */
export async function read(method, request, options) {
  const answer = await readAlone(method, request, options)
  tell("answered", { method, answer })
  return answer
}

async function readAlone(method, request, options) {
  for (let tries = 0; ; tries++) {
    try {
      return await call(method, request, options)
    } catch (e) {
      if (!(e instanceof Failure) || !e.isOpen || tries === 3) throw e
      await new Promise((resolve) => setTimeout(resolve, e.retryMs ?? 400 * 2 ** tries * (0.5 + Math.random())))
    }
  }
}
