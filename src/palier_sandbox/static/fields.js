// The card fields: grouping, brand and first checks while typing; saving when the embedding page asks.
// The service checks everything again: what is said here is only said earlier.
"use strict";

const parentOrigin = document.body.dataset.parentOrigin;
const form = document.getElementById("card");
const tell = (message) => window.parent.postMessage(message, parentOrigin);

const BRANDS = [
  { key: "visa", begins: /^4/, lengths: [13, 16, 19], longest: 19, groups: [4, 4, 4, 4, 3], code: 3 },
  { key: "mastercard", begins: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16], longest: 16, groups: [4, 4, 4, 4], code: 3 },
  { key: "amex", begins: /^3[47]/, lengths: [15], longest: 15, groups: [4, 6, 5], code: 4 },
];

const digitsOf = (text) => text.replace(/\D/g, "");
const brandOf = (digits) => BRANDS.find((brand) => brand.begins.test(digits));

function grouped(digits, groups) {
  const parts = [];
  let rest = digits;
  for (const size of groups) {
    if (!rest) break;
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.join(" ");
}

function luhn(digits) {
  let total = 0;
  [...digits].reverse().forEach((digit, place) => {
    const value = Number(digit) * (1 + (place % 2));
    total += value > 9 ? value - 9 : value;
  });
  return total % 10 === 0;
}

// Write a new text into a field and keep the caret behind the same digit.
function rewrite(input, text) {
  if (input.value === text) return;
  const atEnd = input.selectionStart === input.value.length;
  const before = digitsOf(input.value.slice(0, input.selectionStart)).length;
  input.value = text;
  let caret = 0;
  for (let seen = 0; caret < text.length && seen < before; caret += 1) {
    if (/\d/.test(text[caret])) seen += 1;
  }
  if (atEnd) caret = text.length;
  if (document.activeElement === input) input.setSelectionRange(caret, caret);
}

function showError(name, sentence) {
  const input = document.getElementById(name);
  const place = document.getElementById(`${name}-error`);
  if (place.textContent !== sentence) place.textContent = sentence;
  input.setAttribute("aria-invalid", sentence ? "true" : "false");
}

function tellHeight() {
  const body = document.body.getBoundingClientRect();
  tell({ type: "palier:height", height: Math.ceil(body.height) });
}

function watchFields() {
  const { number, expiry, code } = form.elements;

  const showBrand = () => {
    const brand = brandOf(digitsOf(number.value));
    for (const mark of document.querySelectorAll("#number-brand .brand")) {
      mark.hidden = mark.dataset.brand !== brand?.key;
    }
    code.maxLength = brand ? brand.code : 4;
    code.placeholder = "0".repeat(brand ? brand.code : 3);
  };

  const groupNumber = () => {
    const all = digitsOf(number.value);
    const brand = brandOf(all);
    rewrite(number, grouped(all.slice(0, brand ? brand.longest : 19), brand ? brand.groups : [4, 4, 4, 4, 3]));
    showBrand();
  };

  number.addEventListener("input", () => {
    groupNumber();
    showError("number", "");
  });
  number.addEventListener("blur", () => {
    const digits = digitsOf(number.value);
    const brand = brandOf(digits);
    if (!digits) return;
    if (!brand) showError("number", digits.length < 4 ? form.dataset.numberShort : form.dataset.numberBrand);
    else if (digits.length < 15) showError("number", form.dataset.numberShort);
    else if (!brand.lengths.includes(digits.length) || !luhn(digits)) showError("number", form.dataset.numberWrong);
  });
  expiry.addEventListener("input", (event) => {
    let digits = digitsOf(expiry.value);
    if (/^[2-9]/.test(digits)) digits = `0${digits}`;
    // "4/" means April: the month is complete once the stroke is typed.
    if (/^1\D/.test(expiry.value.trim())) digits = `0${digits}`;
    // A pasted or filled "04/2029" keeps the last two digits of its year.
    if (digits.length === 6 && digits.slice(2, 4) === "20") digits = digits.slice(0, 2) + digits.slice(4);
    const deleting = event.inputType?.startsWith("delete");
    const stroke = digits.length > 2 || (digits.length === 2 && !deleting);
    rewrite(expiry, stroke ? `${digits.slice(0, 2)} / ${digits.slice(2, 4)}` : digits);
    showError("expiry", "");
  });
  code.addEventListener("input", () => {
    rewrite(code, digitsOf(code.value).slice(0, code.maxLength));
    showError("code", "");
  });
  code.addEventListener("blur", () => {
    const asked = brandOf(digitsOf(number.value))?.code ?? 3;
    if (code.value && code.value.length !== asked) {
      showError("code", asked === 4 ? form.dataset.codeFour : form.dataset.codeThree);
    }
  });
  groupNumber();
}

async function save() {
  const general = document.getElementById("general-error");
  general.textContent = "";
  let answer;
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    answer = await response.json();
  } catch {
    answer = {};
  }
  if (answer.saved) {
    tell({ type: "palier:saved" });
    return;
  }
  const errors = answer.errors ?? {};
  for (const name of ["number", "expiry", "code"]) showError(name, errors[name] ?? "");
  const first = ["number", "expiry", "code"].find((name) => errors[name]);
  if (first) document.getElementById(first).focus();
  else general.textContent = form.dataset.network;
  tell({ type: "palier:invalid" });
}

let saving = null;

function saveOnce() {
  saving ??= save().finally(() => {
    saving = null;
  });
}

window.addEventListener("message", (event) => {
  if (event.origin !== parentOrigin || event.source !== window.parent) return;
  if (event.data?.type !== "palier:submit") return;
  if (form) saveOnce();
  else tell({ type: "palier:saved" });
});

if (window.parent !== window) {
  // The embedding page brings the main button; Enter in a field asks it to go on as that button would.
  document.getElementById("save")?.setAttribute("hidden", "");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    tell({ type: "palier:enter" });
  });
  new ResizeObserver(tellHeight).observe(document.body);
  tellHeight();
  tell({ type: "palier:ready" });
}
if (form) watchFields();
