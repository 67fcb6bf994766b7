// Makes of the descriptor set what the page knows of the methods: which there are, what their messages look like, what all
// of it means in a language. So a method is on the page the day it is in the schema.
import { readFileSync } from "node:fs"
import { unpack } from "../src/protobuf.js"

/** Of descriptor.proto, what is needed. */
const descriptor = {
  Set: { 1: ["file", "File", true] },
  File: {
    1: ["name", "string"], 2: ["package", "string"], 4: ["message", "Message", true], 5: ["enum", "Enum", true],
    6: ["service", "Service", true], 9: ["source", "Source"],
  },
  Message: { 1: ["name", "string"], 2: ["field", "Field", true], 7: ["options", "MessageOptions"] },
  Field: {
    1: ["name", "string"], 3: ["number", "int"], 4: ["label", "int"], 5: ["type", "int"], 6: ["typeName", "string"],
    7: ["default", "string"], 8: ["options", "FieldOptions"],
  },
  Enum: { 1: ["name", "string"], 2: ["value", "EnumValue", true] },
  EnumValue: { 1: ["name", "string"], 2: ["number", "int"] },
  Service: { 1: ["name", "string"], 2: ["method", "Method", true] },
  Method: {
    1: ["name", "string"], 2: ["input", "string"], 3: ["output", "string"], 4: ["options", "MethodOptions"],
    6: ["streams", "bool"],
  },
  Source: { 1: ["location", "Location", true] },
  Location: { 1: ["path", "int", true], 3: ["comment", "string"] },
  MessageOptions: { 50100: ["own", "bytes"] },
  FieldOptions: { 50100: ["own", "bytes"] },
  MethodOptions: { 50100: ["own", "bytes"] },
}
const [REPEATED, STRING, MESSAGE, BYTES, BOOL, ENUM] = [3, 9, 11, 12, 8, 14]

/** How our options are packed, by their own declaration. */
function optionTypes(file) {
  const types = {}
  const enums = Object.fromEntries(file.enum.map((e) => [e.name, Object.fromEntries(e.value.map((v) => [v.number ?? 0, v.name]))]))
  for (const m of file.message) {
    types[m.name] = {}
    for (const f of m.field) {
      const named = f.typeName?.split(".").at(-1)
      const type = f.type === STRING ? "string" : f.type === BOOL ? "bool" : f.type === ENUM ? enums[named] : f.type === MESSAGE ? named : "int"
      types[m.name][f.number] = [f.name, type, f.label === REPEATED]
    }
  }
  return types
}

/** A comment as one line. */
const joined = (comment) => (comment ?? "").trim().replace(/\s+/g, " ")

/** The schema: services with their methods, messages by name; texts are English. */
export function readSchema(path) {
  const files = unpack(readFileSync(path), descriptor, "Set").file
  const options = optionTypes(files.find((f) => f.name.endsWith("/options.proto")))
  const own = (bearer, type) => (bearer.options?.own ? unpack(bearer.options.own, options, type) : {})
  const services = []
  const messages = {}
  for (const file of files.filter((f) => f.package === "jiayi.v1")) {
    const comments = new Map((file.source?.location ?? []).map((l) => [(l.path ?? []).join("."), joined(l.comment)]))
    ;(file.message ?? []).forEach((m, i) => {
      messages[m.name] = {
        doc: comments.get(`4.${i}`),
        option: own(m, "MessageOption"),
        fields: (m.field ?? []).map((f, k) => ({
          name: f.name,
          doc: comments.get(`4.${i}.2.${k}`) ?? "",
          repeated: f.label === REPEATED,
          type: f.type === MESSAGE ? f.typeName.split(".").at(-1) : f.type === STRING ? "string" : f.type === BYTES ? "bytes" : f.type === BOOL ? "bool" : "int",
          option: own(f, "FieldOption"),
        })),
      }
    })
    ;(file.service ?? []).forEach((s, i) => {
      services.push({
        name: s.name,
        methods: s.method.map((m, k) => ({
          name: m.name,
          in: m.input.split(".").at(-1),
          out: m.output.split(".").at(-1),
          streams: m.streams,
          doc: comments.get(`6.${i}.2.${k}`) ?? "",
          option: own(m, "MethodOption"),
        })),
      })
    })
  }
  return { services, messages }
}

