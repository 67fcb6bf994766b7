// What people type for a value, in the form that the server takes: as on the command line, as far as a form does not choose.
/* global WHEN */

/** Full width as half. */
const half = (text) => text.replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/　/g, " ")

const factors = { 万: 1e4, 亿: 1e8, 千: 1e3, k: 1e3, m: 1e6, mijë: 1e3, mije: 1e3, milion: 1e6, mln: 1e6 }

/** 350万, 3,500,000, 3.500.000,50 as a decimal number; the text itself where it is none. */
export function decimal(text) {
  const typed = half(text).trim().toLowerCase()
  const [, digits, unit] = /^([\d.,\s']+?)\s*(万|亿|千|k|m|mijë|mije|milion|mln)?$/.exec(typed) ?? []
  if (!digits) return text
  let plain = digits.replace(/[\s']/g, "")
  const last = Math.max(plain.lastIndexOf("."), plain.lastIndexOf(","))
  const mark = plain[last]
  if (last >= 0) {
    const isGroup = plain.split(mark).length > 2 || (plain.length - last === 4 && mark === "," && !plain.includes("."))
    plain = isGroup ? plain.replace(/[.,]/g, "") : `${plain.slice(0, last).replace(/[.,]/g, "")}.${plain.slice(last + 1)}`
  }
  if (!/^\d+(\.\d+)?$/.test(plain)) return text
  return unit ? String(Math.round(Number(plain) * factors[unit] * 100) / 100) : plain
}

const two = (n) => String(n).padStart(2, "0")
const day = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`

/** Letters alone, as words for days are compared. */
const plain = (text) => half(text).trim().normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
const inDays = (n, now = new Date()) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + n)
/** [unit, n] that a word means. */
const meant = (text) => WHEN.find(([words]) => words.includes(plain(text).replaceAll("-", " ")))?.slice(1) ?? []

/** Days in numbers: which of them is which; without a year it is the nearest. */
const dayForms = [
  [/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$/, "ymd"],
  [/^(\d{1,2})\.(\d{1,2})\.(\d{4})$/, "dmy"],
  [/^(\d{1,2})\.(\d{1,2})\.$/, "dm"],
  [/^(\d{1,2})[-/月](\d{1,2})[日号]?$/, "md"],
]

/** Whether a text is a day as the server takes it. */
export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text)

/** 明天, friday, nesër, 12/5, 5.12. as a day; the text itself where it is none. */
export function date(text) {
  const now = new Date()
  const [unit, n] = meant(text)
  if (unit === "day") return day(inDays(n))
  if (unit === "weekday") return day(inDays((n - now.getDay() + 7) % 7))
  if (unit === "next_weekday") return day(inDays(7 - ((now.getDay() + 6) % 7) + n - 1))
  for (const [form, order] of dayForms) {
    const found = form.exec(plain(text))
    if (!found) continue
    const of = (part) => Number(found[order.indexOf(part) + 1])
    const at = (year) => new Date(year, of("m") - 1, of("d"))
    const year = now.getFullYear()
    const near = order.includes("y") ? at(of("y")) : [year, year - 1, year + 1].map(at).sort((a, b) => Math.abs(a - now) - Math.abs(b - now))[0]
    return near.getMonth() === of("m") - 1 && near.getDate() === of("d") ? day(near) : text
  }
  return text
}

/** 本月, last week and the like as a period; the text itself where it is none. */
export function period(text) {
  const [unit, n] = meant(text)
  return unit === undefined ? text : periods(-n)[unit] ?? date(text)
}

/** The week of a day, by ISO 8601. */
function week(d) {
  const thursday = new Date(d.getFullYear(), d.getMonth(), d.getDate() + 4 - (d.getDay() || 7))
  const first = new Date(thursday.getFullYear(), 0, 1)
  return `${thursday.getFullYear()}-W${two(Math.ceil(((thursday - first) / 86400000 + 1) / 7))}`
}

/** The periods around now: today, this week, this month, this quarter, this year; @steps before. */
export function periods(steps = 0) {
  const now = new Date()
  const then = (days, months) => new Date(now.getFullYear(), now.getMonth() - months * steps, months ? 1 : now.getDate() - days * steps)
  const quarter = then(0, 3)
  return {
    day: day(then(1, 0)),
    week: week(then(7, 0)),
    month: day(then(0, 1)).slice(0, 7),
    quarter: `${quarter.getFullYear()}-Q${Math.floor(quarter.getMonth() / 3) + 1}`,
    year: String(now.getFullYear() - steps),
  }
}

/** A moment of a form's field with the browser's offset from UTC. */
export function moment(local) {
  if (!local) return local
  const minutes = -new Date(local).getTimezoneOffset()
  const at = Math.abs(minutes)
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.floor(at / 60))}:${two(at % 60)}`
}

/** Rows of CSV by the names of its first line, or of JSON: [{line, values}], where line is that of the text. */
export function lines(text) {
  if (/^\s*\[/.test(text)) return JSON.parse(text).map((values, i) => ({ line: i + 1, values }))
  const separator = [",", ";", "\t"].map((s) => [text.split("\n")[0].split(s).length, s]).sort((a, b) => b[0] - a[0])[0][1]
  const records = [{ line: 1, cells: [""] }]
  let isQuoted = false
  let line = 1
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    const { cells } = records.at(-1)
    if (c === "\n") line++
    if (c === '"' && isQuoted && text[i + 1] === '"') cells[cells.length - 1] += text[++i]
    else if (c === '"') isQuoted = !isQuoted
    else if (isQuoted) cells[cells.length - 1] += c
    else if (c === separator) cells.push("")
    else if (c === "\n") records.push({ line, cells: [""] })
    else if (c !== "\r" && c !== "\ufeff") cells[cells.length - 1] += c
  }
  const [names, ...all] = records.filter((r) => r.cells.some((v) => v.trim() !== ""))
  return all.map((r) => ({ line: r.line, values: Object.fromEntries(names.cells.map((n, i) => [n.trim(), r.cells[i]?.trim() ?? ""]).filter(([, v]) => v !== "")) }))
}

/** The same without where they stand. */
export const rows = (text) => lines(text).map((r) => r.values)
