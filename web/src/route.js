// Where somebody is: #/deal/7 or #/do/deal/list?stage=quoted. What is typed in addresses is read by nobody but the page.
import { tell } from "./events.js"

/** {parts, query} of an address. */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?")
  return { parts: path.split("/").filter(Boolean).map(decodeURIComponent), query: Object.fromEntries(new URLSearchParams(query)) }
}

export let route = parse(location.hash)

addEventListener("hashchange", () => {
  route = parse(location.hash)
  tell("route")
})

/** An address; values that are absent are left out. */
export function address(parts, query = {}) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== "" && v !== null)).toString()
  return `#/${parts.map(encodeURIComponent).join("/")}${asked ? `?${asked}` : ""}`
}

/** The address of a command's form. */
export const doing = (words, query) => address(["do", ...words.split(" ")], query)

export function go(hash, replace = false) {
  if (replace) {
    history.replaceState(null, "", hash)
    route = parse(hash)
    tell("route")
  } else location.hash = hash
}
