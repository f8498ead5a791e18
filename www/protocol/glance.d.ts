// What follows an edit, or another hour, at once, and what follows later.

import type { Glance, GlanceRequest, ScaleFacts, Slot, Strip } from "../../pkg/vitrine.js";
import type { EditRequest } from "./edit.js";
import type { View } from "./open.js";

declare module "../protocol.js" {
  interface Requests {
    /**
     * Changes the stay that is open, or shows it as of another hour; answers what is in sight of it. `spare` is memory of
     * strips that are drawn already.
     */
    glance: { request: { change: QuickChange; sight: Sight; spare: ArrayBuffer[] }; answer: Glanced; progress: never };
    /** Everything of what was last glanced at. */
    settle: { request: undefined; answer: View; progress: never };
  }
}

/** An edit, or the stay as if only so many steps had been known: all of them where there is no number. */
export type QuickChange = EditRequest | { what: "known"; steps: number | undefined };

/** What the page has in sight. */
export type Sight = Omit<GlanceRequest, "target">;

export type Glanced = Glance & { knownSteps?: number; edits: number };

export type { ScaleFacts, Slot, Strip };
