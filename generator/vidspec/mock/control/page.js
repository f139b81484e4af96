"use strict";
// Everything shown comes from requests of anybody: it is only ever set as text.
const get = (id) => document.getElementById(id);
const cards = new Map();
const OVER = new Set(["completed", "failed", "cancelled", "expired"]);
let state = { clock: { frozen: false }, journal: [] };

function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function complain(text) {
  get("lost").hidden = !text;
  say(get("lost"), text || "");
}

async function tell(what, said) {
  const reply = await fetch(what, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(said),
  });
  const answer = await reply.json();
  await refresh();
  complain(reply.ok ? "" : answer.error);
  return reply.ok;
}

function card(job) {
  const box = make("article");
  box.dataset.id = job.id;
  const parts = {
    box, title: make("h3", "", job.id), state: make("p", "state"), bar: make("progress"),
    prompt: make("p", "prompt", job.prompt || ""), about: make("p", "dim"), video: null, buttons: make("div", "bar"),
  };
  parts.bar.max = 100;
  parts.bar.setAttribute("aria-label", "Progress");
  parts.told = {};
  for (const [deed, name] of [["advance", "Advance"], ["complete", "Complete"], ["fail", "Fail"], ["cancel", "Cancel"], ["expire", "Expire"]]) {
    const button = make("button", "", name);
    button.type = "button";
    button.dataset.deed = deed;
    button.addEventListener("click", () => tell("jobs", { id: job.token, do: deed }));
    parts.told[deed] = button;
    parts.buttons.append(button);
  }
  box.append(parts.title, parts.state, parts.bar, parts.prompt, parts.about, parts.buttons);
  return parts;
}

function show(parts, job) {
  parts.box.dataset.state = job.state;
  const why = [job.code, job.message].filter(Boolean).join(": ");
  say(parts.state, `${job.state} · ${job.progress} %${why ? " · " + why : ""}`);
  parts.bar.value = job.progress;
  parts.bar.hidden = OVER.has(job.state);
  say(parts.about, [
    job.dialect, job.model, `${job.width}×${job.height}`, `${job.seconds} s`, `${job.polls} polls`,
    job.space && `space ${job.space}`, job.script && `script: ${job.script} (step ${job.step + 1})`,
  ].filter(Boolean).join(" · "));
  for (const deed of ["advance", "complete", "fail", "cancel"]) parts.told[deed].disabled = OVER.has(job.state);
  parts.told.expire.disabled = OVER.has(job.state) && job.state !== "completed";
  for (const deed of ["complete", "fail", "cancel", "expire"]) {
    const button = parts.told[deed];
    const sayable = job.ends.includes(deed);
    button.title = sayable ? "" : `These jobs of ${job.dialect} have no word for it.`;
    if (!sayable) button.disabled = true;
  }
  if (job.video && !parts.video) {
    parts.video = make("video");
    Object.assign(parts.video, { controls: true, preload: "none", src: job.video });
    // Chromium's controls show a wheel for ever on what is not fetched yet: shown anew, they show none.
    const again = ({ target }) => { target.controls = false; target.controls = true; };
    parts.video.addEventListener("suspend", again, { once: true });
    parts.buttons.before(parts.video);
  } else if (!job.video && parts.video) {
    parts.video.remove();
    parts.video = null;
  }
}

function showJobs(jobs) {
  const there = new Set(jobs.map((job) => job.token));
  for (const [token, parts] of cards) {
    if (!there.has(token)) {
      parts.box.remove();
      cards.delete(token);
    }
  }
  // Oldest first, each new one before all others: what is on the page is not moved, for a moved video stops.
  for (const job of [...jobs].reverse()) {
    if (!cards.has(job.token)) {
      const parts = card(job);
      cards.set(job.token, parts);
      get("jobs").prepend(parts.box);
    }
    show(cards.get(job.token), job);
  }
}

function showJournal() {
  const chosen = state.journal.filter((entry) => !get("only-invalid").checked || !entry.valid);
  get("journal").replaceChildren(...chosen.map((entry) => {
    const row = make("tr");
    row.dataset.valid = entry.valid;
    const validity = make("td", entry.valid ? "valid" : "wrong", entry.valid ? "valid" : `invalid: ${entry.message} `);
    if (!entry.valid) validity.append(make("code", "", entry.rule));
    if (entry.valid && entry.cause) validity.append(make("span", "dim", ` · ${entry.cause}: ${entry.message}`));
    if (entry.incident) validity.append(make("span", "incident", ` · fault: ${entry.incident}`));
    row.append(make("td", "dim", String(entry.number)), make("td", "", `${entry.method} ${entry.path}`),
      make("td", "dim", entry.operation || ""), make("td", "", entry.status ? String(entry.status) : "none"), validity);
    return row;
  }));
}

async function refresh() {
  try {
    const reply = await fetch("state?limit=100");
    if (!reply.ok) throw new Error((await reply.json()).error);
    const before = JSON.stringify(state.journal);
    state = await reply.json();
    if (get("lost").dataset.gone) complain("");
    delete get("lost").dataset.gone;
    say(get("plays"), state.dialects.map(([name, path]) => `${name}: ${location.origin}${path}`).join(" · "));
    say(get("now"), new Date(state.clock.now * 1000).toISOString().replace("T", " ").slice(0, 19));
    get("frozen").hidden = !state.clock.frozen;
    say(get("freeze"), state.clock.frozen ? "Go on" : "Freeze");
    say(get("total"), state.total > state.jobs.length ? `newest ${state.jobs.length} of ${state.total}` : `${state.total}`);
    get("no-jobs").hidden = state.jobs.length > 0;
    say(get("invalid"), `${state.invalid} invalid`);
    const told = [...Object.entries(state.scripts).map(([model, script]) => `script for ${model}: ${script}`),
      ...state.faults.map((fault) => `fault: ${fault}`)];
    say(get("told"), told.join(" · ") || "None.");
    showJobs(state.jobs);
    if (JSON.stringify(state.journal) !== before) showJournal();
  } catch (error) {
    get("lost").dataset.gone = "yes";
    complain(`The mock does not answer: ${error.message}`);
  }
}

for (const button of document.querySelectorAll("[data-clock]")) {
  button.addEventListener("click", () => tell("clock", { advance: button.dataset.clock }));
}
get("freeze").addEventListener("click", () => tell("clock", { freeze: !state.clock.frozen }));
get("reset").addEventListener("click", () => tell("reset", {}));
get("set-script").addEventListener("click", () => tell("scripts", { script: get("script").value || null }));
get("add-fault").addEventListener("click", () => tell("faults", { fault: get("fault").value }));
get("clear-faults").addEventListener("click", () => tell("faults", {}));
get("only-invalid").addEventListener("change", showJournal);
// Asked, not told: progress moves by the clock, without any event, and a connection that stays open would make
// whoever stops the mock wait for it.
(async function live() {
  if (!document.hidden) await refresh();
  setTimeout(live, 1000);
})();
