// A day's work: what is typed and found as people do it, and the way back.
import { ask, cli, go, holds, leave, person, rest, same, tab, test, until, visitor } from "../lib.mjs"

const input = (page, name) => page.locator(`#main [data-field="${name}"]`).locator("input, textarea, select").first()
const submit = (page) => page.locator("#main form.form button[type=submit]").first()

/** A key as an input method has it while it composes: Enter chooses a word. */
async function composing(page, letters) {
  const session = await page.context().newCDPSession(page)
  await session.send("Input.imeSetComposition", { text: letters, selectionStart: letters.length, selectionEnd: letters.length })
  await session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 })
  await session.send("Input.dispatchKeyEvent", { type: "keyUp", key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 })
  return { commit: (text) => session.send("Input.insertText", { text }) }
}

test("Enter that an input method takes chooses and sends nothing", async () => {
  const page = await person("sales", { language: "zh" })
  await page.keyboard.press("/")
  await page.locator(".palette:focus").waitFor()
  const { commit } = await composing(page, "s")
  await rest(page)
  same([await page.locator("dialog[open]").count(), await page.evaluate(() => location.hash)], [1, "#/today"], "while a word is composed")
  await commit("深圳")
  same(await page.locator(".palette").inputValue(), "深圳", "what was composed")
  await page.keyboard.press("Enter")
  await page.locator("dialog").waitFor({ state: "detached" })
  await until(async () => /search/.test(await page.evaluate(() => location.hash)), "then Enter is the page's")
  await leave(page)
})

test("what is called so is found where one types what to do", async () => {
  const deal = ask("sales", "deal", "create", "Kranefeld Süd", "--customer", "Kranefeld")
  const page = await person("sales")
  await page.keyboard.press("/")
  await page.locator(".palette:focus").waitFor()
  await page.keyboard.type("kranefeld")
  await page.getByRole("option", { name: "Kranefeld Süd" }).click()
  await page.locator("h1", { hasText: "Kranefeld Süd" }).waitFor()
  same(await page.evaluate(() => location.hash), `#/deal/${deal.id}`, "where it leads")
  await leave(page)
})

test("days are typed as on the command line, in three languages, and seen as they are understood", async () => {
  const page = await person("sales", { at: "#/do/task/create" })
  await rest(page)
  for (const typed of ["today", "明天", "pasnesër", "friday", "下周五", "12/24", "24.12.", "2027/1/5", "1月5日", "２０２７-01-06"]) {
    const { due } = ask("sales", "task", "create", `Due ${typed}`, "--due", typed)
    await input(page, "due").fill(typed)
    await input(page, "title").focus()
    same(await input(page, "due").inputValue(), due, `“${typed}”`)
  }
  // What is no day is said where it is.
  await input(page, "title").fill("Someday")
  await input(page, "due").fill("someday")
  await submit(page).click()
  await page.locator('[data-field="due"] [aria-invalid="true"]').waitFor()
  await page.locator('[data-field="due"] .wrong').waitFor()
  // Enter sends what is still being typed.
  await input(page, "due").fill("tomorrow")
  await page.keyboard.press("Enter")
  await page.locator("h1", { hasText: "Someday" }).waitFor()
  same(ask("sales", "task", "list").tasks.find((t) => t.title === "Someday").due, ask("sales", "task", "create", "Also", "--due", "tomorrow").due, "the day")
  await leave(page)
})

test("after a form was sent the way back leads to where one came from", async () => {
  const page = await person("sales", { at: "#/pipeline" })
  await page.locator(".stage").first().waitFor()
  await page.getByRole("link", { name: "New deal" }).click()
  await input(page, "title").fill("There and back")
  await input(page, "customer").fill("Harbour")
  await input(page, "title").press("Control+Enter")
  await page.locator("h1", { hasText: "There and back" }).waitFor()
  await page.goBack()
  await page.locator(".deal-card", { hasText: "There and back" }).waitFor()
  await leave(page)
})

test("losing a deal offers the company's reasons; on the board and in its form", async () => {
  const deal = ask("sales", "deal", "create", "To be lost", "--customer", "Rival's friend")
  const page = await person("sales", { at: "#/pipeline?search=To+be+lost" })
  const card = page.locator(`[data-deal="${deal.id}"]`)
  await card.hover()
  await card.locator("summary").click()
  await card.getByRole("button", { name: "Lost" }).click()
  const dialog = page.locator("dialog[open]")
  await dialog.locator('[data-field="lost_code"] input').click()
  await dialog.getByRole("option").first().waitFor()
  const reasons = await dialog.getByRole("option").allTextContents()
  holds(reasons.length > 2 && reasons.some((r) => /price/.test(r)), `reasons: ${reasons}`)
  await dialog.getByRole("option").filter({ hasText: "price" }).click()
  await dialog.locator('[data-field="reason"] textarea').fill("Too dear.")
  await dialog.locator("button[type=submit]").click()
  await until(() => ask("sales", "deal", "show", deal.id).lost_code === "price", "it is lost for that")
  await dialog.waitFor({ state: "detached" })
  // The focus is somewhere: who goes on by keys does not begin anew.
  holds(await page.evaluate(() => document.activeElement !== document.body), "nothing has the focus after the dialog")
  await leave(page)
})

