// On a bad line, in two tabs, with a session that ends: nothing that was written is lost, and nothing is done twice.
import { ask, cli, go, holds, leave, person, rest, same, signIn, tab, test, until, visitor } from "../lib.mjs"

const input = (page, name) => page.locator(`[data-field="${name}"]`).locator("input, textarea, select").first()
const submit = (page) => page.locator("#main form.form button[type=submit]").first()
const titled = (title) => (ask("sales", "deal", "list", "--search", title).deals ?? []).length

/** What this browser keeps. */
const kept = (page) =>
  page.evaluate(() => new Promise((resolve) => {
    const asked = indexedDB.open("jiayi")
    asked.onsuccess = () => {
      const db = asked.result
      if (!db.objectStoreNames.contains("drafts")) return resolve([])
      const all = db.transaction("drafts").objectStore("drafts").getAll()
      all.onsuccess = () => { db.close(); resolve(all.result) }
    }
  }))

async function write(page, title) {
  await go(page, "#/do/deal/create")
  await input(page, "title").fill(title)
  await input(page, "customer").fill("Harbour")
}

test("what is sent without a line is kept, through a closed tab, and is done once when there is one", async () => {
  const context = await visitor()
  const page = await tab(context)
  await signIn(page, "sales")
  await write(page, "Offline one")
  await rest(page)
  await context.setOffline(true)
  await submit(page).click()
  await page.locator("form .state", { hasText: "No line" }).waitFor()
  await page.locator(".outbox.waits", { hasText: "To send: 1" }).waitFor()
  same((await kept(page)).map((d) => d.state), ["waiting"], "what is kept")
  const [{ id }] = await kept(page)
  await page.close()
  await context.setOffline(false)
  const ids = []
  context.on("request", (r) => r.url().endsWith("CreateDeal") && ids.push(r.headers()["jiayi-request-id"]))
  const again = await tab(context)
  await until(() => titled("Offline one") === 1, "the deal is made")
  await until(async () => (await kept(again)).length === 0, "nothing is kept any more")
  holds(ids.length > 0 && ids.every((one) => one === id), `it was sent under other names: ${ids} instead of ${id}`)
  same(titled("Offline one"), 1, "how often it was done")
  await leave(again)
})

test("an answer that got lost is asked for again under the same request_id", async () => {
  const page = await person("sales")
  await write(page, "Lost answer")
  const ids = []
  await page.route("**/*DealService/CreateDeal", async (route) => {
    ids.push(route.request().headers()["jiayi-request-id"])
    if (ids.length > 1) return route.continue()
    // The server does it, and the page never learns of it.
    const { "content-type": type, "connect-protocol-version": version, "jiayi-request-id": id } = route.request().headers()
    await page.evaluate(([url, headers, body]) => fetch(url, { method: "POST", headers, body }).then((a) => a.text()),
      [route.request().url(), { "content-type": type, "connect-protocol-version": version, "jiayi-request-id": id }, route.request().postData()])
    return route.abort("connectionreset")
  })
  await submit(page).click()
  await page.locator("h1", { hasText: "Lost answer" }).waitFor()
  same(new Set(ids).size, 1, "names")
  holds(ids.length > 2, "it was not sent again")
  same(titled("Lost answer"), 1, "how often it was done")
  await leave(page)
})

test("two tabs: what is done in one shows in the other, drafts as well; who leaves leaves both", async () => {
  const context = await visitor()
  const one = await tab(context)
  await signIn(one, "sales")
  const two = await tab(context, "#/pipeline")
  await two.locator(".stage").first().waitFor()
  await write(one, "In two tabs")
  await two.locator(".outbox", { hasText: "Drafts: 1" }).waitFor()
  await submit(one).click()
  await two.locator(".deal-card", { hasText: "In two tabs" }).waitFor()
  await one.locator("details.who summary").click()
  await one.getByRole("button", { name: "Sign out" }).click()
  await one.locator('input[type="password"]').waitFor()
  await two.locator('input[type="password"]').waitFor()
  same((await context.cookies()).filter((c) => c.name === "__Host-jiayi"), [], "the cookie")
  await context.close()
})

test("a session that is revoked in the middle: what was written waits for who wrote it, and for nobody else", async () => {
  const context = await visitor()
  const page = await tab(context)
  await signIn(page, "sales")
  await write(page, "Half written")
  await until(async () => (await kept(page)).length === 1, "the draft is kept")
  cli("sales", "session", "revoke", "--all", "--yes")
  await submit(page).click()
  await page.locator(".note", { hasText: "The session is over" }).waitFor()
  same(titled("Half written"), 0, "what an ended session did")
  // Somebody else on the same machine sees nothing of it.
  await signIn(page, "peer")
  await rest(page)
  await go(page, "#/do/deal/create")
  same(await input(page, "title").inputValue(), "", "what somebody else sees")
  same(await page.locator(".outbox").count(), 0, "drafts of somebody else")
  await page.locator("details.who summary").click()
  await page.getByRole("button", { name: "Sign out" }).click()
  await page.locator('input[type="password"]').waitFor()
  // Though a sign-out has the browser forget everything, what was written is there for who wrote it, and sent.
  await signIn(page, "sales")
  await until(() => titled("Half written") === 1, "it is done after all")
  await until(async () => (await kept(page)).length === 0, "nothing is kept any more")
  await context.close()
})

