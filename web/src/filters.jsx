// What a list is asked for: fields made of its request. They stand in the address, so that a list is sent as a link; and may be
// kept under a name, in this browser.
import { useEffect, useState } from "preact/hooks"
import { Dialog } from "./dialog.jsx"
import { dropDraft, keepFilters, keptFilters } from "./drafts.js"
import { tell } from "./events.js"
import { Field } from "./fields.jsx"
import { askedFields, requestOf } from "./form.jsx"
import { useAsked, useHeard } from "./hooks.js"
import { go } from "./route.js"
import { _ } from "./text.js"
import { isDay } from "./typed.js"

/** A request out of an address, and back. */
export function fromQuery(message, query) {
  const values = {}
  for (const f of message.fields) {
    const v = query[f.name]
    if (v === undefined) continue
    values[f.name] = f.repeated ? v.split("\n") : f.type === "bool" ? v === "true" : f.type === "Money" ? { amount: v.split(" ")[0], currency: v.split(" ")[1] } : v
  }
  return values
}
export const toQuery = (request) => Object.fromEntries(Object.entries(request).map(([k, v]) => [k, Array.isArray(v) ? v.join("\n") : typeof v === "object" ? Object.values(v).join(" ") : String(v)]))

/** What is mostly asked for stands first. */
const early = ["search", "mine", "team", "owner", "state", "stage", "tags", "customer_id"]
const rank = (f) => (early.indexOf(f.name) + 1 || early.length + 1)

const same = (a, b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())

/** Filters that were kept under a name, and what becomes of those that are set. */
function Kept({ list, query, at }) {
  const { answer: all = [], again } = useAsked(() => keptFilters(list), [list])
  useHeard(["filters"], again)
  const [isNaming, setNaming] = useState(false)
  const isSet = Object.keys(query).length > 0
  if (!isSet && all.length === 0) return null
  const keep = async (e) => {
    e.preventDefault()
    const name = e.target.elements.name.value.trim()
    if (!name) return
    await keepFilters(list, name, query)
    setNaming(false)
  }
  const copy = () => navigator.clipboard.writeText(document.URL).then(() => tell("done", _("The link is copied: who opens it sees what they may of this list.")), () => {})
  return (
    <div class="kept" role="group" aria-label={_("Saved filters")}>
      {all.map((f) => (
        <span key={f.key} class="chip">
          <a href={at(f.query)} aria-current={same(f.query, query) ? "true" : undefined}>{f.name}</a>
          <button type="button" class="plain" aria-label={_("Remove %s", f.name)} onClick={() => dropDraft(f.key)}>×</button>
        </span>
      ))}
      {isSet && <a class="chip" href={at({})}>{_("Show all")}</a>}
      {isSet && !all.some((f) => same(f.query, query)) && <button type="button" class="chip" onClick={() => setNaming(true)}>{_("Save these filters…")}</button>}
      {isSet && <button type="button" class="chip" onClick={copy}>{_("Copy the link")}</button>}
      {isNaming && (
        <Dialog title={_("Save these filters")} onClose={() => setNaming(false)}>
          <form class="form" onSubmit={keep}>
            <div class="field"><label for="kept-name">{_("Name")}</label><input id="kept-name" name="name" required maxLength={60} autocomplete="off" />
              <small class="hint">{_("In this browser, for you alone, until you sign out. To share them, send the link.")}</small></div>
            <div class="ends"><button type="submit" class="main">{_("Save")}</button></div>
          </form>
        </Dialog>
      )}
    </div>
  )
}

/**
 * What a list may be asked for besides.
 *
 * @param m        its method
 * @param list     under which its filters are kept
 * @param query    what the address asks for
 * @param at       (query) → the address that asks for it
 * @param without  fields that are not asked for here
 */
export function Filters({ m, list, query, at, without = [], children }) {
  const message = m.messages[m.in]
  const fields = askedFields(message).filter((f) => !without.includes(f.name)).sort((a, b) => rank(a) - rank(b))
    .map((f) => ({ ...f, doc: f.required ? f.doc : "", max_length: Math.min(f.max_length ?? 200, 200) }))
  const asked = JSON.stringify(query)
  const [values, setValues] = useState(() => fromQuery(message, query))
  useEffect(() => setValues(fromQuery(message, query)), [asked])
  if (fields.length === 0) return null
  const names = fields.map((f) => f.name)
  const own = Object.fromEntries(Object.entries(query).filter(([name]) => names.includes(name)))
  const apply = (v) => go(at(toQuery(requestOf(message, v))), true)
  const set = (f) => (v) => {
    // Of those that exclude one another the last one counts.
    const others = message.at_most_one?.includes(f.name) && v ? message.at_most_one.filter((n) => n !== f.name) : []
    const next = { ...values, ...Object.fromEntries(others.map((n) => [n, undefined])), [f.name]: v }
    setValues(next)
    // What is chosen counts at once, what is typed when it is sent.
    if (f.choices || f.type === "bool" || f.refers || (f.format === "DATE" && (!v || isDay(v)))) apply(next)
  }
  // On a phone the rows are what one came for.
  const few = innerWidth < 760 ? fields.filter((f) => f.name === "search") : fields.slice(0, 6)
  const rest = fields.filter((f) => !few.includes(f))
  const show = (f) => <Field key={f.name} field={f} value={values[f.name]} onChange={set(f)} />
  return (
    <>
      <form class="filters" role="search" onSubmit={(e) => { e.preventDefault(); apply(values) }}>
        {children}
        {few.map(show)}
        {rest.length > 0 && <details open={rest.some((f) => query[f.name] !== undefined)}><summary>{few.length > 0 ? _("More fields") : _("Only some of them")}</summary><div class="filters">{rest.map(show)}</div></details>}
        <button type="submit" class="button">{fields.some((f) => f.search) ? _("Search") : _("Show")}</button>
      </form>
      <Kept list={list} query={own} at={at} />
    </>
  )
}
