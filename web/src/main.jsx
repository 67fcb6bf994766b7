// The page begins: the language, who is signed in, and where.
import { render } from "preact"
import { findSession } from "./session.js"
import { setIndex } from "./schema.js"
import { _, speak, wantedLanguage } from "./text.js"
import { App } from "./app.jsx"
import "./watch.js"

/** What keeps what companies wrote safe here, and drafts in order; a browser that lacks some of it gets no further. */
const needed = {
  HTTPS: isSecureContext,
  "Content Security Policy": globalThis.SecurityPolicyViolationEvent,
  "Web Crypto": globalThis.crypto?.subtle,
  "Web Locks": navigator.locks,
  BroadcastChannel: globalThis.BroadcastChannel,
  "AbortSignal.any": globalThis.AbortSignal?.any,
}

// Keys that an input method takes, as Enter to choose a word in Chinese, are not for the page: nothing is sent or chosen by them.
addEventListener("keydown", (e) => {
  if (!e.isComposing && e.keyCode !== 229) return
  e.stopPropagation()
  if (e.key === "Enter") e.preventDefault()
}, true)

async function begin() {
  // Asked for side by side: on a long line each question after another is seen.
  const session = findSession().catch(() => {})
  const [index] = await Promise.all([speak(wantedLanguage()), navigator.storage?.persist?.().catch(() => {})])
  setIndex(index)
  const lacking = Object.keys(needed).filter((name) => !needed[name])
  if (lacking.length > 0) {
    document.querySelector("main").append(Object.assign(document.createElement("p"), { role: "alert", textContent: _("This browser lacks what the page needs to be safe: %s. Please use a newer one.", lacking.join(", ")) }))
    return
  }
  await session
  const root = document.getElementById("page")
  root.replaceChildren()
  render(<App />, root)
}
begin()
