// Reads the frame number that simulated cameras burn into their pictures; the layout is described in barcode.py.
//
//   decodeFrameNumber(video)              → number, or null when the picture shows none
//   decodeFrameNumberFromImageData(data)  → the same for an ImageData of the whole picture
//
// `video` is anything a canvas can draw: <video>, <img>, <canvas>, ImageBitmap, VideoFrame.
(() => {
  const CELLS = 32;
  const BITS = 24;
  const ROW_HEIGHT = 1 / 15;
  const MARKER = [1, 0, 1, 0];
  const MIN_CONTRAST = 64;
  let canvas = null;

  const size = (source) => [
    source.videoWidth || source.naturalWidth || source.displayWidth || source.width || 0,
    source.videoHeight || source.naturalHeight || source.displayHeight || source.height || 0,
  ];

  // Mean brightness of the middle half of each cell, in pixels that start at the picture's top edge.
  const levels = (data, width, height) => {
    const top = Math.floor(height * ROW_HEIGHT * 0.25);
    const bottom = Math.max(1, Math.floor(height * ROW_HEIGHT * 0.75));
    return Array.from({ length: CELLS }, (_, cell) => {
      const left = Math.floor((width * (cell + 0.25)) / CELLS);
      const right = Math.max(left + 1, Math.floor((width * (cell + 0.75)) / CELLS));
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = (y * width + x) * 4;
          sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
        }
      }
      return sum / ((bottom - top) * (right - left));
    });
  };

  const read = (data, width, height) => {
    if (width < CELLS || height < 1) return null;
    const seen = levels(data, width, height);
    const white = Math.min(seen[0], seen[2]);
    const black = Math.max(seen[1], seen[3]);
    if (white - black < MIN_CONTRAST) return null;
    const bits = seen.map((level) => (level > (white + black) / 2 ? 1 : 0));
    if (MARKER.some((bit, i) => bits[i] !== bit)) return null;
    const number = bits.slice(4, 4 + BITS);
    const check = [0, 1, 2, 3].map((i) => number.reduce((sum, bit, at) => sum ^ (at % 4 === i ? bit : 0), 0));
    if (check.some((bit, i) => bits[4 + BITS + i] !== bit)) return null;
    return number.reduce((sum, bit) => sum * 2 + bit, 0);
  };

  globalThis.decodeFrameNumberFromImageData = (image) => read(image.data, image.width, image.height);

  globalThis.decodeFrameNumber = (source) => {
    const [width, height] = size(source);
    if (!width || !height) return null;
    canvas ??= document.createElement("canvas");
    const rows = Math.ceil(height * ROW_HEIGHT);
    canvas.width = width;
    canvas.height = rows;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(source, 0, 0, width, rows, 0, 0, width, rows);
    return read(context.getImageData(0, 0, width, rows).data, width, height);
  };
})();
