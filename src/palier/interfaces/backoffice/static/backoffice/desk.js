// The desk stays current by itself: the list of conversations, and the conversation that is open.
// It asks often while somebody works here, and seldom when nobody does. Without this script every page works as it is.
(() => {
  "use strict";

  const BUSY_MS = 4000;
  const IDLE_MS = 20000;
  const HIDDEN_MS = 60000;
  const IDLE_AFTER_MS = 90000;
  const TYPING_EVERY_MS = 3000;

  let touched = Date.now();
  let timer = 0;
  let asking = false;

  const pace = () => {
    if (document.hidden) return HIDDEN_MS;
    return Date.now() - touched > IDLE_AFTER_MS ? IDLE_MS : BUSY_MS;
  };

  const list = document.querySelector("[data-list]");
  const talk = document.querySelector("[data-talk]");

  const fetched = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
    if (answer.redirected || answer.status === 404) {
      window.location.reload(); // logged out, or no longer of the team
      return null;
    }
    return answer.status === 200 ? answer : null;
  };

  const renewList = async () => {
    const address = new URL(list.dataset.list, window.location.href);
    address.searchParams.set("mark", list.dataset.mark);
    address.searchParams.set("seen", document.hidden ? "0" : "1");
    const answer = await fetched(address);
    if (!answer) return;
    const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
    list.innerHTML = await answer.text();
    list.dataset.mark = answer.headers.get("X-Mark");
    if (focused) document.getElementById(focused)?.focus();
    const count = list.firstElementChild.dataset.waiting;
    document.title = document.title.replace(/^(\(\S+\) )?/, count === "0" ? "" : `(${count}) `);
  };

  let mark = "";
  let unseen = false; // something came while the tab was hidden
  const log = document.querySelector("[data-log]");
  const atTheEnd = () => Math.abs(log.scrollTop) < 80; // it begins at its end and grows upwards
  const toTheEnd = () => {
    log.scrollTop = 0;
  };

  const renewTalk = async () => {
    const state = talk.querySelector("[data-state]");
    const looking = !document.hidden;
    const address = new URL(talk.dataset.news, window.location.href);
    address.searchParams.set("after", state.dataset.newest);
    address.searchParams.set("day", state.dataset.day);
    address.searchParams.set("mark", looking && unseen ? "" : mark);
    address.searchParams.set("seen", looking ? "1" : "0");
    const answer = await fetched(address);
    if (!answer) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = await answer.text();
    mark = answer.headers.get("X-Mark");
    const follow = atTheEnd();
    const came = [...fresh.content.querySelector("[data-new]").children];
    unseen = looking ? false : unseen || came.length > 0;
    for (const said of came) {
      if (!said.id || !document.getElementById(said.id)) document.getElementById("end").before(said);
    }
    talk.querySelector("[data-turn-place]").replaceChildren(...fresh.content.querySelector("[data-turn-words]").childNodes);
    const now = fresh.content.querySelector("[data-state]");
    const turned = (now.dataset.turn === "closed") !== (state.dataset.turn === "closed");
    state.replaceWith(now);
    // What was said is on the screen now, so it is known to whoever marks the conversation as solved.
    for (const seen of talk.querySelectorAll("[data-seen]")) seen.value = now.dataset.newest;
    if (follow) toTheEnd();
    if (turned && !document.getElementById("text").value && !(document.activeElement ?? document.body).closest("form")) {
      window.location.reload(); // solved or reopened elsewhere: the buttons are others
    }
  };

  const renew = async () => {
    if (asking) return;
    asking = true;
    try {
      if (list) await renewList();
      if (talk) await renewTalk();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no connection: the next time
    } finally {
      asking = false;
      window.clearTimeout(timer);
      timer = window.setTimeout(renew, pace());
    }
  };

  const touch = () => {
    const slept = Date.now() - touched > IDLE_AFTER_MS;
    touched = Date.now();
    if (slept) renew();
  };
  for (const kind of ["pointerdown", "keydown", "scroll"]) document.addEventListener(kind, touch, { passive: true });
  document.addEventListener("visibilitychange", () => document.hidden || renew());

  const box = document.getElementById("box");
  if (talk && box) {
    const text = document.getElementById("text");
    const token = box.querySelector("[name=csrfmiddlewaretoken]").value;
    const isNote = () => box.querySelector("[name=kind]:checked").value === "note";
    const shelf = `desk:${window.location.pathname}`;
    let words = ""; // as they were sent
    let told = 0;

    text.addEventListener("input", () => {
      if (isNote() || !text.value || Date.now() - told < TYPING_EVERY_MS) return;
      told = Date.now();
      fetch(talk.dataset.typing, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => {});
    });

    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      box.requestSubmit(box.querySelector(`[value=${isNote() ? "note" : "answer"}]:not([type=radio])`));
    });

    box.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("data-insert")) {
        event.preventDefault();
        const chosen = document.getElementById("canned").selectedOptions[0];
        const said = chosen?.dataset.text;
        if (!said) return;
        const before = text.value.slice(0, text.selectionStart);
        const gap = before && !/\n\n$/.test(before) ? "\n\n" : "";
        text.setRangeText(gap + said, text.selectionStart, text.selectionEnd, "end");
        text.focus();
        return;
      }
      if (box.dataset.sent === "yes") event.preventDefault(); // a second press
      else words = text.value;
      box.dataset.sent = "yes";
    });
    window.addEventListener("pageshow", () => delete box.dataset.sent);

    // What is typed while an answer or a note is under way waits for the page that comes; a note stays one.
    window.addEventListener("pagehide", () => {
      const more = text.value.startsWith(words) ? text.value.slice(words.length).trimStart() : text.value;
      if (box.dataset.sent && more) sessionStorage.setItem(shelf, JSON.stringify([isNote(), more]));
    });
    const [note, more] = JSON.parse(sessionStorage.getItem(shelf)) ?? [];
    sessionStorage.removeItem(shelf);
    if (note) box.querySelector("[name=kind][value=note]").checked = true;
    if (more) text.value = text.value ? `${text.value}\n\n${more}` : more;
    toTheEnd();
    renew();
  } else if (list) {
    timer = window.setTimeout(renew, pace());
  }
})();
