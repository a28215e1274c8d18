/* <near-time data-now data-minutes data-hours>: keeps every <time data-near> of the page true while it is less than twelve hours old.
   The words come from the server, with # for the number; what is older is left as the server wrote it. */
const MINUTE = 60_000;

class NearTime extends HTMLElement {
  connectedCallback() {
    this.ticking = setInterval(() => document.hidden || this.tell(), MINUTE / 2);
    document.addEventListener("visibilitychange", (this.onShow = () => document.hidden || this.tell()));
  }

  disconnectedCallback() {
    clearInterval(this.ticking);
    document.removeEventListener("visibilitychange", this.onShow);
  }

  tell() {
    for (const time of document.querySelectorAll("time[data-near]")) {
      const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / MINUTE);
      const words = this.words(minutes);
      if (words && time.textContent !== words) time.textContent = words;
    }
  }

  words(minutes) {
    if (minutes < 0 || minutes >= 12 * 60) return "";
    if (minutes < 1) return this.dataset.now;
    if (minutes < 60) return this.dataset.minutes.replace("#", minutes);
    return this.dataset.hours.replace("#", Math.floor(minutes / 60));
  }
}

customElements.define("near-time", NearTime);
