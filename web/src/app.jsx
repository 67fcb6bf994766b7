// What stands around every view: where one can go, what waits to be sent, who is signed in.
import { useEffect, useRef, useState } from "preact/hooks"
import { read } from "./call.js"
import { refName } from "./cell.jsx"
import { dropAll, dropDraft, drafts, sendAll } from "./drafts.js"
import { Dialog } from "./dialog.jsx"
import { on } from "./events.js"
import { useAsked, useHeard, useRead, useTold } from "./hooks.js"
import { doing, go, route } from "./route.js"
import { command, index, linkToRef, setIndex } from "./schema.js"
import { findSession, hasEnded, may, me, openSession, signOut, unsent } from "./session.js"
import { _, keepLanguage, language, languages, noun, speak, tag } from "./text.js"
import { views } from "./views/views.jsx"

import { Any, Noun } from "./views/any.jsx"
import { Thing } from "./views/thing.jsx"
import { SecondFactor, SignIn } from "./views/signin.jsx"

/** A choice of languages. */
export function Languages({ onChange }) {
  const choose = async (wanted) => {
    setIndex(await speak(wanted))
    keepLanguage(wanted)
    onChange()
  }
  return (
    <span class="languages" role="group" aria-label={_("Language")}>
      {languages.map(([code, name]) => (
        <button type="button" key={code} lang={code} aria-pressed={code === language} onClick={() => choose(code)}>{name}</button>
      ))}
    </span>
  )
}

/** What is not at the server yet. */
function Outbox() {
  const { answer = [], again } = useAsked(drafts, [])
  const [isOpen, setOpen] = useState(false)
  useHeard(["drafts", "session"], again)
  const waiting = answer.filter((d) => d.state === "waiting")
  if (answer.length === 0) return null
  return (
    <>
      <button type="button" class={`outbox ${waiting.length > 0 ? "waits" : ""}`} onClick={() => setOpen(true)}>
        {waiting.length > 0 ? _("To send: %s", waiting.length) : _("Drafts: %s", answer.length)}
      </button>
      {isOpen && (
        <Dialog title={_("Not sent yet")} onClose={() => setOpen(false)}>
          <ul class="plain-list">
            {answer.map((d) => (
              <li key={d.key}>
                <a href={d.hash} onClick={() => setOpen(false)}>{noun(d.words.split(" ")[0])} · {command(d.words)?.title ?? d.words}</a>
                <small> {d.state === "waiting" ? _("waits for the line") : d.refused ?? _("being written")}</small>
                <button type="button" class="plain" onClick={() => dropDraft(d.key)}>{_("Discard")}</button>
              </li>
            ))}
          </ul>
          {waiting.length > 0 && <button type="button" class="main" onClick={() => sendAll()}>{_("Send now")}</button>}
        </Dialog>
      )}
    </>
  )
}

/** Leaves; what was not sent is sent or discarded first. */
function SignOut() {
  const [left, setLeft] = useState(null)
  const leave = async () => {
    await signOut()
    go("#/")
  }
  const ask = async () => {
    const all = await unsent()
    if (all.length === 0) await leave()
    else setLeft(all)
  }
  const sendFirst = async () => {
    await sendAll()
    const all = await unsent()
    if (all.some((d) => d.state === "waiting")) setLeft(all)
    else {
      await dropAll()
      await leave()
    }
  }
  const waiting = left?.filter((d) => d.state === "waiting").length
  return (
    <>
      <button type="button" class="button" onClick={ask}>{_("Sign out")}</button>
      {left && (
        <Dialog title={_("What you wrote is not sent yet")} onClose={() => setLeft(null)}>
          <ul>{left.map((d) => <li key={d.key}><a href={d.hash} onClick={() => setLeft(null)}>{command(d.words)?.title ?? d.words}</a></li>)}</ul>
          <p>{_("After signing out nothing of it stays in this browser.")}</p>
          <div class="ends">
            {waiting > 0 && <button type="button" class="main" onClick={sendFirst}>{_("Send and sign out")}</button>}
            <button type="button" class="danger" onClick={async () => { await dropAll(); await leave() }}>{_("Discard and sign out")}</button>
            <button type="button" class="button" onClick={() => setLeft(null)}>{_("Stay")}</button>
          </div>
        </Dialog>
      )}
    </>
  )
}

