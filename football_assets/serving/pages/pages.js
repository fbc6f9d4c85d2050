// Ages that go on growing by themselves, also while the server is away; and the focus kept when a part is drawn anew.
(() => {
  const words = (seconds) => {
    const whole = Math.floor(seconds);
    if (whole < 120) return `${whole} s`;
    if (whole < 7200) return `${Math.floor(whole / 60)} min`;
    return whole < 172800 ? `${Math.floor(whole / 3600)} h` : `${Math.floor(whole / 86400)} days`;
  };
  window.faAgeWords = words;
  // The server's clock, as far ahead of this one as it was when the page was made.
  const now = () => Date.now() + (window.faAhead || 0);
  const tick = () => {
    let pageIsOld = false;
    for (const each of document.querySelectorAll("[data-at]")) {
      const age = Math.max(0, (now() - Number(each.dataset.at)) / 1000);
      const stale = each.dataset.limit !== undefined && age > Number(each.dataset.limit);
      const said = `${words(age)} old${stale ? ", stale" : ""}`;
      if (each.textContent !== said) each.textContent = said;
      each.classList.toggle("fa-stale", stale);
      each.classList.toggle("soft", !stale);
      each.title = stale ? "older than it should be" : "";
      if (stale && each.dataset.page !== undefined) pageIsOld = true;
    }
    document.querySelector("main")?.classList.toggle("fa-old", pageIsOld);
  };
  let last = null;
  const same = (element) => {
    const name = ["href", "data-ack", "aria-label"].find((each) => element.getAttribute(each));
    return name && `${element.tagName.toLowerCase()}[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  };
  const begin = () => {
    document.addEventListener("focusin", (event) => { last = event.target; });
    new MutationObserver(() => {
      tick();
      if (last && !last.isConnected && document.activeElement === document.body) {
        const query = same(last);
        const again = query && document.querySelector(query);
        last = null;
        if (again) again.focus({ preventScroll: true });
      }
    }).observe(document.body, { childList: true, subtree: true });
    setInterval(tick, 1000);
    tick();
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
