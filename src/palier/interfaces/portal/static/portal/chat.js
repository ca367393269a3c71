// The chat without reloading, in the panel that the launcher opens and on the chat's own page. Its parts come from the
// server as they stand on that page, where without this script everything is a form or a link.

const FAST_MS = 2000; // how often it is asked for news while somebody talks
const SLOWEST_MS = 30000; // and when nothing happens
const HIDDEN_MS = 60000; // and when nobody looks
const RETRY_MS = [3000, 60000];
const TYPING_EVERY_MS = 4000;
const SUGGEST_AFTER_MS = 700;
const LOOKED_AT = {
  quote: "main[data-quote], main [data-quote]",
  order: "main[data-order], main [data-order]",
  invoice: "main[data-invoice], main [data-invoice]",
  line: "main details[open][data-line]",
  code: "main [data-code]",
};
const NARROW = matchMedia("(max-width: 40rem)");

let root = null; // what holds the view: a part of the chat's own page, or the panel
let wait = FAST_MS;
let timer = 0;
let retrying = 0;
let retryWait = RETRY_MS[0];
let posted = null; // the words and the key of what was sent last, as long as it is not known to have arrived
let pending = null; // what waits for the connection
let sending = false;
let unseen = false; // something came while the tab was hidden
let typed = 0; // when the other side was last told that we type

const find = (selector, place = root) => place?.querySelector(selector) ?? null;
const inPanel = () => root.matches("dialog");
const open = () => !inPanel() || root.open;
const ask = (url, options = {}) => fetch(url, { ...options, headers: { "X-Chat": "panel" } });
const parsed = async (response) => {
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content;
};

// What the page shows goes along: its path, the quote, order, invoice or refusal on it, and the line that is explained.
export const lookedAt = (query = new URLSearchParams()) => {
  if (!query.has("from")) query.set("from", location.pathname);
  for (const [name, places] of Object.entries(LOOKED_AT)) {
    const shown = [...document.querySelectorAll(places)].find((place) => place.checkVisibility());
    if (shown?.dataset[name] && !query.has(name)) query.set(name, shown.dataset[name]);
  }
  return query;
};

// Words are kept until they are sent, with the key that makes them one message however often they are. A key is good for
// one text only: other words take another.

const shelf = (form) => `chat:${form.dataset.compose}:${new URL(form.action).pathname}`;
const keep = (form) => {
  const { text, key } = form.elements;
  if (text.value) sessionStorage.setItem(shelf(form), JSON.stringify([text.value, key.value]));
  else sessionStorage.removeItem(shelf(form));
};
const restore = (form) => {
  const kept = JSON.parse(sessionStorage.getItem(shelf(form)) ?? "null");
  if (!kept || form.elements.text.value) return;
  [form.elements.text.value, form.elements.key.value] = kept;
  posted = { text: kept[0], key: kept[1] }; // perhaps: the page was left before its answer came
};
const freshKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const renewKey = (form) => {
  posted = null;
  form.elements.key.value = freshKey();
  keep(form);
};
const edited = (form) => {
  const { text, key } = form.elements;
  key.value = text.value === posted?.text ? posted.key : freshKey();
  keep(form);
  if (pending?.form === form && !stands(pending)) trouble(null); // nothing goes that was taken back
};

// The view: a list with a form, or a conversation.

const show = (content) => {
  root.replaceChildren(content);
  mounted();
};
const mounted = () => {
  const form = find("[data-compose]");
  if (form) restore(form);
  toEnd();
  unseen = false;
  wake();
};
const toEnd = () => {
  const log = find("[data-log]");
  const from = !inPanel() && location.hash && document.getElementById(location.hash.slice(1)); // earlier messages
  if (log && from) return from.scrollIntoView();
  if (log) log.scrollTop = log.scrollHeight;
  if (log && !inPanel()) find("[data-message]:last-of-type")?.scrollIntoView({ block: "nearest" });
};
export const load = async (url) => {
  const response = await ask(url);
  if (response.headers.get("X-Chat") !== "view") throw new Error("not a view");
  show(await parsed(response));
};

// News.

