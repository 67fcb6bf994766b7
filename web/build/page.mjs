// Makes the page: node page.mjs OUT SCHEMA.pb. OUT then has index.html, and beside it files whose names have the digest of
// what they are, each with its .gz.
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { translations } from "./po.mjs"
import { indexOf, readHeadings, readSchema, readWhen, readWords, serviceIn } from "./schema.mjs"

const [out, descriptorSet, modules] = process.argv.slice(2)
const web = dirname(dirname(fileURLToPath(import.meta.url)))
const top = dirname(web)
const { build } = await import(join(modules, "esbuild/lib/main.js"))

/** The languages, by what browsers call them, and whose translations they have. */
const languages = { en: null, zh: "zh_CN", sq: "sq" }

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

function write(name, content) {
  const path = join(out, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  const packed = gzipSync(content, { level: 9 })
  if (packed.length < content.length) writeFileSync(`${path}.gz`, packed)
}

/** Writes a file that never changes under its name, which it returns. */
function writeFixed(name, content) {
  const bytes = Buffer.from(content)
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12)
  const named = name.replace(/(\.[^.]+)$/, `.${digest}$1`)
  write(named, bytes)
  return named
}

/** All texts of the page's own, as its sources have them. */
function ownTexts(folder = join(web, "src")) {
  const found = new Set()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (/\.jsx?$/.test(entry.name))
      for (const m of readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8").matchAll(/\b_\("((?:[^"\\]|\\.)*)"/g))
        found.add(JSON.parse(`"${m[1]}"`))
  return [...found].sort()
}

const schema = readSchema(descriptorSet)
const words = readWords(join(top, "client/words/dictionary.c"))
const anyLanguage = new Set(Object.values(schema.messages).flatMap((m) => m.fields).filter((f) => f.option.any_language).map((f) => f.option.words))
const headings = readHeadings(join(top, "client/words/columns.c"))
const texts = ownTexts()
const indexes = {}
for (const [language, po] of Object.entries(languages)) {
  const known = po ? translations(join(top, `po/${po}.po`)) : () => undefined
  const tr = (text, context) => (text && known(text, context)) || text
  tr.known = known
  tr.isEnglish = !po
  tr.marks = language === "sq" ? "„“" : "“”"
  const services = {}
  for (const s of schema.services) services[s.name] = writeFixed(`${s.name}.${language}.json`, JSON.stringify(serviceIn(schema, s, tr, headings)))
  const byList = {}
  for (const [list, code] of words) (byList[list] ??= {})[code] = tr(code, list) === code && !anyLanguage.has(list) ? code.replace(/[_.]/g, " ") : tr(code, list)
  // What may be in any language is found by its word in each.
  for (const [list, code] of words.filter(([l]) => anyLanguage.has(l)))
    for (const other of Object.values(languages).filter(Boolean)) byList[list][translations(join(top, `po/${other}.po`))(code, list)] ??= tr(code, list)
  const nouns = new Set(schema.services.flatMap((s) => s.methods.map((m) => m.option.command?.split(" ")[0])).filter(Boolean))
  for (const noun of nouns) (byList.object ??= {})[noun] ??= tr(noun, "object").replaceAll("_", " ")
  indexes[language] = {
    texts: writeFixed(`texts.${language}.json`, JSON.stringify({
      own: po ? Object.fromEntries(texts.map((t) => [t, tr(t)]).filter(([a, b]) => a !== b)) : {}, words: byList })),
    index: writeFixed(`index.${language}.json`, JSON.stringify({ services, ...indexOf(schema, tr) })),
  }
}

const bundled = await build({
  entryPoints: [join(web, "src/main.jsx")],
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  nodePaths: [modules],
  define: { INDEXES: JSON.stringify(indexes), WHEN: JSON.stringify(readWhen(join(top, "client/words/typed.c"))), "process.env.NODE_ENV": '"production"' },
  legalComments: "none",
})
const style = await build({ entryPoints: [join(web, "src/style.css")], bundle: true, minify: true, write: false })
const script = writeFixed("page.js", bundled.outputFiles[0].contents)
const sheet = writeFixed("page.css", style.outputFiles[0].contents)
const icon = writeFixed("icon.svg", readFileSync(join(web, "src/icon.svg")))
write("index.html", readFileSync(join(web, "src/index.html"), "utf8").replaceAll("PAGE_JS", script).replaceAll("PAGE_CSS", sheet).replaceAll("ICON", icon))
