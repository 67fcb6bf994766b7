// As much of Markdown as reports have: headings, lists, quotes, code, bold, italic, links. It makes elements, never HTML.
import { tell } from "./events.js"

const inline = /(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`|\[[^\]]+\]\(https?:\/\/[^)\s]+\)|https?:\/\/[^\s<>）)，。]+)/g

function Inline({ text }) {
  return text.split(inline).map((part, i) => {
    if (i % 2 === 0) return part
    if (part.startsWith("**")) return <strong key={i}>{part.slice(2, -2)}</strong>
    if (part.startsWith("*")) return <em key={i}>{part.slice(1, -1)}</em>
    if (part.startsWith("`")) return <code key={i}>{part.slice(1, -1)}</code>
    const [, label, to] = /^\[([^\]]+)\]\((.*)\)$/.exec(part) ?? [, part, part]
    // It leads away from here: that is asked first (app.jsx).
    return <a key={i} href={to} rel="noreferrer noopener" target="_blank" onClick={(e) => { e.preventDefault(); tell("leave", to) }}>{label}</a>
  })
}

const kinds = [
  ["heading", /^(#{1,6})\s+(.*)$/],
  ["bullet", /^\s*[-*+]\s+(.*)$/],
  ["item", /^\s*\d+[.)、]\s*(.*)$/],
  ["quote", /^>\s?(.*)$/],
]

/** Lines as blocks, [kind, lines]. */
function blocks(text) {
  const all = []
  let isCode = false
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const last = all.at(-1)
    if (/^```/.test(line)) {
      isCode = !isCode
      if (isCode) all.push(["code", []])
      else all.push(["gap"])
    } else if (isCode) last[1].push(line)
    else if (line.trim() === "") all.push(["gap"])
    else {
      // What is indented behind a point goes on with it.
      if (/^\s/.test(line) && ["bullet", "item"].includes(last?.[0]) && !kinds.some(([, re]) => re.test(line))) {
        last[1][last[1].length - 1] += `\n${line.trim()}`
        continue
      }
      const [kind, match] = kinds.map(([k, re]) => [k, re.exec(line)]).find(([, m]) => m) ?? ["text", [line, line]]
      if (kind === "heading") all.push(["heading", match[2], match[1].length])
      else if (last?.[0] === kind) last[1].push(match[1])
      else all.push([kind, [match[1]], kind === "item" ? parseInt(line) : undefined])
    }
  }
  return all.filter(([kind]) => kind !== "gap")
}

/** @top: the level of the text's highest headings, where it stands; those below go down by one at a time. */
export function Markdown({ text, top = 2 }) {
  const all = blocks(text ?? "")
  const highest = Math.min(...all.filter(([kind]) => kind === "heading").map(([, , level]) => level))
  let last = top - 1
  return (
    <div class="prose">
      {all.map(([kind, what, level], i) => {
        if (kind === "heading") {
          last = Math.min(level - highest + top, last + 1, 6)
          const H = `h${last}`
          return <H key={i}><Inline text={what} /></H>
        }
        if (kind === "bullet") return <ul key={i}>{what.map((l, k) => <li key={k}><Inline text={l} /></li>)}</ul>
        if (kind === "item") return <ol key={i} start={level}>{what.map((l, k) => <li key={k}><Inline text={l} /></li>)}</ol>
        if (kind === "code") return <pre key={i}><code>{what.join("\n")}</code></pre>
        const lines = what.map((l, k) => [k > 0 && <br key={k} />, <Inline text={l} />])
        return kind === "quote" ? <blockquote key={i}>{lines}</blockquote> : <p key={i}>{lines}</p>
      })}
    </div>
  )
}