const apply = (content) => {
  const log = find("[data-log]");
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const [...found] = content.querySelectorAll("[data-new] > *");
  let came = false;
  for (const element of found) {
    if (element.id && document.getElementById(element.id)) continue;
    const days = log.querySelectorAll("[data-day]");
    if (element.dataset.day && days.length && days[days.length - 1].dataset.day === element.dataset.day) continue;
    log.append(element);
    came = true;
  }
  const fresh = content.querySelector("[data-state]");
  const old = find("[data-state]");
  const [before, after] = [old, fresh].map((state) => state.querySelector("[data-ending]"));
  if (before && after && before.dataset.ending === after.dataset.ending) after.replaceWith(before); // with its word
  old.querySelector("[role=status]").replaceChildren(...fresh.querySelector("[role=status]").childNodes);
  Object.assign(old.dataset, fresh.dataset);
  old.querySelector("[data-ending]")?.remove();
  const ending = fresh.querySelector("[data-ending]");
  if (ending) old.append(ending);
  if (near) toEnd();
  return came;
};
const poll = async () => {
  const view = find("[data-news]");
  if (!view || !open()) return;
  const { after, mark } = find("[data-state]").dataset;
  const looking = !document.hidden;
  const seen = looking ? "1" : "0";
  const query = new URLSearchParams({ after, mark: looking && unseen ? "" : mark, seen });
  try {
    const response = await ask(`${view.dataset.news}?${query}`);
    if (view !== find("[data-news]")) return; // another view by now
    if (response.headers.get("X-Chat") === "news") {
      const came = apply(await parsed(response));
      unseen = looking ? false : unseen || came;
      wait = FAST_MS;
    } else {
      wait = response.status === 204 ? Math.min(wait * 1.5, SLOWEST_MS) : SLOWEST_MS;
    }
  } catch {
    wait = SLOWEST_MS;
  }
  again();
};
const again = () => {
  clearTimeout(timer);
  if (open()) timer = setTimeout(poll, document.hidden ? HIDDEN_MS : wait);
};
const wake = () => {
  wait = FAST_MS;
  again();
};

// Sending.

const complain = (form, errors) => {
  for (const place of form.querySelectorAll("[data-error]")) {
    const error = errors?.get(place.dataset.error);
    const control = form.elements[place.dataset.error];
    place.className = error ? "error" : "";
    place.replaceChildren(...(error ?? []));
    if (error) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
  }
  form.querySelector("[aria-invalid]")?.focus();
};
const busy = (form, on) => {
  sending = on;
  form.setAttribute("aria-busy", String(on));
  for (const button of form.querySelectorAll("[data-sends]")) button.setAttribute("aria-disabled", String(on));
};

// What goes is what stood there when somebody pressed the button, however often it is tried.
const pressed = (form, button) => {
  const body = new FormData(form, button);
  if (inPanel()) for (const [name, value] of lookedAt()) if (!body.get(name)) body.set(name, value);
  const { text, key, files } = form.elements;
  return { form, body, text: text?.value, key: key?.value, files: [...(files?.files ?? [])] };
};
const stands = ({ form, text }) => text === undefined || form.elements.text.value.startsWith(text);
const post = async ({ form, body }) => {
  const state = find("[data-state]");
  if (state) body.set("after", state.dataset.after);
  const response = await ask(form.action, { method: "POST", body });
  const kind = response.headers.get("X-Chat");
  if (!kind && response.status < 500) return location.reload(); // logged out, or a form from before: the words are kept
  if (!kind) throw new Error(String(response.status));
  return { kind, content: await parsed(response) };
};
const send = async (message) => {
  const { form } = message;
  const composed = form.matches("[data-compose]");
  clearTimeout(retrying);
  if (composed) posted = message;
  busy(form, true);
  try {
    const answer = await post(message);
    if (!answer || !form.isConnected) return;
    trouble(null);
    if (answer.kind === "errors") {
      complain(form, new Map([...answer.content.children].map((one) => [one.dataset.field, one.childNodes])));
      if (composed) renewKey(form);
      return;
    }
    complain(form, null);
    if (composed) sent(message);
    if (answer.kind === "view") goOn(form, answer.content);
    else apply(answer.content);
    toEnd();
    if (composed) find("[data-compose]").elements.text.focus();
    else find("#chat-ending-title")?.focus();
    wake();
  } catch {
    trouble(stands(message) ? message : null);
  } finally {
    busy(form, false);
  }
};
// What was sent leaves the form; what was typed or chosen meanwhile stays, also where the next view takes its place.
const sent = (message) => {
  const { form } = message;
  const { text, files } = form.elements;
  if (stands(message)) text.value = text.value.slice(message.text.length).trimStart();
  if ([...files.files].every((file) => message.files.includes(file))) files.value = "";
  chosen(form);
  renewKey(form);
};
const goOn = (form, content) => {
  const { text, files } = form.elements;
  sessionStorage.removeItem(shelf(form));
  show(content);
  const next = find("[data-compose]");
  if (text.value) next.elements.text.value = text.value;
  next.elements.files.files = files.files;
  chosen(next);
  keep(next);
};
const trouble = (waiting) => {
  pending = waiting;
  const place = find("[data-trouble]");
  if (place) place.hidden = !pending;
  if (!pending) retryWait = RETRY_MS[0];
  else {
    retrying = setTimeout(retry, retryWait);
    retryWait = Math.min(retryWait * 2, RETRY_MS[1]);
  }
};
const retry = () => !sending && pending?.form.isConnected && send(pending);

