// One thing of a kind: what is to be done with it now, what is said of it, its files and what people said.
import { useState } from "preact/hooks"
import { Comments, Files } from "../attached.jsx"
import { actionsOn, fits, labelOf } from "../commands.js"
import { Form } from "../form.jsx"
import { useAsked, useRead } from "../hooks.js"
import { Actions, Record } from "../record.jsx"
import { index, method } from "../schema.js"
import { _, noun, word } from "../text.js"
import { Missing, Waiting } from "./any.jsx"

/** What is mostly done with a thing, by kind: it is asked for where the thing is. */
const turns = {
  registration: ["registration approve", "registration reject"],
  task: ["task done", "task deliver", "task accept", "task reject"],
  payment: ["payment paid", "payment confirm", "payment reject"],
  case: ["case answer", "case handle", "case decide"],
}

/** What somebody may do with a thing as it is, as a form that is open where the thing is. */
export function Turn({ kind, value, thing }) {
  const all = actionsOn(kind).filter((c) => turns[kind]?.includes(c.words) && fits(c, thing))
    .sort((a, b) => turns[kind].indexOf(a.words) - turns[kind].indexOf(b.words))
  const [chosen, choose] = useState(0)
  const c = all[chosen] ?? all[0]
  const { answer: m } = useAsked(() => c && method(c.method), [c?.words])
  if (!c || m?.name !== c.method) return null
  const asked = m.messages[m.in].fields.filter((f) => f.name !== c.first)
  return (
    <section class="card decide" aria-label={_("Your turn")}>
      {all.length > 1 && <div class="tabs">{all.map((one, i) => <button type="button" key={one.words} aria-pressed={one === c} onClick={() => choose(i)}>{labelOf(one)}</button>)}</div>}
      <Form key={c.words} method={m} words={c.words} subject={value} given={{ [c.first]: value, ...(c.version && { version: thing.version }) }} hide={[c.first]} submit={labelOf(c)} danger={c.ends} compact={asked.length < 5} />
    </section>
  )
}

/** Of which kinds of things people talk, and on which they put files; those with a view of their own are not here. */
const talkedOf = ["task", "customer", "payment", "registration"]

/** One thing of a kind. */
export function Thing({ kind, value }) {
  const offer = index.kinds[kind]
  const { answer: m } = useAsked(() => method(offer.show), [kind])
  const { answer, failure, again } = useRead(offer.show, { [offer.by]: value })
  if (failure && !answer) return <Missing failure={failure} again={again} kind={kind} />
  if (!m || !answer) return <Waiting />
  const title = answer[offer.label] ?? answer.title ?? answer.name
  return (
    <>
      <p class="way"><a href={`#/of/${kind}`}>{noun(kind)}</a>{offer.number && ` #${value}`}</p>
      <h1>{title ?? word(kind, value)}</h1>
      <Actions kind={kind} value={value} thing={answer} without={turns[kind]} />
      <Turn kind={kind} value={value} thing={answer} />
      <Record type={m.out} value={answer} messages={m.messages} without={[...["title", "name"].filter((n) => answer[n] === title), ...(offer.number ? ["id"] : [])]} />
      {talkedOf.includes(kind) && <><Files on={`${kind}/${value}`} /><Comments on={`${kind}/${value}`} /></>}
    </>
  )
}
