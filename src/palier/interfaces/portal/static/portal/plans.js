// The figures of the plans page follow every click, within the frame, from the exact table that the server made.
// Nothing is computed here but rate × seats × months (whole minor units) for the cards; what lies outside the table is asked for.

const { preview: PREVIEW, page: PAGE } = document.currentScript.dataset
const form = document.getElementById("order")
const table = JSON.parse(document.getElementById("price-table").textContent)
const seatsField = form.elements.namedItem("seats")
const planField = form.querySelector("input[name=plan]")
const announcer = form.querySelector("[data-announce]")
const still = matchMedia("(prefers-reduced-motion: reduce)")
let pause = 0
let asked = null

/** A whole number with the language's thousands mark. */
function whole(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, table.money.group)
}

/** A sum in minor units as the server writes it, in parts: before, cents, after. */
function parts(minor) {
  const { before, after, decimal, exponent } = table.money
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0")
  const cut = digits.length - exponent
  const sign = minor < 0 ? "-" : ""
  return [sign + before + whole(digits.slice(0, cut)), decimal + digits.slice(cut), after]
}

function text(minor) {
  return parts(minor).join("")
}

/** Write a sum, marked up as the server marks it up; it rolls where it changed. */
function write(place, minor, style = "") {
  if (!place) return
  const [front, cents, after] = parts(minor)
  const said = front + cents + after
  if (place.textContent.trim() === said) return
  const sum = document.createElement("span")
  sum.className = `money ${style}`.trim()
  sum.append(front)
  if (cents) {
    const small = document.createElement("span")
    small.className = "cents"
    small.textContent = cents
    sum.append(small)
  }
  sum.append(after)
  place.replaceChildren(sum)
  if (!still.matches) sum.animate([{ opacity: 0.25, translate: "0 0.25em" }, {}], { duration: 160, easing: "ease-out" })
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (mark, name) => (name in values ? values[name] : mark))
}

function worded(words, seats, values = {}) {
  return fill(seats === 1 ? words.one : words.many, { seats: whole(seats), ...values })
}

/** What is chosen now; seats is null while the field holds no whole number above zero. */
function choice() {
  const typed = seatsField.value.trim()
  const seats = /^\d{1,9}$/.test(typed) && Number(typed) > 0 ? Number(typed) : null
  return { plan: planField.value, interval: form.elements.namedItem("interval").value, seats }
}

function showCards({ plan, interval, seats }) {
  const { months, cycle } = table.intervals[interval]
  for (const card of form.querySelectorAll("[data-plan]")) {
    const { rate } = table.rows[`${card.dataset.plan}:${interval}`]
    const chosen = card.dataset.plan === plan
    const button = card.querySelector("[data-choose]")
    write(card.querySelector("[data-rate]"), rate, "large")
    card.querySelector(".plan-saving")?.toggleAttribute("data-month", interval === "month")
    card.classList.toggle("chosen", chosen)
    button.setAttribute("aria-pressed", String(chosen))
    if (seats && card.querySelector("[data-cycle]")) {
      write(card.querySelector("[data-cycle]"), rate * months * seats)
      card.querySelector("[data-cycle-words]").textContent = worded(cycle, seats)
    }
  }
}

/** The order at the side, from the table. False where the choice lies outside of it or waits for the renewal. */
function showOrder({ plan, interval, seats }) {
  const row = table.rows[`${plan}:${interval}`]
  const cell = seats - 1
  if (cell >= row.net.length || table.objections[row.objection[cell]].later) return false
  const words = table.intervals[interval]
  const order = worded(words.order, seats, { plan: table.plans[plan].name })
  const objection = table.objections[row.objection[cell]]
  part("order").textContent = order
  part("line").textContent = worded(words.line, seats, { rate: text(row.rate) })
  part("renewal-label").textContent = words.renewal
  write(part("net"), row.net[cell])
  write(part("tax"), row.tax[cell])
  write(part("total"), row.net[cell] + row.tax[cell])
  write(part("renewal"), row.renewal[cell])
  object(objection)
  announce(objection.text || fill(table.announcement, { order, total: text(row.net[cell] + row.tax[cell]) }))
  return true
}

function part(name) {
  return form.querySelector(`[data-${name}]`)
}

