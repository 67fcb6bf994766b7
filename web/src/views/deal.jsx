// A deal with its story: what was said and done, where it stood, what comes next.
import { Person, Sign, exactly, money } from "../cell.jsx"
import { AtOnce, Comments, Files, Tasks } from "../attached.jsx"
import { Form } from "../form.jsx"
import { useAsked, useList, useRead } from "../hooks.js"
import { useLabel } from "../labels.js"
import { Actions, Facts } from "../record.jsx"
import { More } from "../table.jsx"
import { Missing, Trouble, Waiting } from "./any.jsx"
import { doing } from "../route.js"
import { method } from "../schema.js"
import { may, me } from "../session.js"
import { _, hasWord, word } from "../text.js"

function Stage({ code }) {
  const label = useLabel("stage", code)
  return <strong>{label ?? (hasWord("stage", code) ? word("stage", code) : code)}</strong>
}

function Tag({ tag }) {
  const list = useLabel("choice_list", tag.list)
  return <span class="tag">{list ?? tag.list}: {tag.label ?? tag.code}</span>
}

/** A follow-up. */
const Did = ({ a }) => (
  <li class="did">
    <p class="by">
      <span class="tag">{word("activity", a.kind)}</span> <Person email={a.member} company={a.member_company} /> <time dateTime={a.happened_at ?? a.at}>{exactly(a.happened_at ?? a.at)}</time>
      {a.outcome && <Sign list="outcome" code={a.outcome} />}
      {a.internal && <span class="tag">{_("internal")}</span>}
      {a.late && <span class="tag">{_("logged late")}</span>}
    </p>
    {a.done && <p class="said"><s>{a.done}</s></p>}
    <p class="said">{a.text}</p>
    {a.next && <p class="next">{_("Next")}: {a.next} {a.due && <time dateTime={a.due}>{a.due}</time>}{a.next_done_at && <span class="tag">{_("done")}</span>}</p>}
  </li>
)

/** A move, or what was changed. */
const Moved = ({ s }) => (
  <li class="moved">
    <p class="by">
      {s.owner && !s.reason && !s.change && s.left_at === undefined && s.owner_until !== undefined ? _("Owner") : "→"} <Stage code={s.stage} /> {s.undo && <span class="tag">{_("taken back")}</span>}
      {s.member && <Person email={s.member} company={s.member_company} />} <time dateTime={s.entered_at}>{exactly(s.entered_at)}</time>
      {s.owner && <span>{_("Owner")}: <Person email={s.owner} company={s.owner_company} /></span>}
    </p>
    {(s.lost_label || s.lost_to) && <p class="said">{[s.lost_label, s.lost_to].filter(Boolean).join(" · ")}</p>}
    {s.reason && <p class="said">{s.reason}</p>}
    {s.change && <p class="said">{s.change}</p>}
  </li>
)

function Story({ deal }) {
  const did = useList("DealService/ListActivities", { deal_id: deal.id, page_size: 50 }, "activities")
  const moved = useRead("DealService/ListDealHistory", { deal_id: deal.id })
  const { answer: m } = useAsked(() => method("DealService/ListDealHistory"), [])
  const rows = m && moved.answer ? moved.answer[m.messages[m.out].fields.find((f) => f.type === "DealStage").name] ?? [] : []
  const all = [...did.rows.map((a) => [a.happened_at ?? a.at, <Did key={`a${a.id}`} a={a} />]),
    ...rows.map((s, i) => [s.entered_at, <Moved key={`s${i}`} s={s} />])].sort((a, b) => (a[0] < b[0] ? 1 : -1))
  return (
    <section aria-labelledby="story">
      <h2 id="story">{_("Story")}</h2>
      <Trouble failure={did.failure ?? moved.failure} again={did.again} />
      {!did.answer && !did.failure && <Waiting />}
      <ol class="story">{all.map(([, one]) => one)}</ol>
      <More more={did.more} />
    </section>
  )
}

function Log({ deal }) {
  const { answer: m } = useAsked(() => method("DealService/LogActivity"), [])
  if (!m || !may("deal.log")) return null
  return (
    <section class="card log" aria-labelledby="log">
      {/* On a phone the story is what one came for. */}
      <details open={innerWidth > 760 || undefined}>
        <summary><h2 id="log">{_("Log a follow-up")}</h2></summary>
        <Form method={m} words="deal log" subject={deal.id} given={{ deal_id: deal.id }} hide={["deal_id"]} submit={_("Log")} compact />
      </details>
    </section>
  )
}

