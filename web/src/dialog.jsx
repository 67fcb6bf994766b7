// A question that has to be answered before anything else.
import { useLayoutEffect, useRef } from "preact/hooks"

export function Dialog({ title, onClose, children, wide }) {
  const ref = useRef()
  // Before anything is painted: what is typed at once is typed into it.
  useLayoutEffect(() => {
    const before = document.activeElement
    ref.current.showModal()
    return () => before?.focus?.()
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