/** What is called so, among all that I see; asked for once nobody types any more. */
function useFound(text) {
  const [found, setFound] = useState([])
  useEffect(() => {
    let isOld = false
    const timer = text.trim().length > 1 && command("search") ? setTimeout(() => read("SearchService/Search", { text: text.trim(), page_size: 8 }).then((a) => isOld || setFound(a.found ?? []), () => {}), 200) : setFound([])
    return () => {
      isOld = true
      clearTimeout(timer)
    }
  }, [text])
  return found
}

/** Everything that can be done, and everything that is there, found by its words. */
function Palette({ onClose }) {
  const [text, setText] = useState("")
  const [at, setAt] = useState(0)
  const things = useFound(text)
  const plain = (t) => t.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
  const asked = plain(text).split(/\s+/).filter(Boolean)
  const found = index.commands.filter((c) => may(c.permission) && asked.every((w) => plain(`${c.words} ${c.title} ${noun(c.words.split(" ")[0])}`).includes(w))).slice(0, 12)
  const all = [...found.map((c) => ({ hash: doing(c.words), title: c.title, about: noun(c.words.split(" ")[0]) })),
    ...(text && command("search") ? [{ hash: doing("search", { [command("search").first]: text }), title: _("Search for “%s”", text) }] : []),
    // What comes later stands last: what one was about to choose stays where it is.
    ...things.map((t) => ({ key: t.ref, hash: linkToRef(t.ref) ?? linkToRef(t.on), title: t.text, about: refName(t.ref) })).filter((t) => t.hash)]
  const choose = (one) => {
    onClose()
    go(one.hash)
  }
  const onKeyDown = (e) => {
    if (e.key === "ArrowDown") setAt(Math.min(at + 1, all.length - 1))
    else if (e.key === "ArrowUp") setAt(Math.max(at - 1, 0))
    else if (e.key === "Enter" && all[at]) choose(all[at])
    else return
    e.preventDefault()
  }
  return (
    <Dialog title={_("Go to, or do")} onClose={onClose}>
      <input type="search" class="palette" role="combobox" aria-label={_("What are you looking for?")} aria-expanded={all.length > 0} aria-controls="palette"
        aria-activedescendant={all[at] ? `palette-${at}` : undefined} value={text} onInput={(e) => { setText(e.target.value); setAt(0) }} onKeyDown={onKeyDown} />
      <ul id="palette" role="listbox" aria-label={_("Commands")} class="plain-list choices">
        {all.map((one, i) => (
          <li key={one.key ?? one.hash} id={`palette-${i}`} role="option" aria-selected={i === at} class={i === at ? "at" : ""} onClick={() => choose(one)}>
            {one.about && <small>{one.about}</small>} {one.title}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

/** What is done with what: all nouns that commands begin with. */
function nouns() {
  const all = [...new Set(index.commands.filter((c) => c.words.includes(" ") && may(c.permission)).map((c) => c.words.split(" ")[0]))]
  return all.sort((a, b) => noun(a).localeCompare(noun(b), tag()))
}

/** What is set up once, and what is one's own: it is looked for less often than what is worked with. */
const settings = ["audit", "calendar", "checklist", "choice", "company", "export", "import", "key", "member", "partner", "rate", "role", "server", "session", "stage", "status", "token", "totp"]
/** What is looked for most stands first; the rest by its name. */
const often = ["customer", "task", "registration", "case", "payment"]
const oftenFirst = (a, b) => (often.indexOf(a) + 1 || often.length + 1) - (often.indexOf(b) + 1 || often.length + 1)
/** What has a view of its own. */
const seen = ["deal", "report", "kpi", "contract", "inbox"]

function Unread() {
  const { answer } = useRead("InboxService/ListInbox", { unread: true, page_size: 50 })
  const n = answer?.items?.length ?? 0
  return n > 0 ? <span class="count" aria-label={_("%s unread", n)}>{n < 50 ? n : "49+"}</span> : null
}

function Nav({ isOpen }) {
  const here = route.parts[0] ?? "today"
  const at = here === "do" ? `of/${route.parts[1]}` : here === "of" ? `of/${route.parts[1]}` : here
  const work = nouns().filter((n) => !settings.includes(n) && !seen.includes(n))
  // What is a part of something else has no list of its own: it is done where the other is.
  const hasList = (n) => index.commands.some((c) => c.words === `${n} list` && !c.needs && may(c.permission))
  const isPart = at.startsWith("of/") && work.includes(at.slice(3)) && !hasList(at.slice(3))
  const link = (n) => <li key={n}><a href={`#/of/${n}`} aria-current={at === `of/${n}` ? "page" : undefined}>{noun(n)}</a></li>
  return (
    <nav aria-label={_("Views")} class={isOpen ? "open" : ""} id="nav">
      <ul>
        {views.filter((v) => v.title && (!v.permission || may(v.permission))).map((v) => (
          <li key={v.path}>
            <a href={`#/${v.path}`} aria-current={here === v.path || v.also?.includes(here) ? "page" : undefined}>{v.title()}{v.path === "inbox" && <Unread />}</a>
          </li>
        ))}
      </ul>
      <h2>{_("Work")}</h2>
      <ul class="nouns">{work.filter(hasList).sort(oftenFirst).map(link)}</ul>
      <details open={isPart || undefined}><summary>{_("More")}</summary><ul class="nouns">{work.filter((n) => !hasList(n)).map(link)}</ul></details>
      <h2>{_("Settings")}</h2>
      <ul class="nouns">{nouns().filter((n) => settings.includes(n)).map(link)}</ul>
    </nav>
  )
}

/** What was done just now, for as long as it takes to read. */
function Told() {
  const [text, setText] = useState("")
  useEffect(() => {
    let timer
    const end = on("done", (what) => {
      setText(what)
      clearTimeout(timer)
      timer = setTimeout(setText, 5000, "")
    })
    return () => {
      end()
      clearTimeout(timer)
    }
  }, [])
  return <div class="told" role="status">{text && <p>{text}</p>}</div>
}

/** Whoever follows a link out of a text is told where it leads first. */
function Leaving() {
  const [to, setTo] = useState(null)
  useEffect(() => on("leave", setTo), [])
  if (!to) return null
  return (
    <Dialog title={_("This link leads out of jiayi")} onClose={() => setTo(null)}>
      <p>{_("It goes to %s.", new URL(to).host)}</p>
      <p class="digest"><code>{to}</code></p>
      <div class="ends">
        <a class="button main" href={to} rel="noreferrer noopener" target="_blank" onClick={() => setTo(null)}>{_("Open it")}</a>
        <button type="button" class="button" onClick={() => setTo(null)}>{_("Stay")}</button>
      </div>
    </Dialog>
  )
}

/** The view of where one is. */
function View() {
  const [first = "today", ...rest] = route.parts
  const view = views.find((v) => v.path === first)
  if (view) return <view.view key={route.parts.join("/")} parts={rest} query={route.query} />
  if (first === "do") {
    const words = rest.join(" ")
    const own = views.find((v) => v.command === words)
    if (own) return <own.view key={location.hash} parts={rest} query={route.query} />
    return <Any key={location.hash.split("?")[0]} words={words} query={route.query} />
  }
  if (first === "of") return <Noun key={rest[0]} name={rest[0]} query={route.query} />
  if (index.kinds[first]?.show && rest[0]) return <Thing key={route.parts.join("/")} kind={first} value={rest[0]} />
  return <><h1>{_("There is no such view")}</h1><p><a href="#/today">{_("Today")}</a></p></>
}

function Companies() {
  const others = me.companies ?? []
  if (others.length === 0) return <span>{me.company_name}</span>
  return (
    <select aria-label={_("Company")} value={me.company} onChange={(e) => openSession("AuthService/SwitchCompany", { company: e.target.value }).then(() => go("#/today"), (f) => { e.target.value = me.company; go(doing("company switch", { company: f && e.target.value })) })}>
      <option value={me.company}>{me.company_name}</option>
      {others.map((c) => <option key={c} value={c}>{c}</option>)}
    </select>
  )
}

export function App() {
  useTold("session", "route")
  const [, again] = useState(0)
  const [isOpen, setOpen] = useState(false)
  const [isSearching, setSearching] = useState(false)
  const [isOnline, setOnline] = useState(navigator.onLine)
  const main = useRef()
  const at = location.hash.split("?")[0]
  const first = useRef(true)

  useEffect(() => {
    const change = () => setOnline(navigator.onLine)
    addEventListener("online", change)
    addEventListener("offline", change)
    const keys = (e) => {
      if ((e.key === "k" && (e.ctrlKey || e.metaKey)) || (e.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName))) {
        e.preventDefault()
        setSearching(true)
      }
    }
    addEventListener("keydown", keys)
    return () => {
      removeEventListener("online", change)
      removeEventListener("offline", change)
      removeEventListener("keydown", keys)
    }
  }, [])
  // Who follows a link stands at the beginning of what it leads to.
  useEffect(() => {
    setOpen(false)
    if (first.current) first.current = false
    else {
      main.current?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
  }, [at, language])
  useEffect(() => {
    const titled = () => (document.title = [main.current?.querySelector("h1")?.textContent, "jiayi"].filter(Boolean).join(" · "))
    titled()
    const watching = new MutationObserver(titled)
    if (main.current) watching.observe(main.current, { childList: true, subtree: true, characterData: true })
    return () => watching.disconnect()
  })

  const languagesChosen = <Languages onChange={() => again((n) => n + 1)} />
  if (me === undefined) return <main class="waiting"><h1>jiayi</h1><p role="status">{_("The server cannot be reached.")}</p><button type="button" class="main" onClick={() => findSession().catch(() => {})}>{_("Try again")}</button></main>
  if (me === null) return <SignIn ended={hasEnded} key={language}>{languagesChosen}</SignIn>
  if (me.needs_second_factor) return <SecondFactor key={language}>{languagesChosen}</SecondFactor>
  return (
    <div class="shell" key={language}>
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current.focus() }}>{_("To the content")}</a>
      <header>
        <button type="button" class="burger" aria-expanded={isOpen} aria-controls="nav" aria-label={_("Views")} onClick={() => setOpen(!isOpen)}>☰</button>
        <a class="brand" href="#/today">jiayi</a>
        <button type="button" class="find" aria-label={_("Go to, or do")} onClick={() => setSearching(true)}><span>{_("Go to, or do")}</span> <kbd>/</kbd></button>
        <span class="grow" />
        {!isOnline && <span class="offline" role="status">{_("Offline")}</span>}
        <Outbox />
        <details class="menu who">
          <summary class="button"><span class="name">{me.name}</span></summary>
          <div class="sheet">
            <p><strong>{me.name}</strong><br />{me.email}<br /><small>{me.role} · {me.company_name}</small></p>
            {(me.companies ?? []).length > 0 && <p><Companies /></p>}
            <p>{languagesChosen}</p>
            <ul>
              {["passwd", "session list", "totp enable", "key list", "token list"].map(command).filter(Boolean).map((c) => <li key={c.words}><a href={doing(c.words)}>{c.title}</a></li>)}
            </ul>
            <SignOut />
          </div>
        </details>
      </header>
      <Nav isOpen={isOpen} />
      <Told />
      <Leaving />
      <main id="main" ref={main} tabIndex={-1}><View /></main>
      {isSearching && <Palette onClose={() => setSearching(false)} />}
    </div>
  )
}


