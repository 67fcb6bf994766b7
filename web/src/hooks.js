// What views have in common: answers of calls that are asked again when something changed.
import { useEffect, useRef, useState } from "preact/hooks"
import { read } from "./call.js"
import { on } from "./events.js"

/** Calls @f, which stays the same, with what is told under these names, as long as the element is there. */
export function useHeard(names, f) {
  useEffect(() => {
    const ends = names.map((name) => on(name, f))
    return () => ends.forEach((end) => end())
  }, [])
}

/** Renders anew when something of that name is told. */
export function useTold(...names) {
  const [, set] = useState(0)
  useHeard(names, () => set((n) => n + 1))
}

/** What a promise comes to, again for other @keys; what came before stays until then. */
export function useAsked(ask, keys) {
  const [state, set] = useState({})
  const turn = useRef(0)
  const again = () => {
    const mine = ++turn.current
    Promise.resolve(ask()).then(
      (answer) => mine === turn.current && set({ answer, isDone: true }),
      (failure) => mine === turn.current && set((s) => ({ answer: s.answer, failure, isDone: true })),
    )
  }
  useEffect(() => {
    set((s) => ({ ...s, isDone: false }))
    again()
    return () => void turn.current++
  }, keys)
  return { ...state, again }
}

/** The answer to a READ; it is asked again when something was changed, here or by others. null asks nothing. */
export function useRead(method, request = {}) {
  const asked = useAsked(() => (method ? read(method, request) : undefined), [method, JSON.stringify(request)])
  useEffect(() => {
    let timer
    return on("changed", () => {
      clearTimeout(timer)
      timer = setTimeout(asked.again, 60)
    })
  }, [method, JSON.stringify(request)])
  return asked
}

/** A list, page after page: rows, and `more` where there is another page. */
export function useList(method, request, rows) {
  const first = useRead(method, request)
  const [pages, setPages] = useState([])
  useEffect(() => setPages([]), [first.answer])
  const all = [first.answer, ...pages].filter(Boolean)
  const next = all.at(-1)?.next_page_token
  return {
    ...first,
    rows: all.flatMap((a) => a[rows] ?? []),
    more: next && (async () => setPages([...pages, await read(method, { ...request, page_token: next })])),
  }
}
