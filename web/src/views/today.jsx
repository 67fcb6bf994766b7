// What waits for me, by when it is due; and what I was told, live.
import { useState } from "preact/hooks"
import { Person, Sign, Time, refName } from "../cell.jsx"
import { TaskDone } from "../attached.jsx"
import { labelOf } from "../commands.js"
import { draftKey, send } from "../drafts.js"
import { useList } from "../hooks.js"
import { useLabel } from "../labels.js"
import { More } from "../table.jsx"
import { Trouble, Waiting } from "./any.jsx"
import { doing } from "../route.js"
import { command, linkToRef } from "../schema.js"
import { may, me } from "../session.js"
import { _, hasWord, word } from "../text.js"

/** The order in which what waits is seen. */
const whens = ["overdue", "today", "forgotten", "soon", "waiting", "later"]

function Item({ item }) {
  const link = linkToRef(item.on) ?? (item.why === "invitation" ? doing("partner show", { company: item.title }) : undefined)
  const [kind, id] = (item.on ?? "").split("/")
  return (
    <li class="item">
      <span class="what">
        {link ? <a href={link}>{item.title}</a> : item.title}
        {item.about && <small>{item.about}</small>}
      </span>
      <Sign list="todo" code={item.why} />
      {item.due && <time class="due" dateTime={item.due}>{item.due}</time>}
      {item.owner && item.owner !== me.email && <Person email={item.owner} company={item.owner_company} />}
      <span class="acts">
        {item.why === "task" && may("task.update") && <TaskDone id={id} title={item.title} />}
        {item.why === "follow_up" && kind === "deal" && <a class="chip" href={doing("deal next-done", { deal_id: id })}>{_("Done")}</a>}
        {item.why === "review" && <a class="chip" href={`#/review/${id}`}>{_("Review")}</a>}
        {item.why === "returned" && <a class="chip" href={doing("report resubmit", { report_id: id })}>{_("Write again")}</a>}
      </span>
    </li>
  )
}

function Todo() {
  const [isTeam, setTeam] = useState(false)
  const list = useList("TaskService/ListTodo", isTeam ? { team: true, page_size: 100 } : { page_size: 100 }, "items")
  if (!list.answer) return list.failure ? <Trouble failure={list.failure} again={list.again} /> : <Waiting />
  const groups = [...whens, ...new Set(list.rows.map((i) => i.when).filter((w) => !whens.includes(w)))]
    .map((w) => [w, list.rows.filter((i) => i.when === w)]).filter(([, items]) => items.length > 0)
  return (
    <section aria-labelledby="todo">
      <div class="heading">
        <h2 id="todo">{_("To do")}</h2>
        <label class="switch"><input type="checkbox" checked={isTeam} onChange={(e) => setTeam(e.target.checked)} /> {_("with those of my team")}</label>
      </div>
      {groups.length === 0 && <p class="empty">{_("Nothing waits for you.")} {may("deal.read") && <a href="#/pipeline">{_("Pipeline")}</a>}</p>}
      {groups.map(([when, items]) => (
        <section key={when} class={`group ${when}`}>
          <h3>{word("when", when)} <span class="count">{items.length}</span></h3>
          <ul class="items">{items.map((i, n) => <Item key={`${i.on}${n}`} item={i} />)}</ul>
        </section>
      ))}
      <More more={list.more} />
    </section>
  )
}

function StageName({ code }) {
  const label = useLabel("stage", code)
  return label ?? (hasWord("stage", code) ? word("stage", code) : code)
}

function Told({ item }) {
  const link = linkToRef(item.on) ?? (item.on?.startsWith("kpi_line/") && may("kpi.read") ? "#/kpis" : undefined)
  const read = () => !item.read_at && send({ key: draftKey("inbox read", item.id), method: "InboxService/MarkRead", words: "inbox read", request: { item_id: item.id }, hash: "#/inbox" }).catch(() => {})
  return (
    <li class={`item ${item.read_at ? "" : "unread"}`}>
      <span class="what">
        {!item.read_at && <span class="hidden">{_("unread")} </span>}
        {link ? <a href={link} onClick={read}>{item.title ?? refName(item.on)}</a> : item.title?.includes("@") ? <Person email={item.title} /> : item.title ?? refName(item.on)}
        <small>{item.kind && word("event", item.kind)}{item.to && <> · {item.from && <><StageName code={item.from} /> → </>}<StageName code={item.to} /></>}</small>
      </span>
      {item.member && <Person email={item.member} company={item.member_company} />}
      <Time at={item.at} />
    </li>
  )
}

/** What I was told, the newest first. */
function News({ n }) {
  const list = useList("InboxService/ListInbox", { page_size: n }, "items")
  if (!list.answer) return list.failure ? <Trouble failure={list.failure} again={list.again} /> : <Waiting />
  const readAll = () => send({ key: draftKey("inbox read", "all"), method: "InboxService/MarkRead", words: "inbox read", request: { all: true }, hash: "#/inbox" }).catch(() => {})
  return (
    <>
      {list.rows.some((i) => !i.read_at) && <p><button type="button" class="chip" onClick={readAll}>{_("Mark all as read")}</button></p>}
      {list.rows.length === 0 && <p class="empty">{_("Nobody told you anything yet.")}</p>}
      <ul class="items" aria-live="polite">{list.rows.map((i) => <Told key={i.id} item={i} />)}</ul>
      <More more={list.more} />
    </>
  )
}

export function Inbox() {
  return (
    <>
      <h1>{_("Inbox")}</h1>
      <div class="actions">{command("inbox following") && <a class="button" href={doing("inbox following")}>{_("What I follow")}</a>}</div>
      <News n={50} />
    </>
  )
}

export function Today() {
  return (
    <>
      <h1>{_("Good day, %s", me.name)}</h1>
      <div class="actions">
        {may("deal.create") && <a class="button main" href={doing("deal create")}>{_("New deal")}</a>}
        {command("deal due") && me.permissions.some((p) => /^deal\.read:(.*\+)?(team|company|partners)/.test(p)) && <a class="button" href={doing("deal due", { team: true })}>{labelOf(command("deal due"))}</a>}
        {may("task.create") && <a class="button" href={doing("task create")}>{_("New task")}</a>}
        {may("report.submit") && <a class="button" href={doing("report submit")}>{_("Write a report")}</a>}
      </div>
      <div class="columns">
        <Todo />
        <section aria-labelledby="news"><div class="heading"><h2 id="news">{_("What happened")}</h2><a href="#/inbox">{_("All")}</a></div><News n={12} /></section>
      </div>
    </>
  )
}
