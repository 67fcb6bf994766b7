// Rows: a table where there is room, else one below the other, each with its titles.
import { useRef, useState } from "preact/hooks"
import { Cell, isNumber } from "./cell.jsx"
import { Many, subjectOf } from "./many.jsx"
import { linkTo, index } from "./schema.js"
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

/** What is pressed to choose rows: alone, with Shift all since the last one; by the arrows one goes from row to row. */
function Pick({ many, row, name, last }) {
  const ids = many.rows.map(many.idOf)
  const id = many.idOf(row)
  const set = (from, to, isOn) => {
    const [a, b] = [from, to].map((one) => Math.max(ids.indexOf(one), 0)).sort((x, y) => x - y)
    const next = new Set(many.chosen)
    for (const one of from ? ids.slice(a, b + 1) : [to]) isOn ? next.add(one) : next.delete(one)
    last.current = to
    many.setChosen(next)
  }
  const onKeyDown = (e) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    const to = ids[ids.indexOf(id) + step]
    if (!to) return
    e.preventDefault()
    e.currentTarget.closest("tbody").querySelector(`[data-pick="${CSS.escape(to)}"]`)?.focus()
    if (e.shiftKey) set(id, to, e.currentTarget.checked)
  }
  return <input type="checkbox" data-pick={id} aria-label={_("Choose %s", name)} checked={many.chosen.has(id)} onKeyDown={onKeyDown} onClick={(e) => set(e.shiftKey && last.current, id, e.currentTarget.checked)} />
}

/** Chooses all rows, or none. */
function PickAll({ many }) {
  const n = many.rows.filter((r) => many.chosen.has(many.idOf(r))).length
  return <input type="checkbox" aria-label={_("Choose all rows")} checked={n > 0 && n === many.rows.length} indeterminate={n > 0 && n < many.rows.length} onClick={(e) => many.setChosen(new Set(e.currentTarget.checked ? many.rows.map(many.idOf) : []))} />
}

/**
 * Rows of a message type.
 *
 * @param title  what the table is of, for who does not see it
 * @param act      (row) → what stands at the end of each row
 * @param without  fields that are known where the table stands
 * @param many     useMany()'s, where several rows may be chosen
 */
export function Table({ type, rows, messages, title, act, link, without = [], many, empty }) {
  const message = messages[type]
  const columns = columnsOf(message, rows).filter((f) => !without.includes(f.name))
  const { kind, value } = subjectOf(type, message) ?? {}
  const by = nameField(columns, kind)
  const to = link ?? ((row) => kind && linkTo(kind, row[value]))
  const last = useRef()
  if (rows.length === 0) return empty ?? <p class="empty">{_("There is nothing here yet.")}</p>
  const nameOf = (row) => String(row?.[by.name] ?? "")
  return (<>
    <Many many={many} nameOf={(id) => nameOf(rows.find((r) => many.idOf(r) === id)) || undefined} />
    <div class="rows" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption class="hidden">{title}</caption>
        <thead>
          <tr>
            {many && <th scope="col" class="pick"><PickAll many={many} /></th>}
            {columns.map((f) => <th key={f.name} scope="col" class={isNumber(f) ? "number" : ""}>{f.title}</th>)}
            {act && <th scope="col"><span class="hidden">{_("Actions")}</span></th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={row.id ?? i} class={many?.chosen.has(many.idOf(row)) ? "chosen" : ""}>
              {many && <td class="pick"><Pick many={many} row={row} name={nameOf(row)} last={last} /></td>}
              {columns.map((f) => {
                const href = f === by && to(row)
                const cell = <Cell field={f} row={row} messages={messages} isPlain={!!href} />
                return (
                  <td key={f.name} data-title={f.title} class={`${isNumber(f) ? "number" : ""} ${f === by ? "name" : f.name === "id" ? "id" : ""} ${isSet(row[f.name]) ? "" : "unset"} ${String(row[f.name] ?? "").length > 80 ? "long" : ""}`}>
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
  </>)
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
