// The sandbox's page: polls what the server rendered and puts it where it belongs; every button is a request.
"use strict";

const find = (id) => document.getElementById(id);
const chosen = { thread: null, request: null, threadClosed: false, headsSeen: new Set(), requestsSeen: 0 };
let modalShown = null;

async function post(path, body) {
  const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok || answer.error || (answer.status && answer.status >= 300)) {
    toast(answer.error || `The bot answered ${answer.status ?? response.status}.`);
  }
  await poll();
  return answer;
}

function toast(text) {
  const box = find("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 5000);
}

// Keyed update: an item is touched only when its HTML changed, so that scrolling, selection and typing stay.
// With follow, what stands at its end stays there when something comes; else the reader begins at the top.
function sync(container, items, follow) {
  const atEnd = follow && container.scrollHeight - container.scrollTop - container.clientHeight < 60;
  const before = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let grew = false;
  items.forEach((item, index) => {
    let child = before.get(String(item.id));
    before.delete(String(item.id));
    if (!child) {
      child = document.createElement("div");
      child.dataset.key = item.id;
      grew = true;
    }
    if (child.rendered !== item.html) {
      child.innerHTML = item.html;
      child.rendered = item.html;
      for (const time of child.querySelectorAll("time")) {
        const when = new Date(time.dateTime);
        time.textContent = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        time.title = when.toLocaleString();
      }
    }
    if (container.children[index] !== child) container.insertBefore(child, container.children[index] || null);
  });
  before.forEach((child) => child.remove());
  if (grew && atEnd) container.scrollTop = container.scrollHeight;
  if (grew && !follow) container.scrollTop = 0;
  if (follow) cue(container, grew && !atEnd && items.length > 1);
}

// What came below what one reads is said, as Slack does; it is gone once one has seen the end.
function cue(container, came) {
  const more = find("more");
  const atEnd = container.scrollHeight - container.scrollTop - container.clientHeight < 60;
  if (atEnd) more.hidden = true;
  else if (came) more.hidden = false;
}

function showThread(state) {
  const fresh = state.channel.filter((head) => head.head && !chosen.headsSeen.has(head.ts));
  fresh.forEach((head) => chosen.headsSeen.add(head.ts));
  if (fresh.length && !chosen.threadClosed) chosen.thread = fresh[fresh.length - 1].ts;
  const open = Boolean(chosen.thread) && state.thread.length > 0;
  find("thread-pane").hidden = !open;
  sync(find("thread"), open ? state.thread : [], true);
  for (const child of find("channel").children) child.classList.toggle("open-thread", child.dataset.key === chosen.thread);
}

function showRequests(requests) {
  find("no-requests").hidden = requests.length > 0;
  if (requests.length > chosen.requestsSeen) chosen.request = requests[0].iid;
  chosen.requestsSeen = requests.length;
  const list = find("requests");
  const shown = requests.map((one) => `${one.iid}${one.state}${one.iid === chosen.request}`).join();
  if (list.dataset.shown !== shown) {
    list.dataset.shown = shown;
    list.replaceChildren(...requests.map((one) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = one.state + (one.iid === chosen.request ? " chosen" : "");
      button.title = one.title;
      button.textContent = `!${one.iid}`;
      button.onclick = () => { chosen.request = one.iid; poll(); };
      return button;
    }));
  }
  sync(find("request"), requests.filter((one) => one.iid === chosen.request), false);
}

function showModal(modal) {
  const box = find("modal");
  box.hidden = !modal;
  const key = modal && modal.id + modal.html;
  if (modal && modalShown !== key) {
    const typed = [...box.querySelectorAll("[data-input]")].map((input) => input.value);
    box.innerHTML = modal.html;
    box.querySelectorAll("[data-input]").forEach((input, n) => { if (modalShown) input.value = typed[n] ?? ""; });
    box.querySelector("[data-input]")?.focus();
  }
  if (!modal) box.replaceChildren();
  modalShown = key;
}

async function poll() {
  clearTimeout(poll.timer);
  const asked = chosen.thread;
  const query = new URLSearchParams({ user: find("viewer").value, thread: asked || "" });
  try {
    const state = await (await fetch(`/page/state?${query}`)).json();
    find("no-messages").hidden = state.channel.length > 0;
    sync(find("channel"), state.channel, true);
    showThread(state);
    showRequests(state.merge_requests);
    showModal(state.modal);
    find("bot").textContent = state.bot ? `bot at ${state.bot}` : "no bot yet: start it with --bot, or POST /control/bot";
    find("bot").classList.toggle("missing", !state.bot);
  } catch {
    find("bot").textContent = "the sandbox does not answer";
    find("bot").classList.add("missing");
  }
  poll.timer = setTimeout(poll, chosen.thread === asked ? 700 : 0);
}

async function whileBusy(button, act) {
  button.disabled = true;
  try { await act(); } finally { button.disabled = false; }
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const user = find("viewer").value;
  let hit;
  if ((hit = on("[data-press]"))) {
    if (hit.dataset.confirm && !window.confirm(hit.dataset.confirm)) return;
    const body = { ts: hit.dataset.press, block_id: hit.dataset.block, action_id: hit.dataset.action, user };
    whileBusy(hit, () => post("/page/press", body));
  } else if ((hit = on("[data-thread]"))) {
    chosen.thread = hit.dataset.thread;
    find("thread").replaceChildren();
    poll();
  } else if ((hit = on("#close-thread"))) {
    chosen.thread = null;
    chosen.threadClosed = true;
    poll();
  } else if ((hit = on("[data-story]"))) {
    chosen.threadClosed = false;
    whileBusy(hit, () => post(`/control/stories/${hit.dataset.story}`, {}));
    toast(`The story “${hit.dataset.story}” begins.`);
  } else if ((hit = on("[data-merge]"))) {
    whileBusy(hit, () => post("/control/merge", { iid: Number(hit.dataset.merge) }));
  } else if (on("[data-dismiss]")) {
    dismiss();
  } else if (on("#more")) {
    find("thread").scrollTo({ top: find("thread").scrollHeight, behavior: "smooth" });
  } else if ((hit = on(".tabs [data-tab]"))) {
    document.body.dataset.tab = hit.dataset.tab;
  }
});

function dismiss() {
  const modal = document.querySelector(".modal");
  if (modal) post("/page/dismiss", { view_id: modal.dataset.view, user: find("viewer").value });
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") dismiss(); });
find("thread").addEventListener("scroll", () => cue(find("thread"), false));

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const user = find("viewer").value;
  if (form.matches(".modal")) {
    const values = {};
    for (const input of form.querySelectorAll("[data-input]")) {
      values[input.dataset.input] = { [input.dataset.action]: input.value };
    }
    whileBusy(form.querySelector("[type=submit]"), () => post("/page/submit", { view_id: form.dataset.view, values, user }));
  } else if (form.matches(".closing")) {
    post("/control/close", { iid: Number(form.dataset.close), note: form.note.value });
  } else if (form.matches("#command")) {
    const text = form.text.value.trim().replace(/^\/suture\s*/, "");
    form.text.value = "";
    post("/page/command", { text, user });
  }
});

find("viewer").addEventListener("change", poll);
poll();
