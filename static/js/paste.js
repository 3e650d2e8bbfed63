// Reads while somebody pastes. The page does all of this without it, by its buttons.
const WAIT = 500; // milliseconds after the last key

const form = document.querySelector("[data-paste]");
const region = form.querySelector("[data-paste-read]");
const text = form.elements.text;
const said = form.querySelector("[data-paste-said]");
let timer = null;
let asked = null;
let last = null;

function countChosen() {
  const chosen = region.querySelector("[data-paste-chosen]");
  if (!chosen) return;
  const here = region.querySelectorAll("[data-select]:checked").length;
  chosen.textContent = (Number(chosen.dataset.pasteChosen) + here).toLocaleString("en-GB");
}

function show(page) {
  region.replaceChildren(...new DOMParser().parseFromString(page, "text/html").body.childNodes);
  region.removeAttribute("aria-busy");
  last = null;
  const summary = region.querySelector(".desk-banner, [data-paste-summary]");
  said.textContent = summary?.textContent.replace(/\s+/g, " ").trim() ?? "";
}

async function read(does, place) {
  clearTimeout(timer);
  asked?.abort();
  if (!text.value.trim()) return show("");
  const mine = (asked = new AbortController());
  const body = new FormData(form);
  body.set("do", does);
  body.set("fragment", "yes");
  region.setAttribute("aria-busy", "true");
  said.textContent = "Reading…";
  try {
    const answer = await fetch(location.pathname, { method: "POST", body, signal: mine.signal, redirect: "error" });
    if (!answer.ok && answer.status !== 422) throw new Error(answer.statusText);
    show(await answer.text());
    if (place) (document.getElementById(place) ?? region).focus();
  } catch {
    if (mine.signal.aborted) return;
    region.removeAttribute("aria-busy");
    said.textContent = "The preview could not be fetched. Press “Read the addresses”.";
  }
}

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => read("read"), WAIT);
});

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  const does = button?.value ?? "read";
  clearTimeout(timer);
  asked?.abort();
  if (does === "read" || does === "save") return;
  event.preventDefault();
  read(does, button.getAttribute("formaction")?.slice(1) ?? "what-was-read");
});

region.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.matches("[data-select]")) return;
  const boxes = [...region.querySelectorAll("[data-select]")];
  if (shiftKey && last) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(target)].sort((a, b) => a - b);
    for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
  }
  last = target;
  countChosen();
});
