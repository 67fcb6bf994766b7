// What every command has without a view of its own: a form, and its answer as a table or a record.
import { useState } from "preact/hooks"
import { Facts, Record } from "../record.jsx"
import { More, Table } from "../table.jsx"
import { Form, askedFields, requestOf } from "../form.jsx"
import { Field } from "../fields.jsx"
import { useAsked, useList, useRead } from "../hooks.js"
import { doing, go } from "../route.js"
import { command, commandOf, index, kindOfType, linkTo, method } from "../schema.js"
import { may } from "../session.js"
import { _, noun } from "../text.js"
import { labelOf } from "../commands.js"

/** A failure where an answer should be. */
export const Trouble = ({ failure, again }) =>
  failure ? (
    <div class="alert" role="alert">
      <p>{failure.message || _("The server cannot be reached.")}</p>
      {again && failure.isOpen && <p><button type="button" class="plain" onClick={again}>{_("Try again")}</button></p>}
    </div>
  ) : null

/** In place of a thing that is not to be had. */
export const Missing = ({ failure, again, kind }) => (
  <>
    <h1>{_("This cannot be shown")}</h1>
    <Trouble failure={failure} again={again} />
    <p><a href={kind && index.kinds[kind] ? `#/of/${kind}` : "#/today"}>{kind && index.kinds[kind] ? noun(kind) : _("Today")}</a></p>
  </>
)

export const Waiting = () => <p class="waits" role="status">{_("Loading…")}</p>

/** The list that a message is, if it is one: its field of rows. */
const rowsOf = (m) => {
  const lists = m.messages[m.out].fields.filter((f) => f.repeated && m.messages[f.type])
  const isPaged = m.messages[m.out].fields.some((f) => f.name === "next_page_token")
  return isPaged || (lists.length === 1 && m.messages[m.out].fields.every((f) => f === lists[0] || !f.order)) ? lists[0] : undefined
}

/** What a list may be asked for besides. */
function Filters({ m, query, words }) {
  const message = m.messages[m.in]
  const fields = askedFields(message).map((f) => ({ ...f, doc: f.required ? f.doc : "", max_length: Math.min(f.max_length ?? 200, 200) }))
  const [values, setValues] = useState(() => fromQuery(message, query))
  if (fields.length === 0) return null
  const apply = (v) => go(doing(words, toQuery(requestOf(message, v))), true)
  const set = (f) => (v) => {
    const next = { ...values, [f.name]: v }
    setValues(next)
    // What is chosen counts at once, what is typed when it is sent.
    if (f.choices || f.type === "bool" || f.refers || f.format === "DATE") apply(next)
  }
  // On a phone the rows are what one came for.
  const few = innerWidth < 760 ? fields.filter((f) => f.name === "search") : fields.slice(0, 4)
  const first = few
  const rest = fields.filter((f) => !few.includes(f))
  return (
    <form class="filters" role="search" onSubmit={(e) => { e.preventDefault(); apply(values) }}>
      {first.map((f) => <Field key={f.name} field={f} value={values[f.name]} onChange={set(f)} />)}
      {rest.length > 0 && <details open={rest.some((f) => values[f.name] !== undefined)}><summary>{first.length > 0 ? _("More fields") : _("Only some of them")}</summary><div class="filters">{rest.map((f) => <Field key={f.name} field={f} value={values[f.name]} onChange={set(f)} />)}</div></details>}
      <button type="submit" class="button">{fields.some((f) => f.search) ? _("Search") : _("Show")}</button>
    </form>
  )
}

/** A request out of an address, and back. */
function fromQuery(message, query) {
  const values = {}
  for (const f of message.fields) {
    const v = query[f.name]
    if (v === undefined) continue
    values[f.name] = f.repeated ? v.split("\n") : f.type === "bool" ? v === "true" : f.type === "Money" ? { amount: v.split(" ")[0], currency: v.split(" ")[1] } : v
  }
  return values
}
const toQuery = (request) => Object.fromEntries(Object.entries(request).map(([k, v]) => [k, Array.isArray(v) ? v.join("\n") : typeof v === "object" ? Object.values(v).join(" ") : String(v)]))

/** The answer to a READ. */
function Answer({ m, request, title }) {
  const rows = rowsOf(m)
  const list = useList(m.name, request, rows?.name)
  if (list.failure && !list.answer) return <Trouble failure={list.failure} again={list.again} />
  if (!list.answer) return <Waiting />
  if (rows) {
    return (
      <>
        <Facts message={m.messages[m.out]} value={list.answer} messages={m.messages} without={["next_page_token"]} />
        <Table type={rows.type} rows={list.rows} messages={m.messages} title={title} />
        <More more={list.more} />
      </>
    )
  }
  return <Record type={m.out} value={list.answer} messages={m.messages} />
}

/** What a change answered, where it leads nowhere. */
function Done({ m, answer }) {
  const kind = kindOfType(m.out)
  const link = kind && linkTo(kind, answer[index.kinds[kind].value])
  return (
    <section class="done" role="status">
      <h2>{_("Done")}</h2>
      <Record type={m.out} value={answer} messages={m.messages} />
      {link && <p><a href={link}>{_("Show it")}</a></p>}
    </section>
  )
}

