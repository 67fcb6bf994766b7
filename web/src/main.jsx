// The page begins: the language, who is signed in, and where.
import { render } from "preact"
import { findSession } from "./session.js"
import { setIndex } from "./schema.js"
import { speak, wantedLanguage } from "./text.js"
import { App } from "./app.jsx"
import "./watch.js"

async function begin() {
  const [index] = await Promise.all([speak(wantedLanguage()), navigator.storage?.persist?.().catch(() => {})])
  setIndex(index)
  await findSession().catch(() => {})
  const root = document.getElementById("page")
  root.replaceChildren()
  render(<App />, root)
}
begin()