test("a session that is revoked: who signs in again goes on where they were", async () => {
  const page = await person("junior")
  await write(page, "Goes on")
  await until(async () => (await kept(page)).length === 1, "the draft is kept")
  cli("junior", "session", "revoke", "--all", "--yes")
  await submit(page).click()
  await page.locator(".note", { hasText: "The session is over" }).waitFor()
  await signIn(page, "junior")
  // What was sent already is sent by itself; what was not stands in its form.
  await until(() => titled("Goes on") === 1 || ask("junior", "deal", "list", "--search", "Goes on").deals?.length === 1, "it is done after all")
  await until(async () => (await kept(page)).length === 0, "nothing is kept any more")
  await leave(page)
})

// ASVS 7.5.2.
test("people see their sessions, and end one of them", async () => {
  const page = await person("peer")
  const mine = ask("peer", "session", "list").sessions.map((s) => s.id)
  const other = await person("peer")
  const one = ask("peer", "session", "list").sessions.map((s) => s.id).find((id) => !mine.includes(id))
  await go(page, "#/do/session/list")
  holds((await page.locator("#main table").textContent()).includes(one), "the other session is in the list")
  await go(page, `#/do/session/revoke?session_id=${one}`)
  await submit(page).click()
  await until(() => !ask("peer", "session", "list").sessions.some((s) => s.id === one), "it is ended")
  await other.reload()
  await other.locator('input[type="password"]').waitFor()
  await page.reload()
  await page.locator("#main h1").waitFor()
  same(await page.locator('input[type="password"]').count(), 0, "one's own session goes on")
  await leave(other)
  await leave(page)
})

test("who signs out with drafts is asked, and nothing stays behind", async () => {
  const page = await person("sales")
  await write(page, "Never sent")
  await until(async () => (await kept(page)).length === 1, "the draft is kept")
  await page.locator("details.who summary").click()
  await page.getByRole("button", { name: "Sign out" }).click()
  const dialog = page.locator("dialog[open]")
  await dialog.getByRole("button", { name: "Stay" }).click()
  same((await kept(page)).length, 1, "drafts of who stays")
  await page.getByRole("button", { name: "Sign out" }).click()
  await dialog.getByRole("button", { name: "Discard and sign out" }).click()
  await page.locator('input[type="password"]').waitFor()
  same(await kept(page), [], "what is kept")
  same(titled("Never sent"), 0, "what was done")
  await leave(page)
})

test("a page at rest does nothing", async () => {
  const context = await visitor()
  await context.addInitScript(() => {
    const begin = IDBDatabase.prototype.transaction
    window.looked = 0
    IDBDatabase.prototype.transaction = function (...asked) {
      window.looked++
      return begin.apply(this, asked)
    }
  })
  await context.clock.install()
  const page = await tab(context)
  await signIn(page, "sales")
  await write(page, "At rest")
  await page.locator(".outbox", { hasText: "Drafts: 1" }).waitFor()
  const looked = () => page.evaluate(() => window.looked)
  // It comes to rest, and stays there for a minute of its clock.
  let before
  await until(async () => {
    before = await looked()
    await page.clock.runFor(1000)
    await rest(page)
    return before === (await looked())
  }, "the page comes to rest")
  await page.clock.runFor(60000)
  await rest(page)
  same(await looked(), before, "how often it looked at what it keeps")
  await context.close()
})

test("who signs out with something that waits for the line may have it sent first", async () => {
  const page = await person("sales")
  await write(page, "Sent before leaving")
  // The server is not there, and is again.
  await page.route("**/*DealService/CreateDeal", (route) => route.abort("connectionreset"))
  await submit(page).click()
  await page.locator(".outbox.waits").waitFor()
  await page.unroute("**/*DealService/CreateDeal")
  await page.locator("details.who summary").click()
  await page.getByRole("button", { name: "Sign out" }).click()
  await page.locator("dialog[open]").getByRole("button", { name: "Send and sign out" }).or(page.locator('input[type="password"]')).first().click()
  await page.locator('input[type="password"]').waitFor()
  same([titled("Sent before leaving"), await kept(page)], [1, []], "what was done, and is kept")
  await leave(page)
})

test("what somebody changed meanwhile is not changed back by a draft that is found again", async () => {
  const { id, version } = ask("sales", "deal", "create", "Two hands", "--customer", "Harbour", "--amount", "1000", "--currency", "EUR")
  const page = await person("sales", { at: `#/do/deal/update?deal_id=${id}&version=${version}` })
  await input(page, "title").fill("Two hands, one title")
  await until(async () => (await kept(page)).length === 1, "the draft is kept")
  cli("sales", "deal", "update", id, "--amount", "2000", "--currency", "EUR", "--force")
  await page.reload()
  await page.locator(".note", { hasText: "is here again" }).waitFor()
  same(await input(page, "title").inputValue(), "Two hands, one title", "what was written")
  await submit(page).click()
  await until(() => ask("sales", "deal", "show", id).title === "Two hands, one title", "it is changed")
  same(ask("sales", "deal", "show", id).amount, { amount: "2000.00", currency: "EUR" }, "what somebody else changed")
  await leave(page)
})

test("who looks at a view without a line sees it as soon as there is one", async () => {
  const context = await visitor()
  const page = await tab(context)
  await signIn(page, "sales")
  await rest(page)
  await context.setOffline(true)
  await page.evaluate(() => { location.hash = "#/of/customer" })
  await page.locator("#main .alert").waitFor()
  await page.locator(".offline").waitFor()
  ask("sales", "customer", "create", "Back Online Ltd")
  await context.setOffline(false)
  await page.getByRole("link", { name: "Back Online Ltd" }).waitFor()
  same(await page.locator("#main .alert").count(), 0, "what is still said to be wrong")
  await context.close()
})
