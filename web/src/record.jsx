// One thing: what is said of it, and the lists that it has.
import { Cell, exactly } from "./cell.jsx"
import { Markdown } from "./markdown.jsx"
import { Table } from "./table.jsx"
import { actionsOn, actionsOnAny, fits, labelOf } from "./commands.js"
import { index } from "./schema.js"
import { doing } from "./route.js"
import { me } from "./session.js"
import { _ } from "./text.js"

const isSet = (v) => v !== undefined && v !== null && v !== "" && !(Array.isArray(v) && v.length === 0)

/** Whether a text wants room. */
const isLong = (f, v) => f.type === undefined && !f.repeated && typeof v === "string" && (v.length > 160 || v.includes("\n") || f.name === "body")

/** The fields of a message that stand in a line each. */
export function Facts({ message, value, messages, without = [] }) {
  const companions = new Set(message.fields.map((f) => `${f.name}_company`))
  const shown = message.fields.filter(
    (f) => isSet(value[f.name]) && !without.includes(f.name) && !companions.has(f.name) && !f.name.startsWith("more_") &&
      !isLong(f, value[f.name]) && f.name !== "version" && !(f.name === "company" && value.company === me?.company) && !(f.repeated && messages[f.type]) && !(f.type === "bool" && !value[f.name]),
  )
  return (
    <dl class="facts">
      {shown.map((f) => (
        <div key={f.name}>
          <dt>{f.title}</dt>
          <dd>{f.format === "JOIN_CODE" || f.secret ? <code class="once">{value[f.name]}</code> :
            f.type === "Timestamp" ? <time dateTime={value[f.name]}>{exactly(value[f.name])}</time> :
            <Cell field={f} row={value} messages={messages} />}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The texts of a message that want room. */
export function Texts({ message, value, without = [] }) {
  return message.fields.filter((f) => !without.includes(f.name) && isLong(f, value[f.name])).map((f) => (
    <section key={f.name} class="text">
      <h2>{f.title}</h2>
      <Markdown text={value[f.name]} top={3} />
    </section>
  ))
}

/** The lists of a message. */
export function Lists({ message, value, messages, without = [] }) {
  return message.fields.filter((f) => f.repeated && messages[f.type] && !without.includes(f.name) && value[f.name]?.length > 0).map((f) => (
    <section key={f.name}>
      <h2>{f.title}</h2>
      <Table type={f.type} rows={value[f.name]} messages={messages} title={f.title} />
    </section>
  ))
}

export function Record({ type, value, messages, without }) {
  const message = messages[type]
  return (
    <>
      <Facts message={message} value={value} messages={messages} without={without} />
      <Texts message={message} value={value} without={without} />
      <Lists message={message} value={value} messages={messages} without={without} />
    </>
  )
}

/** The address of a command about a thing. */
export function actionOn(command, value, version) {
  return doing(command.words, { [command.first]: value, version: command.version && command.write ? version : undefined })
}

/** Buttons for what can be done with a thing as it is: @first ones are seen, the others wait behind one; @without are elsewhere. */
export function Actions({ kind, value, thing, first = [], without = [] }) {
  const version = thing?.version
  const all = actionsOn(kind).filter((c) => fits(c, thing) && !without.includes(c.words))
  const seen = first.map((words) => all.find((c) => c.words === words)).filter(Boolean)
  const chosen = seen.length > 0 ? seen : all.filter((c) => c.write && !c.ends).slice(0, 3)
  const rest = all.filter((c) => !chosen.includes(c))
  const any = actionsOnAny()
  // Short where it is clear of what: “Add” says nothing of a contact on a customer's page.
  const nameOf = (c) => (c.words.split(" ")[0] === kind ? labelOf(c) : c.title)
  return (
    <div class="actions">
      {chosen.map((c, i) => <a key={c.words} class={`button ${i === 0 && without.length === 0 ? "main" : ""}`} href={actionOn(c, value, version)} title={c.title}>{nameOf(c)}</a>)}
      {(rest.length > 0 || any.length > 0) && (
        <details class="menu">
          <summary class="button">{_("More")}</summary>
          <ul>
            {rest.map((c) => <li key={c.words}><a href={actionOn(c, value, version)} title={c.title}>{nameOf(c)}</a></li>)}
            {!index.kinds[kind]?.number ? null : any.map((c) => <li key={c.words}><a href={doing(c.words, { [c.first]: `${kind}/${value}` })}>{c.title}</a></li>)}
          </ul>
        </details>
      )}
    </div>
  )
}