/** The words of the client's dictionary, as [list, code]. */
export function readWords(path) {
  return [...readFileSync(path, "utf8").matchAll(/^ *WORD\("([^"]+)", "([^"]+)"\),$/gm)].map((m) => [m[1], m[2]])
}

/** What columns of tables are called elsewhere, as the client knows it: by row and field, or by field alone. */
export function readHeadings(path) {
  const found = new Map()
  for (const [, row, field, words] of readFileSync(path, "utf8").matchAll(/\{(NULL|"\w+"), "(\w+)",\s*((?:"[^"]*"\s*)+)\}/g))
    found.set(`${row === "NULL" ? "" : row.slice(1, -1)}.${field}`, [...words.matchAll(/"([^"]*)"/g)].map((m) => m[1]).join("").split("|"))
  return found
}

/** The words for days and periods that people type, as the client knows them: [[words, unit, how many from now]]. */
export const readWhen = (path) =>
  [...readFileSync(path, "utf8").matchAll(/^ *\{"([^"]+)", (DAY|WEEK|MONTH|QUARTER|YEAR|WEEKDAY|NEXT_WEEKDAY), (-?\d+)\},$/gm)].map(([, words, unit, n]) => [words.split("|"), unit.toLowerCase(), Number(n)])

/** All message types that @name is made of. */
function reached(messages, name, into = new Set()) {
  if (!messages[name] || into.has(name)) return into
  into.add(name)
  for (const f of messages[name].fields) reached(messages, f.type, into)
  return into
}

/**
 * What a field is called: by its option `column`, or its name in words, where that is translated; else by what it names, else
 * by the beginning of what it means. Beside a field that has the shorter name, as object has beside object_id, it keeps the longer one.
 */
function titleOf(field, tr, others = []) {
  const title = wordsFor(field, tr, others)
  return title.charAt(0).toUpperCase() + title.slice(1)
}

function wordsFor(field, tr, others) {
  const words = (field.option.column || field.name).replaceAll("_", " ")
  const short = others.some((f) => `${f.name}_id` === field.name) ? words : words.replace(/ ids?$/, "")
  if (field.option.search) return tr("Search")
  if (tr.isEnglish) return field.option.refers && words !== short ? short : words
  // What names a thing is called by it: people see its name, not its number.
  return (
    (field.option.refers ? tr.known(short) : undefined) ?? tr.known(words) ?? tr.known(short) ?? (field.option.refers && tr.known(field.option.refers, "object")) ??
    tr(field.doc).replace(/[;.,:；。，：（(].*$/s, "")
  )
}

/** What a command does in few words: the beginning of its help. */
const clauseOf = (text) => /^.*?(?=[。；：，（]|[.:;,](?= |$)| \(|$)/s.exec(text)[0]

/** What forms and tables need of an option; what stands nowhere else. */
function without(option, ...names) {
  const kept = { ...option }
  for (const name of names) delete kept[name]
  return kept
}

/** Help as the page says it: flags and commands of the command line are fields, and what is done with them. */
function spoken(schema, fields, tr) {
  const commands = new Map(schema.services.flatMap((s) => s.methods).filter((m) => m.option.command?.includes(" ")).map((m) => [m.option.command, m]))
  const marked = (text) => tr.marks[0] + text + tr.marks[1]
  const flagOf = (f) => (f.option.flag ?? f.name).replaceAll("_", "-")
  const fieldOf = (flag) => fields.find((f) => flagOf(f) === flag || f.name.replace(/_id$/, "") === flag)
  const flag = (whole, name, no) => (fieldOf(name) ? marked(titleOf(fieldOf(name), tr) + (no ? `: ${tr("no")}` : "")) : whole)
  const command = (words) => marked(clauseOf(tr(commands.get(words).doc)))
  const any = new RegExp(`(?<![-/\\w])(${[...commands.keys()].sort((x, y) => y.length - x.length).join("|")})(?![-/\\w])`, "g")
  const plain = (text) => text.replace(any, command).replace(/--([a-z][a-z-]*)(=false)?/g, flag)
  return (text) =>
    text
      ?.split(/(`[^`]*`)/)
      .map((part) => (part[0] !== "`" ? plain(part) : commands.has(part.slice(1, -1)) ? command(part.slice(1, -1)) : /^`--[a-z-]+(=false)?`$/.test(part) ? plain(part.slice(1, -1)) : part))
      .join("")
      .replace(/ ?(“[^”]*”) ?/g, tr.marks === "“”" && !tr.isEnglish ? "$1" : "$&")
}

/** A service with its messages, in a language. */
export function serviceIn(schema, service, tr, headings) {
  const names = new Set()
  for (const m of service.methods) for (const type of [m.in, m.out]) reached(schema.messages, type, names)
  const asks = new Set()
  for (const m of service.methods) reached(schema.messages, m.in, asks)
  const said = spoken(schema, [...asks, ...Object.keys(schema.messages)].flatMap((name) => schema.messages[name].fields), tr)
  return {
    methods: Object.fromEntries(
      service.methods.map((m) => [m.name, { in: m.in, out: m.out, doc: said(tr(m.doc)), ...without(m.option, "example", "catches", "on_nothing") }]),
    ),
    messages: Object.fromEntries(
      [...names].map((name) => {
        const m = schema.messages[name]
        const fields = m.fields.map((f) => {
          const o = without(f.option, "replay", "hash", "column", "flag")
          const made = { name: f.name, title: titleOf(f, tr, m.fields), ...o }
          if (f.type !== "string") made.type = f.type
          if (f.repeated) made.repeated = true
          // Where something is asked for, what it means is the help; of answers the title is enough.
          const doc = asks.has(name) && f.doc && said(tr.isEnglish ? f.doc : tr.known(f.doc))
          if (doc) made.doc = doc
          const called = service.name === "ImportService" && name.endsWith("Row") && [...(headings.get(`${name}.${f.name}`) ?? []), ...(headings.get(`.${f.name}`) ?? [])]
          if (called?.length > 0) made.headings = called
          return made
        })
        return [name, { ...m.option, fields }]
      }),
    ),
  }
}

/** The first argument of a method. */
const firstOf = (schema, m) => schema.messages[m.in].fields.find((f) => f.option.positional === 1)

/** What of a list are its rows. */
const rowOf = (schema, m) => schema.messages[m.out].fields.find((f) => f.repeated && schema.messages[f.type])

/**
 * What there is: the commands; for each kind of thing where it is to be had, and what shows one.
 */
export function indexOf(schema, tr) {
  const commands = []
  const kinds = {}
  const methods = schema.services.flatMap((s) => s.methods.map((m) => ({ ...m, service: s.name })))
  const required = (m) => schema.messages[m.in].fields.filter((f) => f.option.required).length
  for (const m of methods)
    for (const offer of m.option.offers ?? []) {
      const row = rowOf(schema, m)
      const shown = row && schema.messages[row.type].option.read
      const show = methods.find((g) => `${g.service}/${g.name}` === shown) ??
        methods.find((g) => row && g.out === row.type && (g.option.kind ?? "READ") === "READ" && firstOf(schema, g)?.option.refers === offer.of)
      const first = show && firstOf(schema, show)
      kinds[offer.of] = {
        list: `${m.service}/${m.name}`,
        ...without(offer, "of"),
        ...(row && { rows: row.name, type: row.type }),
        ...(row && schema.messages[row.type].fields.find((f) => f.name === offer.value)?.type === "int" && { number: true }),
        ...(schema.messages[m.in].fields.some((f) => f.name === "search") && { search: true }),
        // A show by several fields is a form of its own.
        ...(show && first?.option.refers === offer.of && required(show) === 1 && { show: `${show.service}/${show.name}`, by: first.name }),
      }
    }
  for (const m of methods) {
    if (!m.option.command) continue
    const first = firstOf(schema, m) ?? schema.messages[m.in].fields.find((f) => f.option.required)
    const needs = required(m)
    commands.push({
      words: m.option.command,
      method: `${m.service}/${m.name}`,
      permission: m.option.permission,
      title: clauseOf(tr(m.doc)),
      ...((m.option.kind ?? "READ") === "WRITE" && { write: true }),
      ...(m.option.ends && !m.option.ends_with && { ends: true }),
      // What it answers is shown once, such as a code.
      ...(schema.messages[m.out].fields.some((f) => f.option.secret || f.option.format === "JOIN_CODE") && { once: true }),
      ...(needs > 0 && { needs }),
      ...(first && { first: first.name }),
      ...(first?.option.refers && { on: first.option.refers }),
      ...(first?.option.format === "REF" && { on: "*" }),
      ...(schema.messages[m.in].fields.some((f) => f.name === "version") && { version: true }),
    })
  }
  return { commands, kinds }
}
