// What every command has without a view of its own: a form, and its answer as a table or a record.
import { useState } from "preact/hooks"
import { Facts, Record } from "../record.jsx"
import { More, Table } from "../table.jsx"
import { Filters, fromQuery } from "../filters.jsx"
import { Form, requestOf } from "../form.jsx"
import { useAsked, useHeard, useList, useRead } from "../hooks.js"
import { useMany } from "../many.jsx"
import { address, doing, go } from "../route.js"
import { command, commandOf, index, kindOfType, linkTo, method } from "../schema.js"
import { may, me } from "../session.js"
import { _, noun } from "../text.js"
import { labelOf } from "../commands.js"

/** A failure where an answer should be. */
export const Trouble = ({ failure, again }) =>
  failure ? (
    <div class="alert" role="alert">
      <p>{(failure.code && failure.message) || _("The server cannot be reached.")}</p>
      {again && (failure.isOpen || !failure.code) && <p><button type="button" class="plain" onClick={again}>{_("Try again")}</button></p>}
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

/** How things of a kind come to be, by the last words of commands. */
const makes = ["create", "add", "submit", "draft", "define", "write", "open", "invite"]

/** Where nothing is in a list: why, and what to do next. */
export function Empty({ isAsked, words }) {
  const c = makes.map((verb) => command(`${words.split(" ")[0]} ${verb}`)).find((one) => one && may(one.permission))
  return <p class="empty">{isAsked ? _("Nothing matches these filters.") : <>{_("There is nothing here yet.")} {c && <a href={doing(c.words)}>{c.title}</a>}</>}</p>
}

export const Waiting = () => <p class="waits" role="status">{_("Loading…")}</p>

/** The list that a message is, if it is one: its field of rows. */
const rowsOf = (m) => {
  const lists = m.messages[m.out].fields.filter((f) => f.repeated && m.messages[f.type])
  const isPaged = m.messages[m.out].fields.some((f) => f.name === "next_page_token")
  return isPaged || (lists.length === 1 && m.messages[m.out].fields.every((f) => f === lists[0] || !f.order)) ? lists[0] : undefined
}

/** Rows of a list, of which several may be chosen. */
export function Rows({ type, rows, messages, ...rest }) {
  const many = useMany(type, messages[type], rows)
  return <Table type={type} rows={rows} messages={messages} many={many} {...rest} />
}

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
        <Rows type={rows.type} rows={list.rows} messages={m.messages} title={title} empty={<Empty isAsked={Object.keys(request).length > 0} words={commandOf(m.name).words} />} />
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

/**
 * To whom something goes, where that is clear: to the only principal; a report of who has none to their own company.
 * undefined as long as it is not known.
 */
export function useAddressee(m) {
  const isAsked = m && m.messages[m.in].fields.some((f) => f.name === "to" && f.refers === "partner" && f.required) && may("partner.read")
  const { answer, failure } = useRead(isAsked ? index.kinds.partner.list : null, { page_size: 200 })
  if (!isAsked || failure) return {}
  if (!answer) return undefined
  const principals = (answer[index.kinds.partner.rows] ?? []).filter((p) => p.side === "principal" && p.state === "active")
  if (principals.length === 1) return { to: principals[0].company }
  return principals.length === 0 && m.name.startsWith("ReportService/") ? { to: me.company } : {}
}

function Change({ c, m, query }) {
  const message = m.messages[m.in]
  const [done, setDone] = useState(null)
  const kind = index.kinds[c.on]
  // What it is about is seen; to change a thing is to see it as it is.
  const isAbout = kind?.show && query[c.first] !== undefined
  const isUpdate = isAbout && / (update|edit)$/.test(c.words)
  const about = useRead(isAbout ? kind.show : null, isAbout ? { [kind.by]: query[c.first] } : {})
  const addressee = useAddressee(m)
  if (isUpdate && about.failure) return <Trouble failure={about.failure} again={about.again} />
  if ((isAbout && !about.answer && !about.failure) || !addressee) return <Waiting />
  const given = { ...addressee, ...fromQuery(message, query) }
  const thing = about.answer
  if (isUpdate && c.version) given.version = thing.version
  const title = thing && (thing[kind.label] ?? thing.title ?? thing.name)
  return (
    <>
      {title && <p class="under"><a href={linkTo(c.on, query[c.first])}>{title}</a></p>}
      {done && <Done m={m} answer={done} />}
      <Form method={m} words={c.words} given={given} before={isUpdate ? thing : undefined} subject={String(query[c.first] ?? "")} hide={title ? [c.first] : []}
        company={thing?.company !== me.company ? thing?.company : undefined}
        submit={submitOf(c)} danger={c.ends}
        onDone={(answer, request) => {
          const next = afterwards(m, answer, request)
          // The way back leads to where one came from, not to the form.
          if (next) go(next, true)
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
          <Filters m={m} list={words} query={query} at={(q) => doing(words, q)} />
          {isAsked && <Answer m={m} request={request} title={c.title} />}
        </>
      )}
    </>
  )
}

/** A noun: its list, and what can be done. */
export function Noun({ name, query }) {
  const all = index.commands.filter((c) => c.words.split(" ")[0] === name && may(c.permission))
  const list = all.find((c) => c.words === `${name} list`) ?? all.find((c) => !c.write && !c.needs)
  const { answer: m, failure, again } = useAsked(() => (list && !list.needs ? method(list.method) : undefined), [name])
  // What the page knows of it could not be had: it is asked for again as answers are.
  useHeard(["changed"], again)
  // What is done with a thing is where it is: on its own view, or with its row when that is chosen.
  const kind = Object.keys(index.kinds).find((k) => index.kinds[k].list === list?.method)
  const free = all.filter((c) => c !== list && (c.write ? !c.on || c.on === "*" || (c.on !== kind && !index.kinds[c.on]?.show) : !c.needs))
  const others = all.filter((c) => c !== list && !free.includes(c))
  return (
    <>
      <h1>{noun(name)}</h1>
      <div class="actions">{free.map((c) => <a key={c.words} class={`button ${c.words.endsWith(" create") ? "main" : ""}`} href={doing(c.words)} title={c.title}>{c.words.split(" ").length === 2 ? labelOf(c) : c.title}</a>)}</div>
      {!m && <Trouble failure={failure} again={again} />}
      {m && <><Filters m={m} list={list.words} query={query} at={(q) => address(["of", name], q)} /><Answer m={m} request={requestOf(m.messages[m.in], fromQuery(m.messages[m.in], query))} title={list.title} /></>}
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
