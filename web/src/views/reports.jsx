// Reports: written with a preview, read with their versions side by side, reviewed one after another.
import { useState } from "preact/hooks"
import { Comments, Files } from "../attached.jsx"
import { Person, Sign, Time, exactly } from "../cell.jsx"
import { sides } from "../diff.js"
import { Filters, fromQuery } from "../filters.jsx"
import { Form, requestOf } from "../form.jsx"
import { useAsked, useList, useRead } from "../hooks.js"
import { Markdown } from "../markdown.jsx"
import { More } from "../table.jsx"
import { Empty, Missing, Trouble, Waiting, useAddressee } from "./any.jsx"
import { address, doing, go } from "../route.js"
import { method } from "../schema.js"
import { may, me } from "../session.js"
import { _, word } from "../text.js"

function Row({ report, here }) {
  return (
    <li class="item">
      <span class="what"><a href={here ?? `#/report/${report.id}`}>{report.title}</a><small>{word("report kind", report.kind)} · {report.period} · → {report.to}</small></span>
      <Sign list="report" code={report.state} />
      <Person email={report.author} company={report.author_company} />
      <Time at={report.updated_at ?? report.created_at} />
    </li>
  )
}

export function Reports({ query }) {
  const { answer: m } = useAsked(() => method("ReportService/ListReports"), [])
  const list = useList(m && m.name, m && requestOf(m.messages[m.in], fromQuery(m.messages[m.in], query)), "reports")
  return (
    <>
      <div class="heading"><h1>{_("Reports")}</h1>{may("report.submit") && <a class="button main" href={doing("report submit")}>{_("Write a report")}</a>}</div>
      {m && <Filters m={m} list="report list" query={query} at={(q) => address(["reports"], q)} />}
      {!list.answer ? list.failure ? <Trouble failure={list.failure} again={list.again} /> : <Waiting /> : (
        <>
          {list.rows.length === 0 && <Empty isAsked={Object.keys(query).length > 0} words="report list" />}
          <ul class="items">{list.rows.map((r) => <Row key={r.id} report={r} />)}</ul>
          <More more={list.more} />
        </>
      )}
    </>
  )
}

/** The form of a report: its text with a preview beside. */
function Editor({ m, words, given, subject, about, submit }) {
  const [isPreview, setPreview] = useState(false)
  return (
    <Form method={m} words={words} subject={subject} given={given} submit={submit} onDone={(answer) => go(`#/report/${answer.id}`, true)}
      layout={({ show, fields, values }) => (
        <>
          <div class="fields">{fields.filter((f) => f.name !== "body" && !about.includes(f.name)).map(show)}</div>
          <div class="tabs"><button type="button" aria-pressed={!isPreview} onClick={() => setPreview(false)}>{_("Text")}</button><button type="button" aria-pressed={isPreview} onClick={() => setPreview(true)}>{_("Preview")}</button></div>
          <div class={`editor ${isPreview ? "previewed" : ""}`}>
            {show(fields.find((f) => f.name === "body"))}
            <section class="preview" aria-label={_("Preview")}><Markdown text={values.body ?? ""} /></section>
          </div>
        </>
      )} />
  )
}

export function Submit({ query }) {
  const { answer: m } = useAsked(() => method("ReportService/SubmitReport"), [])
  const addressee = useAddressee(m)
  if (!m || !addressee) return <Waiting />
  return (
    <>
      <p class="way"><a href="#/reports">{_("Reports")}</a></p>
      <h1>{_("Write a report")}</h1>
      <Editor m={m} words="report submit" given={{ ...addressee, ...query }} about={[]} submit={_("Submit")} />
    </>
  )
}

export function Resubmit({ query }) {
  const { answer: m } = useAsked(() => method("ReportService/ResubmitReport"), [])
  const { answer: report, failure } = useRead("ReportService/GetReport", { report_id: query.report_id })
  if (failure) return <Missing failure={failure} kind="report" />
  if (!m || !report) return <Waiting />
  const last = (report.comments ?? []).filter((c) => c.decision === "returned").at(-1)
  return (
    <>
      <p class="way"><a href={`#/report/${report.id}`}>{report.title}</a></p>
      <h1>{_("Write it again")}</h1>
      {last?.text && <blockquote class="note"><Person email={last.member} company={last.member_company} />: {last.text}</blockquote>}
      <Editor key={report.version} m={m} words="report resubmit" subject={report.id} given={{ report_id: report.id, body: report.body, title: report.title }} about={["report_id"]} submit={_("Submit again")} />
    </>
  )
}