// Files: what is chosen, and what will not be taken.

const size = (bytes) => new Intl.NumberFormat(document.documentElement.lang, {
  style: "unit", unit: bytes < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: 1,
}).format(bytes / (bytes < 1e6 ? 1e3 : 1e6));
const chosen = (form) => {
  const control = form.elements.files;
  const { largestMb, largestTextMb, tooLarge, unsafe } = control.dataset;
  const safe = control.accept.split(",");
  const refused = [];
  find("[data-chosen]", form).replaceChildren(
    ...[...control.files].map((file) => {
      const item = document.createElement("li");
      item.textContent = `${file.name} · ${size(file.size)}`;
      const most = /\.(txt|csv)$/i.test(file.name) ? largestTextMb : largestMb;
      if (file.size > most * 1024 ** 2) {
        refused.push(tooLarge.replace("{most}", most).replace("{name}", () => file.name));
      } else if (!safe.some((ending) => file.name.toLowerCase().endsWith(ending))) {
        refused.push(unsafe.replace("{name}", () => file.name));
      }
      return item;
    }),
  );
  if (!refused.length) return complain(form, null);
  control.value = "";
  find("[data-chosen]", form).replaceChildren();
  complain(form, new Map([["files", [document.createTextNode(refused.join(" "))]]]));
};

// While somebody types: their words are kept, the team sees it, and articles are offered.

let suggesting = 0;
const suggest = (form) => {
  clearTimeout(suggesting);
  suggesting = setTimeout(async () => {
    const place = find("[data-suggestions]", form);
    const q = form.elements.text.value.replace(/\p{N}/gu, " ").trim().slice(-300); // an address is no place for a card
    const asked = q.length > 3 && ask(`${form.dataset.suggest}?${new URLSearchParams({ q })}`);
    const response = await Promise.resolve(asked).catch(() => null);
    place.replaceChildren(...(response?.status === 200 ? [await parsed(response)] : []));
  }, SUGGEST_AFTER_MS);
};
const tellTyping = (form) => {
  const view = find("[data-typing]");
  if (wait > FAST_MS) wake();
  if (!view || Date.now() - typed < TYPING_EVERY_MS) return;
  typed = Date.now();
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  ask(view.dataset.typing, { method: "POST", body }).catch(() => {});
};

// On a phone the field would bring the keyboard up before anything is read.
export const enter = () => find(NARROW.matches ? "#chat-title" : "[data-compose] textarea").focus();

/** The panel was opened: the newest is in sight, and news are asked for. */
export const shown = () => {
  toEnd();
  wake();
};

/** Let a part of the page be the chat: its forms send without reloading, and what is new arrives by itself. */
export const live = (place) => {
  root = place;
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!sending) send(pressed(event.target, event.submitter));
  });
  place.addEventListener("input", (event) => {
    const form = event.target.closest("[data-compose]");
    if (!form || event.target.name !== "text") return;
    edited(form);
    tellTyping(form);
    if (form.dataset.suggest) suggest(form);
  });
  place.addEventListener("change", ({ target }) => {
    if (target.name !== "files") return;
    chosen(target.form);
    renewKey(target.form);
    if (pending?.form === target.form) trouble(null);
  });
  place.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && inPanel()) root.close();
    if (event.key === "Enter" && event.target.name === "text" && (event.ctrlKey || event.metaKey)) {
      event.target.form.requestSubmit();
    }
  });
  place.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) root.close();
    if (event.target.closest("[data-retry]")) retry();
    const link = event.target.closest("a[data-view]");
    if (!link || !inPanel() || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    load(link.href).then(enter, () => location.assign(link.href));
  });
};

document.addEventListener("visibilitychange", () => {
  if (!root || document.hidden || !open()) return;
  clearTimeout(timer);
  poll();
});
addEventListener("online", retry);

const page = document.querySelector("[data-chat-page]");
if (page) {
  live(page);
  mounted();
}
