// Runs in every page of the rig's browser: notes which frames of which player were shown, and when.
//
//   playback.arm()     forget everything; the next click is the beginning
//   playback.report()  → {clicked, views: [{player, frames: [{at, number, visible}]}]}, times in Unix milliseconds
//
// A frame's number is the one burned into the picture, null when there is none.
(() => {
  let clicked = null;
  let armed = false;
  let views = [];
  let seen = new WeakSet();

  function* videos(root) {
    for (const element of root.querySelectorAll("*")) {
      if (element instanceof HTMLVideoElement) yield element;
      if (element.shadowRoot) yield* videos(element.shadowRoot);
    }
  }

  const scope = () => {
    const home = document.querySelector("home-assistant")?.shadowRoot;
    const dialog = home?.querySelector("ha-more-info-dialog");
    return dialog?.shadowRoot ?? null;
  };

  const unix = (moment) => Date.now() + (moment - performance.now());

  const follow = (video) => {
    const player = video.getRootNode().host?.localName ?? "video";
    const view = { player, size: null, frames: [] };
    views.push(view);
    const shown = (_now, metadata) => {
      if (!seen.has(video)) return;
      view.size = [metadata.width, metadata.height];
      view.frames.push({
        at: unix(metadata.expectedDisplayTime),
        number: globalThis.decodeFrameNumber?.(video) ?? null,
        visible: video.checkVisibility() && video.getBoundingClientRect().height > 0,
      });
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  };

  const look = () => {
    if (!armed) return;
    const root = scope();
    if (root) {
      for (const video of videos(root)) {
        if (seen.has(video)) continue;
        seen.add(video);
        follow(video);
      }
    }
    requestAnimationFrame(look);
  };

  document.addEventListener("click", () => armed && (clicked ??= Date.now()), { capture: true });

  globalThis.playback = {
    arm() {
      const running = armed;
      clicked = null;
      views = [];
      seen = new WeakSet();
      armed = true;
      if (!running) look();
    },
    report: () => ({ clicked, views }),
    // Frames that a person saw, of the player that showed most.
    visibleFrames: () => Math.max(0, ...views.map((view) => view.frames.filter((frame) => frame.visible).length)),
  };
})();