function NextStep({ deal }) {
  if (!deal.next) return null
  return (
    <section class="card next-step">
      <h2>{_("Next step")}</h2>
      <p>{deal.next} {deal.next_due && <time class="due" dateTime={deal.next_due}>{deal.next_due}</time>}</p>
      {may("deal.log") && <div class="actions"><AtOnce words="deal next-done" subject={deal.id} request={{ deal_id: deal.id }} title={deal.next}>{_("Done")}</AtOnce><a class="chip" href={doing("deal next-done", { deal_id: deal.id })}>{_("Done, and then…")}</a></div>}
    </section>
  )
}

/** Where the deal stands among the stages. */
function Steps({ deal }) {
  const { answer } = useRead(may("stage.read") ? "StageService/ListStages" : null, { page_size: 100, ...(deal.company !== me.company && { company: deal.company }) })
  const all = (answer?.stages ?? []).filter((s) => !s.retired && s.outcome !== "lost")
  const at = all.findIndex((s) => s.name === deal.stage)
  return (
    <ol class="steps" aria-label={_("Stages")}>
      {all.map((s, i) => <li key={s.name} class={i < at ? "past" : i === at ? "here" : ""} aria-current={i === at ? "step" : undefined}>
        {i !== at && may("deal.move") ? <a href={doing("deal move", { deal_id: deal.id, stage: s.name, version: deal.version })}><Stage code={s.name} /></a> : <Stage code={s.name} />}</li>)}
      {at < 0 && <li class="here" aria-current="step"><Stage code={deal.stage} /></li>}
    </ol>
  )
}

export function Deal({ parts: [id] }) {
  const { answer: deal, failure, again } = useRead("DealService/GetDeal", { deal_id: id })
  const { answer: m } = useAsked(() => method("DealService/GetDeal"), [])
  if (failure && !deal) return <Missing failure={failure} again={again} kind="deal" />
  if (!deal || !m) return <Waiting />
  const seen = ["id", "title", "next", "next_due", "links", "version", "stage", "customer", "amount", "tags", "contact_id"]
  return (
    <>
      <p class="way"><a href="#/pipeline">{_("Pipeline")}</a> #{id}</p>
      <h1>{deal.title}</h1>
      <p class="under">{may("customer.read") ? <a href={doing("customer list", { search: deal.customer })}>{deal.customer}</a> : deal.customer}{deal.amount && <strong class="amount"> {money(deal.amount)}</strong>}</p>
      <Steps deal={deal} />
      <Actions kind="deal" value={id} thing={deal} first={["deal move", "deal update", "deal assign", "deal tag", "deal undo"]} />
      <div class="columns deal">
        <div>
          <NextStep deal={deal} />
          <Log deal={deal} />
          <Story deal={deal} />
        </div>
        <div>
          <section><h2>{_("Facts")}</h2>
            {deal.tags?.length > 0 && <p class="tags">{deal.tags.map((t) => <Tag key={`${t.list}${t.code}`} tag={t} />)}</p>}
            <Facts message={m.messages.Deal} value={deal.company === me.company ? deal : { ...deal, owner_company: deal.company }} messages={m.messages} without={seen} /></section>
          <section><div class="heading"><h2>{_("Tasks")}</h2>{may("task.create") && <a class="button" href={doing("task create", { on: `deal/${id}` })}>{_("New task")}</a>}</div>
            <Tasks rows={deal.tasks ?? []} />
            {deal.more_tasks && <p><a href={doing("task list", { on: `deal/${id}` })}>{_("All")}</a></p>}</section>
          {deal.team?.length > 0 && <section><h2>{_("Team")}</h2><ul class="plain-list">{deal.team.map((p) => <li key={p.member}><Person email={p.member} company={p.member_company} /> <small>{word("function", p.function)}</small></li>)}</ul></section>}
          <Files on={`deal/${id}`} />
          <Comments on={`deal/${id}`} />
        </div>
      </div>
    </>
  )
}
