// A field whose values are things that there are: it suggests them as one types, by their names.
import { useEffect, useId, useRef, useState } from "preact/hooks"
import { read } from "./call.js"
import { useLabel } from "./labels.js"
import { index, method } from "./schema.js"
import { _, hasWord, word } from "./text.js"

/** Letters alone: ë is e, full width is half. */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()

/** What a list offers: [{value, label}]. Lists that search are asked for the text, others once. */
async function offered({ kind, of, company }, text, cache) {
  const offer = of ? { ...index.kinds[kind], value: "code" } : index.kinds[kind]
  const key = offer.search ? text : ""
  if (!cache.has(key)) {
    const request = { ...(offer.search ? { page_size: 20, ...(text && { search: text }) } : { page_size: 200 }), ...(of && { list: of }), ...(company && offer.company && { company }) }
    cache.set(key, read(offer.list, request).then(async (answer) => {
      if (!offer.rows) return (answer[offer.value] ?? []).map((v) => ({ value: v, label: "" }))
      const { messages } = await method(offer.list)
      const list = messages[offer.type].fields.find((f) => f.name === offer.value)?.words ?? kind
      return (answer[offer.rows] ?? []).map((row) => ({
        value: String(row[offer.value]),
        label: row[offer.label] ?? (hasWord(list, row[offer.value]) ? word(list, row[offer.value]) : ""),
      }))
    }))
  }
  const all = await cache.get(key)
  return offer.search || !text ? all : all.filter((o) => plain(`${o.label} ${o.value}`).includes(plain(text)))
}

/**
 * @param value     what is chosen
 * @param onChange  takes it: what was chosen, or typed
 * @param list      the dictionary's words for values that have no name of their own
 * @param of        of kind tag: the list whose codes they are
 * @param company   whose they are, where that is not one's own company
 */
export function Choose({ kind, value, onChange, list, of, company, id, ...rest }) {
  const [typed, setTyped] = useState(null) // null: what is chosen is shown
  const [options, setOptions] = useState([])
  const [at, setAt] = useState(-1)
  const [isOpen, setOpen] = useState(false)
  const cache = useRef(new Map())
  const loaded = useRef() // the text that the options are for
  const isHasty = useRef(false) // Enter came before they did
  const box = useId()
  const known = useLabel(kind, value)
  const label = options.find((o) => o.value === value)?.label || known || (list && hasWord(list, value) ? word(list, value) : "")
  const number = !of && index.kinds[kind].number
  const shown = typed ?? (label ? label : value && number ? `#${value}` : value ?? "")

  useEffect(() => {
    if (!isOpen) return
    let isOld = false
    const timer = setTimeout(() => offered({ kind, of, company }, typed ?? "", cache.current).then((all) => {
      if (isOld) return
      loaded.current = typed
      if (isHasty.current) return take(all)
      setOptions(all.slice(0, 50))
      setAt(typed ? 0 : -1)
    }, () => isHasty.current && !isOld && take([])), typed ? 150 : 0)
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [isOpen, typed])

  const choose = (o) => {
    onChange(o.value)
    setTyped(null)
    setOpen(false)
  }
  /** What was typed and not chosen counts as it is, or as the one that it says. */
  const leave = (all = options) => {
    isHasty.current = false
    setOpen(false)
    if (typed === null) return
    const same = all.find((o) => plain(o.label) === plain(typed) || o.value === typed)
    onChange(same ? same.value : typed.replace(/^#(?=\d+$)/, ""))
    setTyped(null)
  }
  /** By Enter the first that fits counts. */
  const take = (all) => {
    isHasty.current = false
    all[0] ? choose(all[0]) : leave(all)
  }
  const onKeyDown = (e) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 }
    if (moves[e.key]) {
      e.preventDefault()
      if (!isOpen) setOpen(true)
      else setAt((at + moves[e.key] + options.length + 1) % (options.length + 1) === options.length ? -1 : (at + moves[e.key] + options.length + 1) % (options.length + 1))
    } else if (e.key === "Enter" && typed) {
      // It is chosen first; the form is sent by the next one.
      e.preventDefault()
      if (loaded.current !== typed) isHasty.current = true
      else take(options.slice(Math.max(at, 0)))
    } else if (e.key === "Enter" && isOpen && options[at]) {
      e.preventDefault()
      choose(options[at])
    } else if (e.key === "Escape" && isOpen) {
      e.preventDefault()
      e.stopPropagation()
      setTyped(null)
      setOpen(false)
    }
  }
  return (
    <div class="choose">
      <input id={id} type="text" role="combobox" aria-expanded={isOpen && options.length > 0} aria-controls={box} aria-autocomplete="list"
        aria-activedescendant={isOpen && at >= 0 ? `${box}-${at}` : undefined} autocomplete="off" spellcheck={false} value={shown}
        onFocus={() => setOpen(true)} onClick={() => setOpen(true)} onBlur={() => leave()} onKeyDown={onKeyDown}
        onInput={(e) => { isHasty.current = false; setTyped(e.target.value); setOpen(true) }} {...rest} />
      <ul id={box} role="listbox" hidden={!isOpen || options.length === 0} aria-label={_("Suggestions")}>
        {isOpen && options.map((o, i) => (
          <li key={o.value} id={`${box}-${i}`} role="option" aria-selected={i === at} class={i === at ? "at" : ""}
            onPointerDown={(e) => { e.preventDefault(); choose(o) }}>
            {o.label || o.value} {o.label && <small>{number ? `#${o.value}` : o.value}</small>}
          </li>
        ))}
      </ul>
    </div>
  )
}
