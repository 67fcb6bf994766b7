// A field as a person reads it.
import { useLabel } from "./labels.js"
import { index, linkTo, linkToRef } from "./schema.js"
import { me } from "./session.js"
import { _, format, hasWord, noun, tag, word } from "./text.js"

/** 3,500,000 with its currency, as the language writes it. */
export function money(m) {
  if (!m?.amount) return ""
  const options = { style: "currency", currency: m.currency, minimumFractionDigits: /\.\d*[1-9]/.test(m.amount) ? 2 : 0, maximumFractionDigits: 2 }
  try {
    return new Intl.NumberFormat(format(), options).format(m.amount)
  } catch {
    return `${m.amount} ${m.currency}`
  }
}

/** A share, such as 0.88, in per cent; never more than there is. */
export const percent = (text) => `${number(Math.floor(Number(text) * 1e4 + 1e-6) / 100)} %`

/** A number of KPIs and the like. */
export const number = (text) => (text === undefined ? "" : new Intl.NumberFormat(format(), { maximumFractionDigits: 12 }).format(text))

const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]]

/** A time as seen from now. */
export function ago(time) {
  const seconds = (new Date(time) - Date.now()) / 1000
  const [unit, length] = units.find(([, n]) => Math.abs(seconds) >= n) ?? ["minute", 60]
  const n = Math.trunc(seconds / length)
  if (format() === tag()) return new Intl.RelativeTimeFormat(tag(), { numeric: "auto", style: "short" }).format(n, unit)
  // Of languages that the browser does not know.
  if (Math.abs(seconds) > 2592000) return exactly(time)
  const said = n === 0 ? _("just now") : seconds < 0 ? { minute: _("%s min ago", -n), hour: _("%s h ago", -n), day: _("%s d ago", -n), week: _("%s d ago", -n * 7) }[unit]
    : { minute: _("in %s min", n), hour: _("in %s h", n), day: _("in %s d", n), week: _("in %s d", n * 7) }[unit]
  return said
}

/** A time, exactly. */
export const exactly = (time) => new Intl.DateTimeFormat(format(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(time))

export const Time = ({ at, exact }) => (
  <time dateTime={at} title={exactly(at)}>
    {exact ? exactly(at) : ago(at)}
  </time>
)

/** Somebody, by name, with the company where it is another one: its people's names are its own. */
export function Person({ email, company }) {
  const name = useLabel("member", company ? undefined : email)
  return (
    <span class="person" title={email}>
      {name ?? email?.replace(/@.*/, "")}
      {company && <small> ({company})</small>}
    </span>
  )
}

/** A code of the lists that are in the schema, or in the dictionary. */
function Named({ field, list, value }) {
  const label = useLabel(field.refers, value)
  return label ?? (list && hasWord(list, value) ? word(list, value) : index.kinds[field.refers]?.number ? `#${value}` : value)
}

const states = {
  good: ["accepted", "won", "active", "done", "reached", "complete", "positive", "SERVING", "READY", "OK", "UP"],
  bad: ["lost", "overdue", "rejected", "ended", "negative", "removed", "FAILING", "DOWN", "NOT_READY"],
  wait: ["submitted", "delivered", "returned", "suspended", "invited", "today", "forgotten", "open"],
}
/** How a state is to be seen. */
export const mood = (code) => Object.keys(states).find((m) => states[m].includes(code)) ?? ""

/** A state, a stage: its word as a little sign. */
export const Sign = ({ list, code }) => <span class={`sign ${mood(code)}`}>{word(list, code)}</span>

/** The list of words that a field's values are of. */
const wordsOf = (field, row) => (field.words_by ? String(row[field.words_by] ?? "").split("/")[0] : field.words)

/** What deal/7 is called by people. */
export const refName = (ref) => {
  const [, kind, id] = /^([a-z_]+)\/(\d+)$/.exec(ref ?? "") ?? []
  return kind && hasWord("object", kind) ? `${noun(kind)} #${id}` : undefined
}

/** One value. */
export function One({ field, row, value, messages, isPlain }) {
  if (field.type === "Timestamp") return <Time at={value} exact={field.exact} />
  if (field.type === "Money") return money(value)
  if (field.type === "bool") return value ? _("yes") : _("no")
  if (field.name === "attainment") return percent(value)
  if (field.name === "phone" && !isPlain) return <a class="together" href={`tel:${value.replace(/[^+\d]/g, "")}`}>{value}</a>
  if (field.format === "EMAIL" && field.name === "email" && !field.refers && !isPlain && value !== me?.email) return <a href={`mailto:${value}`}>{value}</a>
  if (value !== null && typeof value === "object") {
    const m = messages?.[field.type]
    return Object.entries(value).map(([name, v]) => {
      const f = m?.fields.find((one) => one.name === name) ?? { name }
      return <span key={name}><One field={f} row={value} value={v} messages={messages} /> </span>
    })
  }
  if (field.refers === "member" || field.format === "EMAIL") return <Person email={value} company={row?.[`${field.name}_company`]} />
  const list = wordsOf(field, row ?? {})
  if (list && !field.refers && hasWord(list, value)) return <Sign list={list} code={value} />
  const shown = field.refers || list ? <Named field={field} list={list} value={value} /> : String(value)
  const link = !isPlain && ((field.refers && linkTo(field.refers, value)) || linkToRef(value))
  // What is one value stays in one line.
  if (!link && typeof shown === "string" && /^[-\d.:WQ]+$/.test(shown)) return <span class="together">{shown}</span>
  const text = (typeof shown === "string" && refName(shown)) || shown
  return link ? <a href={link}>{text}</a> : text
}

/** A field of a row; nothing where it is not set. */
export function Cell({ field, row, messages, isPlain }) {
  const value = row[field.name]
  if (value === undefined || value === null || value === "") return null
  if (!Array.isArray(value)) return <One field={field} row={row} value={value} messages={messages} isPlain={isPlain} />
  return value.map((v, i) => (
    <span key={i}>
      {i > 0 && ", "}
      <One field={field} row={row} value={v} messages={messages} isPlain={isPlain} />
    </span>
  ))
}

/** What stands to the right. */
export const isNumber = (field) => field.name !== "id" && (field.type === "Money" || field.type === "int" || /^(target|actual|attainment|value|amount|rate|share)$/.test(field.name)) && !field.refers
