// The main job, by four people of two companies, in their languages.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ask, cli, go, holds, leave, person, rest, same, signIn, tab, test, until, visitor } from "../lib.mjs"

const field = (page, name) => page.locator(`[data-field="${name}"]`)
const input = (page, name) => field(page, name).locator("input, textarea, select").first()
const submit = (page) => page.locator("#main form.form button[type=submit]").first()

test("a salesperson makes a deal, logs a follow-up and moves it, in Chinese", async () => {
  const page = await person("sales", { language: "zh" })
  await go(page, "#/do/deal/create")
  await input(page, "title").fill("深圳港口自动化")
  await input(page, "customer").fill("深圳港务集团")
  await input(page, "amount").fill("350万")
  await input(page, "vendor").fill("beta")
  // Somebody is chosen by name, and is an address then.
  await input(page, "owner").fill("Sal")
  await page.getByRole("option", { name: /Sales/ }).click()
  await submit(page).click()
  await page.locator("h1", { hasText: "深圳港口自动化" }).waitFor()
  const [deal] = ask("sales", "deal", "list").deals
  same([deal.title, deal.vendor, deal.owner, deal.amount], ["深圳港口自动化", "beta", "sales@acme.example", { amount: "3500000.00", currency: "CNY" }], "the deal")
  await rest(page)
  await page.locator(".log select").first().selectOption("visit")
  await page.locator(".log textarea").first().fill("拜访了码头运营部。")
  await page.locator(".log button[type=submit]").click()
  await page.locator(".story", { hasText: "拜访了码头运营部。" }).waitFor()

  // By its menu, by keys, by dragging.
  await go(page, "#/pipeline")
  const card = page.locator(`[data-deal="${deal.id}"]`)
  const inStage = (name) => page.locator(`[data-stage="${name}"] [data-deal="${deal.id}"]`).waitFor()
  await inStage("new")
  await card.hover()
  await card.locator("summary").click()
  await card.getByRole("button", { name: "已联系" }).click()
  await inStage("contacted")
  await until(() => ask("sales", "deal", "show", deal.id).stage === "contacted", "the deal is moved by its menu")
  await card.locator("a").focus()
  await page.keyboard.press("Alt+ArrowRight")
  await inStage("quoted")
  await until(() => ask("sales", "deal", "show", deal.id).stage === "quoted", "the deal is moved by keys")
  await card.dragTo(page.locator('[data-stage="negotiating"]'))
  await inStage("negotiating")
  await until(() => ask("sales", "deal", "show", deal.id).stage === "negotiating", "the deal is moved by dragging")
  // Losing asks why, and says what is missing where it is.
  await card.hover()
  await card.locator("summary").click()
  await card.getByRole("button", { name: "丢单" }).click()
  const dialog = page.locator("dialog[open]")
  await dialog.locator("button[type=submit]").click()
  await dialog.locator('[aria-invalid="true"], .alert').first().waitFor()
  await page.keyboard.press("Escape")
  await inStage("negotiating")
  await leave(page)
})

test("a card that is moved again before the first move is done goes on from there", async () => {
  const { id } = ask("sales", "deal", "create", "In a hurry", "--customer", "Hurry Ltd")
  const page = await person("sales", { at: "#/pipeline" })
  const card = page.locator(`[data-deal="${id}"]`)
  await card.waitFor()
  let asked = 0
  let release
  const isReleased = new Promise((resolve) => { release = resolve })
  await page.route("**/*DealService/MoveDeal", async (route) => {
    asked++
    await isReleased
    await route.continue()
  })
  await card.locator("a").focus()
  for (const stage of ["contacted", "quoted"]) {
    await page.keyboard.press("Alt+ArrowRight")
    await page.locator(`[data-stage="${stage}"] [data-deal="${id}"] a:focus`).waitFor()
  }
  same(asked, 1, "moves before the first one is done")
  release()
  await until(() => ask("sales", "deal", "show", id).stage === "quoted", "both moves are done")
  same(asked, 2, "moves")
  await rest(page)
  await page.locator(`[data-stage="quoted"] [data-deal="${id}"]`).waitFor()
  same(await page.locator(`[data-deal="${id}"]`).count(), 1, "cards")
  same(await page.locator(".alert").count(), 0, "what went wrong")
  await leave(page)
})

