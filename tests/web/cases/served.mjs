// What the server gives to a browser, and what a browser keeps.
import { readFileSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { faults, files, go, holds, leave, person, same, tab, test, until, visitor } from "../lib.mjs"

test("no script can reach the session", async () => {
  const page = await person("sales")
  await go(page, "#/pipeline")
  const found = await page.evaluate(() => ({ cookie: document.cookie, local: { ...localStorage }, session: { ...sessionStorage } }))
  same([found.cookie, found.local, found.session], ["", {}, {}], "what scripts can read")
  const [cookie] = await page.context().cookies()
  same([cookie.name, cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path], ["__Host-jiayi", true, true, "Strict", "/"], "the cookie")
  // It is there after a reload, and in a second tab.
  await page.reload()
  await page.locator("#main h1").waitFor()
  await leave(page)
})

test("the policy holds: no script but the page's own, no HTML out of texts", async () => {
  const page = await person("sales")
  const refused = await page.evaluate(async () => {
    const tried = {}
    await new Promise((resolve) => setTimeout(resolve)) // what a debugger runs itself is not under the policy
    try { new Function("return 1")(); tried.eval = "ran" } catch { tried.eval = "refused" }
    try { document.createElement("div").innerHTML = "<b>x</b>"; tried.html = "ran" } catch { tried.html = "refused" }
    return tried
  })
  same(refused, { eval: "refused", html: "refused" }, "what was tried")
  // These were tried on purpose.
  await until(() => ["TrustedScript", "TrustedHTML"].every((what) => faults.some((f) => f.includes(what))) && faults.filter((f) => f.startsWith("POLICY")).length === 2, "what was refused is told")
  faults.length = 0
  await leave(page)
})

test("files that never change are kept, the first one is asked for each time, others are 404", async () => {
  const page = await tab(await visitor())
  const got = await page.evaluate(async () => {
    const about = async (path, options) => {
      const a = await fetch(path, options)
      return [a.status, a.headers.get("cache-control"), a.headers.get("content-type")]
    }
    const script = document.querySelector("script").getAttribute("src")
    const first = await fetch("/", { cache: "no-store" })
    const again = await fetch("/", { cache: "no-store", headers: { "if-none-match": first.headers.get("etag") } })
    return { script: await about(script), first: await about("/"), again: again.status, none: await about("/nothing"), index: (await fetch("/index.html")).status, packed: (await fetch(`${script}.gz`)).status, head: (await fetch("/", { method: "HEAD" })).status, put: (await fetch("/", { method: "PUT" })).status, method: (await fetch("/jiayi.v1.DealService/GetDeal")).status }
  })
  same(got.script, [200, "public, max-age=31536000, immutable", "text/javascript; charset=utf-8"], "the script")
  same(got.first, [200, "no-cache", "text/html; charset=utf-8"], "the first file")
  same([got.again, got.none[0], got.index, got.packed, got.head, got.put, got.method], [304, 404, 404, 404, 200, 405, 405], "the others")
  await leave(page)
})

test("it is small, and its first picture needs two round trips", async () => {
  const size = (name) => statSync(join(files, name)).size
  const packed = readdirSync(files).filter((f) => f.endsWith(".gz"))
  const code = packed.filter((f) => /^page\./.test(f) || f === "index.html.gz").reduce((sum, f) => sum + size(f), 0)
  holds(code <= 60 * 1024, `the page's code has ${code} bytes`)
  for (const f of packed.filter((name) => name.endsWith(".json.gz"))) holds(size(f) <= 15 * 1024, `${f} has ${size(f)} bytes`)
  // The first picture: a page and its sheet, which names nothing else.
  const html = readFileSync(join(files, "index.html"), "utf8")
  same([...html.matchAll(/rel="stylesheet"/g)].length, 1, "sheets")
  holds(!/@import|url\(/.test(readFileSync(join(files, /page\.[^"]*\.css/.exec(html)[0]), "utf8")), "the sheet asks for more")
  const context = await visitor()
  let bytes = 0
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send("Network.enable")
  session.on("Network.loadingFinished", (e) => (bytes += e.encodedDataLength))
  await page.goto("/")
  await page.locator('input[type="password"]').waitFor()
  await page.waitForLoadState("networkidle")
  const named = await page.evaluate(() => performance.getEntriesByType("resource").filter((r) => r.renderBlockingStatus === "blocking").map((r) => [r.initiatorType, /\.css$/.test(r.name)]))
  same(named, [["link", true]], "what the first picture waits for, after the page itself")
  holds(bytes > 20000 && bytes <= 100 * 1024, `before somebody can sign in ${bytes} bytes came`)
  const largest = Math.max(...packed.filter((name) => name.endsWith(".json.gz")).map(size))
  console.log(`# code ${code} bytes packed; the largest file of a service, of texts or of an index ${largest}; until somebody can sign in ${bytes} bytes`)
  await leave(page)
})
