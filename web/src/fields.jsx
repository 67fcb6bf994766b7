// A field of a request as a part of a form: what it takes shows in how it is asked for.
import { useId, useRef } from "preact/hooks"
import { Choose } from "./choose.jsx"
import { index } from "./schema.js"
import { _, word } from "./text.js"
import { date, isDay, periods } from "./typed.js"

/** A number's or a text's bounds. */
const boundsOf = (f) => ({ maxLength: f.type === undefined ? f.max_length ?? 200 : undefined, min: f.minimum, max: f.maximum })

const currencies = ["CNY", "EUR", "USD", "ALL", "HKD", "GBP", "JPY"]

function Money({ value = {}, onChange, rest }) {
  const set = (name) => (e) => {
    const next = { ...value, [name]: e.target.value }
    onChange(next.amount ? { ...next, currency: next.currency || currencies[0] } : undefined)
  }
  return (
    <span class="money">
      <input type="text" inputMode="decimal" value={value.amount ?? ""} onInput={set("amount")} {...rest} />
      <select aria-label={_("Currency")} value={value.currency ?? currencies[0]} onChange={set("currency")}>
        {[...new Set([...currencies, value.currency].filter(Boolean))].map((c) => <option key={c}>{c}</option>)}
      </select>
    </span>
  )
}

function Period({ value, onChange, rest }) {
  const now = periods()
  const names = { day: _("today"), week: _("this week"), month: _("this month"), quarter: _("this quarter") }
  return (
    <span class="period">
      <input type="text" value={value ?? ""} placeholder={now.month} onInput={(e) => onChange(e.target.value)} {...rest} />
      {Object.entries(names).map(([unit, name]) => <button type="button" class="chip" key={unit} onClick={() => onChange(now[unit])}>{name}</button>)}
    </span>
  )
}

/** A day, typed as people do - 明天, friday, 12/5 -, or out of the browser's calendar. */
function Day({ value, onChange, rest, title }) {
  const calendar = useRef()
  const understood = date(value ?? "")
  return (
    <span class="day">
      <input type="text" autocomplete="off" value={value ?? ""} placeholder={periods().day} onInput={(e) => onChange(e.target.value)} onBlur={() => understood !== value && value && onChange(understood)} {...rest} />
      <input type="date" class="hidden" tabIndex={-1} aria-hidden="true" ref={calendar} value={isDay(understood) ? understood : ""} onChange={(e) => onChange(e.target.value)} />
      <button type="button" class="chip" aria-label={_("%s: calendar", title)} onClick={() => calendar.current.showPicker()}>▾</button>
      {value && understood !== value && <small role="status">{understood}</small>}
    </span>
  )
}

/** A text, typed or out of a file. */
function Document({ value, onChange, rest, field }) {
  const take = async (e) => onChange(await e.target.files[0]?.text())
  return (
    <span class="document">
      <textarea rows={field.input === "TABLE" || !field.required ? 5 : 12} value={value ?? ""} onInput={(e) => onChange(e.target.value)} {...rest} />
      <label class="button file">{_("From a file…")}<input type="file" class="hidden" accept={field.input === "TABLE" ? ".csv,.json,text/*" : "text/*,.md"} onChange={take} /></label>
    </span>
  )
}

/** Several values, one below the other. */
function Several({ field, value = [], onChange, rest }) {
  const all = value.length > 0 ? value : [""]
  const set = (i) => (v) => onChange(all.map((old, k) => (k === i ? v : old)))
  return (
    <span class="several">
      {all.map((v, i) => (
        <span key={i} class="one">
          <Input field={{ ...field, repeated: false }} value={v} onChange={set(i)} rest={{ ...rest, id: i === 0 ? rest.id : `${rest.id}-${i}`, ...(i > 0 && { "aria-label": `${field.title} ${i + 1}` }) }} />
          {all.length > 1 && <button type="button" class="plain" aria-label={_("Remove %s", v || field.title)} onClick={() => onChange(all.filter((_v, k) => k !== i))}>×</button>}
        </span>
      ))}
      <button type="button" class="chip" onClick={() => onChange([...all, ""])}>{_("One more")}</button>
    </span>
  )
}

function Boxes({ field, value = [], onChange }) {
  return (
    <span class="boxes">
      {field.choices.map((c) => (
        <label key={c}>
          <input type="checkbox" checked={value.includes(c)} onChange={(e) => onChange(e.target.checked ? [...value, c] : value.filter((v) => v !== c))} />
          {word(field.words, c)}
        </label>
      ))}
    </span>
  )
}