test("a vendor reports, the manager returns it with a comment, and accepts the second version", async () => {
  const vendor = await person("beta-vendor", { language: "sq" })
  const manager = await person("manager", { language: "en" })
  await go(vendor, "#/do/report/submit")
  await input(vendor, "kind").selectOption("weekly")
  await input(vendor, "period").fill("2026-W47")
  await input(vendor, "to").fill("acme")
  await input(vendor, "title").fill("Java 47")
  await input(vendor, "body").fill("## Ecuria\n\nDemonstrimi u **krye**.")
  // It is seen as it will be read.
  same(await vendor.locator(".preview strong").textContent(), "krye", "the preview")
  await submit(vendor).click()
  await vendor.locator("h1", { hasText: "Java 47" }).waitFor()

  await go(manager, "#/review")
  await manager.locator(".paper", { hasText: "Java 47" }).waitFor()
  const decide = manager.locator(".decide")
  await decide.getByRole("button", { name: "Return", exact: true }).click()
  // Returning needs a word.
  await decide.locator("button[type=submit]").click()
  await decide.locator('[aria-invalid="true"]').waitFor()
  await decide.locator("textarea").fill("From which day on?")
  await decide.locator("button[type=submit]").click()
  await until(() => ask("manager", "report", "list").reports[0].state === "returned", "the report is returned")

  // The vendor is told, without asking anew.
  await go(vendor, "#/today")
  const again = vendor.locator(".item", { hasText: "Java 47" }).locator("a.chip").first()
  await again.click()
  await vendor.locator("blockquote", { hasText: "From which day on?" }).waitFor()
  same(await input(vendor, "body").inputValue(), "## Ecuria\n\nDemonstrimi u **krye**.", "the text to go on with")
  await input(vendor, "body").fill("## Ecuria\n\nDemonstrimi u **krye**.\nNga 1 dhjetori.")
  await submit(vendor).click()
  await until(() => ask("beta-vendor", "report", "list").reports[0].version === 2, "the second version is there")

  await go(manager, "#/reports")
  await manager.getByRole("link", { name: "Java 47" }).click()
  await manager.locator("table.diff ins", { hasText: "Nga 1 dhjetori." }).waitFor()
  same(await manager.locator("table.diff del").count(), 0, "lines that went away")
  await manager.locator(".decide button[type=submit]").click()
  await until(() => ask("manager", "report", "list").reports[0].state === "accepted", "the report is accepted")
  await leave(vendor)
  await leave(manager)
})

test("the manager sets targets, the vendor's manager records, and both see it as a picture and as figures", async () => {
  const manager = await person("manager", { language: "en" })
  await go(manager, "#/do/kpi/define")
  await input(manager, "code").fill("demos")
  await input(manager, "name").fill("Presentations")
  await input(manager, "unit").fill("presentations")
  await input(manager, "period").selectOption("month")
  await submit(manager).click()
  await manager.locator(".done").waitFor()
  await go(manager, "#/do/kpi/target?code=demos&period=2026-11")
  await input(manager, "value").fill("8")
  await input(manager, "vendor").fill("beta")
  await submit(manager).click()
  await until(() => (ask("manager", "kpi", "list").kpis ?? []).length === 1, "the target is there")
  const vendor = await person("beta-manager", { language: "zh" })
  await go(vendor, "#/do/kpi/record?code=demos&period=2026-11")
  await input(vendor, "value").fill("6")
  await submit(vendor).click()
  await until(() => ask("manager", "kpi", "list").kpis[0].actual === "6", "it is recorded")
  await go(manager, "#/kpis")
  holds(/beta: 6 of 8/.test(await manager.locator("svg.bars").getAttribute("aria-label")), "the picture has its figures in words")
  await manager.locator(".kpi table", { hasText: "75 %" }).waitFor()
  await leave(manager)
  await leave(vendor)
})

test("both sides sign the contract that they see, word for word", async () => {
  const words = join(process.env.SCRATCH, "words.md")
  writeFileSync(words, "# Sales in the south\n\n1. We sell.\n3. 双方同意。\n")
  const { id } = ask("manager", "contract", "draft", "beta", "--title", "Sales in the south", "--file", words)
  const review = (profile) => ["clear", "fair", "reasonable", "legal"].forEach((point) => cli(profile, "contract", "review", id, point, "--text", "Looked at."))
  review("manager")
  cli("manager", "contract", "propose", id)
  const text = cli("admin", "contract", "text", id)
  for (const [profile, language] of [["admin", "zh"], ["beta-admin", "sq"]]) {
    if (profile !== "admin") review(profile)
    const page = await person(profile, { language })
    await go(page, `#/contract/${id}`)
    same(await page.locator(".words").textContent(), text, "the text")
    await page.locator(".decide button[type=submit]").click()
    await page.locator(".decide").waitFor({ state: "detached" })
    await leave(page)
  }
  const contract = ask("admin", "contract", "show", id)
  same([contract.state, contract.signatures.map((s) => s.company).sort()], ["active", ["acme", "beta"]], "the contract")
})

test("what somebody else does shows without a reload", async () => {
  const page = await tab(await visitor())
  const watches = page.waitForResponse(/WatchInbox$/)
  await signIn(page, "manager")
  await page.getByRole("heading", { name: "What happened" }).waitFor()
  await watches
  cli("admin", "task", "create", "Call the harbour", "--owner", "manager@acme.example", "--due", "2026-12-24")
  await page.locator(".item", { hasText: "Call the harbour" }).first().waitFor()
  await leave(page)
})

test("every command has its form, or its answer", async () => {
  const page = await person("admin")
  const nouns = await page.locator("nav#nav .nouns a").evaluateAll((all) => all.map((a) => a.getAttribute("href")))
  holds(nouns.length > 15, `only ${nouns.length} nouns`)
  const commands = new Set()
  for (const noun of nouns) {
    await go(page, noun)
    for (const href of await page.locator('#main a[href^="#/do/"]').evaluateAll((all) => all.map((a) => a.getAttribute("href")))) commands.add(href)
  }
  holds(commands.size > 80, `only ${commands.size} commands`)
  for (const href of commands) {
    await go(page, href)
    holds((await page.locator("#main h1").count()) === 1, `${href} has no heading`)
    holds((await page.locator("#main form, #main table, #main dl, #main .empty, #main .alert").count()) > 0, `${href} shows nothing`)
  }
  await leave(page)
})
