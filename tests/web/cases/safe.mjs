// What a page that people trust must not do: docs/ASVS.md names these by the requirements that they show.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { ask, cli, files, go, holds, leave, person, same, tab, tell, test, visitor } from "../lib.mjs"

const html = '<img src=x onerror="document.title=1"><b id=bold>bold</b>'

test("a browser that lacks what the page relies on is told so, and gets no further", async () => {
  const context = await visitor()
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }))
  const page = await tab(context)
  await page.locator("main [role=alert]", { hasText: "Web Locks" }).waitFor()
  same(await page.locator("input").count(), 0, "what may be typed")
  await leave(page)
})

test("what people write is text wherever it is shown, and names nothing of the page's", async () => {
  const deal = ask("sales", "deal", "create", html, "--customer", html)
  cli("sales", "deal", "log", deal.id, "--kind", "note", "--text", html)
  const body = `${html}\n\n[here](javascript:alert(1)) <script>document.title=1</script>\n`
  const report = tell(body, "sales", "report", "submit", "--kind", "daily", "--period", "2026-11-20", "--to", "acme", "--title", html, "--file", "-")
  const page = await person("sales")
  for (const at of ["#/pipeline", `#/deal/${deal.id}`, `#/report/${report.id}`, "#/reports", "#/today", "#/inbox"]) {
    await go(page, at)
    same(await page.locator("#main img, #main script, #bold, a[href^='javascript']").count(), 0, `elements out of a text at ${at}`)
  }
  await go(page, `#/deal/${deal.id}`)
  same(await page.locator("h1").textContent(), html, "the title")
  // Elements with the names of what the page goes by are taken for nothing else.
  await page.evaluate(() => {
    for (const name of ["me", "route", "index", "language", "drafts", "session", "location", "history", "fetch", "indexedDB", "crypto"])
      document.body.append(Object.assign(document.createElement("a"), { id: name, name }), Object.assign(document.createElement("form"), { id: name, name }))
  })
  await go(page, "#/pipeline")
  await page.locator(`[data-deal="${deal.id}"]`).waitFor()
  await leave(page)
})

test("a link in a text says where it leads, and may be left alone", async () => {
  const report = tell("See [the plan](https://elsewhere.example/plan?deal=1).\n", "sales", "report", "submit", "--kind", "daily", "--period", "2026-11-19", "--to", "acme", "--title", "With a link", "--file", "-")
  const page = await person("manager", { at: `#/report/${report.id}` })
  const asked = []
  await page.context().route("https://elsewhere.example/**", (route) => {
    asked.push(route.request().headers().referer)
    return route.fulfill({ body: "elsewhere" })
  })
  await page.getByRole("link", { name: "the plan" }).click()
  const dialog = page.locator("dialog[open]")
  await dialog.getByText("It goes to elsewhere.example.").waitFor()
  await dialog.getByRole("button", { name: "Stay" }).click()
  await dialog.waitFor({ state: "detached" })
  same(asked, [], "what was asked for")
  await page.getByRole("link", { name: "the plan" }).click()
  const [other] = await Promise.all([page.context().waitForEvent("page"), dialog.getByRole("link").click()])
  await other.waitForLoadState()
  same([other.url(), asked.length, asked[0], await other.evaluate(() => opener)], ["https://elsewhere.example/plan?deal=1", 1, undefined, null], "what that page is told")
  await leave(page)
})

test("nothing is heard from other pages' windows, and nothing leads elsewhere by itself", async () => {
  const page = await person("sales")
  const script = readFileSync(join(files, /page\.[^"]*\.js/.exec(readFileSync(join(files, "index.html"), "utf8"))[0]), "utf8")
  holds(!/addEventListener\("message"|\bonmessage=(?!.{0,40}\.data\.name)/.test(script), "it listens to messages of windows")
  holds(!/location\.(href|assign|replace)\b|location=[^=]/.test(script), "it goes to addresses by itself")
  const [here, asked] = [page.url(), []]
  // What it asks its own server it asks by itself as well.
  page.on("request", (r) => new URL(r.url()).origin === new URL(here).origin || asked.push(r.url()))
  await page.evaluate(() => {
    for (const name of ["changed", "signed elsewhere", "settled", "leave"]) window.postMessage({ name, value: "https://elsewhere.example/" }, "*")
  })
  await page.evaluate(() => new Promise((done) => setTimeout(done)))
  same([asked, page.url(), await page.locator("dialog[open]").count()], [[], here, 0], "what came of it")
  await leave(page)
})

test("after signing out the way back shows nothing; signing out is at hand wherever one is", async () => {
  const deal = ask("sales", "deal", "create", "Not for the next one", "--customer", "Harbour")
  const page = await person("sales")
  for (const at of ["#/pipeline", "#/do/deal/create", "#/of/task", `#/deal/${deal.id}`]) {
    await go(page, at)
    await page.locator("details.who summary").click()
    await page.getByRole("button", { name: "Sign out" }).waitFor()
    await page.locator("details.who summary").click()
  }
  await page.locator("details.who summary").click()
  await page.getByRole("button", { name: "Sign out" }).click()
  await page.locator('input[type="password"]').waitFor()
  for (const back of [() => page.goBack(), () => page.goBack(), () => page.reload()]) {
    await back()
    await page.locator('input[type="password"]').waitFor()
    same(await page.getByText("Not for the next one").count(), 0, "what is seen of the deal")
  }
  const kept = await page.evaluate(() => new Promise((done) => {
    const asked = indexedDB.open("jiayi")
    asked.onsuccess = async () => {
      const all = asked.result.objectStoreNames.contains("drafts") ? asked.result.transaction("drafts").objectStore("drafts").count() : null
      if (all) all.onsuccess = () => done([all.result, sessionStorage.length])
      else done([0, sessionStorage.length])
    }
  }))
  same(kept, [0, 0], "what the browser keeps")
  await leave(page)
})