/** Fields whose values are codes of a list of the company's. */
const listed = { lost_code: "lost_reason" }

/** What a value is given by. */
function Input({ field: f, value, onChange, rest, company }) {
  const text = (e) => onChange(e.target.value)
  const bounds = boundsOf(f)
  if (f.repeated && f.choices) return <Boxes field={f} value={value} onChange={onChange} />
  if (f.input === "DOCUMENT" || f.input === "TABLE") return <Document field={f} value={value} onChange={onChange} rest={rest} />
  if (f.repeated) return <Several field={f} value={value} onChange={onChange} rest={rest} />
  if (f.type === "Money") return <Money value={value} onChange={onChange} rest={rest} />
  if (f.choices) {
    return (
      <select value={value ?? ""} onChange={text} {...rest}>
        <option value="">{f.required ? _("choose…") : "–"}</option>
        {f.choices.map((c) => <option key={c} value={c}>{word(f.words, c)}</option>)}
      </select>
    )
  }
  if (f.type === "bool") {
    if (f.isEither)
      return (
        <select value={value === undefined ? "" : String(value)} onChange={(e) => onChange(e.target.value === "" ? undefined : e.target.value === "true")} {...rest}>
          <option value="">–</option><option value="true">{_("yes")}</option><option value="false">{_("no")}</option>
        </select>
      )
    return <input type="checkbox" checked={!!value} onChange={(e) => onChange(e.target.checked || undefined)} {...rest} />
  }
  if (listed[f.name] && index.kinds.tag) return <Choose kind="tag" of={listed[f.name]} value={value} onChange={onChange} {...rest} />
  if (f.refers && index.kinds[f.refers]) return <Choose kind={f.refers} list={f.words} company={company} value={value} onChange={onChange} {...rest} />
  if (f.input === "PASSWORD") return <input type="password" autocomplete={/^new|^password$/.test(f.name) && f.min_length > 1 ? "new-password" : "current-password"} value={value ?? ""} onInput={text} {...rest} />
  if (f.format === "DATE") return <Day value={value} onChange={onChange} rest={rest} title={f.title} />
  if (f.format === "TIME" || f.type === "Timestamp") return <input type="datetime-local" value={value ?? ""} onInput={text} {...rest} />
  if (f.format === "PERIOD") return <Period value={value} onChange={onChange} rest={rest} />
  if (f.format === "EMAIL") return <input type="email" autocomplete={f.autocomplete} value={value ?? ""} onInput={text} {...bounds} {...rest} />
  if (f.format === "DECIMAL" || f.format === "RATE") return <input type="text" inputMode="decimal" value={value ?? ""} onInput={text} {...rest} />
  if (f.type === "int") return <input type="number" value={value ?? ""} onInput={text} min={bounds.min} max={bounds.max} {...rest} />
  if ((f.max_length ?? 200) > 250 && !f.format) return <textarea rows={3} value={value ?? ""} onInput={text} {...bounds} {...rest} />
  return <input type="text" autocomplete={f.autocomplete} value={value ?? ""} onInput={text} {...bounds} {...rest} />
}

/**
 * What stands beside a field's box: its name, what it means, what is wrong with it.
 *
 * @param company  whose things are suggested, where it is not one's own
 */
export function Field({ field, value, onChange, wrong, company }) {
  const id = useId()
  const hint = field.doc && field.doc.replace(/[.。]$/, "") !== field.title ? field.doc : ""
  const rest = {
    id,
    required: !!field.required,
    "aria-describedby": [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ") || undefined,
    "aria-invalid": wrong ? "true" : undefined,
  }
  const isGroup = field.repeated && field.choices
  const isBox = field.type === "bool" && !field.isEither
  const name = <>{field.title}{field.required && <span class="needed" aria-hidden="true"> *</span>}</>
  const box = <Input field={field} value={value} onChange={onChange} rest={isGroup ? {} : rest} company={company} />
  const about = <>
    {hint && <small id={`${id}-hint`} class="hint">{hint}</small>}
    {wrong && <strong id={`${id}-wrong`} class="wrong">{wrong}</strong>}
  </>
  if (isGroup) return <fieldset class="field" data-field={field.name}><legend>{name}</legend>{box}{about}</fieldset>
  return (
    <div class={`field ${isBox ? "box" : ""} ${field.input === "DOCUMENT" || field.input === "TABLE" || ((field.max_length ?? 200) > 250 && !field.type && !field.format && !field.refers) ? "wide" : ""}`} data-field={field.name}>
      {isBox ? <label for={id}>{box} {name}</label> : <><label for={id}>{name}</label>{box}</>}
      {about}
    </div>
  )
}
