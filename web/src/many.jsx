// One thing done with many rows of a list: what there is to be done is the schema's, as for one of them. Each call is a change
// of its own under its own request_id, kept until the server has it; what was refused is said by row.
import { useEffect, useRef, useState } from "preact/hooks"
import { actionsOn, fits, labelOf } from "./commands.js"
import { Dialog } from "./dialog.jsx"
import { draftKey, dropDraft, send } from "./drafts.js"
import { on, tell, tellAll } from "./events.js"
import { toQuery } from "./filters.jsx"
import { Form } from "./form.jsx"
import { useAsked } from "./hooks.js"
import { doing, go } from "./route.js"
import { index, kindOfType, method } from "./schema.js"
import { _, noun } from "./text.js"

/** What rows of a message are about, {kind, value: the field that says which}; undefined where they are nothing's. */
export function subjectOf(type, message) {
  const kind = kindOfType(type)
  if (kind) return { kind, value: index.kinds[kind].value }
  const f = message.fields.find((one) => one.refers && one.name === `${one.refers}_id` && index.kinds[one.refers]?.show)
  return f && !message.fields.some((one) => one.name === "id") ? { kind: f.refers, value: f.name } : undefined
}

/** What is mostly done with many, by the last words of commands. */
const early = ["move", "assign", "tag", "update", "done"]
const rank = (c) => (early.indexOf(c.words.split(" ").at(-1)) + 1 || early.length + 1)

/** What can be done with things of a kind. */
const doneWith = (kind) => actionsOn(kind).filter((c) => c.write).sort((a, b) => rank(a) - rank(b))

/** Which rows are chosen, for Table and Many; undefined where nothing can be done with them. */
export function useMany(type, message, rows) {
  const [chosen, setChosen] = useState(() => new Set())
  const subject = subjectOf(type, message)
  const idOf = (row) => String(row[subject.value])
  if (!subject || doneWith(subject.kind).length === 0 || new Set(rows.map(idOf)).size < rows.length) return undefined
  return { kind: subject.kind, idOf, chosen, setChosen, rows }
}

/** The calls, with what became of each. */
function Doing({ c, many, picked, nameOf, onClose }) {
  const { answer: m, failure } = useAsked(() => method(c.method), [c.words])
  const [results, setResults] = useState(null) // by id: true, or a failure; undefined as long as nothing is known
  const [waits, setWaits] = useState(false)
  const request = useRef()
  const result = useRef()
  const keyOf = (id) => draftKey(c.words, `many/${id}`)
  useEffect(() => on("waits", () => setWaits(true)), [])
  const isDone = results && picked.every((id) => results[id] !== undefined)
  useEffect(() => { if (isDone) result.current?.focus() }, [isDone])

  const sendOne = (id) => {
    const row = many.rows.find((r) => many.idOf(r) === id)
    const asked = { ...request.current, [c.first]: id, ...(c.version && row?.version && { version: row.version }) }
    return send({ key: keyOf(id), method: c.method, words: c.words, hash: doing(c.words, toQuery(asked)), values: asked, request: asked, isOneOfMany: true })
  }
  const became = (id) => (what) => {
    setWaits(false)
    setResults((all) => ({ ...all, [id]: what }))
  }
  const sendAll = async (ids) => {
    setResults((all) => ({ ...all, ...Object.fromEntries(ids.map((id) => [id, undefined])) }))
    await Promise.all(ids.map((id) => sendOne(id).then(() => became(id)(true), became(id))))
    tellAll("changed", c.method)
  }
  // What is wrong with what was typed the first of them shows: it is said beside the field, and nothing else is asked.
  const perform = async (asked) => {
    request.current = asked
    const [first, ...others] = picked
    let end
    const isHeld = new Promise((resolve) => (end = on("waits", (key) => key === keyOf(first) && resolve("waits"))))
    const tried = sendOne(first).then(() => true, (e) => e)
    const what = await Promise.race([tried, isHeld])
    end()
    if (what.code === "invalid_argument") {
      await dropDraft(keyOf(first))
      throw what
    }
    setWaits(what === "waits")
    setResults({})
    tried.then(became(first))
    sendAll(others)
  }
  const failed = results ? picked.filter((id) => results[id] !== undefined && results[id] !== true) : []
  const done = results ? picked.filter((id) => results[id] === true) : []
  const close = () => {
    // They were seen here: they are nothing to be sent any more.
    for (const id of failed) dropDraft(keyOf(id))
    if (isDone) {
      many.setChosen(new Set(failed))
      tell("done", _("Done with %s of %s.", done.length, picked.length))
    }
    onClose()
  }
  return (
    <Dialog title={_("%s: %s rows", labelOf(c), picked.length)} onClose={close}>
      {failure && <div class="alert" role="alert"><p>{failure.message || _("The server cannot be reached.")}</p></div>}
      {m && !results && <Form method={m} words={c.words} hide={[c.first]} submit={_("%s: %s rows", labelOf(c), picked.length)} danger={c.ends} perform={perform} compact />}
      {results && (
        <>
          <progress max={picked.length} value={done.length + failed.length} aria-label={_("Progress")} />
          <p role="status" tabIndex={-1} ref={result}>
            {isDone ? _("Done with %s of %s.", done.length, picked.length) : waits ? _("No line: it is kept here and sent as soon as there is one.") : _("%s of %s…", done.length + failed.length, picked.length)}
          </p>
          {failed.length > 0 && (
            <>
              <p>{_("Refused:")}</p>
              <ul class="refused">{failed.map((id) => <li key={id}><strong>{nameOf(id)}</strong>: {[results[id].message, ...Object.values(results[id].fields ?? {})].filter((t, i, all) => t && all.indexOf(t) === i).join(" · ")}</li>)}</ul>
            </>
          )}
          <div class="ends">
            {isDone && failed.length > 0 && <button type="button" class="main" onClick={() => sendAll(failed)}>{_("Try these again")}</button>}
            <button type="button" class="button" onClick={(e) => e.target.closest("dialog").close()}>{isDone ? _("Close") : _("Go on in the background")}</button>
          </div>
        </>
      )}
    </Dialog>
  )
}

