// Who does not see the page, or has no mouse, or a small screen, can do the same.
import { axe, ask, go, holds, leave, person, same, tab, test, visitor } from "../lib.mjs"

const views = ["#/today", "#/inbox", "#/pipeline", "#/reports", "#/review", "#/kpis", "#/contracts", "#/of/customer", "#/of/member", "#/do/deal/create", "#/do/report/submit", "#/do/play/write", "#/do/import", "#/do/audit/list", "#/of/case", "#/of/payment", "#/do/tier/list", "#/do/tier/define", "#/do/contract/draft", "#/do/conflict/open", "#/do/session/list"]

/** A deal with a long name, a task, a report, a contract to look at, and what is not there. */
function things() {
  const long = "仓储自动化项目第一期：高位货架、输送线与调度系统的整体交付及五年运维服务 Averyveryverylongwordwithoutanyspacesinit"
  if (!(ask("sales", "deal", "list", "--search", "Averyveryverylong").deals ?? []).length) ask("sales", "deal", "create", long, "--customer", long)
  const deals = ask("sales", "deal", "list").deals ?? []
  const deal = deals[0] ?? ask("sales", "deal", "create", "Harbour", "--customer", "Port")
  const reports = ask("manager", "report", "list").reports ?? []
  const cases = ask("sales", "case", "list").cases ?? []
  const opened = cases[0]?.id ?? ask("sales", "complaint", "open", "--customer", deal.customer, "--severity", "2", "--text", "It stood still.").id
  const task = ask("sales", "task", "create", "Call the harbour back", "--on", `deal/${deal.id}`).id
  return [`#/task/${task}`, "#/deal/999999", `#/deal/${deal.id}`, `#/case/${opened}`, ...(reports[0] ? [`#/report/${reports[0].id}`] : []), `#/contract/${ask("admin", "contract", "list").contracts[0].id}`]
}

/** What axe finds wrong. */
async function violations(page) {
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }))
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")} (${v.help})`)
}

for (const dark of [false, true])
  test(`axe finds nothing wrong on any view, ${dark ? "dark, on a phone's width" : "light"}`, async () => {
    const page = await person("admin", dark ? { dark, width: 360, height: 740, language: "sq" } : { language: "zh" })
    const wrong = []
    for (const at of [...views, ...things()]) {
      await go(page, at)
      wrong.push(...(await violations(page)).map((v) => `${at} ${v}`))
    }
    same(wrong, [], "what axe finds")
    await leave(page)
  })

test("axe finds nothing wrong before anybody is signed in, nor in what is asked", async () => {
  const page = await tab(await visitor({ language: "en" }))
  await page.locator('input[type="password"]').waitFor()
  same(await violations(page), [], "signing in")
  await leave(page)
  const inside = await person("manager")
  await inside.keyboard.press("/")
  await inside.locator("dialog[open] input").fill("deal")
  same(await violations(inside), [], "the palette")
  await leave(inside)
})

const labels = {
  en: ["Expected to close on", "Principal", "When it happened"],
  zh: ["预计结单日期", "甲方", "发生时间"],
  sq: ["Pritet të mbyllet më", "Porositësi", "Kur ndodhi"],
}
for (const language of ["en", "zh", "sq"])
  test(`a form's fields are called what they are, ${language}`, async () => {
    const page = await person("sales", { language })
    const called = async (at, field) => {
      await go(page, at)
      return (await page.locator(`#main [data-field="${field}"] label`).first().textContent()).replace(" *", "").trim()
    }
    same([await called("#/do/deal/create", "close_on"), await called("#/do/registration/check", "to"), await called("#/do/deal/log", "at")], labels[language], "labels")
    await leave(page)
  })

for (const language of ["en", "zh", "sq"])
  test(`boxes: every view fits its window, at 360 and 1280, ${language}`, async () => {
    const page = await person("admin", { language })
    const all = [...views, ...things()]
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 })
      for (const at of all) {
        await go(page, at)
        const boxes = await page.evaluate(() => {
          const box = (s) => document.querySelector(s)?.getBoundingClientRect()
          const small = [...document.querySelectorAll("#main button, #main a.button, #main summary")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 23.5).map((e) => e.textContent)
          const out = [...document.querySelectorAll(".deal-card")].filter((e) => e.getBoundingClientRect().right > e.closest(".stage").getBoundingClientRect().right + 1).map((e) => e.textContent)
          return { out, wide: document.documentElement.scrollWidth - innerWidth, header: box("header"), main: box("#main"), nav: box("#nav"), h1: box("#main h1"), small, lang: document.documentElement.lang }
        })
        same(boxes.out, [], `${at} at ${width}: cards that are wider than their stage`)
        holds(boxes.wide <= 0, `${at} at ${width} is ${boxes.wide} px wider than its window`)
        holds(boxes.h1 && boxes.h1.top >= boxes.header.bottom - 1, `${at} at ${width}: the heading is not below the header`)
        if (width === 1280) holds(boxes.main.left >= boxes.nav.right - 1, `${at} at ${width}: the view lies over the navigation`)
        else holds(boxes.main.left <= 1 && boxes.main.right >= 359, `${at} at ${width}: the view does not have the whole width`)
        same(boxes.small, [], `${at} at ${width}: what is too small to be hit`)
        same(boxes.lang, { en: "en", zh: "zh-CN", sq: "sq" }[language], "the language that readers are told")
      }
    }
    await leave(page)
  })

test("the language is chosen, and stays", async () => {
  const page = await tab(await visitor({ language: "en" }))
  await page.getByRole("button", { name: "中文" }).click()
  await page.getByRole("button", { name: "登录", exact: true }).waitFor()
  await page.getByRole("button", { name: "Shqip" }).click()
  await page.getByRole("button", { name: "Hyr", exact: true }).waitFor()
  await page.reload()
  await page.getByRole("button", { name: "Hyr", exact: true }).waitFor()
  same(await page.evaluate(() => document.documentElement.lang), "sq", "the language")
  await leave(page)
})

test("keys alone: sign in, find what to do, do it", async () => {
  const page = await tab(await visitor())
  await page.locator('input[type="email"]').waitFor()
  const tabTo = async (what) => {
    for (let n = 0; n < 80; n++) {
      await page.keyboard.press("Tab")
      if (await page.evaluate((s) => document.activeElement?.matches(s), what)) return
    }
    throw new Error(`Tab does not come to ${what}`)
  }
  await tabTo('input[type="email"]')
  await page.keyboard.type("sales@acme.example")
  await tabTo('input[type="password"]')
  await page.keyboard.type("secret-of-sales")
  await page.keyboard.press("Enter")
  await page.locator("#main h1").waitFor()
  await page.keyboard.press("/")
  await page.locator(".palette:focus").waitFor()
  await page.keyboard.type("creates a deal")
  await page.keyboard.press("Enter")
  await page.locator('[data-field="title"]').waitFor()
  await tabTo('[data-field="title"] input')
  await page.keyboard.type("By keys")
  await tabTo('[data-field="customer"] input')
  await page.keyboard.type("Somebody")
  await tabTo("form.form button[type=submit]")
  await page.keyboard.press("Enter")
  await page.locator("h1", { hasText: "By keys" }).waitFor()
  // What is focused is seen.
  await page.keyboard.press("Tab")
  holds(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"), "what is focused is not seen")
  await leave(page)
})

