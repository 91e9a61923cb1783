// Runs in every page before anything else: notes when a WebRTC connection passed which stage.
//
//   stages  → {peer, offer, answer, connected, packet, decoded}, Unix milliseconds of the newest connection's
(() => {
  globalThis.stages = {};
  const note = (name) => (globalThis.stages[name] ??= performance.timeOrigin + performance.now());
  const Plain = globalThis.RTCPeerConnection;

  const poll = async (peer) => {
    if (peer.connectionState === "closed" || globalThis.stages.decoded) return;
    for (const entry of (await peer.getStats()).values()) {
      if (entry.type !== "inbound-rtp" || entry.kind !== "video") continue;
      if (entry.packetsReceived) note("packet");
      if (entry.framesDecoded) note("decoded");
    }
    setTimeout(poll, 20, peer);
  };

  globalThis.RTCPeerConnection = class extends Plain {
    constructor(...options) {
      super(...options);
      globalThis.stages = {};
      note("peer");
      this.addEventListener("connectionstatechange", () => this.connectionState === "connected" && note("connected"));
      poll(this);
    }

    setLocalDescription(...options) {
      note("offer");
      return super.setLocalDescription(...options);
    }

    setRemoteDescription(...options) {
      note("answer");
      return super.setRemoteDescription(...options);
    }
  };
})();
