// A method's request as a form: made of its message, kept as a draft while it is written, sent once.
import { useEffect, useRef, useState } from "preact/hooks"
import { call, Failure } from "./call.js"
import { dropDraft, draftKey, getDraft, keepDraft, send } from "./drafts.js"
import { on, tell, tellAll } from "./events.js"
import { Field } from "./fields.jsx"
import { exactly } from "./cell.jsx"
import { command } from "./schema.js"
import { _ } from "./text.js"
import { date, decimal, moment, period, rows } from "./typed.js"

/** The fields that a form asks for: not the caller's own business, nor what says which page. */
export const askedFields = (message) => message.fields.filter((f) => f.input !== "KEPT" && !["page_size", "page_token", "version"].includes(f.name))

/** The values of a form as a request. */
export function requestOf(message, values) {
  const request = {}
  for (const f of message.fields) {
    let v = values[f.name]
    if (typeof v === "string" && f.input !== "DOCUMENT") v = v.trim()
    if (v === undefined || v === null || v === "") continue
    if (f.input === "TABLE" && typeof v === "string") v = rows(v)
    else if (Array.isArray(v)) v = v.map((one) => (typeof one === "string" ? one.trim() : one)).filter((one) => one !== "")
    else if (f.type === "Money") v = { amount: decimal(v.amount ?? ""), currency: v.currency }
    else if (f.format === "DECIMAL") v = decimal(v)
    else if (f.format === "DATE") v = date(v)
    else if (f.format === "PERIOD") v = period(v)
    else if (f.format === "TIME" || f.type === "Timestamp") v = /T\d\d:\d\d$/.test(v) ? moment(v) : v
    else if (f.type === "bool" && typeof v === "string") v = v === "true"
    if (Array.isArray(v) && v.length === 0) continue
    request[f.name] = v
  }
  return request
}

/** Of a change to something the fields that are other than before, and those that say what it is about. */
function onlyChanged(message, values, before) {
  const same = (f) => JSON.stringify(values[f.name] ?? "") === JSON.stringify(before[f.name] ?? "")
  return Object.fromEntries(message.fields.filter((f) => f.required || f.name === "version" || !same(f)).map((f) => [f.name, values[f.name]]))
}