test("a form about a thing says which; a vendor is offered the stages of whose deal it is", async () => {
  cli("admin", "stage", "define", "pilot", "--title", "Trial run", "--goal", "They see it work.", "--after", "quoted")
  const deal = ask("sales", "deal", "create", "A vendor's too", "--customer", "Shared Ltd", "--vendor", "beta")
  const page = await person("beta-vendor", { at: `#/do/deal/move?deal_id=${deal.id}` })
  await page.locator("#main .under a", { hasText: "A vendor's too" }).waitFor()
  await input(page, "stage").click()
  await page.getByRole("option", { name: /Trial run/ }).waitFor()
  cli("admin", "stage", "retire", "pilot", "--yes")
  await leave(page)
})

test("a next step is done at once; of people one sees the name, of a partner's with the company", async () => {
  const deal = ask("sales", "deal", "create", "Step by step", "--customer", "Stairs Ltd", "--vendor", "beta")
  cli("beta-vendor", "deal", "log", deal.id, "--kind", "call", "--text", "They wait.")
  cli("sales", "deal", "log", deal.id, "--kind", "call", "--text", "Asked.", "--next", "Send the offer", "--due", "friday")
  const page = await person("sales", { at: `#/deal/${deal.id}` })
  await page.locator(".next-step", { hasText: "Send the offer" }).getByRole("button", { name: /^Done/ }).click()
  await page.locator(".told", { hasText: "Send the offer" }).waitFor()
  await page.locator(".next-step").waitFor({ state: "detached" })
  await page.locator(".story .person", { hasText: /\(beta\)/ }).waitFor()
  await page.locator(".story .person", { hasText: /^Sales$/ }).first().waitFor()
  await leave(page)
})

test("a manager comes from today to what is due in the team, a salesperson is not asked to", async () => {
  const { id } = ask("sales", "deal", "create", "Waits for a word", "--customer", "Words Ltd")
  cli("sales", "deal", "log", id, "--kind", "call", "--text", "Asked.", "--next", "Call again", "--due", "today")
  const page = await person("manager")
  await page.getByRole("link", { name: "What is due" }).click()
  await page.getByRole("link", { name: "Waits for a word" }).waitFor()
  await leave(page)
  const own = await person("sales")
  await rest(own)
  same(await own.getByRole("link", { name: "What is due" }).count(), 0, "for a salesperson")
  await leave(own)
})

test("to whom a report or a lead goes is there already where it is clear", async () => {
  const vendor = await person("beta-vendor", { at: "#/do/deal/register" })
  await rest(vendor)
  await input(vendor, "title").fill("A lead of ours")
  await input(vendor, "customer").fill("Somebody new")
  holds(/acme/i.test(await input(vendor, "to").inputValue()), `the principal is ${await input(vendor, "to").inputValue()}`)
  await submit(vendor).click()
  await vendor.locator("h1", { hasText: "A lead of ours" }).waitFor()
  await go(vendor, "#/do/report/submit")
  holds(/acme/i.test(await input(vendor, "to").inputValue()), "a vendor reports to the principal")
  // What was there already is no draft.
  same(await vendor.locator(".outbox").count(), 0, "drafts")
  await leave(vendor)
  const manager = await person("manager", { at: "#/do/report/submit" })
  await rest(manager)
  holds(/acme/i.test(await input(manager, "to").inputValue()), "a principal's people report to their own company")
  await leave(manager)
})

test("no view asks for the same twice", async () => {
  const page = await tab(await visitor())
  const asked = []
  page.on("request", (r) => r.method() === "POST" && !/WatchInbox$/.test(r.url()) && asked.push(`${r.url().replace(/.*jiayi\.v1\./, "")} ${r.postData()}`))
  await page.locator('input[type="email"]').fill("manager@acme.example")
  await page.locator('input[type="password"]').fill("secret-of-manager")
  await page.locator("form button.main").click()
  await rest(page)
  const { id } = ask("sales", "deal", "create", "Asked for once", "--customer", "Once Ltd")
  const twice = []
  for (const at of ["#/today", "#/inbox", "#/pipeline", `#/deal/${id}`, "#/of/deal", "#/of/customer", "#/do/deal/due?team=true", "#/reports", "#/review", "#/kpis", "#/contracts", `#/do/deal/move?deal_id=${id}`, "#/do/report/submit", "#/of/registration", "#/of/task", "#/of/payment", "#/of/case", "#/of/member", "#/of/stage", "#/of/partner", "#/do/deal/create", "#/contract/1", `#/do/deal/update?deal_id=${id}`, `#/do/task/create?on=deal/${id}`]) {
    await rest(page)
    asked.length = 0
    await go(page, at)
    twice.push(...asked.filter((one, i) => asked.indexOf(one) < i).map((one) => `${at}: ${one}`))
  }
  same(twice, [], "what was asked for twice")
  // A list that is read for its own sake names its rows as well.
  asked.length = 0
  await page.reload()
  await rest(page)
  asked.length = 0
  await go(page, `#/deal/${id}`)
  const named = asked.filter((one) => one.startsWith("StageService/ListStages")).flatMap((one) => JSON.parse(one.replace(/^\S+ /, "")).names ?? [])
  same(named.filter((name) => name !== "new"), [], "stages that are asked for by name though the list has them")
  await leave(page)
})
