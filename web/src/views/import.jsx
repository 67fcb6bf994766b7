// Importing a table: it is read here, its columns are matched with what rows have, tried as a whole, and put in in parts.
import { useState } from "preact/hooks"
import { digestOf, surely } from "../files.js"
import { tellAll } from "../events.js"
import { useAsked } from "../hooks.js"
import { method } from "../schema.js"
import { Facts } from "../record.jsx"
import { Table } from "../table.jsx"
import { Trouble, Waiting } from "./any.jsx"
import { _, codes, word } from "../text.js"
import { date, decimal, lines } from "../typed.js"

const PART = 200

/** A table's text: spreadsheets in China write it as GBK. */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder("gbk").decode(bytes)
  }
}

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[(（].*$/, "").replace(/[\s_*-]+/g, "")

/** A cell as the field takes it: words as their codes, days and numbers as the server writes them. */
function valueOf(f, text) {
  const code = f.choices && f.words && codes(f.words).find((c) => plain(word(f.words, c)) === plain(text))
  if (code) return code
  if (f.type === "bool") return /^(1|true|yes|y|是|po)$/i.test(text)
  if (f.type === "int") return Number(text)
  if (f.format === "DECIMAL") return decimal(text)
  return f.format === "DATE" && /^\d{4}/.test(text) ? date(text) : text
}

