// What the cases have in common: a browser, people who are signed in by the page, and the command line beside it.
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createRequire } from "node:module"

const { BUILD, JIAYI, SCRATCH, SERVER, MODULES } = process.env
const require = createRequire(join(MODULES, "x.js"))
const { chromium } = require("playwright-core")

export const origin = `https://${SERVER}`
export const files = join(BUILD, "page/files")

/** As the browser is started where the tests run as root. */
const flags = ["--disable-dev-shm-usage", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])]
export const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags, env: process.env })

/** The languages, by what a browser calls them. */
export const locales = { en: "en-GB", zh: "zh-CN", sq: "sq-AL" }

/** The command line, as a profile; its output. */
export const cli = (profile, ...words) => execFileSync(JIAYI, ["--profile", profile, ...words], { encoding: "utf8" })
export const ask = (profile, ...words) => JSON.parse(cli(profile, "-o", "json", ...words))

/** The same, with a text to read. */
export const tell = (input, profile, ...words) => JSON.parse(execFileSync(JIAYI, ["--profile", profile, "-o", "json", ...words], { encoding: "utf8", input }))

/** The address of a profile: email() of tests/run.bash. */
export const addressOf = (profile) => (/^(beta|gamma)-/.test(profile) ? profile.replace(/^(\w+)-(.*)$/, "$2@$1.example") : `${profile}@acme.example`)

/** What went wrong on pages that nobody saw: errors of scripts, and what the security policy refused. */
export const faults = []

/** A window of somebody of their own: nothing is shared with others. */
export async function visitor({ language = "en", width = 1280, height = 900, dark = false } = {}) {
  const context = await browser.newContext({ baseURL: origin, locale: locales[language], viewport: { width, height }, colorScheme: dark ? "dark" : "light" })
  context.setDefaultTimeout(15000)
  await context.addInitScript(() => addEventListener("securitypolicyviolation", (e) => console.error(`POLICY ${e.violatedDirective} ${e.blockedURI}`)))
  return context
}

/** By page, what it asked for and has no answer to yet; but for what it watches, which never ends. */
const underway = new WeakMap()

/** A tab of a window. */
export async function tab(context, hash = "#/today") {
  const page = await context.newPage()
  const asked = new Set()
  underway.set(page, asked)
  page.on("request", (r) => /WatchInbox$/.test(r.url()) || asked.add(r))
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (r) => asked.delete(r))
  page.on("pageerror", (e) => faults.push(e.stack))
  page.on("console", (m) => /POLICY|Content Security Policy|Trusted/.test(m.text()) && faults.push(m.text()))
  await page.goto(`/${hash}`)
  return page
}

export async function signIn(page, profile) {
  await page.locator('input[type="email"]').fill(addressOf(profile))
  await page.locator('input[type="password"]').fill(`secret-of-${profile}`)
  await page.locator("form button.main").click()
  await page.locator("#main h1").waitFor()
}

/** Somebody who is signed in, on a page. */
export async function person(profile, options) {
  const page = await tab(await visitor(options), options?.at)
  await signIn(page, profile)
  return page
}

export const leave = (page) => page.context().close()

/** Goes somewhere within the page, and waits until it is there. */
export async function go(page, hash) {
  await page.evaluate((to) => { location.hash = to }, hash)
  await rest(page)
}

/** What is to be drawn is drawn, and what that asks for is asked for: as the page has it, by frames, or, where a tab has few, a tenth of a second. */
const drawn = (page) => page.evaluate(async () => {
  for (let n = 0; n < 2; n++) await new Promise((done) => { requestAnimationFrame(done); setTimeout(done, 100) })
  await new Promise((done) => setTimeout(done))
})

/** Waits until nothing is being loaded: nothing is asked for, and what came of it is drawn. */
export async function rest(page) {
  await until(async () => {
    await drawn(page)
    if (underway.get(page).size > 0) return false
    await drawn(page)
    return underway.get(page).size === 0 && page.evaluate(() => !!document.querySelector("#main") && !document.querySelector("#main .waits[role=status]") && document.querySelector("#main").childElementCount > 0)
  }, "the page is at rest", 15000)
}

/** Waits until something is so. */
export async function until(so, what, ms = 10000) {
  const end = Date.now() + ms
  for (;;) {
    if (await so()) return
    if (Date.now() > end) throw new Error(`did not come about: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export function same(is, wanted, what = "") {
  const [a, b] = [JSON.stringify(is), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`${what} is ${a} instead of ${b}`)
}

export function holds(so, what) {
  if (!so) throw new Error(what)
}

/** A picture for who looks into a failure. */
export const picture = (page, name) => page.screenshot({ path: join(SCRATCH, `${name}.png`), fullPage: true })

export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8")

/* Cases. */

export const cases = []
/** A case: what holds, and how it is found out. */
export const test = (name, run) => cases.push({ name, run })
