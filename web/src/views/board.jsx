// The pipeline: a column for each stage. Deals are moved by dragging, by a menu on each card, or by keys.
import { useEffect, useRef, useState } from "preact/hooks"
import { read } from "../call.js"
import { money, Person } from "../cell.jsx"
import { Dialog } from "../dialog.jsx"
import { draftKey, send } from "../drafts.js"
import { Filters, fromQuery, toQuery } from "../filters.jsx"
import { Form, requestOf } from "../form.jsx"
import { on } from "../events.js"
import { useAsked, useList, useRead } from "../hooks.js"
import { More } from "../table.jsx"
import { Missing, Trouble, Waiting } from "./any.jsx"
import { address, doing, go } from "../route.js"
import { method } from "../schema.js"
import { may, me } from "../session.js"
import { _, codes, hasWord, word } from "../text.js"
import { periods } from "../typed.js"

const titleOf = (stage) => stage.own_title ?? (hasWord("stage", stage.name) ? word("stage", stage.name) : stage.title ?? stage.name)

const daysFrom = (from, to) => Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 86400000))

/** Since when open deals are in their stages, by number, as far as my side looks after them: {at: when it was asked for, rows}. */
async function askStays() {
  const at = new Date().toISOString()
  const { deals = [] } = await read("DealService/ListDue", { team: true, days: 366, page_size: 1000 })
  return { at, rows: new Map(deals.map((d) => [d.deal_id, d])) }
}

/** For how many days a deal is in its stage, and how many more that is than usual; nothing where it is not known. */
function Stay({ deal, stays }) {
  const today = periods().day
  const row = stays?.rows.get(deal.id)
  // What came, or moved, since it was asked for did so just now.
  const since = row ? (row.stage === deal.stage ? row.stage_since : today) : stays && deal.created_at > stays.at ? today : undefined
  if (!since) return null
  const days = daysFrom(since, today)
  const over = row?.stay_until && since === row.stage_since ? daysFrom(row.stay_until, today) : 0
  const text = over > 0 ? _("In this stage for %s days, %s more than usual", days, over) : _("In this stage for %s days", days)
  return <span class={`stay ${over > 0 ? "over" : ""}`} title={text}><span aria-hidden="true">{over > 0 && "⚠ "}{_("%s d", days)}</span><span class="hidden">{text}</span></span>
}

/** What comes next, where something is planned. */
const NextUp = ({ row }) => row?.next ? (
  <span class="next-up" title={row.next}><span class="hidden">{_("Next step")}: </span>→ {row.due && <time dateTime={row.due} class={row.due < periods().day ? "overdue" : ""}>{row.due.slice(5)}</time>} {row.next}</span>
) : null

/** What deals are worth together, by currency. */
function sums(deals) {
  const all = {}
  for (const d of deals) if (d.amount) all[d.amount.currency] = (all[d.amount.currency] ?? 0) + Number(d.amount.amount)
  return Object.entries(all).map(([currency, amount]) => money({ amount: amount.toFixed(2).replace(/\.00$/, ""), currency })).join(" + ")
}

/** A menu of stages on a card. */
function Mover({ deal, stages, move }) {
  const ref = useRef()
  return (
    <details class="menu mover" ref={ref}>
      <summary class="chip" >{_("Move")}<span class="hidden"> {deal.title}</span></summary>
      <ul>
        {stages.filter((s) => s.name !== deal.stage).map((s) => (
          <li key={s.name}><button type="button" onClick={() => { ref.current.open = false; move(deal, s) }}>{titleOf(s)}</button></li>
        ))}
      </ul>
    </details>
  )
}

function Card({ deal, stages, move, isWaiting, canMove, isOpen, stays }) {
  const onKeyDown = (e) => {
    // Alt and an arrow: to the stage beside.
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key]
    if (!step || !e.altKey || !canMove) return
    const to = stages[stages.findIndex((s) => s.name === deal.stage) + step]
    e.preventDefault()
    if (to) move(deal, to)
  }
  return (
    <li class={`deal-card ${isWaiting ? "waits" : ""}`} draggable={canMove} onKeyDown={onKeyDown} data-deal={deal.id}
      onDragStart={(e) => { e.dataTransfer.setData("text/plain", `deal/${deal.id}`); e.dataTransfer.effectAllowed = "move" }}>
      <a href={`#/deal/${deal.id}`} title={deal.title} draggable={false} aria-keyshortcuts={canMove ? "Alt+ArrowRight Alt+ArrowLeft" : undefined}>{deal.title}</a>
      <span class="customer">{deal.customer}</span>
      {deal.amount && <span class="amount">{money(deal.amount)}</span>}
      <span class="foot">
        <Person email={deal.owner} company={deal.company !== me.company && deal.company} />
        {deal.vendor && <span class="tag">{deal.vendor}</span>}
        {isOpen && <Stay deal={deal} stays={stays} />}
        {deal.close_on && <time dateTime={deal.close_on} class={isOpen && deal.close_on < periods().day ? "overdue" : ""}>{deal.close_on}</time>}
        {isWaiting && <span class="tag">{_("waits for the line")}</span>}
      </span>
      {isOpen && <NextUp row={stays?.rows.get(deal.id)} />}
      {canMove && <Mover deal={deal} stages={stages} move={move} />}
    </li>
  )
}

