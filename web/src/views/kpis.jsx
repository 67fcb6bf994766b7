// KPIs: what was to be reached and what was, as pictures with a table beside each.
import { Bars, Lines } from "../chart.jsx"
import { number } from "../cell.jsx"
import { useAsked, useList } from "../hooks.js"
import { labelOf } from "../labels.js"
import { useTold } from "../hooks.js"
import { More, Table } from "../table.jsx"
import { Trouble, Waiting } from "./any.jsx"
import { address, doing, go } from "../route.js"
import { method } from "../schema.js"
import { may } from "../session.js"
import { _ } from "../text.js"
import { periods } from "../typed.js"

const numeric = (text) => (text === undefined ? undefined : Number(text))

/** A KPI's lines: the latest period as bars, what was before as lines. */
function Kpi({ lines, m }) {
  useTold("labels")
  const { name, code, unit, company } = lines[0]
  const all = [...new Set(lines.map((l) => l.period))].sort()
  const now = lines.filter((l) => l.period === all.at(-1))
  const whose = (l) => l.vendor ?? labelOf("member", l.member) ?? l.member?.replace(/@.*/, "")
  const sum = (period, field) => {
    const values = lines.filter((l) => l.period === period && l[field] !== undefined).map((l) => Number(l[field]))
    return values.length > 0 ? values.reduce((a, b) => a + b, 0) : undefined
  }
  const link = (l) => doing("kpi show", { code: l.code, period: l.period, ...(l.member ? { member: l.member } : { vendor: l.vendor }), company: l.company })
  const isUp = lines[0].direction !== "down"
  const done = (l) => (l.reached !== undefined ? l.reached : l.actual === undefined ? undefined : isUp ? Number(l.actual) >= Number(l.target) : Number(l.actual) <= Number(l.target))
  return (
    <section class="kpi" aria-labelledby={`kpi-${company}-${code}`}>
      <div class="heading">
        <h2 id={`kpi-${company}-${code}`}>{name ?? code} <small>{unit}</small></h2>
        {may("kpi.record") && <a class="button" href={doing("kpi record", { code, period: all.at(-1) })}>{_("Record")}</a>}
        {may("kpi.target") && <a class="button" href={doing("kpi target", { code, period: all.at(-1) })}>{_("Set a target")}</a>}
      </div>
      <div class="columns even">
        <figure><figcaption>{all.at(-1)}</figcaption>
          <Bars title={`${name ?? code} ${all.at(-1)}`} format={number} rows={now.map((l) => ({ label: whose(l), value: numeric(l.actual), target: numeric(l.target), isGood: done(l) }))} />
          {all.length > 1 && <Lines title={`${name ?? code}: ${_("Trend")}`} labels={all} format={(v) => number(Math.round(v * 100) / 100)} lines={[{ name: _("Target"), kind: "target", values: all.map((p) => sum(p, "target")) }, { name: _("Reached"), kind: "actual", values: all.map((p) => sum(p, "actual")) }]} />}
        </figure>
        <Table type="KpiLine" rows={lines} messages={m.messages} title={name ?? code} link={link} without={["company", "code", "unit", "direction"]} />
      </div>
    </section>
  )
}

export function Kpis({ query }) {
  const list = useList("KpiService/ListKpis", { page_size: 200, ...(query.period && { period: query.period }) }, "kpis")
  const { answer: m } = useAsked(() => method("KpiService/ListKpis"), [])
  const groups = Map.groupBy ? Map.groupBy(list.rows, (l) => `${l.company}/${l.code}`) : list.rows.reduce((all, l) => all.set(`${l.company}/${l.code}`, [...(all.get(`${l.company}/${l.code}`) ?? []), l]), new Map())
  const now = periods()
  const before = periods(1)
  return (
    <>
      <div class="heading">
        <h1>{_("KPIs")}</h1>
        {may("kpi.record") && <a class="button main" href={doing("kpi record")}>{_("Record")}</a>}
        {may("kpi.define") && <a class="button" href={doing("kpi define")}>{_("Define")}</a>}
      </div>
      <div class="filters">
        <div class="field"><label for="period">{_("Period")}</label>
          <select id="period" value={query.period ?? ""} onChange={(e) => go(address(["kpis"], { period: e.target.value }), true)}>
            <option value="">{_("all")}</option>
            {[...new Set([now.week, before.week, now.month, before.month, now.quarter, before.quarter, now.year, query.period].filter(Boolean))].map((p) => <option key={p}>{p}</option>)}
          </select></div>
      </div>
      {(!list.answer || !m) && (list.failure ? <Trouble failure={list.failure} again={list.again} /> : <Waiting />)}
      {list.answer && m && list.rows.length === 0 && <p class="empty">{_("There is nothing here yet.")}</p>}
      {m && [...groups].map(([key, lines]) => <Kpi key={key} lines={lines} m={m} />)}
      <More more={list.more} />
    </>
  )
}
