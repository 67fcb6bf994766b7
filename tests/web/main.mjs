// Runs the cases of the files that are named, one after another; prints TAP.
import { readdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { browser, cases, faults } from "./lib.mjs"

const words = process.argv.slice(2)
const filter = words[0] === "--filter" ? words.splice(0, 2)[1] : ""
const folder = join(dirname(fileURLToPath(import.meta.url)), "cases")
const named = words.length > 0 ? words : readdirSync(folder).map((f) => f.replace(/\.mjs$/, "")).sort()
for (const name of named) await import(join(folder, `${name}.mjs`))

const chosen = cases.filter((c) => c.name.includes(filter))
console.log(`1..${chosen.length}`)
let failed = 0

/** Prints what the open pages show, for who looks into a failure. */
async function shown() {
  for (const page of browser.contexts().flatMap((c) => c.pages())) {
    const text = await Promise.race([page.evaluate(() => document.body.innerText), new Promise((done) => setTimeout(done, 3000, "(it does not answer)"))]).catch(String)
    console.log(`# it showed, at ${page.url()}:\n${text.replace(/^/gm, "#   ").slice(0, 2000)}`)
  }
}

for (const [i, c] of chosen.entries()) {
  const began = Date.now()
  let wrong
  try {
    await c.run()
    if (faults.length > 0) throw new Error(`the page went wrong: ${faults.splice(0).join("\n")}`)
  } catch (e) {
    wrong = e
    faults.length = 0
    await shown()
  }
  // What a case left open is not the next one's.
  for (const context of browser.contexts()) await context.close()
  console.log(`${wrong ? "not ok" : "ok"} ${i + 1} web: ${c.name} # ${Date.now() - began} ms`)
  if (wrong) {
    failed++
    console.log(String(wrong.stack ?? wrong).replace(/^/gm, "# "))
  }
}
await browser.close()
process.exit(failed > 0 ? 1 : 0)