/** The violation of a field, or of a part of it. */
const wrongWith = (fields, name) => fields[name] ?? Object.entries(fields).find(([path]) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`))?.[1]

/**
 * @param method   as schema.js gives it
 * @param words    the command
 * @param given    values that are there already, such as which deal; they are asked for all the same where @asks says so
 * @param before   the thing that is changed: its fields begin as they are
 * @param hide     names of fields that are not asked for
 * @param onDone   (answer) → what comes after
 * @param subject  what the draft is about, where there may be several of the command
 * @param company  whose thing it is about, where that is another one: its stages are suggested
 * @param perform  (request) → does it, in place of a call of the method; nothing of it is kept
 */
export function Form({ method, words, given = {}, before, hide = [], onDone, subject = "", submit, danger, children, compact, layout, perform, company }) {
  const message = method.messages[method.in]
  const start = () => ({ ...(before && Object.fromEntries(message.fields.filter((f) => before[f.name] !== undefined && !f.required).map((f) => [f.name, before[f.name]]))), ...given })
  const [values, setValues] = useState(start)
  const [failure, setFailure] = useState(null)
  const [state, setState] = useState("open") // open, sending, waiting
  const [restored, setRestored] = useState(null)
  const form = useRef()
  const timer = useRef(0)
  const key = draftKey(words, subject)
  const hasSecret = message.fields.some((f) => f.secret)
  const isChange = method.kind === "WRITE"
  const isKept = isChange && !hasSecret && !perform
  const fields = askedFields(message).filter((f) => !hide.includes(f.name)).map((f) => (f.type === "bool" && before && f.name in Object.fromEntries(method.messages[method.out].fields.map((o) => [o.name, 1])) ? { ...f, isEither: true } : f))
  // Of what is there already a draft has only what was written over it: all else is as it is when the draft is found again.
  const begun = useRef()
  begun.current ??= start()
  const written = (v) => Object.fromEntries(Object.entries(v).filter(([name, one]) => JSON.stringify(one) !== JSON.stringify(begun.current[name])))
  const draft = (v) => ({ key, method: method.name, words, request: v, values: before ? written(v) : v, hash: location.hash })

  useEffect(() => {
    if (!isKept) return
    let isOld = false
    getDraft(key).then((d) => {
      if (isOld || !d) return
      setValues({ ...start(), ...d.values, ...given })
      setRestored(d.at)
      if (d.state === "waiting") wait(d)
      if (d.refused) setFailure(new Failure("refused", d.refused))
    })
    return () => {
      isOld = true
      clearTimeout(timer.current)
    }
  }, [key])
  useEffect(() => on("waits", (k) => k === key && setState("waiting")), [key])

  const set = (name) => (v) => {
    const next = { ...values, [name]: v }
    setValues(next)
    clearTimeout(timer.current)
    if (isKept) timer.current = setTimeout(() => keepDraft(draft(next)), 250)
  }

  async function wait(sent) {
    setState("sending")
    setFailure(null)
    try {
      if (perform) return void (await perform(sent.request))
      const answer = await (isKept ? send(sent) : call(method.name, sent.request, { id: sent.id }))
      if (!isKept) tellAll("changed", method.name)
      setState("open")
      setRestored(null)
      setValues(start())
      if (isChange) tell("done", _("Done: %s", command(words)?.title ?? submit))
      onDone?.(answer, sent.request)
    } catch (e) {
      if (!(e instanceof Failure)) throw e
      setState("open")
      if (e.code === "canceled") return
      setFailure(e)
      setTimeout(() => form.current?.querySelector('[aria-invalid="true"], .alert')?.focus())
    }
  }
  function onSubmit(e) {
    e.preventDefault()
    clearTimeout(timer.current)
    let request
    try {
      request = requestOf(message, before ? onlyChanged(message, values, before) : values)
    } catch {
      setFailure(new Failure("invalid_argument", _("This is neither CSV nor JSON.")))
      return
    }
    const missing = fields.filter((f) => f.required && request[f.name] === undefined)
    if (missing.length > 0) {
      setFailure(new Failure("invalid_argument", _("Something is missing."), { fields: Object.fromEntries(missing.map((f) => [f.name, _("is needed")])) }))
      setTimeout(() => form.current?.querySelector('[aria-invalid="true"]')?.focus())
      return
    }
    wait({ ...draft(values), request })
  }
  const discard = async () => {
    clearTimeout(timer.current)
    await dropDraft(key)
    setRestored(null)
    setValues(start())
    setFailure(null)
  }

  const needed = fields.filter((f) => f.required || f.positional)
  const others = fields.filter((f) => !needed.includes(f))
  const seen = others.length > 6 && !before ? 3 : others.length
  const isFilled = (f) => values[f.name] !== undefined && values[f.name] !== ""
  const show = (f) => <Field key={f.name} field={f} value={values[f.name]} onChange={set(f.name)} wrong={failure && wrongWith(failure.fields, f.name)} company={company} />
  const late = others.slice(seen)
  const unplaced = failure && Object.keys(failure.fields).filter((p) => !fields.some((f) => p === f.name || p.startsWith(`${f.name}.`) || p.startsWith(`${f.name}[`)))
  return (
    <form ref={form} class={`form ${compact ? "compact" : ""}`} onSubmit={onSubmit} onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.currentTarget.requestSubmit()} noValidate>
      {restored && state === "open" && (
        <p class="note" role="status">{_("What you wrote on %s is here again.", exactly(restored))} <button type="button" class="plain" onClick={discard}>{_("Discard")}</button></p>
      )}
      {failure && (
        <div class="alert" role="alert" tabIndex={-1}>
          <p>{failure.message || _("The server cannot be reached.")}</p>
          {unplaced?.map((p) => <p key={p}>{p}: {failure.fields[p]}</p>)}
          {failure.version !== undefined && <p><button type="button" class="plain" onClick={() => location.reload()}>{_("Show what it is now")}</button></p>}
        </div>
      )}
      <fieldset class="all" disabled={state !== "open"}>
        <legend class="hidden">{submit}</legend>
        {layout ? layout({ show, fields, values }) : (
          <>
            <div class="fields">{needed.map(show)}{others.slice(0, seen).map(show)}</div>
            {late.length > 0 && (
              <details class="later" open={late.some((f) => isFilled(f) || (failure && wrongWith(failure.fields, f.name)))}>
                <summary>{_("More fields")}</summary>
                <div class="fields">{late.map(show)}</div>
              </details>
            )}
          </>
        )}
      </fieldset>
      <div class="ends">
        <button type="submit" class={danger ? "danger" : "main"} disabled={state !== "open"}>{submit ?? _("Send")}</button>
        {children}
        <span role="status" class="state">
          {state === "sending" && _("Sending…")}
          {state === "waiting" && _("No line: it is kept here and sent as soon as there is one.")}
        </span>
      </div>
    </form>
  )
}
