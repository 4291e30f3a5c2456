/** The one file that touches the Jupyter model: traits and messages in, messages out. */

/** @import { Buffer, Traits } from "./types.js" */

import { Explorer } from "./explorer.js";
import { decodeInspection } from "./inspection.js";
import { Kernel } from "./kernel.js";
import { sparing } from "./sparing.js";
import { Store } from "./store.js";
import { decodeBinned, decodeFrame, decodePast, decodePinned, decodePoints, decodeWindow } from "./wire.js";
import { decodeYou } from "./you.js";

/** Milliseconds between two epochs that the kernel is told are shown. */
const CURSOR_PAUSE = 150;

/**
 * What anywidget gives of the model, as far as it is used here.
 *
 * @typedef {Object} Model
 * @property {<K extends keyof Traits>(name: K) => Traits[K]} get
 * @property {(event: string, callback: (...details: any[]) => void) => void} on
 * @property {(event: string, callback: (...details: any[]) => void) => void} off
 * @property {<K extends keyof Traits>(name: K, value: Traits[K]) => void} set
 * @property {() => void} save_changes
 * @property {(message: object) => void} send
 */

/**
 * @param {{model: Model, el: HTMLElement, signal?: AbortSignal}} context
 * @returns {() => void} removes the view
 */
function render({ model, el, signal }) {
  const end = new AbortController();
  signal?.addEventListener("abort", () => end.abort(), { signal: end.signal });
  const store = new Store(model.get("settings"), model.get("state"), model.get("summary"));
  const first = decodeWindow(model.get("window"));
  store.addWindow(first);
  store.has_status = model.get("has_status");
  store.architecture = model.get("architecture");
  store.proposed = model.get("proposed");
  store.run_table = model.get("run_table");
  store.edit_list = model.get("edit_list");
  store.your_ratings = model.get("your_ratings");
  store.selected = model.get("selected");
  store.points = decodePoints(model.get("points"));
  store.addFirstFrame(decodeFrame(model.get("frame")));
  store.seek(model.get("cursor"));
  const kernel = new Kernel(
    (message) => model.send(message),
    () => performance.now(),
  );
  // Along the line of epochs, sixty a second would keep the kernel and the page busy with saying so.
  const saveCursor = sparing(() => model.save_changes(), CURSOR_PAUSE, end.signal);
  const explorer = new Explorer(
    el,
    store,
    kernel,
    {
      first,
      panels: model.get("panels"),
      name: model.get("name"),
      has_controls: model.get("has_controls"),
      has_header: model.get("has_header"),
      has_status: model.get("has_status"),
      is_compact: model.get("is_compact"),
      select: (selected) => {
        model.set("selected", selected);
        model.save_changes();
      },
      rate: (ratings) => {
        model.set("your_ratings", ratings);
        model.save_changes();
      },
      seek: (epoch) => {
        model.set("cursor", epoch);
        saveCursor();
      },
    },
    end.signal,
  );

  /** @param {string} event @param {(...details: any[]) => void} callback */
  const on = (event, callback) => {
    model.on(event, callback);
    end.signal.addEventListener("abort", () => model.off(event, callback));
  };
  const plain = /** @type {const} */ ([
    "settings",
    "proposed",
    "run_table",
    "edit_list",
    "your_ratings",
    "architecture",
  ]);
  for (const name of plain) {
    on(`change:${name}`, () => {
      Object.assign(store, { [name]: model.get(name) });
      explorer.request();
    });
  }
  on("change:state", () => {
    store.setState(model.get("state"));
    explorer.request();
  });
  on("change:cursor", () => {
    store.seek(model.get("cursor"));
    explorer.request();
  });
  on("change:selected", () => {
    store.selected = model.get("selected");
    explorer.reveal();
  });
  on("change:points", () => {
    store.points = decodePoints(model.get("points"));
    explorer.request();
  });
  const takeWindow = () => {
    const data = decodeWindow(model.get("window"));
    store.addWindow(data);
    explorer.requests.asked = data;
  };
  // New data changes summary and window: whichever is heard of first, the counts go before the cells.
  on("change:summary", () => {
    if (store.setSummary(model.get("summary"))) takeWindow();
    explorer.layOut();
  });
  on("change:window", () => {
    store.setSummary(model.get("summary"));
    takeWindow();
    explorer.layOut();
  });
  // Told where the kernel is restarted or gone; what comes after all shows that it is not.
  on("comm_live_update", () => {
    store.isLive = false;
    explorer.request();
  });
  on("msg:custom", (/** @type {any} */ message, /** @type {Buffer[]} */ buffers) => {
    store.isLive = true;
    if (message.kind === "measures") {
      store.addMeasures(message);
      explorer.measureRequests.answered();
    } else if (message.kind === "frame") store.addFrame(decodeFrame(message, buffers));
    else if (message.kind === "pinned") explorer.pin(decodePinned(message, buffers));
    else if (message.kind === "past") {
      if (message.view !== kernel.view) return;
      store.addPast(decodePast(message, buffers));
    } else if (message.kind === "inspection") {
      if (message.view !== kernel.view) return;
      explorer.inspector.take(store, decodeInspection(message, buffers));
    } else if (message.kind === "overview") {
      if (message.view !== kernel.view) return;
      store.binned = decodeBinned(message, buffers);
    } else if (message.kind === "found") {
      if (message.view !== kernel.view) return;
      const { search } = message.side ? explorer.you : explorer.toolbar;
      search.take(message);
    } else if (message.kind === "you") {
      if (message.view === kernel.view) explorer.you.take(decodeYou(message, buffers));
    } else if (message.kind === "window")
      explorer.take(decodeWindow(message, buffers), message.view === kernel.view);
    else return;
    explorer.request();
  });
  // A page that is left takes its views with it and tells nobody.
  addEventListener("pagehide", () => end.abort(), { signal: end.signal });
  end.signal.addEventListener("abort", () => {
    try {
      kernel.gone();
    } catch {
      // The model may have closed before its view: then nobody is left to tell.
    }
  });
  // The first paint needs nothing from the kernel; what follows it does.
  const painted = requestAnimationFrame(() => kernel.ready(first));
  end.signal.addEventListener("abort", () => cancelAnimationFrame(painted));
  return () => end.abort();
}

export default { render };