export function Import() {
  const { answer: begin } = useAsked(() => method("ImportService/BeginImport"), [])
  const { answer: put } = useAsked(() => method("ImportService/PutRows"), [])
  const [kind, setKind] = useState("")
  const [file, setFile] = useState(null)
  const [chosen, setChosen] = useState({}) // by column: the name of a field
  const [run, setRun] = useState({}) // share, answer, errors, failure; wasTried: as it is now
  if (!begin || !put) return <Waiting />
  const kinds = begin.messages[begin.in].fields.find((f) => f.name === "kind")
  const fields = kind ? put.messages[put.messages[put.in].fields.find((f) => f.name === kind).type].fields.filter((f) => f.name !== "line") : []
  const known = (column) => fields.find((f) => [f.name, f.title, ...(f.headings ?? [])].some((n) => plain(n) === plain(column)))?.name
  const fieldOf = (column) => fields.find((f) => f.name === (chosen[column] ?? known(column)))
  const columns = file ? [...new Set(file.rows.flatMap((r) => Object.keys(r.values)))] : []
  const missing = fields.filter((f) => f.required && !columns.some((c) => fieldOf(c) === f))
  const take = async (e) => {
    const [given] = e.target.files
    if (!given) return
    // The same file, mended, may be taken again.
    e.target.value = ""
    const bytes = new Uint8Array(await given.arrayBuffer())
    setRun({})
    setChosen({})
    try {
      setFile({ name: given.name, sha256: await digestOf(bytes), rows: lines(textOf(bytes)) })
    } catch {
      setFile(null)
      setRun({ failure: { message: _("This is neither CSV nor JSON.") } })
    }
  }
  const rowOf = ({ line, values }) => {
    const row = { line }
    for (const [column, text] of Object.entries(values)) {
      const f = fieldOf(column)
      if (f && text !== "") row[f.name] = valueOf(f, String(text))
    }
    return row
  }
  /** What is wrong with some rows. A row that is not even a row ends a call: which one it is, halves of them tell. */
  const tryRows = async (id, rows) => {
    try {
      return (await surely("ImportService/PutRows", { import_id: id, [kind]: rows.map(rowOf) })).errors ?? []
    } catch (e) {
      if (e.code !== "invalid_argument") throw e
      if (rows.length > 1) return [...await tryRows(id, rows.slice(0, rows.length / 2)), ...await tryRows(id, rows.slice(rows.length / 2))]
      const [field] = Object.keys(e.fields)
      const name = field?.replace(/^.*\]\./, "")
      return [{ line: rows[0].line, field: name, message: e.message.replace(`${field}: `, "") }]
    }
  }
  const start = async (isDry) => {
    setRun({ share: 0 })
    try {
      const made = await surely("ImportService/BeginImport", { kind, name: file.name, sha256: file.sha256, total: file.rows.length, ...(isDry && { dry_run: true }) })
      const rows = file.rows.filter((r) => r.line > (made.last_line ?? 0))
      const errors = []
      for (let i = 0; i < rows.length; i += PART) {
        errors.push(...await tryRows(made.id, rows.slice(i, i + PART)))
        if (errors.length > 0 && !isDry) break
        setRun({ share: (i + PART) / rows.length })
      }
      const answer = errors.length > 0 ? undefined : await surely("ImportService/FinishImport", { import_id: made.id })
      if (!isDry) tellAll("changed", "ImportService/FinishImport")
      setRun({ answer, errors, wasTried: isDry && errors.length === 0 })
    } catch (failure) {
      setRun({ failure })
    }
  }
  const isBusy = run.share !== undefined
  return (
    <>
      <p class="way"><a href="#/of/import">{_("Imports")}</a></p>
      <h1>{_("Import a table")}</h1>
      <p class="about">{begin.doc}</p>
      <Trouble failure={run.failure} />
      <form class="fields form" onSubmit={(e) => e.preventDefault()}>
        <div class="field"><label for="kind">{_("What the rows are")}</label>
          <select id="kind" value={kind} disabled={isBusy} onChange={(e) => { setKind(e.target.value); setChosen({}); setRun({}) }}><option value="">{_("choose…")}</option>{kinds.choices.map((c) => <option key={c} value={c}>{word(kinds.words, c)}</option>)}</select></div>
        <div class="field"><span class="document"><label class="button file">{file?.name ?? _("CSV or JSON file…")}<input id="table" type="file" class="hidden" disabled={isBusy} accept=".csv,.json,.txt,text/*" onChange={take} /></label></span></div>
      </form>
      {file && kind && (
        <section class="form" aria-labelledby="columns">
          <h2 id="columns">{_("Columns")} <small>{_("%s rows", file.rows.length)}</small></h2>
          <div class="fields">
            {columns.map((c, i) => (
              <div class="field" key={c}><label for={`column-${i}`}>{c}</label>
                <select id={`column-${i}`} value={fieldOf(c)?.name ?? ""} disabled={isBusy} onChange={(e) => { setChosen({ ...chosen, [c]: e.target.value }); setRun({}) }}>
                  <option value="">{_("left out")}</option>{fields.map((f) => <option key={f.name} value={f.name}>{f.title}</option>)}
                </select></div>
            ))}
          </div>
          {missing.length > 0 && <p class="wrong" role="alert">{_("No column has: %s", missing.map((f) => f.title).join(", "))}</p>}
          <div class="ends">
            <button type="button" class={run.wasTried ? "button" : "main"} disabled={isBusy || missing.length > 0} onClick={() => start(true)}>{_("Try it")}</button>
            <button type="button" class={run.wasTried ? "main" : "button"} disabled={isBusy || !run.wasTried} onClick={() => start(false)}>{_("Import")}</button>
            <span role="status">{isBusy ? _("Sending…") : run.wasTried ? _("All rows are right. Nothing was kept yet.") : ""}</span>
          </div>
        </section>
      )}
      {isBusy && <progress max={1} value={run.share} aria-label={_("Sending…")} />}
      {run.errors?.length > 0 && <section><h2>{_("What is wrong")}</h2><Table type="ImportError" rows={run.errors} messages={put.messages} title={_("What is wrong")} /></section>}
      {run.answer && <section class="done" role="status"><h2>{_("Done")}</h2><Facts message={begin.messages[begin.out]} value={run.answer} messages={begin.messages} without={["sha256", "id"]} /></section>}
    </>
  )
}
