// Runs in the dashboard: notes when the picture that the dialog shows before it plays was there.
//
//   still.follow()  from now on; replaces what was followed before
//   still.at        Unix milliseconds; null while there is none
//
// Nothing tells when a player has loaded its own poster. The same picture, fetched and decoded beside it, is
// there at the same moment or later.
(() => {
  function* videos(root) {
    for (const element of root.querySelectorAll("*")) {
      if (element instanceof HTMLVideoElement) yield element;
      if (element.shadowRoot) yield* videos(element.shadowRoot);
    }
  }

  const shown = () => {
    const home = document.querySelector("home-assistant")?.shadowRoot;
    const dialog = home?.querySelector("ha-more-info-dialog")?.shadowRoot;
    return dialog && [...videos(dialog)].find((video) => video.poster && video.checkVisibility());
  };

  let round = 0;
  globalThis.still = {
    at: null,
    follow() {
      const own = ++round;
      this.at = null;
      const look = async () => {
        if (own !== round) return;
        const video = shown();
        if (!video) return requestAnimationFrame(look);
        try {
          await Object.assign(new Image(), { src: video.poster }).decode();
        } catch {
          // The player that asked for it may be gone, and another one there.
          return requestAnimationFrame(look);
        }
        if (own === round) this.at = Date.now();
      };
      look();
    },
  };
})();