/** Whether an answer is to be seen at once, as it is shown once. */
const isShownOnce = (m, answer) => m.messages[m.out].fields.some((f) => (f.secret || f.format === "JOIN_CODE") && answer[f.name])

/** Where one goes after a change: to what it was about. */
function afterwards(m, answer, request) {
  if (isShownOnce(m, answer)) return undefined
  const kind = kindOfType(m.out)
  const own = kind && linkTo(kind, answer[index.kinds[kind].value])
  if (own) return own
  const c = commandOf(m.name)
  if (c?.on === "*") return /^[a-z_]+\/\d+$/.test(request[c.first] ?? "") ? `#/${request[c.first]}` : undefined
  return c?.on && linkTo(c.on, request[c.first])
}

/** What the button says that sends a form. */
const submitOf = (c) => (/ (create|add|update|define|write|set)$/.test(c.words) ? _("Save") : labelOf(c).length < 30 ? labelOf(c) : _("Send"))

function Change({ c, m, query }) {
  const message = m.messages[m.in]
  const [done, setDone] = useState(null)
  const kind = index.kinds[c.on]
  // To change a thing is to see it as it is.
  const isUpdate = / (update|edit)$/.test(c.words) && kind?.show && query[c.first] !== undefined
  const before = useRead(isUpdate ? kind.show : null, isUpdate ? { [kind.by]: query[c.first] } : {})
  if (isUpdate && before.failure) return <Trouble failure={before.failure} again={before.again} />
  if (isUpdate && !before.answer) return <Waiting />
  const given = fromQuery(message, query)
  if (isUpdate && c.version) given.version = before.answer.version
  return (
    <>
      {done && <Done m={m} answer={done} />}
      <Form method={m} words={c.words} given={given} before={isUpdate ? before.answer : undefined} subject={String(query[c.first] ?? "")}
        submit={submitOf(c)} danger={c.ends}
        onDone={(answer, request) => {
          const next = afterwards(m, answer, request)
          if (next) go(next)
          else setDone(answer)
        }} />
    </>
  )
}

/** A command, by its words. */
export function Any({ words, query }) {
  const c = command(words)
  const { answer: m, failure, again } = useAsked(() => (c ? method(c.method) : undefined), [words])
  if (!c) return <h1>{_("There is no such view")}</h1>
  if (failure) return <Missing failure={failure} again={again} />
  if (!m) return <Waiting />
  const message = m.messages[m.in]
  const request = requestOf(message, fromQuery(message, query))
  // What the heading says already is not said again.
  const more = m.doc.startsWith(c.title) ? m.doc.slice(c.title.length).replace(/^[\s:;,.：；，。]+/, "") : m.doc
  const isAsked = message.fields.every((f) => !f.required || request[f.name] !== undefined) && !(message.exactly_one && !message.exactly_one.some((n) => request[n] !== undefined))
  return (
    <>
      <p class="way"><a href={`#/of/${words.split(" ")[0]}`}>{noun(words.split(" ")[0])}</a></p>
      <h1>{c.title}</h1>
      {more && <p class="about">{more.charAt(0).toUpperCase() + more.slice(1)}</p>}
      {c.write ? <Change c={c} m={m} query={query} /> : (
        <>
          <Filters m={m} query={query} words={words} key={location.hash} />
          {isAsked && <Answer m={m} request={request} title={c.title} />}
        </>
      )}
    </>
  )
}

/** A noun: its list, and what can be done. */
export function Noun({ name }) {
  const all = index.commands.filter((c) => c.words.split(" ")[0] === name && may(c.permission))
  const list = all.find((c) => c.words === `${name} list`) ?? all.find((c) => !c.write && !c.needs)
  const { answer: m } = useAsked(() => (list && !list.needs ? method(list.method) : undefined), [name])
  const free = all.filter((c) => c !== list && (c.write ? !c.on || c.on === "*" || !index.kinds[c.on]?.show : !c.needs))
  const others = all.filter((c) => c !== list && !free.includes(c))
  return (
    <>
      <h1>{noun(name)}</h1>
      <div class="actions">{free.map((c) => <a key={c.words} class={`button ${c.words.endsWith(" create") ? "main" : ""}`} href={doing(c.words)} title={c.title}>{c.words.split(" ").length === 2 ? labelOf(c) : c.title}</a>)}</div>
      {m && <><Filters m={m} query={{}} words={list.words} /><Answer m={m} request={{}} title={list.title} /></>}
      {all.length === 0 && <p class="empty">{_("Your role has nothing to do here.")}</p>}
      {others.length > 0 && (
        <details class="later" open={!m}>
          <summary>{_("What else there is")}</summary>
          <ul class="commands">{others.map((c) => <li key={c.words}><a href={doing(c.words)}>{c.title}</a></li>)}</ul>
        </details>
      )}
    </>
  )
}
