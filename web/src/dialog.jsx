// A question that has to be answered before anything else.
import { useLayoutEffect, useRef } from "preact/hooks"

export function Dialog({ title, onClose, children, wide }) {
  const ref = useRef()
  // Before anything is painted: what is typed at once is typed into it.
  useLayoutEffect(() => {
    const before = document.activeElement
    ref.current.showModal()
    // Who comes back is where they were; where that went away meanwhile, at the content.
    return () => {
      before?.focus?.()
      setTimeout(() => document.activeElement === document.body && document.querySelector("#main")?.focus({ preventScroll: true }))
    }
  }, [])
  return (
    <dialog ref={ref} aria-label={title} class={wide ? "wide" : ""} onClose={onClose} onClick={(e) => e.target === ref.current && ref.current.close()}>
      <div class="inside">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