/** How many of a stage are asked for at once: so many that its heading says of most companies' open deals all of them. */
const sizes = { open: 200, closed: 10 }

/**
 * A stage with its deals. Those that are being moved, or were just now, are seen where they go until its list has them.
 *
 * @param known  by number, the newest version of each deal that any list or answer had: what is older is not shown
 */
function Column({ stage, stages, asked, company, move, placed, settled, canMove, known, stays }) {
  const isOpen = !stage.outcome || stage.outcome === "open"
  const list = useList("DealService/ListDeals", { stage: stage.name, page_size: isOpen ? sizes.open : sizes.closed, ...asked }, "deals")
  const [isOver, setOver] = useState(false)
  for (const d of list.rows) if (!(known[d.id]?.version > d.version)) known[d.id] = d
  useEffect(() => settled(stage.name), [list.answer])
  const own = list.rows.filter((d) => d.company === company && !placed[d.id] && d.version === known[d.id].version)
  const deals = [...Object.values(placed).map((p) => p.deal).filter((d) => d.stage === stage.name), ...own]
  const drop = (e) => {
    e.preventDefault()
    setOver(false)
    const id = /^deal\/(\d+)$/.exec(e.dataTransfer.getData("text/plain"))?.[1]
    if (id) move({ id }, stage)
  }
  return (
    <section class={`stage ${isOver ? "over" : ""} ${stage.outcome ?? ""}`} aria-label={titleOf(stage)} data-stage={stage.name}
      onDragOver={(e) => { e.preventDefault(); setOver(true) }} onDragLeave={(e) => !e.currentTarget.contains(e.relatedTarget) && setOver(false)} onDrop={drop}>
      <h2>{titleOf(stage)} <span class="count">{deals.length}{list.more ? "+" : ""}</span></h2>
      <p class="sum">{deals.length > 0 && sums(deals)}{list.more && deals.length > 0 ? "+" : ""}</p>
      {list.failure && <Trouble failure={list.failure} again={list.again} />}
      {!list.answer && !list.failure && <Waiting />}
      <ul>{deals.map((d) => <Card key={d.id} deal={d} stages={stages} move={move} isOpen={isOpen} stays={stays} isWaiting={placed[d.id]?.waits} canMove={canMove && !placed[d.id]?.waits} />)}</ul>
      <More more={list.more} />
    </section>
  )
}

