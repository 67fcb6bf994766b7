// Pictures of figures, as SVG: each has its figures in words for who does not see it, and a table beside it.
import { _ } from "./text.js"

/** How wide a picture is, in its own units, so that its letters are as large as others. */
const room = () => Math.min(520, innerWidth - 40)

/**
 * Bars with a mark where each should reach.
 *
 * @param rows  [{label, value, target, isGood}]
 */
export function Bars({ title, rows, format = String }) {
  const most = Math.max(...rows.flatMap((r) => [r.value ?? 0, r.target ?? 0]), 1e-9)
  const [high, left, width] = [28, 120, room()]
  const x = (v) => ((v ?? 0) / most) * (width - left - 90)
  const said = rows.map((r) => _("%s: %s of %s", r.label, format(r.value ?? 0), r.target === undefined ? "–" : format(r.target))).join("; ")
  return (
    <svg class="chart bars" viewBox={`0 0 ${width} ${rows.length * high + 4}`} role="img" aria-label={`${title}. ${said}`}>
      {rows.map((r, i) => (
        <g key={i} transform={`translate(0 ${i * high + 2})`}>
          <text x={left - 8} y={17} text-anchor="end">{r.label.length > 16 ? `${r.label.slice(0, 15)}…` : r.label}</text>
          <rect class="ground" x={left} y={5} width={width - left - 90} height={16} rx={3} />
          <rect class={r.isGood === true ? "good" : r.isGood === false ? "short" : "bar"} x={left} y={5} width={Math.max(x(r.value), r.value ? 2 : 0)} height={16} rx={3} />
          {r.target !== undefined && <path class="target" d={`M${left + x(r.target)} 1v24`} />}
          <text x={width - 84} y={17}>{format(r.value ?? 0)}{r.target !== undefined && <tspan class="faint"> / {format(r.target)}</tspan>}</text>
        </g>
      ))}
    </svg>
  )
}

/**
 * Lines over periods.
 *
 * @param lines  [{name, kind, values}], as many values as there are @labels; undefined where there is none
 */
export function Lines({ title, labels, lines, format = String }) {
  const [width, height, left, below] = [room(), 180, 56, 24]
  const most = Math.max(...lines.flatMap((l) => l.values.map((v) => v ?? 0)), 1e-9)
  const x = (i) => left + (labels.length > 1 ? (i / (labels.length - 1)) * (width - left - 16) : (width - left) / 2)
  const y = (v) => height - below - (v / most) * (height - below - 14)
  const said = lines.map((l) => `${l.name}: ${l.values.map((v, i) => (v === undefined ? "" : `${labels[i]} ${format(v)}`)).filter(Boolean).join(", ")}`).join("; ")
  const path = (values) => values.map((v, i) => (v === undefined ? "" : `${i === 0 || values[i - 1] === undefined ? "M" : "L"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`)).join("")
  const step = Math.ceil(labels.length / 8)
  return (
    <svg class="chart lines" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}. ${said}`}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <path class="grid" d={`M${left} ${y(most * share)}H${width - 16}`} />
          <text x={left - 6} y={y(most * share) + 4} text-anchor="end">{format(most * share)}</text>
        </g>
      ))}
      {labels.map((l, i) => i % step === 0 && <text key={l} x={x(i)} y={height - 6} text-anchor="middle">{l}</text>)}
      {lines.map((l) => <path key={l.name} class={l.kind} d={path(l.values)} fill="none" />)}
      {lines.flatMap((l) => l.values.map((v, i) => v !== undefined && <circle key={`${l.name}${i}`} class={l.kind} cx={x(i)} cy={y(v)} r={3} />))}
    </svg>
  )
}
