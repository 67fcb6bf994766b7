// The names of what values stand for: Arben Hoxha for arben@acme.example. Asked for together, and once.
import { useEffect, useState } from "preact/hooks"
import { read } from "./call.js"
import { on, tell } from "./events.js"
import { commandOf, index } from "./schema.js"
import { may, me } from "./session.js"

const known = new Map() // "member|arben@acme.example" → name, or null where there is none
let wanted = new Map() // kind → values to ask for
let isPlanned = false

on("session", () => known.clear())

// A list that was read for its own sake names its rows as well.
on("answered", ({ method, answer }) => {
  for (const [kind, offer] of Object.entries(index?.kinds ?? {}))
    if (offer.list === method && offer.label)
      for (const row of answer[offer.rows] ?? [])
        if (!offer.company || row[offer.company] === me?.company) known.set(`${kind}|${row[offer.value]}`, row[offer.label] ?? null)
})

async function askSome(kind, values) {
  const offer = index.kinds[kind]
  const key = (v) => `${kind}|${v}`
  for (const v of values) known.set(key(v), null)
  // Where a list cannot be asked for some, its first page is.
  const request = offer.by_values ? { [offer.by_values]: values, page_size: 200 } : { page_size: 200 }
  const answer = await read(offer.list, request).catch(() => ({}))
  for (const row of answer[offer.rows] ?? []) if (row[offer.label]) known.set(key(row[offer.value]), row[offer.label])
}

async function askAll() {
  const now = wanted
  wanted = new Map()
  isPlanned = false
  await Promise.all([...now].map(([kind, values]) => askSome(kind, [...values])))
  tell("labels")
}

/** Whether values of a kind have names: numbers of things that lists cannot be asked for have none. */
const hasLabels = (kind) => {
  const offer = index.kinds[kind]
  return offer?.label && offer.rows && may(commandOf(offer.list)?.permission ?? "session") && (offer.by_values || !offer.number)
}

/** The name of a value; undefined as long as it is not known. */
export function labelOf(kind, value) {
  if (kind === "member" && value && value === me?.email) return me.name
  if (!value || !hasLabels(kind)) return undefined
  const at = `${kind}|${value}`
  if (known.has(at)) return known.get(at) ?? undefined
  if (!wanted.has(kind)) wanted.set(kind, new Set())
  wanted.get(kind).add(value)
  if (!isPlanned) {
    isPlanned = true
    queueMicrotask(askAll)
  }
  return undefined
}

/** The same, for what is rendered. */
export function useLabel(kind, value) {
  const label = labelOf(kind, value)
  const [, set] = useState(0)
  useEffect(() => (label === undefined && hasLabels(kind) ? on("labels", () => set((n) => n + 1)) : undefined), [label, kind, value])
  return label
}