/** What is done with the rows that are chosen. */
export function Many({ many, nameOf }) {
  const [making, setMaking] = useState(null) // {c, picked}
  if (!many) return null
  const picked = many.rows.map(many.idOf).filter((id) => many.chosen.has(id))
  const rows = many.rows.filter((r) => many.chosen.has(many.idOf(r)))
  // What is shown once, such as a code, is for one alone; that has a form to itself.
  const all = doneWith(many.kind).filter((c) => (!c.once || rows.length === 1) && rows.some((r) => fits(c, r)))
  const seen = all.filter((c) => !c.ends).slice(0, 4)
  const rest = all.filter((c) => !seen.includes(c))
  const nameOfCommand = (c) => (c.words.split(" ")[0] === many.kind ? labelOf(c) : c.title)
  const begin = (c) => () => (c.once ? go(doing(c.words, { [c.first]: picked[0] })) : setMaking({ c, picked }))
  return (
    <>
      {picked.length > 0 && (
        <div class="many card" role="group" aria-label={_("With those that are chosen")}>
          <strong role="status">{_("%s chosen", picked.length)}</strong>
          {seen.map((c) => <button type="button" key={c.words} title={c.title} onClick={begin(c)}>{nameOfCommand(c)}</button>)}
          {rest.length > 0 && <details class="menu"><summary class="button">{_("More")}</summary><ul>{rest.map((c) => <li key={c.words}><button type="button" title={c.title} onClick={begin(c)}>{nameOfCommand(c)}</button></li>)}</ul></details>}
          {picked.length < many.rows.length && <button type="button" class="plain" onClick={() => many.setChosen(new Set(many.rows.map(many.idOf)))}>{_("Choose all rows")}</button>}
          <button type="button" class="plain" onClick={() => many.setChosen(new Set())}>{_("Choose none")}</button>
        </div>
      )}
      {making && <Doing c={making.c} picked={making.picked} many={many} nameOf={(id) => nameOf(id) ?? `${noun(many.kind)} ${id}`} onClose={() => setMaking(null)} />}
    </>
  )
}
