// The launcher of the chat, on every screen: opens the conversation beside the page, and tells when something is unread.
// Without this script it is a link to the chat's own page. The chat itself (chat.js) is fetched when it is first opened.

const UNREAD_MS = [60000, 300000]; // how often it is asked whether something is unread: at first, and after a while
const FIRST_MS = 2000;
const NARROW = matchMedia("(max-width: 40rem)");

const launcher = document.querySelector("[data-chat-launcher]");
let panel = null;
let chat = null; // chat.js, once it is needed
let timer = 0;
let wait = UNREAD_MS[0];

const badge = (count, words) => {
  sessionStorage.setItem("chat:unread", JSON.stringify([Date.now(), count, words]));
  const place = launcher.querySelector("[data-unread]");
  place.hidden = !count;
  place.firstElementChild.textContent = count || "";
  place.lastElementChild.textContent = words;
};
const lookForUnread = async () => {
  clearTimeout(timer);
  if (panel?.open) return;
  if (!document.hidden) {
    try {
      const response = await fetch(launcher.dataset.unreadAt, { headers: { "X-Chat": "panel" } });
      if (response.headers.get("X-Chat") !== "unread") return; // logged out meanwhile
      const { count, words } = await response.json();
      badge(count, words);
    } catch {
      wait = UNREAD_MS[1]; // no connection
    }
  }
  timer = setTimeout(lookForUnread, wait);
  wait = Math.min(wait * 1.5, UNREAD_MS[1]);
};

const styled = () =>
  new Promise((done) => {
    const sheet = document.createElement("link");
    Object.assign(sheet, { rel: "stylesheet", href: launcher.dataset.css, onload: done, onerror: done });
    document.head.append(sheet);
  });
const made = async () => {
  [chat] = await Promise.all([import(launcher.dataset.script), styled()]);
  panel = document.createElement("dialog");
  panel.className = "chat chat-panel";
  panel.setAttribute("aria-labelledby", "chat-title");
  panel.addEventListener("close", closed);
  document.body.append(panel);
  chat.live(panel);
};
const closed = () => {
  launcher.setAttribute("aria-expanded", "false");
  sessionStorage.removeItem("chat:open");
  launcher.focus();
  wait = UNREAD_MS[0];
  clearTimeout(timer);
  timer = setTimeout(lookForUnread, wait);
};

// Beside the page where there is room, over it on a phone.
const open = async (query, { focus = true } = {}) => {
  launcher.setAttribute("aria-busy", "true");
  try {
    if (!panel) await made();
    await chat.load(`${launcher.pathname}?${chat.lookedAt(query)}`);
  } catch {
    if (focus) location.assign(launcher.href);
    return;
  } finally {
    launcher.removeAttribute("aria-busy");
  }
  if (!panel.open) {
    if (NARROW.matches) panel.showModal();
    else panel.show();
  }
  launcher.setAttribute("aria-expanded", "true");
  sessionStorage.setItem("chat:open", "1");
  badge(0, "");
  if (focus) chat.enter();
  chat.shown();
};

if (launcher) {
  launcher.setAttribute("role", "button");
  launcher.setAttribute("aria-expanded", "false");
  launcher.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    launcher.click();
  });
  // Every link to the chat opens it here, with what the link says that it is about.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link?.pathname !== launcher.pathname || link.origin !== location.origin || panel?.contains(link)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (link === launcher && panel?.open) panel.close();
    else open(new URLSearchParams(link === launcher ? "" : link.search));
  });
  // The bar with the sum grows with what it has to say; the launcher stands above it.
  const bar = document.querySelector(".dock");
  if (bar) new ResizeObserver(() => launcher.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  const [at, count, words] = JSON.parse(sessionStorage.getItem("chat:unread") ?? '[0, 0, ""]');
  const due = at + UNREAD_MS[0] - Date.now();
  if (due > 0) badge(count, words);
  timer = setTimeout(lookForUnread, Math.max(due, FIRST_MS));
  // Whoever goes from page to page while they talk keeps the conversation beside them.
  if (sessionStorage.getItem("chat:open") && !NARROW.matches) open(new URLSearchParams(), { focus: false });
}
