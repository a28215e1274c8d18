/* <zone-guess>: chooses this device's time zone in the select within, as long as nobody has chosen another. */
class ZoneGuess extends HTMLElement {
  connectedCallback() {
    const choice = this.querySelector("select");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const option = choice && [...choice.options].find((each) => each.value === zone);
    if (option && choice.value === "UTC") choice.value = zone;
  }
}

customElements.define("zone-guess", ZoneGuess);
