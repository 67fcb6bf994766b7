// Importing a table, as one comes out of a spreadsheet.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { ask, go, holds, person, same, test, leave, until } from "../lib.mjs"

const file = join(process.env.SCRATCH, "table.csv")

test("a table is matched by its columns, tried, and imported; what is wrong is said by its line", async () => {
  const page = await person("admin", { language: "zh" })
  await go(page, "#/do/import")
  await page.locator("#kind").selectOption("deals")
  const put = async (text, rows) => {
    writeFileSync(file, text)
    await page.locator("#table").setInputFiles(file)
    await page.locator("#columns", { hasText: `${rows} 行` }).waitFor()
  }
  const [tries, imports] = [page.locator(".ends button").nth(0), page.locator(".ends button").nth(1)]
  // Headings as they are called elsewhere; a line in quotes; a day that is none.
  await put('商机名称,客户名称,金额（元）,货币,预计结单日期,备注\n一号库,"北辰, 自动化",12万,CNY,2026/12/1,\n二号库,"北\n辰",5,CNY,2026/12/2,\n三号库,北辰,6,CNY,soon,\n', 3)
  same(await page.locator("#main section select").evaluateAll((all) => all.map((s) => s.value)), ["title", "customer", "amount", "currency", "close_on"], "which column is what")
  holds(await imports.isDisabled(), "nothing is imported before it was tried")
  await tries.click()
  await page.locator("tbody tr").nth(1).waitFor()
  same(await page.locator("tbody td:first-child").allTextContents(), ["3", "5"], "lines that are wrong")
  same(ask("admin", "deal", "list", "--search", "号库").deals ?? [], [], "what a try keeps")
  await put("商机名称,客户名称,金额,货币,预计结单日期\n一号库,北辰自动化,12万,CNY,2026/12/1\n二号库,北辰自动化,5,CNY,2026-12-02\n", 2)
  await tries.click()
  await until(() => imports.isEnabled(), "it was tried")
  await imports.click()
  await page.locator(".done").waitFor()
  same(ask("admin", "deal", "list", "--search", "号库").deals.map((d) => [d.title, d.amount.amount, d.close_on]).sort(), [["一号库", "120000.00", "2026-12-01"], ["二号库", "5.00", "2026-12-02"]], "what came in")
  await leave(page)
})
