// The pipeline as a salesperson and a manager look at it: how long what stands where, what it is worth, whose it is.
import { execFileSync } from "node:child_process"
import { ask, cli, go, holds, leave, person, rest, same, test, until } from "../lib.mjs"

const stage = (page, name) => page.locator(`[data-stage="${name}"]`)
const card = (page, deal) => page.locator(`[data-deal="${deal.id}"]`)

test("a column says how many there are and what they are worth, as far as filters of owner, team, tag and customer let through", async () => {
  const make = (title, owner, customer, amount) => ask("manager", "deal", "create", title, "--customer", customer, "--amount", String(amount), "--currency", "EUR", "--owner", `${owner}@acme.example`)
  const one = make("Column one", "sales", "Columns Ltd", 1000)
  make("Column two", "junior", "Columns Ltd", 2500)
  const three = make("Column three", "sales", "Pillars Ltd", 400)
  cli("manager", "deal", "tag", three.id, "intent=high")
  cli("manager", "deal", "move", three.id, "quoted")
  const page = await person("manager", { at: "#/pipeline?search=column" })
  await rest(page)
  const head = async (name) => [await stage(page, name).locator("h2 .count").textContent(), await stage(page, name).locator(".sum").textContent()]
  same([await head("new"), await head("quoted"), await head("won")], [["2", "€3,500"], ["1", "€400"], ["0", ""]], "the columns")
  const only = async (name, fill, titles) => {
    const box = page.locator(`.filters [data-field="${name}"] input`)
    // Chosen by Enter, however soon that comes.
    await box.fill(fill)
    await page.keyboard.press("Enter")
    await until(async () => JSON.stringify((await page.locator(".deal-card > a").allTextContents()).sort()) === JSON.stringify(titles), `${name}: ${titles}`)
    await page.getByRole("link", { name: "Show all" }).click()
    await rest(page)
    await go(page, "#/pipeline?search=column")
  }
  await page.locator('.filters [data-field="owner"] input').waitFor()
  await only("owner", "junior@acme.example", ["Column two"])
  await only("tags", "intent=high", ["Column three"])
  await only("customer_id", "Pillars", ["Column three"])
  await page.locator('.filters [data-field="mine"] input').check()
  await until(async () => (await page.locator(".deal-card").count()) === 0, "none of the manager's own")
  await page.locator('.filters [data-field="team"] input').check()
  await until(async () => (await page.locator(".deal-card").count()) === 3, "those of the team")
  holds(one.id, "made")
  await leave(page)
})

test("a card says for how many days its deal is in its stage, and marks it where that is too long; a move begins anew", async () => {
  const deal = ask("sales", "deal", "create", "Long in its stage", "--customer", "Patience")
  cli("sales", "deal", "move", deal.id, "contacted")
  aged(deal.id, 40)
  cli("sales", "deal", "log", deal.id, "--kind", "call", "--text", "Asked.", "--next", "Send the offer", "--due", "2026-01-02")
  const page = await person("sales", { at: "#/pipeline?search=Long+in+its+stage" })
  const { max_days: most } = ask("sales", "stage", "list").stages.find((s) => s.name === "contacted")
  await card(page, deal).locator(".stay.over").waitFor()
  same(await card(page, deal).locator(".stay .hidden").textContent(), `In this stage for 40 days, ${40 - most} more than usual`, "what it says")
  // What comes next is seen, and that it is late.
  await card(page, deal).locator(".next-up", { hasText: "Send the offer" }).locator(".overdue").waitFor()
  // By keys: the focus stays on the card.
  await card(page, deal).locator("a").focus()
  await page.keyboard.press("Alt+ArrowRight")
  await stage(page, "quoted").locator(`[data-deal="${deal.id}"] a:focus`).waitFor()
  await until(() => ask("sales", "deal", "show", deal.id).stage === "quoted", "it is moved")
  same(await card(page, deal).locator(".stay .hidden").textContent(), "In this stage for 0 days", "after the move")
  await leave(page)
})

/** Has a deal come into its stage so many days ago: no command can. */
function aged(id, days) {
  execFileSync("bash", ["-c", `. tests/run.bash && server_psql "$SCRATCH/web/data" -qc "UPDATE jiayi.deal_pulse SET stage_on = stage_on - ${days} WHERE deal_id = ${Number(id)}"`], { encoding: "utf8" })
}
