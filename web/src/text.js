// What people read, in their language: texts and words come from the same translations as the command line's.
/* global INDEXES */

const names = { zh: "中文", en: "English", sq: "Shqip" }
const tags = { zh: "zh-CN", en: "en", sq: "sq" }
let own = {}
let words = {}

/** The language in use: zh, en or sq. */
export let language = "en"

/** The languages to choose from, by their own names. */
export const languages = Object.entries(names)

/** The language as BCP 47 writes it. */
export const tag = () => tags[language]

/** By whose rules numbers and dates are written: browsers know them for few languages; German ones are Albanian ones. */
export const format = () => (Intl.DateTimeFormat.supportedLocalesOf(tags[language]).length > 0 ? tags[language] : "de")

/** The language that was chosen, or that the browser's reader likes best. */
export function wantedLanguage() {
  const kept = localStorage.getItem("language")
  if (names[kept]) return kept
  return navigator.languages.map((l) => l.slice(0, 2).toLowerCase()).find((l) => names[l]) ?? "en"
}

/** Takes the texts of a language; what the schema is called in it is returned. */
export async function speak(wanted) {
  const files = INDEXES[wanted]
  const [texts, index] = await Promise.all([files.texts, files.index].map(fetchFile))
  language = wanted
  own = texts.own
  words = texts.words
  document.documentElement.lang = tags[wanted]
  return index
}

export function keepLanguage(wanted) {
  localStorage.setItem("language", wanted)
}

/** A file of the page's own, which never changes under its name. */
export async function fetchFile(name) {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(`/${name}`)
      if (answer.ok) return await answer.json()
      // Another server of another version has other files: the page is to be read anew.
      if (answer.status === 404) location.reload()
      throw new Error(answer.statusText)
    } catch (e) {
      if (tries === 4) throw e
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** tries))
    }
  }
}

/** The translation of a text; each %s is the next of @values. */
export function _(text, ...values) {
  let n = 0
  return (own[text] ?? text).replace(/%(\d\$)?s/g, (whole, place) => values[place ? parseInt(place) - 1 : n++])
}

/** The word of a code of a list of the dictionary; the code itself where it has none. */
export const word = (list, code) => words[list]?.[code] ?? code

/** The codes of a list, in their order. */
export const codes = (list) => Object.keys(words[list] ?? {})

/** Whether a list has the code. */
export const hasWord = (list, code) => words[list]?.[code] !== undefined

/** A command's words: its noun as people say it. */
export function noun(command) {
  const text = word("object", command)
  return text.charAt(0).toUpperCase() + text.slice(1)
}