/** Two versions beside each other. */
function Versions({ report }) {
  const versions = report.versions ?? []
  const [left, setLeft] = useState(String(versions.at(-2)?.version ?? ""))
  const [right, setRight] = useState(String(versions.at(-1)?.version ?? ""))
  /** Long reports have the texts of old versions apart. */
  const textOf = (n) => versions.find((v) => String(v.version) === n)?.body ?? (Number(n) === report.version ? report.body : undefined)
  const apart = useRead(textOf(left) === undefined ? "ReportService/GetReport" : null, { report_id: report.id, version: Number(left) })
  const apartRight = useRead(textOf(right) === undefined ? "ReportService/GetReport" : null, { report_id: report.id, version: Number(right) })
  const a = textOf(left) ?? apart.answer?.body
  const b = textOf(right) ?? apartRight.answer?.body
  const choose = (value, set, label) => (
    <select aria-label={label} value={value} onChange={(e) => set(e.target.value)}>{versions.map((v) => <option key={v.version} value={String(v.version)}>{_("Version %s", v.version)} · {word("report", v.state)}</option>)}</select>
  )
  const when = (n) => <small>{versions.filter((v) => String(v.version) === n).map((v) => exactly(v.submitted_at))}</small>
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{_("Versions")}</h2>
      <div class="rows" tabIndex={0} role="region" aria-label={`${_("Version %s", left)} – ${_("Version %s", right)}`}>
        <table class="diff">
          <thead><tr><th scope="col">{choose(left, setLeft, _("Earlier version"))}{when(left)}</th><th scope="col">{choose(right, setRight, _("Later version"))}{when(right)}</th></tr></thead>
          <tbody>
            {a !== undefined && b !== undefined && sides(a, b).map(([x, y, isOther], i) => (
              <tr key={i}><td>{isOther && x !== undefined ? <del>{x}</del> : x}</td><td>{isOther && y !== undefined ? <ins>{y}</ins> : y}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** Accepts or returns. */
function Decide({ report, onDone }) {
  const { answer: accept } = useAsked(() => method("ReportService/AcceptReport"), [])
  const { answer: back } = useAsked(() => method("ReportService/ReturnReport"), [])
  const [isReturning, setReturning] = useState(false)
  if (!accept || !back || report.state !== "submitted" || report.author === me.email || !may("report.review")) return null
  const given = { report_id: report.id, version: report.version }
  return (
    <section class="card decide" aria-labelledby="decide">
      <h2 id="decide">{_("Review")}</h2>
      <div class="tabs"><button type="button" aria-pressed={!isReturning} onClick={() => setReturning(false)}>{_("Accept")}</button><button type="button" aria-pressed={isReturning} onClick={() => setReturning(true)}>{_("Return")}</button></div>
      {isReturning
        ? <Form key="return" method={back} words="report return" subject={report.id} given={given} hide={["report_id"]} submit={_("Return it")} onDone={onDone} />
        : <Form key="accept" method={accept} words="report accept" subject={report.id} given={given} hide={["report_id"]} submit={_("Accept it")} onDone={onDone} />}
    </section>
  )
}

function Paper({ id, onDone, level: H = "h1" }) {
  const { answer: report, failure, again } = useRead("ReportService/GetReport", { report_id: id })
  if (failure && !report) return H === "h1" ? <Missing failure={failure} again={again} kind="report" /> : <Trouble failure={failure} again={again} />
  if (!report) return <Waiting />
  return (
    <article class="paper" key={`${report.id}/${report.version}`}>
      <H>{report.title}</H>
      <p class="under">{word("report kind", report.kind)} · {report.period} · <Person email={report.author} company={report.author_company} /> → {report.to} · <Sign list="report" code={report.state} /> · {_("Version %s", report.version)}
        {report.deal_id && <> · <a href={`#/deal/${report.deal_id}`}>{_("Deal")} #{report.deal_id}</a></>}</p>
      {report.state === "returned" && report.author === me.email && <div class="actions"><a class="button main" href={doing("report resubmit", { report_id: id })}>{_("Write it again")}</a></div>}
      <Markdown text={report.body} top={H === "h1" ? 2 : 3} />
      {(report.comments ?? []).length > 0 && (
        <section><h2>{_("Decisions")}</h2>
          <ul class="plain-list talk">{report.comments.map((c, i) => <li key={i}><p class="by"><Person email={c.member} company={c.member_company} /> <time dateTime={c.at}>{exactly(c.at)}</time> <Sign list="report" code={c.decision} /> {_("Version %s", c.version)}</p>{c.text && <p class="said">{c.text}</p>}</li>)}</ul>
        </section>
      )}
      <Decide report={report} onDone={onDone ?? again} />
      {(report.versions ?? []).length > 1 && <Versions report={report} />}
      <Files on={`report/${id}`} />
    </article>
  )
}

export const Report = ({ parts: [id] }) => (
  <>
    <p class="way"><a href="#/reports">{_("Reports")}</a> #{id}</p>
    <Paper id={id} />
    <Comments on={`report/${id}`} without={(one) => one.topic === "review"} />
  </>
)

/** What waits for a reviewer, one after another. */
export function Review({ parts: [chosen] }) {
  const list = useList("ReportService/ListReports", { state: "submitted", page_size: 100 }, "reports")
  if (!list.answer) return list.failure ? <Trouble failure={list.failure} again={list.again} /> : <Waiting />
  const queue = list.rows.filter((r) => r.author !== me.email)
  const at = chosen ?? queue[0]?.id
  const next = queue[queue.findIndex((r) => r.id === at) + 1] ?? queue.find((r) => r.id !== at)
  return (
    <>
      <h1>{_("Review")}</h1>
      {queue.length === 0 && !chosen && <p class="empty">{_("Nothing waits for your review.")}</p>}
      <div class="columns review">
        <nav aria-label={_("Waiting for review")}><ul class="items">{queue.map((r) => <li key={r.id} class="item"><a href={`#/review/${r.id}`} aria-current={r.id === at ? "true" : undefined}>{r.title}</a> <small><Person email={r.author} company={r.author_company} /> · {r.period}</small></li>)}</ul></nav>
        {at && <Paper key={at} id={at} level="h2" onDone={() => go(next ? `#/review/${next.id}` : "#/review")} />}
      </div>
    </>
  )
}
