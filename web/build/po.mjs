// Reads a file of translations (gettext's .po).
import { readFileSync } from "node:fs"

const quoted = /"((?:[^"\\]|\\.)*)"/
const plain = (text) => text.replace(/\\(.)/g, (_, c) => ({ n: "\n", t: "\t" })[c] ?? c)

/** A function that gives the translation of a text, of a context if there is one; undefined where there is none. */
export function translations(file) {
  const all = new Map()
  let entry = {}
  let part = null
  const end = () => {
    if (entry.msgid && entry.msgstr) all.set(`${entry.msgctxt ?? ""}\u0004${entry.msgid}`, entry.msgstr)
    entry = {}
  }
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const word = /^(msgctxt|msgid|msgstr)\b/.exec(line)?.[1]
    if (line.trim() === "") end()
    else if (line.startsWith("#")) continue
    else if (/^msg(id_plural|str\[)/.test(line)) part = null
    else if (word) {
      part = word
      entry[part] = plain(quoted.exec(line)[1])
    } else if (part) entry[part] += plain(quoted.exec(line)[1])
  }
  end()
  return (text, context = "") => all.get(`${context}\u0004${text}`)
}
