// Runs in every page of the rig's browser: notes which frames of which player were shown, and when.
//
//   playback.arm()            forget everything; the next click is the beginning
//   playback.arm({page: true})  the whole page is watched instead of a dialog; its navigation is the beginning
//   playback.pictures()       how many images are shown
//   playback.visibleFrames()  how many frames a person saw since then
//   playback.frames(since, entity)  → [{at, number}] of the frames that a person saw since a moment, the oldest
//                             first; of one camera entity, or of all
//   playback.peers()          → [{id, state}] of every WebRTC connection that the page ever made
//   playback.received()       → frames that the newest WebRTC connection has received, null without one
//   playback.sound()          → codec of the sound that it receives, as in "audio/opus", null without any
//   playback.pixels(entity, width, height)  → what a person sees of it now, made smaller: red, green, blue, alpha of
//                             each pixel, row by row; null without a picture
//   playback.report()         → {clicked, views: [{player, frames: [{at, number, visible}]}]}, times in Unix milliseconds
//
// A frame's number is the one burned into the picture, null when there is none.
(() => {
  let clicked = null;
  let whole = false;
  let armed = false;
  let views = [];
  let seen = new WeakSet();
  let players = [];
  let newestPeer = null;
  const peers = [];

  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      newestPeer = this;
      peers.push(this);
    }
  };

  function* elements(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* elements(element.shadowRoot);
    }
  }

  const scope = () => {
    if (whole) return document;
    const home = document.querySelector("home-assistant")?.shadowRoot;
    const dialog = home?.querySelector("ha-more-info-dialog");
    return dialog?.shadowRoot ?? null;
  };

  const unix = (moment) => Date.now() + (moment - performance.now());

  const entityOf = (element) => {
    for (let host = element.getRootNode().host; host; host = host.getRootNode().host) {
      const entity = host.entityid ?? host.stateObj?.entity_id;
      if (entity) return entity;
    }
    return null;
  };

  const visible = (video) => video.checkVisibility() && video.getBoundingClientRect().height > 0;

  const follow = (video) => {
    const player = video.getRootNode().host?.localName ?? "video";
    const view = { player, entity: entityOf(video), size: null, frames: [] };
    views.push(view);
    players.push({ entity: view.entity, video });
    const shown = (_now, metadata) => {
      if (!seen.has(video)) return;
      view.size = [metadata.width, metadata.height];
      view.frames.push({
        at: unix(metadata.expectedDisplayTime),
        number: globalThis.decodeFrameNumber?.(video) ?? null,
        visible: visible(video),
      });
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  };

  const look = () => {
    if (!armed) return;
    const root = scope();
    if (root) {
      for (const video of elements(root)) {
        if (!(video instanceof HTMLVideoElement) || seen.has(video)) continue;
        seen.add(video);
        follow(video);
      }
    }
    requestAnimationFrame(look);
  };

  document.addEventListener("click", () => armed && (clicked ??= Date.now()), { capture: true });

  globalThis.playback = {
    arm({ page = false } = {}) {
      const running = armed;
      whole = page;
      clicked = page ? performance.timeOrigin : null;
      views = [];
      players = [];
      seen = new WeakSet();
      armed = true;
      if (!running) look();
    },
    frames: (since, entity = null) =>
      views
        .filter((view) => entity === null || view.entity === entity)
        .flatMap((view) => view.frames.filter((frame) => frame.visible && frame.at >= since))
        .map(({ at, number }) => ({ at, number }))
        .sort((one, other) => one.at - other.at),
    peers: () => peers.map((peer, id) => ({ id, state: peer.connectionState })),
    async received() {
      const stats = newestPeer ? [...(await newestPeer.getStats()).values()] : [];
      return stats.find((entry) => entry.type === "inbound-rtp" && entry.kind === "video")?.framesReceived ?? null;
    },
    async sound() {
      const stats = newestPeer ? await newestPeer.getStats() : new Map();
      const found = [...stats.values()].find((entry) => entry.type === "inbound-rtp" && entry.kind === "audio");
      return found?.packetsReceived ? (stats.get(found.codecId)?.mimeType ?? null) : null;
    },
    pixels(entity, width, height) {
      // Two players begin at once, and only one of them gets to show something.
      const shown = players.findLast(({ entity: whose, video }) => whose === entity && video.videoWidth && visible(video));
      if (!shown) return null;
      const canvas = new OffscreenCanvas(width, height).getContext("2d");
      canvas.drawImage(shown.video, 0, 0, width, height);
      return [...canvas.getImageData(0, 0, width, height).data];
    },
    report: () => ({ clicked, views }),
    // Pictures on the whole page; icons do not count.
    pictures: () => [...elements(document)].filter((e) => e instanceof HTMLImageElement && e.naturalWidth > 100).length,
    // Frames that a person saw, of the player that showed most.
    visibleFrames: () => Math.max(0, ...views.map((view) => view.frames.filter((frame) => frame.visible).length)),
  };
})();