export function Board({ query }) {
  // Whose deals I see: my company's, and those that principals share with it.
  const { answer: stays, failure: unknown, isDone, again } = useAsked(askStays, [])
  const seen = [...(stays?.rows.values() ?? [])].map((d) => d.company)
  const companies = [...new Set([...seen, me.company])]
  const at = query.company ?? (seen.includes(me.company) ? me.company : companies[0])
  // The own ones are asked for beside that: on a long line each question after another is seen.
  const isOwn = at === me.company
  const own = useRead(may("stage.read") && isOwn ? "StageService/ListStages" : null, { page_size: 100 })
  const theirs = useRead(may("stage.read") && isDone && !isOwn ? "StageService/ListStages" : null, { page_size: 100, company: at })
  const stages = isOwn ? own : theirs
  const { answer: listMethod } = useAsked(() => method("DealService/ListDeals"), [])
  const { answer: moveMethod } = useAsked(() => method("DealService/MoveDeal"), [])
  const [placed, setPlaced] = useState({}) // by number, what is being moved or was: {deal, isMoving, waits}
  const [asks, setAsks] = useState(null) // a move that needs more said
  const [failure, setFailure] = useState(null)
  const known = useRef({})
  const moves = useRef({}) // by number: the last of its moves; true once all are done
  useEffect(() => on("waits", (key) => setPlaced((m) => Object.fromEntries(Object.entries(m).map(([id, one]) => [id, key === draftKey("deal move", id) ? { ...one, waits: true } : one])))), [])

  if (!isDone || !listMethod) return <Waiting />
  if (unknown) return <Missing failure={unknown} again={again} />
  if (may("stage.read") && !stages.answer) return stages.failure ? <Missing failure={stages.failure} again={stages.again} /> : <Waiting />
  // Who may not read the stages has those that pipelines begin with.
  const all = stages.answer?.stages ?? codes("stage").map((name) => ({ name, outcome: ["won", "lost"].includes(name) ? name : "open" }))
  const place = (id, one) => setPlaced(({ [id]: _before, ...rest }) => (one ? { ...rest, [id]: one } : rest))
  const settled = (name) => setPlaced((all) => {
    const left = Object.entries(all).filter(([, p]) => p.isMoving || p.deal.stage !== name)
    return left.length < Object.keys(all).length ? Object.fromEntries(left) : all
  })
  // One move of a deal after another, each of the version that the one before made; after one that is refused there is none.
  const sendMove = async (id, to, before) => {
    if (before && !(await before)) return false
    const deal = known.current[id]
    try {
      const answer = await send({ key: draftKey("deal move", id), method: "DealService/MoveDeal", words: "deal move", hash: doing("deal move", { deal_id: id, stage: to.name }), values: { deal_id: id, stage: to.name },
        request: { deal_id: id, stage: to.name, ...(deal?.version && { version: deal.version }) } })
      known.current[id] = { ...deal, ...answer }
      return true
    } catch (e) {
      if (Object.keys(e.fields ?? {}).length > 0 || e.code === "failed_precondition") setAsks({ deal, to, failure: e })
      else setFailure(e)
      return false
    }
  }
  // The card is somewhere else now, and what was on it still in use.
  const follow = (id) => requestAnimationFrame(() => document.querySelector(`[data-deal="${id}"] a`)?.focus({ preventScroll: true }))
  const move = async (given, to) => {
    const { id } = given
    const deal = { ...given, ...known.current[id], ...placed[id]?.deal }
    if (deal.stage === to.name || placed[id]?.waits) return
    setFailure(null)
    // Winning and losing end it: that is asked, and why.
    if (to.outcome && to.outcome !== "open") {
      if ((await moves.current[id]) !== false) setAsks({ deal: { ...deal, ...known.current[id] }, to })
      return
    }
    place(id, { deal: { ...deal, stage: to.name }, isMoving: true })
    follow(id)
    const mine = sendMove(id, to, moves.current[id])
    moves.current[id] = mine
    const isDone = await mine
    if (moves.current[id] !== mine) return
    delete moves.current[id]
    place(id, isDone && { deal: known.current[id] })
    follow(id)
  }
  const { stage: _stage, outcome: _outcome, ...asked } = requestOf(listMethod.messages[listMethod.in], fromQuery(listMethod.messages[listMethod.in], query))
  return (
    <>
      <div class="heading">
        <h1>{_("Pipeline")}</h1>
        <a class="button" href={doing("deal list", toQuery(asked))}>{_("As a list")}</a>
        {may("deal.create") && <a class="button main" href={doing("deal create")}>{_("New deal")}</a>}
      </div>
      <Filters m={listMethod} list="pipeline" query={query} at={(q) => address(["pipeline"], { ...q, company: query.company })} without={["stage", "outcome"]}>
        {companies.length > 1 && <div class="field"><label for="company">{_("Pipeline of")}</label>
          <select id="company" value={at} onChange={(e) => go(address(["pipeline"], { ...query, company: e.target.value }), true)}>{companies.map((c) => <option key={c} value={c}>{c === me.company ? me.company_name : c}</option>)}</select></div>}
      </Filters>
      <Trouble failure={failure} />
      <div class="board" tabIndex={0} role="region" aria-label={_("Pipeline")}>
        {all.filter((s) => !s.retired).map((s) => (
          <Column key={`${at}/${s.name}`} stage={s} stages={all} asked={asked} company={at} move={move} placed={placed} settled={settled} canMove={may("deal.move")} known={known.current} stays={stays} />
        ))}
      </div>
      {asks && moveMethod && (
        <Dialog title={_("%s → %s", asks.deal.title ?? `#${asks.deal.id}`, titleOf(asks.to))} onClose={() => setAsks(null)}>
          {asks.failure && <Trouble failure={asks.failure} />}
          <Form method={moveMethod} words="deal move" subject={asks.deal.id} given={{ deal_id: asks.deal.id, stage: asks.to.name, version: asks.deal.version }}
            hide={["deal_id", "stage"]} submit={_("Move")} onDone={() => setAsks(null)} />
        </Dialog>
      )}
    </>
  )
}
