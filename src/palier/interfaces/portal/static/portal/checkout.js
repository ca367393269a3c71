// The card is typed in the payment service's own frame. On Pay that frame is asked to keep it; then the form goes.
// Without this script the frame has a button of its own, and the form works as it is.
// Loaded in the head, before the frame, so that none of the frame's messages is missed.
(() => {
  "use strict";

  const SILENT_MS = 10000;
  const TALLEST_PX = 1200;
  let spoken = false;
  let pressed = null; // the button that waits for the frame
  let waiting = 0;

  const frame = () => document.getElementById("card-frame");
  const formOf = (element) => element.closest("form");

  const show = (id, on) => {
    const element = document.getElementById(id);
    if (element) element.hidden = !on;
  };

  const newCard = (form) => {
    const chosen = form.querySelector("[name=card]:checked") ?? form.querySelector("[name=card][type=hidden]");
    return !chosen || chosen.value === "new";
  };

  const busy = (button, on) => {
    button.setAttribute("aria-disabled", String(on));
    formOf(button)?.setAttribute("aria-busy", String(on));
  };

  const release = () => {
    window.clearTimeout(waiting);
    const button = pressed;
    pressed = null;
    document.querySelector("form[aria-busy=true]")?.setAttribute("aria-busy", "false");
    if (button) busy(button, false);
    return button;
  };

  const goOn = () => {
    const button = release();
    // The details have changed the sum meanwhile, and the button with it: whoever pressed sees the new one first.
    if (!button.isConnected) return;
    formOf(button).dataset.kept = "yes";
    formOf(button).requestSubmit(button);
  };

  const stop = (sentence) => {
    release();
    show(sentence, true);
    document.getElementById("card-fields").scrollIntoView({ block: "center" });
    // The frame has put the focus on the wrong field itself; asked again, it would only lose it.
    if (sentence === "card-incomplete" && document.activeElement !== frame()) frame().focus();
  };

  // Enter in a card field: the one button of a small form is pressed; a checkout goes on to its next step.
  const entered = () => {
    const only = document.querySelector("[data-charges-card][data-on-enter]");
    const next = document.querySelector("#details :is(summary, input)");
    if (only) only.click();
    else if (next) next.focus();
  };

  const heard = {
    "palier:height": ({ height }) => {
      if (Number.isFinite(height) && height > 0) {
        frame().style.blockSize = `${Math.min(Math.ceil(height), TALLEST_PX)}px`;
      }
    },
    "palier:saved": () => pressed && goOn(),
    "palier:invalid": () => pressed && stop("card-incomplete"),
    "palier:enter": entered,
  };

  window.addEventListener("message", (event) => {
    const source = frame();
    if (!source || event.origin !== source.dataset.origin || event.source !== source.contentWindow) return;
    spoken = true;
    show("card-silent", false);
    const hear = event.data && heard[event.data.type];
    if (hear) hear(event.data);
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.hasAttribute("data-charges-card")) return;
    const form = event.target;
    if (pressed || form.dataset.sent === "yes") {
      event.preventDefault(); // a second press while the first one is under way
      return;
    }
    if (form.dataset.kept === "yes" || !newCard(form)) {
      form.dataset.sent = "yes";
      busy(button, true);
      return;
    }
    event.preventDefault();
    pressed = button;
    busy(button, true);
    show("card-incomplete", false);
    frame().contentWindow.postMessage({ type: "palier:submit" }, frame().dataset.origin);
    waiting = window.setTimeout(() => stop("card-silent"), SILENT_MS);
  });

  // A link of the summary goes to its field, also inside a closed part.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#problem-summary a[href^='#']");
    const target = link && document.querySelector(link.getAttribute("href"));
    if (!target) return;
    event.preventDefault();
    const fold = target.closest("details");
    if (fold) fold.open = true;
    target.scrollIntoView({ block: "center" });
    target.focus();
  });

  document.addEventListener("DOMContentLoaded", () => {
    (document.getElementById("problem-summary") ?? document.getElementById("decline"))?.focus();
    window.setTimeout(() => {
      if (frame() && !spoken && newCard(formOf(frame()))) show("card-silent", true);
    }, SILENT_MS);
  });

  // The browser's Back may bring the page as it was left, its button still at work.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    release();
    for (const button of document.querySelectorAll("[data-charges-card]")) {
      const form = formOf(button);
      delete form.dataset.kept;
      delete form.dataset.sent;
      busy(button, false);
    }
  });
})();
