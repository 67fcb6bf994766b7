// Rows: a table where there is room, else one below the other, each with its titles.
import { useState } from "preact/hooks"
import { Cell, isNumber } from "./cell.jsx"
import { kindOfType, linkTo, index } from "./schema.js"
import { me } from "./session.js"
import { _ } from "./text.js"

const isSet = (v) => v !== undefined && v !== null && v !== "" && !(Array.isArray(v) && v.length === 0)

/** The fields that lists show, in their order, but those that no row has, and the company where it is ours in each. */
export function columnsOf(message, rows) {
  const says = (f, r) => isSet(r[f.name]) && r[f.name] !== false && !(f.name === "company" && r.company === me?.company)
  const shown = message.fields.filter((f) => f.order && rows.some((r) => says(f, r)))
  return shown.sort((a, b) => a.order - b.order)
}

/** The field by which a row is called: it leads to what shows it. */
function nameField(columns, kind) {
  const offer = index.kinds[kind]
  return columns.find((f) => f.name === offer?.label) ?? columns.find((f) => f.name === offer?.value) ?? columns.find((f) => ["title", "name"].includes(f.name)) ?? columns[0]
}

/**
 * Rows of a message type.
 *
 * @param title  what the table is of, for who does not see it
 * @param act      (row) → what stands at the end of each row
 * @param without  fields that are known where the table stands
 */
export function Table({ type, rows, messages, title, act, link, without = [] }) {
  const message = messages[type]
  const columns = columnsOf(message, rows).filter((f) => !without.includes(f.name))
  const kind = kindOfType(type)
  const by = nameField(columns, kind)
  const to = link ?? ((row) => kind && linkTo(kind, row[index.kinds[kind].value]))
  if (rows.length === 0) return <p class="empty">{_("There is nothing here yet.")}</p>
  return (
    <div class="rows" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption class="hidden">{title}</caption>
        <thead>
          <tr>
            {columns.map((f) => <th key={f.name} scope="col" class={isNumber(f) ? "number" : ""}>{f.title}</th>)}
            {act && <th scope="col"><span class="hidden">{_("Actions")}</span></th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={row.id ?? i}>
              {columns.map((f) => {
                const href = f === by && to(row)
                const cell = <Cell field={f} row={row} messages={messages} isPlain={!!href} />
                return (
                  <td key={f.name} data-title={f.title} class={`${isNumber(f) ? "number" : ""} ${f === by ? "name" : f.name === "id" ? "id" : ""} ${isSet(row[f.name]) ? "" : "unset"}`}>
                    {href ? <a href={href}>{cell}</a> : cell}
                  </td>
                )
              })}
              {act && <td class="acts">{act(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The button for the next page. */
export function More({ more }) {
  const [isBusy, setBusy] = useState(false)
  if (!more) return null
  const ask = async () => {
    setBusy(true)
    await more().catch(() => {})
    setBusy(false)
  }
  return <p><button type="button" class="plain" disabled={isBusy} onClick={ask}>{_("Show more")}</button></p>
}
