// The files on a thing, and what was said of it.
import { useState } from "preact/hooks"
import { Person, Sign, Time, exactly } from "./cell.jsx"
import { draftKey, send } from "./drafts.js"
import { tell } from "./events.js"
import { getFile, putFile } from "./files.js"
import { Form } from "./form.jsx"
import { useAsked, useList } from "./hooks.js"
import { doing, go } from "./route.js"
import { command, method } from "./schema.js"
import { may } from "./session.js"
import { More } from "./table.jsx"
import { _, hasWord, word } from "./text.js"
import { Trouble } from "./views/any.jsx"

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`)

export function Files({ on }) {
  const list = useList("FileService/ListFiles", { on }, "files")
  const [share, setShare] = useState(null)
  const [failure, setFailure] = useState(null)
  const put = async (e) => {
    setFailure(null)
    const files = [...e.target.files]
    e.target.value = ""
    for (const f of files) {
      setShare(0)
      await putFile(on, f, setShare).catch(setFailure)
    }
    setShare(null)
  }
  return (
    <section>
      <div class="heading">
        <h2>{_("Files")}</h2>
        {may("file.add") && <label class="button file">{_("Add a file")}<input type="file" multiple class="hidden" onChange={put} /></label>}
      </div>
      {share !== null && <progress max={1} value={share} aria-label={_("Sending…")} />}
      <Trouble failure={failure ?? list.failure} />
      <ul class="plain-list files">
        {list.rows.map((f) => (
          <li key={f.id}><button type="button" class="link" onClick={() => getFile(f.id).catch(setFailure)}>{f.name}</button> <small>{size(Number(f.bytes))} · <Person email={f.member} company={f.member_company} /> · <Time at={f.at} /></small></li>
        ))}
      </ul>
      {list.answer && list.rows.length === 0 && <p class="empty">{_("No files.")}</p>}
      <More more={list.more} />
    </section>
  )
}

/** A button that does one thing at once; where the server wants more said, or refuses, the form of it opens. */
export function AtOnce({ words, subject, request, title, children }) {
  const c = command(words)
  const hash = doing(words, request)
  const act = () => send({ key: draftKey(words, subject), method: c.method, words, hash, values: request, request })
    .then(() => tell("done", _("Done: %s", title)), (e) => e.code !== "canceled" && go(hash))
  return <button type="button" class="chip" onClick={act}>{children}<span class="hidden"> {title}</span></button>
}

/** The button that says that a task is done. */
export const TaskDone = ({ id, title }) => <AtOnce words="task done" subject={id} request={{ task_id: id }} title={title}>{_("Done")}</AtOnce>

/** Tasks, each with what it takes to be rid of it. */
export function Tasks({ rows }) {
  if (rows.length === 0) return <p class="empty">{_("There is nothing here yet.")}</p>
  return (
    <ul class="items">
      {rows.map((t) => (
        <li key={t.id} class="item">
          <span class="what"><a href={`#/task/${t.id}`}>{t.title}</a><small>{word("task kind", t.kind)} {t.owner ? <Person email={t.owner} company={t.owner_company} /> : t.vendor}</small></span>
          {t.state !== "open" && <Sign list="task" code={t.state} />}
          {t.due && <time class={`due ${t.late ? "overdue" : ""}`} dateTime={t.due}>{t.due}</time>}
          {t.state === "open" && !t.acceptance && may("task.update") && <TaskDone id={t.id} title={t.title} />}
        </li>
      ))}
    </ul>
  )
}

/** @without (comment) → whether it is shown elsewhere. */
export function Comments({ on, without }) {
  const list = useList("CommentService/ListComments", { on, page_size: 20 }, "comments")
  const c = command("comment add")
  const { answer: m } = useAsked(() => (c && may(c.permission) ? method(c.method) : undefined), [])
  return (
    <section>
      <h2>{_("Comments")}</h2>
      <Trouble failure={list.failure} />
      <ul class="plain-list talk">
        {list.rows.filter((one) => !without?.(one)).map((one) => (
          <li key={one.id}>
            <p class="by"><Person email={one.member} company={one.member_company} /> <time dateTime={one.at}>{exactly(one.at)}</time>
              {one.topic && one.topic !== "comment" && <span class="tag">{word("topic", one.topic)}</span>}
              {one.decision && <span class="tag">{hasWord(on.split("/")[0], one.decision) ? word(on.split("/")[0], one.decision) : one.decision}</span>}
              {one.internal && <span class="tag">{_("internal")}</span>}</p>
            <p class="said">{one.text}</p>
          </li>
        ))}
      </ul>
      <More more={list.more} />
      {m && <Form method={m} words="comment add" subject={on} given={{ [c.first]: on }} hide={m.messages[m.in].fields.map((f) => f.name).filter((n) => !["text", "internal", "shared"].includes(n))} submit={_("Comment")} compact />}
    </section>
  )
}
