// What I am told, as it happens: one tab watches, and tells the others.
import { Failure, stream } from "./call.js"
import { on, tell, tellAll } from "./events.js"
import { me } from "./session.js"

// Who has a line again sees what they would have seen.
addEventListener("online", () => tell("changed", "online"))

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function watch(signal) {
  let since
  for (let fails = 0; !signal.aborted; ) {
    try {
      for await (const answer of stream("InboxService/WatchInbox", since === undefined ? {} : { since }, signal)) {
        // After a line that was lost, what was changed meanwhile is asked for.
        if (fails > 0 || answer.items?.length > 0) tellAll("changed", "InboxService/WatchInbox")
        fails = 0
        since = answer.cursor ?? since
      }
    } catch (e) {
      if (signal.aborted || (e instanceof Failure && e.code === "unauthenticated")) return
      await pause(Math.min(1000 * 2 ** fails++, 30000))
    }
  }
}

let stop = null
on("session", () => {
  stop?.abort()
  stop = null
  if (!me || me.needs_second_factor) return
  stop = new AbortController()
  const { signal } = stop
  navigator.locks.request("jiayi-watch", { signal }, () => watch(signal)).catch(() => {})
})
