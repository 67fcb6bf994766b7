// A case: what it is about, what each side said, in order, with the evidence, and what it comes to.
import { Comments, Files } from "../attached.jsx"
import { Person, Sign, exactly, money, refName } from "../cell.jsx"
import { useAsked, useRead } from "../hooks.js"
import { Actions, Facts, Lists } from "../record.jsx"
import { linkToRef, method } from "../schema.js"
import { _, hasWord, word } from "../text.js"
import { Missing, Waiting } from "./any.jsx"
import { Turn } from "./thing.jsx"

/** Who said it: in a conflict nobody learns who the other vendor is. */
const By = ({ member, company }) =>
  member ? <Person email={member} company={hasWord("case party", company) ? word("case party", company) : company} />
    : company ? <span class="person">{hasWord("case party", company) ? word("case party", company) : company}</span> : null

function Statement({ s }) {
  return (
    <li class={s.decision ? "moved" : "did"}>
      <p class="by"><By member={s.member} company={s.member_company} /> <time dateTime={s.at}>{exactly(s.at)}</time>{s.decision && <Sign list="case_file" code={s.decision} />}</p>
      {s.text && <p class="said">{s.text}</p>}
    </li>
  )
}

function Evidence({ e }) {
  const link = linkToRef(e.on)
  return (
    <li>
      {link ? <a href={link}>{refName(e.on) ?? e.on}</a> : refName(e.on) ?? e.on} {e.version && <small>{_("Version %s", e.version)}</small>}
      <p class="by"><By member={e.member} company={e.member_company} /> <time dateTime={e.at}>{exactly(e.at)}</time></p>
      {e.sha256 && <p class="digest"><small>SHA-256 <code>{e.sha256}</code></small></p>}
    </li>
  )
}

export function Case({ parts: [id] }) {
  const { answer: c, failure, again } = useRead("CaseService/GetCase", { case_id: id })
  const { answer: m } = useAsked(() => method("CaseService/GetCase"), [])
  if (failure && !c) return <Missing failure={failure} again={again} kind="case" />
  if (!c || !m) return <Waiting />
  const seen = ["id", "title", "kind", "state", "text", "on", "on_title", "amount", "statements", "evidence", "resolution", "answer_by", "late"]
  const statements = c.statements ?? []
  return (
    <>
      <p class="way"><a href="#/of/case">{word("case kind", c.kind)}</a> #{id}</p>
      <h1>{c.title}</h1>
      <p class="under"><Sign list="case_file" code={c.state} />
        {c.on && <> · {linkToRef(c.on) ? <a href={linkToRef(c.on)}>{c.on_title ?? refName(c.on)}</a> : c.on_title ?? refName(c.on)}</>}
        {c.amount && <strong class="amount"> {money(c.amount)}</strong>}
        {c.answer_by && <> · <span class={c.late ? "wrong" : ""}>{_("to be answered by %s", exactly(c.answer_by))}</span></>}</p>
      <Actions kind="case" value={id} thing={c} without={["case answer", "case handle", "case decide"]} />
      <div class="columns">
        <div>
          {c.text && c.text !== c.title && <article class="paper said">{c.text}</article>}
          {c.resolution && <section class="card"><h2>{_("Decision, or what is proposed")}</h2><p class="said">{c.resolution}</p></section>}
          <section aria-labelledby="said">
            <h2 id="said">{_("What was said")}</h2>
            {statements.length === 0 && <p class="empty">{_("Nobody has answered yet.")}</p>}
            <ol class="story">{statements.map((s, i) => <Statement key={i} s={s} />)}</ol>
          </section>
          <Turn kind="case" value={id} thing={c} />
        </div>
        <div>
          <Facts message={m.messages[m.out]} value={c} messages={m.messages} without={seen} />
          <Lists message={m.messages[m.out]} value={c} messages={m.messages} without={["statements", "evidence"]} />
          {c.evidence?.length > 0 && <section><h2>{_("Evidence")}</h2><ul class="plain-list talk">{c.evidence.map((e, i) => <Evidence key={i} e={e} />)}</ul></section>}
          <Files on={`case/${id}`} />
          <Comments on={`case/${id}`} without={(one) => statements.some((s) => s.at === one.at && s.text === one.text)} />
        </div>
      </div>
    </>
  )
}