/** Say why the choice cannot be bought, or show its sums. */
function object({ text = "", same, code, article }) {
  const alert = part("objection")
  const sentence = part("objection-text")
  const why = alert.querySelector(".why-link")
  part("later").hidden = true
  part("sums").hidden = Boolean(text)
  alert.hidden = !text
  alert.className = `alert ${same ? "note" : "care"}`
  sentence.textContent = text
  if (code) sentence.dataset.code = code
  else delete sentence.dataset.code
  why.hidden = !article
  if (article) why.href = article
  showDock()
}

/** What stands at the bottom of a phone repeats the order: its sum, or why it cannot be bought; and which button acts. */
function showDock() {
  const later = !part("later").hidden
  for (const button of form.querySelectorAll("[data-proceed]")) button.hidden = later
  if (!part("dock-sum")) return
  const blocked = later && !part("schedule")
  const refused = part("sums").hidden && !later
  part("dock-schedule").hidden = !later || blocked
  part("dock-objection").hidden = !refused
  part("dock-objection").textContent = part("objection-text").textContent
  const sum = later ? part("later").querySelector(".money") : part("total").firstElementChild
  part("dock-sum").hidden = refused || !sum
  if (!refused && sum) part("dock-total").replaceChildren(sum.cloneNode(true))
}

/** Tell screen readers, once the clicking has come to rest. */
function announce(sentence) {
  clearTimeout(pause)
  pause = setTimeout(() => {
    announcer.textContent = sentence
  }, 600)
}

/** The choice as an address carries it. */
function address({ plan, interval }) {
  const others = form.elements.namedItem("other_seats")
  const beside = others ? { other_seats: others.value } : {}
  return new URLSearchParams({ plan, interval, seats: seatsField.value.trim(), ...beside })
}

/** The server's answer for a choice outside the table. */
async function askFor({ plan, interval }) {
  asked?.abort()
  asked = new AbortController()
  const wanted = address({ plan, interval })
  try {
    const answer = await fetch(`${PREVIEW}?${wanted}`, { signal: asked.signal, headers: { Accept: "text/html" } })
    if (!answer.ok || answer.redirected) return location.assign(`${PAGE}?${wanted}`)
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("due")
    document.getElementById("due").replaceWith(fresh)
    showDock()
    const objection = part("objection")
    const sums = part("later").hidden ? part("total").textContent : part("later").innerText
    announce(objection.hidden ? `${part("order").textContent}: ${sums}` : part("objection-text").textContent)
  } catch (trouble) {
    if (trouble.name !== "AbortError") throw trouble
  }
}

function update() {
  const chosen = choice()
  asked?.abort()
  showCards(chosen)
  clearSeatsError()
  if (chosen.seats === null || !showOrder(chosen)) askFor(chosen)
  const least = form.querySelector("[data-step='-1']")
  least?.setAttribute("aria-disabled", String(chosen.seats !== null && chosen.seats <= table.minimum))
  history.replaceState(null, "", `${PAGE}?${address(chosen)}`)
}

/** A message of the server about a number that is no longer there. */
function clearSeatsError() {
  seatsField.removeAttribute("aria-invalid")
  if (seatsField.type !== "hidden") seatsField.setAttribute("aria-describedby", "seats_hint")
  document.getElementById("seats_error").hidden = true
}

form.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-choose]")
  const step = event.target.closest("[data-step]")
  if (!chosen && !step) return
  event.preventDefault()
  if (chosen) planField.value = chosen.value
  if (step) {
    const most = table.plans[planField.value].max
    const seats = (choice().seats ?? table.minimum) + Number(step.dataset.step)
    seatsField.value = String(Math.min(most, Math.max(table.minimum, seats)))
  }
  update()
})

form.addEventListener("change", (event) => {
  if (event.target.name === "interval") update()
})

seatsField.addEventListener("input", update)

seatsField.addEventListener("keydown", (event) => {
  const steps = { ArrowUp: 1, ArrowDown: -1 }
  if (event.key === "Enter") event.preventDefault()
  if (!(event.key in steps)) return
  event.preventDefault()
  form.querySelector(`[data-step='${steps[event.key]}']`).click()
})

// A second press while the first is on its way would only make a second promise.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault()
  form.dataset.sent = "yes"
})

/** Whether the browser put back what was chosen before, on a page that the server made for another choice. */
function restored() {
  const changed = [...form.querySelectorAll("[type=radio]")].some((radio) => radio.checked !== radio.defaultChecked)
  return changed || seatsField.value !== seatsField.defaultValue || planField.value !== planField.defaultValue
}

addEventListener("pageshow", (event) => {
  delete form.dataset.sent
  if (event.persisted || restored()) update()
})
